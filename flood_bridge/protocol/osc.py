"""Open Sound Control 1.0 [1]: a strict parser that any datagram may be thrown at, an encoder.

The parser is for a port on which anybody may send anything. It never loops, recurses or waits
without a bound; what it does not accept raises :class:`~flood_bridge.errors.ProtocolError` with
the reason. Two rules of the specification are left out on purpose: time tags are skipped, never
waited for (a tag in the year 2035 would keep a receiver deaf until then), and addresses are
compared literally, so pattern characters in them are refused.

The encoder takes the types explicitly: receivers of motion drop an integer where they want a
float, so nothing is ever guessed from a Python value.

[1] https://opensoundcontrol.stanford.edu/spec-1_0.html
"""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Callable
from typing import Any, NamedTuple

from flood_bridge.errors import ProtocolError

MAX_DATAGRAM_BYTES = 8192
MAX_BUNDLE_DEPTH = 4
"""Bundles inside bundles, the outermost counted."""
MAX_ARGUMENTS = 256

BUNDLE_TAG = b"#bundle\0"
BUNDLE_HEADER = BUNDLE_TAG + struct.pack(">Q", 1)
"""Opens a bundle that is to be obeyed at once (time tag 1)."""

TYPES = "ifsbTFNI"
"""Type tags that are read and written: int32, float32, string, blob, and four without bytes."""

_INT = struct.Struct(">i")
_FLOAT = struct.Struct(">f")
_ADDRESS = re.compile(rb"(?:/[^\x00- #*,/?\[\]{}\x7f-\xff]+)+")


class Message(NamedTuple):
    """One OSC message."""

    address: str
    types: str
    """One letter of :data:`TYPES` per argument, without the comma."""
    arguments: tuple[Any, ...]


def parse(datagram: bytes) -> list[Message]:
    """Return the messages of ``datagram`` in order, those of nested bundles included.

    Raises:
        ProtocolError: If any part of the datagram breaks a rule; then nothing of it counts.
    """
    size = len(datagram)
    if size > MAX_DATAGRAM_BYTES:
        raise ProtocolError(
            f"the datagram has {size} bytes; at most {MAX_DATAGRAM_BYTES} are accepted"
        )
    if size == 0 or size % 4:
        raise ProtocolError(f"the datagram has {size} bytes; OSC needs a multiple of 4, not 0")
    messages: list[Message] = []
    _parse_element(datagram, 0, size, 1, messages)
    return messages


def _parse_element(data: bytes, start: int, end: int, depth: int, into: list[Message]) -> None:
    if data.startswith(BUNDLE_TAG, start, end):
        _parse_bundle(data, start, end, depth, into)
    else:
        into.append(_parse_message(data, start, end))


def _parse_bundle(data: bytes, start: int, end: int, depth: int, into: list[Message]) -> None:
    if depth > MAX_BUNDLE_DEPTH:
        raise ProtocolError(f"bundles are nested deeper than {MAX_BUNDLE_DEPTH}")
    position = start + len(BUNDLE_HEADER)
    if position > end:
        raise ProtocolError("a bundle ends inside its time tag")
    while position < end:
        # Sizes and ends are multiples of 4, so the four bytes of the size are always there.
        (size,) = _INT.unpack_from(data, position)
        position += 4
        if size <= 0 or size % 4 or size > end - position:
            raise ProtocolError(
                f"a bundle element claims {size} bytes; valid are multiples of 4"
                f" from 4 to the {end - position} that are left"
            )
        _parse_element(data, position, position + size, depth + 1, into)
        position += size


def _parse_message(data: bytes, start: int, end: int) -> Message:
    raw_address, position = _read_bytes(data, start, end)
    if _ADDRESS.fullmatch(raw_address) is None:
        raise ProtocolError(
            f"{raw_address[:48]!r} is not an address: it starts with '/' and has printable"
            " ASCII without blanks and # * , ? [ ] { }"
        )
    address = raw_address.decode("ascii")
    if position == end:  # senders older than OSC 1.0 leave out the tags of an empty message
        return Message(address, "", ())
    raw_tags, position = _read_bytes(data, position, end)
    if raw_tags[:1] != b",":
        raise ProtocolError(f"type tags start with ',', not with {raw_tags[:16]!r}")
    if len(raw_tags) - 1 > MAX_ARGUMENTS:
        raise ProtocolError(
            f"the message has {len(raw_tags) - 1} arguments; at most {MAX_ARGUMENTS} are accepted"
        )
    types = raw_tags[1:].decode("latin-1")
    arguments, position = _read_arguments(data, position, end, types)
    if position != end:
        raise ProtocolError(f"{end - position} bytes follow the arguments that the tags announce")
    return Message(address, types, arguments)


def _read_arguments(
    data: bytes, position: int, end: int, types: str
) -> tuple[tuple[Any, ...], int]:
    arguments: list[Any] = []
    for tag in types:
        read = _READERS.get(tag)
        if read is None:
            raise ProtocolError(f"type tag {tag!r} is not accepted; valid are {', '.join(TYPES)}")
        argument, position = read(data, position, end)
        arguments.append(argument)
    return tuple(arguments), position


def _read_bytes(data: bytes, start: int, end: int) -> tuple[bytes, int]:
    """Return the bytes before the next NUL and where the word after its padding begins."""
    nul = data.find(0, start, end)
    if nul < 0:
        raise ProtocolError("a string has no end")
    return data[start:nul], (nul & ~3) + 4


def _read_string(data: bytes, start: int, end: int) -> tuple[str, int]:
    raw, position = _read_bytes(data, start, end)
    try:
        return raw.decode("utf-8"), position
    except UnicodeDecodeError as error:
        raise ProtocolError(
            f"a string is not UTF-8: byte {raw[error.start]:#04x} at position {error.start}"
        ) from None


def _read_int(data: bytes, start: int, end: int) -> tuple[int, int]:
    if end - start < 4:
        raise ProtocolError("the message ends before its int argument")
    return _INT.unpack_from(data, start)[0], start + 4


def _read_float(data: bytes, start: int, end: int) -> tuple[float, int]:
    if end - start < 4:
        raise ProtocolError("the message ends before its float argument")
    return _FLOAT.unpack_from(data, start)[0], start + 4


def _read_blob(data: bytes, start: int, end: int) -> tuple[bytes, int]:
    size, start = _read_int(data, start, end)
    if not 0 <= size <= end - start:
        raise ProtocolError(f"a blob claims {size} bytes; {end - start} are left")
    return data[start : start + size], start + _padded(size)


_READERS: dict[str, Callable[[bytes, int, int], tuple[Any, int]]] = {
    "i": _read_int,
    "f": _read_float,
    "s": _read_string,
    "b": _read_blob,
    "T": lambda _data, start, _end: (True, start),
    "F": lambda _data, start, _end: (False, start),
    "N": lambda _data, start, _end: (None, start),
    "I": lambda _data, start, _end: (math.inf, start),
}


def message(address: str, types: str, *arguments: Any) -> bytes:
    """Return one encoded message; ``message(m.address, m.types, *m.arguments)`` undoes `parse`.

    Args:
        address: For example ``/flood/0/frame``.
        types: One letter of :data:`TYPES` per argument, without the comma.
        *arguments: The values; those of T, F, N and I have no bytes and are not looked at.

    Raises:
        ProtocolError: If a value does not fit its type.
    """
    return b"".join(message_parts(address, types, *arguments))


def message_parts(address: str, types: str, *arguments: Any) -> list[bytes]:
    """Return the padded bytes of the address, of the type tags and of each argument."""
    if len(types) != len(arguments):
        raise ProtocolError(f"{len(arguments)} arguments were given for the types {types!r}")
    if _ADDRESS.fullmatch(address.encode("utf-8", errors="replace")) is None:
        raise ProtocolError(f"{address!r} is not an OSC address")
    parts = [_string_bytes(address), _string_bytes("," + types)]
    return parts + [_argument_bytes(tag, arg) for tag, arg in zip(types, arguments, strict=True)]


def bundle(*elements: bytes) -> bytes:
    """Return one bundle of encoded messages, to be obeyed at once."""
    return BUNDLE_HEADER + b"".join(_INT.pack(len(part)) + part for part in elements)


def _argument_bytes(tag: str, value: Any) -> bytes:
    try:
        match tag:
            case "i":
                return _INT.pack(value)
            case "f":
                return _FLOAT.pack(value)
            case "s":
                return _string_bytes(value)
            case "b":
                return _INT.pack(len(value)) + bytes(value).ljust(_padded(len(value)), b"\0")
            case "T" | "F" | "N" | "I":
                return b""
    except (struct.error, OverflowError, TypeError, AttributeError) as error:
        raise ProtocolError(f"{value!r} cannot be sent as type {tag!r}: {error}") from error
    raise ProtocolError(f"type {tag!r} is not known; valid are {', '.join(TYPES)}")


def _string_bytes(text: str) -> bytes:
    try:
        raw = text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise ProtocolError(f"{text[:48]!r} cannot be written as UTF-8") from error
    if b"\0" in raw:
        raise ProtocolError(f"{text[:48]!r} has a NUL character; OSC strings end there")
    return raw.ljust(_padded(len(raw) + 1), b"\0")


def _padded(size: int) -> int:
    return (size + 3) & ~3
