"""The daemon's side of the viewer: an output, an input, and the process that serves the page."""

from __future__ import annotations

import logging
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import numpy as np

from flood_bridge.commands import (
    ClearQueue,
    Command,
    Pause,
    QueuePrompt,
    Resume,
    SetGuidance,
    SetHistory,
    SetPrompt,
    SetSmoothing,
    SetSpeed,
    SetSteps,
    Stop,
)
from flood_bridge.errors import CommandError, ProtocolError
from flood_bridge.events import Event, Rejected
from flood_bridge.inputs import Reject, Submit
from flood_bridge.motion.frames import NEWS, Frame
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.viewer import pipe
from flood_bridge.viewer.messages import (
    MAX_LINE_BYTES,
    About,
    Body,
    Down,
    Glance,
    Heard,
    RobotPose,
    Setup,
    Told,
    read_line,
)
from flood_bridge.viewer.sleep import Sleep

logger = logging.getLogger(__name__)

FRAMES_PER_SEC = 240.0
"""Frames of all characters together that go down the pipe each second."""
MAX_HEARD = 256
"""Most commands of others that wait to go down the pipe; older ones are left out."""
WAIT_SECS = 1.0
"""How long the process is waited for when it is to end."""

_OF_INTEREST = (
    SetPrompt, QueuePrompt, ClearQueue, Stop, Pause, Resume,
    SetSpeed, SetGuidance, SetHistory, SetSteps, SetSmoothing,
)  # fmt: skip


class RobotPoints(Protocol):
    """Where the points of a robot are."""

    def points(self, frame: Any) -> np.ndarray:
        """Return the world positions (p, 3) of the points in a robot frame, ROS axes."""
        ...


class ViewerLink:
    """Starts the viewer's process; is an output and an input of the daemon.

    Args:
        setup: What the process is told.
        robot: Knows where the robot's points are, if there is one.
        others: Whether anybody but the page is sent to: then nothing ever sleeps.
    """

    name = "viewer"

    def __init__(
        self,
        setup: Setup,
        robot: RobotPoints | None = None,
        others: Callable[[], bool] = lambda: True,
    ) -> None:
        self._setup = setup
        self._robot = robot
        self._sleep = Sleep(others)
        self._due: dict[int, float] = {}
        self._news: dict[int, int] = {}
        self._heard: deque[Heard] = deque(maxlen=MAX_HEARD)
        self._closed = self._told = self._deaf = False
        self._process = subprocess.Popen(
            [sys.executable, "-m", "flood_bridge.viewer"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the daemon, which then ends the page
        )
        self._write(setup)

    # As an input.

    def run(self, submit: Submit, reject: Reject) -> None:
        """Hand over what people ask for, until the process ends."""
        self._sleep.submit = submit
        while line := self._read():
            try:
                self._obey(line, submit)
            except (ProtocolError, CommandError) as error:
                reject(Rejected(0, f"viewer: {error}"))
        if not self._closed:
            self._sleep.watched_by(0)
            if not self._told:
                self._tell_end(self._fate())

    def _fate(self) -> str:
        """Return how the process has ended that did not say why."""
        try:
            status = self._process.wait(WAIT_SECS)
        except subprocess.TimeoutExpired:
            return "it is silent"
        return f"killed by {signal.Signals(-status).name}" if status < 0 else f"status {status}"

    def _tell_end(self, reason: str) -> None:
        self._told = True
        logger.warning("the viewer has ended: %s; the stream goes on without it", reason)

    def _read(self) -> bytes:
        """Return the next line; nothing when the process has ended or is closed."""
        assert self._process.stdout is not None
        try:
            return self._process.stdout.readline(MAX_LINE_BYTES + 1)
        except ValueError:
            return b""

    def _obey(self, line: bytes, submit: Submit) -> None:
        message = read_line(line)
        if not isinstance(message, dict):
            submit(message)
        elif "opened" in message:
            logger.info("viewer: %s", address(self._setup, int(message["opened"])))
        elif "failed" in message:
            self._told = True
            logger.warning("no viewer: %s; the stream goes on without it", message["failed"])
        elif "ended" in message:
            self._tell_end(str(message["ended"]))
        elif "trouble" in message:
            logger.warning("viewer: passed over: %s", message["trouble"])
        elif "watchers" in message:
            self._sleep.watched_by(int(message["watchers"]))

    # As an output.

    def begin(self, skeleton: Skeleton, about: About | None = None) -> None:
        """Tell the process about the body and the model, once they are known."""
        self._write(Body(skeleton.offsets))
        if about is not None:
            self._write(about)

    def hear(self, command: Command, by: str) -> None:
        """Note what the input ``by`` asks of the daemon; callable from any thread, never waits."""
        if isinstance(command, _OF_INTEREST):
            self._heard.append(Heard(command, by))

    def send(self, frame: Frame) -> None:
        """Pass ``frame`` on, unless frames of its character come faster than is drawn."""
        number = frame.character
        self._sleep.saw(frame)
        self._pass_on()
        news = self._news.get(number, 0) | int(frame.flags & NEWS)
        if frame.play_time_secs < self._due.get(number, 0.0):
            self._news[number] = news
            return
        if number not in self._due and len(self._due) > 64:
            self._due.clear()
        period_secs = max(1, len(self._due)) / FRAMES_PER_SEC
        self._due[number] = frame.play_time_secs + 0.8 * period_secs
        self._news[number] = 0
        self._write(self._glance(frame, int(frame.flags) | news))

    def tell(self, event: Event) -> None:
        """Pass ``event`` on."""
        self._sleep.tell(event)
        self._pass_on()
        self._write(Told(event))

    def close(self) -> None:
        """End the process; as it is two things, this comes twice."""
        self._closed = True
        self._process.terminate()
        try:
            self._process.wait(WAIT_SECS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        for end in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was still to be written is lost with the process
                if end is not None:
                    end.close()

    def _pass_on(self) -> None:
        """Write what was heard before the frames and receipts that it leads to."""
        while self._heard:
            self._write(self._heard.popleft())

    def _glance(self, frame: Frame, flags: int) -> Glance:
        pose, avatar, robot = frame.pose, frame.avatar, None
        if frame.robot is not None and self._robot is not None:
            points = self._robot.points(frame.robot)
            robot = RobotPose(points.astype(np.float32), frame.robot.positions.astype(np.float32))
        numbers = np.zeros((len(avatar.local_wxyz) + 1, 4), dtype=np.float32)
        numbers[0, :3], numbers[1:] = avatar.root_position, avatar.local_wxyz
        return Glance(
            frame.character,
            frame.sequence,
            frame.play_time_secs,
            pose.joints.astype(np.float32),
            pose.velocities.astype(np.float32),
            pose.contacts,
            numbers,
            robot,
            frame.prompt,
            flags,
        )

    def _write(self, message: Down) -> None:
        """Write ``message`` down the pipe; a process that has gone gets nothing more."""
        if self._closed or self._deaf or self._process.stdin is None:
            return
        try:
            self._process.stdin.write(pipe.pack(message))
            self._process.stdin.flush()
        except (OSError, ValueError):
            self._deaf = True  # why, its other pipe tells


def address(setup: Setup, port: int) -> str:
    """Return what is to be opened in a browser, with the token if one is asked."""
    host = "127.0.0.1" if setup.host in {"0.0.0.0", "::", ""} else setup.host
    host = f"[{host}]" if ":" in host else host
    query = f"?token={setup.token}" if setup.token else ""
    return f"http://{host}:{port}/{query}"
