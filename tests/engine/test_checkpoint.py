"""A model folder goes out and comes back; what does not fit is listed, and no code is run."""

import json

import pytest
import torch

from flood_engine.errors import CheckpointError
from flood_engine.flood.checkpoint import fill, load_model, read_config, save_model


def test_a_saved_model_comes_back_with_its_numbers(tmp_path, make_model):
    model = make_model()
    save_model(model, tmp_path, torch.float32)
    again = load_model(tmp_path)
    assert again.config == model.config
    for name in ("denoiser", "vae"):
        want, got = (getattr(m, name).state_dict() for m in (model, again))
        assert all(torch.equal(want[key], got[key]) for key in want)


def test_half_precision_on_disk_is_single_precision_in_use(tmp_path, make_model):
    save_model(make_model(), tmp_path)
    again = load_model(tmp_path)
    assert {p.dtype for p in again.denoiser.parameters()} == {torch.float32}


def test_upstreams_prefix_is_accepted(make_model):
    model = make_model()
    tensors = {f"model.{k}": v + 1 for k, v in model.denoiser.state_dict().items()}
    fill(model.denoiser, tensors)
    assert torch.equal(model.denoiser.head.head.bias, tensors["model.head.head.bias"])


def test_missing_unexpected_and_wrongly_shaped_tensors_are_all_listed(make_model):
    model = make_model()
    tensors = dict(model.denoiser.state_dict())
    del tensors["head.head.bias"]
    tensors["surprise"] = torch.zeros(1)
    tensors["head.modulation"] = torch.zeros(1, 3, 32)
    with pytest.raises(CheckpointError) as caught:
        fill(model.denoiser, tensors)
    for line in (
        "missing: head.head.bias",
        "unexpected: surprise",
        "wrong shape: head.modulation is [1, 3, 32], needed [1, 2, 32]",
    ):
        assert line in str(caught.value)


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        ({"format": "other/9"}, "other/9"),
        ({"denoiser": {"hidden": 33}}, "even multiple"),
        ({"denoiser": {"depth": 3}}, "depth"),
        ({"bone_lengths": [1.0]}, "bone_lengths has 1 numbers"),
        ({"vae": {"latent_dim": 9}}, "latent numbers"),
        ({"stream": {"context": 2}}, "must hold the window"),
        ({"text": None}, "no section 'text'"),
    ],
)
def test_a_wrong_configuration_says_what_is_wrong(tmp_path, make_model, edit, message):
    content = make_model().config.to_json() | edit
    (tmp_path / "config.json").write_text(json.dumps(content))
    with pytest.raises(CheckpointError, match=message):
        read_config(tmp_path)


def test_a_folder_without_a_model_is_named(tmp_path):
    with pytest.raises(CheckpointError, match="is no model folder"):
        load_model(tmp_path / "absent")


def test_a_pickle_in_place_of_weights_is_refused(tmp_path, make_model):
    model = make_model()
    save_model(model, tmp_path)
    torch.save(model.vae.state_dict(), tmp_path / "vae.safetensors")
    with pytest.raises(CheckpointError, match=r"vae\.safetensors cannot be read"):
        load_model(tmp_path)
