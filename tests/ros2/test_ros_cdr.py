"""Messages filled in place are the bytes that an independent writer makes of the same fields."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from flood_bridge.protocol import ros_cdr

typesys = pytest.importorskip("rosbags.typesys")
STORE = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
TYPES = STORE.types

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
stamps = st.tuples(st.integers(-(2**31), 2**31 - 1), st.integers(0, 999_999_999))
numbers = st.floats(allow_nan=False, width=64)
rows = arrays(np.float64, 7, elements=numbers)


def header(stamp: tuple[int, int], frame_id: str):
    sec, nanosec = stamp
    time = TYPES["builtin_interfaces/msg/Time"](sec=sec, nanosec=nanosec)
    return TYPES["std_msgs/msg/Header"](stamp=time, frame_id=frame_id)


def pose(row: np.ndarray, kinds: tuple[str, str, str], fields: tuple[str, str]):
    x, y, z, qx, qy, qz, qw = row.tolist()
    whole, place, turn = (TYPES[f"geometry_msgs/msg/{kind}"] for kind in kinds)
    return whole(
        **dict(zip(fields, (place(x=x, y=y, z=z), turn(x=qx, y=qy, z=qz, w=qw)), strict=True))
    )


POSE = ("Pose", "Point", "Quaternion"), ("position", "orientation")
TRANSFORM = ("Transform", "Vector3", "Quaternion"), ("translation", "rotation")


def written(message, kind: str) -> bytes:
    return bytes(STORE.serialize_cdr(message, kind))


@given(st.data(), st.lists(texts, max_size=40), stamps)
def test_a_joint_state_of_any_names(data: st.DataObject, names: list[str], stamp: tuple[int, int]):
    positions, velocities = (
        data.draw(arrays(np.float64, len(names), elements=numbers)) for _ in range(2)
    )
    message = TYPES["sensor_msgs/msg/JointState"](
        header=header(stamp, ""),
        name=names,
        position=positions,
        velocity=velocities,
        effort=np.zeros(0),
    )
    stencil = ros_cdr.joint_state(names)
    stencil.filled((1, 2), velocities + 1, positions)  # what was there before leaves no trace
    filled = stencil.filled(stamp, positions, velocities)
    assert filled == written(message, "sensor_msgs/msg/JointState")


@given(texts, stamps, rows)
def test_a_stamped_pose(frame_id: str, stamp: tuple[int, int], row: np.ndarray):
    message = TYPES["geometry_msgs/msg/PoseStamped"](
        header=header(stamp, frame_id), pose=pose(row, *POSE)
    )
    filled = ros_cdr.pose_stamped(frame_id).filled(stamp, row)
    assert filled == written(message, "geometry_msgs/msg/PoseStamped")


@given(texts, stamps, arrays(np.float64, (22, 7), elements=numbers))
def test_an_array_of_poses(frame_id: str, stamp: tuple[int, int], each: np.ndarray):
    message = TYPES["geometry_msgs/msg/PoseArray"](
        header=header(stamp, frame_id), poses=[pose(row, *POSE) for row in each]
    )
    filled = ros_cdr.pose_array(frame_id, 22).filled(stamp, each.ravel())
    assert filled == written(message, "geometry_msgs/msg/PoseArray")


@given(texts, texts, stamps, rows)
def test_a_transform(frame_id: str, child: str, stamp: tuple[int, int], row: np.ndarray):
    each = TYPES["geometry_msgs/msg/TransformStamped"](
        header=header(stamp, frame_id), child_frame_id=child, transform=pose(row, *TRANSFORM)
    )
    message = TYPES["tf2_msgs/msg/TFMessage"](transforms=[each])
    filled = ros_cdr.transform(frame_id, child).filled(stamp, row)
    assert filled == written(message, "tf2_msgs/msg/TFMessage")


@pytest.mark.parametrize(
    "runs",
    [
        (np.zeros(2),),
        (np.zeros(2), np.zeros(3)),
        (np.zeros(2), np.zeros(1)),
        (np.zeros(1), np.zeros(3)),
        (np.zeros(2),) * 3,
    ],
)
def test_runs_of_another_length_are_refused(runs: tuple[np.ndarray, ...]):
    with pytest.raises(ValueError, match=r"numbers; \[2, 2\] are valid"):
        ros_cdr.joint_state(["a", "b"]).filled((0, 0), *runs)


def test_bytes_that_were_handed_out_stay_as_they_are():
    stencil = ros_cdr.pose_stamped("odom")
    first = stencil.filled((1, 2), np.full(7, math.pi))
    again = stencil.filled((3, 4), np.zeros(7))
    assert first != again
    assert first == ros_cdr.pose_stamped("odom").filled((1, 2), np.full(7, math.pi))
