"""How far decoded features are from the truth, weighted by what the eye sees.

Upstream compares normalised features evenly, so that the three numbers of the root count 3 of 263
and feet slide. Here groups have weights, and the world-frame step of every joint, which couples
root, yaw and pose, is compared as well, the feet's four times; and so are the lengths of the bones.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from flood_engine.features import (
    CONTACTS,
    FEATURE_SIZE,
    HEIGHT,
    POSITIONS,
    ROOT_XZ,
    ROOT_YAW,
    ROT6D,
    VELOCITIES,
)
from flood_engine.humanml import PARENTS

_FEET = (7, 8, 10, 11)
_FOREARMS = (18, 19)
_HANDS = (20, 21)
_STEP_UNIT = 1 / 0.03  # metres per frame that count as much as one standard deviation
_BONE_UNIT = 1 / 0.02  # metres likewise


@dataclass(frozen=True, slots=True)
class LossShape:
    """What counts how much."""

    positions: float = 4.0
    """Weight of the joint positions."""
    hands: float = 2.0
    """How much more the wrists count than other joints; the elbows half as much more."""
    beta: float = 0.5
    """Below this error (in standard deviations) the loss is quadratic: smaller is sharper."""
    steps: float = 0.5
    """Weight of the world-frame steps beside the features."""
    bones: float = 0.5
    """Weight of the bones' lengths beside the features."""


def group_weights(shape: LossShape) -> Tensor:
    """Return the weight of each of the 263 normalised numbers."""
    weights = torch.ones(FEATURE_SIZE)
    weights[ROOT_YAW] = weights[ROOT_XZ] = 15.0
    weights[HEIGHT] = 12.0
    weights[POSITIONS] = shape.positions
    for joints, more in ((_FOREARMS, (1 + shape.hands) / 2), (_HANDS, shape.hands)):
        for joint in joints:
            start = POSITIONS.start + 3 * (joint - 1)
            weights[start : start + 3] *= more
    weights[ROT6D] = 0.25
    weights[VELOCITIES] = 0.5
    weights[VELOCITIES.start : VELOCITIES.start + 3] = 4.0
    weights[CONTACTS] = 0.5
    return weights


def world_steps(features: Tensor) -> Tensor:
    """Return the step of each joint, [B, T - 1, 22, 3] metres, in the next frame's heading."""
    places = _places(features)
    now, after = places[:, :-1], places[:, 1:]
    angle = 2 * features[:, :-1, ROOT_YAW, None]
    cos, sin = angle.cos(), angle.sin()
    turned = torch.stack(
        (cos * now[..., 0] + sin * now[..., 2], now[..., 1], cos * now[..., 2] - sin * now[..., 0]),
        -1,
    )
    x, z = features[:, :-1, ROOT_XZ].unbind(-1)
    travelled = torch.stack((x, torch.zeros_like(x), z), -1)[..., None, :]
    return after - turned + travelled


def bone_losses(decoded: Tensor, lengths: Tensor, mean: Tensor, std: Tensor) -> Tensor:
    """Compare the lengths of the 21 bones in normalised features [B, T, 263] with ``lengths``.

    Args:
        decoded: Features.
        lengths: [..., 21] metres.
        mean: [263] of the normalisation.
        std: [263] likewise.
    """
    found = bones_of(decoded * std + mean)
    wanted = lengths.expand_as(found)
    return functional.smooth_l1_loss(found * _BONE_UNIT, wanted * _BONE_UNIT, beta=0.5)


def bones_of(features: Tensor) -> Tensor:
    """Return the lengths [..., 21] in metres of the bones to all joints but the root."""
    places = _places(features)
    return torch.linalg.vector_norm(places[..., 1:, :] - places[..., list(PARENTS[1:]), :], dim=-1)


def _places(features: Tensor) -> Tensor:
    """Return joints [..., 22, 3] above the root's own spot of the floor, in its heading."""
    flat = features[..., POSITIONS].unflatten(-1, (-1, 3))
    height = features[..., HEIGHT]
    zero = torch.zeros_like(height)
    return torch.cat((torch.stack((zero, height, zero), -1)[..., None, :], flat), -2)


def feature_losses(
    decoded: Tensor, truth: Tensor, mean: Tensor, std: Tensor, shape: LossShape
) -> dict[str, Tensor]:
    """Compare normalised features [B, T, 263].

    Returns:
        ``features`` (weighted SmoothL1), ``steps`` (world-frame joint steps, SmoothL1), ``bones``
        (lengths, SmoothL1), and ``reconstruction``, their weighted sum.
    """
    errors = functional.smooth_l1_loss(decoded, truth, beta=shape.beta, reduction="none")
    weights = group_weights(shape).to(truth)
    steps = world_steps(decoded * std + mean) * _STEP_UNIT
    steps_truth = world_steps(truth * std + mean) * _STEP_UNIT
    step_errors = functional.smooth_l1_loss(steps, steps_truth, beta=0.5, reduction="none")
    joint_weights = torch.ones(22, 1, device=truth.device)
    joint_weights[list(_FEET)] = 4.0
    features = (errors * weights).mean()
    world = (step_errors * joint_weights).mean()
    bones = bone_losses(decoded, bones_of(truth * std + mean), mean, std)
    return {
        "features": features,
        "steps": world,
        "bones": bones,
        "reconstruction": features + shape.steps * world + shape.bones * bones,
    }
