"""The sizes and settings of a model, as they stand in its ``config.json``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeVar

from flood_engine.errors import CheckpointError
from flood_engine.flood.fields import Numbers, check_fields, number, one_of, shown, string, whole
from flood_engine.window import STEP_COUNTS, Schedule

FORMAT = "flood-engine/1"

FEATURES = 263
"""Numbers of a frame; see :mod:`flood_engine.features`."""

MAX_LATENTS = 1024
"""Most latents in sight: the positions that the denoiser has rotations for."""

MAX_TOKENS = 1024
"""Most tokens of a text; upstream's full model reads 512."""

Section = TypeVar("Section")

_METRES = Numbers(0, 10)
"""Of a bone."""


@dataclass(frozen=True, slots=True)
class DenoiserConfig:
    """Sizes of the denoiser; the defaults are upstream's "tiny"."""

    latent_dim: int = whole(4, 1, 4096)
    hidden: int = whole(256, 2, 16384)
    ffn: int = whole(1024, 1, 65536)
    freq: int = whole(64, 2, 16384)
    heads: int = whole(8, 1, 1024)
    layers: int = whole(8, 1, 256)
    text_dim: int = whole(768, 1, 65536)

    def __post_init__(self) -> None:
        check_fields(self, "denoiser")
        if self.freq % 2:
            raise CheckpointError(f"denoiser.freq is {self.freq}; valid are even numbers")
        if self.hidden % self.heads or (self.hidden // self.heads) % 2:
            raise CheckpointError(
                f"hidden ({self.hidden}) must be an even multiple of heads ({self.heads})"
            )


@dataclass(frozen=True, slots=True)
class VaeConfig:
    """Sizes of the causal VAE; the defaults are upstream's."""

    feature_dim: int = whole(FEATURES, 1, 4096)
    latent_dim: int = whole(4, 1, 4096)
    encoder_dim: int = whole(160, 0, 16384)
    """0 is none, as where the training compares with no VAE at all."""
    decoder_dim: int = whole(512, 0, 16384)

    def __post_init__(self) -> None:
        check_fields(self, "vae")


NOISE_SCALES = (0.5, 2.0)
"""Within which a model's noise may be scaled; beyond it nothing like the data comes out."""

MAX_EMPHASIS = 4.0


@dataclass(frozen=True, slots=True)
class StreamConfig:
    """How latents are denoised while the window slides."""

    window_size: int = whole(5, 1, MAX_LATENTS)
    num_steps: int = whole(10, 1, 1024)
    context: int = whole(30, 1, MAX_LATENTS)
    """Latents that the denoiser sees, active window included (upstream: ``seq_len``)."""
    guidance: float = number(5.0, 0, 100)
    """Classifier-free guidance scale g: v = g v(text) - (g - 1) v(empty text)."""
    noise_scale: float = number(1.0, *NOISE_SCALES)
    """Standard deviation of the noise from which latents start (upstream: 1).

    Few Euler steps take a little of the data's spread away, latent upon latent, so that a dance
    calms down; starting from a little more gives it back, as more steps would, at no cost.
    """

    emphasis: float = number(1.0, 0, MAX_EMPHASIS)
    """How many times the guidance is for the first latents under another text (upstream: 1)."""
    emphasis_latents: int = whole(4, 1, MAX_LATENTS)
    """How many latents those are."""

    def __post_init__(self) -> None:
        check_fields(self, "stream")
        try:
            _ = self.schedule
        except ValueError as error:
            raise CheckpointError(f"stream: {error}") from error
        if self.emphasis != 1 and self.guidance == 1:
            raise CheckpointError(
                f"emphasis is {self.emphasis}; with a guidance of 1 there is nothing to emphasise"
            )
        if self.context < self.window_size:
            raise CheckpointError(
                f"context ({self.context}) must hold the window ({self.window_size})"
            )

    @property
    def schedule(self) -> Schedule:
        """The window's schedule."""
        return Schedule(self.window_size, self.num_steps)

    @property
    def histories(self) -> range:
        """Latents in sight that a stream may ask for: one final one at least, the model's at most.

        More than it was trained with a model does not know, and a stream keeps no more of them.
        """
        return range(min(self.window_size + 1, self.context), self.context + 1)

    @property
    def step_counts(self) -> tuple[int, ...]:
        """Denoise steps per latent that a stream may ask for, the model's own among them."""
        return tuple(sorted({*STEP_COUNTS, self.schedule.steps_per_latent}))


@dataclass(frozen=True, slots=True)
class TextConfig:
    """Which text encoder the denoiser was trained with."""

    encoder: Literal["minilm", "umt5"] = one_of("minilm", "umt5")
    source: str = string("", 4096)
    """Folder or Hub id of the encoder; empty means the one that is installed with us."""
    max_tokens: int = whole(32, 1, MAX_TOKENS)
    layers: int = whole(0, 0, 256)
    """How many of the encoder's layers are run; 0 is all of them."""

    def __post_init__(self) -> None:
        check_fields(self, "text")


@dataclass(frozen=True, slots=True)
class FeatureConfig:
    """What the 263 numbers of one frame mean for this model."""

    heading: Literal["humanml3d", "clean"] = one_of("humanml3d", "clean")
    frame_rate_hz: float = number(20.0, 1, 240)

    def __post_init__(self) -> None:
        check_fields(self, "features")


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """Everything but the weights."""

    denoiser: DenoiserConfig
    vae: VaeConfig
    stream: StreamConfig
    text: TextConfig
    features: FeatureConfig
    bone_lengths: tuple[float, ...]
    """Length in metres of the bone from its parent to each of the 22 joints (0 for the pelvis)."""

    def __post_init__(self) -> None:
        if self.denoiser.latent_dim != self.vae.latent_dim:
            raise CheckpointError(
                f"the denoiser has {self.denoiser.latent_dim} latent numbers,"
                f" the VAE {self.vae.latent_dim}"
            )
        if self.vae.feature_dim != FEATURES:
            raise CheckpointError(f"vae.feature_dim is {self.vae.feature_dim}; valid is {FEATURES}")
        if not (self.vae.encoder_dim and self.vae.decoder_dim):
            raise CheckpointError("vae.encoder_dim and decoder_dim must be 1 or more")

    def to_json(self) -> dict[str, Any]:
        """Return the content of ``config.json``."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> ModelConfig:
        """Read the content of ``config.json``.

        Raises:
            CheckpointError: If the format, a section or a field is unknown, missing or none that
                a model can have.
        """
        if content.get("format") != FORMAT:
            raise CheckpointError(
                f"config.json has the format {shown(content.get('format'))}; known is {FORMAT!r}"
            )
        return cls(
            denoiser=_section(DenoiserConfig, content, "denoiser"),
            vae=_section(VaeConfig, content, "vae"),
            stream=_section(StreamConfig, content, "stream"),
            text=_section(TextConfig, content, "text"),
            features=_section(FeatureConfig, content, "features"),
            bone_lengths=_bone_lengths(content),
        )


def _section(kind: type[Section], content: dict[str, Any], name: str) -> Section:
    given = content.get(name)
    if not isinstance(given, dict):
        raise CheckpointError(f"config.json has no section {name!r}")
    known = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    if unknown := sorted(set(given) - known):
        raise CheckpointError(
            f"config.json: {name} has unknown fields {shown(unknown)}; known: {sorted(known)}"
        )
    return kind(**given)


def _bone_lengths(content: dict[str, Any]) -> tuple[float, ...]:
    given = content.get("bone_lengths", [])
    if not isinstance(given, list):
        raise CheckpointError(
            f"config.json: bone_lengths is {shown(given)}; a list of 22 numbers is needed"
        )
    if len(given) != 22:
        raise CheckpointError(f"config.json: bone_lengths has {len(given)} numbers, 22 are needed")
    for joint, length in enumerate(given):
        if length not in _METRES:
            raise CheckpointError(
                f"config.json: bone_lengths[{joint}] is {shown(length)}; valid are {_METRES}"
            )
    return tuple(float(length) for length in given)
