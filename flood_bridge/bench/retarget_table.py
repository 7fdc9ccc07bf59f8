"""The figures of retargeting as lines to read, each beside its target."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

TARGETS: dict[str, tuple[str, float]] = {
    "keypoint_mm_mean": ("<=", 15.0),
    "keypoint_mm_p95": ("<=", 55.0),
    "position_violations": ("<=", 0.0),
    "speed_violations": ("<=", 0.0),
    "jumps": ("<=", 0.0),
    "slide_m_s_mean": ("<=", 0.03),
    "slide_m_s_p95": ("<=", 0.10),
    "under_floor_mm_p99": ("<=", 5.0),
    "gap_open_share": (">=", 0.999),
    "ms_p50": ("<=", 0.6),
    "ms_p99": ("<=", 2.0),
}
"""What a figure should be; those that are not here have no target."""

_TITLES = {
    "keypoint_mm_mean": "key points off their targets, mean, mm",
    "keypoint_mm_p95": "  95 of 100 frames below, mm",
    "bone_deg_mean": "limb bones off their direction, mean, degrees",
    "margin_rad_min": "smallest distance of a joint to its limit, rad",
    "position_violations": "frames with a joint outside its natural range",
    "speed_violations": "frames with a joint faster than its limit",
    "speed_share_max": "fastest joint, in shares of its limit",
    "speed_rad_s_p999": "joint speed, 999 of 1000 frames below, rad/s",
    "acceleration_rad_s2_p999": "  acceleration, rad/s2",
    "jerk_rad_s3_p999": "  jerk, rad/s3",
    "jumps": "jumps of more than 0.5 rad in 50 ms",
    "slide_m_s_mean": "standing feet slide, mean, m/s",
    "slide_m_s_p95": "  95 of 100 frames below, m/s",
    "under_floor_mm_p99": "soles under the floor, 99 of 100 below, mm",
    "over_floor_mm_p99": "standing soles over the floor, likewise, mm",
    "gap_mm_min": "smallest distance between parts, mm",
    "gap_open_share": "share of frames in which no parts meet",
    "outside_share": "share of frames with the mass beside the soles",
    "ms_p50": "time of a frame, median, ms",
    "ms_p99": "  99 of 100 below, ms",
}


def met(value: float, target: tuple[str, float]) -> bool:
    """Return whether a figure reaches its ``target``."""
    sign, bound = target
    return value <= bound if sign == "<=" else value >= bound


def retarget_lines(figures: dict[str, Any]) -> Iterator[str]:
    """Yield the table of :func:`flood_bridge.bench.retargeting.measure_retargeting`."""
    yield (
        f"{figures['robot']}: {figures['clips']} clips, {figures['frames']} frames at 20 Hz;"
        " targets as asked of the robot, feet not yet locked"
    )
    yield f"{'':48s}{'ours':>11s}{'plain IK':>11s}  target"
    for name, title in _TITLES.items():
        ours, plain = figures["ours"][name], figures["plain"][name]
        yield f"{title:48s}{ours:11.4g}{plain:11.4g}  {_verdict(name, ours)}"
    stuck, starts = figures["cold_starts_stuck"], figures["cold_starts"]
    verdict = "0: met" if not stuck else "0: MISSED"
    yield f"{'cold starts that stay stuck, of ' + str(starts):48s}{stuck:11d}{'':11s}  {verdict}"
    for size, row in figures["batch"].items():
        yield (
            f"{'tick of ' + size + ' characters at once, median, ms':48s}{row['ms_p50']:11.4g}"
            f"{'':11s}  {_compared(row['ms_p50'], ('<=', row['target_ms']))}"
        )
        yield f"{'  one after the other':48s}{row['ms_p50_one_by_one']:11.4g}"


def _verdict(name: str, value: float) -> str:
    target = TARGETS.get(name)
    if target is None:
        return ""
    return _compared(value, target)


def _compared(value: float, target: tuple[str, float]) -> str:
    return f"{target[0]} {target[1]:g}: {'met' if met(value, target) else 'MISSED'}"
