"""What the world may ask of the daemon: frozen values, checked when they are made.

Every input (OSC, ROS 2, standard input, web) turns its bytes into one of these; the daemon
knows no other way to be told something.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal, get_args

from flood_bridge.errors import CommandError

MAX_PROMPT_BYTES = 512
"""Longest prompt, in bytes of UTF-8."""

MAX_CHARACTER = 1023
"""Highest character number."""

MAX_QUEUE_SECS = 3600.0

MAX_SEED = 0x7FFFFFFF
SPEEDS = (0.25, 4.0)
GUIDANCES = (0.0, 20.0)
HISTORIES = (2, 1024)
"""Latents in sight of the denoiser that may be asked for; each model allows fewer of them."""

STEPS = (1, 4)
"""Denoise steps per latent."""

SMOOTHINGS = (0.0, 0.5)
"""Time constants of smoothing, seconds; 0 is off."""

MAX_PLACE_M = 10_000.0
MAX_JOINTS = 256
MAX_JOINT_NAME = 128
MAX_ANGLE_RAD = 1000.0
MAX_REASON = 128
"""Longest reason of a stop, in characters; the rest is cut off."""

MAX_DEPTH = 16
"""Deepest rewind of an interrupt, in latents; models have windows of about 5."""

Urgency = Literal["queue", "soft", "now"]
"""How a prompt replaces the one before it.

* ``queue``: at the next boundary, when the prompts queued before it have played.
* ``soft``: from the next latent that enters the window on, FloodDiffusion's own way; about 1 s.
* ``now``: at once. What is not played yet is made again under the new prompt.
"""

URGENCIES: tuple[Urgency, ...] = get_args(Urgency)


def check_urgency(urgency: str, depth: int | None) -> None:
    """Refuse an unknown urgency, and a depth where it has no meaning.

    Raises:
        CommandError: Saying what is valid.
    """
    if urgency not in URGENCIES:
        raise CommandError(f"the urgency is {urgency!r}; valid are {', '.join(URGENCIES)}")
    if depth is None:
        return
    if urgency != "now":
        raise CommandError(f"a depth belongs to the urgency now, not to {urgency}")
    if not 0 <= depth <= MAX_DEPTH:
        raise CommandError(f"the depth is {depth}; valid are 0 to {MAX_DEPTH} latents")


def clean_text(text: str) -> str:
    """Return ``text`` without control characters and outer blanks, or refuse it.

    The empty string is valid: it is the model's unconditional prompt.

    Raises:
        CommandError: If the text is longer than :data:`MAX_PROMPT_BYTES`.
    """
    size = len(text.encode("utf-8", errors="surrogatepass"))
    if size > MAX_PROMPT_BYTES:
        raise CommandError(
            f"the prompt has {size} bytes of UTF-8; at most {MAX_PROMPT_BYTES} are accepted"
        )
    printable = "".join(c if c.isprintable() else " " for c in text)
    return " ".join(printable.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A request to one character."""

    character: int = 0
    request_id: int = 0
    """Chosen by the sender, named in the receipt; 0 when the sender does not care."""
    received_secs: float = 0.0
    """When it arrived, on the daemon's clock; stamped by the daemon."""

    def __post_init__(self) -> None:
        if not 0 <= self.character <= MAX_CHARACTER:
            raise CommandError(
                f"character {self.character} does not exist; valid are 0 to {MAX_CHARACTER}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPrompt(Command):
    """Change what the character does."""

    text: str
    urgency: Urgency = "soft"
    """How soon: see :data:`Urgency`."""
    depth: int | None = None
    """With ``now``: how many latents of the window are taken back towards noise, 0 to
    :data:`MAX_DEPTH`; more turns sharper, fewer keeps more of the motion. None is the default."""

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        object.__setattr__(self, "text", clean_text(self.text))
        check_urgency(self.urgency, self.depth)


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuePrompt(Command):
    """Append a prompt that holds for ``duration_secs`` once its turn has come."""

    text: str
    duration_secs: float

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        object.__setattr__(self, "text", clean_text(self.text))
        if not (math.isfinite(self.duration_secs) and 0 < self.duration_secs <= MAX_QUEUE_SECS):
            raise CommandError(
                f"a queued prompt lasts more than 0 and at most {MAX_QUEUE_SECS:g} s,"
                f" not {self.duration_secs!r}"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop(Command):
    """Settle into a stand: the same as the prompt "a person stands still", queue emptied."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause(Command):
    """Hold the current pose; generation waits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resume(Command):
    """Go on after :class:`Pause`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reset(Command):
    """Start the motion anew at the origin, same prompt."""

    seed: int | None = None
    """New seed of the noise; None keeps the old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Command):
    """Ask for a pong; changes nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSeed(Command):
    """Use another seed of the noise from the next reset on."""

    seed: int

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        if not 0 <= self.seed <= MAX_SEED:
            raise CommandError(f"a seed is a whole number from 0 to {MAX_SEED}, not {self.seed}")


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSpeed(Command):
    """Play the motion at ``factor`` times its speed."""

    factor: float

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        _check_between("speed", self.factor, *SPEEDS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetGuidance(Command):
    """Follow the text more or less closely: the weight of classifier-free guidance."""

    scale: float

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        _check_between("guidance", self.scale, *GUIDANCES)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetHistory(Command):
    """Let the model look back on fewer latents, or on more again: its window included."""

    latents: int
    """From the model's window plus one to the model's own; see :data:`HISTORIES`."""

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        _check_whole("history", self.latents, *HISTORIES)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSteps(Command):
    """Denoise every latent in fewer steps, which is faster, or in more, which is finer."""

    steps: int
    """Per latent; see :data:`STEPS`."""

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        _check_whole("number of steps", self.steps, *STEPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetSmoothing(Command):
    """Smooth the body that is published, which then lags behind by about ``secs``; 0 is off."""

    secs: float
    """Time constant; see :data:`SMOOTHINGS`."""

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        _check_between("smoothing", self.secs, *SMOOTHINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceRoot(Command):
    """Put the character on another place at once, facing another way; the motion goes on there."""

    x_m: float
    """To the left of the origin's +z, in the axes of :mod:`flood_bridge.motion`."""
    z_m: float
    heading_rad: float

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        for value in (self.x_m, self.z_m):
            _check_between("place", value, -MAX_PLACE_M, MAX_PLACE_M)
        _check_between("heading", self.heading_rad, -math.tau, math.tau)


@dataclass(frozen=True, slots=True, kw_only=True)
class Spawn(Command):
    """Begin character ``character``, with a first prompt."""

    text: str

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        object.__setattr__(self, "text", clean_text(self.text))


@dataclass(frozen=True, slots=True, kw_only=True)
class Kill(Command):
    """End character ``character``; its number is free again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm(Command):
    """Let the robot follow the motion, once it is near it; see :mod:`flood_bridge.safety`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disarm(Command):
    """Lead the robot to its safe pose and let go of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clutch(Command):
    """Let go of the motion, which goes on by itself, or take it up again."""

    engaged: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadman(Command):
    """Somebody holds the enabling switch; to be repeated, for a silent switch is a released one."""

    held: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EStop(Command):
    """Stop every robot at once, and for good until :class:`ResetStop`; ``character`` is unused."""

    reason: str = ""

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        printable = "".join(c if c.isprintable() else " " for c in self.reason[:MAX_REASON])
        object.__setattr__(self, "reason", printable.strip())


@dataclass(frozen=True, slots=True, kw_only=True)
class ResetStop(Command):
    """End an emergency stop: every robot is idle then and has to be armed anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeasuredJoints(Command):
    """Where the joints of the real robot are."""

    positions: tuple[float, ...]
    """Radians."""
    names: tuple[str, ...] = ()
    """Of the joints, as many as positions and in their order; empty is the robot's own order.
    Joints that the robot does not have are passed over."""

    def __post_init__(self) -> None:
        Command.__post_init__(self)
        count = len(self.positions)
        if not 1 <= count <= MAX_JOINTS:
            raise CommandError(f"{count} joints are measured; valid are 1 to {MAX_JOINTS}")
        if self.names and len(self.names) != count:
            raise CommandError(f"{count} joints are measured, but {len(self.names)} are named")
        if any(len(name) > MAX_JOINT_NAME for name in self.names):
            raise CommandError(f"a joint's name is longer than {MAX_JOINT_NAME} characters")
        for angle in self.positions:
            _check_between("measured angle", angle, -MAX_ANGLE_RAD, MAX_ANGLE_RAD)


def _check_between(what: str, value: float, lowest: float, highest: float) -> None:
    if not (math.isfinite(value) and lowest <= value <= highest):
        raise CommandError(f"the {what} is {value!r}; valid are {lowest:g} to {highest:g}")


def _check_whole(what: str, value: int, lowest: int, highest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise CommandError(
            f"the {what} is {value!r}; valid are whole numbers from {lowest} to {highest}"
        )
