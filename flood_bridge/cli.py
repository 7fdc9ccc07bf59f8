"""The command line: ``flood-bridge run | say | render | replay | bench | doctor | version``.

Exit status: 0 after a normal end (Ctrl-C is one), 2 when what was asked for cannot be done as
asked, 1 when something failed that should not. Errors are one clear line on standard error.
Everything heavy is imported by the verb that needs it, so that help and mistakes come quickly.
"""

from __future__ import annotations

import json
import logging
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import tyro
from tyro.conf import Positional, UseAppendAction, arg, subcommand

from flood_bridge import __version__
from flood_bridge.bench.options import Bench
from flood_bridge.commands import Urgency, clean_text
from flood_bridge.config import Config
from flood_bridge.doctor.options import Doctor, examine
from flood_bridge.errors import CommandError, ConfigError, FloodBridgeError, MissingDependencyError
from flood_bridge.events import PromptApplied, Rejected
from flood_engine.errors import FloodEngineError

if TYPE_CHECKING:
    from flood_bridge.console import Console
    from flood_bridge.inputs.receipts import ReceiptListener

USER_ERRORS = (ConfigError, CommandError, MissingDependencyError, FloodEngineError)

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, kw_only=True)
class Run(Config):
    """Stream motion until Ctrl-C: text in, OSC and ROS 2 out."""


@dataclass(frozen=True)
class Say:
    """Tell a running flood-bridge what to do, and wait for the motion to follow."""

    text: Annotated[Positional[str], arg(metavar="TEXT")]
    """What the character is to do."""
    host: str = "127.0.0.1"
    """Where flood-bridge runs."""
    port: int = 9500
    """Its control port."""
    character: int = 0
    """Which character is meant."""
    urgency: Urgency = "soft"
    """queue: after what is queued; soft: in about a second; now: at once."""
    receipt_port: int = 9501
    """Where its native OSC stream arrives on this machine; receipts come with it."""
    wait_secs: float = 5.0
    """How long to wait for the receipt; 0 does not wait."""

    def __post_init__(self) -> None:
        if not 0 <= self.wait_secs <= 600:
            raise ConfigError(f"--wait-secs is {self.wait_secs}; valid are 0 to 600")


@dataclass(frozen=True)
class Render:
    """Make one clip and write it: a picture, an animation, or motion data."""

    text: Annotated[Positional[str], arg(metavar="TEXT")]
    """What the character does first."""
    out: Annotated[Path, arg(aliases=["-o"], metavar="FILE")]
    """Where to: .png (contact sheet), .gif, .webp, .mp4, .bvh or .npz."""
    then: Annotated[
        UseAppendAction[tuple[tuple[float, str], ...]], arg(metavar="SECONDS TEXT")
    ] = ()
    """From SECONDS on, do TEXT instead."""
    seconds: float = 8.0
    """Length of the clip."""
    seed: int = 0
    """Seed of the motion's noise."""
    model: str = "bundled"
    """The model: "bundled", or the folder of another one."""
    theme: Literal["light", "dark"] = "light"
    """Colours of pictures and animations."""


@dataclass(frozen=True)
class Replay:
    """Make the frames of a recorded run again, the same ones, and write them."""

    log: Annotated[Positional[Path], arg(metavar="LOG")]
    """What `run --record-commands` wrote."""
    out: Annotated[Path, arg(aliases=["-o"], metavar="FILE")]
    """Where to: .png (contact sheet), .gif, .webp, .mp4, .bvh or .npz."""
    character: int = 0
    """Which character."""
    model: str = ""
    """The model, if it is not found where the log says."""
    theme: Literal["light", "dark"] = "light"
    """Colours of pictures and animations."""


@dataclass(frozen=True)
class Version:
    """Print the version."""


Verb = (
    Annotated[Run, subcommand("run")]
    | Annotated[Say, subcommand("say")]
    | Annotated[Render, subcommand("render")]
    | Annotated[Doctor, subcommand("doctor")]
    | Annotated[Replay, subcommand("replay")]
    | Annotated[Bench, subcommand("bench")]
    | Annotated[Version, subcommand("version")]
)


def main(arguments: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    about = "Text in, endless human motion out."
    try:
        return _do(
            tyro.cli(Verb, prog="flood-bridge", description=about, args=arguments)  # type: ignore[arg-type]
        )
    except SystemExit as end:  # tyro's own: --help, or a mistake that it has explained
        return end.code if isinstance(end.code, int) else 2
    except USER_ERRORS as error:
        _complain(error)
        return 2
    except (FloodBridgeError, OSError) as error:
        _complain(error)
        return 1
    except KeyboardInterrupt:
        return 130


def _do(verb: Run | Say | Render | Doctor | Replay | Bench | Version) -> int:
    status = 0
    match verb:
        case Run():
            status = _run(verb)
        case Say():
            status = _say(verb)
        case Render():
            status = _render(verb)
        case Doctor():
            for line in examine(verb, time.monotonic, time.sleep):
                _print(line)
        case Replay():
            status = _replay(verb)
        case Bench():
            status = _bench(verb)
        case Version():
            _print(f"flood-bridge {__version__}")
    return status


def _run(config: Config) -> int:
    """Stream until the end; after a normal end the process ends here, see :func:`_leave`."""
    from flood_bridge.console import Console  # noqa: PLC0415
    from flood_bridge.daemon import Daemon  # noqa: PLC0415
    from flood_bridge.wiring import Assembly  # noqa: PLC0415

    console = Console(sys.stderr)
    level = logging.DEBUG if config.verbose else logging.INFO
    logging.basicConfig(level=level, handlers=[console], force=True)
    status = 0
    with Assembly(config) as assembly:
        daemon = Daemon(config, assembly.wiring, console.show)
        for number in STOP_SIGNALS:
            signal.signal(number, lambda *_: daemon.stop())
        try:
            daemon.run()
        except Exception as error:
            status = _failed(error, console)
    if status == 0 or daemon.stuck:
        _leave(status)
    return status


def _failed(error: Exception, console: Console) -> int:
    """Report what ended the stream; return the exit status."""
    if not isinstance(error, (*USER_ERRORS, FloodBridgeError)):
        logging.getLogger(__name__).error("the stream has failed", exc_info=error)
    console.close()
    _complain(error)
    return 2 if isinstance(error, USER_ERRORS) else 1


def _leave(status: int) -> None:
    """End the process at once: all of ours is closed.

    Python's own end takes the model's libraries apart piece by piece, which lasts a second on a
    busy machine; it waits for threads stuck in a library (loading weights, a hung network), or
    crashes in them; and it lets an impatient second Ctrl-C kill it half-way.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def _say(say: Say) -> int:
    from flood_bridge.outputs.osc import send_prompt  # noqa: PLC0415

    request_id = random.randrange(1, 2**31)
    listener = _listen(say)
    try:
        send_prompt(say.text, say.host, say.port, say.character, request_id, say.urgency)
        receipt = _receipt(listener, request_id, say.wait_secs) if listener else None
    finally:
        if listener:
            listener.close()
    if isinstance(receipt, Rejected):
        raise CommandError(f"refused: {receipt.reason}")
    if receipt is None:
        _print(f"sent to {say.host} port {say.port} (no receipt was seen)")
    else:
        _print(f"shown from frame {receipt.sequence} on, {receipt.latency_ms} ms after it arrived")
    return 0


def _listen(say: Say) -> ReceiptListener | None:
    """Listen for receipts, unless they are not wanted or another program gets them."""
    from flood_bridge.inputs.receipts import ReceiptListener  # noqa: PLC0415

    if not say.wait_secs:
        return None
    try:
        return ReceiptListener("127.0.0.1", say.receipt_port)
    except ConfigError:
        return None


def _receipt(
    listener: ReceiptListener, request_id: int, wait_secs: float
) -> PromptApplied | Rejected | None:
    """Return what the daemon says of the request, if it says it in time."""
    deadline_secs = time.monotonic() + wait_secs
    while (left_secs := deadline_secs - time.monotonic()) > 0:
        for event in listener.receive(left_secs) or ():
            if event.request_id == request_id:
                return event
    return None


def _render(render: Render) -> int:
    from flood_bridge.motion.skeleton import Skeleton  # noqa: PLC0415
    from flood_bridge.offline import check_script, make_motion  # noqa: PLC0415
    from flood_bridge.render import Clip, RenderOptions, check_target, write_clip  # noqa: PLC0415
    from flood_bridge.retarget.avatar import AvatarRetargeter  # noqa: PLC0415
    from flood_bridge.wiring import default_threads  # noqa: PLC0415

    check_target(render.out)
    options = RenderOptions(theme=render.theme)
    script = ((0.0, clean_text(render.text)), *((at, clean_text(t)) for at, t in render.then))
    check_script(script, render.seconds)
    from flood_engine import load_engine  # noqa: PLC0415

    engine = load_engine(render.model, threads=default_threads())
    motion = make_motion(engine, script, render.seconds, render.seed, _progress("generating"))
    skeleton = Skeleton.from_bone_lengths(engine.bone_lengths)
    avatar = AvatarRetargeter(skeleton, 1 / engine.frame_rate_hz)
    clip = Clip.from_poses(
        motion.poses,
        rate_hz=engine.frame_rate_hz,
        prompts=motion.prompts,
        skeleton=skeleton,
        avatar=[avatar.retarget(pose) for pose in motion.poses],
        features=motion.features,
    )
    _print(f"wrote {write_clip(render.out, clip, options, _progress('drawing'))}")
    return 0


def _replay(replay: Replay) -> int:
    from flood_bridge.live.obeyed import read_log  # noqa: PLC0415
    from flood_bridge.render import RenderOptions, check_target, write_clip  # noqa: PLC0415
    from flood_bridge.replay import clip_of, make_again  # noqa: PLC0415
    from flood_bridge.wiring import default_threads  # noqa: PLC0415

    check_target(replay.out)
    config, obeyed = read_log(replay.log)
    from flood_engine import load_engine  # noqa: PLC0415

    engine = load_engine(
        replay.model or config.model,
        threads=default_threads(),
        backend=config.backend,
        precision=config.precision,
    )
    show, options = _progress("generating"), RenderOptions(theme=replay.theme)
    frames = make_again(engine, config, obeyed, replay.character, progress=show)
    clip = clip_of(frames, engine, config.rate_hz)
    _print(f"wrote {write_clip(replay.out, clip, options, _progress('drawing'))}")
    return 0


def _bench(bench: Bench) -> int:
    from flood_bridge.bench.options import Subject, measure  # noqa: PLC0415
    from flood_bridge.bench.table import lines  # noqa: PLC0415
    from flood_bridge.wiring import default_threads  # noqa: PLC0415
    from flood_engine import load_engine  # noqa: PLC0415
    from flood_engine.measured import describe, measured, plain_twin  # noqa: PLC0415

    threads = bench.threads or default_threads()
    loaded = load_engine(
        bench.model, threads=threads, backend=bench.backend, precision=bench.precision
    )
    loaded.backend.warm_up()
    about = {"model": bench.model, "threads": threads, **describe(loaded)}
    twin = plain_twin(loaded) if bench.twin else None
    subject = Subject(*measured(loaded, time.perf_counter), twin, about)
    figures = measure(bench, subject, time.perf_counter, lambda what: _note(f"measuring {what}"))
    _print("\n".join(lines(figures)))
    if bench.json is not None:
        bench.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    return 0


def _progress(what: str) -> Callable[[int, int], None]:
    """Return a callback that shows a percentage, on terminals only."""
    if not sys.stderr.isatty():
        return lambda _done, _total: None

    def show(done: int, total: int) -> None:
        end = "\n" if done >= total else ""
        print(f"\r{what} {100 * done // total} %", end=end, file=sys.stderr, flush=True)  # noqa: T201

    return show


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - this is the command line


def _complain(error: BaseException) -> None:
    _note(f"flood-bridge: {error}")


def _note(text: str) -> None:
    print(text, file=sys.stderr)  # noqa: T201 - this is the command line
