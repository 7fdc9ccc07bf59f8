"""How much further an avatar's limbs turn from one frame to the next than they swing.

    python bench/avatar_twist.py [--clips FOLDER] [--count 200]

Of captured motion in FOLDER, or without one of eight streams of the bundled model, 20 frames a
second: the world rotation step of each upper and lower arm and leg less the step of its direction.
Prints degrees, and how far a limb points beside what the joints say.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np

from flood_bridge.bench.clips import PERIOD_SECS, HumanClip, read_clips
from flood_bridge.bench.streams import make_streams
from flood_bridge.motion import rotations as rot
from flood_bridge.motion.kinematics import forward_frames
from flood_bridge.motion.skeleton import PARENTS, Skeleton
from flood_bridge.retarget.avatar import AvatarRetargeter
from flood_engine.engine import load_engine

LIMBS = {1: 4, 2: 5, 4: 7, 5: 8, 16: 18, 17: 19, 18: 20, 19: 21}
"""Joint at which each limb bone begins, and the one at which it ends."""
BEGINS, ENDS = list(LIMBS), list(LIMBS.values())


def twists(clip: HumanClip) -> tuple[np.ndarray, float]:
    """Return the excess twist (frames - 1, 8) and the largest error of direction, degrees."""
    joints = np.array([pose.joints for pose in clip.poses])
    parents = list(PARENTS)
    skeleton = Skeleton.from_bone_lengths(np.linalg.norm(joints[0] - joints[0, parents], axis=1))
    avatar = AvatarRetargeter(skeleton, PERIOD_SECS)
    frames = [avatar.retarget(pose) for pose in clip.poses]
    world = np.array([rot.from_matrix(forward_frames(skeleton, f)[1]) for f in frames])[:, BEGINS]
    points = rot.normalise(joints[:, ENDS] - joints[:, BEGINS])
    step = rot.to_rotation_vector(rot.multiply(world[1:], rot.conjugate(world[:-1])))
    drawn = rot.rotate(world, rot.normalise(skeleton.offsets)[ENDS])
    turned = np.degrees(np.linalg.norm(step, axis=-1))
    return turned - angle(points[1:], points[:-1]), float(angle(drawn, points).max())


def angle(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Return degrees between unit vectors (..., 3)."""
    across = np.linalg.norm(np.cross(one, other), axis=-1)
    return np.degrees(np.arctan2(across, np.vecdot(one, other)))


def main() -> None:
    parser = argparse.ArgumentParser(description="How much do an avatar's limbs twist?")
    parser.add_argument("--clips", type=Path, help="folder of captured motion")
    parser.add_argument("--count", type=int, default=200, help="clips at most")
    asked = parser.parse_args()
    if asked.clips is None:
        clips = list(make_streams(load_engine(threads=1), 8, print))
    else:
        clips = read_clips(asked.clips, asked.count)
    found = [twists(clip) for clip in clips]
    excess = np.concatenate([each for each, _ in found])
    print(f"{len(clips)} clips, {sum(len(c.poses) for c in clips)} frames, {excess.size} steps")
    print(f"mean {excess.mean():.2f}, 99 % {np.percentile(excess, 99):.1f}, max {excess.max():.1f}")
    print(f"over 25 degrees: {(excess > 25).sum()}; direction {max(e for _, e in found):.6f}")


if __name__ == "__main__":
    main()
