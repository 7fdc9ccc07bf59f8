"""Between link and node: one thread that receives, and what is published of it.

Frames are published in the thread that receives them, at the moment they are due. A daemon that
falls silent is told as a status within a second, and no frame is published until it is back.
"""

import logging
import threading

from flood_bridge.commands import Command, MeasuredJoints
from flood_bridge.errors import CommandError, ProtocolError
from flood_bridge.events import Rejected, Status
from flood_bridge.inputs.ros2_link import DaemonLink
from flood_bridge.motion.frames import Frame
from flood_bridge.outputs.ros2 import Ros2Output
from flood_bridge.protocol.rates import Complaints
from flood_bridge.protocol.ros_measured import MeasuredParts
from flood_bridge.protocol.ros_rhythm import Rhythm
from flood_bridge.ros2_node import Ros2Node
from flood_bridge.safety.options import SafetyOptions

logger = logging.getLogger(__name__)

WAIT_SECS = 0.1
UNREACHABLE = Status(0.0, 0, "", "unreachable", 0.0, 0.0, 0.0, 0, 0)


class Stream:
    """The daemon as the node sees it.

    Args:
        node: The shared node.
        output: What publishes.
        character: By whose frames the clocks are compared.
        joints: The robot's, in the order in which the daemon wants measured ones.
    """

    def __init__(
        self, node: Ros2Node, output: Ros2Output, character: int, joints: tuple[str, ...] = ()
    ) -> None:
        self._node, self._output, self._character = node, output, character
        self._measured = MeasuredParts(joints, SafetyOptions().measured_secs)
        self._complaints = Complaints()
        self._rhythm = Rhythm()
        self._link: DaemonLink | None = None
        self._thread: threading.Thread | None = None
        self._ending = threading.Event()
        self._reached = False
        self._shown = None

    def open(self, host: str, port: int) -> None:
        """Look for the daemon, now and whenever it is gone.

        Raises:
            ConfigError: If the address cannot be used.
        """
        self._link = DaemonLink(host, port, self._node.steady_secs)
        self._ending.clear()
        self._reached = False
        self.fail("")
        self._thread = threading.Thread(target=self._run, args=(self._link,), name="link")
        self._thread.start()

    def frames(self, wanted: bool) -> None:
        """Ask for frames, and publish them; or for receipts and status alone."""
        self._output.silence(not wanted)
        if self._link is not None:
            self._link.stream(wanted)

    def submit(self, command: Command) -> None:
        """Hand ``command`` to the daemon, or tell why it cannot be."""
        measured = isinstance(command, MeasuredJoints)
        try:
            if measured:
                self._measure(command)
            else:
                self._linked().submit(command)
        except CommandError as error:
            # A driver repeats what cannot be used hundreds of times a second.
            if not measured or self._complaints.passes(self._node.steady_secs(), str(error)):
                self._output.tell(Rejected(command.request_id, str(error)))

    def _measure(self, command: MeasuredJoints) -> None:
        """Send all measured joints, if this makes them whole and the last are not too fresh."""
        link = self._linked()
        whole = self._measured.add(self._node.steady_secs(), command)
        if whole is not None:
            link.submit(whole)
            self._complaints.settle()

    def _linked(self) -> DaemonLink:
        if self._link is None:
            raise CommandError("the node is not configured: it has no daemon")
        return self._link

    def fail(self, error: str) -> None:
        """Tell that there is no daemon, and why, if that is known."""
        self._output.blame(error)
        self._output.tell(UNREACHABLE)

    def close(self) -> None:
        """Let go of the daemon; may be opened again."""
        self._ending.set()
        if self._thread is not None:
            self._thread.join()
        if self._link is not None:
            self._link.close()
        self._link = self._thread = None

    def _run(self, link: DaemonLink) -> None:
        while not self._ending.is_set():
            try:
                for told in link.poll(WAIT_SECS):
                    self._take(told)
                self._watch(link)
            except ProtocolError as error:
                logger.warning("a frame is passed over: %s", error)
            except Exception:  # the node stays, and says so
                logger.exception("the link has failed and goes on")

    def _take(self, told) -> None:
        if not isinstance(told, Frame):
            self._output.tell(told)
            return
        if told.character == self._character:
            arrival_secs = self._node.steady_secs()
            if self._rhythm.add(told.sequence, told.play_time_secs, arrival_secs):
                self._output.set_rhythm(self._rhythm.rate_hz, self._rhythm.offset_secs)
        if self._rhythm.rate_hz:
            self._output.send(told)

    def _watch(self, link: DaemonLink) -> None:
        """Tell when the daemon has come or gone."""
        if link.alive and not self._reached:
            self._reached = True
            logger.info("the daemon is there")
        elif self._reached and not link.alive:
            self._reached = False
            self._rhythm = Rhythm()
            self.fail("the daemon is silent")
            logger.error("the daemon is silent; nothing is published until it is back")
        if link.skeleton is not self._shown:
            self._shown = link.skeleton
            self._output.show(link.skeleton)
