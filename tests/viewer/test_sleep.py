"""With nobody there the motion waits, and it goes on when somebody comes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from flood_bridge.commands import Command, Pause, Resume
from flood_bridge.events import Status
from flood_bridge.motion.frames import AvatarFrame, Frame, FrameFlags, Pose
from flood_bridge.viewer.sleep import PATIENCE_SECS, Sleep

POSE = Pose(np.zeros((22, 3)), np.zeros((22, 3)), np.zeros(4, dtype=bool), 0.0)
FRAME = Frame(0, 0, 0.0, POSE, AvatarFrame(np.zeros(3), np.zeros((22, 4))), None, "walk")


def at(secs: float) -> Status:
    return Status(secs, 1, "walk", "running", 0, 0, 0, 0, 0)


class Rig:
    def __init__(self) -> None:
        self.others = False
        self.asked: list[Command] = []
        self.sleep = Sleep(lambda: self.others)
        self.sleep.submit = self.asked.append
        self.sleep.saw(FRAME)

    def watch(self, start_secs: int, secs: float) -> list[Command]:
        self.asked.clear()
        for second in range(int(secs) + 1):
            self.sleep.tell(at(start_secs + second))
        return list(self.asked)


@pytest.fixture
def rig() -> Rig:
    return Rig()


def test_after_a_while_alone_who_moves_is_paused_once(rig: Rig) -> None:
    assert rig.watch(0, PATIENCE_SECS - 1) == []
    assert rig.watch(int(PATIENCE_SECS), 20) == [Pause(character=0)]


def test_it_goes_on_when_somebody_comes(rig: Rig) -> None:
    rig.watch(0, 20)
    rig.asked.clear()
    rig.sleep.watched_by(1)
    assert rig.asked == [Resume(character=0)]
    assert rig.watch(20, 20) == []


def test_it_goes_on_when_somebody_else_is_sent_to(rig: Rig) -> None:
    rig.watch(0, 20)
    rig.others = True
    assert rig.watch(21, 5) == [Resume(character=0)]


def test_nothing_sleeps_while_others_are_sent_to(rig: Rig) -> None:
    rig.others = True
    assert rig.watch(0, 60) == []


def test_what_was_paused_by_people_stays_paused(rig: Rig) -> None:
    rig.sleep.saw(replace(FRAME, flags=FrameFlags.IDLE))
    assert rig.watch(0, 20) == []
    rig.sleep.watched_by(1)
    assert rig.asked == []


def test_reloading_the_page_does_not_stop_the_motion(rig: Rig) -> None:
    rig.sleep.watched_by(1)
    rig.sleep.watched_by(0)
    rig.watch(0, 1)
    rig.sleep.watched_by(1)
    assert rig.watch(2, 60) == []
