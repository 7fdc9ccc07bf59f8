"""Following something smooth smoothly: a linear law, and how much room a moving joint has.

State is position, speed, acceleration; one step holds the jerk for a period (a triple integrator,
sampled). The law places all three poles of the error at one point, as Ackermann's formula has it
(Ackermann, "Der Entwurf linearer Regelungssysteme im Zustandsraum", 1972).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Motion:
    """``n`` coordinates that move; every array is (n,), units per second, squared and cubed."""

    positions: np.ndarray
    velocities: np.ndarray
    accelerations: np.ndarray

    def after(self, jerk: np.ndarray, secs: float) -> Motion:
        """Return the motion ``secs`` later, under a constant ``jerk`` (n,)."""
        p, v, a = self.positions, self.velocities, self.accelerations
        return Motion(
            p + secs * (v + secs * (a / 2.0 + jerk * (secs / 6.0))),
            v + secs * (a + jerk * (secs / 2.0)),
            a + jerk * secs,
        )


def gains(period_secs: float, pole: float) -> np.ndarray:
    """Return the feedback of position, speed and acceleration on the jerk, (3,).

    Args:
        period_secs: Of one step.
        pole: What is left of an error after each step, in [0, 1).
    """
    t = period_secs
    step = np.array([[1.0, t, t * t / 2.0], [0.0, 1.0, t], [0.0, 0.0, 1.0]])
    push = np.array([t**3 / 6.0, t * t / 2.0, t])
    reach = np.stack((push, step @ push, step @ step @ push), axis=1)
    shift = step - pole * np.eye(3)
    return np.linalg.solve(reach.T, np.array([0.0, 0.0, 1.0])) @ shift @ shift @ shift


def jerk_towards(
    now: Motion, wanted: Motion, feedback: np.ndarray, period_secs: float
) -> np.ndarray:
    """Return the jerk (n,) of the next step; ``wanted`` is where it should lead."""
    before = wanted.after(np.zeros_like(wanted.positions), -period_secs)
    return -(
        feedback[0] * (now.positions - before.positions)
        + feedback[1] * (now.velocities - before.velocities)
        + feedback[2] * (now.accelerations - before.accelerations)
    )


def top_speed(motion: Motion, jerk: np.ndarray) -> np.ndarray:
    """Return the speed (n,), with its sign, that is there once the acceleration has faded."""
    a = motion.accelerations
    return motion.velocities + a * np.abs(a) / (2.0 * jerk)


def peak_speed(before: Motion, after: Motion, jerk: np.ndarray) -> np.ndarray:
    """Return the speed (n,) at which a step under ``jerk`` turns from gain to loss, or ends."""
    first = before.accelerations
    turns = first * after.accelerations < 0.0
    gained = first * first / np.where(turns, -2.0 * jerk, 1.0)
    return np.where(turns, before.velocities + gained, after.velocities)


def stopping_place(motion: Motion, acceleration: np.ndarray, jerk: np.ndarray) -> np.ndarray:
    """Return where each coordinate is at rest if it brakes as hard as the limits (n,) allow.

    Braking has three parts: the acceleration goes to its lowest, stays there, goes back to none.
    """
    sign = np.where(top_speed(motion, jerk) < 0.0, -1.0, 1.0)
    v, a = sign * motion.velocities, sign * motion.accelerations
    hardest = np.sqrt(np.maximum(jerk * v + a * a / 2.0, 0.0))
    stays = hardest > acceleration
    hardest = np.minimum(hardest, acceleration)
    falling = np.maximum((a + hardest) / jerk, 0.0)
    lost = hardest * hardest / jerk - a * a / (2.0 * jerk)
    staying = np.where(stays, np.maximum((v - lost) / acceleration, 0.0), 0.0)
    rising = hardest / jerk
    way = falling * (v + falling * (a / 2.0 - jerk * falling / 6.0))
    speed = v + falling * (a - jerk * falling / 2.0)
    way += staying * (speed - hardest * staying / 2.0)
    speed = speed - hardest * staying
    way += rising * (speed + rising * (jerk * rising / 6.0 - hardest / 2.0))
    return motion.positions + sign * way
