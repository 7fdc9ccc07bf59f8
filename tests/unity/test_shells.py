"""The package's components do what they are meant to, against stand-ins for Unity.

The stand-ins (``stubs/``) do what Unity documents, as far as the package uses it. This catches
misuse of the language and wrong logic; it is not a run of Unity.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

SOURCES = Path(__file__).parent / "programs"
GROUPS = sorted(path.stem for path in SOURCES.glob("Shell*Tests.cs"))

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("group", GROUPS)
def test_the_components_move_bodies_and_carry_prompts(group: str, shell_results: list) -> None:
    written = re.findall(r"\[Test\]\s+public void (\w+)", (SOURCES / f"{group}.cs").read_text())
    cases = [case for case in shell_results if f".{group}." in case.name]
    assert written
    assert {case.name.rsplit(".", 1)[1] for case in cases} == set(written)
    assert not [(case.name, case.message) for case in cases if case.result != "Success"]
