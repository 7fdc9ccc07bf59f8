"""``ros2 run flood_motion node``: the ROS 2 side of a daemon that runs elsewhere.

A node with a life cycle: *configure* looks for the daemon in a thread, *activate* asks for frames
and publishes them, *deactivate* lets the character settle, *cleanup* lets go. What fails is in
``~/status`` and can be mended: set the parameter, configure again.
"""

import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable

from flood_motion.parameters import PARAMETERS
from flood_motion.stream import Stream
from rclpy.lifecycle import LifecycleNode, TransitionCallbackReturn

from flood_bridge.commands import SetPrompt
from flood_bridge.errors import FloodBridgeError
from flood_bridge.events import Rejected
from flood_bridge.inputs.ros2 import Ros2Input
from flood_bridge.outputs.ros2 import Ros2Output
from flood_bridge.protocol.ros import STAND
from flood_bridge.retarget.robot_model import load_robot
from flood_bridge.ros2_node import Ros2Node

logger = logging.getLogger(__name__)

SUCCESS, FAILURE = TransitionCallbackReturn.SUCCESS, TransitionCallbackReturn.FAILURE
FIRST_RATE_HZ = 60.0
"""Of the stamps, until the stream's own rate is known."""


class FloodMotion(LifecycleNode):
    """The node; :meth:`attach` gives it what it starts and stops."""

    def attach(self, shared: Ros2Node, stream: Stream) -> None:
        """Take what the transitions work on."""
        self._shared, self._stream = shared, stream

    def destroy_node(self) -> None:
        """Leave the graph, and give the middleware's shared memory back."""
        super().destroy_node()
        # Rclpy's state machine keeps the node's handle in use, and so half a megabyte in /dev/shm.
        vars(self).pop("_state_machine", None)

    def on_configure(self, _state) -> TransitionCallbackReturn:
        """Begin to look for the daemon."""
        try:
            settings = self._shared.settings
            self._stream.open(settings["daemon_host"], settings["daemon_port"])
        except FloodBridgeError as error:
            self._stream.fail(str(error))
            return FAILURE
        return SUCCESS

    def on_activate(self, state) -> TransitionCallbackReturn:
        """Ask for frames and publish them."""
        self._stream.frames(True)
        return super().on_activate(state)

    def on_deactivate(self, state) -> TransitionCallbackReturn:
        """Publish no more frames, and let the character stand."""
        self._stream.frames(False)
        settings = self._shared.settings
        if settings["settle"]:
            self._stream.submit(SetPrompt(text=STAND, character=settings["character"]))
        return super().on_deactivate(state)

    def on_cleanup(self, _state) -> TransitionCallbackReturn:
        """Let go of the daemon."""
        self._stream.close()
        return SUCCESS

    def on_shutdown(self, _state) -> TransitionCallbackReturn:
        """End for good."""
        self._stream.close()
        return SUCCESS

    def on_error(self, _state) -> TransitionCallbackReturn:
        """Be unconfigured again after a failure."""
        self._stream.close()
        self._stream.fail("a transition has failed; the log says why")
        return SUCCESS


def run(ros_args: list[str], wait: Callable[[], object]) -> None:
    """Be the node until ``wait`` returns.

    Raises:
        FloodBridgeError: If an argument or a parameter cannot be used.
    """
    made: list[FloodMotion] = []

    def make(name: str, **rest) -> FloodMotion:
        made.append(FloodMotion(name, **rest))
        return made[0]

    shared = Ros2Node(ros_args=ros_args, make=make)
    settings = shared.settings
    settings.declare(PARAMETERS)
    character = settings["character"]
    output = Ros2Output(
        shared, rate_hz=FIRST_RATE_HZ, now_secs=shared.steady_secs, character=character
    )
    output.silence(True)
    joints = load_robot(settings["robot"]).names if settings["robot"] else ()
    stream = Stream(shared, output, character, joints)
    made[0].attach(shared, stream)
    commands = Ros2Input(shared, character=character, measured_joints=settings["measured_joints"])

    def refuse(refusal: Rejected) -> None:
        output.tell(refusal)

    spinning = threading.Thread(target=commands.run, args=(stream.submit, refuse), name="spin")
    spinning.start()
    if settings["autostart"] and made[0].trigger_configure() == SUCCESS:
        made[0].trigger_activate()
    wait()
    commands.close()
    spinning.join()
    stream.close()
    output.close()
    shared.close()


def main() -> None:
    """Run until Ctrl-C or SIGTERM; the exit status is 2 if an argument cannot be used."""
    logging.basicConfig(level=logging.INFO, format="[%(levelname)s] %(message)s")
    # Not an Event: its lock would hang a second signal that comes inside the first one's handler.
    bell: queue.SimpleQueue[None] = queue.SimpleQueue()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: bell.put(None))
    status = 0
    try:
        run(sys.argv[1:], bell.get)
    except FloodBridgeError as error:
        logger.error("%s", error)
        status = 2
    # All of ours is closed. Python's own end takes libraries apart piece by piece, for most of a
    # second, and lets an impatient second Ctrl-C kill it half-way.
    logging.shutdown()
    os._exit(status)


if __name__ == "__main__":
    main()
