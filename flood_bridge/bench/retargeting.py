"""``flood-bridge bench retarget``: how well, how lawfully and how fast a robot follows people.

The same clips go through our retargeter and through plain differential inverse kinematics
(:mod:`.plain_ik`), with the same targets, side by side in one process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from flood_bridge.bench.clips import PERIOD_SECS, HumanClip
from flood_bridge.bench.plain_ik import PlainIk
from flood_bridge.bench.retarget_crowd import crowd_ticks
from flood_bridge.bench.robot_metrics import JUMP_RAD_S, Gauge, Samples, Track
from flood_bridge.live.engine_port import Clock
from flood_bridge.motion.frames import Pose, RobotFrame
from flood_bridge.motion.rotations import from_yaw, rotate
from flood_bridge.motion.skeleton import PARENTS
from flood_bridge.retarget.robot import RobotRetargeter
from flood_bridge.retarget.robot_body import ROOT_QPOS, RobotBody
from flood_bridge.retarget.robot_model import RobotModel
from flood_bridge.retarget.targets import FRAMES, POINTS, TargetMaker, human_lengths

COLD_STARTS = 60
"""At most, and two a clip."""
STUCK_M = 0.08
"""Mean error after a second above which a cold start counts as stuck."""
STUCK_FRAMES = 5
"""The error after a second is the median of so many frames: fast legs lag for two or three."""

Say = Callable[[str], None]


def measure_retargeting(
    robot: RobotModel, clips: Sequence[HumanClip], clock: Clock, say: Say
) -> dict[str, Any]:
    """Return the figures of ``clips`` on a robot with legs, of ours and of the yardstick."""
    gauge, follower = Gauge(robot, PERIOD_SECS), Ours(robot)
    ours, plain, rows = [], [], {}
    for number, clip in enumerate(clips):
        say(f"clip {number + 1} of {len(clips)}: {clip.name}")
        ours.append(gauge.measure(follower.track(clip.poses, clock)))
        plain.append(gauge.measure(track_plain(robot, clip.poses, clock)))
        rows[clip.name] = {"ours": summary([ours[-1]]), "plain": summary([plain[-1]])}
    say("cold starts")
    return {
        "robot": robot.name,
        "clips": len(clips),
        "frames": int(sum(len(s.keypoint_m) for s in ours)),
        "ours": summary(ours),
        "plain": summary(plain),
        "batch": crowd_ticks(robot, clips, clock),
        "cold_starts": min(COLD_STARTS, 2 * len(clips)),
        "cold_starts_stuck": cold_starts_stuck(follower, gauge, clips),
        "by_clip": rows,
    }


class Ours:
    """Our retargeter, which starts anew with each clip."""

    def __init__(self, robot: RobotModel) -> None:
        self._robot = robot
        self._retargeter = RobotRetargeter(robot, PERIOD_SECS)
        self._body = RobotBody(robot, POINTS, FRAMES)

    def track(self, poses: Sequence[Pose], clock: Clock) -> Track:
        """Return what is published for the poses."""
        retargeter, track = self._retargeter, Track()
        maker = maker_for(self._robot, poses[0])
        retargeter.reset()
        for pose in poses:
            began_secs = clock()
            frame = retargeter.retarget(pose)
            track.secs.append(clock() - began_secs)
            track.qpos.append(configuration(frame, self._body))
            assert retargeter.footing is not None
            track.targets.append(maker.targets(pose.joints, retargeter.footing))
            track.footing.append(retargeter.footing)
        return track


def track_plain(robot: RobotModel, poses: Sequence[Pose], clock: Clock) -> Track:
    """Return what the yardstick makes of the poses."""
    solver, track = PlainIk(robot, maker_for(robot, poses[0]), PERIOD_SECS), Track()
    for pose in poses:
        began_secs = clock()
        qpos, targets, footing = solver.retarget(pose)
        track.secs.append(clock() - began_secs)
        track.qpos.append(qpos)
        track.targets.append(targets)
        track.footing.append(footing)
    return track


def maker_for(robot: RobotModel, first: Pose) -> TargetMaker:
    """Return what makes targets, without any lock of the feet, for the human of a pose."""
    return TargetMaker(robot, *human_lengths(first.joints - first.joints[list(PARENTS)]))


def configuration(frame: RobotFrame, body: RobotBody) -> np.ndarray:
    """Return the configuration (7 + n,) of a published frame, in MuJoCo's order."""
    qpos = np.empty(ROOT_QPOS + len(frame.positions))
    qpos[:3], qpos[3:ROOT_QPOS] = frame.root_position, frame.root_rotation_wxyz
    qpos[ROOT_QPOS:][body.order] = frame.positions
    return qpos


def summary(parts: Sequence[Samples]) -> dict[str, float]:
    """Return the figures of all clips together."""

    def all_of(name: str) -> np.ndarray:
        return np.concatenate([getattr(each, name) for each in parts])

    def at(name: str, share: float, scale: float = 1.0) -> float:
        values = all_of(name)
        return round(float(np.percentile(values, share)) * scale, 4) if values.size else 0.0

    def mean(name: str, scale: float = 1.0) -> float:
        values = all_of(name)
        return round(float(values.mean()) * scale, 4) if values.size else 0.0

    # The first frame costs sixty steps, and comes once.
    warm = np.concatenate([each.secs[1:] for each in parts])
    return {
        "keypoint_mm_mean": mean("keypoint_m", 1e3),
        "keypoint_mm_p95": at("keypoint_m", 95, 1e3),
        "bone_deg_mean": mean("bone_deg"),
        "margin_rad_min": round(float(all_of("margin_rad").min()), 6),
        "position_violations": int((all_of("margin_rad") < 0.0).sum()),
        "speed_violations": int((all_of("speed_share") > 1.0).sum()),
        "speed_share_max": round(float(all_of("speed_share").max()), 4),
        "speed_rad_s_p999": at("speed", 99.9),
        "acceleration_rad_s2_p999": at("acceleration", 99.9),
        "jerk_rad_s3_p999": at("jerk", 99.9),
        "jumps": int((all_of("speed") > JUMP_RAD_S).sum()),
        "slide_m_s_mean": mean("slide"),
        "slide_m_s_p95": at("slide", 95),
        "under_floor_mm_p99": at("under_m", 99, 1e3),
        "over_floor_mm_p99": at("over_m", 99, 1e3),
        "gap_mm_min": round(float(all_of("gap_m").min()) * 1e3, 2),
        "gap_open_share": round(float((all_of("gap_m") >= 0.0).mean()), 5),
        "outside_share": mean("outside"),
        "ms_p50": round(float(np.percentile(warm, 50)) * 1e3, 4),
        "ms_p99": round(float(np.percentile(warm, 99)) * 1e3, 4),
    }


def cold_starts_stuck(follower: Ours, gauge: Gauge, clips: Sequence[HumanClip]) -> int:
    """Return how many starts in the middle of clips are far off after a second."""
    rng = np.random.default_rng(0)
    stuck = 0
    for _ in range(min(COLD_STARTS, 2 * len(clips))):
        poses = clips[int(rng.integers(len(clips)))].poses
        start = int(rng.integers(max(1, len(poses) - 20)))
        turn, shift = from_yaw(rng.uniform(-np.pi, np.pi)), rng.uniform(-5.0, 5.0, 3) * (1, 0, 1)
        moved = [
            Pose(
                rotate(turn[None], p.joints) + shift,
                rotate(turn[None], p.velocities),
                p.contacts,
                0,
            )
            for p in poses[start : start + 20]
        ]
        track = follower.track(moved, lambda: 0.0)
        late = zip(track.qpos[-STUCK_FRAMES:], track.targets[-STUCK_FRAMES:], strict=True)
        away = [np.linalg.norm(gauge.points(at) - to.points, axis=1).mean() for at, to in late]
        stuck += float(np.median(away)) > STUCK_M
    return stuck
