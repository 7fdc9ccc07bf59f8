"""No message can end the page, and when it ends the log says why."""

from __future__ import annotations

import logging
import os
import signal
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from flood_bridge.viewer import pipe
from flood_bridge.viewer.messages import Glance, Told


def small(secs: float) -> Glance:
    """Return a frame whose arrays are too small to be drawn."""
    joints = np.zeros((3, 2), np.float32)
    turns, contacts = np.zeros((2, 4), np.float32), np.zeros(1, bool)
    return Glance(3, 1, secs, joints, joints, contacts, turns, None, "walk", 0)


def send(page: Any, content: bytes) -> None:
    page.link._process.stdin.write(content)
    page.link._process.stdin.flush()


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda secs: pipe.pack(small(secs)), "Error"),
        (lambda _: struct.pack("<I", 4) + b"\x80\x05??", "UnpicklingError"),
        (lambda _: struct.pack("<I", 0), "EOFError"),
        (lambda _: pipe.pack(Told("no event")), ""),  # type: ignore[arg-type]
        (lambda _: pipe.pack("hello"), ""),
        (lambda _: pipe.pack(None), ""),
    ],
    ids=["small arrays", "no pickle", "empty", "no event", "a text", "nothing"],
)
def test_an_odd_message_is_passed_over_and_told_of(
    page: Any,
    browse: Callable[[], Any],
    caplog: pytest.LogCaptureFixture,
    make: Callable[[float], bytes],
    told: str,
) -> None:
    peer = browse()
    with caplog.at_level(logging.WARNING):
        send(page, make(page.secs + 0.05))
        if told:
            page.wait_for(lambda: "passed over: " in caplog.text, "it is told")
            assert told in caplog.text
        then = peer.positions()
        page.wait_for(lambda: np.abs(peer.positions() - then).max() > 0.3, "it moves on")
    assert not peer.gone
    assert "has ended" not in caplog.text


def test_a_page_that_is_killed_is_told_of(
    open_page: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    page = open_page(port=8360)
    with caplog.at_level(logging.WARNING):
        os.kill(page.link._process.pid, signal.SIGKILL)
        page.wait_for(lambda: "has ended: killed by SIGKILL" in caplog.text, "it is told")
    page.play(1)
    page.close()


def test_a_page_that_is_out_of_step_ends_and_says_so(
    open_page: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    page = open_page(port=8360)
    with caplog.at_level(logging.WARNING):
        send(page, b"\xff\xff\xff\xff")
        page.wait_for(lambda: "has ended: ProtocolError" in caplog.text, "it is told")
    assert caplog.text.count("has ended") == 1
    page.close()
