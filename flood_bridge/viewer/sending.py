"""Sends the last half minute to who asks for it."""

from __future__ import annotations

import threading
from collections.abc import Callable

import viser

from flood_bridge.errors import FloodBridgeError
from flood_bridge.render.clip import Clip
from flood_bridge.viewer.saving import make_file

NOTE_SECS = 6.0
"""How long a word in the corner of the page stays."""
PART_BYTES = 64 * 1024
"""Files travel in pieces that do not hold up the frames between them."""


class Sender:
    """Makes one file at a time, because each takes seconds of work.

    Args:
        clip: Returns what is to be saved; may raise :class:`FloodBridgeError`.
    """

    def __init__(self, clip: Callable[[], Clip]) -> None:
        self._clip = clip
        self._busy = threading.Lock()

    def send(self, client: viser.ClientHandle, suffix: str) -> None:
        """Make the file and send it to ``client``, or tell him why not."""
        if not self._busy.acquire(blocking=False):
            notify(client, "Wait", "a file is being made already")
            return
        note = client.add_notification("Saving", f"The {suffix} file is being made.", loading=True)
        try:
            content = make_file(self._clip(), suffix)
            client.send_file_download(f"flood_bridge{suffix}", content, PART_BYTES, True)
        except FloodBridgeError as error:
            notify(client, "Not saved", str(error))
        finally:
            note.remove()
            self._busy.release()


def notify(client: viser.ClientHandle, title: str, body: str) -> None:
    """Say something in the corner of one page, for some seconds."""
    client.add_notification(title, body, auto_close_seconds=NOTE_SECS)
