"""The repository keeps its own rules: sizes, folders, pins, and documents that tell the truth."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from itertools import chain
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])

MAX_LINES = 350
KB, MB = 1 << 10, 1 << 20
# The largest file that each place may hold; what is not listed may be as large as "".
LARGEST = {
    "engine/flood_engine/bundled/": 40 * MB,
    "tests/golden/": 2 * MB,
    "docs/images/": 4 * MB,
    "": 512 * KB,
}


def _files_in_git() -> list[str]:
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listing = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return sorted(name for name in listing.split("\0") if name and (ROOT / name).is_file())


FILES = _files_in_git()


def test_files_are_small() -> None:
    too_large = {
        name: size
        for name in FILES
        if (size := (ROOT / name).stat().st_size)
        > next(limit for place, limit in LARGEST.items() if name.startswith(place))
    }
    assert not too_large


def test_the_bundled_model_is_at_most_40_mb() -> None:
    sizes = [(ROOT / name).stat().st_size for name in FILES if "/bundled/" in name]
    assert sum(sizes) <= 40 * MB


def test_python_files_say_what_they_are_for_in_few_lines() -> None:
    texts = {name: (ROOT / name).read_text() for name in FILES if name.endswith(".py")}
    assert not [name for name, text in texts.items() if len(text.splitlines()) > MAX_LINES]
    assert not [name for name, text in texts.items() if not ast.get_docstring(ast.parse(text))]


def test_folders_that_are_no_packages_have_no_init() -> None:
    """`launch/__init__.py` would hide ROS's own `launch`; tests are imported by path."""
    no_packages = ("launch/", "tests/", "examples/", "bench/", "ros2_ws/")
    assert not [n for n in FILES if n.startswith(no_packages) and n.endswith("__init__.py")]


def _name(requirement: str) -> str:
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def test_every_requirement_is_pinned() -> None:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line for line in lines if not line.startswith("#")]
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", pin) for pin in pins)
    assert pins == sorted(set(pins))
    wanted = list(chain(PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()))
    assert {_name(requirement) for requirement in wanted} <= {_name(pin) for pin in pins}


def test_build_tools_are_pinned_alike_everywhere() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text())["build-system"]["requires"]
    assert set(build) <= set((ROOT / "constraints.txt").read_text().splitlines())


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_a_document_names_targets_and_files_that_exist(document: Path) -> None:
    text = document.read_text()
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert set(re.findall(r"(?:`|^)make ([a-z]+)", text, re.MULTILINE)) <= targets
    links = re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)|src=\"([^\"]+)\"", text)
    local = [link or source for link, source in links if ":" not in (link or source)]
    assert not [link for link in local if not (document.parent / link).exists()]


def test_the_readme_names_commands_that_exist() -> None:
    named = set(re.findall(r"flood-bridge ([a-z]+)", (ROOT / "README.md").read_text()))
    program = Path(sys.executable).with_name("flood-bridge")
    usage = subprocess.run(
        [program, "--help"], capture_output=True, text=True, timeout=60, check=True
    )
    assert named
    assert named <= set(re.findall(r"[a-z]+", usage.stdout))


def test_changelog_has_this_version() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text()
    assert f"## [{PROJECT['version']}]" in changelog or "## [Unreleased]" in changelog
