"""liblo's oscdump decodes names, types, values and order of our stream."""

import shlex
import shutil

import pytest

PRECISION = 1e-6  # oscdump prints six digits after the point


@pytest.mark.parametrize("kind", ["vmc_stream", "native_stream"])
def test_oscdump_decodes_our_stream(start, request, kind):
    oscdump = shutil.which("oscdump")
    if oscdump is None:
        pytest.skip("oscdump is not installed (Debian: liblo-tools)")
    stream = request.getfixturevalue(kind)
    lines = start(lambda port: [oscdump, "-L", str(port)]).decode(stream)
    got = [shlex.split(line)[1:] for line in lines]
    assert [words[0] for words in got] == [message.address for message in stream.messages]
    for message, (_, *words) in zip(stream.messages, got, strict=True):
        if not message.types:
            assert not words
            continue
        types, *shown = words
        assert types == message.types
        _assert_shown(message.arguments, shown)


def _assert_shown(arguments: tuple, shown: list[str]) -> None:
    for value in arguments:
        if isinstance(value, bytes):
            assert shown[:3] == [f"[{len(value)}", "byte", "blob]"]
            del shown[:3]
            continue
        text = shown.pop(0)
        if isinstance(value, str):
            assert text == value
        else:
            assert float(text) == pytest.approx(value, abs=PRECISION)
    assert not shown
