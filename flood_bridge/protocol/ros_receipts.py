"""What became of each prompt, from the daemon's events: accepted, started, finished, superseded.

The daemon itself says when a prompt is first shown and when one is refused. Which prompt that ends
follows from the order. Field names are those of ``flood_motion_msgs/PromptEvent``.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from enum import IntEnum

from flood_bridge.commands import Command, QueuePrompt, SetPrompt
from flood_bridge.events import Event, PromptApplied, Rejected
from flood_bridge.motion.frames import Frame

MAX_WAITING = 256
"""Prompts that are remembered until they are shown; the oldest makes room."""


class Kind(IntEnum):
    """The constants of ``PromptEvent``."""

    ACCEPTED = 0
    STARTED = 1
    FINISHED = 2
    SUPERSEDED = 3
    REJECTED = 4


@dataclass(frozen=True, slots=True)
class Receipt:
    """One event in the life of a prompt."""

    kind: Kind
    character: int
    request_id: int
    text: str
    sequence: int = 0
    latency_ms: int = 0
    reason: str = ""


class ReceiptBook:
    """Follows the prompts of all characters."""

    def __init__(self) -> None:
        self._waiting: OrderedDict[int, Command] = OrderedDict()
        self._shown: dict[int, Receipt] = {}
        """By character: the receipt with which its prompt started."""
        self._timed: dict[int, bool] = {}
        """By character: whether that prompt ends by itself."""

    def accepted(self, command: Command) -> Receipt | None:
        """Note that ``command`` was handed on; None if it is no prompt."""
        if not isinstance(command, SetPrompt | QueuePrompt):
            return None
        if command.request_id:
            self._waiting[command.request_id] = command
            while len(self._waiting) > MAX_WAITING:
                self._waiting.popitem(last=False)
        return Receipt(Kind.ACCEPTED, command.character, command.request_id, command.text)

    def told(self, event: Event) -> list[Receipt]:
        """Return the receipts that follow from an event, the one for what has ended first."""
        match event:
            case Rejected():
                command = self._waiting.pop(event.request_id, None)
                text = command.text if isinstance(command, SetPrompt | QueuePrompt) else ""
                character = command.character if command else 0
                refusal = Receipt(
                    Kind.REJECTED, character, event.request_id, text, reason=event.reason
                )
                return [refusal]
            case PromptApplied():
                return self._started(event)
        return []

    def shown(self, frame: Frame) -> list[Receipt]:
        """Return the receipt of a prompt whose time is over, once ``frame`` has another's text."""
        number = frame.character
        last = self._shown.get(number)
        if last is None or not self._timed.get(number) or frame.prompt == last.text:
            return []
        if frame.sequence <= last.sequence:
            return []
        del self._shown[number]
        return [_ended(last, Kind.FINISHED, frame.sequence)]

    def _started(self, event: PromptApplied) -> list[Receipt]:
        number, last = event.character, self._shown.get(event.character)
        command = self._waiting.pop(event.request_id, None)
        start = Receipt(
            Kind.STARTED, number, event.request_id, event.text, event.sequence, event.latency_ms
        )
        kind = Kind.FINISHED if self._timed.get(number) else Kind.SUPERSEDED
        self._shown[number] = start
        self._timed[number] = isinstance(command, QueuePrompt)
        return [start] if last is None else [_ended(last, kind, event.sequence), start]


def _ended(start: Receipt, kind: Kind, sequence: int) -> Receipt:
    return Receipt(kind, start.character, start.request_id, start.text, sequence)
