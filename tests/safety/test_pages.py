"""docs/safety.md and docs/avatars.md say what is: commands that exist, states, times and names."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import tyro

from flood_bridge.cli import Verb
from flood_bridge.protocol.robot_motion import ORDERS
from flood_bridge.protocol.vmc_placing import ROOT_POLICIES
from flood_bridge.retarget.limit_table import FULL_ACCELERATION_SECS, FULL_SPEED_SECS
from flood_bridge.safety.decision import State
from flood_bridge.safety.options import SafetyOptions
from flood_bridge.verbs.export import _RATES, _SUFFIXES

ROOT = Path(__file__).parents[2]
SAFETY = (ROOT / "docs" / "safety.md").read_text(encoding="utf-8")
AVATARS = (ROOT / "docs" / "avatars.md").read_text(encoding="utf-8")
COMMANDS = re.findall(r"^flood-bridge .+$", SAFETY + AVATARS, re.MULTILINE)


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_on_the_pages_is_understood(line):
    verb = tyro.cli(Verb, prog="flood-bridge", args=shlex.split(line, comments=True)[1:])  # type: ignore[arg-type]
    assert verb is not None


def test_the_pages_have_commands():
    assert len(COMMANDS) >= 12


@pytest.mark.parametrize("state", State)
def test_every_state_has_a_row(state):
    assert f"\n| `{state.value}` |" in SAFETY


def test_times_and_distances_are_the_defaults():
    options = SafetyOptions()
    for said in (
        f"within {options.gate_rad:g} rad of the motion",
        f"after {options.armed_secs:g} s: `idle`",
        f"{options.enter_blend_secs:g} s ({options.resume_blend_secs:g} s after a hold)",
        f"{options.disarm_blend_secs:g} s, {options.leave_blend_secs:g} s if no motion comes",
        f"silent for {options.deadman_secs:g} s",
        f"not measured for {options.measured_secs:g} s",
        f"is {options.strayed_rad:g} rad from where it was sent, for {options.strayed_secs:g} s",
        f"full speed in {FULL_SPEED_SECS:g} s, full acceleration in {FULL_ACCELERATION_SECS:g} s",
    ):
        assert said in SAFETY, said


def test_every_format_order_and_policy_is_named():
    assert all(f"| `{name}` |" in SAFETY for name in _SUFFIXES)
    assert all(f"{rate} frames/s" in SAFETY for rate in _RATES.values())
    assert all(f"`{order}`" in SAFETY for order in ORDERS)
    assert all(f"| `{policy}` |" in AVATARS for policy in ROOT_POLICIES)


def test_the_fuzzing_bench_of_the_page_finds_nothing():
    assert "python bench/robot_limits.py" in SAFETY
    command = [sys.executable, "bench/robot_limits.py", "--frames", "400", "--seed", "5"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"planner_failures": 0' in done.stdout
