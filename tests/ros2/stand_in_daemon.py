"""A daemon with everything real but the model, which glides: run as a process by the tests.

``stand_in_daemon.py [options of flood-bridge run]``
"""

from __future__ import annotations

import importlib.util
import logging
import signal
import sys
from pathlib import Path
from typing import Any

import tyro

from flood_bridge.config import Config
from flood_bridge.daemon import Daemon
from flood_bridge.wiring import Assembly

STAND_INS = Path(__file__).parents[1] / "bridge" / "conftest.py"


def stand_in_engine() -> Any:
    spec = importlib.util.spec_from_file_location("stand_ins", STAND_INS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["stand_ins"] = module
    spec.loader.exec_module(module)
    return module.StandInEngine()


class StandInAssembly(Assembly):
    def load(self) -> Any:
        return stand_in_engine()


def main() -> None:
    logging.basicConfig(level=logging.INFO)
    config = tyro.cli(Config)
    with StandInAssembly(config) as assembly:
        daemon = Daemon(config, assembly.wiring)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: daemon.stop())
        daemon.run()


if __name__ == "__main__":
    main()
