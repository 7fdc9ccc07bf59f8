"""The gauges of a running daemon, read once per second into a :class:`Status`."""

from __future__ import annotations

from collections.abc import Iterator

from flood_bridge.config import Config
from flood_bridge.events import Status
from flood_bridge.live.generation import Output
from flood_bridge.live.playing import Playing
from flood_bridge.live.stage import Stage


class Gauges:
    """Turns running counters into rates since the reading before."""

    def __init__(self) -> None:
        self._watched: tuple[Output, Playing, Stage] | None = None
        self._then = (0.0, 0, 0.0, 0)
        self._generation_fps = 0.0
        self._played: dict[int, tuple[int, int]] = {}

    def watch(self, generated: Output, playing: Playing, stage: Stage) -> None:
        """Begin to read these; before, the daemon is loading."""
        self._watched = generated, playing, stage

    def read(self, now_secs: float, config: Config, *, is_ending: bool) -> Status:
        """Return the status now. Called by one thread only."""
        if self._watched is None:
            self._then = (now_secs, 0, 0.0, 0)
            state = "stopping" if is_ending else "loading"
            return Status(now_secs, config.characters, config.prompt, state, 0.0, 0.0, 0.0, 0, 0)
        generated, playing, stage = self._watched
        now = (now_secs, generated.frames, generated.busy_secs, playing.published)
        secs, frames, busy_secs, published = (b - a for a, b in zip(self._then, now, strict=True))
        self._then = now
        if frames and busy_secs > 0:
            self._generation_fps = frames / busy_secs
        numbers = stage.numbers()
        running = "paused" if stage.all_paused() else "running"
        return Status(
            uptime_secs=now_secs,
            characters=len(numbers),
            prompt=playing.prompts.get(0, config.prompt),
            state="stopping" if is_ending else running,
            generation_fps=self._generation_fps,
            output_fps=published / secs / len(numbers) if secs > 0 and numbers else 0.0,
            lead_ms=1000 * stage.lead_frames() / config.rate_hz,
            underruns=stage.underruns(),
            last_latency_ms=round(1000 * playing.last_latency_secs),
            rates=tuple(self._rates(stage.played())),
        )

    def _rates(self, played: dict[int, tuple[int, int]]) -> Iterator[float]:
        """Yield of each character the share of its ticks since the last reading that moved it.

        Ticks that show an old frame on purpose (paused, resting) count neither way.
        """
        before, self._played = self._played, played
        for number, (shown, lacking) in sorted(played.items()):
            shown_before, lacking_before = before.get(number, (0, 0))
            moved, stood = max(0, shown - shown_before), max(0, lacking - lacking_before)
            yield moved / (moved + stood) if moved + stood else 1.0
