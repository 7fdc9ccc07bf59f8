"""What both trainings share: schedule, averaged weights, checkpoints, curves.

A training can be stopped at any time and goes on from its last checkpoint with the same random
numbers. Checkpoints hold tensors and numbers only and are read back as such.
"""

from __future__ import annotations

import csv
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor, nn

from flood_engine.training.curves import draw_curves
from flood_engine.training.optimizer import Optimizer


@dataclass(frozen=True, slots=True)
class LoopConfig:
    """How long and how fast to train."""

    steps: int = 3000
    learning_rate: float = 2e-3
    """Of biases, gains and thin matrices (AdamW)."""
    matrix_rate: float = 0.02
    """Of all other matrices (Muon); 0 leaves them to AdamW."""
    constant_share: float = 0.4
    """Share of the steps at the full learning rate, before the cosine down to zero."""
    warmup_steps: int = 50
    ema_decay: float = 0.999
    gradient_clip: float = 1.0
    weight_decay: float = 0.0
    minutes: float = math.inf
    """Stop the clock-driven schedule here even if steps are left: the cosine follows the time."""
    checkpoint_secs: float = 120.0
    seed: int = 0


@dataclass(slots=True)
class Averages:
    """Exponential moving average of a module's parameters and buffers."""

    decay: float
    values: dict[str, Tensor] = field(default_factory=dict)

    def update(self, module: nn.Module, step: int) -> None:
        """Move towards the module; young averages move faster."""
        decay = min(self.decay, (1 + step) / (10 + step))
        with torch.no_grad():
            for name, value in module.state_dict().items():
                if name not in self.values:
                    self.values[name] = value.detach().clone()
                else:
                    self.values[name].lerp_(value, 1 - decay)


class Loop:
    """Runs a loss function until its steps or minutes are used up."""

    def __init__(self, module: nn.Module, config: LoopConfig, folder: Path, name: str) -> None:
        self.module, self.config, self.folder, self.name = module, config, folder, name
        self.step = 0
        self.trained_secs = 0.0
        self.ema = Averages(config.ema_decay)
        self.optimizer = Optimizer(
            module, config.matrix_rate, config.learning_rate, config.weight_decay
        )
        self.rng = torch.Generator().manual_seed(config.seed)
        self.history: list[dict[str, float]] = []
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def progress(self) -> float:
        """How much of the training is over, 0 to 1."""
        by_time = self.trained_secs / 60 / self.config.minutes
        return min(1.0, max(self.step / self.config.steps, by_time))

    def rate_share(self) -> float:
        """Return the share of the full rates for the next step: warm-up, constant, cosine to 0."""
        held = self.config.constant_share
        tail = max(0.0, (self.progress - held) / (1 - held))
        warm = min(1.0, (self.step + 1) / self.config.warmup_steps)
        return warm * 0.5 * (1 + math.cos(math.pi * tail))

    def run(
        self,
        loss: Callable[[torch.Generator], dict[str, Tensor]],
        report_every: int = 50,
        on_checkpoint: Callable[[Loop], None] | None = None,
    ) -> None:
        """Train on ``loss(generator)["loss"]``; the other entries go into the curves.

        ``on_checkpoint`` is called after every checkpoint; its time does not count.
        """
        sums: dict[str, float] = {}
        reported = self.step
        saved = clock = time.monotonic()
        while self.progress < 1.0:
            parts = loss(self.rng)
            self._update(parts["loss"])
            now = time.monotonic()
            self.trained_secs, clock = self.trained_secs + now - clock, now
            for key, value in parts.items():
                sums[key] = sums.get(key, 0.0) + float(value.detach())
            if self.step - reported >= report_every or self.progress >= 1.0:
                count = self.step - reported
                self._report({key: value / count for key, value in sums.items()})
                sums, reported = {}, self.step
            if now - saved > self.config.checkpoint_secs:
                self.save()
                if on_checkpoint is not None:
                    on_checkpoint(self)
                saved = clock = time.monotonic()
        self.save()

    def save(self) -> None:
        """Write the checkpoint and the curves."""
        content = {
            "step": self.step,
            "trained_secs": self.trained_secs,
            "module": self.module.state_dict(),
            "ema": self.ema.values,
            "optimizer": self.optimizer.state_dict(),
            "rng": self.rng.get_state(),
        }
        partial = self.folder / f"{self.name}.part"
        torch.save(content, partial)
        partial.replace(self.folder / f"{self.name}.ckpt")
        self._write_curves()

    def resume(self) -> bool:
        """Go on from the folder's last checkpoint, if any, on whatever device it was written."""
        path = self.folder / f"{self.name}.ckpt"
        if not path.exists():
            return False
        content = torch.load(path, map_location="cpu", weights_only=True)
        self.step, self.trained_secs = content["step"], content["trained_secs"]
        self.module.load_state_dict(content["module"])
        places = {name: value.device for name, value in self.module.state_dict().items()}
        self.ema.values = {n: value.to(places[n]) for n, value in content["ema"].items()}
        self.optimizer.load_state_dict(content["optimizer"])
        self.rng.set_state(content["rng"])
        self._read_curves()
        return True

    def _update(self, loss: Tensor) -> None:
        self.optimizer.clear()
        loss.backward()
        norm = nn.utils.clip_grad_norm_(self.module.parameters(), self.config.gradient_clip)
        if torch.isfinite(norm):  # one bad batch must not end hours of training
            self.optimizer.step(self.rate_share())
        self.step += 1
        self.ema.update(self.module, self.step)

    def _report(self, means: dict[str, float]) -> None:
        row = {"step": float(self.step), "minutes": self.trained_secs / 60, **means}
        self.history.append(row)
        text = "  ".join(f"{key} {value:.4f}" for key, value in means.items())
        print(  # noqa: T201 - a training's progress belongs on the terminal
            f"{self.name} {self.step:6d}  {self.progress:6.1%}  {self.trained_secs / 60:6.1f} min"
            f"  {self.trained_secs / self.step:.3f} s/step  {text}",
            flush=True,
        )

    def _write_curves(self) -> None:
        if not self.history:
            return
        with (self.folder / f"{self.name}.csv").open("w", newline="") as file:
            writer = csv.DictWriter(file, fieldnames=list(self.history[0]))
            writer.writeheader()
            writer.writerows(self.history)
        draw_curves(self.history, self.folder / f"{self.name}.png")

    def _read_curves(self) -> None:
        path = self.folder / f"{self.name}.csv"
        if path.exists():
            with path.open() as file:
                rows = csv.DictReader(file)
                self.history = [{k: float(v) for k, v in row.items()} for row in rows]
