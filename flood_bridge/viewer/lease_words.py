"""How the lease is told: who steers, and what one's button does."""

from __future__ import annotations

from collections.abc import Mapping

from flood_bridge.viewer.lease import Lease


def who(lease: Lease, person: int, names: Mapping[int, int]) -> str:
    """Return who steers, as ``person`` is told."""
    if lease.owner is None:
        return "nobody steers"
    if lease.owner != person:
        return f"you are Viewer {names[person]} · Viewer {names[lease.owner]} steers"
    others = len(lease.present) - 1
    return "you steer" + (f" · {others} watching" if others else "")


def button(lease: Lease, person: int, names: Mapping[int, int], now_secs: float) -> str:
    """Return what is on the button of ``person``; nothing when there is nothing to press."""
    if lease.owner is None:
        return "Take over"
    if lease.owner == person:
        if lease.waiting:
            return f"Hand over to Viewer {names[lease.waiting[0]]}"
        return "Let go" if len(lease.present) > 1 else ""
    if person in lease.waiting:
        return f"Asked; yours in {lease.patience_left_secs(now_secs):.0f} s at most"
    return "Ask to steer"
