"""What Unity's Package Manager needs, without Unity: metas, GUIDs, assemblies, the manifest.

A package that is installed from git lies in a folder that Unity may not write to, so that a file
without a .meta is ignored there.
"""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "unity_sample"
UNITY_ASSEMBLIES = {"UnityEngine.TestRunner", "UnityEditor.TestRunner"}


@pytest.fixture(scope="module")
def metas() -> ModuleType:
    path = PACKAGE / "Tools~" / "write_metas.py"
    spec = importlib.util.spec_from_file_location("write_metas", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def manifest() -> dict:
    return json.loads((PACKAGE / "package.json").read_text())


@pytest.fixture(scope="module")
def assemblies() -> dict[str, tuple[Path, dict]]:
    """Assembly definitions by name, with the folder of each."""
    found = [(path, json.loads(path.read_text())) for path in PACKAGE.rglob("*.asmdef")]
    return {definition["name"]: (path.parent, definition) for path, definition in found}


def test_every_file_and_folder_has_its_meta_and_no_meta_is_left_over(metas: ModuleType) -> None:
    visible = list(metas.visible())
    assert len(visible) > 70
    assert not [path for path in visible if not metas.meta_of(path).is_file()]
    assert not metas.orphans()


def test_metas_are_as_their_paths_say(metas: ModuleType) -> None:
    """A GUID that changes breaks every scene that uses the script."""
    wrong = [
        path
        for path in metas.visible()
        if metas.meta_of(path).read_bytes() != metas.content(path).encode()
    ]
    assert not wrong


def test_guids_are_unique_and_well_formed() -> None:
    lines = [path.read_text().splitlines()[1] for path in PACKAGE.rglob("*.meta")]
    assert all(re.fullmatch(r"guid: [0-9a-f]{32}", line) for line in lines)
    assert len(set(lines)) == len(lines)


def test_the_manifest_names_what_is_there(manifest: dict) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert re.fullmatch(r"com(\.[a-z0-9-]+){2}", manifest["name"])
    assert manifest["version"] == project["version"]
    assert manifest["license"] == project["license"]
    assert re.fullmatch(r"20\d\d\.\d", manifest["unity"])
    assert f"## [{manifest['version']}]" in (PACKAGE / "CHANGELOG.md").read_text()
    assert all(name.startswith("com.unity.modules.") for name in manifest["dependencies"])
    for sample in manifest["samples"]:
        assert (PACKAGE / sample["path"]).is_dir()
    folders = {
        f"Samples~/{path.name}" for path in (PACKAGE / "Samples~").iterdir() if path.is_dir()
    }
    assert folders == {sample["path"] for sample in manifest["samples"]}


def test_the_licence_is_the_projects() -> None:
    assert (PACKAGE / "LICENSE.md").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_assemblies_refer_to_assemblies_that_exist(
    assemblies: dict[str, tuple[Path, dict]],
) -> None:
    for name, (folder, definition) in assemblies.items():
        assert (folder / f"{name}.asmdef").is_file()
        assert set(definition["references"]) <= set(assemblies) | UNITY_ASSEMBLIES
    editor_only = {name for name, (_, each) in assemblies.items() if each["includePlatforms"]}
    assert editor_only == {"FloodBridge.Editor", "FloodBridge.Tests"}
    for name in set(assemblies) - editor_only:
        assert not set(assemblies[name][1]["references"]) & editor_only


def test_every_script_belongs_to_an_assembly_that_may_use_what_it_uses(
    assemblies: dict[str, tuple[Path, dict]],
) -> None:
    scripts = list(PACKAGE.rglob("*.cs"))
    assert scripts
    for script in scripts:
        owners = [each for each in assemblies.values() if each[0] in script.parents]
        assert owners, f"{script} belongs to no assembly"
        folder, definition = max(owners, key=lambda owner: len(owner[0].parts))
        used = set(re.findall(r"^using ([\w.]+);", script.read_text(), re.MULTILINE))
        if definition["noEngineReferences"]:
            assert not [name for name in used if name.startswith("Unity")], script
        if definition["includePlatforms"] != ["Editor"]:
            assert not [name for name in used if name.startswith("UnityEditor")], script
        ours = {name for name in used if name.startswith("FloodBridge")}
        assert ours <= {definition["rootNamespace"], *definition["references"]}, script
        assert folder.is_relative_to(PACKAGE)


def test_scripts_unity_must_find_are_named_like_their_class() -> None:
    for script in PACKAGE.rglob("*.cs"):
        text = script.read_text()
        classes = re.findall(
            r"class (\w+) : (?:MonoBehaviour|EditorWindow|UnityEditor.Editor)", text
        )
        assert set(classes) <= {script.stem}


def test_scripts_are_small_and_say_what_they_are_for() -> None:
    """350 lines, as everywhere; every type has a summary."""
    sources = [*PACKAGE.rglob("*.cs"), *Path(__file__).parent.rglob("*.cs")]
    for script in sources:
        text = script.read_text()
        assert len(text.splitlines()) <= 350, script
        assert "<summary>" in text or script.parent.name == "stubs", script
        assert "\t" not in text, script
