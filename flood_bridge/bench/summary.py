"""Times to figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

Figures: TypeAlias = dict[str, float]


def percentiles_ms(secs: Sequence[float]) -> Figures:
    """Return the median and the slow end of ``secs`` in milliseconds."""
    values = np.percentile(np.asarray(secs) * 1e3, [50, 95, 99])
    return {name: round(float(v), 3) for name, v in zip(("p50", "p95", "p99"), values, strict=True)}


def median_ms(secs: Sequence[float]) -> float:
    """Return the median of ``secs`` in milliseconds."""
    return round(float(np.median(secs)) * 1e3, 4)
