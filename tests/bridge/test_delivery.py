"""An output that is slow or broken harms nobody: latest wins, it is disabled and tried again."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from flood_bridge.events import Event, Pong
from flood_bridge.live.delivery import MAX_EVENTS, RETRY_SECS, Delivery
from flood_bridge.motion.frames import AvatarFrame, Frame, FrameFlags, Pose


def frame(sequence: int, character: int = 0) -> Frame:
    zeros = np.zeros((22, 3))
    return Frame(
        character=character,
        sequence=sequence,
        play_time_secs=0.0,
        pose=Pose(zeros, zeros, np.zeros(4, bool), 0.0),
        avatar=AvatarFrame(np.zeros(3), np.zeros((22, 4))),
        robot=None,
        prompt="",
    )


class Recorder:
    name = "recorder"

    def __init__(self) -> None:
        self.sent: list[tuple[int, int]] = []
        self.flags: list[FrameFlags] = []
        self.told: list[Event] = []
        self.closed = 0
        self.fault: Exception | None = None

    def send(self, frame: Frame) -> None:
        if self.fault is not None:
            raise self.fault
        self.sent.append((frame.character, frame.sequence))
        self.flags.append(frame.flags)

    def tell(self, event: Event) -> None:
        self.told.append(event)

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def recorder() -> Recorder:
    return Recorder()


def finish(delivery: Delivery) -> None:
    delivery.close()
    delivery.run()


def test_the_slot_keeps_the_newest_frame_of_each_character(recorder: Recorder) -> None:
    delivery = Delivery(recorder, lambda: 0.0)
    for sequence in range(5):
        delivery.offer(frame(sequence))
    delivery.offer(frame(70, character=1))
    finish(delivery)
    assert recorder.sent == [(0, 4), (1, 70)]
    assert delivery.replaced == 4


def test_the_mark_of_a_prompt_change_outlives_the_frame_that_bore_it(recorder: Recorder) -> None:
    delivery = Delivery(recorder, lambda: 0.0)
    delivery.offer(replace(frame(0), flags=FrameFlags.PROMPT_CHANGED))
    delivery.offer(replace(frame(1), flags=FrameFlags.INTERPOLATED))
    finish(delivery)
    delivery.offer(frame(2))
    finish(delivery)
    assert recorder.flags == [FrameFlags.PROMPT_CHANGED | FrameFlags.INTERPOLATED, FrameFlags.NONE]


def test_events_are_told_in_order_and_the_oldest_give_way(recorder: Recorder) -> None:
    delivery = Delivery(recorder, lambda: 0.0)
    for n in range(MAX_EVENTS + 3):
        delivery.tell(Pong(n, 0.0))
    finish(delivery)
    assert [e.request_id for e in recorder.told if isinstance(e, Pong)] == list(
        range(3, MAX_EVENTS + 3)
    )


def test_closing_delivers_what_is_left_and_closes_the_output_once(recorder: Recorder) -> None:
    delivery = Delivery(recorder, lambda: 0.0)
    delivery.offer(frame(1))
    finish(delivery)
    assert recorder.sent == [(0, 1)]
    assert recorder.closed == 1


def test_a_failing_output_is_counted_logged_once_disabled_and_tried_again(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    now = [10.0]
    delivery = Delivery(recorder, lambda: now[0])
    recorder.fault = OSError("the network is gone")
    with caplog.at_level(logging.INFO):
        delivery.deliver([frame(0)], [])
        delivery.deliver([frame(1)], [])  # disabled: not even tried
        assert delivery.failures == 1
        now[0] += RETRY_SECS
        delivery.deliver([frame(2)], [])
        assert delivery.failures == 2
        now[0] += RETRY_SECS
        recorder.fault = None
        delivery.deliver([frame(3)], [])
    assert recorder.sent == [(0, 3)]
    messages = [record.message for record in caplog.records]
    assert len(messages) == 2
    assert "the network is gone" in messages[0]
    assert "works again" in messages[1]


def test_an_output_that_hangs_does_not_hold_up_whoever_offers(recorder: Recorder) -> None:
    release, hanging = threading.Event(), threading.Event()

    class Hanging(Recorder):
        def send(self, frame: Frame) -> None:
            super().send(frame)
            hanging.set()
            release.wait(10)

    output: Any = Hanging()
    delivery = Delivery(output, lambda: 0.0)
    thread = threading.Thread(target=delivery.run, daemon=True)
    thread.start()
    delivery.offer(frame(0))
    assert hanging.wait(10)
    for sequence in range(1, 1000):
        delivery.offer(frame(sequence))  # returns although the output is stuck
    delivery.close()
    release.set()
    thread.join(10)
    assert output.sent == [(0, 0), (0, 999)]


class Stamped(Recorder):
    """Also notes when each frame came, and what was told by then."""

    def __init__(self) -> None:
        super().__init__()
        self.came: list[tuple[float, int]] = []
        self.changed = threading.Condition()

    def send(self, frame: Frame) -> None:
        super().send(frame)
        with self.changed:
            self.came.append((time.monotonic() - frame.play_time_secs, len(self.told)))
            self.changed.notify_all()

    def wait_for(self, frames: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: len(self.came) >= frames, 10)


@pytest.fixture
def paced() -> Iterator[tuple[Delivery, Stamped]]:
    output = Stamped()
    delivery = Delivery(output, time.monotonic, PERIOD_SECS)
    thread = threading.Thread(target=delivery.run, daemon=True)
    thread.start()
    yield delivery, output
    delivery.close()
    thread.join(10)
    assert not thread.is_alive()


PERIOD_SECS = 0.02
Paced = tuple[Delivery, Stamped]


def test_no_frame_leaves_before_its_play_time_and_all_leave(paced: Paced) -> None:
    delivery, output = paced
    begins_secs = time.monotonic() + 2 * PERIOD_SECS
    for sequence in range(8):
        due_secs = begins_secs + sequence * PERIOD_SECS
        for character in range(2):
            each = frame(sequence, character)
            delivery.offer(replace(each, play_time_secs=due_secs))
        output.wait_for(2 * (sequence + 1))
    assert min(late_secs for late_secs, _ in output.came) >= 0.0
    assert output.sent == [(character, n) for n in range(8) for character in range(2)]


def test_late_frames_leave_at_once_of_every_character(paced: Paced) -> None:
    delivery, output = paced
    for sequence in range(4):
        for character in range(3):
            late = replace(frame(sequence, character), play_time_secs=time.monotonic() - 1.0)
            delivery.offer(late)
            output.wait_for(3 * sequence + character + 1)
    assert delivery.replaced == 0


def test_an_event_is_told_after_the_frame_that_came_before_it(paced: Paced) -> None:
    delivery, output = paced
    delivery.offer(replace(frame(0), play_time_secs=time.monotonic() + 0.1))
    delivery.tell(Pong(1, 0.0))
    output.wait_for(1)
    assert output.came[0][1] == 0


def test_closing_does_not_wait_for_a_frame_that_is_not_due() -> None:
    output = Stamped()
    delivery = Delivery(output, lambda: 0.0, PERIOD_SECS)
    delivery.offer(replace(frame(3), play_time_secs=1e6))
    finish(delivery)
    assert output.sent == [(0, 3)]


def test_an_output_that_cannot_even_close_is_logged(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        raise OSError("stuck")

    recorder.close = broken  # type: ignore[method-assign]
    finish(Delivery(recorder, lambda: 0.0))
    assert "did not close" in caplog.text
