"""Two small networks that put motion and text into one space, trained on our own train split.

After Petrovich et al., "TMR" (ICCV 2023), much smaller: the motion side is four strided
convolutions over normalised features, the text side two layers on the mean of MiniLM's token
features; both end on the unit sphere and are trained by a symmetric contrastive loss in which
texts of one kind of motion are no wrong answers to each other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from flood_engine.errors import DataError
from flood_engine.features import FEATURE_SIZE

FRAMES = 60
"""Length of the motion that is compared, 3 s; shorter motion is repeated at its last frame."""
SPACE = 128
TEXT = 384
"""Numbers per token of MiniLM."""
_BATCH, _TEMPERATURE = 64, 0.07


@dataclass(frozen=True, slots=True)
class Examples:
    """Recorded stretches with their texts."""

    features: list[np.ndarray]
    """(T, 263) each."""
    kinds: np.ndarray
    """(n,) number of each stretch's kind of motion."""
    texts: list[list[int]]
    """Rows of the text table that describe each stretch."""
    table: Tensor
    """[texts, 384] mean token features."""


class JointSpace(nn.Module):
    """Both encoders."""

    def __init__(self) -> None:
        super().__init__()
        self.register_buffer("mean", torch.zeros(FEATURE_SIZE))
        self.register_buffer("scale", torch.ones(FEATURE_SIZE))
        sizes = (FEATURE_SIZE, 128, 160, 192, 192)
        layers: list[nn.Module] = []
        for inner, outer in itertools.pairwise(sizes):
            layers += [nn.Conv1d(inner, outer, 4, 2, 1), nn.GroupNorm(8, outer), nn.GELU()]
        self.body = nn.Sequential(*layers)
        self.motion_head = nn.Linear(2 * sizes[-1], SPACE)
        self.text_head = nn.Sequential(
            nn.Linear(TEXT, 256), nn.GELU(), nn.Dropout(0.2), nn.Linear(256, SPACE)
        )

    def motion(self, features: Tensor) -> Tensor:
        """[B, FRAMES, 263] -> [B, SPACE] on the unit sphere."""
        assert isinstance(self.mean, Tensor) and isinstance(self.scale, Tensor)
        normal = ((features - self.mean) / self.scale).clamp(-5, 5)
        hidden = self.body(normal.transpose(1, 2))
        pooled = torch.cat((hidden.mean(-1), hidden.amax(-1)), -1)
        return functional.normalize(self.motion_head(pooled), dim=-1)

    def text(self, rows: Tensor) -> Tensor:
        """[B, 384] -> [B, SPACE] on the unit sphere."""
        return functional.normalize(self.text_head(rows), dim=-1)


def cut_features(features: np.ndarray, start: int = 0) -> np.ndarray:
    """Return (FRAMES, 263) from ``start`` on, the last frame repeated where it is too short."""
    part = features[start : start + FRAMES]
    return np.concatenate([part, np.repeat(part[-1:], FRAMES - len(part), axis=0)])


def train_space(
    examples: Examples,
    steps: int,
    seed: int = 0,
    progress: Callable[[float], None] | None = None,
) -> JointSpace:
    """Train both encoders; a few CPU minutes for 1,500 steps. ``progress`` is told the loss."""
    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    space = JointSpace()
    whole = np.concatenate(examples.features)
    space.mean = torch.from_numpy(whole.mean(axis=0)).float()
    space.scale = torch.from_numpy(whole.std(axis=0) + 1e-3).float()
    optimizer = torch.optim.AdamW(space.parameters(), 1e-3, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    kinds = [np.flatnonzero(examples.kinds == kind) for kind in np.unique(examples.kinds)]
    for _ in range(steps):
        loss = _contrast(space, examples, _draw(kinds, rng), rng)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        if progress is not None:
            progress(loss.item())
    return space.eval()


def _draw(kinds: list[np.ndarray], rng: np.random.Generator) -> np.ndarray:
    """Draw a batch in which kinds are equally likely."""
    return np.array([rng.choice(kinds[rng.integers(len(kinds))]) for _ in range(_BATCH)])


def _contrast(
    space: JointSpace, examples: Examples, drawn: np.ndarray, rng: np.random.Generator
) -> Tensor:
    lengths = [len(examples.features[n]) for n in drawn]
    starts = [int(rng.integers(0, max(1, length - FRAMES + 1))) for length in lengths]
    motion = np.stack(
        [cut_features(examples.features[n], at) for n, at in zip(drawn, starts, strict=True)]
    )
    texts = examples.table[[int(rng.choice(examples.texts[n])) for n in drawn]]
    near = space.motion(torch.from_numpy(motion).float()) @ space.text(texts).T / _TEMPERATURE
    same = torch.from_numpy(examples.kinds[drawn][:, None] == examples.kinds[drawn][None])
    hidden = near.masked_fill(same & ~torch.eye(len(drawn), dtype=torch.bool), -1e4)
    answers = torch.arange(len(drawn))
    return (
        functional.cross_entropy(hidden, answers) + functional.cross_entropy(hidden.T, answers)
    ) / 2


def save_space(space: JointSpace, path: Path) -> None:
    """Store the weights."""
    torch.save(space.state_dict(), path)


def load_space(path: Path) -> JointSpace:
    """Read stored weights.

    Raises:
        DataError: If the file does not hold them.
    """
    space = JointSpace()
    try:
        space.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    except (OSError, RuntimeError, ValueError, KeyError) as error:
        raise DataError(f"{path} holds no evaluator of this version: {error}") from error
    return space.eval()
