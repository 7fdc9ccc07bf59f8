"""Texts as prompts: encoded, projected to every layer's keys and values, and remembered."""

from __future__ import annotations

import threading
from collections import OrderedDict

import torch

from flood_engine.flood.denoiser import Denoiser
from flood_engine.flood.text import EncodedTexts, TextEncoder
from flood_engine.stream import Prompt

_CAPACITY = 64


class KnownPrompts:
    """Remembers the prompts used last; safe to call from several threads.

    One text is one :class:`Prompt` object while it is remembered, so that latents with equal words
    share their keys and values.
    """

    def __init__(self, encoder: TextEncoder, denoiser: Denoiser, capacity: int = _CAPACITY) -> None:
        self._texts, self._denoiser, self._capacity = EncodedTexts(encoder), denoiser, capacity
        self._known: OrderedDict[str, Prompt] = OrderedDict()
        self._lock = threading.Lock()

    def __call__(self, text: str) -> Prompt:
        """Return the prompt of ``text``.

        Raises:
            PromptError: If the text is too long.
        """
        with self._lock:
            if text in self._known:
                self._known.move_to_end(text)
                return self._known[text]
        prompt = self._read(text)  # outside the lock: known texts need not wait
        with self._lock:
            prompt = self._known.setdefault(text, prompt)
            if len(self._known) > self._capacity:
                self._known.popitem(last=False)
        return prompt

    @torch.inference_mode()
    def _read(self, text: str) -> Prompt:
        keys, values = self._denoiser.read_text(self._texts(text)[None])
        return Prompt(text, keys[:, 0].contiguous(), values[:, 0].contiguous())
