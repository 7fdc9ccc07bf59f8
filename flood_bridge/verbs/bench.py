"""``flood-bridge bench``: its options and figures are the room :mod:`flood_bridge.bench`."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flood_bridge.bench import options
from flood_bridge.verbs.terminal import note, show

if TYPE_CHECKING:
    from flood_engine.engine import FloodEngine


@dataclass(frozen=True)
class Bench(options.Bench):
    """Measure what this machine can do with a model; takes about a minute."""

    def perform(self) -> int:
        """Measure, show the table and write the figures; return the exit status."""
        figures, table = self._model() if self.what == "model" else self._retarget()
        show("\n".join(table))
        if self.json is not None:
            self.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
        return 0

    def _model(self) -> tuple[dict[str, Any], Iterator[str]]:
        from flood_bridge.bench.table import lines  # noqa: PLC0415
        from flood_engine.measured import describe, measured, plain_twin  # noqa: PLC0415

        loaded, threads = self._engine()
        about = {"model": self.model, "threads": threads, **describe(loaded)}
        twin = plain_twin(loaded) if self.twin else None
        subject = options.Subject(*measured(loaded, time.perf_counter), twin, about)
        figures = options.measure(
            self, subject, time.perf_counter, lambda what: note(f"measuring {what}")
        )
        return figures, lines(figures)

    def _retarget(self) -> tuple[dict[str, Any], Iterator[str]]:
        from flood_bridge.bench.clips import read_clips  # noqa: PLC0415
        from flood_bridge.bench.retarget_table import retarget_lines  # noqa: PLC0415
        from flood_bridge.bench.retargeting import measure_retargeting  # noqa: PLC0415
        from flood_bridge.bench.streams import make_streams  # noqa: PLC0415
        from flood_bridge.retarget.robot_model import load_robot  # noqa: PLC0415

        robot = load_robot(self.robot)
        clips = [] if self.clips is None else read_clips(self.clips, self.most_clips)
        if self.streams:
            clips += make_streams(self._engine()[0], self.streams, note)
        figures = measure_retargeting(robot, clips, time.process_time, note)
        if self.picture is not None:
            from flood_bridge.verbs.robot_picture import motion_sheet  # noqa: PLC0415

            motion_sheet(robot, clips[:6]).save(self.picture)
            note(f"wrote {self.picture}")
        return figures, retarget_lines(figures)

    def _engine(self) -> tuple[FloodEngine, int]:
        """Return the model, warm, and on how many threads it runs."""
        from flood_bridge.wiring import default_threads  # noqa: PLC0415
        from flood_engine import load_engine  # noqa: PLC0415

        threads = self.threads or default_threads()
        loaded = load_engine(
            self.model, threads=threads, backend=self.backend, precision=self.precision
        )
        loaded.backend.warm_up()
        return loaded, threads
