"""What the VAE keeps of real motion: ``python -m flood_engine.training.reconstruct DATA``.

The first three seconds of every clip go through encoder and decoder; the first half second, which
has no past, is left out of the comparison. One line for the training clips, one for the held-out.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from flood_engine.features import FRAME_RATE_HZ, POSITIONS
from flood_engine.flood.checkpoint import load_model
from flood_engine.flood.vae import CausalVae
from flood_engine.training.dataset import load_dataset
from flood_engine.training.feature_loss import world_steps
from flood_engine.training.mocap import Clip

_FRAMES, _LEFT_OUT = 61, 9
_WRISTS = (19, 20)  # among joints 1..21
_FEET = (7, 8, 10, 11)
_RESTING = 0.1  # m/s: a recorded foot slower than this stands


@torch.inference_mode()
def compare(vae: CausalVae, clips: Sequence[Clip]) -> dict[str, float]:
    """Return mean joint and wrist error (mm) and the speed of resting feet (m/s), both sides."""
    windows = np.stack([c.features[:_FRAMES] for c in clips if len(c.features) >= _FRAMES])
    real = torch.from_numpy(windows)
    decoded = vae.decode(vae.encode(real)[0])[:, _LEFT_OUT:]
    real = real[:, _LEFT_OUT:]
    off = (decoded - real)[..., POSITIONS].unflatten(-1, (-1, 3)).norm(dim=-1) * 1e3
    speeds = [
        world_steps(x).norm(dim=-1)[..., list(_FEET)] * FRAME_RATE_HZ for x in (real, decoded)
    ]
    resting = speeds[0] < _RESTING
    return {
        "clips": float(len(windows)),
        "joints mm": float(off.mean()),
        "wrists mm": float(off[..., list(_WRISTS)].mean()),
        "resting feet m/s": float(speeds[1][resting].mean()),
        "recorded m/s": float(speeds[0][resting].mean()),
    }


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split(":", 1)[0])
    parser.add_argument("data", type=Path, help="folder of a dataset; see docs/training.md")
    parser.add_argument("--model", default="bundled", help='folder of a model, or "bundled"')
    options = parser.parse_args()
    vae = load_model(options.model).vae
    mocap = load_dataset(options.data, mirror=False)
    for split in ("train", "val"):
        clips = mocap.split(split)
        if not any(len(clip.features) >= _FRAMES for clip in clips):
            print(split, "no clip of three seconds")  # noqa: T201
            continue
        figures = compare(vae, clips)
        print(split, "  ".join(f"{k} {v:.3g}" for k, v in figures.items()))  # noqa: T201


if __name__ == "__main__":
    main()
