"""What the daemon tells, on ROS 2 topics: status, receipts, the skeleton's names, diagnostics.

With ``flood_motion_msgs`` installed these are typed messages, without it JSON in strings. Both are
latched: who comes late gets the last ones.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

from flood_bridge.events import Event, PromptApplied, Rejected, SafetyReport, Status
from flood_bridge.motion.frames import Frame
from flood_bridge.motion.skeleton import JOINT_NAMES, PARENTS, Skeleton
from flood_bridge.outputs.ros2_body import optional_type
from flood_bridge.protocol import ros
from flood_bridge.protocol import ros_topics as topics
from flood_bridge.protocol.axes import ROS
from flood_bridge.protocol.ros_health import Health
from flood_bridge.protocol.ros_receipts import Receipt, ReceiptBook
from flood_bridge.protocol.ros_stamps import split_ns
from flood_bridge.ros2_node import Ros2Node

if TYPE_CHECKING:
    from rclpy.publisher import Publisher

_STATES = ("unreachable", "loading", "running", "paused", "stopping")
_MOST = 2**32 - 1


class NewsTopics:
    """``status``, ``prompt_event``, ``skeleton_info`` and ``/diagnostics`` of one node.

    Args:
        node: The shared node.
        now_secs: The daemon's clock.
        character: Whose frame the status describes.
        skeleton: The body, if it is known.

    Attributes:
        last_error: What went wrong last, for the status.
    """

    def __init__(
        self,
        node: Ros2Node,
        now_secs: Callable[[], float],
        character: int,
        skeleton: Skeleton | None,
    ) -> None:
        from std_msgs.msg import String  # noqa: PLC0415

        self._node, self._now_secs, self._character = node, now_secs, character
        self._book, self._health = ReceiptBook(), Health()
        self._last: Frame | None = None
        self.last_error = ""
        self._status: Status | None = None
        self._safety: dict[int, SafetyReport] = {}
        self._types = {t: optional_type(t.type) for t in (*_NEWS, topics.DIAGNOSTICS)}
        self._string = String
        self._outs: dict[topics.Topic, Publisher[Any]] = {}
        for topic, kind in self._types.items():
            if topic is not topics.DIAGNOSTICS or kind is not None:
                self._outs[topic] = node.publish(kind or String, topic.name, topic.quality)
        self.show(skeleton)

    @property
    def publishers(self) -> list[Publisher[Any]]:
        """All that is offered."""
        return list(self._outs.values())

    def show(self, skeleton: Skeleton | None) -> None:
        """Publish the names, and the offsets of ``skeleton`` if it is known."""
        kind = self._types[topics.SKELETON_INFO]
        if kind is None:
            message = self._string(data=ros.skeleton_info_json())
        else:
            message = kind(names=list(JOINT_NAMES), parents=list(PARENTS))
            vector = import_module("geometry_msgs.msg").Vector3
            for x, y, z in [] if skeleton is None else ROS.position(skeleton.offsets).tolist():
                message.offsets.append(vector(x=x, y=y, z=z))
        self._outs[topics.SKELETON_INFO].publish(message)

    def seen(self, frame: Frame) -> None:
        """Note a frame that was sent, for status and diagnostics."""
        if frame.character == self._character:
            self._last = frame
        self._health.sent(frame.play_time_secs, self._now_secs())
        for receipt in self._book.shown(frame):
            self._publish_receipt(receipt)

    def accepted(self, receipt_of: Any) -> None:
        """Publish that a command was handed on, if it is a prompt and receipts are typed."""
        receipt = self._book.accepted(receipt_of)
        if receipt is not None and self._types[topics.PROMPT_EVENT] is not None:
            self._publish_receipt(receipt)

    def tell(self, event: Event) -> None:
        """Publish a status or receipts; ROS has no use for the rest."""
        if isinstance(event, Status):
            self._status = event
            self._safety.update({report.character: report for report in event.safety})
            self._publish_status(event)
            self._publish_diagnostics(event)
        elif isinstance(event, SafetyReport):
            self._safety[event.character] = event
            if self._status is not None:
                self._publish_status(self._status)
        elif isinstance(event, PromptApplied | Rejected):
            if isinstance(event, Rejected):
                self.last_error = event.reason
            if self._types[topics.PROMPT_EVENT] is None:
                text = ros.prompt_event_json(event)
                self._outs[topics.PROMPT_EVENT].publish(self._string(data=text))
            for receipt in self._book.told(event):
                self._publish_receipt(receipt)

    def _publish_status(self, status: Status) -> None:
        kind = self._types[topics.STATUS]
        if kind is None:
            message = self._string(data=ros.status_json(status))
        else:
            known = kind.get_fields_and_field_types()  # an older workspace may lack some
            told = self._status_fields(status)
            message = kind(**{name: told[name] for name in told if name in known})
            message.stamp.sec, message.stamp.nanosec = split_ns(self._node.now_ns())
        self._outs[topics.STATUS].publish(message)

    def _status_fields(self, status: Status) -> dict[str, Any]:
        last, safety = self._last, self._safety.get(self._character)
        return {
            "safety": safety.state if safety else "",
            "safety_reason": safety.reason if safety else "",
            "state": _STATES.index(status.state) if status.state in _STATES else 0,
            "stopped": self._node.stopped,
            "character": self._character,
            "characters": status.characters,
            "prompt": last.prompt if last else status.prompt,
            "sequence": last.sequence if last else 0,
            "joint_names": list(last.robot.names) if last and last.robot else [],
            "generation_fps": _finite(status.generation_fps),
            "output_fps": _finite(status.output_fps),
            "lead_ms": _finite(status.lead_ms),
            "underruns": min(max(status.underruns, 0), _MOST),
            "latency_ms": min(max(status.last_latency_ms, 0), _MOST),
            "uptime_secs": _finite(status.uptime_secs),
            "last_error": self.last_error,
        }

    def _publish_receipt(self, receipt: Receipt) -> None:
        kind = self._types[topics.PROMPT_EVENT]
        if kind is None:
            return
        message = kind(
            event=int(receipt.kind),
            character=receipt.character,
            request_id=receipt.request_id,
            text=receipt.text,
            sequence=receipt.sequence,
            latency_ms=min(max(receipt.latency_ms, 0), _MOST),
            reason=receipt.reason,
        )
        message.stamp.sec, message.stamp.nanosec = split_ns(self._node.now_ns())
        self._outs[topics.PROMPT_EVENT].publish(message)

    def _publish_diagnostics(self, status: Status) -> None:
        kind = self._types[topics.DIAGNOSTICS]
        if kind is None:
            return
        parts = import_module("diagnostic_msgs.msg")
        verdict = self._health.verdict(status)
        each = parts.DiagnosticStatus(
            level=bytes([verdict.level]),
            name=f"{self._node.rclpy_node.get_name()}: stream",
            message=verdict.message,
            hardware_id=self._node.rclpy_node.get_fully_qualified_name(),
            values=[parts.KeyValue(key=key, value=value) for key, value in verdict.values],
        )
        message = kind(status=[each])
        message.header.stamp.sec, message.header.stamp.nanosec = split_ns(self._node.now_ns())
        self._outs[topics.DIAGNOSTICS].publish(message)


_NEWS = (topics.STATUS, topics.PROMPT_EVENT, topics.SKELETON_INFO)


def _finite(value: float) -> float:
    return value if math.isfinite(value) and abs(value) < 1e30 else 0.0
