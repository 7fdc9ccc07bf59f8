"""Many bodies in few packets: ``/flood/{id}/q``, a blob of 198 bytes for a whole body.

The blob, big-endian: uint32 sequence, uint32 play time [ms], uint16 flags, 3 x float32 root
position, 22 x 4 x int16 rotations (x, y, z, w, each times 32767); Unity's axes. An int16 is off by
at most 0.0034 degrees, which nobody sees. Six bodies share one packet, and all bodies of a tick
are converted at once, so that a crowd costs a receiver few packets and this machine little time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import numpy as np

from flood_bridge.errors import ProtocolError
from flood_bridge.motion.frames import Frame, FrameFlags
from flood_bridge.motion.skeleton import NUM_JOINTS
from flood_bridge.protocol import osc
from flood_bridge.protocol.axes import UNITY
from flood_bridge.protocol.finite import require_finite
from flood_bridge.protocol.native import MAX_PACKET_BYTES
from flood_bridge.protocol.native_parts import play_time_ms, sequence_of
from flood_bridge.protocol.native_reader import NativeFrame

BLOB = np.dtype(
    [
        ("sequence", ">u4"),
        ("play_time_ms", ">u4"),
        ("flags", ">u2"),
        ("root_position", ">f4", (3,)),
        ("local_xyzw", ">i2", (NUM_JOINTS, 4)),
    ]
)
"""The layout of the blob; fields follow one another without gaps."""

UNIT = 32767
"""An int16 of a rotation is this often the number."""

COMPACT_TYPES = "b"

_ADDRESS = re.compile(r"/flood/(\d{1,9})/q")
_PADDING = bytes(-BLOB.itemsize % 4)


class CompactEncoder:
    """Writes the frames that belong to one tick into as few packets as possible."""

    def __init__(self) -> None:
        self._heads: dict[int, bytes] = {}

    def encode(self, frames: Sequence[Frame]) -> list[bytes]:
        """Return one datagram per six frames or so, in the order of ``frames``.

        Raises:
            ProtocolError: If a frame has numbers that are not finite; then nothing is written.
        """
        if not frames:
            return []
        blobs = _blobs(frames).tobytes()
        size = BLOB.itemsize
        messages = [
            self._head(frame.character) + blobs[start : start + size] + _PADDING
            for frame, start in zip(frames, range(0, len(blobs), size), strict=True)
        ]
        return [osc.bundle(*group) for group in _packets(messages)]

    def _head(self, character: int) -> bytes:
        """Return what stands before the blob: address, type tags, size."""
        head = self._heads.get(character)
        if head is None:
            message = osc.message(f"/flood/{character}/q", COMPACT_TYPES, bytes(BLOB.itemsize))
            head = self._heads[character] = message[: -BLOB.itemsize - len(_PADDING)]
        return head


def read_compact(message: osc.Message) -> NativeFrame:
    """Return the frame that ``message`` holds; its rotations have unit length again.

    Raises:
        ProtocolError: If it is not a well-formed ``/flood/{id}/q``.
    """
    match = _ADDRESS.fullmatch(message.address)
    if match is None or message.types != COMPACT_TYPES:
        raise ProtocolError(f"{message.address[:48]!r} is not /flood/{{id}}/q with one blob")
    (blob,) = message.arguments
    if len(blob) != BLOB.itemsize:
        raise ProtocolError(f"a compact body has {BLOB.itemsize} bytes, not {len(blob)}")
    (body,) = np.frombuffer(blob, BLOB)
    turns = body["local_xyzw"].astype(np.float64)
    lengths = np.linalg.norm(turns, axis=1, keepdims=True)
    if not lengths.all():
        raise ProtocolError("a compact body has a rotation of zeros")
    return NativeFrame(
        int(match[1]),
        int(body["sequence"]),
        int(body["play_time_ms"]),
        FrameFlags(int(body["flags"])),
        root_position=body["root_position"].astype(np.float64),
        local_xyzw=turns / lengths,
    )


def _blobs(frames: Sequence[Frame]) -> np.ndarray:
    """Return the blobs of ``frames``, (n,) of :data:`BLOB`."""
    turns = np.array([frame.avatar.local_wxyz for frame in frames])
    roots = np.array([frame.avatar.root_position for frame in frames])
    for rows in (turns, roots):
        if not np.isfinite(rows).all():
            for frame, row in zip(frames, rows, strict=True):
                require_finite(row, frame)
    blobs = np.empty(len(frames), BLOB)
    blobs["sequence"] = [sequence_of(frame) for frame in frames]
    blobs["play_time_ms"] = [play_time_ms(frame) for frame in frames]
    blobs["flags"] = [frame.flags for frame in frames]
    blobs["root_position"] = UNITY.position(roots)
    blobs["local_xyzw"] = np.rint(np.clip(UNITY.quaternion_xyzw(turns), -1.0, 1.0) * UNIT)
    return blobs


def _packets(messages: Sequence[bytes]) -> Iterator[list[bytes]]:
    """Group messages so that each bundle fits one packet."""
    group: list[bytes] = []
    size = len(osc.BUNDLE_HEADER)
    for message in messages:
        if group and size + 4 + len(message) > MAX_PACKET_BYTES:
            yield group
            group, size = [], len(osc.BUNDLE_HEADER)
        group.append(message)
        size += 4 + len(message)
    yield group
