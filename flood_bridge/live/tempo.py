"""Rates and times that generation goes by."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """Rates and times that generation goes by."""

    rate_hz: int
    """Frames played per second."""
    min_lead_secs: float
    """Least that an interrupt leaves in the queue."""
