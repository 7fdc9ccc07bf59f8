"""Does this implementation reproduce recorded runs? ``python -m flood_engine parity DIR``.

A folder in the golden format holds ``denoiser_X.json`` with ``_weights.safetensors`` and
``_cases.npz``, the same for ``vae_X``, and ``recover_X.npz``; ``docs/parity.md`` describes it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file

from flood_engine.backends.plain import PlainField, text_context
from flood_engine.errors import DataError
from flood_engine.features import recover_joints
from flood_engine.flood.causal import CausalState
from flood_engine.flood.config import DenoiserConfig, StreamConfig, VaeConfig
from flood_engine.flood.denoiser import Denoiser
from flood_engine.flood.vae import FRAMES_PER_LATENT, CausalVae
from flood_engine.guidance import Guided
from flood_engine.noise import GivenNoise
from flood_engine.stream import LatentStream, Prompt
from flood_engine.window import Schedule

FORWARD_TOLERANCE = 1e-5
STREAM_TOLERANCE = 1e-4


@dataclass(frozen=True, slots=True)
class Comparison:
    """The largest absolute error of one case."""

    case: str
    error: float
    tolerance: float

    @property
    def holds(self) -> bool:
        """Whether the error is within its tolerance (never so for NaN)."""
        return self.error <= self.tolerance


class UpstreamSchedule(Schedule):
    """The reference's schedule with its floating-point truncation, for comparison only.

    ``int`` truncates towards zero, so the first latent leaves the window ``num_steps /
    window_size`` steps early, and rounding moves a few later borders.
    """

    def active_window(self, step: int) -> tuple[int, int]:
        """Return ``[start, end)`` as the reference computes it."""
        time = step * (1 / self.num_steps)
        start = max(0, int(self.window_size * (time - 1)) + 1)
        return start, int(self.window_size * time) + 1


def compare_folder(folder: Path) -> Iterator[Comparison]:
    """Compare every case of a golden folder, yielding each result as it is known.

    Raises:
        DataError: If the folder holds no case.
    """
    found = False
    for path in sorted(folder.glob("*.json")) + sorted(folder.glob("recover_*.npz")):
        kind = path.stem.split("_")[0]
        if kind in _COMPARE:
            found = True
            yield from _COMPARE[kind](path)
    if not found:
        raise DataError(
            f"{folder} holds no golden case: denoiser_*.json, vae_*.json or recover_*.npz"
        )


def _largest(given: Any, wanted: np.ndarray) -> float:
    given = np.asarray(given)
    if given.shape != wanted.shape:
        raise DataError(f"the result has shape {given.shape}, the golden array {wanted.shape}")
    return float(np.abs(given.astype(np.float64) - wanted).max())


def _read(path: Path) -> tuple[dict[str, Any], dict[str, torch.Tensor], Any]:
    weights = load_file(path.with_name(f"{path.stem}_weights.safetensors"))
    cases = np.load(path.with_name(f"{path.stem}_cases.npz"), allow_pickle=False)
    return json.loads(path.read_text()), weights, cases


def _compare_denoiser(path: Path) -> Iterator[Comparison]:
    sizes, weights, cases = _read(path)
    names = ("hidden", "ffn", "freq", "heads", "layers", "text_dim")
    latent_dim = int(cases["forward_latents"].shape[1])
    denoiser = Denoiser(DenoiserConfig(latent_dim, *(sizes[name] for name in names))).eval()
    denoiser.load_state_dict({k.removeprefix("model."): v for k, v in weights.items()})
    prompts = _prompts(denoiser, sizes["texts"], cases)
    yield from _compare_forward(path.stem, denoiser, prompts, cases)
    for name, kind in (("exact", Schedule), ("upstream", UpstreamSchedule)):
        schedule = kind(sizes["chunk_size"], sizes["num_denoise_steps"])
        latents = _run_stream(denoiser, sizes, prompts, cases["stream_noise"], schedule)
        error = _largest(latents, cases[f"stream_latents_{name}"])
        yield Comparison(f"{path.stem} stream ({name} schedule)", error, STREAM_TOLERANCE)


@torch.inference_mode()
def _prompts(denoiser: Denoiser, texts: list[str], cases: Any) -> dict[str, Prompt]:
    prompts = {}
    for number, text in enumerate(texts):
        keys, values = denoiser.read_text(torch.from_numpy(cases[f"text_features_{number}"])[None])
        prompts[text] = Prompt(text, keys[:, 0], values[:, 0])
    return prompts


@torch.inference_mode()
def _compare_forward(
    name: str, denoiser: Denoiser, prompts: dict[str, Prompt], cases: Any
) -> Iterator[Comparison]:
    latents = torch.from_numpy(cases["forward_latents"])[None]
    levels = torch.from_numpy(cases["forward_noise_levels"])[None]
    bound = [prompts[str(text)] for text in cases["forward_frame_text"]]
    for case, row in (("velocity", bound), ("velocity_null", [prompts[""]] * len(bound))):
        velocity = denoiser(latents, levels, text_context([row]))[0]
        error = _largest(velocity, cases[f"forward_{case}"])
        yield Comparison(f"{name} forward {case}", error, FORWARD_TOLERANCE)


def _run_stream(
    denoiser: Denoiser,
    sizes: dict[str, Any],
    prompts: dict[str, Prompt],
    noise: np.ndarray,
    schedule: Schedule,
) -> np.ndarray:
    config = StreamConfig(
        sizes["chunk_size"], sizes["num_denoise_steps"], sizes["seq_len"], sizes["cfg"]
    )
    nothing = prompts[""]
    field = Guided(PlainField(denoiser, config, nothing), config, nothing)
    stream = LatentStream(field, denoiser.config.latent_dim, config, schedule)
    state = stream.start(GivenNoise(noise))
    latents = []
    for call in range(sizes["num_latents"]):
        text = [text for since, text in sizes["prompts"] if since <= call][-1]
        latents.append(stream.commit([state], [prompts[text]])[0].numpy())
    return np.stack(latents)


@torch.inference_mode()
def _compare_vae(path: Path) -> Iterator[Comparison]:
    sizes, weights, cases = _read(path)
    config = VaeConfig(sizes["input_dim"], sizes["z_dim"], sizes["dim"], sizes["dec_dim"])
    vae = CausalVae(config).eval()
    vae.load_state_dict(weights)
    vae.pack()
    features = torch.from_numpy(cases["features"])[None]
    latents = torch.from_numpy(cases["latents"])[None]
    wanted = {"encode": cases["latents"], "decode": cases["decoded"]}
    results = {
        "encode": vae.encode(features)[0],
        "encode latent by latent": _encode_streaming(vae, features),
        "decode": vae.decode(latents),
        "decode latent by latent": _decode_streaming(vae, latents),
    }
    for case, result in results.items():
        error = _largest(result[0], wanted[case.split()[0]])
        yield Comparison(f"{path.stem} {case}", error, FORWARD_TOLERANCE)


def _encode_streaming(vae: CausalVae, features: torch.Tensor) -> torch.Tensor:
    state = CausalState()
    sizes = [1] + [FRAMES_PER_LATENT] * (features.shape[1] // FRAMES_PER_LATENT)
    return torch.cat([vae.encode(chunk, state)[0] for chunk in features.split(sizes, 1)], 1)


def _decode_streaming(vae: CausalVae, latents: torch.Tensor) -> torch.Tensor:
    state = CausalState()
    return torch.cat([vae.decode(latent, state) for latent in latents.split(1, 1)], 1)


def _compare_recovery(path: Path) -> Iterator[Comparison]:
    cases = np.load(path, allow_pickle=False)
    whole, _ = recover_joints(cases["features"])
    yield Comparison(f"{path.stem} whole clip", _largest(whole, cases["joints"]), FORWARD_TOLERANCE)
    state, frames = None, []
    for frame in cases["features"]:
        joints, state = recover_joints(frame[None], state)
        frames.append(joints[0])
    error = _largest(np.stack(frames), cases["joints"])
    yield Comparison(f"{path.stem} frame by frame", error, FORWARD_TOLERANCE)


_COMPARE = {"denoiser": _compare_denoiser, "vae": _compare_vae, "recover": _compare_recovery}
