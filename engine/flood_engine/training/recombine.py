"""Bodies that nobody recorded: the legs and trunk of one motion with the arms of another.

The recordings show few arm movements on few gaits, and a VAE that sees only these learns arms and
legs as one.  Hung on the shoulders of another motion, with the direction each bone has in the
heading frame, the same arms make it learn the two apart.  Such motion trains the VAE only; the
denoiser never sees it, as no sentence fits it.
"""

from __future__ import annotations

import numpy as np

from flood_engine.features import HEIGHT, POSITIONS, ROT6D
from flood_engine.features_encode import clean_rotations
from flood_engine.training.stitching import refresh_steps

_ARMS = {"left": (16, 18, 20), "right": (17, 19, 21)}


def swap_arms(features: np.ndarray, donor: np.ndarray, sides: tuple[str, ...]) -> np.ndarray:
    """Return (T, 263) ``features`` with the arms of ``donor`` (T, 263) on the given sides.

    Args:
        features: The body, trunk and legs.
        donor: Motion of equal length that lends its arms.
        sides: ``"left"``, ``"right"`` or both.
    """
    body, lent = _joints(features), _joints(donor)
    for side in sides:
        shoulder, *rest = _ARMS[side]
        body[:, rest] = body[:, shoulder, None] + lent[:, rest] - lent[:, shoulder, None]
    swapped = features.astype(np.float32)
    swapped[:, POSITIONS] = body[:, 1:].reshape(len(body), -1)
    swapped[:, ROT6D] = clean_rotations(body)
    refresh_steps(swapped)
    return swapped


def recombine(features: np.ndarray, count: int, rng: np.random.Generator) -> np.ndarray:
    """Return ``count`` streams made of (N, T, 263) streams, each with one or two arms swapped."""
    made = np.empty((count, *features.shape[1:]), dtype=features.dtype)
    choices = (("left",), ("right",), ("left", "right"))
    for row in range(count):
        body, donor = rng.integers(len(features), size=2)
        sides = choices[int(rng.integers(len(choices)))]
        made[row] = swap_arms(features[body], features[donor], sides)
    return made


def _joints(features: np.ndarray) -> np.ndarray:
    """Return (T, 22, 3) joints in the heading frame, the root over the origin."""
    joints = np.zeros((len(features), 22, 3))
    joints[:, 0, 1] = features[:, HEIGHT]
    joints[:, 1:] = features[:, POSITIONS].reshape(len(features), 21, 3)
    return joints
