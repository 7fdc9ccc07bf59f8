"""Commands typed at the daemon's terminal, or piped into it."""

from __future__ import annotations

import logging
import os
import select
import threading
from collections.abc import Callable

from flood_bridge.errors import CommandError
from flood_bridge.events import Rejected
from flood_bridge.inputs import Reject, Submit
from flood_bridge.protocol import lines

logger = logging.getLogger(__name__)

MAX_LINE_BYTES = 4096

_BACKGROUND_CHECK_SECS = 0.5


class StdinInput:
    """Reads lines; see :mod:`flood_bridge.protocol.lines` for what they mean.

    Args:
        quit: Called on ``/quit``; asks the daemon to stop.
        descriptor: The open file to read, standard input by default.
    """

    name = "stdin"

    def __init__(self, quit: Callable[[], None], descriptor: int = 0) -> None:
        self._quit = quit
        self._descriptor = descriptor
        self._wake_reader, self._wake_writer = os.pipe()
        self._lock = threading.Lock()
        self._closing = False
        self._running = False
        self._pending = b""
        self._skipping = False  # inside a line that is too long

    def run(self, submit: Submit, reject: Reject) -> None:
        """Read until :meth:`close` or the end of the file."""
        with self._lock:
            if self._closing:
                return
            self._running = True
        try:
            while (chunk := self._next_chunk()) is not None:
                self._take(chunk, submit, reject)
            self._take_rest(submit, reject)
        finally:
            with self._lock:
                self._closing = True
                self._close_pipe()

    def close(self) -> None:
        """Make :meth:`run` return at once."""
        with self._lock:
            if self._closing:
                return
            self._closing = True
            if self._running:
                os.write(self._wake_writer, b"x")
            else:
                self._close_pipe()

    def _close_pipe(self) -> None:
        os.close(self._wake_reader)
        os.close(self._wake_writer)

    def _next_chunk(self) -> bytes | None:
        """Wait for bytes; None at the end of the file or when closed."""
        while True:
            foreground = _may_read(self._descriptor)
            watched = [self._wake_reader, self._descriptor] if foreground else [self._wake_reader]
            timeout_secs = None if foreground else _BACKGROUND_CHECK_SECS
            try:
                ready, _, _ = select.select(watched, [], [], timeout_secs)
                if self._wake_reader in ready:
                    return None
                if ready and _may_read(self._descriptor):
                    return os.read(self._descriptor, MAX_LINE_BYTES) or None
            except (OSError, ValueError) as error:  # closed, or the terminal has gone
                logger.info("standard input has ended: %s", error)
                return None

    def _take(self, chunk: bytes, submit: Submit, reject: Reject) -> None:
        *complete, self._pending = (self._pending + chunk).split(b"\n")
        for raw in complete:
            if self._skipping:
                self._skipping = False
            else:
                self._obey(raw, submit, reject)
        if len(self._pending) > MAX_LINE_BYTES:
            if not self._skipping:
                self._refuse(f"a line has at most {MAX_LINE_BYTES} bytes", reject)
            self._skipping = True
            self._pending = b""

    def _take_rest(self, submit: Submit, reject: Reject) -> None:
        """Obey a last line that has no end."""
        if self._pending and not self._skipping:
            self._obey(self._pending, submit, reject)

    def _obey(self, raw: bytes, submit: Submit, reject: Reject) -> None:
        try:
            line = raw.decode("utf-8").strip()
            if line == lines.QUIT:
                self._quit()
            elif line:
                submit(lines.read_line(line))
        except UnicodeDecodeError:
            self._refuse("the line is not UTF-8", reject)
        except CommandError as error:
            self._refuse(str(error), reject)

    def _refuse(self, reason: str, reject: Reject) -> None:
        logger.warning("standard input: %s", reason)
        reject(Rejected(0, reason))


def _may_read(descriptor: int) -> bool:
    """Return whether reading is allowed: a terminal stops background jobs that read from it."""
    try:
        if not os.isatty(descriptor):
            return True
        return os.tcgetpgrp(descriptor) == os.getpgrp()
    except OSError:
        return True  # not our controlling terminal: reading stops nobody
