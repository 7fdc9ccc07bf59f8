"""The viewer's process: ``python -m flood_bridge.viewer``, started by the daemon, never by hand.

It reads values of :mod:`.messages` from standard input until that ends, which is when the daemon
ends; it writes lines to standard output. Everything that viser prints goes nowhere.
"""

from __future__ import annotations

import os
import pickle
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from flood_bridge.commands import Command
from flood_bridge.viewer.messages import Setup, write_command, write_notice

NICENESS = 5
"""Drawing for browsers yields to the daemon's own work."""

_SWITCH_SECS = 0.0005
"""Python's default of 5 ms would let a joining browser's panel delay the others' frames."""


class Voice:
    """Writes whole lines to the daemon, from any thread."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._lock = threading.Lock()

    def say(self, line: bytes) -> None:
        """Write ``line``; a daemon that has gone hears nothing."""
        with self._lock, suppress(OSError, ValueError):
            self._out.write(line)
            self._out.flush()

    def submit(self, command: Command) -> None:
        """Ask for ``command``."""
        self.say(write_command(command))

    def give_up(self, reason: str) -> None:
        """Say why there is no page, and end."""
        self.say(write_notice(failed=reason))
        os._exit(1)


def main() -> None:
    """Serve the page until standard input ends."""
    heard, voice = sys.stdin.buffer, Voice(_own_output())
    setup = pickle.load(heard)
    os.nice(NICENESS)
    sys.setswitchinterval(_SWITCH_SECS)
    serve(setup, heard, voice)
    os._exit(0)  # viser's threads and pools need not be taken apart


def serve(setup: Setup, heard: BinaryIO, voice: Voice) -> None:
    """Open the page and pass on what is heard."""
    try:
        take = open_page(setup, voice)
    except ImportError as error:
        voice.give_up(f"the package {error.name!r} is missing: pip install 'flood-bridge[viewer]'")
        return
    with suppress(EOFError):
        while True:
            take(pickle.load(heard))


def open_page(setup: Setup, voice: Voice) -> Callable[..., None]:
    """Open the page; return what takes the daemon's messages."""
    import viser  # noqa: PLC0415 - an optional extra

    from flood_bridge.viewer.admission import Gate  # noqa: PLC0415
    from flood_bridge.viewer.guard import guard  # noqa: PLC0415
    from flood_bridge.viewer.room import Room  # noqa: PLC0415
    from flood_bridge.viewer.scene import CAMERA_M, LOOK_AT_M  # noqa: PLC0415

    # Viser warns of what is written for a browser that has just left: that is no mistake here.
    warnings.filterwarnings("ignore", module=r"viser(\.|$)|flood_bridge\.viewer")
    guard(lambda port: Gate(setup.host, port, setup.token), voice.give_up)
    server = viser.ViserServer(
        host=setup.host, port=setup.port, label="flood_bridge", verbose=False
    )
    server.initial_camera.position = CAMERA_M
    server.initial_camera.look_at = LOOK_AT_M
    server.initial_camera.fov = 0.66
    # Shadows of the usual kind cost more than all else on machines without a good GPU.
    server.scene.configure_default_lights(cast_shadow=False)
    room = Room(
        server, setup, voice.submit, lambda people: voice.say(write_notice(watchers=people))
    )
    server.on_client_connect(room.join)
    server.on_client_disconnect(room.leave)
    voice.say(write_notice(opened=server.get_port()))
    return room.take


def _own_output() -> BinaryIO:
    """Return standard output for the lines alone; prints of others go nowhere from now on."""
    own = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    return own


if __name__ == "__main__":
    main()
