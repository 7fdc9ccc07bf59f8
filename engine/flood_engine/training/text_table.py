"""Token features of every training text, encoded once and kept on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence
from tqdm import tqdm

from flood_engine.flood.config import TextConfig
from flood_engine.flood.text import load_text_encoder


@dataclass(frozen=True, slots=True)
class TextTable:
    """Token features of all texts; row 0 is the empty text."""

    features: Tensor
    """[texts, tokens, text_dim], padded with zeros"""
    lengths: Tensor
    """[texts]"""

    @classmethod
    def build(cls, rows: list[Tensor]) -> TextTable:
        """Pad token features [tokens, text_dim] of each text to one length."""
        padded = pad_sequence(rows, batch_first=True)
        return cls(padded, torch.tensor([len(row) for row in rows]))


def build_text_table(texts: list[str], config: TextConfig, cache: Path) -> TextTable:
    """Encode the empty text and ``texts``, as far as the cache file does not know them."""
    known = _read(cache)
    missing = [text for text in ["", *texts] if text not in known]
    if missing:
        encoder = load_text_encoder(config)
        for row, features in tqdm(encoder.many(missing), total=len(missing), desc="texts encoded"):
            known[missing[row]] = features.clone()
        _write(known, cache)
    return TextTable.build([known[text] for text in ["", *texts]])


def _read(cache: Path) -> dict[str, Tensor]:
    if not cache.exists():
        return {}
    stored = np.load(cache, allow_pickle=False)
    rows = torch.from_numpy(stored["rows"].astype(np.float32)).split(stored["lengths"].tolist())
    return dict(zip(stored["texts"].tolist(), rows, strict=True))


def _write(known: dict[str, Tensor], cache: Path) -> None:
    np.savez(
        cache,
        texts=np.array(list(known)),
        rows=torch.cat(list(known.values())).numpy().astype(np.float16),
        lengths=np.array([len(row) for row in known.values()]),
    )
