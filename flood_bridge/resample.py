"""From the model's 20 poses per second to the stream's rate, without added delay.

Between two poses every joint follows a cubic Hermite curve. Its slope at a pose is the mean of
the step behind and the step ahead, as in Catmull and Rom's spline ("A class of local
interpolating splines", 1974); the step ahead is not waited for but taken from the velocity the
model predicts with each frame. A pose is therefore passed on in the very call that brings it.

At another speed the same curves are read faster or slower and velocities grow with it: at speed 2 a
sample lies two steps of motion time after the one before, and so uses up poses twice as fast.

Measured on captured motion at 20 to 60 frames per second, holding frames shakes receivers with
180 m/s^2 (rms), straight lines with 18, this family of curves with 12; the motion itself has 10.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Generic, TypeVar

import numpy as np

from flood_bridge.motion.frames import Pose

O = TypeVar("O")  # noqa: E741 (the owner's type, whatever it is)

THOUSAND = 1000
"""Speeds are kept in thousandths, so that time is counted in integers."""

MAX_SPEED = 4


@dataclass(frozen=True, slots=True)
class Sample(Generic[O]):
    """One pose at the stream's rate."""

    pose: Pose
    owner: O
    """Whatever came with the latest model frame that this sample depends on: a sample between two
    frames is led by the second."""
    interpolated: bool


@dataclass(frozen=True, slots=True)
class ResamplerMemory(Generic[O]):
    """Where a resampler is in its stream."""

    due: int
    """How far behind the latest source pose the next sample lies, in parts of a source period:
    :data:`THOUSAND` times the target rate of them make one."""
    last: tuple[Pose, O, np.ndarray] | None
    """The latest source pose, its owner and its slope."""


def hermite(
    ends: tuple[np.ndarray, np.ndarray],
    slopes: tuple[np.ndarray, np.ndarray],
    period_secs: float,
    u: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return positions and velocities on a cubic at fractions ``u`` of its period.

    Args:
        ends: Positions at u = 0 and u = 1, any shape S.
        slopes: Velocities there, per second, shape S.
        period_secs: How long the piece lasts.
        u: (n,) fractions in [0, 1].

    Returns:
        Positions and velocities, each (n, *S). Exact where the motion is a cubic of time.
    """
    u = u.reshape(-1, *([1] * ends[0].ndim))
    v = 1.0 - u
    (p, q), (a, b) = ends, (slopes[0] * period_secs, slopes[1] * period_secs)
    positions = (1 + 2 * u) * v * v * p + u * v * v * a + u * u * (3 - 2 * u) * q - u * u * v * b
    steps = 6 * u * v * (q - p) + v * (1 - 3 * u) * a + u * (3 * u - 2) * b
    return positions, steps / period_secs


class Resampler(Generic[O]):
    """Turns a stream of poses at ``source_hz`` into one at ``target_hz``.

    Positions and velocities of the output are continuous, but for the velocities where the speed
    changes. Sample times are counted in integers, so nothing drifts in an endless stream. At equal
    rates and speed 1 poses pass through untouched.
    """

    def __init__(self, source_hz: int, target_hz: int) -> None:
        if not 0 < source_hz <= target_hz:
            raise ValueError(f"cannot resample {source_hz} Hz to {target_hz} Hz: not a raise")
        self._source_hz = source_hz
        self._target_hz = target_hz
        self._period = target_hz * THOUSAND
        self._speed = THOUSAND
        self.reset()

    @property
    def speed(self) -> float:
        """Seconds of motion per second of the stream, in thousandths; no reset changes it."""
        return self._speed / THOUSAND

    @speed.setter
    def speed(self, factor: float) -> None:
        if not 1 / THOUSAND <= factor <= MAX_SPEED:
            raise ValueError(f"the speed is {factor!r}; valid are 0.001 to {MAX_SPEED}")
        self._speed = round(factor * THOUSAND)

    def reset(self) -> None:
        """Forget the stream; the next pose is the first of another."""
        self._due = self._period
        self._last: tuple[Pose, O, np.ndarray] | None = None

    def memory(self) -> ResamplerMemory[O]:
        """Return all that the next sample depends on but the speed; it is never changed later."""
        return ResamplerMemory(self._due, self._last)

    def recall(self, memory: ResamplerMemory[O]) -> None:
        """Go back to where :meth:`memory` was taken, at the speed that holds now.

        Raises:
            ValueError: If no resampler of these rates can be there.
        """
        if not 0 < memory.due <= MAX_SPEED * self._period:
            raise ValueError(f"the next sample is due after {memory.due} parts of a period")
        self._due, self._last = memory.due, memory.last

    def push(self, pose: Pose, owner: O) -> list[Sample[O]]:
        """Take the next source pose; return the samples from after the one before up to it.

        ``owner`` comes back with every sample that depends on this pose.
        """
        passes = self._due == self._period == self._source_hz * self._speed
        u = self._fractions()
        if self._last is None or passes:
            self._last = (pose, owner, pose.velocities)
            return [Sample(self._sped(pose), owner, interpolated=False)]
        before, _, slope_before = self._last
        backward = (pose.joints - before.joints) * self._source_hz
        slope = 0.5 * (backward + pose.velocities)
        self._last = (pose, owner, slope)
        between = _between(before, pose, (slope_before, slope), 1 / self._source_hz, u[u < 1])
        samples = [Sample(self._sped(each), owner, interpolated=True) for each in between]
        if u.size and u[-1] == 1:
            exact = Pose(pose.joints, slope, pose.contacts, pose.heading_rad)
            samples.append(Sample(self._sped(exact), owner, interpolated=False))
        return samples

    def _fractions(self) -> np.ndarray:
        """Count one source pose in; return where the samples due lie between it and the last."""
        step = self._source_hz * self._speed
        due = range(self._due, self._period + 1, step)
        self._due += len(due) * step - self._period
        return np.array([each / self._period for each in due])

    def _sped(self, pose: Pose) -> Pose:
        if self._speed == THOUSAND:
            return pose
        return replace(pose, velocities=pose.velocities * self.speed)


def _between(
    first: Pose,
    second: Pose,
    slopes: tuple[np.ndarray, np.ndarray],
    period_secs: float,
    u: np.ndarray,
) -> list[Pose]:
    """Return the poses at fractions ``u`` < 1 of the way.

    A contact label speaks of the step that begins at its frame, so the first one's holds all the
    way. The heading is unwrapped by the engine and already smooth: a straight line serves.
    """
    joints, velocities = hermite((first.joints, second.joints), slopes, period_secs, np.asarray(u))
    headings = first.heading_rad + u * (second.heading_rad - first.heading_rad)
    return [
        Pose(j, v, first.contacts, float(h))
        for j, v, h in zip(joints, velocities, headings, strict=True)
    ]
