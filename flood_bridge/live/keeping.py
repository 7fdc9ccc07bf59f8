"""What a run leaves behind: its state, to go on from, and a log of what it obeyed, to replay."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

from flood_bridge.config import Config
from flood_bridge.errors import ConfigError
from flood_bridge.live.cast import Casting
from flood_bridge.live.character import Character
from flood_bridge.live.engine_port import Engine
from flood_bridge.live.generation import Generation
from flood_bridge.live.obeyed import CommandLog, Obeyed, check_new
from flood_bridge.live.robots import Robots
from flood_bridge.live.snapshot import CharacterSnapshot, take_up
from flood_bridge.live.stage import Stage
from flood_bridge.live.state_bytes import state_from_bytes, state_to_bytes
from flood_bridge.live.state_file import StateFile

logger = logging.getLogger(__name__)


class Keeping:
    """Writes state and log of one run.

    Snapshots are written by :meth:`run` beside the stream; of several that wait the newest counts.

    Raises:
        ConfigError: If a place named in ``config`` cannot be written to.
    """

    def __init__(self, config: Config) -> None:
        self._config = config
        self._file = StateFile(Path(config.state_dir)) if config.state_dir else None
        self._log: CommandLog | None = None
        if config.record_commands:
            check_new(Path(config.record_commands))
        self._due_secs = config.state_secs
        self._waiting: list[CharacterSnapshot] | None = None
        self._changed = threading.Condition()
        self._closed = False

    def begin(self) -> None:
        """Begin the log: not earlier, so that a start that fails leaves none.

        Raises:
            ConfigError: If the file has come to exist meanwhile or cannot be written.
        """
        if self._config.record_commands:
            self._log = CommandLog(Path(self._config.record_commands), self._config)

    def record(self, obeyed: Obeyed) -> None:
        """Write down what a character has obeyed."""
        if self._log is not None:
            self._log(obeyed)

    def resume(
        self, engine: Engine, casting: Casting, stage: Stage, robots: Robots | None = None
    ) -> list[Character]:
        """Return characters that go on where the saved run was; none if that is not asked for.

        Raises:
            ConfigError: If the state is absent, damaged or of other settings.
            StateError: If it is of another model.
        """
        if self._file is None or not self._config.resume:
            return []
        try:
            snapshots = state_from_bytes(self._file.read(), engine, self._config.rate_hz)
            characters = take_up(snapshots, casting, stage, robots)
        except (ConfigError, OverflowError, ValueError) as error:
            raise ConfigError(f"--resume {self._file.path}: {error}") from error
        logger.info("resumed %d characters from %s", len(characters), self._file.path)
        return characters

    def due(self, now_secs: float) -> bool:
        """Return whether a snapshot should be taken; says so once per interval."""
        if self._file is None or now_secs < self._due_secs:
            return False
        self._due_secs = now_secs + self._config.state_secs
        return True

    def keep(self, snapshots: list[CharacterSnapshot]) -> None:
        """Leave a snapshot to be written; never waits."""
        with self._changed:
            self._waiting = snapshots
            self._changed.notify_all()

    def run(self, engine: Engine) -> None:
        """Write what is left to be written until :meth:`close`."""
        while (snapshots := self._next()) is not None:
            self._write(snapshots, engine)

    def close(self) -> None:
        """End :meth:`run`."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def finish(self, generation: Generation | None, engine: Engine | None) -> None:
        """Write how the run ended. All of its threads must have ended."""
        if generation is not None and engine is not None:
            self._write(generation.snapshot(), engine)
            generation.note_end()
        if self._log is not None:
            self._log.close()

    def _next(self) -> list[CharacterSnapshot] | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting is not None)
            snapshots, self._waiting = self._waiting, None
            return None if self._closed else snapshots

    def _write(self, snapshots: list[CharacterSnapshot], engine: Engine) -> None:
        if self._file is not None:
            self._file.write(state_to_bytes(snapshots, engine, self._config.rate_hz))
