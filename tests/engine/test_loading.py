"""Upstream's folders, checkpoints and Hub repositories load as data; none of it is executed."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import save_file

from flood_engine.errors import CheckpointError
from flood_engine.flood.checkpoint import Model, load_model, read_config, save_model
from flood_engine.flood.config import DenoiserConfig
from flood_engine.flood.denoiser import Denoiser
from flood_engine.flood.sources import BUNDLED, REVISIONS

YAML = """
model:
    target: models.diffusion_forcing_wan_tiny.DiffForcingWanModel
    params:
        model_name: "google/umt5-base"
        num_heads: 4
        noise_steps: 20
        chunk_size: 5
        cfg_scale: 4.5
        text_len: 64
        prediction_type: "vel"
        causal: False
"""


def write_folder(
    folder: Path, model: Model, prefix: str = "", vae_prefix: str = "", yaml: str = YAML
) -> Path:
    """Write a folder as upstream does, with random weights of any size."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, network, start in (
        ("model", model.denoiser, prefix),
        ("vae", model.vae, vae_prefix),
    ):
        tensors = {start + k: v.clone() for k, v in network.state_dict().items()}
        save_file(tensors, folder / f"{name}.safetensors")
    (folder / "config.json").write_text('{"model_type": "ldf", "auto_map": {"AutoModel": "x.Y"}}')
    (folder / "ldf.yaml").write_text(yaml)
    return folder


def assert_same_weights(model: Model, other: Model) -> None:
    for name in ("denoiser", "vae"):
        want, got = (getattr(m, name).state_dict() for m in (model, other))
        assert want.keys() == got.keys()
        assert all(torch.equal(want[key], got[key]) for key in want)


@pytest.mark.parametrize(
    ("prefix", "vae_prefix"), [("", ""), ("model.", "vae."), ("ldf_model.model.", "model.")]
)
def test_upstreams_folder_loads_with_and_without_key_prefixes(
    tmp_path, make_model, prefix, vae_prefix
):
    model = make_model()
    loaded = load_model(write_folder(tmp_path, model, prefix, vae_prefix))
    assert_same_weights(model, loaded)
    assert loaded.config.denoiser == model.config.denoiser
    assert loaded.config.vae == model.config.vae
    stream, text = loaded.config.stream, loaded.config.text
    assert (stream.window_size, stream.num_steps, stream.guidance) == (5, 20, 4.5)
    assert (text.encoder, text.source, text.max_tokens) == ("umt5", "google/umt5-base", 64)
    assert loaded.config.features.heading == "humanml3d"


def test_bones_that_no_body_has_are_replaced_by_the_bundled_models(tmp_path, make_model):
    loaded = load_model(write_folder(tmp_path, make_model()))
    assert loaded.config.bone_lengths == read_config(BUNDLED).bone_lengths


def test_bones_are_measured_on_what_a_vae_decodes_at_rest(tmp_path):
    bundled = load_model()
    folder = write_folder(tmp_path, bundled, yaml=YAML.replace("num_heads: 4", "num_heads: 8"))
    bones = load_model(folder).config.bone_lengths
    assert bones != bundled.config.bone_lengths
    assert bones == pytest.approx(bundled.config.bone_lengths, abs=0.03)


def test_a_text_encoder_in_the_folder_is_preferred(tmp_path, make_model):
    folder = write_folder(tmp_path, make_model())
    (folder / "text_encoder").mkdir()
    (folder / "text_encoder" / "config.json").write_text("{}")
    assert load_model(folder).config.text.source == str(folder / "text_encoder")


def test_a_folder_of_ours_is_not_taken_for_upstreams(tmp_path, make_model):
    model = make_model()
    save_model(model, tmp_path, torch.float32)
    write_folder(tmp_path / "other", model)
    (tmp_path / "ldf.yaml").write_text(YAML)
    assert load_model(tmp_path).config == model.config


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        (YAML.replace('"vel"', '"noise"'), "prediction_type is 'noise'"),
        (YAML.replace("causal: False", "causal: True"), "causal is True"),
        (YAML.replace("noise_steps: 20", "noise_steps: many"), "noise_steps is 'many'"),
        (YAML.replace("noise_steps: 20", "noise_steps: 7"), "multiple of window_size"),
        (YAML.replace("noise_steps: 20", "noise_steps: 10.5"), "a whole number is needed"),
        (YAML.replace("num_heads: 4", "num_heads: 3"), "multiple of heads"),
        (YAML.replace('"google/umt5-base"', "[a, folder]"), "text.source is"),
        ("model: [", "cannot be read as YAML"),
        ("[" * 5000, "cannot be read as YAML"),
        ("- 1", "has no section model"),
        ("model: !!python/object/apply:os.mkdir [evil]", "cannot be read as YAML"),
    ],
)
def test_settings_that_cannot_be_are_refused_by_name(tmp_path, make_model, yaml, message):
    folder = write_folder(tmp_path, make_model(), yaml=yaml)
    with pytest.raises(CheckpointError, match=message):
        load_model(folder)
    assert not Path("evil").exists()


def test_wrong_and_missing_tensors_of_upstreams_are_listed_by_name_and_shape(tmp_path, make_model):
    model = make_model()
    folder = write_folder(tmp_path, model)
    tensors = {f"model.{k}": v for k, v in model.denoiser.state_dict().items()}
    del tensors["model.blocks.1.self_attn.q.bias"]
    tensors["model.blocks.0.norm3.weight"] = torch.zeros(5)
    save_file(tensors, folder / "model.safetensors")
    with pytest.raises(CheckpointError) as caught:
        load_model(folder)
    assert "missing: blocks.1.self_attn.q.bias [32]" in str(caught.value)
    assert "wrong shape: blocks.0.norm3.weight is [5], needed [32]" in str(caught.value)


def test_weights_of_something_else_are_called_that(tmp_path, make_model):
    folder = write_folder(tmp_path, make_model())
    save_file({"lm_head.weight": torch.zeros(2, 2)}, folder / "model.safetensors")
    with pytest.raises(CheckpointError, match="no weights of FloodDiffusion"):
        load_model(folder)


def test_a_half_folder_says_what_it_lacks(tmp_path, make_model):
    folder = write_folder(tmp_path, make_model())
    (folder / "vae.safetensors").unlink()
    with pytest.raises(CheckpointError, match=r"vae\.safetensors is missing"):
        load_model(folder)


def write_checkpoint(path: Path, network: torch.nn.Module, start: str, averaged: bool) -> None:
    state = {start + k: v.clone() for k, v in network.state_dict().items()}
    content = {"state_dict": state, "epoch": 3, "hyper_parameters": {"lr": 1e-3}}
    if averaged:
        shadows = [p.detach() + 1 for p in network.parameters()]
        content["ema_state"] = {"decay": 0.99, "shadow_params": shadows}
    torch.save(content, path)


@pytest.mark.parametrize("averaged", [False, True])
def test_a_lightning_checkpoint_loads_and_its_average_is_preferred(tmp_path, make_model, averaged):
    model = make_model()
    (tmp_path / "ldf.yaml").write_text(YAML)
    write_checkpoint(tmp_path / "step=9.ckpt", model.denoiser, "model.", averaged)
    write_checkpoint(tmp_path / "vae.ckpt", model.vae, "model.", averaged)
    loaded = load_model(tmp_path / "step=9.ckpt")
    for name in ("denoiser", "vae"):
        want = dict(getattr(model, name).named_parameters())
        for key, value in getattr(loaded, name).named_parameters():
            assert torch.equal(value, want[key] + averaged)
    assert torch.equal(loaded.vae.std, model.vae.std)


def test_an_average_of_other_parameters_is_refused(tmp_path, make_model):
    model = make_model()
    write_folder(tmp_path, model)
    state = dict(model.denoiser.state_dict())
    content = {"state_dict": state, "ema_state": {"shadow_params": [torch.zeros(1)]}}
    torch.save(content, tmp_path / "x.ckpt")
    with pytest.raises(CheckpointError, match="ema_state does not fit"):
        load_model(tmp_path / "x.ckpt")


class Evil:
    """What an attacker would put into a checkpoint."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self):
        return os.mkdir, (str(self.target),)


def test_a_checkpoint_that_would_run_code_is_refused_and_runs_none(tmp_path, make_model):
    write_folder(tmp_path, make_model())
    torch.save({"state_dict": {}, "callbacks": Evil(tmp_path / "evil")}, tmp_path / "x.ckpt")
    with pytest.raises(CheckpointError, match="refused: it cannot be read as weights alone"):
        load_model(tmp_path / "x.ckpt")
    assert not (tmp_path / "evil").exists()


def test_a_hub_id_loads_from_the_cache_at_the_pinned_revision(tmp_path, make_model, monkeypatch):
    model = make_model()
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    revision = REVISIONS["FloodDiffusionTiny"]
    cached = tmp_path / "models--AlayaLab--FloodDiffusionTiny" / "snapshots" / revision
    write_folder(cached, model, "model.")
    assert_same_weights(model, load_model("AlayaLab/FloodDiffusionTiny"))


def test_a_hub_id_that_cannot_be_had_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(CheckpointError, match="cannot be had from the Hub"):
        load_model("nobody/nothing")


def test_a_file_of_another_kind_is_refused_with_what_is_valid(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"")
    with pytest.raises(CheckpointError, match=r"\.ckpt of FloodDiffusion, or a Hub id"):
        load_model(tmp_path / "model.onnx")


@pytest.mark.slow
def test_the_full_size_loads_and_reads_texts(tmp_path, make_model):
    full = DenoiserConfig(4, 1024, 2048, 256, 8, 8, 4096)
    folder = write_folder(tmp_path, make_model(), yaml="model: {params: {}}")
    tensors = {f"model.{k}": v.bfloat16() for k, v in Denoiser(full).state_dict().items()}
    save_file(tensors, folder / "model.safetensors")
    loaded = load_model(folder)
    assert loaded.config.denoiser == full
    assert sum(p.numel() for p in loaded.denoiser.parameters()) == 113_718_276
    assert (loaded.config.stream.guidance, loaded.config.text.source) == (6.0, "google/umt5-xxl")
    keys, values = loaded.denoiser.read_text(torch.zeros(1, 3, 4096))
    assert keys.shape == values.shape == (8, 1, 8, 3, 128)
