"""``flood-bridge run``: the daemon in the foreground, until it is stopped."""

from __future__ import annotations

import logging
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flood_bridge.config import Config
from flood_bridge.errors import FloodBridgeError
from flood_bridge.verbs.terminal import USER_ERRORS, complain

if TYPE_CHECKING:
    from flood_bridge.console import Console

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@dataclass(frozen=True, kw_only=True)
class Run(Config):
    """Stream motion until Ctrl-C: text in, OSC and ROS 2 out."""

    def perform(self) -> int:
        """Stream until the end; after a normal end the process ends here, see :func:`_leave`."""
        from flood_bridge.console import Console  # noqa: PLC0415
        from flood_bridge.daemon import Daemon  # noqa: PLC0415
        from flood_bridge.wiring import Assembly  # noqa: PLC0415

        console = Console(sys.stderr)
        level = logging.DEBUG if self.verbose else logging.INFO
        logging.basicConfig(level=level, handlers=[console], force=True)
        status = 0
        with Assembly(self) as assembly:
            daemon = Daemon(self, assembly.wiring, console.show)
            for number in STOP_SIGNALS:
                signal.signal(number, lambda *_: daemon.stop())
            try:
                daemon.run()
            except Exception as error:
                status = _failed(error, console)
        if status == 0 or daemon.stuck:
            _leave(status)
        return status


def _failed(error: Exception, console: Console) -> int:
    """Report what ended the stream; return the exit status."""
    if not isinstance(error, (*USER_ERRORS, FloodBridgeError)):
        logging.getLogger(__name__).error("the stream has failed", exc_info=error)
    console.close()
    complain(error)
    return 2 if isinstance(error, USER_ERRORS) else 1


def _leave(status: int) -> None:
    """End the process at once: all of ours is closed.

    Python's own end takes the model's libraries apart piece by piece, which lasts a second on a
    busy machine; it waits for threads stuck in a library (loading weights, a hung network), or
    crashes in them; and it lets an impatient second Ctrl-C kill it half-way.
    """
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
