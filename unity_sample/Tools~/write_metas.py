"""Writes the .meta files that Unity needs, with GUIDs that depend on the path alone.

``python Tools~/write_metas.py`` writes what is missing in the package around it and removes what
belongs to nothing; files that are there stay as they are. Unity itself would write random GUIDs,
and in a package that is installed from git it cannot write at all: it ignores files without one.
Folders whose name ends in ~ and files that begin with a dot are invisible to Unity; what lies in
Samples~ is copied into projects and needs metas all the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
NAMESPACE = "com.floodbridge.receiver/"

_TAIL = "  externalObjects: {}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n"
_SCRIPT = (
    "  externalObjects: {}\n  serializedVersion: 2\n  defaultReferences: []\n  executionOrder: 0\n"
    "  icon: {instanceID: 0}\n  userData: \n  assetBundleName: \n  assetBundleVariant: \n"
)
_IMPORTERS = {
    ".cs": "MonoImporter:\n" + _SCRIPT,
    ".asmdef": "AssemblyDefinitionImporter:\n" + _TAIL,
    ".md": "TextScriptImporter:\n" + _TAIL,
    ".txt": "TextScriptImporter:\n" + _TAIL,
    ".bytes": "TextScriptImporter:\n" + _TAIL,
}


def guid(path: Path) -> str:
    """Return the GUID of ``path`` in the package."""
    name = NAMESPACE + path.relative_to(PACKAGE).as_posix()
    return hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()


def visible(folder: Path = PACKAGE) -> Iterator[Path]:
    """Yield every file and folder that needs a .meta."""
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix == ".meta" or path.name == "__pycache__":
            continue
        if path.name == "Samples~":
            yield from visible(path)
        elif not path.name.endswith("~"):
            yield path
            if path.is_dir():
                yield from visible(path)


def meta_of(path: Path) -> Path:
    """Return where the .meta of ``path`` is."""
    return path.with_name(path.name + ".meta")


def content(path: Path) -> str:
    """Return the .meta of ``path``."""
    if path.is_dir():
        importer = "folderAsset: yes\nDefaultImporter:\n" + _TAIL
    elif path.name == "package.json":
        importer = "PackageManifestImporter:\n" + _TAIL
    else:
        importer = _IMPORTERS[path.suffix]
    return f"fileFormatVersion: 2\nguid: {guid(path)}\n{importer}"


def orphans() -> list[Path]:
    """Return the .meta files that belong to nothing Unity sees."""
    wanted = {meta_of(path) for path in visible()}
    return sorted(path for path in PACKAGE.rglob("*.meta") if path not in wanted)


def main() -> None:
    """Write what is missing, remove what is too many."""
    for path in visible():
        if not meta_of(path).exists():
            meta_of(path).write_text(content(path), encoding="utf-8", newline="\n")
    for path in orphans():
        path.unlink()


if __name__ == "__main__":
    main()
