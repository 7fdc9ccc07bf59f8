"""Pure Data's [oscparse] decodes names, values and order of our stream; it shows no types."""

import re
import shutil
from pathlib import Path

import pytest

PATCH = (Path(__file__).parent / "decoders" / "receive.pd").read_text()


@pytest.mark.parametrize("kind", ["vmc_stream", "native_stream"])
def test_pure_data_decodes_our_stream(start, request, tmp_path, kind):
    pd = shutil.which("pd")
    if pd is None:
        pytest.skip("Pure Data is not installed (Debian: puredata-core)")
    stream = request.getfixturevalue(kind)
    patch = tmp_path / "receive.pd"

    def command(port: int) -> list:
        patch.write_text(PATCH.replace("PORT", str(port)))
        return [pd, "-nogui", "-noaudio", "-stderr", patch]

    lines = [line for line in start(command).decode(stream) if line.startswith("osc: list ")]
    got = [re.split(r"(?<!\\) ", line.removeprefix("osc: list ").rstrip()) for line in lines]
    assert len(got) == len(stream.messages)
    for message, words in zip(stream.messages, got, strict=True):
        wanted = [*message.address.strip("/").split("/"), *_flat(message.arguments)]
        assert len(words) == len(wanted)
        for word, value in zip(words, wanted, strict=True):
            if isinstance(value, str):
                assert word.replace("\\", "") == value
            else:
                assert float(word) == pytest.approx(value, rel=1e-5, abs=1e-6)


def _flat(arguments: tuple):
    """Arguments as Pure Data lists them: a blob as its size and its bytes."""
    for value in arguments:
        if isinstance(value, bytes):
            yield len(value)
            yield from value
        else:
            yield value
