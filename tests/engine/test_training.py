"""Training: a sample shows what inference sees; a stopped run goes on as if it had not been."""

from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from flood_engine.backends.plain import text_context
from flood_engine.features import joints_to_features, recover
from flood_engine.flood.causal import CausalState
from flood_engine.flood.checkpoint import load_model
from flood_engine.flood.config import DenoiserConfig, VaeConfig
from flood_engine.flood.denoiser import Denoiser
from flood_engine.flood.vae import CausalVae
from flood_engine.humanml import PARENTS
from flood_engine.prompts import Prompt
from flood_engine.training.ablate import SETTINGS, VARIANTS, short_recipe, try_settings
from flood_engine.training.ablate import table as table_of
from flood_engine.training.evaluation.requests import Request
from flood_engine.training.feature_loss import (
    LossShape,
    bone_losses,
    bones_of,
    feature_losses,
    world_steps,
)
from flood_engine.training.latents import whiten
from flood_engine.training.loop import LoopConfig
from flood_engine.training.mocap import make_clip
from flood_engine.training.recombine import recombine, swap_arms
from flood_engine.training.reconstruct import compare
from flood_engine.training.stacked_frames import StackedFrames
from flood_engine.training.text_table import TextTable
from flood_engine.training.train_denoiser import (
    Batch,
    DenoiserTraining,
    LatentStreams,
    drop_tokens,
    packed_text,
    train_denoiser,
    velocity_loss,
    window_levels,
)
from flood_engine.training.train_vae import StreamWindows, VaeTraining, train_vae
from flood_engine.window import Schedule

SIZES = DenoiserConfig(3, 16, 24, 8, 2, 2, 6)


def streams(count: int = 6) -> LatentStreams:
    generator = torch.Generator().manual_seed(3)
    texts = torch.randint(1, 5, (count, 4), generator=generator).repeat_interleave(5, 1)
    return LatentStreams(torch.randn(count, 20, 3, generator=generator), texts)


def table() -> TextTable:
    generator = torch.Generator().manual_seed(4)
    return TextTable.build([torch.randn(2 + n, 6, generator=generator) for n in range(5)])


def training(**loop) -> DenoiserTraining:
    settings = LoopConfig(**({"steps": 12, "warmup_steps": 2} | loop))
    return DenoiserTraining(sizes=SIZES, loop=settings, batch=4, lengths=(6, 9))


def test_levels_of_a_sample_are_levels_that_the_schedule_has_between_its_steps():
    levels = window_levels(torch.full((64,), 5), 9, 5, torch.Generator().manual_seed(0))
    assert torch.all(levels[:, :4] == 0)
    steps = levels[:, 5:].diff(dim=1)
    torch.testing.assert_close(steps, torch.full_like(steps, 0.2))
    schedule = Schedule(5, 10)
    for step in (40, 41):
        start, end = schedule.active_window(step)
        wanted = torch.tensor(schedule.noise_levels(step, start, end), dtype=torch.float32)
        fraction = 1 - 5 * wanted[0]
        rank = torch.arange(1, 6)
        torch.testing.assert_close((rank - fraction) / 5, wanted)


def test_a_window_that_was_wound_back_has_a_clean_history_and_the_slope_of_a_streams_start():
    levels = window_levels(torch.tensor([2, 5]), 9, 5, torch.Generator().manual_seed(0))
    assert torch.all(levels[0, :7] == 0)
    assert torch.all(levels[0, 7:] > 0.5)
    assert torch.all(levels[1, 4:] > 0)


def test_an_interrupt_points_the_new_prompt_at_active_latents_of_the_old_motion():
    """Latents tell their stream and place here, so that a sample's motion can be traced."""
    texts = torch.randint(1, 50, (8, 5), generator=torch.Generator().manual_seed(3))
    texts = texts.repeat_interleave(4, 1)
    places = torch.stack((torch.arange(8)[:, None].expand(8, 20), torch.arange(20).expand(8, 20)))
    data = LatentStreams(places.permute(1, 2, 0).float(), texts)
    settings = DenoiserTraining(SIZES, batch=64, lengths=(9,), start_share=0, interrupt_share=1)
    batch = data.draw(settings, torch.Generator().manual_seed(5))
    rows, columns = batch.latents.long().unbind(-1)
    own, given = texts[rows, columns], batch.texts
    inside = torch.arange(9) >= 9 - batch.active[:, None]
    pointed = own != given
    assert pointed.any(1).sum() > 10
    assert not (pointed & ~inside).any()
    for row in pointed.any(1).nonzero()[:, 0].tolist():
        (earlier,) = given[row][pointed[row]].unique()
        follows = own[row][inside[row] & ~pointed[row]]
        assert earlier == follows[0]


def test_packed_texts_equal_the_engines_layout():
    torch.manual_seed(0)
    denoiser, rows = Denoiser(SIZES).eval(), table()
    texts = torch.tensor([[1, 1, 3, 3], [2, 2, 2, 2], [4, 1, 2, 3]])
    latents, levels = torch.randn(3, 4, 3), torch.rand(3, 4)
    with torch.inference_mode():
        prompts = []
        for number, length in enumerate(rows.lengths):
            keys, values = denoiser.read_text(rows.features[None, number, :length])
            prompts.append(Prompt(str(number), keys[:, 0], values[:, 0]))
        bound = [[prompts[i] for i in row] for row in texts.tolist()]
        wanted = denoiser(latents, levels, text_context(bound))
        got = denoiser(latents, levels, packed_text(denoiser, rows, texts))
    torch.testing.assert_close(got, wanted, atol=1e-5, rtol=1e-5)


def test_hidden_tokens_leave_every_latent_something_to_read():
    torch.manual_seed(0)
    texts = torch.arange(1, 5).repeat(200, 3)  # 12 latents, four texts of 3 to 6 tokens
    text = packed_text(Denoiser(SIZES).eval(), table(), texts)
    rng = torch.Generator().manual_seed(1)
    hidden = drop_tokens(text, 0.15, rng)
    assert hidden.keys is text.keys
    assert not (hidden.visible & ~text.visible).any()
    share = 1 - hidden.visible.sum() / text.visible.sum()
    assert 0.12 < share < 0.17
    assert drop_tokens(text, 1.0, rng).visible.equal(text.visible)


def test_resuming_at_a_checkpoint_is_bit_for_bit_the_unbroken_run(tmp_path: Path):
    flat = {"constant_share": 0.999}
    whole = train_denoiser(training(steps=10, **flat), streams(), table(), tmp_path / "whole")
    train_denoiser(training(steps=5, **flat), streams(), table(), tmp_path / "parts")
    parts = train_denoiser(training(steps=10, **flat), streams(), table(), tmp_path / "parts")
    for name, value in whole.state_dict().items():
        assert torch.equal(value, parts.state_dict()[name]), name
    assert (tmp_path / "parts" / "denoiser.png").stat().st_size > 1000
    rows = np.genfromtxt(tmp_path / "parts" / "denoiser.csv", delimiter=",", names=True)
    assert rows["step"].tolist() == [5, 10]


def test_the_velocity_is_learnt(tmp_path: Path):
    """All latents are the same point, so the velocity follows from the noisy latent alone."""
    few = training(steps=80, learning_rate=5e-3, constant_share=0.2, ema_decay=0.9)
    still = LatentStreams(torch.ones(6, 20, 3), streams().texts)
    generator = torch.Generator().manual_seed(9)
    fixed = Batch(still.latents[:4, :9], still.texts[:4, :9], torch.full((4,), 5))
    denoiser = train_denoiser(few, still, table(), tmp_path)
    losses = [velocity_loss(denoiser, few, table(), fixed, generator) for _ in range(10)]
    assert torch.stack(losses).mean() < 0.8  # predicting nothing costs 2


def test_whitening_changes_the_latents_basis_and_nothing_else():
    torch.manual_seed(1)
    vae = CausalVae(VaeConfig(263, 4, 8, 8)).eval()
    features = torch.randn(5, 21, 263)
    with torch.inference_mode():
        before = vae.encode(features)[0]
        decoded = vae.decode(before)
    whitened = whiten(vae, before)
    torch.testing.assert_close(torch.cov(whitened.flatten(0, 1).T), torch.eye(4), atol=1e-3, rtol=0)
    with torch.inference_mode():
        torch.testing.assert_close(vae.encode(features)[0], whitened, atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(vae.decode(whitened), decoded, atol=1e-4, rtol=1e-4)


def walking(frames: int, seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    base = rng.normal(0, 0.3, (22, 3)) + np.array([0, 1, 0])
    sway = 0.1 * np.sin(np.arange(frames)[:, None, None] / 5 + rng.uniform(0, 6, (22, 3)))
    return base + sway + np.arange(frames)[:, None, None] * np.array([0.01, 0, 0.04])


def test_world_steps_are_the_recovered_joints_steps():
    features = joints_to_features(walking(40, 0), heading="clean")
    motion, _ = recover(features)
    wanted = np.linalg.norm(np.diff(motion.joints, axis=0), axis=-1)
    got = world_steps(torch.from_numpy(features)[None])[0].norm(dim=-1).numpy()
    np.testing.assert_allclose(got, wanted, atol=1e-4)


def test_bones_are_as_long_as_those_of_the_recovered_joints():
    features = joints_to_features(walking(40, 0), heading="clean")
    joints = recover(features)[0].joints
    wanted = np.linalg.norm(joints[:, 1:] - joints[:, list(PARENTS[1:])], axis=-1)
    got = bones_of(torch.from_numpy(features)[None])[0].numpy()
    np.testing.assert_allclose(got, wanted, atol=1e-4)
    zero, one = torch.zeros(263), torch.ones(263)
    same = bone_losses(torch.from_numpy(features)[None], torch.from_numpy(wanted), zero, one)
    assert float(same) < 1e-4
    longer = torch.from_numpy(wanted + 0.02)
    assert 0.7 < float(bone_losses(torch.from_numpy(features)[None], longer, zero, one)) < 0.8


def test_swapped_arms_hang_on_the_bodys_shoulders_and_nothing_else_moves():
    body, donor = (joints_to_features(walking(40, seed), heading="clean") for seed in (0, 1))
    swapped = swap_arms(body, donor, ("left",))
    before, lent, after = (recover(x)[0].joints for x in (body, donor, swapped))
    arm = [18, 20]
    rest = [j for j in range(22) if j not in arm]
    np.testing.assert_allclose(after[:, rest], before[:, rest], atol=1e-4)
    assert np.abs(after[:, arm] - before[:, arm]).max() > 0.1
    for motion in (after, lent):
        lengths = np.linalg.norm(motion[:, 18] - motion[:, 16], axis=-1)
        np.testing.assert_allclose(
            lengths, np.linalg.norm(lent[:, 18] - lent[:, 16], axis=-1), atol=1e-4
        )


def test_perfect_features_cost_nothing():
    features = torch.randn(2, 10, 263)
    losses = feature_losses(features, features, torch.zeros(263), torch.ones(263), LossShape())
    assert all(float(value) == 0 for value in losses.values())


@pytest.mark.slow
def test_the_vae_learns_and_comes_back_with_its_statistics(tmp_path: Path):
    clips = [joints_to_features(walking(90, seed), heading="clean") for seed in range(4)]
    settings = VaeTraining(VaeConfig(263, 4, 8, 8), LoopConfig(steps=12, warmup_steps=5), windows=4)
    streams = np.stack(clips)[:, :65].astype(np.float16)
    swapped = recombine(streams, 3, np.random.default_rng(0))
    vae = train_vae(settings, StreamWindows(streams, swapped, settings), tmp_path)
    rows = np.genfromtxt(tmp_path / "vae.csv", delimiter=",", names=True)
    assert vae.std.min() > 0
    assert np.isfinite(rows["loss"]).all()


def test_what_a_vae_keeps_is_measured_beside_the_recording():
    torch.manual_seed(0)
    vae = CausalVae(VaeConfig(263, 4, 8, 8)).eval()
    clips = [make_clip(f"c{seed}", walking(70, seed), []) for seed in range(2)]
    figures = compare(vae, [*clips, make_clip("short", walking(20, 0), [])])
    assert figures["clips"] == 2
    assert figures["joints mm"] > 50  # an untrained decoder says nothing of the pose
    assert figures["recorded m/s"] < 0.1 or np.isnan(figures["recorded m/s"])


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.name)
def test_every_ablated_recipe_trains_a_model_that_its_own_settings_can_run(variant):
    changed = variant.change(short_recipe(10, 1, 1))
    sizes, window = changed.denoiser.sizes, changed.stream.window_size
    assert changed.vae.sizes.latent_dim == sizes.latent_dim
    assert changed.denoiser.window_size == window
    assert max(changed.denoiser.lengths) == changed.stream.context
    assert changed.stream.schedule.num_steps == 2 * window
    shipped = short_recipe(10, 1, 1)
    assert (changed == shipped) == (variant is VARIANTS[0])
    assert (variant.vae != "shared") == (changed.vae != shipped.vae)
    assert changed.own.after == 1  # it would take longer than the training


@given(st.integers(1, 4), st.integers(0, 3))
def test_stacked_frames_lose_nothing_whole_or_latent_by_latent(latents, seed):
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(2, 4 * latents - 3, 263)).astype(np.float32)
    vae = StackedFrames(features)
    encoded = vae.encode(torch.from_numpy(features))[0]
    assert encoded.shape == (2, latents, vae.config.latent_dim)
    state = CausalState()
    pieces = [vae.decode(each, state) for each in encoded.split(1, 1)]
    for decoded in (vae.decode(encoded), torch.cat(pieces, 1)):
        np.testing.assert_allclose(decoded.numpy(), features, atol=1e-5)


def test_an_ablation_prints_a_row_for_each_choice():
    row = {"joints mm": 20.4, "wrists mm": 31.0, "obeyed": 63, "asked": 84}
    assert table_of({"window 3": row})[2] == "| window 3 | 20 | 31 | 75% of 84 |"


def test_where_no_vae_was_measured_the_table_has_no_columns_for_it():
    rows = {"guidance 2 (its own)": {"obeyed": 21, "asked": 84}}
    assert table_of(rows) == [
        "| choice | obeyed |",
        "|---|---|",
        "| guidance 2 (its own) | 25% of 84 |",
    ]


@pytest.mark.slow
def test_settings_that_need_no_training_are_tried_on_the_shipped_model():
    request = Request("a person jumps", "jump")
    rows = try_settings(load_model("bundled"), [request])
    assert len(rows) == sum(map(len, SETTINGS.values()))
    assert sum("its own" in name for name in rows) == len(SETTINGS)
    assert rows["guidance 1.5 (its own)"]["obeyed"] == 1
    assert all(row["asked"] == 1 for row in rows.values())
