"""The bytes that the Unity package's tests read are those that the daemon writes and reads."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path

import pytest

from flood_bridge.events import Rejected
from flood_bridge.protocol.control import read_datagram

SCRIPT = Path(__file__).parent / "golden_stream.py"
GOLDEN = Path(__file__).parents[2] / "unity_sample" / "Tests" / "Editor" / "Golden"


@pytest.fixture(scope="module")
def fresh(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("golden")
    subprocess.run([sys.executable, SCRIPT, folder], check=True, timeout=120)
    return folder


@pytest.mark.parametrize("name", ["stream.bytes", "commands.bytes", "expected.txt"])
def test_the_checked_in_bytes_are_what_the_encoder_writes_today(name: str, fresh: Path) -> None:
    """If the wire was changed on purpose: ``golden_stream.py`` writes them anew."""
    assert (fresh / name).read_bytes() == (GOLDEN / name).read_bytes()


def test_the_control_port_obeys_every_command_of_the_package() -> None:
    data = (GOLDEN / "commands.bytes").read_bytes()
    answers = []
    while data:
        (size,) = struct.unpack_from(">I", data)
        answers += read_datagram(data[4 : 4 + size], "127.0.0.1")
        data = data[4 + size :]
    assert len(answers) == 9
    assert not [answer for answer in answers if isinstance(answer, Rejected)]
