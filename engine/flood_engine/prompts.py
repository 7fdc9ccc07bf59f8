"""Texts as prompts: encoded, projected to every layer's keys and values, and remembered."""

from __future__ import annotations

import torch

from flood_engine.errors import CheckpointError
from flood_engine.flood.denoiser import Denoiser
from flood_engine.flood.remembered import Remembered
from flood_engine.flood.text import EncodedTexts, TextEncoder
from flood_engine.stream import Prompt

_CAPACITY = 64
_MOST_BYTES = 256 << 20


class KnownPrompts:
    """Remembers the prompts used last; safe to call from several threads.

    One text is one :class:`Prompt` object while it is remembered, so that latents with equal words
    share their keys and values.

    Args:
        encoder: Reads the texts.
        denoiser: Projects what it read.
        capacity: Most prompts that are remembered.
        most_bytes: Most memory for them, folded forms included; the last one stays in any case.
            What a stream has in sight it holds itself.
    """

    def __init__(
        self,
        encoder: TextEncoder,
        denoiser: Denoiser,
        capacity: int = _CAPACITY,
        most_bytes: int = _MOST_BYTES,
    ) -> None:
        self._texts, self._denoiser = EncodedTexts(encoder), denoiser
        self._known = Remembered(self._read, _bytes_of, capacity, most_bytes)

    def __call__(self, text: str) -> Prompt:
        """Return the prompt of ``text``.

        Raises:
            PromptError: If the text is too long.
            CheckpointError: If the encoder is not one that the denoiser was made for.
        """
        return self._known(text)

    @torch.inference_mode()
    def _read(self, text: str) -> Prompt:
        features, width = self._texts(text), self._denoiser.config.text_dim
        if features.ndim != 2 or features.shape[1] != width:
            raise CheckpointError(
                f"the text encoder gives tokens of {features.shape[-1]} numbers;"
                f" the denoiser reads {width} (text_dim)"
            )
        keys, values = self._denoiser.read_text(features[None])
        return Prompt(text, keys[:, 0].contiguous(), values[:, 0].contiguous())


def _bytes_of(prompt: Prompt) -> int:
    """Return what a prompt takes, with its folded form, which is larger by the number of heads.

    See :mod:`flood_engine.fast.words`.
    """
    heads = prompt.keys.shape[1]
    return (1 + heads) * (prompt.keys.nbytes + prompt.values.nbytes)
