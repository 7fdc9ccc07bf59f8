"""The decoder's last touch changes the decoder alone and keeps bones where no data is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from flood_engine.features import joints_to_features
from flood_engine.flood.config import VaeConfig
from flood_engine.flood.vae import CausalVae
from flood_engine.training.loop import LoopConfig
from flood_engine.training.tune_decoder import DecoderTuning, tune_decoder

_RNG = np.random.default_rng(0)
_BODY = _RNG.normal(0, 0.3, (22, 3)) + np.array([0, 1, 0])


def walking(frames: int, phase: float) -> np.ndarray:
    """Return features of one body that bobs along; its bones never change."""
    bob = 0.05 * np.sin(np.arange(frames)[:, None, None] / 5 + phase) * np.array([0, 1, 0])
    way = np.arange(frames)[:, None, None] * np.array([0.01, 0, 0.04])
    return joints_to_features(_BODY + bob + way, heading="clean")


def test_only_the_decoder_learns_and_bones_hold_beyond_the_data(tmp_path: Path):
    torch.manual_seed(0)
    vae = CausalVae(VaeConfig(263, 4, 8, 8))
    clips = np.stack([walking(90, phase)[:81] for phase in (0, 1, 2, 3)])
    vae.mean.copy_(torch.from_numpy(clips.mean((0, 1))))
    vae.std.fill_(float(clips.std()))
    before = {name: value.clone() for name, value in vae.state_dict().items()}
    with torch.inference_mode():
        latents = vae.encode(torch.from_numpy(clips))[0].clone()
    tuning = DecoderTuning(LoopConfig(steps=60, warmup_steps=2, ema_decay=0.5), 4, 12)
    tuned = tune_decoder(vae, replace(tuning, stretched_windows=2), clips, latents, tmp_path)
    rows = np.genfromtxt(tmp_path / "decoder.csv", delimiter=",", names=True)
    assert np.isfinite(rows["loss"]).all()
    assert rows["beyond"][-1] < 0.9 * rows["beyond"][0]
    changed = {n for n, value in tuned.state_dict().items() if not torch.equal(value, before[n])}
    assert changed
    assert all(name.startswith(("model.decoder", "model.conv2")) for name in changed)
