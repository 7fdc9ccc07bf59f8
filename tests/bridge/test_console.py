"""The status line tells the state in one row, in place on a terminal and sparingly elsewhere."""

from __future__ import annotations

import io
import logging
from dataclasses import replace

import pytest

from flood_bridge.console import Console, describe
from flood_bridge.events import Status

STATUS = Status(
    uptime_secs=1.0,
    characters=1,
    prompt="a person walks",
    state="running",
    generation_fps=310.0,
    output_fps=59.98,
    lead_ms=233.3,
    underruns=2,
    last_latency_ms=1042,
)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "200")


def test_the_line_tells_everything_that_matters() -> None:
    line = describe(STATUS)
    for part in ("a person walks", "310 fps", "15.5x", "60.0 fps", "233 ms", "underruns 2", "1042"):
        assert part in line


def test_before_the_first_prompt_change_no_latency_is_claimed() -> None:
    assert "prompt to motion" not in describe(replace(STATUS, last_latency_ms=0))


def test_a_terminal_shows_one_line_rewritten_and_cut_to_its_width(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "30")
    stream = Terminal()
    console = Console(stream)
    console.show(STATUS)
    console.show(replace(STATUS, uptime_secs=2.0))
    assert stream.getvalue().count("\r\x1b[K") == 2
    assert "\n" not in stream.getvalue()
    assert all(len(line) < 30 for line in stream.getvalue().split("\r\x1b[K"))


def test_log_lines_go_above_the_status_line() -> None:
    stream = Terminal()
    console = Console(stream)
    console.show(STATUS)
    console.emit(logging.LogRecord("room", logging.WARNING, "", 0, "oh %s", ("no",), None))
    last = stream.getvalue().split("\r\x1b[K")[-1]
    assert last == f"W room: oh no\n{describe(STATUS)}"
    console.close()
    assert stream.getvalue().endswith("\n")


def test_a_file_gets_a_line_every_ten_seconds_and_at_every_change_of_state() -> None:
    stream = io.StringIO()
    console = Console(stream)
    for second in range(25):
        state = "paused" if second == 13 else "running"
        console.show(replace(STATUS, uptime_secs=float(second), state=state))
    lines = stream.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == [
        "running",
        "running",
        "paused",
        "running",
        "running",
    ]
    assert "\x1b" not in stream.getvalue()


def test_a_terminal_that_has_gone_does_not_end_the_stream() -> None:
    stream = Terminal()
    console = Console(stream)
    stream.close()
    console.show(STATUS)
