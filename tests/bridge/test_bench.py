"""The bench counts what it says it counts; a clock that stands in for the machine proves it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from flood_bridge.bench.crowd import measure_crowd
from flood_bridge.bench.latency import measure_latency
from flood_bridge.bench.options import Bench, Subject, measure
from flood_bridge.bench.single import measure_single
from flood_bridge.bench.table import lines
from flood_bridge.commands import URGENCIES
from flood_bridge.errors import ConfigError


class Machine:
    """A clock that a stand-in engine winds on: each step costs a base and something a head."""

    def __init__(self, engine: Any, base_secs: float, each_secs: float) -> None:
        self.now_secs = self.denoise = self.decode = 0.0
        step = engine.step

        def timed(states: Sequence[Any], prompts: Sequence[Any]) -> Any:
            cost_secs = base_secs + each_secs * len(states)
            self.now_secs += cost_secs
            self.denoise += 0.75 * cost_secs
            self.decode += 0.125 * cost_secs
            return step(states, prompts)

        engine.step = timed

    def __call__(self) -> float:
        return self.now_secs


@pytest.mark.parametrize(
    ("base_secs", "each_secs", "count", "limit"),
    [(0.01, 0.01, 19, True), (0.1, 0.05, 2, True), (0.3, 0.0, 0, True), (0.001, 0.001, 64, False)],
)
def test_the_count_of_characters_is_the_largest_batch_within_its_latent(
    engine: Any, base_secs: float, each_secs: float, count: int, limit: bool
) -> None:
    figures = measure_crowd(engine, 64, Machine(engine, base_secs, each_secs))
    found = figures["characters_in_time"]
    assert found <= count
    assert found >= count - max(1, count // 8)
    assert figures["limit_reached"] is limit
    row = figures["batches"]["1"]
    assert row["p50"] == pytest.approx(1000 * (base_secs + each_secs))
    assert row["latents_per_sec"] == pytest.approx(1 / (base_secs + each_secs), abs=0.1)


def test_stages_add_up_to_the_turn_and_the_twin_is_compared_in_the_same_run(
    make_engine: Callable[[], Any],
) -> None:
    engine, twin = make_engine(), make_engine()
    machine = Machine(engine, 0.02, 0.0)
    slow = twin.step

    def slower(states: Any, prompts: Any) -> Any:
        machine.now_secs += 0.05
        return slow(states, prompts)

    twin.step = slower
    figures = measure_single(engine, machine, twin, 20, machine)
    assert figures["latents"] == 20
    assert figures["stages_ms"] == pytest.approx(
        {"denoise": 15, "decode": 2.5, "root": 2.5, "retarget": 0}
    )
    assert figures["turn_ms"] == pytest.approx({"p50": 20, "p95": 20, "p99": 20})
    assert figures["real_time_factor"] == 10
    assert figures["plain_twin"]["times_slower"] == 2.5


def test_a_daemon_is_asked_with_every_urgency_and_now_is_quickest(engine: Any) -> None:
    figures = measure_latency(engine, repeats=1)
    assert set(figures) == {*URGENCIES, "lead_ms"}
    assert figures["now"]["p50"] < figures["soft"]["p50"]


def test_the_whole_measurement_becomes_a_table(engine: Any) -> None:
    machine, said = Machine(engine, 0.02, 0.01), list[str]()
    about = {
        "model": "m", "backend": "b", "precision": "p", "threads": 1, "parameters": 5_000_000,
    }  # fmt: skip
    subject = Subject(engine, machine, None, about)
    bench = Bench(latents=5, characters=4, prompts=0)
    table = "\n".join(lines(measure(bench, subject, machine, said.append)))
    assert said == ["one character", "many characters", "state", "prompts"]
    assert "model m, b p, 1 threads, 5.0 M parameters" in table
    assert "6.7 times real time" in table
    assert "4 or more characters at full speed" in table


@pytest.mark.parametrize("wrong", [{"latents": 0}, {"characters": 0}, {"threads": 65}])
def test_settings_out_of_bounds_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match="valid are"):
        Bench(**wrong)
