"""Values that follow others within their limits of position, speed, acceleration and jerk.

Two laws take turns, value by value. Near the wanted motion a linear law (:mod:`.limit_track`)
follows it smoothly. Where a step of that law would break a limit, or leave no room to stop within
the range, the step is one of the fastest plan to rest at the wanted place (Berscheid and Kroeger,
"Jerk-limited Real-time Trajectory Generation with Arbitrary Target States", RSS 2021; their library
Ruckig). So after every step there is a way to rest inside the range, whatever is wanted next.

The planner alone would stop and go: it wants to be at rest at each of the places of a slow motion.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from flood_bridge.errors import ConfigError, MissingDependencyError
from flood_bridge.retarget.limit_table import MotionLimits
from flood_bridge.retarget.limit_track import (
    Motion,
    gains,
    jerk_towards,
    peak_speed,
    stopping_place,
    top_speed,
)

try:
    import ruckig as _ruckig
except ImportError:  # an optional extra; Limiter says so when it is first needed
    _ruckig = None

ruckig: Any = _ruckig  # its members are compiled, type checkers do not see them

FADE_SECS = 0.018
"""After so long an error of the linear law has faded to a third. Shorter passes on every shiver of
the wanted motion, longer lags: on captured motion on a G1 at 60 Hz the mean error is 8 mrad."""

AHEAD_SECS = 0.01
"""How far ahead of the wanted motion plans aim, for they arrive late; measured likewise."""

_HORIZON_SECS = 60.0
"""Nothing farther than this at full speed is aimed at: plans of hours are refused by the planner,
and the next step plans anew anyway."""

_REST_SPEED, _REST_ACCELERATION = 1e-9, 1e-6
"""What rounding leaves of a brake that is over."""

_ROUNDING = 1.0 - 1e-9
"""Keeps what is published at or under its limits after divisions by the period."""


class Limiter:
    """``n`` values that follow others.

    Args:
        limits: Of each value.
        period_secs: Of one step.

    Attributes:
        now: The motion now.
        failures: Steps at which no plan was found and the values were braked or stopped dead.

    Raises:
        ConfigError: If the period is not in (0, 1].
        MissingDependencyError: If Ruckig is not installed.
    """

    def __init__(self, limits: MotionLimits, period_secs: float) -> None:
        if not 0.0 < period_secs <= 1.0:
            raise ConfigError(f"the period is {period_secs} s; valid is above 0 and at most 1 s")
        if ruckig is None:
            raise MissingDependencyError(
                "limiting a robot's motion", "ruckig", "pip install 'flood-bridge[robots]'"
            )
        count = len(limits.lower)
        self._period_secs = period_secs
        self._feedback = gains(period_secs, math.exp(-period_secs / FADE_SECS))
        self._lower, self._upper = limits.lower, limits.upper
        self._speed = limits.speed * _ROUNDING
        self._acceleration = limits.acceleration * _ROUNDING
        self._jerk = limits.jerk * _ROUNDING
        self._planner = ruckig.Ruckig(count, period_secs)
        self._plan = ruckig.OutputParameter(count)
        self._asked = ruckig.InputParameter(count)
        self._asked.synchronization = ruckig.Synchronization.No
        self._asked.max_velocity = self._speed
        self._asked.max_acceleration = self._acceleration
        self._asked.max_jerk = self._jerk
        self._asked.target_velocity = self._asked.target_acceleration = np.zeros(count)
        self.failures = 0
        self.start(np.zeros(count))

    def start(self, positions: np.ndarray) -> None:
        """Begin at rest at ``positions`` (n,), or as near as the range has it.

        Raises:
            ValueError: If one is not finite.
        """
        if not np.isfinite(positions).all():
            raise ValueError("a starting position is not finite")
        rest = np.zeros(len(positions))
        self.now = Motion(np.clip(positions, self._lower, self._upper), rest, rest)

    def shift(self, index: slice, positions: np.ndarray) -> None:
        """Count the positions at ``index`` anew from ``positions``; how they move stays."""
        moved = self.now.positions.copy()
        moved[index] = positions
        self.now = Motion(moved, self.now.velocities, self.now.accelerations)

    def follow(self, wanted: Motion) -> None:
        """Take one step after ``wanted``; if anything of it is not finite, brake."""
        if not np.isfinite((wanted.positions, wanted.velocities, wanted.accelerations)).all():
            self.brake()
            return
        wanted = self._within_reach(wanted)
        jerk = jerk_towards(self.now, wanted, self._feedback, self._period_secs)
        smooth = self.now.after(jerk, self._period_secs)
        lawful = self._is_lawful(smooth, jerk)
        if lawful.all():
            self.now = smooth
            return
        planned = self._planned(wanted)
        if planned is None:
            self.failures += 1
            self.brake()
            return
        self.now = Motion(
            np.where(lawful, smooth.positions, planned.positions),
            np.where(lawful, smooth.velocities, planned.velocities),
            np.where(lawful, smooth.accelerations, planned.accelerations),
        )

    def brake(self) -> None:
        """Take one step towards rest, which is reached as soon as the limits allow."""
        if self.at_rest:
            self.start(self.now.positions)
            return
        self._asked.control_interface = ruckig.ControlInterface.Velocity
        stopped = self._step()
        if stopped is None:
            self.failures += 1
            self.start(self.now.positions)
        else:
            self.now = stopped

    @property
    def at_rest(self) -> bool:
        """Whether nothing moves."""
        slow = bool((np.abs(self.now.velocities) <= _REST_SPEED).all())
        return slow and bool((np.abs(self.now.accelerations) <= _REST_ACCELERATION).all())

    def _is_lawful(self, motion: Motion, jerk: np.ndarray) -> np.ndarray:
        """Return (n,) whether each value may move so: within its limits, with room to stop."""
        place = stopping_place(motion, self._acceleration, self._jerk)
        return (
            (np.abs(jerk) <= self._jerk)
            & (np.abs(peak_speed(self.now, motion, jerk)) <= self._speed)
            & (np.abs(motion.accelerations) <= self._acceleration)
            & (np.abs(motion.velocities) <= self._speed)
            & (np.abs(top_speed(motion, self._jerk)) <= self._speed)
            & (place >= self._lower)
            & (place <= self._upper)
            & self._stays_inside(motion)
        )

    def _stays_inside(self, motion: Motion) -> np.ndarray:
        """Return (n,) whether the way to ``motion`` keeps inside the range.

        A value that turns round on the way was farther out than at either end.
        """
        turns = self.now.velocities * motion.velocities < 0.0
        farther = np.where(turns, np.abs(self.now.velocities) * self._period_secs, 0.0)
        highest = np.maximum(self.now.positions, motion.positions) + farther
        lowest = np.minimum(self.now.positions, motion.positions) - farther
        return (highest <= self._upper) & (lowest >= self._lower)

    def _within_reach(self, wanted: Motion) -> Motion:
        reach, here = self._speed * _HORIZON_SECS, self.now.positions
        return Motion(
            np.clip(wanted.positions, here - reach, here + reach),
            np.clip(wanted.velocities, -self._speed, self._speed),
            np.clip(wanted.accelerations, -self._acceleration, self._acceleration),
        )

    def _planned(self, wanted: Motion) -> Motion | None:
        aim = wanted.positions + AHEAD_SECS * wanted.velocities
        self._asked.control_interface = ruckig.ControlInterface.Position
        self._asked.target_position = np.clip(aim, self._lower, self._upper)
        return self._step()

    def _step(self) -> Motion | None:
        asked, plan = self._asked, self._plan
        asked.current_position = self.now.positions
        asked.current_velocity = self.now.velocities
        asked.current_acceleration = self.now.accelerations
        self._planner.reset()
        try:
            if self._planner.update(asked, plan) < 0:
                return None
        except ValueError:  # a result that its Python enumeration does not name
            return None
        after = np.array((plan.new_position, plan.new_velocity, plan.new_acceleration))
        if not np.isfinite(after).all():
            return None
        return Motion(np.clip(after[0], self._lower, self._upper), after[1], after[2])
