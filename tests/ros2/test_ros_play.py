"""A goal waits for its first frame, plays its time, and ends once: done, taken over, refused."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from hypothesis import example, given
from hypothesis import strategies as st

from flood_bridge.events import Event, PromptApplied, Rejected
from flood_bridge.motion.frames import Frame
from flood_bridge.protocol.ros_play import Outcome, Play

MakeFrame = Callable[..., Frame]
ACTION = Path(__file__).parents[2] / "ros2_ws/src/flood_motion_msgs/action/PlayPrompt.action"
RATE_HZ = 60.0  # of the hand-made frames
MINE = PromptApplied(0, 7, "wave", 10, 100)
OTHERS = PromptApplied(0, 8, "run", 40, 100)


def test_it_plays_from_the_first_frame_of_its_prompt_for_its_time(make_frame: MakeFrame):
    play = Play(0, 7, 0.5)
    play.shown(make_frame(9))
    assert not play.playing
    play.heard(MINE)
    progress = []
    for sequence in range(8, 50):
        play.shown(make_frame(sequence))
        progress.append(play.progress)
    assert progress == sorted(progress)
    assert progress[0] == 0.0
    assert progress[-1] == 1.0
    assert play.outcome is Outcome.COMPLETED
    assert (play.first_sequence, play.last_sequence) == (10, 10 + RATE_HZ / 2)


def test_without_a_time_it_plays_until_another_prompt_takes_over(make_frame: MakeFrame):
    play = Play(0, 7, 0.0)
    play.heard(MINE)
    for sequence in range(10, 39):
        play.shown(make_frame(sequence))
    assert play.outcome is None
    assert play.progress == 0.0
    play.heard(OTHERS)
    assert play.outcome is Outcome.SUPERSEDED
    assert play.reason == 'superseded by "run"'
    assert play.last_sequence == 39


def test_a_prompt_that_was_shown_before_its_own_takes_nothing_over():
    play = Play(0, 7, 1.0)
    play.heard(OTHERS)
    assert play.outcome is None


def test_what_concerns_another_character_or_request_is_nothing_to_it(make_frame: MakeFrame):
    play = Play(1, 7, 0.1)
    play.heard(MINE)
    play.heard(Rejected(8, "too long"))
    assert (play.playing, play.outcome) == (False, None)
    play.heard(replace(MINE, character=1))
    play.shown(make_frame(500))
    assert play.last_sequence == 10


def test_a_refusal_of_its_prompt_ends_it_with_the_reason():
    play = Play(0, 7, 1.0)
    play.heard(Rejected(7, "too long"))
    assert (play.outcome, play.reason) == (Outcome.REJECTED, "too long")


told = st.one_of(
    st.builds(PromptApplied, st.integers(0, 1), st.integers(6, 8), st.just("x"),
              st.integers(0, 99), st.just(1)),
    st.builds(Rejected, st.integers(6, 8), st.just("no")),
    st.integers(0, 120),
)  # fmt: skip


@given(st.lists(told, max_size=30), st.sampled_from([0.0, 0.2, 1.0]))
@example([MINE, 11, 10], 0.2)  # frames change places on the way
def test_whatever_comes_the_first_end_is_the_only_one(
    make_frame: MakeFrame, story: list[Event | int], secs: float
):
    play, ended = Play(0, 7, secs), None
    for each in story:
        if isinstance(each, int):
            play.shown(make_frame(each))
        else:
            play.heard(each)
        ended = ended or (play.outcome is not None and (play.outcome, play.reason))
        assert not ended or ended == (play.outcome, play.reason)
        assert 0.0 <= play.progress <= 1.0
        assert play.first_sequence <= play.last_sequence or not play.playing


def test_outcomes_are_the_constants_of_the_interface():
    _goal, result, _feedback = ACTION.read_text().split("---")
    constants = dict(re.findall(r"^uint8 ([A-Z]+)=(\d+)", result, re.MULTILINE))
    assert constants == {outcome.name: str(outcome.value) for outcome in Outcome}
