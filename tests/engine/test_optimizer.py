"""The optimizer moves matrices along all their directions alike, and everything else as AdamW."""

from copy import deepcopy

import pytest
import torch
from torch import nn

from flood_engine.training.optimizer import Optimizer


class Net(nn.Module):
    """A convolution's weight, a bias and a thin matrix."""

    def __init__(self) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(1)
        self.wide = nn.Parameter(torch.randn(24, 20, 3, generator=generator))
        self.bias = nn.Parameter(torch.zeros(24))
        self.thin = nn.Parameter(torch.randn(4, 30, generator=generator))


def push(net: Net, generator: torch.Generator) -> None:
    for parameter in net.parameters():
        parameter.grad = torch.randn(parameter.shape, generator=generator)


def test_a_convolution_moves_along_all_its_directions_alike():
    net, generator = Net(), torch.Generator().manual_seed(2)
    before = net.wide.detach().clone()
    optimizer = Optimizer(net, matrix_rate=0.1, rate=1e-3)
    push(net, generator)
    assert net.wide.grad is not None
    net.wide.grad[:, :2] *= 50  # a gradient that points almost only two ways
    optimizer.step(1.0)
    pace = torch.linalg.svdvals((net.wide.detach() - before).flatten(1)) / 0.1
    assert pace.min() > 0.3
    assert pace.max() < 1.5


def test_the_rest_moves_by_its_own_rate():
    net, generator = Net(), torch.Generator().manual_seed(2)
    thin = net.thin.detach().clone()
    optimizer = Optimizer(net, matrix_rate=0.1, rate=1e-3)
    push(net, generator)
    optimizer.step(0.5)
    assert net.bias.detach().abs().max() == pytest.approx(5e-4, rel=1e-3)
    assert (net.thin.detach() - thin).abs().max() == pytest.approx(5e-4, rel=1e-3)


def test_without_a_matrix_rate_everything_is_left_to_adamw():
    net, generator = Net(), torch.Generator().manual_seed(2)
    before = net.wide.detach().clone()
    optimizer = Optimizer(net, matrix_rate=0.0, rate=1e-3)
    push(net, generator)
    optimizer.step(1.0)
    assert (net.wide.detach() - before).abs().max() == pytest.approx(1e-3, rel=1e-3)


def test_a_restored_optimizer_takes_the_same_next_step():
    nets, optimizers = [Net(), Net()], []
    for net in nets:
        optimizers.append(Optimizer(net, matrix_rate=0.05, rate=1e-2))
    generator = torch.Generator().manual_seed(3)
    push(nets[0], generator)
    optimizers[0].step(1.0)
    nets[1].load_state_dict(nets[0].state_dict())
    optimizers[1].load_state_dict(deepcopy(optimizers[0].state_dict()))
    for net, optimizer in zip(nets, optimizers, strict=True):
        push(net, torch.Generator().manual_seed(4))
        optimizer.step(1.0)
    for name, value in nets[0].state_dict().items():
        assert torch.equal(value, nets[1].state_dict()[name]), name


def test_cleared_gradients_are_gone():
    net = Net()
    push(net, torch.Generator())
    Optimizer(net, 0.1, 0.1).clear()
    assert all(parameter.grad is None for parameter in net.parameters())
