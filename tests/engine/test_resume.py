"""A training goes on where it was left, on whatever device it goes on."""

from pathlib import Path

import pytest
import torch
from torch import nn

from flood_engine.training.loop import Loop, LoopConfig

CUDA = pytest.mark.skipif(not torch.cuda.is_available(), reason="PyTorch sees no NVIDIA GPU")


def loop_of(folder: Path, device: str = "cpu") -> Loop:
    torch.manual_seed(0)
    module = nn.Sequential(nn.Linear(20, 20), nn.Linear(20, 3)).to(device)
    return Loop(module, LoopConfig(steps=6, warmup_steps=1), folder, "net")


def train(loop: Loop, steps: int) -> None:
    device = next(loop.module.parameters()).device
    for _ in range(steps):
        x = torch.randn(8, 20, generator=loop.rng).to(device)
        loop._update(loop.module(x).square().mean())


def saved_on(folder: Path, device: str, monkeypatch: pytest.MonkeyPatch) -> Loop:
    """Write a checkpoint whose tensors say that they were on ``device``."""
    loop = loop_of(folder)
    train(loop, 3)
    with monkeypatch.context() as patched:
        patched.setattr(torch.serialization, "location_tag", lambda storage: device)
        loop.save()
    return loop


def test_a_checkpoint_of_another_device_goes_on_bit_for_bit(tmp_path, monkeypatch):
    written = saved_on(tmp_path, "cuda:7", monkeypatch)
    loop = loop_of(tmp_path)
    assert loop.resume()
    train(written, 3)
    train(loop, 3)
    for name, value in written.module.state_dict().items():
        assert torch.equal(value, loop.module.state_dict()[name]), name
        assert torch.equal(written.ema.values[name], loop.ema.values[name]), name


@pytest.mark.filterwarnings("ignore:.*no-op:UserWarning")  # that device holds no numbers
def test_the_averages_lie_where_the_module_lies(tmp_path, monkeypatch):
    saved_on(tmp_path, "cpu", monkeypatch)
    loop = loop_of(tmp_path, "meta")
    assert loop.resume()
    assert {value.device.type for value in loop.ema.values.values()} == {"meta"}
    assert loop.rng.device.type == "cpu"


@pytest.mark.gpu
@CUDA
def test_a_training_moves_to_a_gpu_and_back(tmp_path):
    for device in ("cpu", "cuda", "cpu"):
        loop = loop_of(tmp_path, device)
        loop.resume()
        train(loop, 2)
        loop.save()
    assert loop.step == 6
