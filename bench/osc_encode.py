"""What a frame costs on its way into OSC, beside python-osc, and what a crowd loses on loopback.

    python bench/osc_encode.py [--rounds 300] [--seconds 5] [--crowd 100] [--json FILE]

Every cost is the best of many rounds of a millisecond: other programs only ever add to it, and
short rounds fit between them. python-osc builds the same bytes in the same run, types given. The
crowd is sent 60 times a second to a receiver with the system's default buffer that looks 60 times
a second, as a game does; the share of a core is that of sending alone.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from timeit import repeat
from typing import Any

import numpy as np

from flood_bridge.doctor.patterns import adult
from flood_bridge.inputs.listening import Ear
from flood_bridge.motion.frames import AvatarFrame, Frame, Pose
from flood_bridge.motion.skeleton import NUM_JOINTS
from flood_bridge.outputs import Output
from flood_bridge.outputs.streams import open_stream
from flood_bridge.protocol import native, osc
from flood_bridge.protocol.compact import CompactEncoder
from flood_bridge.protocol.receivers import read_receiver
from flood_bridge.protocol.trackers import TrackerEncoder
from flood_bridge.protocol.vmc import VmcEncoder, VmcForm

ROUND_SECS = 0.001
RATE_HZ = 60
GOAL_US = 10.0


def a_frame(number: int = 0, character: int = 0) -> Frame:
    """Return a frame of random numbers."""
    rng = np.random.default_rng(number)
    turns = rng.normal(size=(NUM_JOINTS, 4))
    turns /= np.linalg.norm(turns, axis=1, keepdims=True)
    joints = rng.uniform(-2, 2, (NUM_JOINTS, 3))
    pose = Pose(joints, np.zeros_like(joints), np.ones(4, bool), 0.3)
    return Frame(character, number, number / RATE_HZ, pose, AvatarFrame(joints[0], turns), None, "")


def cost_us(act: Callable[[], Any], rounds: int) -> float:
    """Return the time of one call, microseconds, the best of many short rounds."""
    calls = max(1, round(ROUND_SECS / max(min(repeat(act, number=1, repeat=20)), 1e-7)))
    return 1e6 * min(repeat(act, number=calls, repeat=rounds)) / calls


def costs(rounds: int) -> dict[str, float]:
    """Return microseconds per character and frame of every encoder."""
    body, frame = adult(), a_frame()
    vmc, crowd = VmcEncoder(body), [a_frame(n, n) for n in range(100)]
    compact, trackers = CompactEncoder(), TrackerEncoder(body)
    rows: dict[str, Callable[[], Any]] = {
        "VMC": lambda: vmc.encode(frame),
        "VMC for VMCLiveLink": _encoder(VmcEncoder(body, form=VmcForm(root_bone=True)), frame),
        "VMC for VMC4UE": _encoder(VmcEncoder(body, form=VmcForm(upper_chest=False)), frame),
        "native, frame only": _encoder(native.FrameEncoder(0, ["frame"]), frame),
        "native, four messages": _encoder(native.FrameEncoder(0), frame),
        "Unreal frame": _encoder(native.FrameEncoder(0, ["ue"]), frame),
        "VRChat trackers": lambda: trackers.encode(frame),
    }
    found = {name: cost_us(act, rounds) for name, act in rows.items()}
    found["compact, of 100"] = cost_us(lambda: compact.encode(crowd), rounds) / 100
    datagrams = vmc.encode(frame)
    bundles = [osc.parse(datagram) for datagram in datagrams]
    assert by_python_osc(bundles) == list(datagrams), "the bytes differ"
    found["VMC by python-osc"] = cost_us(lambda: by_python_osc(bundles), rounds)
    return {name: round(cost, 2) for name, cost in found.items()}


def _encoder(encoder: Any, frame: Frame) -> Callable[[], Any]:
    return lambda: encoder.encode(frame)


def by_python_osc(bundles: list[list[osc.Message]]) -> list[bytes]:
    """Return the datagrams of these messages, built by python-osc."""
    from pythonosc.osc_bundle_builder import IMMEDIATELY, OscBundleBuilder  # noqa: PLC0415
    from pythonosc.osc_message_builder import OscMessageBuilder  # noqa: PLC0415

    built = []
    for messages in bundles:
        bundle = OscBundleBuilder(IMMEDIATELY)
        for message in messages:
            builder = OscMessageBuilder(message.address)
            for tag, value in zip(message.types, message.arguments, strict=True):
                builder.add_arg(value, tag)
            bundle.add_content(builder.build())
        built.append(bundle.build().dgram)
    return built


def crowd_loss(preset: str, characters: int, seconds: float) -> dict[str, Any]:
    """Send a crowd for so long; return what was sent, lost, and the share of a core."""
    ear = Ear("127.0.0.1", 0)
    output = open_stream(read_receiver(f"{preset},port={ear.port}"), adult())
    still = [a_frame(n, n) for n in range(characters)]
    sent = heard = 0
    busy_secs, began_secs = 0.0, time.perf_counter()
    try:
        for tick in range(round(seconds * RATE_HZ)):
            frames = [replace(f, sequence=tick, play_time_secs=tick / RATE_HZ) for f in still]
            then = time.thread_time()
            _send(output, frames)
            busy_secs += time.thread_time() - then
            sent += characters
            time.sleep(max(0.0, began_secs + (tick + 1) / RATE_HZ - time.perf_counter()))
            heard += _bodies(ear)
        took_secs = time.perf_counter() - began_secs
    finally:
        output.close()
        heard += _bodies(ear)
        ear.close()
    return {
        "frames": sent,
        "lost_percent": round(100 * (1 - heard / sent), 3),
        "core_percent": round(100 * busy_secs / took_secs, 2),
        "fps": round(sent / characters / took_secs, 1),
    }


def _send(output: Output, frames: list[Frame]) -> None:
    for frame in frames:
        output.send(frame)


def _bodies(ear: Ear) -> int:
    """Return how many bodies have arrived."""
    count = 0
    while (arrived := ear.receive(0.0)) is not None:
        addresses = (message.address for message in osc.parse(arrived[0]))
        count += sum(address.endswith(("/q", "/frame")) for address in addresses)
    return count


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--rounds", type=int, default=300, help="of a millisecond, each (300)")
    parser.add_argument("--seconds", type=float, default=5, help="of each crowd (5)")
    parser.add_argument("--crowd", type=int, default=100, help="characters (100)")
    parser.add_argument("--json", type=Path, help="also write the figures here")
    options = parser.parse_args()
    found = costs(options.rounds)
    for name, cost in found.items():
        print(f"{name:24s} {cost:8.2f} us a frame")
    ratio = found["VMC by python-osc"] / found["VMC"]
    reached = "reached" if found["VMC"] <= GOAL_US else "missed"
    print(f"{'ratio to python-osc':24s} {ratio:8.1f}   (goal of {GOAL_US:g} us {reached})")
    crowds = {p: crowd_loss(p, options.crowd, options.seconds) for p in ("crowd", "unity")}
    print(
        f"\n{options.crowd} characters   {'frames':>8s} {'lost %':>7s} {'core %':>7s} {'fps':>6s}"
    )
    for name, row in crowds.items():
        print(
            f"{name:16s} {row['frames']:8d} {row['lost_percent']:7.2f}"
            f" {row['core_percent']:7.2f} {row['fps']:6.1f}"
        )
    if options.json:
        figures = {"us_a_frame": found, "ratio_to_python_osc": round(ratio, 1), "crowds": crowds}
        options.json.write_text(json.dumps(figures, indent=2) + "\n")


if __name__ == "__main__":
    main()
