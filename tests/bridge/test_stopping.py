"""Stopping the daemon: at any time, as often as one likes."""

from __future__ import annotations

from typing import Any

from flood_bridge.config import Config
from flood_bridge.daemon import Daemon, Wiring


def test_stopping_twice_and_before_the_start_is_harmless(engine: Any) -> None:
    wiring = Wiring(lambda *_: [], lambda: engine, lambda *_: [], lambda _: None)
    daemon = Daemon(Config(), wiring)
    daemon.stop()
    daemon.stop()
    daemon.run()
