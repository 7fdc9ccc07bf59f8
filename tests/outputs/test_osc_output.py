"""What goes out over OSC is what independent decoders read: python-osc and liblo's oscdump."""

import re
import select
import shutil
import socket
import subprocess
import time

import numpy as np
import pytest
from pythonosc.osc_packet import OscPacket

from flood_bridge.errors import CommandError, ConfigError
from flood_bridge.events import PromptApplied
from flood_bridge.motion.frames import AvatarFrame, Frame, FrameFlags, Pose
from flood_bridge.motion.skeleton import NUM_JOINTS, Skeleton
from flood_bridge.outputs.osc import NativeOscOutput, send_prompt
from flood_bridge.outputs.udp import UdpTarget
from flood_bridge.outputs.vmc import VmcOutput
from flood_bridge.protocol import native, osc
from flood_bridge.protocol.native_reader import read_frame, read_skeleton

SKELETON = Skeleton.from_bone_lengths(np.linspace(0.05, 0.45, NUM_JOINTS))


def make_frame(sequence: int, *, character: int = 0, flags: FrameFlags = FrameFlags.NONE) -> Frame:
    rng = np.random.default_rng(sequence)
    rotations = rng.normal(size=(NUM_JOINTS, 4))
    rotations /= np.linalg.norm(rotations, axis=1, keepdims=True)
    joints = rng.uniform(-2, 2, (NUM_JOINTS, 3))
    return Frame(
        character=character,
        sequence=sequence,
        play_time_secs=sequence / 60,
        pose=Pose(joints, rng.uniform(-3, 3, joints.shape), rng.random(4) < 0.5, 0.5),
        avatar=AvatarFrame(joints[0], rotations),
        robot=None,
        prompt="a person walks",
        flags=flags,
    )


@pytest.fixture
def receiver():
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    opened.bind(("127.0.0.1", 0))
    opened.settimeout(2)
    yield opened
    opened.close()


def port_of(receiver: socket.socket) -> int:
    return receiver.getsockname()[1]


def drain(receiver: socket.socket) -> list[tuple[bytes, tuple]]:
    """Everything that has arrived (loopback delivers before ``send`` returns), and from whom."""
    receiver.setblocking(False)
    received = []
    while True:
        try:
            received.append(receiver.recvfrom(65535))
        except BlockingIOError:
            return received


def messages_in(received: list[tuple[bytes, tuple]]) -> list[osc.Message]:
    return [message for datagram, _ in received for message in osc.parse(datagram)]


def test_native_frames_arrive_in_order_with_one_skeleton_a_second(receiver):
    output = NativeOscOutput(port=port_of(receiver), skeleton=SKELETON)
    received = []
    for sequence in range(120):
        output.send(make_frame(sequence))
        received += drain(receiver)
    output.close()
    messages = messages_in(received)
    frames = [read_frame(m) for m in messages if m.address == "/flood/0/frame"]
    skeletons = [read_skeleton(m) for m in messages if m.address == "/flood/0/skeleton"]
    assert [frame.sequence for frame in frames] == list(range(120))
    assert len(skeletons) == 2
    np.testing.assert_allclose(skeletons[0].offsets, SKELETON.offsets * [-1, 1, 1], rtol=1e-6)


def test_a_lower_rate_thins_frames_and_keeps_the_mark_of_a_prompt_change(receiver):
    output = NativeOscOutput(port=port_of(receiver), skeleton=SKELETON, rate_hz=20)
    for sequence in range(60):
        changed = FrameFlags.PROMPT_CHANGED if sequence == 31 else FrameFlags.INTERPOLATED
        output.send(make_frame(sequence, flags=changed))
    output.close()
    messages = messages_in(drain(receiver))
    frames = [read_frame(m) for m in messages if m.address == "/flood/0/frame"]
    assert [frame.sequence for frame in frames] == list(range(0, 60, 3))
    marked = [frame for frame in frames if FrameFlags.PROMPT_CHANGED in frame.flags]
    assert [frame.sequence for frame in marked] == [33]
    assert marked[0].flags == FrameFlags.PROMPT_CHANGED | FrameFlags.INTERPOLATED


def test_characters_have_addresses_and_rates_of_their_own(receiver):
    output = NativeOscOutput(
        port=port_of(receiver), skeleton=SKELETON, rate_hz=20, topics=["frame"]
    )
    for sequence in range(6):
        for character in (0, 7):
            output.send(make_frame(sequence, character=character))
    output.close()
    messages = messages_in(drain(receiver))
    frames = [read_frame(m) for m in messages if m.address.endswith("/frame")]
    assert [(f.character, f.sequence) for f in frames] == [(0, 0), (7, 0), (0, 3), (7, 3)]


def test_events_are_told_on_the_same_port(receiver):
    output = NativeOscOutput(port=port_of(receiver), skeleton=SKELETON)
    output.tell(PromptApplied(0, 4, "walk", 120, 350))
    output.close()
    assert messages_in(drain(receiver)) == [
        ("/flood/0/prompt/applied", "isii", (4, "walk", 120, 350))
    ]


def test_vmc_leaves_from_one_socket_with_the_prompt_once_a_second(receiver):
    output = VmcOutput(port=port_of(receiver), skeleton=SKELETON)
    received = []
    for sequence in range(120):
        output.send(make_frame(sequence))
        output.send(make_frame(sequence, character=1))
        output.tell(PromptApplied(0, 4, "walk", 120, 350))
        received += drain(receiver)
    output.close()
    addresses = [m.address for m in messages_in(received)]
    assert len({sender for _, sender in received}) == 1
    assert len(received) == 2 * 120 + 2
    assert addresses.count("/VMC/Ext/Bone/Pos") == NUM_JOINTS * 120
    assert addresses.count("/VMC/Ext/Opt") == 2


def test_vmc_can_send_another_character_at_another_rate(receiver):
    output = VmcOutput(port=port_of(receiver), skeleton=SKELETON, character=1, rate_hz=30)
    for sequence in range(60):
        output.send(make_frame(sequence))
        output.send(make_frame(sequence, character=1))
    output.close()
    times = [m.arguments[0] for m in messages_in(drain(receiver)) if m.address == "/VMC/Ext/T"]
    np.testing.assert_allclose(times, np.arange(30) / 30, atol=1e-6)


@pytest.fixture
def silent_port():
    """A port of this machine on which nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = port_of(taken)
    return port


@pytest.mark.parametrize("kind", [NativeOscOutput, VmcOutput])
def test_nobody_listening_is_no_error(kind, silent_port):
    output = kind(port=silent_port, skeleton=SKELETON)
    for sequence in range(70):
        output.send(make_frame(sequence))
    output.close()
    output.close()


def test_no_datagram_is_lost_once_somebody_listens(silent_port):
    target = UdpTarget("127.0.0.1", silent_port)
    target.send(b"lost")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", silent_port))
        target.send(b"one")
        target.send(b"two")
        assert [datagram for datagram, _ in drain(receiver)] == [b"one", b"two"]
    target.close()


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"port": 0}, "valid are 1 to 65535"),
        ({"port": 70_000}, "valid are 1 to 65535"),
        ({"host": "no.such.host.invalid"}, "not a known host"),
        ({"rate_hz": 0}, "valid are more than 0"),
        ({"rate_hz": float("nan")}, "valid are more than 0"),
    ],
)
@pytest.mark.parametrize("kind", [NativeOscOutput, VmcOutput])
def test_settings_that_cannot_be_used_are_refused(kind, settings, reason):
    with pytest.raises(ConfigError, match=reason):
        kind(skeleton=SKELETON, **settings)


def test_wrong_topics_are_refused_before_the_first_frame():
    with pytest.raises(ConfigError, match="frame, root, joints, contact"):
        NativeOscOutput(skeleton=SKELETON, topics=["feet"])  # pyright: ignore[reportArgumentType]


def test_say_sends_one_prompt(receiver):
    send_prompt(" a person\twaves ", port=port_of(receiver), character=3, request_id=9)
    (received,) = drain(receiver)
    (timed,) = OscPacket(received[0]).messages
    assert timed.message.address == "/flood/3/prompt"
    assert timed.message.params == ["a person waves", 9]


def test_say_tells_when_nobody_listens(silent_port):
    with pytest.raises(ConfigError, match=f"nobody listens on 127.0.0.1 port {silent_port}"):
        send_prompt("walk", port=silent_port)


@pytest.mark.parametrize("wrong", [{"text": "x" * 600}, {"text": "walk", "character": 5000}])
def test_say_refuses_what_the_daemon_would_refuse(wrong):
    with pytest.raises(CommandError):
        send_prompt(**wrong)


# --- liblo ---------------------------------------------------------------------------------


class OscDump:
    """liblo's ``oscdump`` on a free port; each line is one message."""

    def __init__(self, binary: str, port: int) -> None:
        self.port = port
        self._process = subprocess.Popen(
            [binary, "-L", str(port)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        assert self._process.stdout is not None
        self._stdout = self._process.stdout
        self._target = UdpTarget("127.0.0.1", port)
        self._wait_until_it_listens()

    def _wait_until_it_listens(self) -> None:
        deadline = time.monotonic() + 10
        while not select.select([self._stdout], [], [], 0.05)[0]:
            assert time.monotonic() < deadline, "oscdump does not listen"
            self._target.send(osc.message("/ready", ""))

    def lines(self) -> list[list[str]]:
        """Return (address, types, arguments as text) of every message so far."""
        self._target.send(osc.message("/done", ""))
        found = []
        for line in self._stdout:
            _, address, *rest = line.rstrip("\n").split(" ", 3)
            if address == "/done":
                return found
            if address != "/ready":
                found.append([address, *rest])
        raise AssertionError("oscdump ended early")

    def close(self) -> None:
        self._process.kill()
        self._process.wait(5)
        self._stdout.close()
        self._target.close()


@pytest.fixture
def oscdump(silent_port):
    binary = shutil.which("oscdump")
    if binary is None:
        pytest.skip("oscdump is not installed: apt-get install liblo-tools")
    dump = OscDump(binary, silent_port)
    yield dump
    dump.close()


def stream_for_a_second(output) -> list[Frame]:
    frames = [make_frame(sequence) for sequence in range(60)]
    for frame in frames:
        output.send(frame)
        time.sleep(1 / 60)
    output.close()
    return frames


def numbers(text: str) -> list[float]:
    return [float(word) for word in text.split()]


def test_liblo_decodes_a_second_of_the_native_stream(oscdump):
    output = NativeOscOutput(port=oscdump.port, skeleton=SKELETON)
    frames = stream_for_a_second(output)
    lines = oscdump.lines()
    assert [line[0] for line in lines].count("/flood/0/skeleton") == 1
    decoded = [line for line in lines if line[0] == "/flood/0/frame"]
    assert len(decoded) == len(frames)
    for sent, (_, types, text) in zip(frames, decoded, strict=True):
        assert types == native.FRAME_TYPES
        expected = [sent.sequence, round(sent.play_time_secs * 1000), sent.flags]
        expected += [*(sent.avatar.root_position * [-1, 1, 1])]
        expected += [*(sent.avatar.local_wxyz[:, [1, 2, 3, 0]] * [1, -1, -1, 1]).ravel()]
        np.testing.assert_allclose(numbers(text), expected, atol=2e-6)
    for topic in native.TOPICS:
        assert [line[0] for line in lines].count(f"/flood/0/{topic}") == len(frames)


def test_liblo_decodes_a_second_of_vmc(oscdump):
    output = VmcOutput(port=oscdump.port, skeleton=SKELETON)
    frames = stream_for_a_second(output)
    lines = oscdump.lines()
    bones = [line for line in lines if line[0] == "/VMC/Ext/Bone/Pos"]
    assert len(bones) == NUM_JOINTS * len(frames)
    assert {types for _, types, _ in bones} == {"sfffffff"}
    heads = [text for _, _, text in bones if text.startswith('"Head"')]
    for sent, text in zip(frames, heads, strict=True):
        w, x, y, z = sent.avatar.local_wxyz[15]
        offset = SKELETON.offsets[15] * [-1, 1, 1]
        np.testing.assert_allclose(
            numbers(re.sub(r'^"Head" ', "", text)), [*offset, x, -y, -z, w], atol=2e-6
        )
    assert [line[0] for line in lines].count("/VMC/Ext/Blend/Apply") == len(frames)
    assert ["/VMC/Ext/OK", "iiii", "1 3 0 1"] in lines
    assert ["/VMC/Ext/Opt", "s", '"a person walks"'] in lines
