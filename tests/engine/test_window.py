"""The active window covers every latent exactly ``num_steps`` times, from left to right."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from flood_engine.window import STEP_COUNTS, Schedule

schedules = st.builds(
    lambda window, factor: Schedule(window, window * factor),
    st.integers(1, 8),
    st.integers(1, 10),
)


@given(schedules)
def test_each_latent_is_denoised_num_steps_times(schedule: Schedule):
    visits: Counter[int] = Counter()
    for step in range(6 * schedule.num_steps):
        visits.update(range(*schedule.active_window(step)))
    finished = range(4 * schedule.window_size)
    assert {visits[latent] for latent in finished} == {schedule.num_steps}


@given(schedules, st.integers(0, 10**9))
def test_levels_fall_along_the_stream_and_the_window_is_where_they_are_between(schedule, step):
    start, end = schedule.active_window(step)
    levels = schedule.noise_levels(step, max(0, start - 3), end + 3)
    assert np.all(np.diff(levels) >= 0)
    active = schedule.noise_levels(step, start, end)
    assert np.all(active > 0)
    assert np.all(schedule.noise_levels(step, end, end + 3) == 1)
    if start > 0:
        assert schedule.noise_levels(step, start - 1, start)[0] == 0


@given(schedules, st.integers(0, 500))
def test_a_commit_ends_with_the_latents_last_update(schedule, latent):
    last = schedule.steps_to_commit(latent)[-1]
    assert schedule.active_window(last)[0] <= latent < schedule.active_window(last)[1]
    assert schedule.active_window(last + 1)[0] == latent + 1


@given(schedules, st.integers(0, 500))
def test_calls_follow_one_another_without_gap(schedule, latent):
    now, after = schedule.steps_to_commit(latent), schedule.steps_to_commit(latent + 1)
    assert now.stop == after.start
    assert len(after) == schedule.steps_per_latent


@given(schedules, st.sampled_from(STEP_COUNTS), st.integers(0, 500))
def test_between_two_latents_the_slope_lies_where_it_lies_with_any_number_of_steps(
    schedule: Schedule, steps, latent
):
    other = schedule.with_steps(steps)
    span = (max(0, latent - 3), latent + schedule.window_size + 3)
    ends = [each.end_of_commit(latent) for each in (schedule, other)]
    levels, others = (
        each.level_counts(end, *span) for each, end in zip((schedule, other), ends, strict=True)
    )
    np.testing.assert_array_equal(levels, others)
    assert schedule.scale == other.scale
    assert ends[0] * steps == ends[1] * schedule.steps_per_latent


@given(schedules, st.integers(0, 10**6))
def test_a_level_is_the_same_number_however_finely_it_is_counted(schedule: Schedule, step):
    start, end = schedule.active_window(step)
    latents = np.arange(start, end)
    left = schedule.num_steps + latents * schedule.steps_per_latent - step
    np.testing.assert_array_equal(
        schedule.noise_levels(step, start, end), left / schedule.num_steps
    )


def test_steps_that_the_table_of_levels_does_not_hold_are_refused():
    with pytest.raises(ValueError, match="5 steps per latent do not divide 12 parts"):
        Schedule(5, 10).with_steps(5)
    assert Schedule(5, 35).parts == 7 * 12


@pytest.mark.parametrize(("window", "steps"), [(5, 11), (0, 10), (5, 0), (-5, 10)])
def test_impossible_schedules_are_refused(window, steps):
    with pytest.raises(ValueError, match="multiple of window_size"):
        Schedule(window, steps)
