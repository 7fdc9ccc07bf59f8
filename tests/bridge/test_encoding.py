"""The prompt desk keeps order, lets the newest prompt win, and answers for every text."""

from __future__ import annotations

import pytest

from flood_bridge.commands import Kill, QueuePrompt, SetPrompt, SetSpeed, Spawn
from flood_bridge.errors import CommandError
from flood_bridge.events import Rejected
from flood_bridge.live.encoding import CLEARED, MAX_WAITING, SUPERSEDED, PromptDesk, Told
from flood_bridge.live.stage import Request


class Desk:
    """A desk whose encoder ends with the last text; ``during`` arrives while a text is encoded."""

    def __init__(self) -> None:
        self.posted: list[Request] = []
        self.rejected: list[Rejected] = []
        self.encoded: list[str] = []
        self.desk = PromptDesk(self.posted.append, self.rejected.append)
        self.during: dict[str, SetPrompt] = {}
        self.clears: set[str] = set()
        """While one of these texts is encoded, the queue is cleared."""

    def work(self) -> None:
        self.desk.take(SetPrompt(text="the end", character=99))
        self.desk.run(self._encode)

    def texts(self) -> list[str]:
        return [r.command.text for r in self.posted if isinstance(r.command, Told)]

    def _encode(self, text: str) -> str:
        if text == "the end":
            self.desk.close()
            raise CommandError("not counted")
        self.encoded.append(text)
        if text in self.during:
            self.desk.take(self.during[text])
            self.desk.take(SetPrompt(text="the end", character=99))
        if text in self.clears:
            self.desk.clear(0)
        if text == "unreadable":
            raise CommandError("cannot be read")
        return f"<{text}>"


def queued(text: str, **fields: int) -> QueuePrompt:
    return QueuePrompt(text=text, duration_secs=1.0, **fields)


def test_texts_are_posted_encoded_and_in_order() -> None:
    desk = Desk()
    for command in (SetPrompt(text="a"), queued("b"), queued("c")):
        desk.desk.take(command)
    desk.work()
    assert desk.texts() == ["a", "b", "c"]
    assert [request.prompt for request in desk.posted] == ["<a>", "<b>", "<c>"]


def test_a_newer_prompt_supersedes_all_that_wait_of_its_character_only() -> None:
    desk = Desk()
    desk.desk.take(SetPrompt(text="old", request_id=1))
    desk.desk.take(queued("queued", request_id=2))
    desk.desk.take(SetPrompt(text="other", character=1))
    desk.desk.take(SetPrompt(text="new", request_id=3))
    desk.work()
    assert desk.texts() == ["other", "new"]
    assert desk.encoded == ["other", "new"]  # the superseded cost nothing
    assert desk.rejected[:2] == [Rejected(1, SUPERSEDED), Rejected(2, SUPERSEDED)]


def test_a_prompt_that_arrives_while_an_older_one_is_encoded_wins() -> None:
    desk = Desk()
    desk.desk.take(SetPrompt(text="old", request_id=1))
    desk.during["old"] = SetPrompt(text="new", request_id=2)
    desk.work()
    assert desk.texts() == ["new"]
    assert Rejected(1, SUPERSEDED) in desk.rejected


def test_clearing_takes_back_what_is_to_be_queued_and_nothing_else() -> None:
    desk = Desk()
    desk.desk.take(SetPrompt(text="set"))
    desk.desk.take(queued("queued", request_id=1))
    desk.desk.take(SetPrompt(text="after", urgency="queue"))
    desk.desk.take(queued("other's", character=1))
    desk.desk.clear(0)
    desk.desk.take(queued("later"))
    desk.work()
    assert desk.texts() == ["set", "after", "other's", "later"]
    assert desk.rejected[0] == Rejected(1, CLEARED)


@pytest.mark.parametrize(("command", "posted"), [(queued("x"), []), (SetPrompt(text="x"), ["x"])])
def test_a_queue_cleared_while_a_text_is_encoded_takes_it_back_if_it_was_for_the_queue(
    command: Told, posted: list[str]
) -> None:
    desk = Desk()
    desk.clears.add("x")
    desk.desk.take(command)
    desk.work()
    assert desk.texts() == posted


def test_an_urgent_prompt_goes_before_those_of_other_characters() -> None:
    desk = Desk()
    desk.desk.take(SetPrompt(text="other", character=1))
    desk.desk.take(SetPrompt(text="stop"), urgent=True)
    desk.work()
    assert desk.texts() == ["stop", "other"]


def test_a_beginning_is_never_superseded_and_all_that_follows_it_keeps_its_order() -> None:
    desk = Desk()
    desk.desk.take(SetPrompt(text="other", character=1))
    desk.desk.take(Spawn(text="begin"))
    assert desk.desk.follow(SetSpeed(factor=2.0))
    desk.desk.take(queued("queued", request_id=1))
    assert desk.desk.follow(Kill())
    desk.desk.take(Spawn(text="again"))
    desk.desk.take(SetPrompt(text="now", urgency="now"))
    assert not desk.desk.follow(SetSpeed(character=1, factor=2.0))
    desk.work()
    kinds = [type(request.command).__name__ for request in desk.posted]
    assert kinds == ["SetPrompt", "Spawn", "SetSpeed", "Kill", "Spawn", "SetPrompt"]
    assert desk.rejected[0] == Rejected(1, SUPERSEDED)
    assert not desk.desk.awaits(0)


def test_a_prompt_that_arrives_while_a_beginning_is_encoded_leaves_it_alone() -> None:
    desk = Desk()
    desk.desk.take(Spawn(text="begin"))
    desk.during["begin"] = SetPrompt(text="new", urgency="now")
    desk.work()
    assert desk.texts() == ["begin", "new"]


def test_a_text_that_cannot_be_read_is_rejected_and_the_next_is_served() -> None:
    desk = Desk()
    desk.desk.take(SetPrompt(text="unreadable", request_id=4))
    desk.desk.take(SetPrompt(text="good", character=1))
    desk.work()
    assert desk.texts() == ["good"]
    assert desk.rejected[0] == Rejected(4, "cannot be read")


def test_the_desk_is_bounded_per_character() -> None:
    desk = Desk()
    for _ in range(MAX_WAITING):
        desk.desk.take(queued("x"))
    with pytest.raises(CommandError, match="64"):
        desk.desk.take(queued("x"))
    desk.desk.take(queued("y", character=1))
    desk.desk.take(Spawn(text="z", character=2))
    for _ in range(MAX_WAITING - 1):
        desk.desk.follow(SetSpeed(factor=2.0, character=2))
    with pytest.raises(CommandError, match="64"):
        desk.desk.follow(SetSpeed(factor=2.0, character=2))
    desk.desk.take(SetPrompt(text="z"))  # supersedes them all, so it always finds room
