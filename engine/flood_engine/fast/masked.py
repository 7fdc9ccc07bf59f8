"""Any mixture of streams in one batch of fixed shape: for machinery that replays one recording.

Streams stand right-aligned in a full context: what a young stream, or one with a shorter history,
lacks on the left is masked, and rotary positions only matter relative to one another. Each latent
brings its own noise level, so streams at their start, in the middle of an interrupt and in steady
state share one step. A row of the batch is a slot; its words are copied in only when they change.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

import torch
from torch import Tensor, nn

from flood_engine.fast.field import FusedField
from flood_engine.fast.laid import pad_words, tokens_of
from flood_engine.fast.modulation import ModulationTable
from flood_engine.fast.static import HIDDEN_SCORE, TOKENS, StaticDenoiser
from flood_engine.flood.checkpoint import Model
from flood_engine.stream import Prompt, Sight

Capture: TypeAlias = Callable[[nn.Module, tuple[Tensor, ...]], Callable[[], Tensor]]
"""Records a module on fixed inputs; what it returns replays it on what they hold then."""


class MaskedStep(nn.Module):
    """One denoise step in which every latent has its own level, looked up on the device."""

    rows: Tensor
    head: Tensor

    def __init__(self, step: StaticDenoiser, table: ModulationTable) -> None:
        super().__init__()
        self.step = step
        self.register_buffer("rows", table.layers)
        self.register_buffer("head", table.head)

    def forward(
        self,
        latents: Tensor,
        levels: Tensor,
        keys: Tensor,
        values: Tensor,
        hidden: Tensor,
        unborn: Tensor,
    ) -> Tensor:
        """Return velocities [B, branches, window_size, size]; ``levels`` [B, L] are table rows."""
        rows = self.rows[levels].permute(2, 3, 0, 1, 4)
        head = self.head[levels].permute(2, 0, 1, 3)
        return self.step(latents, rows, head, keys, values, hidden, unborn)


@dataclass(slots=True)
class Slots:
    """The fixed inputs of one batch size, and whose words each slot holds."""

    inputs: tuple[Tensor, ...]
    """latents, levels, keys, values, hidden, unborn"""
    replay: Callable[[], Tensor]
    words: list[tuple[Prompt, ...]] = field(default_factory=list)


class MaskedField:
    """Velocities of any streams by recorded steps of a few batch sizes.

    Args:
        model: Configuration and networks, on the device.
        null_prompt: The empty prompt, on the device.
        eager: Takes streams with more than :data:`TOKENS` tokens in sight.
        dtype: Of the recorded steps.
        capture: Records a step.
    """

    def __init__(
        self,
        model: Model,
        null_prompt: Prompt,
        eager: FusedField,
        dtype: torch.dtype,
        capture: Capture,
    ) -> None:
        self.eager, self.dtype, self.capture = eager, dtype, capture
        self.config, self.null_prompt = model.config, null_prompt
        self.device = null_prompt.keys.device
        step = StaticDenoiser(model.denoiser, model.config.stream, null_prompt)
        self._step = MaskedStep(step, eager.denoiser.table).to(dtype).eval()
        self.slots: dict[int, Slots] = {}
        """By batch size."""

    @torch.inference_mode()
    def add(self, streams: int) -> None:
        """Record the step of a batch size."""
        context, size = self.config.stream.context, self.config.denoiser.latent_dim
        kind = {"dtype": self.dtype, "device": self.device}
        inputs = (
            torch.zeros(streams, context, size, **kind),
            torch.zeros(streams, context, dtype=torch.long, device=self.device),
            *pad_words([[self.null_prompt] * context] * streams, self.dtype),
            torch.zeros(streams, 1, 1, context, **kind),
        )
        self.slots[streams] = Slots(inputs, self.capture(self._step, inputs), [()] * streams)

    def __call__(self, sight: Sight) -> Tensor:
        """Return the velocities of the last latents in sight, [B, branches, window_size, size]."""
        wordy = [tokens_of(prompts) > TOKENS for prompts in sight.prompts]
        if any(wordy) or not self.slots:
            latents = sight.latents.to(self.device)
            velocity = self.eager(Sight(latents, sight.levels, sight.prompts)).to(sight.latents)
            missing = self.config.stream.window_size - velocity.shape[2]
            return torch.nn.functional.pad(velocity, (0, 0, missing, 0))
        largest, made = max(self.slots), list[Tensor]()
        for start in range(0, len(sight.latents), largest):
            part = slice(start, start + largest)
            made.append(
                self._run(Sight(sight.latents[part], sight.levels[part], sight.prompts[part]))
            )
        return torch.cat(made)

    def _run(self, sight: Sight) -> Tensor:
        count, length, _ = sight.latents.shape
        slots = self.slots[min(size for size in self.slots if size >= count)]
        latents, levels, _, _, _, unborn = slots.inputs
        latents[:count, -length:].copy_(sight.latents)
        levels[:count, -length:].copy_(torch.from_numpy(sight.levels))
        unborn[:count, ..., : latents.shape[1] - length] = HIDDEN_SCORE
        unborn[:count, ..., latents.shape[1] - length :] = 0
        for slot, prompts in enumerate(sight.prompts):
            self._say(slots, slot, tuple(prompts))
        return slots.replay()[:count].to(sight.latents)

    def _say(self, slots: Slots, slot: int, prompts: tuple[Prompt, ...]) -> None:
        """Put a stream's words into a slot unless they are there already."""
        context = self.config.stream.context
        padded = (prompts[0],) * (context - len(prompts)) + prompts
        if slots.words[slot] == padded:  # prompts compare by identity
            return
        keys, values, hidden = pad_words([padded], self.dtype)
        slots.inputs[2][:, slot].copy_(keys[:, 0])
        slots.inputs[3][:, slot].copy_(values[:, 0])
        slots.inputs[4][slot].copy_(hidden[0])
        slots.words[slot] = padded


def no_capture(module: nn.Module, inputs: tuple[Tensor, ...]) -> Callable[[], Tensor]:
    """Run the module each time, without recording: for processors, and to check the shapes."""

    @torch.inference_mode()
    def replay() -> Tensor:
        return module(*inputs)

    return replay
