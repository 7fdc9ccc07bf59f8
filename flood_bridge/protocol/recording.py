"""Datagrams in a file, as they arrived: to look at a stream again without the daemon.

The file begins with the line ``flood-osc 1``; then one record follows the other: a big-endian
float64, the seconds since the first datagram; a big-endian uint32, the size; the datagram. OSC
has no file format of its own.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator
from typing import BinaryIO

from flood_bridge.errors import ProtocolError

HEADER = b"flood-osc 1\n"
MAX_DATAGRAM_BYTES = 65535

_RECORD = struct.Struct(">dI")


class Recording:
    """Writes datagrams into an open binary file.

    Args:
        file: Where to; it stays the caller's to close.
        max_bytes: What the file may grow to.

    Attributes:
        datagrams: How many are in the file.
    """

    def __init__(self, file: BinaryIO, max_bytes: int = 1 << 30) -> None:
        self._file = file
        self._room = max_bytes - len(HEADER)
        self._began_secs = math.nan
        self.datagrams = 0
        file.write(HEADER)

    def add(self, now_secs: float, datagram: bytes) -> bool:
        """Append ``datagram``; return False, and do nothing, when the file is full."""
        size = _RECORD.size + len(datagram)
        if size > self._room:
            return False
        if math.isnan(self._began_secs):
            self._began_secs = now_secs
        self._file.write(_RECORD.pack(now_secs - self._began_secs, len(datagram)) + datagram)
        self._room -= size
        self.datagrams += 1
        return True


def read_recording(file: BinaryIO) -> Iterator[tuple[float, bytes]]:
    """Yield the seconds since the beginning, never decreasing, and the bytes of each datagram.

    Raises:
        ProtocolError: If the file is no recording, or damaged; whole records before come first.
    """
    if file.read(len(HEADER)) != HEADER:
        raise ProtocolError("the file is not a recording of flood-bridge doctor")
    last_secs = 0.0
    while head := file.read(_RECORD.size):
        if len(head) < _RECORD.size:
            raise ProtocolError("the recording ends inside a record")
        secs, size = _RECORD.unpack(head)
        if not (math.isfinite(secs) and secs >= last_secs and size <= MAX_DATAGRAM_BYTES):
            raise ProtocolError(
                f"the recording is damaged: {size} bytes at {secs} s, after {last_secs} s"
            )
        datagram = file.read(size)
        if len(datagram) < size:
            raise ProtocolError("the recording ends inside a datagram")
        last_secs = secs
        yield secs, datagram
