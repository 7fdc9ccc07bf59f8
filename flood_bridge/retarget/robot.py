"""Human poses on a robot, frame by frame, within its limits whatever comes in.

Each frame: check the pose, make targets (:mod:`.targets`), solve in the box that the joint limits
and the frame published before allow (:mod:`.solver`), lift the robot if a sole is under the floor.
A pose that cannot be used (not finite, not a body, a jump) repeats the last frame with velocities
of zero. The result is a kinematic reference for a controller that balances; it does not balance.
"""

from __future__ import annotations

import logging

import numpy as np

from flood_bridge.errors import ConfigError, RetargetError
from flood_bridge.motion.contacts import FootContacts, Footing
from flood_bridge.motion.frames import Pose, RobotFrame
from flood_bridge.motion.skeleton import PARENTS, Skeleton
from flood_bridge.retarget.barriers import MARGIN_M, WEIGHT
from flood_bridge.retarget.continuity import ContinuityGuard
from flood_bridge.retarget.foot_lock import FootLock
from flood_bridge.retarget.pose_admission import Checks
from flood_bridge.retarget.robot_body import ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.retarget.robot_shape import leg_length
from flood_bridge.retarget.solver import Solution, Solver
from flood_bridge.retarget.targets import (
    FRAMES,
    POINTS,
    Aims,
    TargetMaker,
    Targets,
    human_lengths,
)
from flood_bridge.retarget.together import Script, run

_LOG = logging.getLogger(__name__)

_MIN_LEG_M, _MAX_LEG_M = 0.2, 2.0
_ITERATIONS = 3
_COLD_ITERATIONS = 60
_MORE_TRIES = 4
"""How often parts that meet get some more steps within one frame."""
_ESCAPE_ITERATIONS = 5
_STUCK_COST = 0.05
"""Weighted squared error above which a solution is suspected to be a wrong local minimum."""
_TOUCHING_COST = (WEIGHT * MARGIN_M) ** 2
"""Cost of depths above which parts of the robot meet, and some more steps are worth their time."""
_ESCAPE_BEGINS, _ESCAPE_GOES_ON = 0.5, 0.9
_ROUNDING = 1.0 - 1e-9
"""Keeps the published speeds at or under their limit after the division by the period."""


class RobotRetargeter:
    """Turns poses of one character into frames of one robot.

    Args:
        robot: The robot.
        period_secs: Time between two poses, in (0, 1].
        skeleton: The human's proportions; without them the first pose is measured.

    Attributes:
        robot: The robot.
        footing: How the last pose stood, for measurements.

    Raises:
        ConfigError: If the period is out of range.
        MissingDependencyError: If MuJoCo is not installed.
    """

    def __init__(
        self, robot: RobotModel, period_secs: float, skeleton: Skeleton | None = None
    ) -> None:
        if not 0.0 < period_secs <= 1.0:
            raise ConfigError(f"the period is {period_secs} s; valid is above 0 and at most 1 s")
        self.robot = robot
        self._names = robot.names
        self._period_secs = period_secs
        self._skeleton = skeleton
        self._body = RobotBody(robot, POINTS, FRAMES)
        ranks = np.argsort(self._body.order)
        self._lower, self._upper = robot.natural_lower[ranks], robot.natural_upper[ranks]
        self._reach = robot.speed_limits[ranks] * period_secs * _ROUNDING
        self._posture = robot.posture[ranks]
        self._standing_root = np.array([0.0, 0.0, robot.root_height, *robot.root_rotation_wxyz])
        self._solver = Solver(self._body, self._posture, robot)
        self._guard = ContinuityGuard(period_secs)
        self._contacts = FootContacts(period_secs)
        self._lock = FootLock(period_secs, leg_length(robot))
        self.reset()

    def reset(self) -> None:
        """Forget the past; the next pose starts a new motion."""
        self.relocate()
        self._maker: TargetMaker | None = None
        self.footing: Footing | None = None
        self._lengths = (0.0, 0.0)
        self._published: np.ndarray | None = None
        self._holding = False
        self._escaping = False

    def relocate(self) -> None:
        """Let the next pose be anywhere: the joints go on from where they are, the root jumps."""
        self._guard.reset()
        self._contacts.reset()
        self._lock.reset()

    def memory(self) -> dict[str, np.ndarray]:
        """Return all that the next frame depends on, as copies; empty before the first."""
        if self._published is None:
            return {}
        return {
            "published": self._published.copy(),
            "lengths": np.array(self._lengths),
            "holding": np.array(self._holding),
            "escaping": np.array(self._escaping),
            **self._guard.memory(),
            **self._contacts.memory(),
            **self._lock.memory(),
        }

    def recall(self, memory: dict[str, np.ndarray]) -> None:
        """Go back to where :meth:`memory` was taken."""
        self.reset()
        if not memory:
            return
        self._maker = self._maker_of(*memory["lengths"].tolist())
        self._published = memory["published"].copy()
        self._holding, self._escaping = bool(memory["holding"]), bool(memory["escaping"])
        self._guard.recall(memory)
        self._contacts.recall(memory)
        self._lock.recall(memory)

    def retarget(self, pose: Pose) -> RobotFrame:
        """Return the robot's frame for ``pose``.

        Raises:
            RetargetError: If the first pose cannot be used.
        """
        return run(self.script(pose))

    def script(self, pose: Pose) -> Script[RobotFrame]:
        """Do as :meth:`retarget`, stage by stage."""
        problem = yield Checks(pose.joints, None if self._published is None else self._guard)
        if self._published is None:
            return (yield from self._first(pose, problem))
        if problem is not None:
            return self._hold(problem)
        return self._publish((yield from self._solve(pose, self._published, _ITERATIONS)))

    def _first(self, pose: Pose, problem: str | None) -> Script[RobotFrame]:
        if problem is not None:
            raise RetargetError(f"the first pose cannot be used: {problem}")
        self._maker = self._maker_for(pose.joints)
        self._guard.follows(pose.joints)
        start = np.concatenate((np.zeros(ROOT_QPOS), self._posture))
        return self._publish((yield from self._solve(pose, start, _COLD_ITERATIONS)))

    def _maker_for(self, joints: np.ndarray) -> TargetMaker:
        bones = self._skeleton.offsets if self._skeleton else joints - joints[list(PARENTS)]
        leg, foot = human_lengths(bones)
        if not _MIN_LEG_M <= leg <= _MAX_LEG_M:
            raise RetargetError(
                f"the human's legs are {leg:.3g} m long; valid is {_MIN_LEG_M} to {_MAX_LEG_M} m"
            )
        return self._maker_of(leg, foot)

    def _maker_of(self, leg: float, foot: float) -> TargetMaker:
        self._lengths = (leg, foot)
        return TargetMaker(self.robot, leg, foot)

    def _solve(self, pose: Pose, before: np.ndarray, iterations: int) -> Script[np.ndarray]:
        """Return the configuration (7 + n,) for ``pose``, within reach of ``before``."""
        assert self._maker is not None
        self.footing = self._contacts.follow(pose)
        targets = yield Aims(self._maker, pose.joints, self.footing, self._lock)
        lower, upper = self._lower, self._upper
        if self._published is not None:
            lower = np.maximum(lower, before[ROOT_QPOS:] - self._reach)
            upper = np.minimum(upper, before[ROOT_QPOS:] + self._reach)
        start = self._at_root(targets, before[ROOT_QPOS:])
        warm = self._published is not None
        search = self._solver.search
        best = yield from search(start, targets, lower, upper, iterations, patient=not warm)
        for _ in range(_MORE_TRIES):
            if best.depth_cost <= _TOUCHING_COST:
                break
            best = yield from search(best.qpos, targets, lower, upper, _ITERATIONS)
        if best.target_cost > _STUCK_COST:
            best = yield from self._escape(best, targets, lower, upper)
        qpos = best.qpos.copy()
        if self.robot.base == "floating":
            self._body.place(qpos)
            qpos[2] -= min(self._body.lowest_sole(), 0.0)
        return qpos

    def _at_root(self, targets: Targets, joints: np.ndarray) -> np.ndarray:
        """Return the ``joints`` with the root so that the pelvis is where it should be.

        The root is free to move, so there is no reason to start it where it was.
        """
        start = np.concatenate((self._standing_root, joints))
        if self.robot.base == "floating":
            return self._body.with_root(start, targets.points[0], targets.frames[0])
        return start

    def _escape(
        self, stuck: Solution, targets: Targets, lower: np.ndarray, upper: np.ndarray
    ) -> Script[Solution]:
        """Return a way out of a wrong local minimum, such as a leg turned backwards after a fall.

        The pose is solved anew from the resting posture, without regard to what was published. If
        that is much better, the joints go there as fast as the box allows.
        """
        start = self._at_root(targets, self._posture)
        box = self._lower, self._upper
        fresh = yield from self._solver.search(start, targets, *box, _ESCAPE_ITERATIONS)
        worth = _ESCAPE_GOES_ON if self._escaping else _ESCAPE_BEGINS
        self._escaping = fresh.cost < worth * stuck.cost
        if not self._escaping:
            return stuck
        joints = np.minimum(np.maximum(fresh.qpos[ROOT_QPOS:], lower), upper)
        start = np.concatenate((fresh.qpos[:ROOT_QPOS], joints))
        return (yield from self._solver.search(start, targets, joints, joints, 1))

    def _publish(self, qpos: np.ndarray) -> RobotFrame:
        if not np.isfinite(qpos).all():
            return self._hold("the solver failed")
        before = qpos if self._published is None else self._published
        turn = qpos[3:ROOT_QPOS]
        if turn @ before[3:ROOT_QPOS] < 0.0:  # the same rotation, and no flip for who interpolates
            turn *= -1.0
        self._published, self._holding = qpos, False
        return self._frame(qpos, before)

    def _hold(self, reason: str) -> RobotFrame:
        if self._published is None:
            raise RetargetError(f"the first pose cannot be used: {reason}")
        if not self._holding:
            _LOG.warning("%s holds its last frame: %s", self.robot.name, reason)
        self._holding = True
        return self._frame(self._published, self._published)

    def _frame(self, now: np.ndarray, before: np.ndarray) -> RobotFrame:
        order = self._body.order
        angles = now[ROOT_QPOS:].take(order)
        return RobotFrame(
            names=self._names,
            positions=angles,
            velocities=(angles - before[ROOT_QPOS:].take(order)) / self._period_secs,
            root_position=now[:3].copy(),
            root_rotation_wxyz=now[3:ROOT_QPOS].copy(),
        )
