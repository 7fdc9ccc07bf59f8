"""What a model can be is checked field by field when it is loaded, whatever stands in its file."""

import json
from dataclasses import fields, replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from flood_engine.engine import FloodEngine
from flood_engine.errors import CheckpointError
from flood_engine.flood.checkpoint import BUNDLED, load_model, read_config, save_model
from flood_engine.flood.config import MAX_LATENTS, ModelConfig, StreamConfig, TextConfig

NAN = float("nan")
SECTIONS = ("denoiser", "vae", "stream", "text", "features")
CONTENT = json.loads((BUNDLED / "config.json").read_text())

REFUSED = [
    ("stream", "guidance", NAN, "stream.guidance is nan; valid are numbers from 0 to 100"),
    ("stream", "guidance", -1e30, "stream.guidance is -1e"),
    ("stream", "guidance", None, "stream.guidance is None"),
    ("stream", "window_size", "4", "stream.window_size is '4'; valid are whole numbers from 1"),
    ("stream", "window_size", 4.0, "stream.window_size is 4.0"),
    ("stream", "window_size", 3, "stream: num_steps must be a positive multiple of window_size"),
    (
        "stream",
        "context",
        MAX_LATENTS + 1,
        "context is 1025; valid are whole numbers from 1 to 1024",
    ),
    ("stream", "context", 12.5, "stream.context is 12.5"),
    ("stream", "emphasis", "2", "stream.emphasis is '2'"),
    ("stream", "emphasis_latents", 1.5, "stream.emphasis_latents is 1.5"),
    ("stream", "noise_scale", [1], "stream.noise_scale is [1]"),
    ("denoiser", "heads", 0, "denoiser.heads is 0; valid are whole numbers from 1"),
    ("denoiser", "heads", True, "denoiser.heads is True"),
    ("denoiser", "layers", 0, "denoiser.layers is 0"),
    ("denoiser", "hidden", 10**7, "denoiser.hidden is 10000000"),
    ("denoiser", "freq", 33, "denoiser.freq is 33; valid are even numbers"),
    ("vae", "feature_dim", 200, "vae.feature_dim is 200; valid is 263"),
    ("vae", "decoder_dim", 0, "decoder_dim must be 1 or more"),
    ("text", "encoder", "clip", "text.encoder is 'clip'; valid are 'minilm' and 'umt5'"),
    ("text", "encoder", ["umt5"], "text.encoder is ['umt5']"),
    ("text", "source", 5, "text.source is 5"),
    ("text", "source", "x" * 5000, "valid are texts of up to 4096 characters"),
    ("text", "max_tokens", 10**6, "text.max_tokens is 1000000"),
    ("text", "layers", -1, "text.layers is -1"),
    ("features", "heading", "sideways", "features.heading is 'sideways'"),
    ("features", "frame_rate_hz", 0, "features.frame_rate_hz is 0; valid are numbers from 1"),
    ("features", "frame_rate_hz", NAN, "features.frame_rate_hz is nan"),
]


def changed(section: str, name: str, value) -> dict:
    return CONTENT | {section: CONTENT[section] | {name: value}}


@pytest.mark.parametrize(("section", "name", "value", "message"), REFUSED)
def test_a_value_that_no_model_can_have_is_refused_by_name(section, name, value, message):
    with pytest.raises(CheckpointError) as caught:
        ModelConfig.from_json(changed(section, name, value))
    assert message in str(caught.value)
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("lengths", "message"),
    [
        (5, "bone_lengths is 5; a list of 22 numbers is needed"),
        (None, "bone_lengths is None"),
        ("x" * 22, "a list of 22 numbers"),
        ([0.2] * 21, "bone_lengths has 21 numbers"),
        ([0.2] * 21 + [NAN], "bone_lengths[21] is nan; valid are numbers from 0 to 10"),
        ([0.2, -0.2] + [0.2] * 20, "bone_lengths[1] is -0.2"),
        (["x"] * 22, "bone_lengths[0] is 'x'"),
    ],
)
def test_bones_that_no_body_has_are_refused(lengths, message):
    with pytest.raises(CheckpointError) as caught:
        ModelConfig.from_json(CONTENT | {"bone_lengths": lengths})
    assert message in str(caught.value)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
named = [(name, field) for name in SECTIONS for field in CONTENT[name]]


@given(st.sampled_from(named), anything)
def test_whatever_a_field_holds_the_configuration_is_whole_or_refused(field, value):
    section, name = field
    try:
        config = ModelConfig.from_json(changed(section, name, value))
    except CheckpointError:
        return
    assert type(value) in (int, float, str)
    assert getattr(getattr(config, section), name) == value


@given(anything, st.sampled_from([*SECTIONS, "bone_lengths", "format"]))
def test_whatever_a_section_holds_the_configuration_is_whole_or_refused(value, section):
    try:
        ModelConfig.from_json(CONTENT | {section: value})
    except CheckpointError:
        return
    assert value == {} or value == CONTENT[section]


def test_every_field_says_what_is_valid():
    config = read_config(BUNDLED)
    for section in SECTIONS:
        assert all("valid" in field.metadata for field in fields(getattr(config, section)))


def test_a_valid_configuration_is_what_stands_in_the_file():
    config = ModelConfig.from_json(CONTENT)
    for section in SECTIONS:
        for name, value in CONTENT[section].items():
            assert getattr(getattr(config, section), name) == value
    assert list(config.bone_lengths) == CONTENT["bone_lengths"]
    assert ModelConfig.from_json(changed("stream", "guidance", 2)).stream.guidance == 2
    assert ModelConfig.from_json(CONTENT | {"bone_lengths": [0] * 22}).bone_lengths == (0.0,) * 22


def test_the_largest_context_fits_the_table_of_rotations(make_model):
    model = make_model(context=MAX_LATENTS)
    assert len(model.denoiser.rotary_cos) == MAX_LATENTS


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_a_file_nested_without_end_is_refused(tmp_path, opening):
    (tmp_path / "config.json").write_text(opening * 200_000)
    with pytest.raises(CheckpointError, match="is not JSON"):
        read_config(tmp_path)


def test_a_schedule_that_cannot_be_is_an_error_of_the_model():
    with pytest.raises(CheckpointError, match="multiple of window_size, not 10 and 3"):
        StreamConfig(3, 10)


@pytest.mark.parametrize(("shape", "found"), [((3, 99), 99), ((12,), 12)])
def test_a_text_encoder_of_another_width_is_refused_at_once(make_model, shape, found):
    with pytest.raises(CheckpointError, match=rf"tokens of {found} numbers.* reads 12"):
        FloodEngine(make_model(), lambda text: torch.zeros(shape))


@pytest.mark.parametrize("bad", [NAN, float("inf"), -float("inf")])
def test_weights_that_are_not_finite_are_named(tmp_path, make_model, bad):
    model = make_model()
    model.denoiser.head.head.bias[1] = bad
    save_model(model, tmp_path)
    with pytest.raises(CheckpointError, match=r"not finite: head\.head\.bias"):
        load_model(tmp_path)


def test_a_folder_with_another_text_source_loads(tmp_path, make_model):
    model = make_model()
    config = replace(model.config, text=TextConfig("umt5", "some/where", 512))
    save_model(replace(model, config=config), tmp_path)
    assert load_model(tmp_path).config == config
