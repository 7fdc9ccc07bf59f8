"""From a prompt's arrival to the first frame of it on the wire, for each urgency, in a daemon."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from flood_bridge.bench.rig import PROMPTS
from flood_bridge.bench.summary import percentiles_ms
from flood_bridge.commands import URGENCIES, SetPrompt, Urgency
from flood_bridge.config import Config
from flood_bridge.daemon import Daemon, Wiring
from flood_bridge.errors import CommandError
from flood_bridge.events import Event, PromptApplied
from flood_bridge.inputs import Reject, Submit
from flood_bridge.live.engine_port import Clock, Engine
from flood_bridge.motion.frames import Frame

PATIENCE_SECS = 20.0
SETTLE_SECS = 0.37
"""Between two prompts; no multiple of a latent, so that they come at all moments of one."""


class _Wire:
    """The output: notes when the first frame of each prompt is sent, and asks for the next.

    It is the input too: both ends of the daemon are in one hand, on one clock.
    """

    name = "bench"

    def __init__(self, asked: Sequence[Urgency]) -> None:
        self._asked = asked
        self._clock: Clock = lambda: 0.0
        self._stop: Callable[[], None] = lambda: None
        self._seen = threading.Condition()
        self._sent: dict[str, float] = {}
        self.receipts: dict[int, PromptApplied] = {}
        self.secs: dict[Urgency, list[float]] = {urgency: [] for urgency in URGENCIES}
        self.failed = False

    def open(self, stop: Callable[[], None], clock: Clock) -> list[_Wire]:
        """Be the daemon's only input."""
        self._stop, self._clock = stop, clock
        return [self]

    def run(self, submit: Submit, reject: Reject) -> None:
        """Ask for one prompt after the other, each when the one before is shown."""
        del reject
        try:
            self._wait(lambda: bool(self._sent))
            for number, urgency in enumerate(self._asked):
                with self._seen:
                    self._seen.wait_for(lambda: False, SETTLE_SECS)
                text = f"{PROMPTS[number % len(PROMPTS)]} {number}"
                began_secs = self._clock()
                submit(SetPrompt(text=text, urgency=urgency, request_id=number + 1))
                self._wait(lambda text=text: text in self._sent)
                self.secs[urgency].append(self._sent[text] - began_secs)
        except TimeoutError:
            self.failed = True
        finally:
            self._stop()

    def send(self, frame: Frame) -> None:
        """Note the first frame of a prompt."""
        if frame.prompt not in self._sent:
            with self._seen:
                self._sent[frame.prompt] = self._clock()
                self._seen.notify_all()

    def tell(self, event: Event) -> None:
        """Note a receipt."""
        if isinstance(event, PromptApplied):
            self.receipts[event.request_id] = event

    def close(self) -> None:
        """Nothing is held."""

    def _wait(self, condition: Callable[[], bool]) -> None:
        with self._seen:
            if not self._seen.wait_for(condition, PATIENCE_SECS):
                raise TimeoutError


def measure_latency(engine: Engine, repeats: int, lead_secs: float = 0.2) -> dict[str, Any]:
    """Return milliseconds from submission to the output's call, for each urgency.

    Raises:
        CommandError: If the daemon shows no new prompt for a long time.
    """
    wire = _Wire([urgency for _ in range(repeats) for urgency in URGENCIES])
    config = Config(prompt="a person stands still", lead_secs=lead_secs, rest_secs=0)
    wiring = Wiring(wire.open, lambda: engine, lambda *_: [wire], lambda _: None)
    Daemon(config, wiring).run()
    if wire.failed:
        raise CommandError(f"no prompt was shown for {PATIENCE_SECS:g} s; the machine is too slow")
    figures: dict[str, Any] = {u: percentiles_ms(secs) for u, secs in wire.secs.items()}
    return figures | {"lead_ms": round(1000 * lead_secs)}
