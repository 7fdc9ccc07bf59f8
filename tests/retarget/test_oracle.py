"""An independent solver finds nothing better: mink (QP steps, daqp) on the same targets.

The oracle gets the same MuJoCo model, targets, weights, posture and joint limits. It
knows of no parts that must not meet and of no floor, so the robot here has no thickness and is
held a metre up.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flood_bridge.motion import rotations as rot
from flood_bridge.motion.contacts import Footing
from flood_bridge.motion.frames import Pose
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.retarget.mjcf import mjcf_text, point_site
from flood_bridge.retarget.residuals import weights_of
from flood_bridge.retarget.robot_body import ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel, load_robot
from flood_bridge.retarget.robot_shape import PARTS
from flood_bridge.retarget.solver import Solver
from flood_bridge.retarget.targets import FRAMES, POINTS, TargetMaker, Targets, human_lengths

mink: Any = pytest.importorskip("mink")
mujoco: Any = pytest.importorskip("mujoco")
pytest.importorskip("daqp")

STANDING = Footing(floor=0.02, stance=np.ones(2))
SWINGING = Footing(floor=0.02, stance=np.zeros(2))
POSTURE_WEIGHT = 0.005


class Oracle:
    """Follows the targets of one robot with mink."""

    def __init__(self, robot: RobotModel, body: RobotBody) -> None:
        ranks = np.argsort(body.order)
        self._model = mujoco.MjModel.from_xml_string(mjcf_text(robot))
        self._model.jnt_range[1:] = np.column_stack(
            (robot.natural_lower[ranks], robot.natural_upper[ranks])
        )
        weights = weights_of(robot)[::3]
        self._points = [
            mink.FrameTask(point_site(name), "site", weight, 0.0, lm_damping=1e-3)
            for name, weight in zip(POINTS, weights, strict=False)
        ]
        self._frames = [
            mink.FrameTask(point_site(name), "site", 0.0, weight, lm_damping=1e-3)
            for name, weight in zip(FRAMES, weights[len(POINTS) :], strict=True)
        ]
        self._posture = mink.PostureTask(self._model, POSTURE_WEIGHT)
        self._rest = np.concatenate((np.zeros(ROOT_QPOS), robot.posture[ranks]))
        self._limits = [mink.ConfigurationLimit(self._model)]

    def solve(self, start: np.ndarray, targets: Targets, steps: int) -> list[np.ndarray]:
        """Return the configurations that it goes through."""
        here = mink.Configuration(self._model, q=start)
        self._posture.set_target(self._rest)
        for task, turn in zip(self._frames, targets.frames, strict=True):
            place = mink.SE3.from_rotation_and_translation(mink.SO3(turn), np.zeros(3))
            task.set_target(place)
        path = []
        for _ in range(steps):
            for task, point in zip(self._points, targets.points, strict=True):
                # As it is turned now: a position's error shall not depend on a turn.
                now = here.get_transform_frame_to_world(task.frame_name, "site")
                task.set_target(mink.SE3.from_rotation_and_translation(now.rotation(), point))
            tasks = [*self._points, *self._frames, self._posture]
            speed = mink.solve_ik(here, tasks, 1.0, "daqp", damping=1e-6, limits=self._limits)
            here.integrate_inplace(speed, 1.0)
            path.append(here.q.copy())
        return path


@pytest.fixture(scope="module")
def thin() -> RobotModel:
    """A G1 whose parts hardly ever meet, because they have no thickness."""
    return replace(load_robot("unitree_g1"), thickness=dict.fromkeys(PARTS, 1e-4))


def strewn(posed: Callable[..., Pose], seed: int) -> Pose:
    """A body with every limb turned somewhere, arms away from it."""
    rng = np.random.default_rng(seed)
    size = {1: 0.5, 2: 0.5, 4: 0.6, 5: 0.6, 7: 0.3, 8: 0.3, 3: 0.2, 6: 0.2, 9: 0.2}
    turns = {row: rot.from_axis_angle(rot.normalise(rng.normal(size=3)), rng.uniform(0.0, most))
             for row, most in size.items()}  # fmt: skip
    for row, sign in ((16, -1.0), (17, 1.0)):
        raised = rot.from_axis_angle(np.array([0.0, 0.0, 1.0]), sign * rng.uniform(-0.6, 0.9))
        swung = rot.from_axis_angle(np.array([0.0, 1.0, 0.0]), sign * rng.uniform(0.0, 0.9))
        turns[row] = rot.multiply(swung, raised)
        turns[row + 2] = rot.from_axis_angle(np.array([0.0, 1.0, 0.0]), sign * rng.uniform(0, 1.5))
    return posed(turns, yaw=float(rng.uniform(-180.0, 180.0)))


def task_cost(robot: RobotModel, body: RobotBody, qpos: np.ndarray, targets: Targets) -> float:
    """The weighted squares of all errors, in metres and true angles, and of the posture's."""
    body.place(qpos)
    turned = rot.multiply(targets.frames, rot.conjugate(body.frames()))
    errors = np.concatenate(
        ((targets.points - body.points()).ravel(), rot.to_rotation_vector(turned).ravel())
    )
    away = robot.posture[np.argsort(body.order)] - qpos[ROOT_QPOS:]
    return float(((weights_of(robot) * errors) ** 2).sum() + POSTURE_WEIGHT**2 * away @ away)


def upright(robot: RobotModel, body: RobotBody) -> np.ndarray:
    return np.array([0.0, 0.0, 0.8, 1.0, 0.0, 0.0, 0.0, *robot.posture[np.argsort(body.order)]])


def lifted(maker: TargetMaker, pose: Pose, footing: Footing) -> Targets:
    """The targets of a pose a metre over the floor, which the oracle does not know."""
    targets = maker.targets(pose.joints, footing)
    targets.points[:, 2] += 1.0
    return targets


def test_an_independent_solver_finds_no_better_pose(
    thin: RobotModel, posed: Callable[..., Pose], skeleton: Skeleton
) -> None:
    body = RobotBody(thin, POINTS, FRAMES)
    ranks = np.argsort(body.order)
    lower, upper = thin.natural_lower[ranks], thin.natural_upper[ranks]
    solver, oracle = Solver(body, thin.posture[ranks], thin), Oracle(thin, body)
    maker = TargetMaker(thin, *human_lengths(skeleton.offsets))
    for seed in range(10):
        targets = lifted(maker, strewn(posed, seed), SWINGING if seed % 2 else STANDING)
        start = body.with_root(upright(thin, body), targets.points[0], targets.frames[0])
        path = oracle.solve(start, targets, 120)
        joints = path[-1][ROOT_QPOS:]
        assert (lower - 1e-6 <= joints).all()
        assert (joints <= upper + 1e-6).all()
        theirs = min(task_cost(thin, body, qpos, targets) for qpos in path)
        ours = solver.solve(start, targets, lower, upper, 60)
        assert ours.depth_cost == 0.0
        assert task_cost(thin, body, ours.qpos, targets) <= theirs * (1.0 + 1e-5)


def test_the_few_steps_of_a_frame_come_close_to_an_oracle_that_takes_its_time(
    thin: RobotModel, walk: Callable[..., list[Pose]], skeleton: Skeleton
) -> None:
    body = RobotBody(thin, POINTS, FRAMES)
    ranks = np.argsort(body.order)
    lower, upper = thin.natural_lower[ranks], thin.natural_upper[ranks]
    solver, oracle = Solver(body, thin.posture[ranks], thin), Oracle(thin, body)
    maker = TargetMaker(thin, *human_lengths(skeleton.offsets))
    before, ours, theirs = upright(thin, body), [], []
    for number, pose in enumerate(walk(24, speed=1.2)):
        targets = lifted(maker, pose, SWINGING)
        start = body.with_root(before, targets.points[0], targets.frames[0])
        found = solver.solve(start, targets, lower, upper, 3 if number else 60, patient=False)
        before = found.qpos
        ours.append(task_cost(thin, body, before, targets))
        end = oracle.solve(start, targets, 40)[-1]
        theirs.append(task_cost(thin, body, end, targets))
    ratios = np.array(ours) / np.array(theirs)
    assert np.sum(ours) < 1.01 * np.sum(theirs)
    assert ratios.max() < 1.05
