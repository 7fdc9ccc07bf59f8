"""The engine reproduces the reference implementation's recorded runs."""

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from flood_engine.errors import DataError
from flood_engine.parity import compare_folder

GOLDEN = Path(__file__).parent.parent / "golden"


def test_every_recorded_case_is_reproduced_within_its_tolerance():
    results = list(compare_folder(GOLDEN))
    cases = {result.case for result in results}
    assert {
        "denoiser_a forward velocity",
        "denoiser_a stream (exact schedule)",
        "denoiser_b stream (upstream schedule)",
        "vae_a encode",
        "vae_a decode latent by latent",
        "recover_a frame by frame",
    } <= cases
    assert [result for result in results if not result.holds] == []


def test_the_command_fails_when_a_recorded_number_is_off(tmp_path):
    for path in GOLDEN.glob("recover_a*"):
        shutil.copy(path, tmp_path)
    arrays = dict(np.load(tmp_path / "recover_a.npz"))
    arrays["joints"][50, 3, 1] += 1e-3
    np.savez(tmp_path / "recover_a.npz", **arrays)
    command = [sys.executable, "-m", "flood_engine", "parity", str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "FAILED" in run.stdout
    assert "1.00e-03" in run.stdout


def test_a_folder_without_cases_is_refused(tmp_path):
    with pytest.raises(DataError, match="holds no golden case"):
        list(compare_folder(tmp_path))
