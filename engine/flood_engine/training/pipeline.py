"""From captioned motion to a model folder: VAE, streams, denoiser, decoder's last touch, export.

Every stage leaves its result in the output folder and is skipped or resumed when it is there, so
that a stopped run goes on where it was.
"""

from __future__ import annotations

import json
import logging
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from tqdm import tqdm

from flood_engine.flood.checkpoint import Model, save_model
from flood_engine.flood.config import FeatureConfig, ModelConfig, StreamConfig, TextConfig
from flood_engine.flood.denoiser import Denoiser
from flood_engine.flood.vae import CausalVae
from flood_engine.humanml import PARENTS
from flood_engine.training.dataset import load_dataset
from flood_engine.training.latents import encode_streams, whiten
from flood_engine.training.loop import Loop
from flood_engine.training.mocap import MocapSet
from flood_engine.training.own_streams import Chooser, MixedStreams, OwnStreams
from flood_engine.training.recombine import recombine
from flood_engine.training.samples import sheets_of
from flood_engine.training.streams import Streams, build_streams
from flood_engine.training.text_table import build_text_table
from flood_engine.training.train_denoiser import (
    DenoiserTraining,
    LatentStreams,
    train_denoiser,
)
from flood_engine.training.train_vae import StreamWindows, VaeTraining, train_vae
from flood_engine.training.tune_decoder import DecoderTuning, tune_decoder

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recipe:
    """All settings of a training; they are written into the output folder."""

    vae: VaeTraining = field(default_factory=VaeTraining)
    denoiser: DenoiserTraining = field(default_factory=DenoiserTraining)
    tuning: DecoderTuning = field(default_factory=DecoderTuning)
    stream: StreamConfig = field(
        default_factory=lambda: StreamConfig(4, 8, guidance=1.5, noise_scale=1.15, emphasis=2.0)
    )
    text: TextConfig = field(default_factory=TextConfig)
    own: OwnStreams = field(default_factory=OwnStreams)
    streams: int = 6_000
    stream_latents: int = 56
    seed: int = 0
    device: str = "cpu"


def train(data: Path, out: Path, recipe: Recipe) -> Model:
    """Run all stages and write the model folder ``out / "model"``.

    Args:
        data: Folder in one of the layouts that :mod:`flood_engine.training.dataset` reads.
        out: Folder for checkpoints, curves, sample sheets and the model.
        recipe: Settings.
    """
    mocap = load_dataset(data)
    _log.info("%d clips, %d refused", len(mocap.clips), len(mocap.refused))
    return train_on(mocap, make_streams(mocap, recipe), out, recipe)


def train_on(
    mocap: MocapSet, streams: Streams, out: Path, recipe: Recipe, vae: CausalVae | None = None
) -> Model:
    """Run the stages after the streams; a ``vae`` that is given (not whitened) is not trained."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "recipe.json").write_text(json.dumps(asdict(recipe), indent=2, default=str) + "\n")
    if vae is None:
        vae = train_vae(recipe.vae, _windows(streams, recipe), out, recipe.device)
    latents = whiten(vae, encode_streams(vae, streams.features))
    _write_data_report(mocap, streams, out / "data.json")
    denoiser = denoiser_on(recipe, mocap, vae, (streams, latents), out)
    vae = tune_decoder(vae, recipe.tuning, streams.features, latents, out, recipe.device)
    model = Model(config_of(mocap, recipe), denoiser, vae)
    save_model(model, out / "model")
    return model


def _windows(streams: Streams, recipe: Recipe) -> StreamWindows:
    count = round(len(streams.features) * recipe.vae.recombined_share)
    rng = np.random.default_rng(recipe.seed)
    return StreamWindows(streams.features, recombine(streams.features, count, rng), recipe.vae)


def denoiser_on(
    recipe: Recipe, mocap: MocapSet, vae: CausalVae, data: tuple[Streams, Tensor], out: Path
) -> Denoiser:
    """Train the denoiser on streams and their latents; ``vae`` draws what it makes on the way."""
    streams, latents = data
    table = build_text_table(streams.texts, recipe.text, out / "texts.npz")
    texts = torch.from_numpy(streams.prompt_ids.astype(np.int64)) + 1  # row 0 is the empty text
    asked = Model(config_of(mocap, recipe), Denoiser(recipe.denoiser.sizes), vae)
    mixed = MixedStreams(LatentStreams(latents, texts), recipe.own.share)
    draw_sheet = sheets_of(asked, out)
    choose_own = Chooser(recipe.own, asked, streams.texts, mixed, out)

    def at_checkpoint(loop: Loop) -> None:
        draw_sheet(loop)
        choose_own(loop)

    return train_denoiser(recipe.denoiser, mixed, table, out, recipe.device, at_checkpoint)


def make_streams(mocap: MocapSet, recipe: Recipe) -> Streams:
    """Stitch the training streams."""
    with tqdm(total=recipe.streams, desc="streams stitched") as bar:

        def progress(done: int) -> None:
            bar.update(done - bar.n)

        return build_streams(
            mocap.split("train"),
            count=recipe.streams,
            latents=recipe.stream_latents,
            seed=recipe.seed,
            on_progress=progress,
        )


def config_of(mocap: MocapSet, recipe: Recipe) -> ModelConfig:
    """Return the configuration of the model that a recipe makes."""
    return ModelConfig(
        denoiser=recipe.denoiser.sizes,
        vae=recipe.vae.sizes,
        stream=recipe.stream,
        text=recipe.text,
        features=FeatureConfig("clean"),
        bone_lengths=mean_bone_lengths(mocap),
    )


def mean_bone_lengths(mocap: MocapSet) -> tuple[float, ...]:
    """Return the length of the bone to each of the 22 joints, averaged over the data."""
    joints = np.concatenate([clip.joints[:: max(1, len(clip.joints) // 8)] for clip in mocap.clips])
    bones = joints[:, 1:] - joints[:, list(PARENTS[1:])]
    lengths = np.linalg.norm(bones, axis=-1).mean(axis=0)
    return (0.0, *(round(float(x), 4) for x in lengths))


def _write_data_report(mocap: MocapSet, streams: Streams, path: Path) -> None:
    content: dict[str, Any] = {
        "clips": len(mocap.clips),
        "refused": [asdict(refusal) for refusal in mocap.refused],
        "texts": len(streams.texts),
        "hours_by_kind": {k: round(v / 3600, 3) for k, v in streams.seconds_by_kind.items()},
        "hours_by_origin": {k: round(v / 3600, 3) for k, v in streams.seconds_by_origin.items()},
    }
    path.write_text(json.dumps(content, indent=2) + "\n")
