"""A browser that keeps up gets every frame in order; one that does not read costs a few frames."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import numpy as np
import pytest
from viser._messages import RemoveSceneNodeMessage, SceneNodeUpdateMessage
from viser.infra import Message

from flood_bridge.viewer.outgoing import KEPT, Outgoing

PATIENCE_SECS = 60.0


@pytest.fixture
def loop() -> Iterator[asyncio.AbstractEventLoop]:
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join(PATIENCE_SECS)
    loop.close()


def frame(number: int, name: str = "/figure") -> Message:
    return SceneNodeUpdateMessage(name, {"positions": np.full(3, number, np.float32)})


def number(message: Message) -> int:
    assert isinstance(message, SceneNodeUpdateMessage)
    return int(message.updates["positions"][0])


async def read(buffer: Outgoing, browser: int, last: int) -> list[int]:
    """Return the frames that a browser gets until it has the ``last``."""
    got: list[int] = []
    windows = buffer.window_generator(browser)
    async for window in windows:
        got += [number(message) for message in window]
        if last in got:
            break
    await windows.aclose()
    return got


def test_frames_that_come_while_a_browser_is_late_are_kept_for_it(
    loop: asyncio.AbstractEventLoop,
) -> None:
    buffer = Outgoing(loop, persistent_messages=True)
    for each in range(KEPT):
        buffer.push(frame(each))
    reading = asyncio.run_coroutine_threadsafe(read(buffer, 1, KEPT - 1), loop)
    assert reading.result(PATIENCE_SECS) == list(range(KEPT))


def test_what_nobody_reads_does_not_pile_up(loop: asyncio.AbstractEventLoop) -> None:
    buffer = Outgoing(loop, persistent_messages=True)
    for each in range(100 * KEPT):
        buffer.push(frame(each))
        buffer.push(frame(each, "/other"))
    assert len(buffer.message_from_id) == 2 * KEPT
    reading = asyncio.run_coroutine_threadsafe(read(buffer, 1, 100 * KEPT - 1), loop)
    assert reading.result(PATIENCE_SECS)[-1] == 100 * KEPT - 1


def test_what_is_taken_off_the_scene_leaves_nothing_behind(
    loop: asyncio.AbstractEventLoop,
) -> None:
    buffer = Outgoing(loop, persistent_messages=True)
    for each in range(3 * KEPT):
        buffer.push(frame(each))
    buffer.push(RemoveSceneNodeMessage("/figure"))
    assert [type(each).__name__ for each in buffer.message_from_id.values()] == [
        "RemoveSceneNodeMessage"
    ]


def test_all_who_keep_up_get_every_frame_in_order(loop: asyncio.AbstractEventLoop) -> None:
    buffer, count = Outgoing(loop, persistent_messages=True), 200
    reading = [
        asyncio.run_coroutine_threadsafe(read(buffer, browser, count - 1), loop)
        for browser in range(3)
    ]
    for each in range(count):
        buffer.push(frame(each))
        passed = asyncio.run_coroutine_threadsafe(asyncio.sleep(0.004), loop)
        passed.result(PATIENCE_SECS)
    for each in reading:
        assert each.result(PATIENCE_SECS) == list(range(count))


def test_an_event_is_set_in_its_own_thread_alone(loop: asyncio.AbstractEventLoop) -> None:
    buffer = Outgoing(loop, persistent_messages=False)
    buffer.message_event.set()
    assert not buffer.message_event.is_set()
    waiting = asyncio.run_coroutine_threadsafe(buffer.message_event.wait(), loop)
    buffer.push(frame(1))
    assert waiting.result(PATIENCE_SECS)
