"""The room: where what the daemon sends meets who is here.

Frames and events come in from the daemon on one thread, wishes from browsers on viser's threads;
one lock keeps them apart. Time is that of the frames and the status.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import numpy as np
import viser

from flood_bridge.commands import Command, EStop
from flood_bridge.errors import CommandError
from flood_bridge.events import Event, PromptApplied, Rejected, Status
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.render.clip import Clip
from flood_bridge.viewer.asking import Make, spawner
from flood_bridge.viewer.audience import ASKED_MOST_PER_SEC, Audience
from flood_bridge.viewer.ensemble import Ensemble
from flood_bridge.viewer.messages import About, Body, Glance, Heard, Setup, Told
from flood_bridge.viewer.panel import Panel
from flood_bridge.viewer.sending import Sender, notify
from flood_bridge.viewer.showing import shown

PANEL_SECS = 0.25


class Room:
    """Holds everything together.

    Args:
        server: Viser's.
        setup: What is known from the start: the robot beside the human, the seed.
        submit: Passes a command to the daemon.
        count: Told how many people are here, whenever that changes.
    """

    def __init__(
        self,
        server: viser.ViserServer,
        setup: Setup,
        submit: Callable[[Command], None],
        count: Callable[[int], None],
    ) -> None:
        self._server = server
        self._submit = submit
        self._count = count
        self._lock = threading.RLock()
        self._setup = setup
        self._ensemble = Ensemble(server, setup.robot)
        self._audience = Audience()
        self._panel_secs = -1.0
        self._sender = Sender(self._clip)

    # From the daemon.

    def take(self, message: Body | About | Glance | Told | Heard) -> None:
        """Take what the daemon sends."""
        with self._lock:
            match message:
                case Glance():
                    root = self._ensemble.see(message, len(self._audience))
                    if root is not None:
                        self._look(message, root)
                case Told():
                    self._hear(message.event)
                case Heard():
                    self._ensemble.note(message.command, message.by)
                case Body():
                    self._ensemble.skeleton = Skeleton(message.offsets)
                case About():
                    self._ensemble.model = message
            self._refresh()

    def _look(self, glance: Glance, root: np.ndarray) -> None:
        """Let everybody's world follow the character that is steered."""
        if glance.character == self._ensemble.chosen:
            for panel in self._audience.panels.values():
                panel.view.look(root, glance.play_secs)

    def _hear(self, event: Event) -> None:
        match event:
            case Status():
                self._ensemble.tell(event)
            case PromptApplied():
                self._ensemble.applied(event)
            case Rejected():
                self._refused(event)
            case _:
                pass

    def _refused(self, event: Rejected) -> None:
        person = self._audience.asker(event.request_id)
        if person is None:
            return
        self._ensemble.rejected(event.request_id)
        if "superseded" not in event.reason:
            self._notify(person, "Not done", event.reason)

    # From browsers.

    def join(self, client: viser.ClientHandle) -> None:
        """Let a browser in; it sees the motion at once.

        Its panel comes whole, with all that it shows: nothing moves away under the mouse later.
        """
        person = client.client_id
        with client.atomic():
            # Without the lock: frames go on.
            beside = self._setup.robot is not None
            panel = Panel(client, person, self, self._setup.seed, beside=beside)
            with self._lock:
                if self._client(person) is None:
                    return  # it has left already, and leave() has run or waits for the lock
                self._audience.join(person, panel, self._ensemble.now_secs)
                for seen in self._ensemble.seen.values():
                    if seen.last is not None:
                        self._look(seen.last, self._ensemble.draw(seen.last))
                self._count(len(self._audience))
                self._refresh(at_once=True)

    def leave(self, client: viser.ClientHandle) -> None:
        """Let a browser go, and all that was its own."""
        with self._lock:
            self._audience.leave(client.client_id, self._ensemble.now_secs)
            self._count(len(self._audience))
            self._refresh(at_once=True)

    def ask(self, person: int, make: Make) -> None:
        """Ask the daemon, if ``person`` steers and does not ask too often."""
        with self._lock:
            if not self._steers(person) or not self._has_leave(person):
                return
            try:
                command = make(self._ensemble.chosen, self._audience.number(person))
            except CommandError as error:
                self._notify(person, "Not done", str(error))
                return
            self._ensemble.note(command)
            self._submit(command)
            self._refresh(at_once=True)

    def stop(self, person: int) -> None:
        """Stop every robot at once, whoever asks."""
        with self._lock:
            name = self._audience.names.get(person, 0)
            self._submit(EStop(reason=f"Viewer {name} pressed the stop on the page"))

    def turn(self, person: int, knob: str, make: Make) -> None:
        """Ask soon, with the latest position of ``knob``."""
        with self._lock:
            if self._steers(person):
                self._audience.turn(person, knob, make)

    def choose(self, person: int, character: int) -> None:
        """Steer and look at another character."""
        with self._lock:
            if character in self._ensemble.seen and self._steers(person):
                self._ensemble.choose(character)

    def spawn(self, person: int) -> None:
        """Begin another character."""
        self.ask(person, spawner(list(self._ensemble.seen)))

    def press_lease(self, person: int) -> None:
        """Ask for the controls, or give them away."""
        with self._lock:
            self._audience.press_lease(person, self._ensemble.now_secs)
            self._refresh(at_once=True)

    def save(self, person: int, suffix: str) -> None:
        """Send ``person`` the last half minute."""
        client = self._client(person)
        if client is not None:
            self._sender.send(client, suffix)

    def _clip(self) -> Clip:
        with self._lock:
            return self._ensemble.clip()

    def _steers(self, person: int) -> bool:
        return self._audience.lease.steers(person, self._ensemble.now_secs)

    def _has_leave(self, person: int) -> bool:
        if self._audience.has_leave(self._ensemble.now_secs):
            return True
        self._notify(person, "Slowly", f"at most {ASKED_MOST_PER_SEC} requests a second")
        return False

    # To browsers.

    def _refresh(self, *, at_once: bool = False) -> None:
        """Bring the panels up to date, four times a second."""
        now_secs = self._ensemble.now_secs
        if not at_once and abs(now_secs - self._panel_secs) < PANEL_SECS:
            return
        self._panel_secs = now_secs
        for person, make in self._audience.turned():
            self.ask(person, make)
        self._audience.lease.tick(now_secs)
        if not self._audience:
            return
        self._ensemble.leave_trail()
        for person, panel in self._audience.panels.items():
            panel.show(shown(person, self._audience, self._ensemble))

    def _notify(self, person: int, title: str, body: str) -> None:
        client = self._client(person)
        if client is not None:
            notify(client, title, body)

    def _client(self, person: int) -> viser.ClientHandle | None:
        return self._server.get_clients().get(person)
