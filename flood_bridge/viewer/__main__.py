"""The viewer's process: ``python -m flood_bridge.viewer``, started by the daemon, never by hand.

It reads values of :mod:`.messages` from standard input until that ends, which is when the daemon
ends; it writes lines to standard output. Everything that viser prints goes nowhere.

A value that cannot be shown is told of and passed over. The process ends when the daemon has gone,
when the page cannot be opened, or when one of its threads fails; it says which before it does.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import sys
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

from flood_bridge.commands import Command
from flood_bridge.viewer import pipe
from flood_bridge.viewer.messages import Setup, write_command, write_notice
from flood_bridge.viewer.troubles import Troubles, describe

logger = logging.getLogger(__name__)

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
        self._end(failed=reason)

    def end(self, reason: str) -> None:
        """Say why the page ends, and end."""
        self._end(ended=reason)

    def _end(self, **notice: str) -> None:
        self.say(write_notice(**notice))
        os._exit(1)  # viser's threads and pools need not be taken apart


def main() -> None:
    """Serve the page until standard input ends."""
    heard, voice = sys.stdin.buffer, Voice(_own_output())
    faulthandler.enable()  # a crash of a library is told on standard error
    threading.excepthook = lambda failed: _mourn(failed, voice)
    try:
        serve(heard, voice)
    except BaseException as error:  # whatever it is, it is told
        voice.end(describe(error))
    logger.warning("viewer: the daemon has gone, and so does the page")
    os._exit(0)


def serve(heard: BinaryIO, voice: Voice) -> None:
    """Open the page and pass on what is heard."""
    content = pipe.read(heard)
    if content is None:
        return
    setup = pipe.unpack(content)
    assert isinstance(setup, Setup)
    os.nice(NICENESS)
    sys.setswitchinterval(_SWITCH_SECS)
    try:
        take = open_page(setup, voice)
    except ImportError as error:
        voice.give_up(f"the package {error.name!r} is missing: pip install 'flood-bridge[viewer]'")
        return
    troubles = Troubles(lambda words: voice.say(write_notice(trouble=words)))
    while (content := pipe.read(heard)) is not None:
        try:
            take(pipe.unpack(content))
        except Exception as error:  # whatever it is, the next one may be shown
            troubles.note(error)


def _mourn(failed: threading.ExceptHookArgs, voice: Voice) -> None:
    """End with a thread that has failed: the page would seem to stand still."""
    if failed.exc_value is not None and not isinstance(failed.exc_value, SystemExit):
        name = "a thread" if failed.thread is None else failed.thread.name
        voice.end(f"{name} has failed: {describe(failed.exc_value)}")


def open_page(setup: Setup, voice: Voice) -> Callable[..., None]:
    """Open the page; return what takes the daemon's messages."""
    import viser  # noqa: PLC0415 - an optional extra

    from flood_bridge.viewer.admission import Gate  # noqa: PLC0415
    from flood_bridge.viewer.guard import guard  # noqa: PLC0415
    from flood_bridge.viewer.outgoing import mend  # noqa: PLC0415
    from flood_bridge.viewer.room import Room  # noqa: PLC0415
    from flood_bridge.viewer.scene import CAMERA_M, LOOK_AT_M  # noqa: PLC0415

    # Viser warns of what is written for a browser that has just left: that is no mistake here.
    warnings.filterwarnings("ignore", module=r"viser(\.|$)|flood_bridge\.viewer")
    guard(lambda port: Gate(setup.host, port, setup.token), voice.give_up)
    mend()
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
