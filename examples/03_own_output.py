"""Put the daemon into a program of your own: three methods make an output.

python examples/03_own_output.py 4      # four seconds of pelvis positions as CSV
"""

import sys
from dataclasses import replace

from flood_bridge.commands import SetPrompt
from flood_bridge.config import Config, ControlConfig, NativeConfig, VmcConfig
from flood_bridge.daemon import Daemon
from flood_bridge.events import Event, PromptApplied
from flood_bridge.motion.frames import Frame
from flood_bridge.wiring import Assembly


class PelvisTable:
    """Prints one row per frame and stops the daemon after some seconds of motion."""

    name = "pelvis table"

    def __init__(self, daemon: Daemon, seconds: float) -> None:
        self._daemon = daemon
        self._frames_left = round(20 * seconds)
        print("sequence,seconds,x,y,z,prompt")

    def send(self, frame: Frame) -> None:
        """Print one row."""
        x, y, z = frame.pose.joints[0]
        print(
            f'{frame.sequence},{frame.play_time_secs:.3f},{x:.4f},{y:.4f},{z:.4f},"{frame.prompt}"'
        )
        self._frames_left -= 1
        if self._frames_left == 0:
            self._daemon.stop()

    def tell(self, event: Event) -> None:
        """Say how long the prompt took."""
        if isinstance(event, PromptApplied):
            print(f"# {event.text}: {event.latency_ms} ms", file=sys.stderr)

    def close(self) -> None:
        """Nothing is held."""


def main(seconds: float = 4.0) -> None:
    config = Config(
        rate_hz=20,
        osc=NativeConfig(enabled=False),
        vmc=VmcConfig(enabled=False),
        control=ControlConfig(enabled=False),
    )
    with Assembly(config) as assembly:
        wiring = replace(
            assembly.wiring, open_outputs=lambda _skeleton, _clock: [PelvisTable(daemon, seconds)]
        )
        daemon = Daemon(config, wiring)
        daemon.submit(SetPrompt(text="a person walks forward"))
        daemon.run()


if __name__ == "__main__":
    main(*map(float, sys.argv[1:2]))
