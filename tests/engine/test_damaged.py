"""A damaged file of weights is refused as such, whatever makes PyTorch stumble over it."""

import io
import pickle
import random
import zipfile

import pytest
import torch

from flood_engine.errors import CheckpointError
from flood_engine.flood.checkpoint import fill
from flood_engine.flood.tensors import read_tensors


def saved(content, **kind) -> bytes:
    file = io.BytesIO()
    torch.save(content, file, **kind)
    return file.getvalue()


def empty_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a", "b")
    return file.getvalue()


GOOD = {"state_dict": {"a": torch.zeros(3), "b.c": torch.ones(2, 2)}}
FORMATS = [saved(GOOD), saved(GOOD, _use_new_zipfile_serialization=False)]


@pytest.fixture
def refused(tmp_path):
    """Return a function that says why a content is refused, "" if it is not."""

    def reason(content: bytes) -> str:
        (tmp_path / "x.ckpt").write_bytes(content)
        try:
            read_tensors(tmp_path / "x.ckpt")
        except CheckpointError as error:
            return str(error)
        return ""

    return reason


@pytest.mark.parametrize("content", FORMATS, ids=["zip", "legacy"])
def test_a_file_with_any_bytes_changed_loads_or_is_refused(refused, content):
    rng, reasons = random.Random(1), set[str]()
    for _ in range(300):
        damaged = bytearray(content)
        for _ in range(rng.randint(1, 4)):
            damaged[rng.randrange(len(damaged))] = rng.randrange(256)
        if rng.random() < 0.2:
            damaged = damaged[: rng.randrange(len(damaged))]
        reasons.add(refused(bytes(damaged)))
    assert len(reasons) > 5
    assert all("\n" not in reason for reason in reasons)


@pytest.mark.parametrize(
    "content",
    [b"", b"hello world\n", pickle.dumps(5), pickle.dumps({"a": 1}), empty_zip()],
    ids=["empty", "text", "number", "pickle", "zip"],
)
def test_what_is_no_checkpoint_is_refused(refused, content):
    assert "x.ckpt" in refused(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"state_dict": {1: torch.zeros(3)}}, "not called by names"),
        ({1: torch.zeros(3)}, "not called by names"),
        ({"state_dict": {"a": torch.zeros(3).to_sparse()}}, "no state_dict of tensors"),
        ({"state_dict": {"a": torch.zeros(3, device="meta")}}, "no state_dict of tensors"),
        ({"state_dict": {"a": 5}}, "no state_dict of tensors"),
        (GOOD | {"ema_state": {"shadow_params": [torch.zeros(3).to_sparse()] * 2}}, "does not fit"),
        (GOOD | {"ema_state": {"shadow_params": {0: torch.zeros(3)}}}, "does not fit"),
    ],
)
def test_what_is_no_table_of_plain_tensors_by_name_is_refused(refused, content, message):
    assert message in refused(saved(content))


def test_a_whole_file_is_not_refused(refused):
    assert [refused(content) for content in FORMATS] == ["", ""]


@pytest.mark.parametrize("kind", [torch.int8, torch.complex64, torch.bool])
def test_weights_that_are_no_floating_point_numbers_are_named(make_model, kind):
    model = make_model()
    tensors = model.denoiser.state_dict()
    tensors["head.head.bias"] = torch.zeros(4, dtype=kind)
    with pytest.raises(CheckpointError, match=f"not floating-point but {kind}: head.head.bias"):
        fill(model.denoiser, tensors)


def test_a_checkpoint_of_another_precision_is_taken(make_model):
    model = make_model()
    tensors = {name: value.double() for name, value in model.denoiser.state_dict().items()}
    fill(model.denoiser, tensors | {"head.head.bias": torch.ones(4, dtype=torch.float8_e4m3fn)})
    assert torch.equal(model.denoiser.head.head.bias, torch.ones(4))
