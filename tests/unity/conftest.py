"""Mono's compiler and NUnit, and the package of ``unity_sample/`` compiled with them once."""

from __future__ import annotations

import shutil
import subprocess
import xml.etree.ElementTree as ET
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "unity_sample"
PROGRAMS = Path(__file__).parent / "programs"
STUBS = Path(__file__).parent / "stubs"
LIBRARIES = Path("/usr/lib/cli")
PATIENCE_SECS = 150


@dataclass(frozen=True)
class TestCase:
    """What became of one C# test."""

    name: str
    """Namespace, class and method."""
    result: str
    message: str


class Workshop:
    """Compiles C# as strictly as the oldest compiler that shall take it, and runs its tests."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mono, self.mcs = _tool("mono", "mono-runtime"), _tool("mcs", "mono-mcs")

    def compile(
        self, target: str, sources: Iterable[Path], references: Iterable[str | Path] = ()
    ) -> Path:
        """Return the path of ``target``, made of ``sources``; fail with the compiler's words."""
        made = self.folder / target
        kind = "exe" if made.suffix == ".exe" else "library"
        command = [self.mcs, "-langversion:6", "-warnaserror", f"-target:{kind}", f"-out:{made}"]
        command += [f"-r:{self.folder / reference}" for reference in references]
        done = _run([*command, *map(str, sorted(sources))])
        assert done.returncode == 0, done.stdout + done.stderr
        return made

    def test(self, assembly: Path) -> list[TestCase]:
        """Run the NUnit tests of ``assembly``."""
        nunit = _tool("nunit-console", "nunit-console")
        report = assembly.with_suffix(".xml")
        done = _run([nunit, "-nologo", "-noshadow", "-nothread", f"-xml:{report}", str(assembly)])
        assert report.exists(), done.stdout + done.stderr
        return [_case(each) for each in ET.parse(report).iter("test-case")]


def _case(element: ET.Element) -> TestCase:
    message = element.findtext("*/message") or ""
    return TestCase(element.get("name", ""), element.get("result", ""), message.strip())


def _tool(name: str, package: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed: apt-get install {package}")
    return found


def _run(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, capture_output=True, text=True, timeout=PATIENCE_SECS, check=False
    )


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Workshop:
    return Workshop(tmp_path_factory.mktemp("mono"))


@pytest.fixture(scope="session")
def nunit(workshop: Workshop) -> Path:
    """NUnit's framework, in the folder where its tests will be."""
    found = sorted(LIBRARIES.glob("nunit.framework-*/nunit.framework.dll"))
    if not found:
        pytest.skip("NUnit is not installed: apt-get install libnunit-cil-dev nunit-console")
    return Path(shutil.copy(found[-1], workshop.folder))


@pytest.fixture(scope="session")
def core(workshop: Workshop) -> Path:
    """``Runtime/Core``, which knows no Unity."""
    return workshop.compile("FloodBridge.Core.dll", (PACKAGE / "Runtime/Core").glob("*.cs"))


@pytest.fixture(scope="session")
def core_results(workshop: Workshop, core: Path, nunit: Path) -> list[TestCase]:
    """What the package's own tests say."""
    sources = (PACKAGE / "Tests/Editor").glob("*.cs")
    tests = workshop.compile("FloodBridge.Tests.dll", sources, [core, nunit])
    return workshop.test(tests)


@pytest.fixture(scope="session")
def shells(workshop: Workshop, core: Path) -> list[Path]:
    """The components, the editor's windows and the sample, compiled against stand-ins."""
    runtime = [*(PACKAGE / "Runtime").glob("*.cs"), *(PACKAGE / "Runtime/Demo").glob("*.cs")]
    made = [core, workshop.compile("UnityStubs.dll", STUBS.glob("*.cs"))]
    for name, sources in (
        ("FloodBridge.dll", runtime),
        ("FloodBridge.Editor.dll", (PACKAGE / "Editor").glob("*.cs")),
        ("Samples.dll", (PACKAGE / "Samples~/NpcPrompts").glob("*.cs")),
    ):
        made.append(workshop.compile(name, sources, made))
    return made


@pytest.fixture(scope="session")
def shell_results(workshop: Workshop, shells: list[Path], nunit: Path) -> list[TestCase]:
    """What the tests of the components say."""
    performer = [PACKAGE / "Tests/Editor/Performer.cs", PACKAGE / "Tests/Editor/Golden.cs"]
    sources = [*PROGRAMS.glob("Shell*.cs"), PROGRAMS / "StubAvatar.cs", *performer]
    return workshop.test(workshop.compile("ShellTests.dll", sources, [*shells, nunit]))


@pytest.fixture(scope="session")
def live_client(workshop: Workshop, core: Path) -> list[str]:
    """The command of a receiver without Unity."""
    client = workshop.compile("LiveClient.exe", [PROGRAMS / "LiveClient.cs"], [core])
    return [workshop.mono, str(client)]
