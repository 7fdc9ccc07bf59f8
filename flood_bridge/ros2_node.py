"""The one ROS 2 node of the daemon, shared by the ROS input and the ROS output.

Both rooms may use it, so it lives beside them. It owns its rclpy ``Context`` and installs no signal
handlers: with rclpy's own, SIGTERM leaves a process hanging whose main thread is not in ``spin``.
Whoever makes a node closes it, after the input's ``run`` has returned. Publishing works from any
thread and needs no spinning; only the input spins. rclpy is imported when a node is made, not
with this module.

The node is also where input and output meet: what the output is told (frames, events) is what the
input's services and actions wait for. Listeners are called in the thread that tells.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flood_bridge.commands import Command
from flood_bridge.errors import ConfigError
from flood_bridge.events import Event
from flood_bridge.motion.frames import Frame
from flood_bridge.protocol.ros import NODE_NAME
from flood_bridge.protocol.ros_topics import Quality
from flood_bridge.ros2_install import require_ros2
from flood_bridge.ros2_settings import Settings

if TYPE_CHECKING:
    from rclpy.node import Node
    from rclpy.publisher import Publisher
    from rclpy.qos import QoSProfile
    from rclpy.subscription import Subscription

LEASE_SECS = 0.5
"""A subscriber that asks for liveliness learns of a dead daemon after this long."""

# Python's logging tells what there is to tell; nothing is written to ~/.ros unasked.
_QUIET = ("--disable-rosout-logs", "--disable-external-lib-logs")


class Ros2Node:
    """A node named ``flood_bridge`` with its own context; one thread spins it at a time.

    Attributes:
        settings: Its parameters.
        event_listeners: Called with every event that the output is told.
        frame_listeners: Called with every frame that the output sends.
        command_listeners: Called with every command that the input hands on.
        stopped: Whether somebody has stopped the character over ROS and nobody resumed it.
    """

    def __init__(
        self,
        *,
        namespace: str = "",
        ros_args: Sequence[str] = (),
        make: Callable[..., Node] | None = None,
    ) -> None:
        """Join the ROS graph.

        Args:
            namespace: Goes before the node's name, such as ``/robot1``; empty for none.
            ros_args: What ``ros2 run`` takes after ``--ros-args``, such as
                ``("-r", "~/joint_states:=/joint_states")``.
            make: Makes the node itself, for example one with a life cycle; takes what
                ``rclpy.node.Node`` takes.

        Raises:
            MissingDependencyError: If rclpy or its messages are not installed.
            ConfigError: If the ROS installation, the namespace or an argument cannot be used.
        """
        require_ros2()
        import rclpy  # noqa: PLC0415
        from rclpy.clock import Clock  # noqa: PLC0415
        from rclpy.clock_type import ClockType  # noqa: PLC0415
        from rclpy.context import Context  # noqa: PLC0415
        from rclpy.exceptions import NameValidationException, ParameterException  # noqa: PLC0415
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
            self._node = (make or Node)(
                NODE_NAME, context=self._context, namespace=namespace, enable_rosout=False
            )
            self.settings = Settings(self._node)
        except (RuntimeError, NameValidationException, ParameterException) as error:
            self._context.try_shutdown()
            raise ConfigError(
                f"ROS 2 refuses namespace {namespace!r} with arguments {list(ros_args)}: {error}"
            ) from error
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._steady = Clock(clock_type=ClockType.STEADY_TIME)
        self._closing = threading.Event()
        self._spinning = threading.Lock()
        self._leaving = threading.Lock()
        self.event_listeners: list[Callable[[Event], None]] = []
        self.frame_listeners: list[Callable[[Frame], None]] = []
        self.command_listeners: list[Callable[[Command], None]] = []
        self.stopped = False

    @property
    def rclpy_node(self) -> Node:
        """What services, actions and timers are made of."""
        return self._node

    def steady_secs(self) -> float:
        """Return a clock that nobody sets, seconds from any beginning."""
        return 1e-9 * self._steady.now().nanoseconds

    def wake(self) -> None:
        """Let a waiting :meth:`spin_once` return, for coroutines to go on; from any thread."""
        if not self._closing.is_set():
            self._executor.wake()

    def now_ns(self) -> int:
        """Return the ROS clock, nanoseconds since its epoch."""
        return self._node.get_clock().now().nanoseconds

    def publish(self, message_type: type[Any], topic: str, quality: Quality) -> Publisher[Any]:
        """Offer a topic.

        Motion is reliable, because a best-effort publisher is silently incompatible with
        ros2_control and the Unity endpoint. ``qos_overrides.<topic>.publisher.*`` parameters change
        all but what is latched.
        """
        from rclpy.qos_overriding_options import QoSOverridingOptions  # noqa: PLC0415

        profile = profile_of(quality)
        if quality.startswith("latched"):
            return self._node.create_publisher(message_type, topic, profile)
        return self._node.create_publisher(
            message_type,
            topic,
            profile,
            qos_overriding_options=QoSOverridingOptions.with_default_policies(),
        )

    def subscribe(
        self,
        message_type: type[Any],
        topic: str,
        quality: Quality,
        on_message: Callable[[Any], None],
    ) -> Subscription[Any]:
        """Call ``on_message`` from :meth:`spin_once` for each message."""
        return self._node.create_subscription(message_type, topic, on_message, profile_of(quality))

    def withdraw(self, endpoint: Any) -> None:
        """Take back a publisher, subscription, service or action; a closed node has none left."""
        from rclpy.publisher import Publisher  # noqa: PLC0415
        from rclpy.service import Service  # noqa: PLC0415
        from rclpy.subscription import Subscription  # noqa: PLC0415

        with self._leaving:
            if self._closing.is_set():
                return
            match endpoint:
                case Publisher():
                    self._node.destroy_publisher(endpoint)
                case Subscription():
                    self._node.destroy_subscription(endpoint)
                case Service():
                    self._node.destroy_service(endpoint)
                case _:
                    endpoint.destroy()

    @contextmanager
    def open(self) -> Iterator[bool]:
        """Hold the node open while endpoints are made; yields whether it still is open."""
        with self._spinning:
            yield not self._closing.is_set()

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


_DEPTHS: dict[Quality, int] = {
    "motion": 5,
    "latched 1": 1,
    "latched 20": 20,
    "stream 1": 1,
    "commands": 10,
    "sensor": 10,  # legs and arms may be measured apart and come back to back
    "tf": 100,
}


def profile_of(quality: Quality) -> QoSProfile:
    """Return what ``quality`` means, by the table in ``docs/ros2.md``."""
    from rclpy.duration import Duration  # noqa: PLC0415
    from rclpy.qos import (  # noqa: PLC0415
        DurabilityPolicy,
        HistoryPolicy,
        LivelinessPolicy,
        QoSProfile,
        ReliabilityPolicy,
    )

    latched, sensor = quality.startswith("latched"), quality == "sensor"
    profile = QoSProfile(
        history=HistoryPolicy.KEEP_LAST,
        depth=_DEPTHS[quality],
        reliability=ReliabilityPolicy.BEST_EFFORT if sensor else ReliabilityPolicy.RELIABLE,
        durability=DurabilityPolicy.TRANSIENT_LOCAL if latched else DurabilityPolicy.VOLATILE,
        liveliness=LivelinessPolicy.AUTOMATIC,
    )
    if quality == "motion":
        profile.liveliness_lease_duration = Duration(seconds=LEASE_SECS)
    return profile
