"""What the tests of the OSC port share: an input in a thread of its own."""

import socket
import threading
import time

import pytest

from flood_bridge.commands import (
    Command,
)
from flood_bridge.events import Rejected
from flood_bridge.inputs.osc import OscInput


class Running:
    """An input in a thread of its own, and what came out of it."""

    def __init__(self, **settings) -> None:
        settings.setdefault("now_secs", time.monotonic)
        self.input = OscInput(port=0, **settings)
        self.commands: list[Command] = []
        self.refusals: list[Rejected] = []
        self.thread = threading.Thread(
            target=self.input.run, args=(self.commands.append, self.refusals.append)
        )
        self.senders: list[socket.socket] = []
        self.port = self.input.port
        self.thread.start()

    def sender(self) -> socket.socket:
        sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sender.connect(("127.0.0.1", self.port))
        self.senders.append(sender)
        return sender

    def wait_for(self, arrived, *, resend=lambda: None) -> None:
        """Wait until ``arrived()``; a loaded machine may drop datagrams, so send again."""
        deadline = time.monotonic() + 10
        while not arrived():
            assert time.monotonic() < deadline, (self.commands[-3:], self.refusals[-3:])
            resend()
            time.sleep(0.02)

    def stop(self) -> None:
        self.input.close()
        self.thread.join(5)
        for sender in self.senders:
            sender.close()


@pytest.fixture
def start():
    running: list[Running] = []

    def begin(**settings) -> Running:
        running.append(Running(**settings))
        return running[-1]

    yield begin
    for one in running:
        one.stop()
