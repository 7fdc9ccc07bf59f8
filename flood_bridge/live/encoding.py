"""The prompt desk: texts are encoded here, beside the stream, which never waits for it.

Texts of one character keep their order. A newer prompt supersedes all that wait before it, unless
it is to queue behind them, so a flood of prompts costs one encoding at a time and the newest wins;
whoever is superseded is told.

A character that is to begin waits here for its first text. Nothing supersedes its beginning, and
what is asked of it meanwhile, with a text or without, is posted behind it in order.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable
from typing import TypeAlias

from flood_bridge.commands import QueuePrompt, SetPrompt, Spawn, Stop
from flood_bridge.config import STAND
from flood_bridge.errors import CommandError
from flood_bridge.events import Rejected
from flood_bridge.live.engine_port import Prompt
from flood_bridge.live.stage import Plain, Request

MAX_WAITING = 64
"""Most commands of one character that wait here."""

Told: TypeAlias = SetPrompt | QueuePrompt | Spawn
"""Commands with a text."""

SUPERSEDED = "superseded by a newer command before it was shown"
CLEARED = "superseded: the queue was cleared before its turn came"


def standing(command: Stop) -> SetPrompt:
    """Return the prompt that ``command`` stands for."""
    return SetPrompt(
        character=command.character,
        request_id=command.request_id,
        received_secs=command.received_secs,
        text=STAND,
    )


class PromptDesk:
    """Encodes the texts of commands and posts the result.

    Args:
        post: Takes each command with its encoded text; may raise :class:`CommandError`.
        reject: Is told of every command that will not be obeyed.
    """

    def __init__(self, post: Callable[[Request], None], reject: Callable[[Rejected], None]) -> None:
        self._post = post
        self._reject = reject
        self._waiting: deque[Told | Plain] = deque()
        self._lines: Counter[int] = Counter()
        """Of each character, what keeps its place: its beginning, and all without a text."""
        self._recalls: Counter[int] = Counter()
        self._clears: Counter[int] = Counter()
        self._changed = threading.Condition()
        self._closed = False

    def take(self, command: Told, *, urgent: bool = False) -> None:
        """Accept a command for encoding, ``urgent`` ones before those of other characters.

        Prompts that are to hold now are urgent by themselves.

        Raises:
            CommandError: If :data:`MAX_WAITING` of this character wait already.
        """
        superseded: list[Told | Plain] = []
        with self._changed:
            if isinstance(command, SetPrompt) and command.urgency != "queue":
                superseded = self._recall(command.character)
            else:
                self._check_room(command.character)
            urgent = urgent or (isinstance(command, SetPrompt) and command.urgency == "now")
            self._line_up(command, first=urgent and not self._lines[command.character])
        for each in superseded:
            self._reject(Rejected(each.request_id, SUPERSEDED))

    def awaits(self, character: int) -> bool:
        """Return whether a character waits here to begin, or for what was asked since."""
        with self._changed:
            return self._lines[character] > 0

    def follow(self, command: Plain) -> bool:
        """Line ``command`` up if its character waits here to begin; return whether it does.

        Raises:
            CommandError: If :data:`MAX_WAITING` of this character wait already.
        """
        with self._changed:
            if not self._lines[command.character]:
                return False
            self._check_room(command.character)
            self._line_up(command)
            return True

    def clear(self, character: int) -> None:
        """Forget the texts of ``character`` that are to be queued and are not posted yet."""
        with self._changed:
            self._clears[character] += 1
            cleared = self._remove(lambda c: c.character == character and _queued(c))
        for each in cleared:
            self._reject(Rejected(each.request_id, CLEARED))

    def run(self, encode: Callable[[str], Prompt]) -> None:
        """Encode until :meth:`close`; ``encode`` may raise :class:`CommandError`."""
        while (job := self._next()) is not None:
            self._serve(*job, encode)

    def _serve(
        self, command: Told | Plain, before: tuple[int, int], encode: Callable[[str], Prompt]
    ) -> None:
        """Encode one command and post it, unless it was taken back since the count ``before``."""
        try:
            prompt = encode(command.text) if isinstance(command, Told) else None
            with self._changed:  # a recall comes wholly before or after the posting
                self._check_wanted(command, before)
                self._post(Request(command, prompt))
        except CommandError as error:
            self._reject(Rejected(command.request_id, str(error)))
        finally:
            if _keeps_its_place(command):
                with self._changed:
                    self._lines[command.character] -= 1

    def close(self) -> None:
        """End :meth:`run`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def _line_up(self, command: Told | Plain, *, first: bool = False) -> None:
        if first:
            self._waiting.appendleft(command)
        else:
            self._waiting.append(command)
        if _keeps_its_place(command):
            self._lines[command.character] += 1
        self._changed.notify_all()

    def _check_room(self, character: int) -> None:
        if sum(each.character == character for each in self._waiting) >= MAX_WAITING:
            raise CommandError(
                f"{MAX_WAITING} commands of character {character} wait for a text to be read"
                " already, which is the most"
            )

    def _check_wanted(self, command: Told | Plain, before: tuple[int, int]) -> None:
        recalls, clears = self._counts(command.character)
        if recalls != before[0] and not _keeps_its_place(command):
            raise CommandError(SUPERSEDED)
        if clears != before[1] and _queued(command):
            raise CommandError(CLEARED)

    def _next(self) -> tuple[Told | Plain, tuple[int, int]] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting)
            if self._closed:
                return None
            command = self._waiting.popleft()
            return command, self._counts(command.character)

    def _counts(self, character: int) -> tuple[int, int]:
        """Return how often all texts of a character were taken back, and how often queued ones."""
        return self._recalls[character], self._clears[character]

    def _recall(self, character: int) -> list[Told | Plain]:
        self._recalls[character] += 1
        return self._remove(lambda c: c.character == character and not _keeps_its_place(c))

    def _remove(self, unwanted: Callable[[Told | Plain], bool]) -> list[Told | Plain]:
        removed = [c for c in self._waiting if unwanted(c)]
        self._waiting = deque(c for c in self._waiting if not unwanted(c))
        return removed


def _queued(command: Told | Plain) -> bool:
    return isinstance(command, QueuePrompt)


def _keeps_its_place(command: Told | Plain) -> bool:
    """Return whether ``command`` is no prompt: no later one replaces it or goes before it."""
    return not isinstance(command, SetPrompt | QueuePrompt)
