"""One endless motion, each half second of it made by a process that then ends.

    python examples/04_stateless.py [CALLS]

Hosts that lend a machine for the length of one request keep nothing between requests. The state of
a stream is some tens of kilobytes: hand it from call to call, and the pieces are the very frames
that one long-running process would have made. Here every call is a fresh process that reads the
state from its input and writes frames and state to its output; the end compares.
"""

import io
import subprocess
import sys

import numpy as np

from flood_engine import FloodEngine, load_engine

SEED, FRAMES = 5, 10
PROMPTS = ("a person walks forward", "a person jumps")


def prompt_at(frame: int) -> str:
    """Return what is asked for at ``frame``: a change every second."""
    return PROMPTS[frame // 20 % len(PROMPTS)]


def advance(engine: FloodEngine, state: bytes, spare: np.ndarray) -> tuple[np.ndarray, bytes]:
    """Return at least ``FRAMES`` frames of joints, (n, 22, 3), and the state after them.

    A latent is four frames, so what a call makes beyond its half second is handed on as ``spare``.
    """
    stream = engine.from_bytes(state) if state else engine.start(SEED)
    joints = [spare]
    while sum(map(len, joints)) < FRAMES:
        (chunk,) = engine.step([stream], [engine.encode(prompt_at(stream.frames))])
        joints.append(chunk.joints)
    return np.concatenate(joints), engine.to_bytes(stream)


def serve() -> None:
    """Answer one request: (state, spare frames) in, (state, frames) out, then end."""
    with np.load(io.BytesIO(sys.stdin.buffer.read())) as request:
        state, spare = request["state"].tobytes(), request["joints"]
    joints, state = advance(load_engine(threads=1), state, spare)
    sys.stdout.buffer.write(packed(state, joints))


def packed(state: bytes, joints: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, state=np.frombuffer(state, np.uint8), joints=joints)
    return buffer.getvalue()


def call(message: bytes) -> tuple[bytes, np.ndarray]:
    """Have a fresh process answer ``message``."""
    command = [sys.executable, __file__, "--serve"]
    answer = subprocess.run(command, input=message, stdout=subprocess.PIPE, check=True).stdout
    with np.load(io.BytesIO(answer)) as content:
        return content["state"].tobytes(), content["joints"]


def main() -> None:
    calls = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    state, spare, made = b"", np.zeros((0, 22, 3)), []
    for number in range(calls):
        state, joints = call(packed(state, spare))
        made.append(joints[:FRAMES])
        spare = joints[FRAMES:]
        print(f"call {number + 1}: {FRAMES} frames, a state of {len(state)} bytes")
    engine, whole = load_engine(threads=1), list[np.ndarray]()
    stream = engine.start(SEED)
    while sum(map(len, whole)) < calls * FRAMES:
        (chunk,) = engine.step([stream], [engine.encode(prompt_at(stream.frames))])
        whole.append(chunk.joints)
    same = np.array_equal(np.concatenate(made), np.concatenate(whole)[: calls * FRAMES])
    print("identical to one uninterrupted run" if same else "NOT the same as one run")
    sys.exit(0 if same else 1)


if __name__ == "__main__":
    serve() if sys.argv[1:] == ["--serve"] else main()
