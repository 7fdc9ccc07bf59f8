"""On a machine that is too slow, every character is told its true rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.console import describe
from flood_bridge.live.gauges import Gauges
from flood_bridge.live.turn_cost import TurnCost

MakeRig = Callable[..., Any]


def test_the_true_rate_of_each_character_is_in_the_status(make_rig: MakeRig) -> None:
    rig, gauges, turns = make_rig(rate_hz=20, characters=2), Gauges(), 0
    gauges.watch(rig.generation.output, rig.playing, rig.stage)
    rig.play(2.0)
    assert gauges.read(2.0, rig.config, is_ending=False).rates == (1.0, 1.0)

    def every_eighth_tick() -> bool:  # a latent lasts four ticks
        nonlocal turns
        turns += 1
        return turns % 8 == 0

    rig.generate_on_tick = every_eighth_tick
    rig.play(1.0)
    gauges.read(3.0, rig.config, is_ending=False)
    rig.play(8.0)
    status = gauges.read(11.0, rig.config, is_ending=False)
    assert status.rates == pytest.approx((0.5, 0.5), abs=0.06)
    assert "too slow for all, true speed 0: 0.5" in describe(status)
    rig.stage.pause(0, True)
    rig.generate_on_tick = lambda: True
    rig.play(1.0)
    gauges.read(12.0, rig.config, is_ending=False)
    rig.play(2.0)
    healed = gauges.read(14.0, rig.config, is_ending=False)
    assert healed.rates == (1.0, 1.0)
    assert "too slow" not in describe(healed)


@given(
    each=st.floats(0.001, 0.05),
    base=st.floats(0.001, 0.1),
    hungry=st.integers(1, 64),
    slack=st.floats(0, 1),
)
def test_a_turn_is_over_before_the_first_runs_dry_if_it_can_be(
    each: float, base: float, hungry: int, slack: float
) -> None:
    cost = TurnCost()
    for n in range(1, 65):
        cost.record(n, base + n * each)
    count = cost.batch(hungry, slack)
    assert 1 <= count <= hungry
    if base + each < slack:
        assert base + count * each <= slack
        assert count == hungry or base + (count + 1) * each > slack
    else:
        assert count == hungry  # late anyway: the whole batch is cheapest


@given(known=st.integers(1, 64), asked=st.integers(1, 64), secs=st.floats(0.001, 1))
def test_an_unknown_batch_is_never_thought_cheaper_than_the_nearest_smaller_one(
    known: int, asked: int, secs: float
) -> None:
    cost = TurnCost()
    assert cost.estimate(asked) == 0
    cost.record(known, secs)
    assert cost.estimate(asked) >= secs * (1 - 1e-9)
    assert cost.estimate(known) == pytest.approx(secs)


def test_costs_follow_the_machine() -> None:
    cost = TurnCost()
    cost.record(4, 1.0)
    for _ in range(60):
        cost.record(4, 0.2)
    assert cost.estimate(4) == pytest.approx(0.2, rel=0.02)
