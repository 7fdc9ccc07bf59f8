"""Godot 3, headless, reads names, types, values and order of our stream with its own readers."""

import json
import shutil
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parent / "decoders" / "receiver.gd"


@pytest.mark.parametrize("kind", ["vmc_stream", "native_stream"])
def test_godot_decodes_our_stream(start, request, kind):
    godot = shutil.which("godot3-server")
    if godot is None:
        pytest.skip("Godot is not installed (Debian: godot3-server)")
    stream = request.getfixturevalue(kind)
    lines = start(lambda port: [godot, "--script", SCRIPT, str(port)]).decode(stream)
    got = [json.loads(line) for line in lines if line.startswith("{")]
    assert [message["address"] for message in got] == [m.address for m in stream.messages]
    for ours, theirs in zip(stream.messages, got, strict=True):
        assert theirs["types"] == ours.types
        for value, decoded in zip(ours.arguments, theirs["values"], strict=True):
            if isinstance(value, str):
                assert decoded == value
            elif isinstance(value, bytes):
                assert bytes(map(int, decoded)) == value
            else:
                assert decoded == pytest.approx(value, rel=1e-5, abs=1e-6)
