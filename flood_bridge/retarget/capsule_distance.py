"""How far capsules are from one another: the nearest points of many pairs of lines at once.

The nearest points of two segments are found as in Ericson, "Real-Time Collision Detection" (2005),
section 5.1.9: those of the lines, cut to the segments one after the other.
"""

from __future__ import annotations

import numpy as np

_TINY = 1e-12
_PARALLEL = 1e-9
"""Square of the sine of the angle below which two lines have no nearest points of their own."""


def nearest(
    starts: np.ndarray, ends: np.ndarray, others: np.ndarray, other_ends: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return where on each of two segments the other is nearest, as shares in [0, 1].

    Args:
        starts: (..., 3) of the first segments.
        ends: (..., 3)
        others: (..., 3) where the second segments start.
        other_ends: (..., 3)

    Returns:
        Shares of the first and of the second segments, (...) each.
    """
    along, other, between = ends - starts, other_ends - others, starts - others
    a, e = np.vecdot(along, along), np.vecdot(other, other)
    b, c, f = np.vecdot(along, other), np.vecdot(along, between), np.vecdot(other, between)
    determinant = a * e - b * b
    skew = determinant > _PARALLEL * a * e
    s = np.where(
        skew, (b * f - c * e) / np.where(skew, determinant, 1.0), -c / np.maximum(a, _TINY)
    )
    s = np.minimum(np.maximum(s, 0.0), 1.0)
    t = (b * s + f) / np.maximum(e, _TINY)
    cut = np.minimum(np.maximum(t, 0.0), 1.0)
    s = np.where(t == cut, s, (b * cut - c) / np.maximum(a, _TINY))
    return np.minimum(np.maximum(s, 0.0), 1.0), cut
