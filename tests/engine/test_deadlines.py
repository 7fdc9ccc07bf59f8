"""The nearest deadline comes first, and everyone is told the truth about its rate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_engine.deadlines import earliest_first, fair_share

deadlines = st.dictionaries(st.integers(0, 99), st.floats(-5, 5), min_size=1)
costs = st.dictionaries(st.integers(1, 64), st.floats(1e-4, 5), min_size=1)


@given(deadlines, st.integers(1, 120))
def test_nobody_left_out_is_due_before_anyone_taken(due, room):
    taken = earliest_first(due, room)
    assert len(taken) == len(set(taken)) == min(room, len(due))
    assert [due[name] for name in taken] == sorted(due[name] for name in taken)
    left = [due[name] for name in due if name not in taken]
    assert not left or max(due[name] for name in taken) <= min(left)


@given(st.integers(1, 200), st.floats(0.05, 1), costs)
def test_the_promised_rate_is_what_the_measured_costs_allow(characters, period, cost):
    share = fair_share(characters, period, cost)
    assert 1 <= share.together <= characters
    fastest = min(-(-characters // size) * secs for size, secs in cost.items())
    assert share.rate == pytest.approx(min(1.0, period / fastest))


def test_a_machine_that_is_fast_enough_gives_everyone_real_time():
    assert fair_share(8, 0.2, {1: 0.02, 8: 0.1}) == fair_share(8, 0.2, {8: 0.1})
    assert fair_share(8, 0.2, {8: 0.1}).rate == 1.0
    assert fair_share(16, 0.2, {8: 0.2}).rate == 0.5


@pytest.mark.parametrize(
    ("characters", "period", "cost"),
    [(0, 0.2, {1: 1}), (1, 0, {1: 1}), (1, 0.2, {}), (1, 0.2, {1: 0})],
)
def test_impossible_measurements_are_refused(characters, period, cost):
    with pytest.raises(ValueError, match="positive"):
        fair_share(characters, period, cost)


def test_no_room_is_refused():
    with pytest.raises(ValueError, match="at least 1, not 0"):
        earliest_first({"a": 1.0}, 0)
