"""Lines of standard input become commands; its end, or close, ends it at once."""

import os
import pty
import subprocess
import sys
import threading
import time

import pytest

from flood_bridge.commands import Command, Pause, SetPrompt
from flood_bridge.errors import CommandError
from flood_bridge.events import Rejected
from flood_bridge.inputs.stdin import MAX_LINE_BYTES, StdinInput


class Typed:
    """An input that reads a pipe, what came out of it, and how often it asked to quit."""

    def __init__(self) -> None:
        self.reader, self.writer = os.pipe()
        self.quits = 0
        self.commands: list[Command] = []
        self.refusals: list[Rejected] = []
        self.input = StdinInput(self.quit, self.reader)

    def quit(self) -> None:
        self.quits += 1

    def run(self) -> None:
        self.input.run(self.commands.append, self.refusals.append)

    def read_all(self, *chunks: bytes) -> None:
        """Run on a pipe that holds ``chunks``, written one by one, and then ends."""
        thread = threading.Thread(target=self.run)
        thread.start()
        for chunk in chunks:
            os.write(self.writer, chunk)
        os.close(self.writer)
        thread.join(5)
        assert not thread.is_alive()
        os.close(self.reader)


@pytest.fixture
def typed() -> Typed:
    return Typed()


def test_lines_are_prompts_and_commands_in_order(typed):
    typed.read_all(b"walk\n/pause\n", b"ru", b"n fast\r\n\n   \n")
    assert typed.commands == [SetPrompt(text="walk"), Pause(), SetPrompt(text="run fast")]
    assert typed.refusals == []


def test_a_last_line_without_an_end_counts(typed):
    typed.read_all(b"walk")
    assert typed.commands == [SetPrompt(text="walk")]


def test_quit_asks_the_daemon_to_stop(typed):
    typed.read_all(b"/quit\n")
    assert (typed.quits, typed.commands) == (1, [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"ab\xff\n", "not UTF-8"),
        (b"/dance\n", "valid are /pause"),
        (b"x" * 600 + b"\n", "at most 512"),
        (b"x" * (3 * MAX_LINE_BYTES) + b"\n", f"at most {MAX_LINE_BYTES} bytes"),
    ],
)
def test_bad_lines_are_refused_once_and_the_next_is_obeyed(typed, line, reason):
    typed.read_all(line, b"walk\n")
    (refusal,) = typed.refusals
    assert reason in refusal.reason
    assert typed.commands == [SetPrompt(text="walk")]


def test_a_line_without_end_is_never_kept_whole(typed):
    typed.read_all(*[b"x" * 4096] * 50)
    assert (typed.commands, len(typed.refusals)) == ([], 1)
    assert len(typed.input._pending) <= MAX_LINE_BYTES


def test_what_the_daemon_cannot_obey_is_a_refusal(typed):
    def submit(command: Command) -> None:
        raise CommandError("the queue is full")

    os.write(typed.writer, b"walk\n")
    os.close(typed.writer)
    typed.input.run(submit, typed.refusals.append)
    os.close(typed.reader)
    assert typed.refusals == [Rejected(0, "the queue is full")]


def test_close_ends_run_within_200_ms(typed):
    thread = threading.Thread(target=typed.run)
    thread.start()
    time.sleep(0.05)
    began = time.monotonic()
    typed.input.close()
    thread.join(5)
    assert time.monotonic() - began < 0.2
    typed.input.close()
    os.close(typed.writer)
    os.close(typed.reader)


def test_close_works_before_run_and_twice(typed):
    typed.input.close()
    typed.input.close()
    typed.run()
    os.close(typed.writer)
    os.close(typed.reader)


def test_a_closed_descriptor_is_an_end(typed):
    os.close(typed.reader)
    os.close(typed.writer)
    typed.run()
    assert typed.commands == []


def test_a_terminal_that_goes_away_is_an_end(typed):
    os.close(typed.reader)
    os.close(typed.writer)
    master, typed.reader = pty.openpty()
    typed.input.close()
    typed.input = StdinInput(typed.quit, typed.reader)
    os.write(master, b"walk\n")
    thread = threading.Thread(target=typed.run)
    thread.start()
    deadline = time.monotonic() + 5
    while not typed.commands and time.monotonic() < deadline:
        time.sleep(0.01)
    os.close(master)
    thread.join(5)
    assert not thread.is_alive()
    os.close(typed.reader)
    assert typed.commands == [SetPrompt(text="walk")]


BACKGROUND_JOB = """
import fcntl, os, signal, termios, time
from flood_bridge.inputs.stdin import StdinInput

fcntl.ioctl(0, termios.TIOCSCTTY, 0)  # as a shell in this terminal
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
job = os.fork()
if job == 0:
    os.setpgid(0, 0)  # a background job from here on
    stdin = StdinInput(lambda: None)
    stdin.run(lambda command: (print("heard", command.text, flush=True), stdin.close()), print)
    os._exit(0)
time.sleep(1.0)
stopped = os.waitpid(job, os.WNOHANG | os.WUNTRACED)[0]
print("stopped" if stopped else "alive", flush=True)
os.tcsetpgrp(0, job)
print("exit", os.waitpid(job, os.WUNTRACED)[1], flush=True)
"""


def test_a_background_job_is_not_stopped_and_hears_once_it_is_in_front():
    master, terminal = pty.openpty()
    shell = subprocess.Popen(
        [sys.executable, "-c", BACKGROUND_JOB],
        stdin=terminal,
        stdout=subprocess.PIPE,
        start_new_session=True,
        text=True,
    )
    try:
        os.write(master, b"walk\n")
        shown, _ = shell.communicate(timeout=20)
    finally:
        shell.kill()
        os.close(master)
        os.close(terminal)
    assert shown.splitlines() == ["alive", "heard walk", "exit 0"]
