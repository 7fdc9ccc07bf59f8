"""``ros2 run flood_motion teleop_text``: type sentences, see the receipts.

A line is a prompt; ``!`` before it makes it urgent, ``+`` appends it. ``/stop``, ``/clear_queue``,
``/pause``, ``/resume`` and ``/reset`` call the services; ``/quit`` or Ctrl-D ends.
"""

import sys
import threading
from contextlib import suppress

import rclpy
from flood_motion_msgs.msg import Prompt, PromptEvent, Status
from rclpy.executors import ExternalShutdownException
from rclpy.node import Node
from rclpy.qos import DurabilityPolicy, QoSProfile
from std_srvs.srv import Trigger

SERVICES = ("stop", "clear_queue", "pause", "resume", "reset")
MODES = {"!": Prompt.NOW, "+": Prompt.QUEUE}
LATCHED = QoSProfile(depth=20, durability=DurabilityPolicy.TRANSIENT_LOCAL)
KINDS = {
    PromptEvent.ACCEPTED: "accepted",
    PromptEvent.STARTED: "shown",
    PromptEvent.FINISHED: "finished",
    PromptEvent.SUPERSEDED: "superseded",
    PromptEvent.REJECTED: "refused",
}
STATES = ("unreachable", "loading", "running", "paused", "stopping")


class Teleop(Node):
    """Prompts out, receipts in."""

    def __init__(self) -> None:
        super().__init__("teleop_text", enable_rosout=False)
        target = self.declare_parameter("target", "/flood_bridge").value
        self._prompts = self.create_publisher(Prompt, f"{target}/prompt", 10)
        self._triggers = {
            name: self.create_client(Trigger, f"{target}/{name}") for name in SERVICES
        }
        self._state = -1
        self._number = 0
        self.create_subscription(PromptEvent, f"{target}/prompt_event", self._on_event, LATCHED)
        self.create_subscription(Status, f"{target}/status", self._on_status, LATCHED)

    def obey(self, line: str) -> None:
        """Send what a typed line means."""
        if line.startswith("/"):
            self._call(line[1:].strip())
            return
        mode = MODES.get(line[:1], Prompt.SOFT)
        self._number += 1
        text = line[1:].strip() if line[:1] in MODES else line
        self._prompts.publish(Prompt(request_id=self._number, text=text, mode=mode))

    def _call(self, name: str) -> None:
        client = self._triggers.get(name)
        if client is None:
            say(f"/{name} is unknown; valid are {', '.join('/' + n for n in SERVICES)}, /quit")
        elif not client.service_is_ready():
            say(f"nobody offers the service {client.srv_name}")
        else:
            client.call_async(Trigger.Request()).add_done_callback(
                lambda done: say(f"{name}: {done.result().message or 'done'}")
            )

    def _on_event(self, event: PromptEvent) -> None:
        kind = KINDS.get(event.event, "?")
        about = f' "{event.text}"' if event.text else ""
        rest = event.reason
        if event.event == PromptEvent.STARTED:
            rest = f"from frame {event.sequence} on, after {event.latency_ms} ms"
        say(f"{kind}{about} {rest}".rstrip())

    def _on_status(self, status: Status) -> None:
        if status.state != self._state:
            self._state = status.state
            say(f"the stream is {STATES[status.state]} {status.last_error}".rstrip())


def say(text: str) -> None:
    """Show one line."""
    print(text, flush=True)  # noqa: T201 - this is a console


def main() -> int:
    """Read lines until the end; return the exit status."""
    rclpy.init()
    node = Teleop()
    spinning = threading.Thread(target=_spin, args=(node,), daemon=True)
    spinning.start()
    try:
        for line in sys.stdin:
            text = line.strip()
            if text == "/quit":
                break
            if text:
                node.obey(text)
    except KeyboardInterrupt:
        pass
    rclpy.try_shutdown()
    spinning.join(1.0)
    return 0


def _spin(node: Node) -> None:
    with suppress(ExternalShutdownException):
        rclpy.spin(node)


if __name__ == "__main__":
    sys.exit(main())
