"""Listens on the ROS 2 graph: who is there, who does not match whom, and why."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from flood_bridge.doctor.ros_environment import environment
from flood_bridge.errors import ConfigError
from flood_bridge.protocol.ros_topics import PUBLISHED, SUBSCRIBED

if TYPE_CHECKING:
    from rclpy.node import Node
    from rclpy.topic_endpoint_info import TopicEndpointInfo

Clock = Callable[[], float]
Sleep = Callable[[float], None]

_LOOK_SECS = 0.2
_OURS = tuple(topic.name.removeprefix("~") for topic in (*PUBLISHED, *SUBSCRIBED))


def examine_ros(seconds: float, clock: Clock, sleep: Sleep) -> Iterator[str]:
    """Yield the findings about the installation, then about what is heard in ``seconds``.

    Raises:
        ConfigError: At what would crash or cannot work.
    """
    yield from environment(os.environ, sys.prefix)
    with _visitor() as node:
        ends_secs = clock() + seconds
        while clock() < ends_secs:
            sleep(_LOOK_SECS)
        yield from graph(node, seconds)


def graph(node: Node, seconds: float) -> Iterator[str]:
    """Yield who is on the graph and what does not match."""
    nodes = sorted(
        f"{space.rstrip('/')}/{name}"
        for name, space in node.get_node_names_and_namespaces()
        if name != node.get_name()
    )
    yield f"Graph, after {seconds:g} s: {len(nodes)} nodes: {', '.join(nodes[:20]) or 'none'}"
    if not nodes:
        yield (
            "  nobody: start flood-bridge run --ros, and compare ROS_DOMAIN_ID and"
            " ROS_AUTOMATIC_DISCOVERY_RANGE on both sides"
        )
    faults = 0
    for name, _ in sorted(node.get_topic_names_and_types()):
        if not name.endswith(_OURS):
            continue
        senders = node.get_publishers_info_by_topic(name)
        receivers = node.get_subscriptions_info_by_topic(name)
        yield f"  {name}: {len(senders)} send, {len(receivers)} receive"
        for line in mismatches(senders, receivers):
            faults += 1
            yield f"    {line}"
    if nodes:
        yield f"  {faults} mismatches" if faults else "  all that is offered and asked for matches"


def mismatches(
    senders: list[TopicEndpointInfo], receivers: list[TopicEndpointInfo]
) -> Iterator[str]:
    """Yield each pair of a sender and a receiver between which nothing flows, and the reason."""
    from rclpy.qos import QoSCompatibility, qos_check_compatible  # noqa: PLC0415

    for sender in senders:
        for receiver in receivers:
            pair = f"{_named(sender)} sends, {_named(receiver)} receives nothing"
            if sender.topic_type != receiver.topic_type:
                yield f"{pair}: the types are {sender.topic_type} and {receiver.topic_type}"
                continue
            verdict, reason = qos_check_compatible(sender.qos_profile, receiver.qos_profile)
            if verdict == QoSCompatibility.ERROR:
                yield f"{pair}: {reason.strip().rstrip(';')}"


def _named(endpoint: Any) -> str:
    return f"{endpoint.node_namespace.rstrip('/')}/{endpoint.node_name}"


@contextmanager
def _visitor() -> Iterator[Node]:
    """Join the graph for a moment."""
    import rclpy  # noqa: PLC0415
    from rclpy.context import Context  # noqa: PLC0415
    from rclpy.node import Node  # noqa: PLC0415
    from rclpy.signals import SignalHandlerOptions  # noqa: PLC0415

    context = Context()
    try:
        rclpy.init(
            args=["--ros-args", "--disable-rosout-logs", "--disable-external-lib-logs"],
            context=context,
            signal_handler_options=SignalHandlerOptions.NO,
        )
        node = Node("flood_bridge_doctor", context=context, start_parameter_services=False)
    except RuntimeError as error:
        context.try_shutdown()
        raise ConfigError(f"ROS 2 does not start: {error}") from error
    try:
        yield node
    finally:
        node.destroy_node()
        context.try_shutdown()
