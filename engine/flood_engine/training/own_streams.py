"""Late in a denoiser's training: ask it, and train on what it did well (see chosen.py).

The choice is made once, at a checkpoint, with the averaged weights of that moment; it is kept in
``chosen.npz``, sentences and all, so that a training that was stopped goes on with the same streams
even if captions were added meanwhile and the rows of the text table are others.
"""

from __future__ import annotations

import copy
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
import torch
from tqdm import tqdm

from flood_engine.engine import FloodEngine
from flood_engine.errors import DataError
from flood_engine.flood.checkpoint import Model
from flood_engine.flood.text import load_text_encoder
from flood_engine.training.chosen import choose
from flood_engine.training.loop import Loop
from flood_engine.training.own_requests import Choosing
from flood_engine.training.train_denoiser import Batch, DenoiserTraining, LatentStreams

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OwnStreams:
    """When a model's own streams join its training, and how many batches are of them."""

    after: float = 0.7
    """Share of the training after which the model is asked; 1 or more: never."""
    share: float = 0.2
    choosing: Choosing = field(default_factory=Choosing)


class MixedStreams:
    """Training streams, some batches of which come from the model's own chosen ones.

    Args:
        streams: Recorded and made-up motion.
        share: Share of the batches that are chosen streams, once there are any.
    """

    def __init__(self, streams: LatentStreams, share: float) -> None:
        self.streams, self.share = streams, share
        self.chosen: LatentStreams | None = None

    def draw(self, training: DenoiserTraining, rng: torch.Generator) -> Batch:
        """Return a batch of either; chosen streams are never shown as a stream's beginning."""
        chosen = self.chosen
        if chosen is None or not len(chosen.latents):
            return self.streams.draw(training, rng)
        if torch.rand((), generator=rng) >= self.share:
            return self.streams.draw(training, rng)
        return chosen.draw(replace(training, start_share=0.0), rng)


class Chooser:
    """What a training's loop calls at its checkpoints: it makes the choice when its time has come.

    Args:
        own: When, and how.
        model: Configuration and VAE; the denoiser's weights come from the loop.
        texts: All training texts, as the text table has them from its row 1 on.
        streams: Where the chosen streams go.
        folder: Keeps ``chosen.npz``.
    """

    def __init__(
        self,
        own: OwnStreams,
        model: Model,
        texts: Sequence[str],
        streams: MixedStreams,
        folder: Path,
    ) -> None:
        self._own, self._streams = own, streams
        self._path = folder / "chosen.npz"
        self._texts = ["", *texts]
        self._rows = {text: row for row, text in enumerate(texts, start=1)}
        self._model = replace(model, denoiser=copy.deepcopy(model.denoiser).cpu())
        if own.after < 1 and self._path.exists():
            streams.chosen = _read(self._path, self._rows)

    def __call__(self, loop: Loop) -> None:
        """Choose, if the training has come so far and nothing was chosen yet."""
        if self._streams.chosen is not None or loop.progress < self._own.after:
            return
        self._model.denoiser.load_state_dict({k: v.cpu() for k, v in loop.ema.values.items()})
        self._model.denoiser.eval()
        encoder = load_text_encoder(self._model.config.text)
        with torch.inference_mode(), tqdm(desc="own streams judged") as bar:
            engine = FloodEngine(self._model, encoder)
            seed = loop.config.seed
            chosen, asked, kept = choose(
                engine, self._rows, self._own.choosing, seed, lambda done: bar.update(done - bar.n)
            )
        self._streams.chosen = LatentStreams(chosen.latents.clone(), chosen.texts.clone())
        _write(self._path, self._streams.chosen, self._texts)
        counts = {name: {"asked": asked[name], "kept": kept[name]} for name in asked}
        report = {"choosing": asdict(self._own.choosing), "actions": counts}
        self._path.with_suffix(".json").write_text(json.dumps(report, indent=2) + "\n")
        _log.info("%d of the model's own %d streams join", kept.total(), asked.total())


def _write(path: Path, streams: LatentStreams, texts: Sequence[str]) -> None:
    """Write streams whose rows are those of ``texts``; only the sentences that occur are kept."""
    used, local = streams.texts.unique(return_inverse=True)
    sentences = np.array([texts[row] for row in used.tolist()], dtype=np.str_)
    partial = path.with_suffix(".part.npz")
    np.savez(partial, latents=streams.latents.numpy(), texts=local.numpy(), sentences=sentences)
    partial.replace(path)


def _read(path: Path, rows: Mapping[str, int]) -> LatentStreams | None:
    """Return the kept streams; a sentence that the training no longer has becomes the empty text.

    Files of earlier versions have no sentences, only rows of a table that may have changed since:
    None, and the choice is made again.
    """
    try:
        with np.load(path, allow_pickle=False) as stored:
            if "sentences" not in stored.files:
                _log.warning("%s is of an earlier version; the choice is made again", path)
                return None
            known = [rows.get(sentence, 0) for sentence in stored["sentences"].tolist()]
            latents, texts = (torch.from_numpy(stored[name]) for name in ("latents", "texts"))
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise DataError(f"{path} cannot be read as chosen streams: {error}") from error
    return LatentStreams(latents, torch.tensor(known, dtype=torch.long)[texts])
