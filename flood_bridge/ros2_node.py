"""The one ROS 2 node of the daemon, shared by the ROS input and the ROS output.

Both rooms may use it, so it lives beside them. It owns its rclpy ``Context`` and installs no signal
handlers: with rclpy's own, SIGTERM leaves a process hanging whose main thread is not in ``spin``.
Whoever makes a node closes it, after the input's ``run`` has returned. Publishing works from any
thread and needs no spinning; only the input spins. rclpy is imported when a node is made, not
with this module.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from flood_bridge.errors import ConfigError
from flood_bridge.protocol.ros import NODE_NAME
from flood_bridge.ros2_install import require_ros2

if TYPE_CHECKING:
    from rclpy.publisher import Publisher
    from rclpy.qos import QoSProfile
    from rclpy.subscription import Subscription

MOTION_DEPTH = 5
COMMAND_DEPTH = 10
LEASE_SECS = 0.5
"""A subscriber that asks for liveliness learns of a dead daemon after this long."""

# Python's logging tells what there is to tell; nothing is written to ~/.ros unasked.
_QUIET = ("--disable-rosout-logs", "--disable-external-lib-logs")


class Ros2Node:
    """A node named ``flood_bridge`` with its own context; one thread spins it at a time."""

    def __init__(self, *, namespace: str = "", ros_args: Sequence[str] = ()) -> None:
        """Join the ROS graph.

        Args:
            namespace: Goes before the node's name, such as ``/robot1``; empty for none.
            ros_args: What ``ros2 run`` takes after ``--ros-args``, such as
                ``("-r", "~/joint_states:=/joint_states")``.

        Raises:
            MissingDependencyError: If rclpy or its messages are not installed.
            ConfigError: If the ROS installation, the namespace or an argument cannot be used.
        """
        require_ros2()
        import rclpy  # noqa: PLC0415
        from rclpy.context import Context  # noqa: PLC0415
        from rclpy.exceptions import NameValidationException  # noqa: PLC0415
        from rclpy.executors import SingleThreadedExecutor  # noqa: PLC0415
        from rclpy.node import Node  # noqa: PLC0415
        from rclpy.signals import SignalHandlerOptions  # noqa: PLC0415

        self._context = Context()
        try:
            rclpy.init(
                args=["--ros-args", *_QUIET, *ros_args],
                context=self._context,
                signal_handler_options=SignalHandlerOptions.NO,
            )
            self._node = Node(
                NODE_NAME,
                context=self._context,
                namespace=namespace,
                enable_rosout=False,
                start_parameter_services=False,
            )
        except (RuntimeError, NameValidationException) as error:
            self._context.try_shutdown()
            raise ConfigError(
                f"ROS 2 refuses namespace {namespace!r} with arguments {list(ros_args)}: {error}"
            ) from error
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._closing = threading.Event()
        self._spinning = threading.Lock()
        self._leaving = threading.Lock()

    def now_ns(self) -> int:
        """Return the ROS clock, nanoseconds since its epoch."""
        return self._node.get_clock().now().nanoseconds

    def publish_motion(self, message_type: type[Any], topic: str) -> Publisher[Any]:
        """Offer a stream of frames: reliable, volatile, last 5, alive within :data:`LEASE_SECS`.

        Reliable, because a best-effort publisher is silently incompatible with ros2_control and
        the Unity endpoint. ``qos_overrides.<topic>.publisher.*`` parameters change it.
        """
        from rclpy.qos_overriding_options import QoSOverridingOptions  # noqa: PLC0415

        return self._node.create_publisher(
            message_type,
            topic,
            _qos(MOTION_DEPTH, lease_secs=LEASE_SECS),
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )

    def publish_latched(self, message_type: type[Any], topic: str, depth: int) -> Publisher[Any]:
        """Offer messages of which a late subscriber still gets the last ``depth``."""
        return self._node.create_publisher(message_type, topic, _qos(depth, latched=True))

    def subscribe_commands(
        self, message_type: type[Any], topic: str, on_message: Callable[[Any], None]
    ) -> Subscription[Any]:
        """Call ``on_message`` from :meth:`spin_once` for each message: reliable, last 10."""
        return self._node.create_subscription(message_type, topic, on_message, _qos(COMMAND_DEPTH))

    def withdraw(self, endpoint: Publisher[Any] | Subscription[Any]) -> None:
        """Take back a publisher or a subscription; a closed node has none left."""
        from rclpy.publisher import Publisher  # noqa: PLC0415

        with self._leaving:
            if self._closing.is_set():
                return
            if isinstance(endpoint, Publisher):
                self._node.destroy_publisher(endpoint)
            else:
                self._node.destroy_subscription(endpoint)

    def spin_once(self, timeout_secs: float) -> bool:
        """Wait for one message and handle it; False when the node is closing."""
        with self._spinning:
            if self._closing.is_set():
                return False
            self._executor.spin_once(timeout_sec=timeout_secs)
            return True

    def close(self) -> None:
        """Leave the ROS graph, once a running :meth:`spin_once` has ended. May be called again."""
        with self._leaving:
            if self._closing.is_set():
                return
            self._closing.set()
        with self._spinning:
            self._executor.shutdown()
            self._node.destroy_node()
            self._context.try_shutdown()


def _qos(depth: int, *, latched: bool = False, lease_secs: float | None = None) -> QoSProfile:
    from rclpy.duration import Duration  # noqa: PLC0415
    from rclpy.qos import (  # noqa: PLC0415
        DurabilityPolicy,
        HistoryPolicy,
        LivelinessPolicy,
        QoSProfile,
        ReliabilityPolicy,
    )

    durability = DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE
    profile = QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=depth,
        reliability=ReliabilityPolicy.RELIABLE,
        durability=durability,
        liveliness=LivelinessPolicy.AUTOMATIC,
    )
    if lease_secs is not None:
        profile.liveliness_lease_duration = Duration(seconds=lease_secs)
    return profile
