"""What is asked too early is kept and obeyed in order, or refused; nobody is lost on the way."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flood_bridge.commands import (
    Arm,
    Kill,
    MeasuredJoints,
    Pause,
    PlaceRoot,
    QueuePrompt,
    Reset,
    Resume,
    SetPrompt,
    SetSeed,
    SetSpeed,
    Spawn,
    Stop,
)
from flood_bridge.errors import CommandError
from flood_bridge.events import PromptApplied, Rejected
from flood_bridge.live.routing import MAX_EARLY, MAX_WARNINGS, Router
from flood_bridge.motion.frames import FrameFlags

MakeRig = Callable[..., Any]
NUMBER = 5


class Routed:
    """A rig behind a router, whose texts are read when the test says so."""

    def __init__(self, make_rig: MakeRig, *, loaded: bool = True, **settings: Any) -> None:
        self.rig = make_rig(rate_hz=20, lead_secs=0.05, **settings)
        characters = self.rig.config.characters
        self.router = Router(characters, self.rig.robots, self.rig.events.append, self.rig.clock)
        if loaded:
            self.router.open(self.rig.stage)

    def ask(self, *commands: Any) -> None:
        for command in commands:
            self.router.submit(command)

    def read(self, texts: int = 1000) -> None:
        desk = self.router.desk
        while texts and desk._waiting:
            job = desk._next()
            assert job is not None
            desk._serve(*job, self._encode)
            texts -= 1

    def _encode(self, text: str) -> Any:
        if text == "unreadable":
            raise CommandError("the text cannot be read")
        return self.rig.engine.encode(text)

    def play(self, secs: float) -> list[Any]:
        """Read all texts and play; return the new character's frames."""
        self.read()
        return [frame for frame in self.rig.play(secs) if frame.character == NUMBER]

    def answers(self) -> list[int]:
        told = self.rig.told(PromptApplied) + self.rig.told(Rejected)
        return sorted(event.request_id for event in told)


def place(x_m: float) -> PlaceRoot:
    return PlaceRoot(character=NUMBER, x_m=x_m, z_m=2.0, heading_rad=0.0)


@pytest.mark.parametrize("read_first", [False, True])
def test_what_follows_a_beginning_is_obeyed_by_it_from_the_first_frame_on(
    make_rig: MakeRig, read_first: bool
) -> None:
    routed = Routed(make_rig)
    routed.ask(Spawn(character=NUMBER, text="a person walks"))
    if read_first:
        routed.read()
    routed.ask(place(1.0), SetSpeed(character=NUMBER, factor=2.0), Pause(character=NUMBER))
    assert routed.play(1.0) == []
    routed.ask(Resume(character=NUMBER))
    frames = routed.play(1.0)
    assert frames[0].pose.joints[0, ::2] == pytest.approx([1.0, 2.0])
    assert frames[0].flags & FrameFlags.JUMPED
    assert frames[-1].pose.velocities[0, 2] == pytest.approx(2.4)
    assert routed.answers() == []


@pytest.mark.parametrize(
    "prompt",
    [
        SetPrompt(character=NUMBER, text="a person jumps", request_id=9),
        SetPrompt(character=NUMBER, text="a person jumps", urgency="now", request_id=9),
        SetPrompt(character=NUMBER, text="a person jumps", urgency="queue", request_id=9),
        QueuePrompt(character=NUMBER, text="a person jumps", duration_secs=9.0, request_id=9),
    ],
)
def test_a_character_that_ends_begins_and_is_prompted_in_one_breath_does_all_of_it(
    make_rig: MakeRig, prompt: Any
) -> None:
    routed = Routed(make_rig)
    routed.ask(Spawn(character=NUMBER, text="a person walks"))
    routed.play(1.0)
    routed.ask(Kill(character=NUMBER), Spawn(character=NUMBER, text="a person runs"), prompt)
    after = routed.play(4.0)
    assert routed.rig.told(Rejected) == []
    assert routed.answers() == [9]
    assert after[-1].prompt == "a person jumps"


def test_a_beginning_that_fails_takes_what_followed_it_along(make_rig: MakeRig) -> None:
    routed = Routed(make_rig)
    routed.ask(Spawn(character=NUMBER, text="unreadable", request_id=1))
    routed.ask(SetSpeed(character=NUMBER, factor=2.0, request_id=2))
    routed.ask(SetPrompt(character=NUMBER, text="a person runs", request_id=3))
    routed.ask(Pause(character=NUMBER, request_id=4))
    routed.play(1.0)
    assert routed.answers() == [1, 2, 3, 4]
    assert routed.rig.stage.numbers() == [0]
    routed.ask(SetSpeed(character=NUMBER, factor=2.0, request_id=5))
    assert routed.answers() == [1, 2, 3, 4, 5]  # at once: nobody is to come


def test_what_is_asked_of_the_robot_of_one_to_come_is_not_kept(
    make_swinging_rig: MakeRig,
) -> None:
    rig = make_swinging_rig(guarded=True)
    router = Router(1, rig.robots, rig.events.append, rig.clock)
    router.open(rig.stage)
    router.submit(Spawn(character=NUMBER, text=""))
    router.submit(Arm(character=NUMBER, request_id=1))
    assert [event.request_id for event in rig.told(Rejected)] == [1]


def asked(kind: str, n: int) -> Any:
    make: dict[str, Callable[..., Any]] = {
        "spawn": lambda **to: Spawn(text="walks", **to),
        "kill": Kill,
        "reset": Reset,
        "pause": Pause,
        "resume": Resume,
        "stop": Stop,
        "speed": lambda **to: SetSpeed(factor=1.0 + n / 100, **to),
        "set": lambda **to: SetPrompt(text="runs", **to),
        "now": lambda **to: SetPrompt(text="runs", urgency="now", **to),
        "follow": lambda **to: SetPrompt(text="runs", urgency="queue", **to),
        "queue": lambda **to: QueuePrompt(text="runs", duration_secs=0.4, **to),
    }
    return make[kind](character=NUMBER, request_id=n)


KINDS = ["spawn", "kill", "reset", "pause", "resume", "stop", "speed", "set", "now", "follow",
         "queue", "read", "play", "play"]  # fmt: skip
PROMPTS = {"stop", "set", "now", "follow", "queue"}


@settings(max_examples=60)
@given(st.lists(st.sampled_from(KINDS), max_size=20))
@example(["spawn", "speed", "pause"])
@example(["spawn", "play", "kill", "spawn", "now", "speed"])
@example(["spawn", "read", "kill", "pause", "spawn", "kill", "spawn", "set", "pause"])
def test_a_characters_life_is_as_it_was_asked_for_and_every_prompt_is_answered_once(
    make_rig: MakeRig, kinds: list[str]
) -> None:
    routed = Routed(make_rig)
    moves, speed, paused, prompts = False, 1.0, False, []
    for n, kind in enumerate(kinds, 1):
        if kind == "read":
            routed.read(1)
            continue
        if kind == "play":
            routed.rig.play(0.3)
            continue
        command = asked(kind, n)
        routed.ask(command)
        if kind in PROMPTS:
            prompts.append(n)
        if kind == "spawn" and not moves:
            moves, speed, paused = True, 1.0, False
        moves = moves and kind != "kill"
        speed = command.factor if moves and kind == "speed" else speed
        paused = kind == "pause" if moves and kind in ("pause", "resume") else paused
    routed.play(0.3)
    characters = routed.rig.generation.characters
    assert (NUMBER in characters) == moves
    if moves:
        assert characters[NUMBER].speed == pytest.approx(speed)
        assert routed.rig.stage._playouts[NUMBER].paused == paused
        routed.ask(Kill(character=NUMBER))
        routed.play(0.3)
    assert [n for n in routed.answers() if n in prompts] == prompts


def test_the_newest_setting_of_each_kind_is_kept_until_the_model_is_there(
    make_rig: MakeRig,
) -> None:
    routed = Routed(make_rig, loaded=False, characters=2)
    routed.ask(SetSpeed(character=1, factor=4.0), SetSeed(character=1, seed=7))
    routed.ask(SetSpeed(character=1, factor=2.0), SetSpeed(character=2, factor=3.0, request_id=1))
    routed.router.open(routed.rig.stage)
    routed.play(0.5)
    assert [(each.speed, each.seed) for each in routed.rig.characters] == [(1.0, 0), (2.0, 7)]
    assert routed.answers() == [1]  # there is no character 2


def test_a_character_that_is_to_begin_is_set_while_the_model_loads(make_rig: MakeRig) -> None:
    routed = Routed(make_rig, loaded=False)
    routed.ask(Spawn(character=NUMBER, text=""), place(3.0), SetSpeed(character=NUMBER, factor=2.0))
    routed.router.open(routed.rig.stage)
    assert routed.play(1.0)[0].pose.joints[0, 0] == pytest.approx(3.0)
    assert routed.rig.told(Rejected) == []


def test_refusals_are_logged_while_nobody_hears_of_them_but_not_without_end(
    make_rig: MakeRig, caplog: pytest.LogCaptureFixture
) -> None:
    routed = Routed(make_rig, loaded=False)
    with caplog.at_level(logging.WARNING):
        for _ in range(3 * MAX_WARNINGS):
            routed.ask(Pause())
        assert caplog.text.count("the model is still loading") == MAX_WARNINGS
        caplog.clear()
        routed.router.open(routed.rig.stage)
        routed.ask(Pause(character=3))
        assert caplog.text == ""


def test_the_settings_that_wait_for_the_model_are_bounded(make_rig: MakeRig) -> None:
    routed = Routed(make_rig, loaded=False)
    routed.router = Router(
        MAX_EARLY + 1, routed.rig.robots, routed.rig.events.append, routed.rig.clock
    )
    for number in range(MAX_EARLY + 1):
        routed.ask(SetSpeed(character=number, factor=2.0, request_id=number))
    routed.ask(SetSpeed(character=0, factor=3.0))  # takes the place of its like
    assert routed.answers() == [MAX_EARLY]
    routed.router.open(routed.rig.stage)
    routed.play(0.5)
    assert routed.rig.characters[0].speed == 3.0


def test_wrong_measured_joints_are_refused_once_and_again_when_something_else_is_wrong(
    make_swinging_rig: MakeRig,
) -> None:
    rig = make_swinging_rig(guarded=True)
    router = Router(1, rig.robots, rig.events.append, rig.clock)
    router.open(rig.stage)
    short, good, long = (0.1,), (0.1, 0.2), (0.1, 0.2, 0.3)
    for positions in [short] * 50 + [good] + [short] * 50 + [long] * 50:
        router.submit(MeasuredJoints(positions=positions))
        rig.clock.now_secs += 0.02
    reasons = [e.reason for e in rig.events if isinstance(e, Rejected)]
    assert [reason.split(" are measured")[0] for reason in reasons] == ["1 joints"] * 2 + [
        "3 joints"
    ]
