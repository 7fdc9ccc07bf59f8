"""Writes a stream as a ROS 2 bag (rosbag2, MCAP) without any ROS, by the package ``rosbags``.

Standard messages only, under the names of the node: ``ros2 bag play`` and Foxglove read it
anywhere. Times are those of the stream, 0 being the daemon's start, so that a motion made again
from its seed and its prompts gives the same bag.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from flood_bridge.errors import ConfigError, MissingDependencyError
from flood_bridge.events import Event, PromptApplied, Rejected, Status
from flood_bridge.motion.frames import Frame
from flood_bridge.protocol import ros
from flood_bridge.protocol.ros_stamps import split_ns

MAX_BYTES = 4 << 30
"""Longest bag; what comes afterwards is left out."""
REMEDY = "pip install 'flood-bridge[bag]'"

_TOPICS = {
    "joint_states": "sensor_msgs/msg/JointState",
    "root_pose": "geometry_msgs/msg/PoseStamped",
    "skeleton": "geometry_msgs/msg/PoseArray",
    "prompt_event": "std_msgs/msg/String",
    "status": "std_msgs/msg/String",
    "skeleton_info": "std_msgs/msg/String",
}


class BagOutput:
    """One character into a new bag.

    Args:
        folder: What must not exist yet: a rosbag2 is a folder.
        character: Whose frames are written.
        max_bytes: What the messages may add up to.

    Attributes:
        messages: How many are in the bag.
        full: Whether something was left out.

    Raises:
        MissingDependencyError: If ``rosbags`` is not installed.
        ConfigError: If the folder cannot be made.
    """

    name = "bag"

    def __init__(self, folder: Path, *, character: int = 0, max_bytes: int = MAX_BYTES) -> None:
        try:
            bags, typesys = import_module("rosbags.rosbag2"), import_module("rosbags.typesys")
        except ModuleNotFoundError as error:
            raise MissingDependencyError("a ROS bag", error.name or "rosbags", REMEDY) from error
        self._store = typesys.get_typestore(typesys.Stores.ROS2_JAZZY)
        self._types = self._store.types
        try:
            self._bag = bags.Writer(folder, version=9, storage_plugin=bags.StoragePlugin.MCAP)
            self._bag.open()
        except (OSError, bags.WriterError) as error:
            raise ConfigError(f"the bag {folder} cannot be made: {error}") from error
        self._topics = {
            name: self._bag.add_connection(f"/flood_bridge/{name}", kind, typestore=self._store)
            for name, kind in _TOPICS.items()
        }
        self._character, self._room = character, max_bytes
        self._now_ns = 0
        self._told_info = self._closed = False
        self.messages, self.full = 0, False

    def send(self, frame: Frame) -> None:
        """Write one frame.

        Raises:
            ProtocolError: If a number is not finite; nothing of the frame is written then.
        """
        if frame.character != self._character:
            return
        rows = ros.skeleton_rows(frame.pose, frame.avatar)
        self._now_ns = max(0, round(frame.play_time_secs * 1e9))
        if not self._told_info:
            self._told_info = True
            self._string("skeleton_info", ros.skeleton_info_json())
        make, header = self._make, self._header("odom")
        poses = [self._pose(row) for row in rows.tolist()]
        self._write("skeleton", make("skeleton", header=header, poses=poses))
        if frame.robot is None:
            return
        positions, velocities = ros.joint_values(frame.robot)
        self._write(
            "joint_states",
            make(
                "joint_states",
                header=self._header(""),
                name=list(frame.robot.names),
                position=np.frombuffer(positions),
                velocity=np.frombuffer(velocities),
                effort=np.zeros(0),
            ),
        )
        root = self._pose(ros.root_row(frame.robot))
        self._write("root_pose", make("root_pose", header=header, pose=root))

    def tell(self, event: Event) -> None:
        """Write a receipt or the status, as JSON."""
        if isinstance(event, PromptApplied | Rejected):
            self._string("prompt_event", ros.prompt_event_json(event))
        elif isinstance(event, Status):
            self._string("status", ros.status_json(event))

    def close(self) -> None:
        """Finish the bag; callable twice."""
        if not self._closed:
            self._closed = True
            self._bag.close()

    def _string(self, name: str, text: str) -> None:
        self._write(name, self._make(name, data=text))

    def _make(self, name: str, /, **fields: Any) -> Any:
        return self._types[_TOPICS[name]](**fields)

    def _header(self, frame_id: str) -> Any:
        sec, nanosec = split_ns(self._now_ns)
        stamp = self._types["builtin_interfaces/msg/Time"](sec=sec, nanosec=nanosec)
        return self._types["std_msgs/msg/Header"](stamp=stamp, frame_id=frame_id)

    def _pose(self, row: list[float]) -> Any:
        types = self._types
        x, y, z, *turn = row
        return types["geometry_msgs/msg/Pose"](
            position=types["geometry_msgs/msg/Point"](x=x, y=y, z=z),
            orientation=types["geometry_msgs/msg/Quaternion"](
                x=turn[0], y=turn[1], z=turn[2], w=turn[3]
            ),
        )

    def _write(self, name: str, message: Any) -> None:
        raw = bytes(self._store.serialize_cdr(message, _TOPICS[name]))
        if self._closed or len(raw) > self._room:
            self.full = True
            return
        self._room -= len(raw)
        self._bag.write(self._topics[name], self._now_ns, raw)
        self.messages += 1
