"""BeyondMimic's two files: the CSV that it reads and the arrays that it trains on [1].

A row of the CSV: root x y z, root quaternion x y z w, the joints in Unitree's order; 30 rows per
second are expected. The .npz, which its own converter makes of the CSV in a simulator, has 50
frames per second, joints and bodies in IsaacLab's order and quaternions wxyz.

[1] github.com/HybridRobotics/whole_body_tracking, scripts/csv_to_npz.py
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from flood_bridge.protocol.robot_motion import RobotMotion, speeds, turning

CSV_RATE_HZ = 30
NPZ_RATE_HZ = 50


def csv_lines(motion: RobotMotion) -> Iterator[str]:
    """Yield the lines of the CSV, which has no head."""
    rows = np.concatenate(
        (motion.root_position, motion.root_wxyz[:, [1, 2, 3, 0]], motion.positions), axis=1
    )
    for row in rows:
        yield ",".join(f"{number:.6f}" for number in row) + "\n"


def npz_arrays(
    motion: RobotMotion, body_positions: np.ndarray, body_wxyz: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the arrays of the .npz.

    Args:
        motion: The joints.
        body_positions: (T, n, 3) where the link that each joint carries is, joints in the order of
            the motion's tree; the root link comes from the motion.
        body_wxyz: (T, n, 4) how it is turned.
    """
    order = motion.tree.order("isaaclab")
    places = np.concatenate((motion.root_position[:, None], body_positions[:, order]), axis=1)
    turns = np.concatenate((motion.root_wxyz[:, None], body_wxyz[:, order]), axis=1)
    return {
        "fps": np.array([round(motion.rate_hz)]),
        "joint_pos": motion.positions[:, order].astype(np.float32),
        "joint_vel": motion.velocities[:, order].astype(np.float32),
        "body_pos_w": places.astype(np.float32),
        "body_quat_w": turns.astype(np.float32),
        "body_lin_vel_w": speeds(places, motion.rate_hz).astype(np.float32),
        "body_ang_vel_w": turning(turns, motion.rate_hz).astype(np.float32),
    }
