"""The sizes and settings of a model, as they stand in its ``config.json``."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Literal, TypeVar

from flood_engine.errors import CheckpointError
from flood_engine.window import STEP_COUNTS, Schedule

FORMAT = "flood-engine/1"

Section = TypeVar("Section")


@dataclass(frozen=True, slots=True)
class DenoiserConfig:
    """Sizes of the denoiser; the defaults are upstream's "tiny"."""

    latent_dim: int = 4
    hidden: int = 256
    ffn: int = 1024
    freq: int = 64
    heads: int = 8
    layers: int = 8
    text_dim: int = 768

    def __post_init__(self) -> None:
        if self.hidden % self.heads or (self.hidden // self.heads) % 2:
            raise CheckpointError(
                f"hidden ({self.hidden}) must be an even multiple of heads ({self.heads})"
            )


@dataclass(frozen=True, slots=True)
class VaeConfig:
    """Sizes of the causal VAE; the defaults are upstream's."""

    feature_dim: int = 263
    latent_dim: int = 4
    encoder_dim: int = 160
    decoder_dim: int = 512


NOISE_SCALES = (0.5, 2.0)
"""Within which a model's noise may be scaled; beyond it nothing like the data comes out."""

MAX_EMPHASIS = 4.0


@dataclass(frozen=True, slots=True)
class StreamConfig:
    """How latents are denoised while the window slides."""

    window_size: int = 5
    num_steps: int = 10
    context: int = 30
    """Latents that the denoiser sees, active window included (upstream: ``seq_len``)."""
    guidance: float = 5.0
    """Classifier-free guidance scale g: v = g v(text) - (g - 1) v(empty text)."""
    noise_scale: float = 1.0
    """Standard deviation of the noise from which latents start (upstream: 1).

    Few Euler steps take a little of the data's spread away, latent upon latent, so that a dance
    calms down; starting from a little more gives it back, as more steps would, at no cost.
    """

    emphasis: float = 1.0
    """How many times the guidance is for the first latents under another text (upstream: 1)."""
    emphasis_latents: int = 4
    """How many latents those are."""

    def __post_init__(self) -> None:
        _ = self.schedule
        if not (0 <= self.emphasis <= MAX_EMPHASIS and self.emphasis_latents >= 1):
            raise CheckpointError(
                f"emphasis is {self.emphasis} for {self.emphasis_latents} latents; valid are 0 to"
                f" {MAX_EMPHASIS:g} for 1 or more"
            )
        if self.emphasis != 1 and self.guidance == 1:
            raise CheckpointError(
                f"emphasis is {self.emphasis}; with a guidance of 1 there is nothing to emphasise"
            )
        if not NOISE_SCALES[0] <= self.noise_scale <= NOISE_SCALES[1]:
            low, high = NOISE_SCALES
            raise CheckpointError(
                f"noise_scale is {self.noise_scale}; valid are numbers from {low} to {high}"
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

    encoder: Literal["minilm", "umt5"] = "minilm"
    source: str = ""
    """Folder or Hub id of the encoder; empty means the one that is installed with us."""
    max_tokens: int = 32
    layers: int = 0
    """How many of the encoder's layers are run; 0 is all of them."""


@dataclass(frozen=True, slots=True)
class FeatureConfig:
    """What the 263 numbers of one frame mean for this model."""

    heading: Literal["humanml3d", "clean"] = "humanml3d"
    frame_rate_hz: float = 20.0


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

    def to_json(self) -> dict[str, Any]:
        """Return the content of ``config.json``."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_json(cls, content: dict[str, Any]) -> ModelConfig:
        """Read the content of ``config.json``.

        Raises:
            CheckpointError: If the format, a section or a field is unknown or missing.
        """
        if content.get("format") != FORMAT:
            raise CheckpointError(
                f"config.json has the format {content.get('format')!r}; known is {FORMAT!r}"
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
            f"config.json: {name} has unknown fields {unknown}; known: {sorted(known)}"
        )
    return kind(**given)


def _bone_lengths(content: dict[str, Any]) -> tuple[float, ...]:
    lengths = tuple(float(x) for x in content.get("bone_lengths", ()))
    if len(lengths) != 22:
        raise CheckpointError(
            f"config.json: bone_lengths has {len(lengths)} numbers, 22 are needed"
        )
    return lengths
