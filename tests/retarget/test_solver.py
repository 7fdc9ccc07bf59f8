"""The bounded solver stays in its box and reaches what can be reached."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from flood_bridge.retarget.barriers import Barriers
from flood_bridge.retarget.robot_body import ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel, load_robot
from flood_bridge.retarget.solver import BoundedStep, Solver
from flood_bridge.retarget.targets import FRAMES, POINTS, Targets

numbers = st.floats(-5.0, 5.0)


@pytest.fixture(scope="module")
def g1() -> RobotModel:
    return load_robot("unitree_g1")


def spd(root: np.ndarray) -> np.ndarray:
    return root @ root.T + 0.1 * np.eye(len(root))


@given(
    root=arrays(np.float64, (6, 6), elements=numbers),
    gradient=arrays(np.float64, 6, elements=numbers),
    walls=arrays(np.float64, (2, 6), elements=st.floats(0.0, 1.0)),
)
def test_the_step_is_in_the_box(root: np.ndarray, gradient: np.ndarray, walls: np.ndarray) -> None:
    hessian = spd(root)
    step = BoundedStep(6).step(hessian, gradient, -walls[0], walls[1])
    assert (-walls[0] <= step).all()
    assert (step <= walls[1]).all()


@given(
    root=arrays(np.float64, (6, 6), elements=numbers),
    gradient=arrays(np.float64, 6, elements=numbers),
)
def test_without_walls_the_step_is_newtons(root: np.ndarray, gradient: np.ndarray) -> None:
    hessian = spd(root)
    step = BoundedStep(6).step(hessian, gradient, np.full(6, -np.inf), np.full(6, np.inf))
    np.testing.assert_allclose(hessian @ step, gradient, atol=1e-7)


@given(
    diagonal=arrays(np.float64, 6, elements=st.floats(0.5, 5.0)),
    gradient=arrays(np.float64, 6, elements=numbers),
)
def test_independent_variables_stop_at_their_own_wall(
    diagonal: np.ndarray, gradient: np.ndarray
) -> None:
    step = BoundedStep(6).step(np.diag(diagonal), gradient, np.full(6, -0.5), np.full(6, 0.5))
    # MuJoCo is content with a gradient of 1e-8, and the diagonal is at least 0.5
    np.testing.assert_allclose(step, np.clip(gradient / diagonal, -0.5, 0.5), atol=2e-8)


def test_a_variable_on_its_wall_makes_the_others_take_over() -> None:
    # x + y should be 2, x cannot pass 0.5: y goes to 1.5 although alone it would go to 1.
    hessian = np.array([[1.0, 1.0], [1.0, 1.0]]) + 1e-6 * np.eye(2)
    walls = np.array([-9.0, -9.0]), np.array([0.5, 9.0])
    step = BoundedStep(2).step(hessian, np.array([2.0, 2.0]), *walls)
    np.testing.assert_allclose(step, (0.5, 1.5), atol=1e-4)


def test_a_reachable_motion_is_followed_within_half_a_millimetre(g1: RobotModel) -> None:
    body = RobotBody(g1, POINTS, FRAMES)
    rank = np.argsort(body.order)
    lower, upper = g1.natural_lower[rank], g1.natural_upper[rank]
    solver, barriers = Solver(body, g1.posture[rank], g1), Barriers(body, g1)
    rng = np.random.default_rng(0)
    phase, rate = rng.uniform(0.0, 6.28, 29), rng.uniform(1.0, 5.0, 29)
    amplitude = np.minimum(0.4 * (upper - lower), 0.25)
    arms_out = np.array([0.7 * np.sign(p) if "shoulder_roll" in n else 0.0
                         for n, p in zip(g1.names, g1.posture, strict=True)])  # fmt: skip
    middle = np.clip((g1.posture + arms_out)[rank], lower + amplitude, upper - amplitude)
    joints, errors = g1.posture[rank], []
    for frame in range(120):
        true = middle + amplitude * np.sin(phase + rate * 0.05 * frame)
        root = np.array([0.05 * frame, 0.0, 1.2, 1.0, 0.0, 0.0, 0.0])
        body.place(np.concatenate((root, true)))
        allowed = barriers.cost() == 0.0
        targets = Targets(body.points().copy(), body.frames().copy())
        iterations = 60 if frame == 0 else 3
        found = solver.solve(np.concatenate((root, joints)), targets, lower, upper, iterations)
        joints = found.qpos[ROOT_QPOS:]
        body.place(found.qpos)
        if allowed:
            errors.append(np.linalg.norm(body.points() - targets.points, axis=1))
    assert len(errors) > 60
    assert np.mean(errors) < 0.5e-3
    assert np.max(errors) < 5e-3


@given(seed=st.integers(0, 10_000))
@settings(deadline=None, max_examples=20)
def test_a_solution_is_in_the_box_and_never_worse_than_the_start(g1: RobotModel, seed: int) -> None:
    body = RobotBody(g1, POINTS, FRAMES)
    rng = np.random.default_rng(seed)
    targets = Targets(
        rng.normal(size=(len(POINTS), 3)), np.tile([1.0, 0.0, 0.0, 0.0], (len(FRAMES), 1))
    )
    solver = Solver(body, np.zeros(29), g1)
    box = rng.uniform(0.0, 0.5, 29)
    start = np.concatenate(([0.0, 0.0, 0.8, 1.0, 0.0, 0.0, 0.0], np.zeros(29)))
    first = solver.solve(start, targets, -box, box, 0)
    after = solver.solve(start, targets, -box, box, 5)
    assert after.cost <= first.cost
    assert (np.abs(after.qpos[ROOT_QPOS:]) <= box).all()
