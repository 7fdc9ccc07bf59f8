"""What does each choice bring? ``python -m flood_engine.training.ablate DATA OUT``.

Every variant is trained on the same streams for as many steps and asked the same requests; what it
leaves in OUT is not made again. The steps are far fewer than those of the bundled model: rows
compare with one another, not with the model card.

``--settings-of MODEL`` tries the settings of a stream that need no training (guidance, denoise
steps, history, noise, emphasis) on a model that is there; ``bundled`` is the shipped one.
"""

from __future__ import annotations

import argparse
import copy
import json
import logging
import math
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

import torch

from flood_engine.backends.choose import choose_backend
from flood_engine.backends.plain import PlainBackend
from flood_engine.engine import FloodEngine
from flood_engine.flood.checkpoint import Model, load_model
from flood_engine.flood.text import load_text_encoder
from flood_engine.flood.vae import CausalVae
from flood_engine.training.dataset import load_dataset
from flood_engine.training.evaluation.obedience import judge_requests
from flood_engine.training.evaluation.requests import CANONICAL, Request, read_requests
from flood_engine.training.latents import encode_streams
from flood_engine.training.mocap import MocapSet
from flood_engine.training.pipeline import (
    Recipe,
    config_of,
    denoiser_on,
    make_streams,
    train_on,
)
from flood_engine.training.reconstruct import compare
from flood_engine.training.stacked_frames import STACKED_SIZE, StackedFrames
from flood_engine.training.streams import Streams

Change = Callable[[Recipe], Recipe]


@dataclass(frozen=True, slots=True)
class Variant:
    """One choice made otherwise."""

    name: str
    change: Change
    vae: Literal["shared", "own", "none"] = "shared"
    """The first variant's VAE, one of its own, or none: frames straight from the denoiser."""


def latents_of(size: int) -> Change:
    """Give latents ``size`` numbers."""

    def change(recipe: Recipe) -> Recipe:
        vae = replace(recipe.vae, sizes=replace(recipe.vae.sizes, latent_dim=size))
        sizes = replace(recipe.denoiser.sizes, latent_dim=size)
        return replace(recipe, vae=vae, denoiser=replace(recipe.denoiser, sizes=sizes))

    return change


def _narrow_vae(recipe: Recipe) -> Recipe:
    sizes = replace(recipe.vae.sizes, encoder_dim=64, decoder_dim=128)
    return replace(recipe, vae=replace(recipe.vae, sizes=sizes))


def window_of(size: int) -> Change:
    """Denoise ``size`` latents together, each in two steps per latent."""

    def change(recipe: Recipe) -> Recipe:
        stream = replace(recipe.stream, window_size=size, num_steps=2 * size)
        return replace(recipe, stream=stream, denoiser=replace(recipe.denoiser, window_size=size))

    return change


def _history_of_50(recipe: Recipe) -> Recipe:
    denoiser = replace(recipe.denoiser, lengths=(10, 18, 26, 38, 50))
    return replace(recipe, stream=replace(recipe.stream, context=50), denoiser=denoiser)


def _no_changes_inside(recipe: Recipe) -> Recipe:
    return replace(recipe, denoiser=replace(recipe.denoiser, interrupt_share=0, rewind_share=0))


def _fewer_text_layers(recipe: Recipe) -> Recipe:
    return replace(recipe, text=replace(recipe.text, layers=3))


VARIANTS = (
    Variant("as shipped: 16 numbers, window 4, history 30", lambda recipe: recipe),
    Variant("4 numbers per latent", latents_of(4), "own"),
    Variant("8 numbers per latent", latents_of(8), "own"),
    Variant("VAE 64 and 128 wide instead of 96 and 256", _narrow_vae, "own"),
    Variant("window 3", window_of(3)),
    Variant("window 5", window_of(5)),
    Variant("history 50", _history_of_50),
    Variant("no prompt changes inside the window", _no_changes_inside),
    Variant("no VAE: frames straight from the denoiser", latents_of(STACKED_SIZE), "none"),
    Variant("three of the text encoder's six layers", _fewer_text_layers),
)
SETTINGS: dict[str, tuple[float, ...]] = {
    "guidance": (1.0, 1.5, 2.0, 2.5, 3.5, 5.0),
    "num_steps": (4, 8, 12, 20),
    "context": (10, 20, 30),
    "noise_scale": (1.0, 1.15, 1.3),
    "emphasis": (1.0, 1.5, 2.0),
}
"""Settings of a stream that need no training, and what is tried."""
_WORDS = {
    "guidance": "guidance",
    "num_steps": "denoise steps",
    "context": "history",
    "noise_scale": "noise",
    "emphasis": "emphasis of new prompts",
}


def ablate(data: Path, out: Path, recipe: Recipe, only: list[str] | None = None) -> dict[str, Any]:
    """Train and measure every variant that ``out`` does not have; return all rows by name."""
    mocap = load_dataset(data)
    streams = make_streams(mocap, recipe)
    out.mkdir(parents=True, exist_ok=True)
    path = out / "ablation.json"
    rows: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    for number, variant in enumerate(VARIANTS):
        if variant.name in rows or (only and str(number) not in only):
            continue
        model = _trained(mocap, streams, out / f"variant_{number}", variant, recipe)
        kept = compare(copy.deepcopy(model.vae).eval(), mocap.split("val"))
        rows[variant.name] = {**kept, **_obedience(model, _requests())}
        path.write_text(json.dumps(rows, indent=2) + "\n")
    return rows


def try_settings(model: Model, requests: list[Request]) -> dict[str, Any]:
    """Return how a model obeys with each of :data:`SETTINGS`, the others being its own."""
    rows = {}
    for setting, values in SETTINGS.items():
        for value in values:
            own = getattr(model.config.stream, setting) == value
            others = {"emphasis": 1.0} if setting == "guidance" and value == 1 else {}
            tried = {setting: type(values[0])(value)} | others
            stream = replace(model.config.stream, **tried)
            changed = replace(model, config=replace(model.config, stream=stream))
            name = f"{_WORDS[setting]} {value:g}{' (its own)' if own else ''}"
            rows[name] = _obedience(changed, requests)
            logging.info("%s: %d of %d", name, rows[name]["obeyed"], rows[name]["asked"])
    return rows


def _requests() -> list[Request]:
    """Return two wordings of each canonical prompt."""
    return [r for i, r in enumerate(read_requests(CANONICAL)) if i % 5 in (1, 3)]


def _trained(
    mocap: MocapSet, streams: Streams, folder: Path, variant: Variant, recipe: Recipe
) -> Model:
    """Train one variant; those that change no VAE share the first one's."""
    changed = variant.change(recipe)
    _share_texts(folder, changed, recipe)
    if variant.vae == "none":
        frames = StackedFrames(streams.features)
        data = streams, encode_streams(frames, streams.features)
        denoiser = denoiser_on(changed, mocap, frames, data, folder)
        return Model(config_of(mocap, changed), denoiser, frames)
    shared = folder.parent / "variant_0" / "vae.ckpt"
    vae = None
    if variant.vae == "shared" and shared.exists():
        vae = CausalVae(changed.vae.sizes)
        vae.load_state_dict(torch.load(shared, map_location="cpu", weights_only=True)["ema"])
    return train_on(mocap, streams, folder, changed, copy.deepcopy(vae))


def _share_texts(folder: Path, changed: Recipe, recipe: Recipe) -> None:
    """Spare a variant the reading of all texts if the first one has read them alike."""
    read = folder.parent / "variant_0" / "texts.npz"
    if changed.text == recipe.text and read.exists() and folder.name != "variant_0":
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(read, folder / "texts.npz")


def _obedience(model: Model, requests: list[Request]) -> dict[str, int]:
    model.denoiser.eval()
    fused = not isinstance(model.vae, StackedFrames)
    backend = choose_backend("eager", "float32") if fused else PlainBackend
    engine = FloodEngine(model, load_text_encoder(model.config.text), backend)
    verdicts = judge_requests(engine, requests, seed=0)
    return {"obeyed": sum(verdict.passed for verdict in verdicts), "asked": len(verdicts)}


def table(rows: dict[str, Any]) -> list[str]:
    """Return the rows as a Markdown table; errors of the VAE only where they were measured."""
    errors = [name for name in ("joints mm", "wrists mm") if all(name in r for r in rows.values())]
    columns = ["choice", *(name.replace(" ", ", ") for name in errors), "obeyed"]
    lines = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    for name, row in rows.items():
        share = f"{row['obeyed'] / row['asked']:.0%} of {row['asked']}"
        lines.append(f"| {' | '.join([name, *(f'{row[e]:.0f}' for e in errors), share])} |")
    return lines


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m flood_engine.training.ablate",
        description=(__doc__ or "").replace("``", ""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "data", type=Path, nargs="?", help="folder of a dataset; see docs/training.md"
    )
    parser.add_argument(
        "out", type=Path, nargs="?", help="folder for the variants and ablation.json"
    )
    parser.add_argument("--settings-of", metavar="MODEL", help="a folder, or bundled; no training")
    parser.add_argument("--vae-steps", type=int, default=600, help="for each VAE")
    parser.add_argument("--denoiser-steps", type=int, default=800, help="for each denoiser")
    parser.add_argument("--streams", type=int, default=3_000, help="stitched training streams")
    parser.add_argument("--only", nargs="+", metavar="N", help="numbers of variants, from 0")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    torch.set_num_threads(options.threads)
    if options.settings_of:
        model = load_model(options.settings_of)
        print("\n".join(table(try_settings(model, _requests()))))  # noqa: T201
        return
    if options.data is None or options.out is None:
        parser.error("DATA and OUT are needed, or --settings-of")
    recipe = short_recipe(options.streams, options.vae_steps, options.denoiser_steps)
    rows = ablate(options.data, options.out, recipe, options.only)
    print("\n".join(table(rows)))  # noqa: T201


def short_recipe(streams: int, vae_steps: int, denoiser_steps: int) -> Recipe:
    """Return the shipped recipe, shorter: no own streams, the decoder not tuned alone."""
    recipe = Recipe(streams=streams)

    def of_steps(part: Any, steps: int) -> Any:
        return replace(part, loop=replace(part.loop, steps=steps, minutes=math.inf))

    return replace(
        recipe,
        vae=of_steps(recipe.vae, vae_steps),
        denoiser=of_steps(recipe.denoiser, denoiser_steps),
        own=replace(recipe.own, after=1.0),
        tuning=of_steps(recipe.tuning, 1),
    )


if __name__ == "__main__":
    main()
