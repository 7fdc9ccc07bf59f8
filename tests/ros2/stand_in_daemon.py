"""A daemon with everything real but the model, which glides: run as a process by the tests.

``stand_in_daemon.py [options of flood-bridge run]``
"""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from typing import Any

import tyro

from flood_bridge import wiring
from flood_bridge.verbs.run import Run

STAND_INS = Path(__file__).parents[1] / "bridge" / "conftest.py"


def stand_in_engine() -> Any:
    spec = importlib.util.spec_from_file_location("stand_ins", STAND_INS)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["stand_ins"] = module
    spec.loader.exec_module(module)
    return module.StandInEngine()


class StandInAssembly(wiring.Assembly):
    def load(self) -> Any:
        return stand_in_engine()


def main() -> int:
    wiring.Assembly = StandInAssembly  # all else is the command's own: options, signals, the end
    return tyro.cli(Run).perform()


if __name__ == "__main__":
    sys.exit(main())
