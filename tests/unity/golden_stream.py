"""Writes the bytes that Python and the Unity package must agree on, and what they mean.

``golden_stream.py FOLDER`` writes ``stream.bytes`` (datagrams, each after its length as a
big-endian uint32), ``commands.bytes`` (the same, for the control port) and ``expected.txt`` (one
line per frame: what it holds, and where the joints are). The copy in the package is compared with
a fresh one by ``test_golden.py``.

The motion is made of parabolas and square roots, which every machine rounds alike.
"""

from __future__ import annotations

import math
import struct
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from flood_bridge.events import Pong, PromptApplied, Rejected, Status
from flood_bridge.motion.frames import AvatarFrame, Frame, FrameFlags, Pose
from flood_bridge.motion.kinematics import forward_kinematics
from flood_bridge.motion.skeleton import NUM_JOINTS, Skeleton
from flood_bridge.protocol import native, osc, receipts
from flood_bridge.protocol.axes import UNITY
from flood_bridge.protocol.compact import CompactEncoder

CHARACTER = 3
FRAMES = 40
RATE_HZ = 20
# Both counters begin again within the stream.
FIRST_SEQUENCE = 2**31 - 10
FIRST_TIME_MS = 2**31 - 1000

LENGTHS = [0, 10, 10, 12, 40, 40, 13, 42, 42, 6, 14, 14, 20, 15, 15, 10, 10, 10, 27, 27, 25, 25]
SKELETON = Skeleton.from_bone_lengths(np.array(LENGTHS) / 100.0)


def wave(turns: float) -> float:
    """Return nearly a sine of ``turns`` whole turns."""
    x = 2.0 * (turns - math.floor(turns)) - 1.0
    return -4.0 * x * (1.0 - abs(x))


def rotation(joint: int, secs: float) -> list[float]:
    """Return a wxyz rotation that swings with a frequency of its own."""
    phase = secs * (0.4 + 0.05 * joint) + joint / 7.0
    vector = [0.25 * wave(phase), 0.15 * wave(phase + 0.3), 0.2 * wave(0.5 * phase + 0.6)]
    length = math.sqrt(1.0 + sum(x * x for x in vector))
    return [1.0 / length, *(x / length for x in vector)]


def make_frame(index: int, character: int = CHARACTER) -> Frame:
    """Return frame ``index`` of a body that swings its joints and walks to the left."""
    secs = index / RATE_HZ
    root = np.array([0.8 * secs, 0.93 + 0.03 * wave(secs), 0.2 * wave(0.3 * secs)])
    avatar = AvatarFrame(root, np.array([rotation(joint, secs) for joint in range(NUM_JOINTS)]))
    joints = np.round(forward_kinematics(SKELETON, avatar), 6)
    pose = Pose(
        joints=joints,
        velocities=np.tile([0.8, 0.0, 0.25 * wave(secs)], (NUM_JOINTS, 1)),
        contacts=np.array([bool(index >> bit & 1) for bit in range(4)]),
        heading_rad=3.0 * wave(0.4 * secs),
    )
    return Frame(
        character=character,
        sequence=FIRST_SEQUENCE + index,
        play_time_secs=(FIRST_TIME_MS + 50 * index) / 1000.0,
        pose=pose,
        avatar=avatar,
        robot=None,
        prompt="a person walks",
        flags=FrameFlags(index % 8),
    )


def stream() -> list[bytes]:
    """Return the datagrams of the native stream."""
    encoder = native.FrameEncoder(CHARACTER)
    sequence = FIRST_SEQUENCE + 20
    events = [
        PromptApplied(CHARACTER, 42, "jemand hüpft 🏃", sequence & 0x7FFFFFFF, 850),
        Rejected(43, "the prompt is too long"),
        Pong(44, 12.5),
        Status(12.5, 2, "a person walks", "running", 47.5, 60.0, 200.0, 1, 850),
    ]
    return [
        native.skeleton_message(CHARACTER, SKELETON),
        *(encoder.encode(make_frame(index)) for index in range(FRAMES)),
        native.skeleton_message(CHARACTER + 1, SKELETON),
        *CompactEncoder().encode([make_frame(0, CHARACTER + 1), make_frame(0, CHARACTER + 2)]),
        *(receipts.event_message(event) for event in events),
    ]


def commands() -> list[bytes]:
    """Return what the package sends to the control port."""
    return [
        osc.message(f"/flood/{CHARACTER}/prompt", "si", "jemand hüpft 🏃", 42),
        osc.message(f"/flood/{CHARACTER}/queue", "sf", "a person sits", 2.5),
        *(osc.message(f"/flood/{CHARACTER}/{verb}", "") for verb in VERBS),
        osc.message("/flood/ping", "i", 44),
        osc.message("/flood/subscribe", "sis", "", 9501, "all"),
    ]


VERBS = ("queue/clear", "stop", "reset", "pause", "resume")


def expected_line(frame: Frame, encoder: native.FrameEncoder) -> str:
    """Return sequence, time, flags, contacts; root, rotations, yaw, velocity, yaw rate, joints."""
    body, root, joints, contact = osc.parse(encoder.encode(frame))
    bits = sum(on << bit for bit, on in enumerate(contact.arguments[1:]))
    x, z = root.arguments[5:7]
    floats = [*body.arguments[3:], root.arguments[4], x, z, root.arguments[7]]
    assert np.allclose(joints.arguments[2:], UNITY.position(frame.pose.joints).ravel(), atol=1e-5)
    numbers = [*floats, *joints.arguments[2:]]
    return " ".join([*map(str, body.arguments[:3]), str(bits), *(f"{x:.9g}" for x in numbers)])


def framed(datagrams: Iterable[bytes]) -> bytes:
    """Return each datagram after its length."""
    return b"".join(struct.pack(">I", len(each)) + each for each in datagrams)


def write(folder: Path) -> None:
    """Write the three files."""
    encoder = native.FrameEncoder(CHARACTER)
    lines = [expected_line(make_frame(index), encoder) for index in range(FRAMES)]
    (folder / "stream.bytes").write_bytes(framed(stream()))
    (folder / "commands.bytes").write_bytes(framed(commands()))
    (folder / "expected.txt").write_text("".join(line + "\n" for line in lines))


if __name__ == "__main__":
    write(Path(sys.argv[1]))
