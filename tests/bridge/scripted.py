"""A daemon that runs by the steps of a test, and what its outputs were given."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from flood_bridge.config import Config
from flood_bridge.daemon import Daemon, Wiring
from flood_bridge.events import Event
from flood_bridge.inputs import Reject, Submit
from flood_bridge.live.engine_port import Clock
from flood_bridge.motion.frames import Frame

PATIENCE_SECS = 20.0


class Recorder:
    """An output that keeps all and calls back; the tests steer by what has been seen."""

    name = "recorder"

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.events: list[Event] = []
        self.late_secs: list[float] = []
        self.clock: Clock = lambda: 0.0
        self.changed = threading.Condition()
        self.closed = False

    def send(self, frame: Frame) -> None:
        with self.changed:
            self.frames.append(frame)
            self.late_secs.append(self.clock() - frame.play_time_secs)
            self.changed.notify_all()

    def tell(self, event: Event) -> None:
        with self.changed:
            self.events.append(event)
            self.changed.notify_all()

    def close(self) -> None:
        self.closed = True

    def wait(self, seen: Callable[[Recorder], bool]) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: seen(self), PATIENCE_SECS)

    def told(self, kind: type[Event]) -> list[Any]:
        return [event for event in self.events if isinstance(event, kind)]


class Script:
    """An input that runs the test's own steps in the daemon's input thread."""

    name = "script"

    def __init__(self, steps: Callable[[Submit], None], stop: Callable[[], None]) -> None:
        self._steps, self._stop = steps, stop
        self.error: BaseException | None = None
        self.closed = False

    def run(self, submit: Submit, reject: Reject) -> None:
        try:
            self._steps(submit)
        except BaseException as error:
            self.error = error
            raise
        finally:
            self._stop()

    def close(self) -> None:
        self.closed = True


def run(
    engine: Any,
    steps: Callable[[Submit], None],
    outputs: Sequence[Any],
    load: Callable[[], Any] | None = None,
    **settings: Any,
) -> Daemon:
    """Run a daemon until ``steps`` have been done; errors of the steps fail the test."""
    scripts: list[Script] = []

    def open_inputs(stop: Callable[[], None], _: Clock) -> Sequence[Script]:
        scripts.append(Script(steps, stop))
        return scripts

    def open_outputs(_: object, clock: Clock) -> Sequence[Any]:
        for output in outputs:
            output.clock = clock
        return outputs

    wiring = Wiring(open_inputs, load or (lambda: engine), open_outputs, lambda _: None)
    daemon = Daemon(Config(**settings), wiring)
    try:
        daemon.run()
    finally:
        for script in scripts:
            assert script.closed
            if script.error is not None:
                raise script.error
    return daemon
