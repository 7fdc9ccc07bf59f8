"""A prompt that interrupts takes hold at once, and the re-noised window is what training showed."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from flood_engine.errors import CheckpointError
from flood_engine.flood.config import StreamConfig
from flood_engine.noise import SeededNoise
from flood_engine.stream import LatentState, LatentStream, Prompt, Sight
from flood_engine.window import Schedule

SIZE = 3


def prompt(text: str) -> Prompt:
    return Prompt(text, torch.zeros(1), torch.zeros(1))


class Recorder:
    """A velocity field that is zero (or given) and remembers what it was shown."""

    def __init__(self, velocity: float = 0.0) -> None:
        self.seen: list[Sight] = []
        self.velocity = velocity

    def __call__(self, sight: Sight) -> torch.Tensor:
        self.seen.append(sight)
        return torch.full_like(sight.latents, self.velocity)


def make_stream(
    schedule: Schedule, context: int, field=None, noise_scale=1.0
) -> tuple[LatentStream, Recorder]:
    field = Recorder() if field is None else field
    config = StreamConfig(
        schedule.window_size, schedule.num_steps, context, noise_scale=noise_scale
    )
    return LatentStream(field, SIZE, config), field


schedules = st.builds(
    lambda window, pace: Schedule(window, window * pace), st.integers(1, 6), st.integers(1, 3)
)


@st.composite
def interrupted(draw):
    """Return (stream, recorder, state, depth) just after an interrupt at some moment."""
    schedule = draw(schedules)
    stream, field = make_stream(schedule, schedule.window_size + draw(st.integers(0, 6)))
    state = stream.start(SeededNoise(draw(st.integers(0, 99))))
    for _ in range(draw(st.integers(0, 12))):
        stream.commit([state], [prompt("old")])
    depth = draw(st.integers(0, schedule.window_size))
    field.seen.clear()
    stream.interrupt(state, prompt("new"), depth)
    return stream, field, state, depth


@given(interrupted())
def test_every_latent_that_is_not_final_belongs_to_the_new_prompt(case):
    stream, field, state, _ = case
    place = state.committed - state.first
    assert {p.text for p in state.prompts[place:]} <= {"new"}
    assert {p.text for p in state.prompts[:place]} <= {"old"}
    stream.commit([state], [prompt("new")])
    for sight in field.seen:
        active = int((sight.levels[0] > 0).sum())
        assert {p.text for p in sight.prompts[0][-active:]} == {"new"}


@given(interrupted())
def test_the_window_is_as_full_as_at_a_start_with_the_same_clock(case):
    stream, field, state, depth = case
    window, committed = stream.config.window_size, state.committed
    stream.commit([state], [prompt("new")])
    levels = field.seen[0].levels[0]
    active = window - min(depth, window - 1) if committed else 1
    assert (levels[-active:] > 0).all()
    assert (levels[:-active] == 0).all()
    fresh = stream.schedule.level_counts((active - 1) * stream.schedule.steps_per_latent, 0, active)
    np.testing.assert_array_equal(levels[-active:], fresh)


@given(interrupted())
def test_the_next_commit_makes_the_lost_steps_good(case):
    stream, field, state, depth = case
    window, pace = stream.config.window_size, stream.schedule.steps_per_latent
    at_start = state.committed == 0
    stream.commit([state], [prompt("new")])
    undone = 0 if at_start else min(depth, window - 1) * pace
    own = stream.schedule.num_steps if at_start else pace
    assert len(field.seen) == own + undone
    field.seen.clear()
    stream.commit([state], [prompt("new")])
    assert len(field.seen) == pace


@given(interrupted())
def test_history_is_shown_clean_and_is_never_changed(case):
    stream, field, state, _ = case
    place = state.committed - state.first
    before = state.latents[:place].clone()
    field.velocity = 1.0
    history = range(state.first, state.committed)
    stream.commit([state], [prompt("new")])
    for sight in field.seen:
        clean = (sight.levels[0] == 0).sum()
        assert clean == min(len(history), sight.levels.shape[1] - 1) or clean < len(history)
    kept = state.latents[: len(before) - (state.first - history.start)]
    assert torch.equal(kept, before[state.first - history.start :])


@given(interrupted(), st.integers(0, 6))
def test_a_second_interrupt_never_undoes_more_than_the_window(case, depth):
    stream, field, state, _ = case
    stream.interrupt(state, prompt("newer"), min(depth, stream.config.window_size))
    stream.commit([state], [prompt("newer")])
    assert len(field.seen) <= stream.schedule.num_steps
    assert (field.seen[0].levels[0][-1:] > 0).all()


@given(interrupted())
def test_every_latent_still_gets_as_many_steps_as_its_level_needs(case):
    """Under a velocity of one, a latent that falls from level t to 0 moves by exactly t."""
    stream, field, state, _ = case
    place, first = state.committed - state.first, state.first
    span = (state.committed, state.first + len(state.latents))
    step = state.clock * stream.schedule.steps_per_latent
    levels = stream.schedule.noise_levels(step, *span)
    start = state.latents[place:].clone()
    field.velocity = 1.0
    for row, level in enumerate(levels):
        made = stream.commit([state], [prompt("new")])[0]
        np.testing.assert_allclose(made - start[row], float(level), atol=1e-5)
    assert state.first >= first


def test_re_noised_latents_have_the_promised_mixture_of_data_and_noise():
    schedule, data = Schedule(5, 10), 0.7
    stream, _ = make_stream(schedule, 8)
    noise = SeededNoise(1)
    ends = []
    for _ in range(4000):
        span = (2, 6)
        levels = torch.from_numpy(schedule.noise_levels(12, *span)).float()[:, None]
        fresh = torch.from_numpy(np.stack([noise.next_row(SIZE) for _ in range(4)]))
        window = (1 - levels) * data + levels * fresh
        latents = torch.cat((torch.zeros(2, SIZE), window))
        state = LatentState(noise, latents, [prompt("old")] * 6, 0, 2, 6)
        stream.interrupt(state, prompt("new"), 2)
        ends.append(state.latents[2:])
    made = torch.stack(ends)
    assert made.shape[1] == 2
    wanted = schedule.noise_levels(8, 2, 4)
    np.testing.assert_allclose(made.mean((0, 2)), (1 - wanted) * data, atol=0.03)
    np.testing.assert_allclose(made.std((0, 2)), wanted, atol=0.02)


def test_depth_zero_changes_words_and_no_number():
    stream, _ = make_stream(Schedule(5, 10), 8)
    state = stream.start(SeededNoise(3))
    for _ in range(4):
        stream.commit([state], [prompt("old")])
    before, place = state.latents.clone(), state.noise.fork()
    stream.interrupt(state, prompt("new"), 0)
    assert torch.equal(state.latents, before)
    np.testing.assert_array_equal(state.noise.next_row(SIZE), place.next_row(SIZE))


@pytest.mark.parametrize("depth", [-1, 6])
def test_an_impossible_depth_is_refused_and_changes_nothing(make_engine, depth):
    engine = make_engine()
    state = engine.start()
    engine.step([state], [engine.encode("walk")])
    with pytest.raises(ValueError, match=f"between 0 and 5, not {depth}"):
        engine.interrupt(state, engine.encode("jump"), depth)
    assert {p.text for p in state.latents.prompts} == {"walk"}


@pytest.mark.parametrize("depth", range(6))
@pytest.mark.parametrize("before", [1, 6, 13])
def test_the_next_latent_after_an_interrupt_is_the_new_prompts(make_engine, depth, before):
    engine = make_engine()
    walk, jump = engine.encode("walk"), engine.encode("jump")
    state = engine.start(4)
    for _ in range(before):
        engine.step([state], [walk])
    kept = state.fork()
    engine.interrupt(state, jump, depth)
    (chunk,) = engine.step([state], [jump])
    assert chunk.text == "jump"
    assert not np.allclose(chunk.features, engine.step([kept], [walk])[0].features, atol=1e-6)


def test_an_interrupted_stream_and_its_neighbours_go_on_as_if_alone(make_engine):
    engine = make_engine(context=12)
    walk, jump = engine.encode("walk"), engine.encode("jump")

    def alone(seed, interrupts):
        state, made = engine.start(seed), []
        for call in range(30):
            if call in interrupts:
                engine.interrupt(state, jump, interrupts[call])
            made.append(
                engine.step([state], [jump if call >= min(interrupts, default=99) else walk])
            )
        return np.concatenate([chunk.features for (chunk,) in made])

    scripts = {1: {}, 2: {9: 3, 10: 5}, 3: {4: 1, 20: 4}}
    expected = {seed: alone(seed, interrupts) for seed, interrupts in scripts.items()}
    states = {seed: engine.start(seed) for seed in scripts}
    together = {seed: [] for seed in scripts}
    for call in range(30):
        for seed, interrupts in scripts.items():
            if call in interrupts:
                engine.interrupt(states[seed], jump, interrupts[call])
        prompts = [jump if call >= min(scripts[s], default=99) else walk for s in scripts]
        for seed, chunk in zip(scripts, engine.step(list(states.values()), prompts), strict=True):
            together[seed].append(chunk.features)
    for seed, features in expected.items():
        np.testing.assert_allclose(np.concatenate(together[seed]), features, atol=2e-5)


@given(schedules, st.floats(0.5, 2.0), st.integers(0, 8), st.integers(0, 6))
def test_all_noise_of_a_model_is_scaled_before_and_after_an_interrupt(schedule, scale, made, depth):
    ends = []
    for noise_scale in (1.0, scale):
        stream, _ = make_stream(schedule, 9, noise_scale=noise_scale)
        state = stream.start(SeededNoise(5))
        for _ in range(made):
            stream.commit([state], [prompt("old")])
        stream.interrupt(state, prompt("new"), min(depth, schedule.window_size))
        stream.commit([state], [prompt("new")])
        ends.append(state.latents)
    np.testing.assert_allclose(ends[1], scale * ends[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("scale", [0.0, 2.5, float("nan")])
def test_noise_of_no_sensible_size_is_refused(scale):
    with pytest.raises(CheckpointError, match=r"noise_scale is .*; valid are numbers from 0.5"):
        StreamConfig(noise_scale=scale)
