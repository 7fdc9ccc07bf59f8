"""Refuses frames with numbers that are not: a receiver would carry them into its scene."""

from __future__ import annotations

import numpy as np

from flood_bridge.errors import ProtocolError
from flood_bridge.motion.frames import Frame

_MOST_SQUARED = 1e30
"""Of all numbers of a frame; a single float32 could hold more, but no scene is that large."""


def require_finite(values: np.ndarray, frame: Frame) -> None:
    """Raise if one of ``values``, those of ``frame``, is infinite, none at all, or monstrous.

    Raises:
        ProtocolError: Naming the frame.
    """
    # A sum of squares is finite only if all its terms are; it is also the fastest test.
    if not np.vdot(values, values) < _MOST_SQUARED:  # false for what is not a number, too
        raise ProtocolError(
            f"frame {frame.sequence} of character {frame.character} has numbers that are not finite"
        )
