"""One person steers at a time, first come, and nobody waits for ever."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.viewer.lease import PATIENCE_SECS, Lease

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["join", "leave", "ask", "hand_over", "steer", "tick"]),
        st.integers(0, 4),
        st.floats(0, 30),
    ),
    max_size=60,
)


def test_the_first_to_come_steers_and_the_second_watches() -> None:
    lease = Lease()
    lease.join(1, 0.0)
    lease.join(2, 1.0)
    assert lease.steers(1, 2.0)
    assert not lease.steers(2, 2.0)


def test_a_request_waits_for_the_owner_to_hand_over() -> None:
    lease = Lease()
    lease.join(1, 0.0)
    lease.join(2, 0.0)
    lease.ask(2, 1.0)
    assert lease.owner == 1
    lease.hand_over(1, 2.0)
    assert lease.owner == 2
    assert lease.waiting == []


def test_who_asked_first_takes_over_when_the_owner_has_gone() -> None:
    lease = Lease()
    for person in (1, 2, 3):
        lease.join(person, 0.0)
    lease.ask(3, 1.0)
    lease.ask(2, 2.0)
    lease.leave(1, 3.0)
    assert lease.owner == 3


def test_a_lease_that_nobody_asked_for_is_free_when_its_owner_goes() -> None:
    lease = Lease()
    lease.join(1, 0.0)
    lease.join(2, 0.0)
    lease.leave(1, 1.0)
    assert lease.owner is None
    lease.ask(2, 2.0)
    assert lease.owner == 2


def test_an_owner_who_does_nothing_loses_the_lease_and_one_who_steers_keeps_it() -> None:
    lease = Lease()
    lease.join(1, 0.0)
    lease.join(2, 0.0)
    lease.ask(2, 100.0)
    lease.steers(1, 110.0)
    assert not lease.tick(100.0 + PATIENCE_SECS)
    assert lease.tick(110.0 + PATIENCE_SECS)
    assert lease.owner == 2


@given(STEPS)
def test_who_steers_is_here_and_never_waits(steps: list[tuple[str, int, float]]) -> None:
    lease, now_secs = Lease(), 0.0
    for what, person, secs in steps:
        now_secs += secs
        match what:
            case "steer":
                assert lease.steers(person, now_secs) == (person == lease.owner)
            case "tick":
                lease.tick(now_secs)
            case _:
                getattr(lease, what)(person, now_secs)
        assert lease.owner is None or lease.owner in lease.present
        assert lease.owner not in lease.waiting
        assert set(lease.waiting) <= lease.present
        assert len(set(lease.waiting)) == len(lease.waiting)
