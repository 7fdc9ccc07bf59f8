"""The package's engine-free half passes its own tests under mono: among them 20,000 bad packets.

The same files are the package's tests in Unity's Test Runner.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).parents[2] / "unity_sample" / "Tests" / "Editor"
GROUPS = sorted(path.stem for path in SOURCES.glob("*Tests.cs"))

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("group", GROUPS)
def test_every_test_of_the_package_passes(group: str, core_results: list) -> None:
    written = re.findall(r"\[Test\]\s+public void (\w+)", (SOURCES / f"{group}.cs").read_text())
    cases = [case for case in core_results if f".{group}." in case.name]
    assert written
    assert {case.name.rsplit(".", 1)[1] for case in cases} == set(written)
    assert not [(case.name, case.message) for case in cases if case.result != "Success"]
