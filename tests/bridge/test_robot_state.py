"""A robot that is taken up from a saved state goes on as if nothing had happened, or stays put."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.commands import Arm, Clutch, EStop, PlaceRoot, ResetStop, SetPrompt, Spawn
from flood_bridge.config import Config
from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.events import SafetyReport
from flood_bridge.live.guarding import make_guard
from flood_bridge.live.snapshot import take_snapshot, take_up
from flood_bridge.live.state_bytes import state_from_bytes, state_to_bytes
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import Skeleton

MakeRig = Callable[..., Any]


def saved(rig: Any) -> Any:
    """Return the snapshots of a rig after a way through bytes."""
    snapshots = take_snapshot(rig.characters, rig.stage, rig.robots)
    content = state_to_bytes(snapshots, rig.engine, rig.config.rate_hz)
    return state_from_bytes(content, rig.engine, rig.config.rate_hz)


def robots(frames: list[Frame]) -> np.ndarray:
    sent = [frame.robot for frame in frames]
    assert all(each is not None for each in sent)
    return np.array(
        [
            np.concatenate((r.positions, r.velocities, r.root_position, r.root_rotation_wxyz))
            for r in sent
            if r is not None
        ]
    )


def states(rig: Any) -> list[str]:
    return [event.state for event in rig.events if isinstance(event, SafetyReport)]


def drive(rig: Any, asked: list[tuple[str, int]]) -> None:
    for n, (kind, ticks) in enumerate(asked):
        match kind:
            case "runs" | "frozen":
                rig.ask(SetPrompt(text=f"{kind} {n}"))
            case "place":
                rig.ask(PlaceRoot(x_m=n, z_m=-3.0, heading_rad=1.0))
            case "pause":
                rig.stage.pause(0, n % 2 == 0)
            case "starve":
                rig.generate_on_tick = lambda: False
        rig.play(ticks / rig.config.rate_hz)
        rig.generate_on_tick = lambda: True


ASKED = st.lists(
    st.tuples(st.sampled_from(["runs", "frozen", "place", "pause", "starve"]), st.integers(0, 30)),
    max_size=4,
)


@settings(max_examples=12, deadline=None)
@given(before=ASKED, after=ASKED, rate_hz=st.sampled_from([20, 50, 200]))
def test_a_free_robot_goes_on_frame_by_frame_as_the_run_that_was_not_stopped(
    make_swinging_rig: MakeRig, before: Any, after: Any, rate_hz: int
) -> None:
    config: dict[str, Any] = {"rate_hz": rate_hz, "characters": 2}
    rig = make_swinging_rig(**config)
    rig.play(0.7)
    drive(rig, before)
    rig.generation.fill()
    again = make_swinging_rig(saved(rig), **config)
    told = len(rig.frames)
    for each in (rig, again):
        drive(each, after)
        each.play(0.5)
    assert len(again.frames) > 10
    np.testing.assert_array_equal(robots(rig.frames[told:]), robots(again.frames))


@pytest.mark.parametrize("at", ["running", "braking", "on the way back"])
def test_a_g1_with_its_solver_and_its_limits_goes_on_wherever_it_was(
    make_rig: MakeRig, at: str
) -> None:
    pytest.importorskip("mujoco")
    from flood_bridge.retarget.robot import RobotRetargeter
    from flood_bridge.retarget.robot_model import load_robot

    g1, rate_hz = load_robot("unitree_g1"), 100
    config = Config(rate_hz=rate_hz, robot="unitree_g1")

    def robot(skeleton: Skeleton) -> RobotRetargeter:
        return RobotRetargeter(g1, 1 / rate_hz, skeleton)

    def rig_of(snapshots: Any = None) -> Any:
        guard = lambda: make_guard(g1, config)  # noqa: E731
        return make_rig(snapshots, make_robot=robot, make_guard=guard, rate_hz=rate_hz)

    rig = rig_of()
    rig.play(0.5)
    rig.ask(SetPrompt(text="runs"))
    rig.play(0.4)
    if at != "running":
        rig.robots.obey(EStop())
        rig.play(1 / rate_hz)
    if at == "on the way back":
        rig.robots.obey(ResetStop())
        rig.play(0.4)
    again = rig_of(saved(rig))
    told = len(rig.frames)
    for each in (rig, again):
        each.play(0.4)
    one, two = robots(rig.frames[told:]), robots(again.frames)
    # The clocks of the two runs differ, and with them the last bits of a blend's share.
    np.testing.assert_allclose(one, two, rtol=0.0, atol=0.0 if at == "running" else 1e-12)
    assert np.ptp(one, axis=0).max() > 1e-4, "it moves meanwhile"


def test_a_robot_that_was_led_is_not_led_on_before_it_is_armed(make_swinging_rig: MakeRig) -> None:
    rig = make_swinging_rig(guarded=True)
    rig.robots.obey(Arm())
    rig.play(4.0)
    assert states(rig)[-1] == "live"
    last = robots(rig.frames[-1:])[0]
    again = make_swinging_rig(saved(rig), guarded=True)
    assert {frame.robot for frame in again.play(0.5)} == {None}
    (report,) = again.robots.reports()
    assert (report.state, report.reason) == ("idle", "the run was resumed; not armed")
    # Saved and resumed once more, it still knows where it stands.
    again = make_swinging_rig(saved(again), guarded=True)
    again.play(0.1)
    again.robots.obey(Arm())
    first = next(frame for frame in again.play(0.1) if frame.robot is not None)
    np.testing.assert_array_equal(robots([first])[0][:4], [*last[:2], 0.0, 0.0])
    again.play(3.0)
    assert states(again)[-1] == "live"


def test_a_stop_outlives_the_run_for_every_robot(make_swinging_rig: MakeRig) -> None:
    for guarded in (False, True):
        rig = make_swinging_rig(guarded=guarded)
        rig.robots.obey(Arm()) if guarded else None
        rig.play(3.0)
        rig.robots.obey(EStop(reason="the red button"))
        rig.play(1.0)
        again = make_swinging_rig(saved(rig), guarded=guarded)
        np.testing.assert_array_equal(robots(again.play(0.2)), robots(rig.play(0.2)))
        again.ask(Spawn(character=3, text="a"))
        again.play(1.0)
        reports = again.robots.reports()
        assert [(each.state, each.reason) for each in reports] == 2 * [("estop", "the red button")]
        again.robots.obey(ResetStop())
        again.play(1.5)
        assert states(again)[-1] == ("idle" if guarded else "live")


def test_a_stop_before_the_robot_has_begun_outlives_the_run(make_swinging_rig: MakeRig) -> None:
    rig = make_swinging_rig(guarded=True)
    rig.robots.obey(EStop())
    again = make_swinging_rig(saved(rig), guarded=True)
    again.play(0.3)
    assert states(again) == ["estop"]
    with pytest.raises(CommandError, match="latched"):
        again.robots.obey(Arm())


@pytest.mark.parametrize("guarded", [False, True])
def test_what_was_told_while_the_model_loaded_is_kept(
    make_swinging_rig: MakeRig, guarded: bool
) -> None:
    rig = make_swinging_rig(guarded=guarded)
    rig.robots.obey(Arm()) if guarded else None
    rig.play(3.0)
    again = make_swinging_rig(guarded=guarded)
    again.robots.obey(EStop(reason="while it loaded"))
    if guarded:
        again.robots.obey(Clutch(engaged=False))
    for snapshot in saved(rig):
        again.robots.recall(snapshot.number, snapshot.guard)
    again.play(1.0)
    reports = again.robots.reports()
    assert [(each.state, each.reason) for each in reports] == [("estop", "while it loaded")]
    again.robots.obey(ResetStop())
    again.play(1.5)
    assert states(again)[-1] == ("idle" if guarded else "live")
    if guarded:
        again.robots.obey(Arm())
        again.play(1.0)
        (report,) = again.robots.reports()
        assert (report.state, report.reason) == ("armed", "the clutch is off")


def test_a_clutch_that_is_off_stays_off(make_swinging_rig: MakeRig) -> None:
    rig = make_swinging_rig(guarded=True)
    rig.play(0.2)
    rig.robots.obey(Clutch(engaged=False))
    again = make_swinging_rig(saved(rig), guarded=True)
    again.play(0.1)
    again.robots.obey(Arm())
    again.play(1.0)
    assert states(again)[-1] == "armed"


def test_the_state_of_another_robot_is_refused_and_without_a_robot_the_motion_goes_on(
    make_rig: MakeRig,
    make_swinging_rig: MakeRig,
) -> None:
    rig = make_swinging_rig()
    rig.play(0.5)
    snapshots = saved(rig)
    other = make_swinging_rig(names=("hip", "ankle"))
    with pytest.raises(ConfigError, match="another robot: of 2 joints, hip first"):
        take_up(snapshots, other.casting, other.stage, other.robots)
    bare = make_rig(snapshots, rate_hz=60)
    frames = bare.play(0.3)
    assert {frame.robot for frame in frames} == {None}
    np.testing.assert_array_equal(
        [frame.pose.joints for frame in rig.play(0.3)], [frame.pose.joints for frame in frames]
    )


def test_a_chain_of_another_size_is_refused(make_swinging_rig: MakeRig) -> None:
    rig = make_swinging_rig()
    rig.play(0.3)
    (snapshot,) = saved(rig)
    cut = {**snapshot.guard.chain, "moving": snapshot.guard.chain["moving"][:, :-1]}
    wrong = replace(snapshot, guard=replace(snapshot.guard, chain=cut))
    with pytest.raises(ValueError, match="2 joints cannot move so"):
        make_swinging_rig([wrong])


def test_a_snapshot_never_falls_between_a_frame_and_what_the_robot_is_sent(
    make_swinging_rig: MakeRig,
) -> None:
    rig = make_swinging_rig()
    rig.play(0.3)
    taken, over = [], threading.Event()

    def take() -> None:
        while not over.is_set():
            taken.append(take_snapshot(rig.characters, rig.stage, rig.robots)[0])

    thread = threading.Thread(target=take)
    rig.generate_on_tick = lambda: len(taken) < 0  # the queue runs dry: the robot brakes
    thread.start()
    rig.play(2.0)
    over.set()
    thread.join()
    sent = {frame.sequence: frame.robot for frame in rig.frames}
    assert len(taken) > 5
    for snapshot in taken:
        robot = sent[snapshot.playing.sequence - 1]
        np.testing.assert_array_equal(snapshot.guard.chain["moving"][0][:2], robot.positions)
