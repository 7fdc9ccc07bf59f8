"""The daemon's terminal: a status line, and log lines that do not tear it.

On a terminal the line is rewritten in place each second; into a file or a journal goes one plain
line every ten seconds.
"""

from __future__ import annotations

import logging
import shutil
from typing import TextIO

from flood_bridge.events import Status

PLAIN_EVERY_SECS = 10.0

_CLEAR_LINE = "\r\x1b[K"
_MODEL_RATE_HZ = 20.0
_SLOW = 0.98
"""Shares of the true speed below this are told."""


def describe(status: Status) -> str:
    """Return the status as one line."""
    if status.state == "loading":
        return f"loading the model ({status.uptime_secs:.0f} s)"
    parts = [
        f'{status.state}  "{status.prompt}"',
        f"model {status.generation_fps:.0f} fps ({status.generation_fps / _MODEL_RATE_HZ:.1f}x)",
        f"out {status.output_fps:.1f} fps",
        f"lead {status.lead_ms:.0f} ms",
        f"underruns {status.underruns}",
    ]
    slow = [f"{n}: {rate:.2f}x" for n, rate in enumerate(status.rates) if rate < _SLOW]
    if slow:
        parts.append(f"too slow for all, true speed {', '.join(slow)}")
    if status.last_latency_ms:
        parts.append(f"prompt to motion {status.last_latency_ms} ms")
    return "  ".join(parts)


class Console(logging.Handler):
    """Shows the status and the log on one stream.

    Args:
        stream: Where to; normally standard error.
    """

    def __init__(self, stream: TextIO) -> None:
        super().__init__()
        self._stream = stream
        self._is_terminal = stream.isatty()
        self._line = ""
        self._next_plain_secs = 0.0
        self._state = ""
        self.setFormatter(logging.Formatter("%(levelname).1s %(name)s: %(message)s"))

    def show(self, status: Status) -> None:
        """Show ``status``: in place, or if it is due as a line of its own."""
        self.acquire()
        try:
            if self._is_terminal:
                self._line = _fitting(describe(status), shutil.get_terminal_size().columns)
                self._write(f"{_CLEAR_LINE}{self._line}")
            elif status.uptime_secs >= self._next_plain_secs or status.state != self._state:
                self._next_plain_secs = status.uptime_secs + PLAIN_EVERY_SECS
                self._write(f"{describe(status)}\n")
            self._state = status.state
        finally:
            self.release()

    def emit(self, record: logging.LogRecord) -> None:
        """Write a log line above the status line."""
        try:
            line = self.format(record)
        except Exception:
            self.handleError(record)
            return
        if self._is_terminal:
            line = f"{_CLEAR_LINE}{line}"
        self._write(f"{line}\n{self._line}")

    def close(self) -> None:
        """Leave the terminal on a fresh line."""
        if self._line:
            self._line = ""
            self._write("\n")
        super().close()

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):  # the terminal has gone; the stream of motion goes on
            self._line = ""


def _fitting(line: str, columns: int) -> str:
    """Return ``line`` cut to one row of a terminal."""
    return line if len(line) < columns else f"{line[: max(0, columns - 2)]}…"
