"""Values on their way down the pipe: each is its length and its pickle.

So one that cannot be read is passed over, and the next is found. Both ends are this program.
"""

from __future__ import annotations

import pickle
import struct
from typing import BinaryIO

from flood_bridge.errors import ProtocolError

MAX_BYTES = 1 << 24
"""Longest value; a frame has a few thousand bytes."""

_LENGTH = struct.Struct("<I")


def pack(value: object) -> bytes:
    """Return ``value`` as it travels."""
    content = pickle.dumps(value, protocol=5)
    return _LENGTH.pack(len(content)) + content


def unpack(content: bytes) -> object:
    """Return the value whose pickle is ``content``; raises whatever its parts raise."""
    return pickle.loads(content)


def read(stream: BinaryIO) -> bytes | None:
    """Return the pickle of the next value; None when the other end has gone.

    Raises:
        ProtocolError: If what comes is no length of a value: the two ends are out of step.
    """
    head = stream.read(_LENGTH.size)
    if len(head) < _LENGTH.size:
        return None
    (length,) = _LENGTH.unpack(head)
    if length > MAX_BYTES:
        raise ProtocolError(f"a value of {length} bytes; at most {MAX_BYTES} are valid")
    content = stream.read(length)
    return content if len(content) == length else None
