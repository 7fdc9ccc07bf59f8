"""OscJack, a Unity library, compiled unchanged under mono, decodes our stream value for value."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]
LIBRARY = ROOT / "build" / "conformance" / "node_modules" / "jp.keijiro.osc-jack"
PROGRAM = Path(__file__).parent / "decoders" / "OscJackDump.cs"


@pytest.fixture(scope="module")
def dump(tmp_path_factory) -> Path:
    if not (shutil.which("mcs") and shutil.which("mono") and LIBRARY.is_dir()):
        pytest.skip(f"mono, mcs or the npm package {LIBRARY.name} is not installed")
    out = tmp_path_factory.mktemp("mono") / "dump.exe"
    sources = sorted((LIBRARY / "Runtime" / "Base").rglob("*.cs"))
    subprocess.run(["mcs", "-nologo", f"-out:{out}", PROGRAM, *sources], check=True, timeout=300)
    return out


@pytest.mark.parametrize("kind", ["vmc_stream", "native_stream"])
def test_a_unity_library_decodes_our_stream(start, request, dump, kind):
    stream = request.getfixturevalue(kind)
    lines = start(lambda port: ["mono", dump, str(port)]).decode(stream)
    got = [line.split("\t") for line in lines]
    assert [words[0] for words in got] == [message.address for message in stream.messages]
    for message, (_, *words) in zip(stream.messages, got, strict=True):
        texts, numbers = words[::2], words[1::2]
        assert len(texts) == len(message.arguments)
        for tag, value, text, number in zip(
            message.types, message.arguments, texts, numbers, strict=True
        ):
            if tag == "s":
                assert text == value
            elif tag == "i":
                assert int(text) == value
            elif tag == "f":
                assert np.float32(number) == np.float32(value)
