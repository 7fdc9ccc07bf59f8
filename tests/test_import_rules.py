"""Who may import whom: the table of docs/architecture.md holds, and each of its rules can fail.

The table lives as import-linter contracts in pyproject.toml. What imports cannot show (a started
thread, an opened file, what a bare import loads) is read from the syntax, or from a new process.
"""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("flood_bridge", "engine/flood_engine")
LINT = Path(sys.executable).with_name("lint-imports")
CONTRACTS = {
    contract["id"]: contract["name"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
}

# For each contract a module, and the line that would break it there.
VIOLATIONS = {
    "rooms": ("flood_bridge/outputs/osc.py", "import flood_bridge.inputs.osc"),
    "engine-rooms": ("engine/flood_engine/flood/vae.py", "import flood_engine.engine"),
    "engine-alone": ("engine/flood_engine/stream.py", "import flood_bridge.errors"),
    "engine-users": ("flood_bridge/inputs/osc.py", "import flood_engine"),
    "engine-numpy": ("engine/flood_engine/window.py", "import torch"),
    "engine-offline": ("engine/flood_engine/flood/text.py", "import socket"),
    "torch": ("flood_bridge/retarget/avatar.py", "import torch"),
    "pure": ("flood_bridge/motion/skeleton.py", "import threading"),
    "bodies": ("flood_bridge/retarget/avatar.py", "import flood_bridge.events"),
    "wires": ("flood_bridge/timeline.py", "import flood_bridge.protocol.osc"),
    "protocol": ("flood_bridge/protocol/vmc.py", "import socket"),
    "ros": ("flood_bridge/outputs/osc.py", "import rclpy"),
    "robots": ("flood_bridge/outputs/osc.py", "import mujoco"),
    "sockets": ("flood_bridge/daemon.py", "import socket"),
    "clock": ("flood_bridge/outputs/osc.py", "import time"),
}

PURE = ("commands", "errors", "events", "motion", "playout", "resample", "timeline")
PURE_MAY_IMPORT = {
    "__future__", "bisect", "collections", "dataclasses", "enum", "flood_bridge", "functools",
    "itertools", "math", "numpy", "typing",
}  # fmt: skip
STARTERS = {"Thread", "Timer", "Process", "Pool", "ThreadPoolExecutor", "ProcessPoolExecutor"}


def _sources(*under: str) -> list[Path]:
    files = [path for name in under for path in sorted((ROOT / name).rglob("*.py"))]
    assert files
    return files


def _lint(root: Path) -> subprocess.CompletedProcess[str]:
    command = [LINT, "--no-cache", "--config", root / "pyproject.toml"]
    # The copy must be judged, not the installed package: import-linter looks in these first.
    environment = {"PYTHONPATH": f"{root}:{root / 'engine'}", "COLUMNS": "200"}
    return subprocess.run(
        command, cwd=root, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_import_table_holds() -> None:
    result = _lint(ROOT)
    assert result.returncode == 0, result.stdout


def test_every_contract_notices_its_violation(tmp_path: Path) -> None:
    assert VIOLATIONS.keys() == CONTRACTS.keys()
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("*.safe*")
        )
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, line in VIOLATIONS.values():
        with (tmp_path / module).open("a") as file:
            file.write(f"\n{line}\n")
    result = _lint(tmp_path)
    kept = [name for name in CONTRACTS.values() if f"{name} BROKEN" not in result.stdout]
    assert not kept, result.stdout


def test_importing_the_packages_loads_no_heavy_library() -> None:
    program = "import flood_bridge, flood_engine, sys; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True
    )
    heavy = {"torch", "transformers", "rclpy", "mujoco", "numpy", "scipy", "PIL"}
    assert not heavy & set(result.stdout.split())


def _pure_sources() -> list[Path]:
    rooms = [ROOT / "flood_bridge" / room for room in PURE]
    files = [room.with_suffix(".py") for room in rooms if not room.is_dir()]
    return files + [path for room in rooms for path in sorted(room.rglob("*.py"))]


def _imported(tree: ast.AST) -> set[str]:
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    return names


def _called(tree: ast.AST) -> set[str]:
    calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return {f.id for f in calls if isinstance(f, ast.Name)} | {
        f.attr for f in calls if isinstance(f, ast.Attribute)
    }


@pytest.mark.parametrize("path", _pure_sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_pure_rooms_import_values_only_and_open_nothing(path: Path) -> None:
    tree = ast.parse(path.read_text())
    assert _imported(tree) <= PURE_MAY_IMPORT
    assert not _called(tree) & {"open", "print", "input", "exec", "eval"}


def test_only_the_daemon_starts_threads() -> None:
    starters = {
        str(path.relative_to(ROOT))
        for path in _sources(*PACKAGES)
        if _called(ast.parse(path.read_text())) & STARTERS
    }
    assert starters <= {"flood_bridge/daemon.py"}
