"""Every prompt's life is told once and in order: accepted, started, then finished or superseded."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from flood_bridge.commands import Pause, QueuePrompt, SetPrompt
from flood_bridge.events import PromptApplied, Rejected
from flood_bridge.inputs.ros2_services import refuses
from flood_bridge.motion.frames import Frame
from flood_bridge.protocol.ros_receipts import MAX_WAITING, Kind, Receipt, ReceiptBook

MakeFrame = Callable[..., Frame]
MSG = Path(__file__).parents[2] / "ros2_ws/src/flood_motion_msgs/msg/PromptEvent.msg"


def applied(request_id: int, text: str, sequence: int, character: int = 0) -> PromptApplied:
    return PromptApplied(character, request_id, text, sequence, 210)


def test_a_prompt_is_accepted_started_and_superseded_by_the_next():
    book = ReceiptBook()
    assert book.accepted(SetPrompt(text="walk", request_id=1)) == Receipt(
        Kind.ACCEPTED, 0, 1, "walk"
    )
    assert book.told(applied(1, "walk", 10)) == [Receipt(Kind.STARTED, 0, 1, "walk", 10, 210)]
    assert book.told(applied(2, "run", 40)) == [
        Receipt(Kind.SUPERSEDED, 0, 1, "walk", 40),
        Receipt(Kind.STARTED, 0, 2, "run", 40, 210),
    ]


def test_a_prompt_for_a_time_is_finished_by_the_frame_that_has_another_text(make_frame: MakeFrame):
    book = ReceiptBook()
    book.accepted(QueuePrompt(text="wave", duration_secs=1.0, request_id=3))
    book.told(applied(3, "wave", 10))
    shown = [replace(make_frame(n), prompt="wave" if n < 70 else "stand") for n in range(11, 75)]
    receipts = [receipt for frame in shown for receipt in book.shown(frame)]
    assert receipts == [Receipt(Kind.FINISHED, 0, 3, "wave", 70)]


def test_a_frame_made_before_the_start_finishes_nothing(make_frame: MakeFrame):
    book = ReceiptBook()
    book.accepted(QueuePrompt(text="wave", duration_secs=1.0, request_id=3))
    book.told(applied(3, "wave", 10))
    assert book.shown(replace(make_frame(9), prompt="stand")) == []
    assert book.shown(replace(make_frame(30, character=1), prompt="stand")) == []


def test_a_refusal_names_the_prompt_that_was_refused():
    book = ReceiptBook()
    book.accepted(SetPrompt(text="fly", request_id=4, character=2))
    (refused,) = book.told(Rejected(4, "no such character"))
    assert refused == Receipt(Kind.REJECTED, 2, 4, "fly", reason="no such character")


def test_commands_that_are_no_prompts_have_no_receipt():
    assert ReceiptBook().accepted(Pause()) is None


def test_a_command_is_not_refused_because_an_older_one_was_superseded():
    older = Rejected(0, "superseded by a newer command before it was shown")
    assert not refuses(older, 7)
    assert refuses(Rejected(0, "no such character"), 7)
    assert refuses(Rejected(7, "superseded by a newer command before it was shown"), 7)
    assert not refuses(Rejected(8, "no such character"), 7)
    assert not refuses(applied(7, "walk", 1), 7)


def test_prompts_that_are_never_shown_do_not_pile_up():
    book = ReceiptBook()
    for number in range(1, MAX_WAITING + 2):
        book.accepted(SetPrompt(text="walk", request_id=number))
    oldest, newest = (book.told(Rejected(n, "late"))[0].text for n in (1, MAX_WAITING + 1))
    assert (oldest, newest) == ("", "walk")


@given(st.lists(st.tuples(st.integers(0, 2), st.sampled_from("abc")), max_size=30))
def test_of_each_character_one_prompt_at_a_time_is_on(prompts: list[tuple[int, str]]):
    book, on = ReceiptBook(), dict[int, int]()
    for number, (character, text) in enumerate(prompts, start=1):
        for receipt in book.told(applied(number, text, 10 * number, character)):
            if receipt.kind is Kind.STARTED:
                assert character not in on
                on[character] = receipt.request_id
            else:
                assert on.pop(character) == receipt.request_id


def test_kinds_are_the_constants_of_the_interface():
    constants = dict(re.findall(r"^uint8 ([A-Z]+) *= *(\d+)", MSG.read_text(), re.MULTILINE))
    assert constants == {kind.name: str(kind.value) for kind in Kind}
