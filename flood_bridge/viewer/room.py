"""The room: everyone who is here, who of them steers, and what they see.

Frames and events come in from the daemon on one thread, wishes from browsers on viser's threads;
one lock keeps them apart. Time is that of the frames and the status.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

import viser

from flood_bridge.commands import Command, EStop
from flood_bridge.errors import CommandError, FloodBridgeError
from flood_bridge.events import Event, PromptApplied, Rejected, Status
from flood_bridge.motion.skeleton import Skeleton
from flood_bridge.render.clip import Clip
from flood_bridge.viewer import lease_words, markup
from flood_bridge.viewer.lease import Lease
from flood_bridge.viewer.measures import Measures
from flood_bridge.viewer.messages import About, Body, Glance, Heard, Setup, Told
from flood_bridge.viewer.panel import Panel, Shown
from flood_bridge.viewer.saving import make_file
from flood_bridge.viewer.scene import Cast
from flood_bridge.viewer.seen import Seen, condition
from flood_bridge.viewer.steering import Controls, Make, spawner

logger = logging.getLogger(__name__)

FRAMES_PER_SEC = 240.0
"""Frames of all characters together that are sent to all browsers together, each second."""
FASTEST_HZ, SLOWEST_HZ = 60.0, 12.0
MAX_SHOWN = 16
"""Characters that are drawn; more would fill the floor, not tell more."""
PANEL_SECS = 0.25
TRAIL_SECS = 8.0
GONE_SECS = 1.5
"""A character without frames for so long has gone."""
ASKED_MOST_PER_SEC = 12
PART_BYTES = 64 * 1024
"""Files travel in pieces that do not hold up the frames between them."""
FIRST_REQUEST = 0x40000000
"""Requests of the page are numbered from here, away from the small numbers that people choose."""


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
        self._seed = setup.seed
        self._cast = Cast(server, setup.robot)
        self._measures = Measures(setup.robot)
        self._about: About | None = None
        self._lease = Lease()
        self._panels: dict[int, Panel] = {}
        self._names: dict[int, int] = {}
        self._seen: dict[int, Seen] = {}
        self._knobs: dict[str, tuple[int, Make]] = {}
        self._askers: dict[int, int] = {}
        self._asked_at: list[float] = []
        self._skeleton: Skeleton | None = None
        self._now_secs = 0.0
        self._panel_secs = -1.0
        self._chosen = 0
        self._next_request = FIRST_REQUEST
        self._saving = threading.Lock()

    # From the daemon.

    def take(self, message: Body | About | Glance | Told | Heard) -> None:
        """Take what the daemon sends."""
        with self._lock:
            match message:
                case Glance():
                    self._see(message)
                case Told():
                    self._hear(message.event)
                case Heard():
                    if message.command.character in self._seen:
                        self._seen[message.command.character].note(message.command, message.by)
                case Body():
                    self._skeleton = Skeleton(message.offsets)
                case About():
                    self._about = message
            self._refresh()

    def _see(self, glance: Glance) -> None:
        self._now_secs = max(self._now_secs, glance.play_secs)
        number = glance.character
        if number not in self._seen and len(self._seen) >= MAX_SHOWN:
            return
        seen = self._seen.setdefault(number, Seen())
        seen.see(glance)
        if seen.recent.take(glance) and number == self._chosen:
            self._measures.watch(glance)
        if self._panels and glance.play_secs - seen.drawn_secs >= self._period_secs() * 0.9:
            seen.drawn_secs = glance.play_secs
            self._draw(glance)

    def _draw(self, glance: Glance) -> None:
        with self._server.atomic():
            root = self._cast.show(glance)
        self._server.flush()  # viser would wait for more, and drop this frame for the next one
        if glance.character == self._chosen:
            for panel in self._panels.values():
                panel.view.look(root, glance.play_secs)

    def _period_secs(self) -> float:
        load = max(1, len(self._panels)) * max(1, len(self._seen))
        return 1 / min(FASTEST_HZ, max(SLOWEST_HZ, FRAMES_PER_SEC / load))

    def _hear(self, event: Event) -> None:
        match event:
            case Status():
                self._now_secs = max(self._now_secs, event.uptime_secs)
                self._measures.tell(event)
                self._forget_gone()
            case PromptApplied():
                self._measures.applied(event)
                if event.character in self._seen:
                    seen = self._seen[event.character]
                    seen.programme.applied(event.text, event.request_id, seen.motion_secs)
            case Rejected():
                self._refused(event)
            case _:
                pass

    def _refused(self, event: Rejected) -> None:
        person = self._askers.pop(event.request_id, None)
        if person is None:
            return
        for seen in self._seen.values():
            seen.programme.rejected(event.request_id)
        if "superseded" not in event.reason:
            self._notify(person, "Not done", event.reason)

    def _forget_gone(self) -> None:
        for number, seen in list(self._seen.items()):
            if seen.last is not None and self._now_secs - seen.last.play_secs > GONE_SECS:
                self._cast.forget(number)
                del self._seen[number]
        if self._seen and self._chosen not in self._seen:
            self._look_at(min(self._seen))

    # From browsers.

    def join(self, client: viser.ClientHandle) -> None:
        """Let a browser in; it sees the motion at once."""
        person = client.client_id
        with client.atomic():  # outside the lock: the others' frames go on
            panel = Panel(client, person, self, self._seed)
        with self._lock:
            if self._client(person) is None:
                return  # it has left already, and leave() has run or waits for the lock
            self._names[person] = next(
                n for n in range(1, len(self._names) + 2) if n not in self._names.values()
            )
            self._panels[person] = panel
            self._lease.join(person, self._now_secs)
            for seen in self._seen.values():
                if seen.last is not None:
                    self._draw(seen.last)
            self._count(len(self._panels))
            self._refresh(at_once=True)

    def leave(self, client: viser.ClientHandle) -> None:
        """Let a browser go, and all that was its own."""
        with self._lock:
            person = client.client_id
            self._panels.pop(person, None)
            self._names.pop(person, None)
            self._lease.leave(person, self._now_secs)
            self._knobs = {k: v for k, v in self._knobs.items() if v[0] != person}
            self._askers = {k: v for k, v in self._askers.items() if v != person}
            self._count(len(self._panels))
            self._refresh(at_once=True)

    def ask(self, person: int, make: Make) -> None:
        """Ask the daemon, if ``person`` steers and does not ask too often."""
        with self._lock:
            if not self._lease.steers(person, self._now_secs) or not self._has_leave(person):
                return
            request_id, self._next_request = self._next_request, self._next_request + 1
            try:
                command = make(self._chosen, request_id)
            except CommandError as error:
                self._notify(person, "Not done", str(error))
                return
            self._askers[request_id] = person
            if len(self._askers) > 1000:
                self._askers.pop(next(iter(self._askers)))
            if command.character in self._seen:
                self._seen[command.character].note(command)
            self._submit(command)
            self._refresh(at_once=True)

    def stop(self, person: int) -> None:
        """Stop every robot at once, whoever asks."""
        with self._lock:
            name = self._names.get(person, 0)
            self._submit(EStop(reason=f"Viewer {name} pressed the stop on the page"))

    def turn(self, person: int, knob: str, make: Make) -> None:
        """Ask soon, with the latest position of ``knob``."""
        with self._lock:
            if self._lease.steers(person, self._now_secs):
                self._knobs[knob] = person, make

    def choose(self, person: int, character: int) -> None:
        """Steer and look at another character."""
        with self._lock:
            if character in self._seen and self._lease.steers(person, self._now_secs):
                self._look_at(character)

    def spawn(self, person: int) -> None:
        """Begin another character."""
        self.ask(person, spawner(list(self._seen)))

    def press_lease(self, person: int) -> None:
        """Ask for the controls, or give them away."""
        with self._lock:
            if person == self._lease.owner:
                self._lease.hand_over(person, self._now_secs)
            else:
                self._lease.ask(person, self._now_secs)
            self._refresh(at_once=True)

    def save(self, person: int, suffix: str) -> None:
        """Send ``person`` the last half minute; one file is made at a time."""
        client = self._client(person)
        if client is None:
            return
        if not self._saving.acquire(blocking=False):
            self._notify(person, "Wait", "a file is being made already")
            return
        note = client.add_notification("Saving", f"The {suffix} file is being made.", loading=True)
        try:
            content = make_file(self._clip(), suffix)
            client.send_file_download(f"flood_bridge{suffix}", content, PART_BYTES, True)
        except FloodBridgeError as error:
            self._notify(person, "Not saved", str(error))
        finally:
            note.remove()
            self._saving.release()

    def _clip(self) -> Clip:
        """Return the last half minute of the character that is steered."""
        with self._lock:
            seen = self._seen.get(self._chosen)
            if seen is None:
                raise CommandError("nothing has moved yet, so there is nothing to save")
            return seen.recent.clip(self._skeleton)

    def _look_at(self, character: int) -> None:
        self._chosen = character
        self._measures.forget_feet()

    def _has_leave(self, person: int) -> bool:
        self._asked_at = [at for at in self._asked_at if self._now_secs - at < 1.0]
        if len(self._asked_at) >= ASKED_MOST_PER_SEC:
            self._notify(person, "Slowly", f"at most {ASKED_MOST_PER_SEC} requests a second")
            return False
        self._asked_at.append(self._now_secs)
        return True

    # To browsers.

    def _refresh(self, *, at_once: bool = False) -> None:
        """Bring the panels up to date, four times a second."""
        if not at_once and abs(self._now_secs - self._panel_secs) < PANEL_SECS:
            return
        self._panel_secs = self._now_secs
        turned, self._knobs = list(self._knobs.values()), {}
        for person, make in turned:
            self.ask(person, make)
        self._lease.tick(self._now_secs)
        if not self._panels:
            return
        seen = self._seen.get(self._chosen)
        if seen is not None:
            self._cast.trail(seen.recent.root_path(TRAIL_SECS), self._chosen)
        for person, panel in self._panels.items():
            panel.show(self._shown(person, seen))

    def _shown(self, person: int, seen: Seen | None) -> Shown:
        lease, status = self._lease, self._measures.status
        numbers = sorted(self._seen)
        place = numbers.index(self._chosen) if self._chosen in numbers else 0
        boxes = () if seen is None else seen.programme.segments(seen.motion_secs)
        return Shown(
            state=condition(status, seen, place),
            who=lease_words.who(lease, person, self._names),
            steering=person == lease.owner,
            lease_button=lease_words.button(lease, person, self._names, self._now_secs),
            strip=markup.strip(boxes, held=seen is not None and seen.held),
            meters=markup.meters(self._measures),
            controls=self._controls(seen, tuple(numbers)),
            safety="" if status is None else markup.safety(status.safety),
        )

    def _controls(self, seen: Seen | None, numbers: tuple[int, ...]) -> Controls:
        seen, about = seen or Seen(), self._about
        own = None if about is None else about.guidance
        return Controls(
            history=tuple(seen.programme.history),
            characters=numbers,
            character=self._chosen,
            paused=seen.paused,
            speed=seen.speed,
            guidance=own if seen.guidance is None else seen.guidance,
            about="" if about is None else markup.about(about),
        )

    def _notify(self, person: int, title: str, body: str) -> None:
        client = self._client(person)
        if client is not None:
            client.add_notification(title, body, auto_close_seconds=6.0)

    def _client(self, person: int) -> viser.ClientHandle | None:
        return self._server.get_clients().get(person)
