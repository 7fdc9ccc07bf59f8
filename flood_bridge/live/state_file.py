"""The state of a run in a folder: written whole or not at all, read with care."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from flood_bridge.errors import ConfigError
from flood_bridge.live.state_bytes import MAX_STATE_BYTES

logger = logging.getLogger(__name__)

NAME = "flood-bridge.state"


class StateFile:
    """``flood-bridge.state`` in a folder, which is made if need be.

    Raises:
        ConfigError: If the folder cannot be made or written to.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / NAME
        self._failed = False
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._spare.write_bytes(b"")
            self._spare.unlink()
        except OSError as error:
            raise ConfigError(f"--state-dir {folder} cannot be written to: {error}") from error

    def write(self, content: bytes) -> None:
        """Replace the file, so that a crash at any moment leaves the old or the new one.

        A failure is logged, once until it works again; the stream goes on.
        """
        try:
            with self._spare.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            self._spare.replace(self.path)
        except OSError as error:
            if not self._failed:
                logger.error("the state cannot be saved to %s: %s", self.path, error)
            self._failed = True
        else:
            self._failed = False

    def read(self) -> bytes:
        """Return the content.

        Raises:
            ConfigError: If there is none, or too much.
        """
        try:
            size = self.path.stat().st_size
            if size > MAX_STATE_BYTES:
                raise ConfigError(
                    f"{self.path} has {size} bytes; at most {MAX_STATE_BYTES} are read"
                )
            return self.path.read_bytes()
        except FileNotFoundError as error:
            raise ConfigError(
                f"--resume: there is no {NAME} in {self.path.parent}; run without --resume first"
            ) from error
        except OSError as error:
            raise ConfigError(f"{self.path} cannot be read: {error}") from error

    @property
    def _spare(self) -> Path:
        return self.path.with_suffix(".new")
