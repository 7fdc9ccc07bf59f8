"""``flood-bridge export``: a clip on a robot, as the files that tracking policies read."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import numpy as np
from tyro.conf import Positional, UseAppendAction, arg

from flood_bridge.commands import clean_text
from flood_bridge.errors import ConfigError
from flood_bridge.verbs.terminal import progress, show

if TYPE_CHECKING:
    from flood_bridge.motion.frames import Pose, RobotFrame
    from flood_bridge.motion.skeleton import Skeleton
    from flood_bridge.protocol.robot_motion import RobotMotion, Tree
    from flood_bridge.retarget.robot_model import RobotModel

Format = Literal["beyondmimic", "twist2", "sonic", "plain"]
MAX_RATE_HZ = 1000
_RATES = {"beyondmimic.csv": 30, "beyondmimic.npz": 50, "twist2": 50, "sonic": 50, "plain": 50}
_SUFFIXES = {
    "beyondmimic": (".csv", ".npz"),
    "twist2": (".csv", ".npz"),
    "sonic": (".npz",),
    "plain": (".csv",),
}


@dataclass(frozen=True)
class Export:
    """Make one clip, put it on a robot within its limits, and write it for a tracking policy."""

    text: Annotated[Positional[str], arg(metavar="TEXT")]
    """What the character does first."""
    out: Annotated[Path, arg(aliases=["-o"], metavar="FILE")]
    """Where to: .csv or .npz."""
    then: Annotated[
        UseAppendAction[tuple[tuple[float, str], ...]], arg(metavar="SECONDS TEXT")
    ] = ()
    """From SECONDS on, do TEXT instead."""
    robot: str = "unitree_g1"
    """The robot: a name or a .urdf, .xml (MJCF) or .toml file."""
    format: Format = "beyondmimic"
    """For whom: beyondmimic (.csv, .npz), twist2 (.csv, .npz), sonic (.npz), plain (.csv)."""
    rate_hz: int = 0
    """Frames per second; 0 is what that consumer expects."""
    order: Literal["model", "isaaclab"] = "model"
    """Of the joints in a plain .csv, which has a head that names them."""
    seconds: float = 8.0
    """Length of the clip."""
    seed: int = 0
    """Seed of the motion's noise."""
    model: str = "bundled"
    """The model: "bundled", or the folder of another one."""

    def perform(self) -> int:
        """Make and write the clip; return the exit status."""
        from flood_bridge.motion.skeleton import Skeleton  # noqa: PLC0415
        from flood_bridge.offline import check_script, make_motion  # noqa: PLC0415
        from flood_bridge.retarget.robot_model import load_robot  # noqa: PLC0415
        from flood_bridge.wiring import default_threads  # noqa: PLC0415

        rate_hz = self._checked_rate()
        robot = load_robot(self.robot)
        script = ((0.0, clean_text(self.text)), *((at, clean_text(t)) for at, t in self.then))
        check_script(script, self.seconds)
        from flood_engine import load_engine  # noqa: PLC0415

        engine = load_engine(self.model, threads=default_threads())
        motion = make_motion(engine, script, self.seconds, self.seed, progress("generating"))
        skeleton = Skeleton.from_bone_lengths(engine.bone_lengths)
        source_hz = round(engine.frame_rate_hz)
        frames = robot_frames(motion.poses, source_hz, rate_hz, robot, skeleton)
        write(self, frames, robot, rate_hz)
        show(f"wrote {self.out}")
        return 0

    def _checked_rate(self) -> int:
        suffix = self.out.suffix.lower()
        if suffix not in _SUFFIXES[self.format]:
            valid = " or ".join(_SUFFIXES[self.format])
            raise ConfigError(f"{self.format} is written to {valid}, not to {self.out.name!r}")
        if not self.out.parent.is_dir():
            raise ConfigError(f"cannot write {self.out}: there is no folder {self.out.parent}")
        usual = _RATES.get(self.format + suffix) or _RATES[self.format]
        rate_hz = self.rate_hz or usual
        if not 20 <= rate_hz <= MAX_RATE_HZ:
            raise ConfigError(f"--rate-hz is {rate_hz}; valid are 20 to {MAX_RATE_HZ}")
        return rate_hz


def robot_frames(
    poses: Sequence[Pose], source_hz: int, rate_hz: int, robot: RobotModel, skeleton: Skeleton
) -> list[RobotFrame]:
    """Return ``poses`` on ``robot`` at another rate, by the output chain of a running daemon."""
    from flood_bridge.resample import Resampler  # noqa: PLC0415
    from flood_bridge.retarget.limit_chain import OutputChain  # noqa: PLC0415
    from flood_bridge.retarget.limit_table import limits_of  # noqa: PLC0415
    from flood_bridge.retarget.robot import RobotRetargeter  # noqa: PLC0415

    resampler = Resampler[None](source_hz, rate_hz)
    retargeter = RobotRetargeter(robot, 1 / rate_hz, skeleton)
    chain = OutputChain(robot.names, limits_of(robot), 1 / rate_hz)
    frames: list[RobotFrame] = []
    for pose in poses:
        for sample in resampler.push(pose, None):
            wanted = retargeter.retarget(sample.pose)
            frames.append(chain.follow(wanted) if chain.begun else chain.begin(wanted))
    return frames


def tree_of(robot: RobotModel) -> Tree:
    """Return how ``robot`` hangs together."""
    from flood_bridge.protocol.robot_motion import Tree  # noqa: PLC0415

    joints = robot.joints
    return Tree(
        robot.root, robot.names, tuple(j.parent for j in joints), tuple(j.child for j in joints)
    )


def write(wanted: Export, frames: Sequence[RobotFrame], robot: RobotModel, rate_hz: int) -> None:
    """Write ``frames`` as ``wanted`` says; an existing file is replaced when all is done."""
    from flood_bridge.protocol.robot_motion import RobotMotion  # noqa: PLC0415

    motion = RobotMotion.of(frames, tree_of(robot), rate_hz)
    path = wanted.out
    unfinished = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        if path.suffix.lower() == ".csv":
            with unfinished.open("w", encoding="ascii", newline="\n") as file:
                file.writelines(_lines(wanted, motion))
        else:
            np.savez(unfinished, allow_pickle=False, **_arrays(wanted, motion, robot))
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _lines(wanted: Export, motion: RobotMotion) -> list[str]:
    from flood_bridge.protocol import beyondmimic, twist2  # noqa: PLC0415

    if wanted.format == "beyondmimic":
        return list(beyondmimic.csv_lines(motion))
    if wanted.format == "twist2":
        return [_csv(row) for row in twist2.rows(motion)]
    order = motion.tree.order(wanted.order)
    head = "x,y,z,qw,qx,qy,qz," + ",".join(motion.joint_names(wanted.order)) + "\n"
    table = (motion.root_position, motion.root_wxyz, motion.positions[:, order])
    return [head, *(_csv(row) for row in np.concatenate(table, axis=1))]


def _csv(row: np.ndarray) -> str:
    return ",".join(f"{number:.6f}" for number in row) + "\n"


def _arrays(wanted: Export, motion: RobotMotion, robot: RobotModel) -> dict[str, np.ndarray]:
    from flood_bridge.protocol import beyondmimic, sonic, twist2  # noqa: PLC0415

    makers: dict[str, Callable[[], dict[str, np.ndarray]]] = {
        "beyondmimic": lambda: beyondmimic.npz_arrays(motion, *bodies(motion, robot)),
        "twist2": lambda: {"body": twist2.rows(motion), "fps": np.array([round(motion.rate_hz)])},
        "sonic": lambda: sonic.fields(motion),
    }
    return makers[wanted.format]()


def bodies(motion: RobotMotion, robot: RobotModel) -> tuple[np.ndarray, np.ndarray]:
    """Return where the link that each joint carries is, (T, n, 3), and its rotation (T, n, 4)."""
    from flood_bridge.motion.rotations import conjugate, multiply, rotate  # noqa: PLC0415

    unturned = conjugate(np.asarray(robot.root_rotation_wxyz))
    links = [joint.child for joint in robot.joints]
    places, turns = np.empty((len(motion), len(links), 3)), np.empty((len(motion), len(links), 4))
    for index, angles in enumerate(motion.positions):
        frames = robot.frames(angles)
        base = multiply(motion.root_wxyz[index], unturned)
        offset = np.stack([frames[link][0] for link in links])
        places[index] = motion.root_position[index] + rotate(base, offset)
        turns[index] = multiply(base, np.stack([frames[link][1] for link in links]))
    return places, turns
