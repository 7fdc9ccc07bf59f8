"""Streams a made-up motion at 60 frames per second to a UDP port, without daemon and model.

``sender.py PORT`` goes on until it is ended.
"""

from __future__ import annotations

import importlib.util
import sys
import time
from dataclasses import replace
from pathlib import Path

from flood_bridge.motion.frames import FrameFlags
from flood_bridge.outputs.osc import NativeOscOutput

RATE_HZ = 60


def main(port: int) -> None:
    """Send frames to ``port``, each in its time."""
    spec = importlib.util.spec_from_file_location(
        "golden_stream", Path(__file__).with_name("golden_stream.py")
    )
    assert spec is not None
    assert spec.loader is not None
    golden = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(golden)
    output = NativeOscOutput(port=port, skeleton=golden.SKELETON)
    began_secs, sequence = time.monotonic(), 0
    while True:
        frame = golden.make_frame(sequence, character=0)
        play_secs = sequence / RATE_HZ
        frame = replace(frame, sequence=sequence, play_time_secs=play_secs, flags=FrameFlags.NONE)
        time.sleep(max(0.0, began_secs + play_secs - time.monotonic()))
        output.send(frame)
        sequence += 1


if __name__ == "__main__":
    main(int(sys.argv[1]))
