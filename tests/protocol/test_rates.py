"""Senders pass no more than their rate; streams are thinned evenly; complaints come once."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.protocol.rates import Complaints, Decimator, TokenBuckets


@given(st.lists(st.floats(0, 0.2), min_size=1, max_size=200))
def test_no_source_passes_more_than_burst_and_rate(pauses):
    buckets = TokenBuckets(rate_hz=10, burst=5)
    times = np.cumsum(pauses)
    passed = sum(buckets.take("a", float(now)) for now in times)
    assert passed <= 5 + 10 * (times[-1] - times[0]) + 1e-6


def test_a_slow_source_always_passes():
    buckets = TokenBuckets(rate_hz=10, burst=1)
    assert all(buckets.take("a", 0.11 * tick) for tick in range(100))


def test_a_flood_does_not_cost_others_their_share():
    buckets = TokenBuckets(rate_hz=10, burst=5)
    for _ in range(1000):
        buckets.take("noisy", 0.0)
    assert not buckets.take("noisy", 0.0)
    assert buckets.take("quiet", 0.0)


def test_a_refused_batch_costs_nothing():
    buckets = TokenBuckets(rate_hz=1, burst=5)
    assert not buckets.take("a", 0.0, count=6)
    assert buckets.take("a", 0.0, count=5)


def test_the_table_is_bounded_and_forgets_the_longest_silent():
    buckets = TokenBuckets(rate_hz=1e-9, burst=1, max_sources=3)
    for source in "abc":
        assert buckets.take(source, 0.0)
    assert not buckets.take("a", 0.0)  # heard of again: now b is the longest silent
    assert buckets.take("d", 0.0)
    assert len(buckets) == 3
    assert not buckets.take("a", 0.0)
    assert buckets.take("b", 0.0)


@pytest.mark.parametrize(
    ("source_hz", "rate_hz", "expected_hz"),
    [(60, 20, 20), (60, 60, 60), (60, 25, 25), (20, 60, 20), (60, None, 60), (60, 1, 1)],
)
def test_a_stream_is_thinned_to_its_rate(source_hz, rate_hz, expected_hz):
    gate = Decimator(rate_hz)
    jitter = np.random.default_rng(0).uniform(-1e-4, 1e-4, 100 * source_hz)
    times = np.arange(100 * source_hz) / source_hz + jitter
    passed = [gate.passes(float(now)) for now in times]
    assert sum(passed) == pytest.approx(100 * expected_hz, rel=0.01, abs=1)
    assert passed[0]


def test_even_thinning_leaves_even_gaps():
    gate = Decimator(20)
    passed = [tick for tick in range(600) if gate.passes(tick / 60)]
    assert set(np.diff(passed)) == {3}


def test_a_gap_is_not_made_up_for():
    gate = Decimator(1)
    assert gate.passes(0.0)
    assert [gate.passes(100 + tick / 10) for tick in range(10)] == [True] + [False] * 9


def test_a_clock_set_back_does_not_silence_the_stream():
    gate = Decimator(10)
    assert gate.passes(1000.0)
    assert sum(gate.passes(tick / 60) for tick in range(60)) == 10


@given(st.lists(st.tuples(st.floats(0, 0.4), st.sampled_from("abc")), max_size=100))
def test_complaints_are_bounded_and_none_comes_twice_in_a_row(heard):
    complaints, now_secs, told = Complaints(period_secs=1.0), 0.0, []
    for pause_secs, text in heard:
        now_secs += pause_secs
        if complaints.passes(now_secs, text):
            told.append((now_secs, text))
    assert all(b[0] - a[0] >= 1.0 and a[1] != b[1] for a, b in pairwise(told))
    assert bool(told) == bool(heard)


def test_a_complaint_is_news_again_after_all_was_well_but_no_sooner_than_its_period():
    complaints = Complaints(period_secs=1.0)
    assert complaints.passes(0.0, "a")
    assert not complaints.passes(5.0, "a")
    complaints.settle()
    assert complaints.passes(5.0, "a")
    complaints.settle()
    assert not complaints.passes(5.5, "a")
    assert complaints.passes(6.0, "a")
