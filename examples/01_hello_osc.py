"""Tell a running daemon what to do and watch the motion come in, with any OSC library.

flood-bridge run                                          # in one terminal
python examples/01_hello_osc.py "a person walks forward"  # in another
"""

import sys
import time

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer
from pythonosc.udp_client import SimpleUDPClient

SECONDS = 4.0


def on_frame(_address: str, sequence: int, play_time_ms: int, _flags: int, *values: float) -> None:
    x, y, z = values[:3]
    if sequence % 20 == 0:
        print(
            f"frame {sequence:6d} at {play_time_ms / 1000:7.2f} s: pelvis {x:.2f} {y:.2f} {z:.2f}"
        )


def on_applied(_address: str, _id: int, text: str, sequence: int, latency_ms: int) -> None:
    print(f'"{text}" is shown from frame {sequence} on, {latency_ms} ms after it was sent')


def main(text: str, control_port: int = 9500, stream_port: int = 9501) -> None:
    dispatcher = Dispatcher()
    dispatcher.map("/flood/0/frame", on_frame)
    dispatcher.map("/flood/0/prompt/applied", on_applied)
    with BlockingOSCUDPServer(("127.0.0.1", stream_port), dispatcher) as server:
        server.timeout = 0.5
        control = SimpleUDPClient("127.0.0.1", control_port)
        control.send_message("/flood/0/prompt", [text, 1])
        end = time.monotonic() + SECONDS
        while time.monotonic() < end:
            server.handle_request()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "a person waves", *map(int, sys.argv[2:4]))
