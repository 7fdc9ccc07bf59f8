"""Two OSC libraries of the npm registry decode names, types, values and order of our stream."""

import json
import shutil
from pathlib import Path

import pytest

MODULES = Path(__file__).parents[2] / "build" / "conformance" / "node_modules"
DECODERS = Path(__file__).parent / "decoders"
LIBRARIES = {"osc": "node_osc.cjs", "osc-min": "node_osc_min.mjs"}


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("kind", ["vmc_stream", "native_stream"])
def test_a_node_library_decodes_our_stream(start, request, library, kind):
    node = shutil.which("node")
    if node is None or not (MODULES / library).is_dir():
        pytest.skip(f"node or the npm package {library} is not installed in {MODULES.parent}")
    stream = request.getfixturevalue(kind)
    decoder = start(lambda port: [node, DECODERS / LIBRARIES[library], str(port), MODULES])
    got = [json.loads(line) for line in decoder.decode(stream)]
    assert [message["address"] for message in got] == [m.address for m in stream.messages]
    for ours, theirs in zip(stream.messages, got, strict=True):
        assert theirs["types"] == ours.types
        for value, decoded in zip(ours.arguments, theirs["values"], strict=True):
            if isinstance(value, bytes):
                assert bytes(decoded) == value
            else:
                assert decoded == value
