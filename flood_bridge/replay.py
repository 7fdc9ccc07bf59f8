"""A recorded run made again without a clock: the same seed and the same commands, the same frames.

Character by character, with the very parts that the daemon plays with; what was made and never
played (cut off by an interrupt, cleared by a reset, left at the end) is left out here too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from flood_bridge.config import Config
from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.live.adjusting import SETTINGS, Adjustment, adjust, from_note
from flood_bridge.live.cast import Casting
from flood_bridge.live.character import Character
from flood_bridge.live.crowd import make_ready
from flood_bridge.live.engine_port import Engine
from flood_bridge.live.mark import RobotSide
from flood_bridge.live.obeyed import Obeyed
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.render.clip import Clip
from flood_bridge.timeline import Cue

ANEW = ("spawn", "reset", "kill")
"""After these the latents are counted from 0 again."""

ENDS = ("reset", "kill", "end")
"""Before these the latents count."""

MAX_LATENTS = 90_000
"""Longest replay, five hours at five latents a second."""

TAIL_LATENTS = 25
"""What is made after the last command when the log has no end because the process was killed."""


def make_again(
    engine: Engine,
    config: Config,
    obeyed: Sequence[Obeyed],
    character: int = 0,
    make_robot: Callable[[Skeleton], RobotSide | None] = lambda _: None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> list[Frame]:
    """Return every frame that ``character`` played, held ones left out.

    Raises:
        ConfigError: If there is no such character, the log is too long or not for this model.
    """
    known = {*range(config.characters), *(each.character for each in obeyed)}
    if character not in known:
        raise ConfigError(f"--character is {character}; the log has {sorted(known)}")
    skeleton = Skeleton.from_bone_lengths(engine.bone_lengths)
    casting = Casting(config, engine, skeleton, make_robot)
    script = effective([each for each in obeyed if each.character == character])
    total = latents_of(script)
    if total > MAX_LATENTS:
        raise ConfigError(f"the log has {total} latents; at most {MAX_LATENTS} are replayed")
    return _Replay(engine, casting, casting(character), progress, total).run(script)


def clip_of(frames: Sequence[Frame], engine: Engine, rate_hz: int) -> Clip:
    """Return frames as a clip.

    Raises:
        ConfigError: If there are none, or too many for a clip.
    """
    texts = [frame.prompt for frame in frames]
    starts = [n for n, text in enumerate(texts) if n == 0 or text != texts[n - 1]]
    return Clip.from_poses(
        [frame.pose for frame in frames],
        rate_hz=rate_hz,
        prompts=[(n, texts[n]) for n in starts],
        skeleton=Skeleton.from_bone_lengths(engine.bone_lengths),
        avatar=[frame.avatar for frame in frames],
    )


def effective(obeyed: Sequence[Obeyed]) -> list[Obeyed]:
    """Leave out what an interrupt went back behind; end an endless log some seconds later."""
    script: list[Obeyed] = []
    for each in obeyed:
        if each.kind == "now":
            undone: list[Obeyed] = []
            while script and script[-1].kind not in ANEW and script[-1].latent > each.latent:
                undone.append(script.pop())
            # settings hold on: an interrupt goes back to before them, but takes them along
            lasting = [one for one in reversed(undone) if one.kind in SETTINGS]
            script += [replace(one, latent=each.latent) for one in lasting]
        script.append(each)
    if script and script[-1].kind == "end":
        return script
    if script and script[-1].kind == "kill":
        return script
    at = script[-1].latent if script and script[-1].kind not in ANEW else 0
    number = script[-1].character if script else 0
    return [*script, Obeyed(character=number, kind="end", latent=at + TAIL_LATENTS)]


def latents_of(script: Sequence[Obeyed]) -> int:
    """Return how many latents an effective script takes."""
    return sum(each.latent for each in script if each.kind in ENDS)


@dataclass(slots=True)
class _Replay:
    engine: Engine
    casting: Casting
    actor: Character
    progress: Callable[[int, int], None]
    total: int
    made: int = 0

    def run(self, script: Sequence[Obeyed]) -> list[Frame]:
        frames: list[Frame] = []
        for each in script:
            while self.actor.latents < each.latent:
                frames += self._next()
            if each.dropped:
                del frames[-each.dropped :]
            self._obey(each)
        return frames

    def _next(self) -> list[Frame]:
        prompt = self.actor.bind()
        (chunk,) = self.engine.step([self.actor.state], [prompt])
        self.made += 1
        self.progress(self.made, self.total)
        return [ready.frame for ready in make_ready([self.actor], [chunk])[0]]

    def _obey(self, each: Obeyed) -> None:
        match each.kind:
            case "set":
                self.actor.cues.set(self._cue(each))
            case "follow":
                self.actor.cues.follow(self._cue(each))
            case "queue":
                self.actor.cues.queue(self._cue(each), each.latents)
            case "clear":
                self.actor.cues.clear()
            case "now":
                cue = self._cue(each)
                self.actor.interrupt(cue, None)
                self.engine.interrupt(self.actor.state, cue.prompt, each.depth)
            case "reset":
                self.actor.restart(self.engine.start(each.seed), each.seed, ())
            case "spawn":
                first = self._cue(each) if each.text else None
                self.actor = self.casting(each.character, first, each.seed)
            case "kill" | "end":
                pass
            case kind:
                self._set(from_note(kind, each.factor, each.place))

    def _set(self, command: Adjustment) -> None:
        try:
            adjust(self.actor, command, self.engine)
        except CommandError as error:
            raise ConfigError(f"the log is not for this model: {error}") from error

    def _cue(self, each: Obeyed) -> Cue:
        return Cue(each.text, self.engine.encode(each.text))
