"""The bench of retargeting measures what it says, beside the yardstick, on clips from a folder."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from flood_bridge.bench.clips import read_clips, spread
from flood_bridge.bench.options import Bench
from flood_bridge.bench.retarget_table import TARGETS, met, retarget_lines
from flood_bridge.bench.retargeting import Ours, measure_retargeting
from flood_bridge.bench.robot_metrics import Gauge, Samples
from flood_bridge.cli import main
from flood_bridge.errors import ConfigError
from flood_bridge.retarget.robot_model import load_robot
from flood_bridge.retarget.robot_posture import pose_at_ease

pytest.importorskip("mujoco")


def swaying(frames: int = 45) -> np.ndarray:
    """A body at ease whose arms swing and whose feet stand, (frames, 22, 3)."""
    joints = np.repeat(pose_at_ease().joints[None], frames, axis=0)
    swing = 0.1 * np.sin(np.arange(frames) * 0.3)
    joints[:, [20, 21], 2] += swing[:, None]
    return joints


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    np.save(tmp_path / "a.npy", swaying())
    np.savez(tmp_path / "b.npz", joints=swaying(60))
    np.save(tmp_path / "short.npy", swaying(10))
    np.savez(
        tmp_path / "packed.npz", clip=np.array(["x"]), offset=np.array([0, 45]),
        root=swaying()[:, 0], pos=swaying() - swaying()[:, :1], joints=np.arange(22),
    )  # fmt: skip
    return tmp_path


def test_clips_are_read_from_every_form(folder: Path) -> None:
    assert [(c.name, len(c.poses)) for c in read_clips(folder, 9)] == [("a", 45), ("b", 60)]
    (folder / "packed.npz").rename(folder / "smpl22.npz")
    (clip,) = read_clips(folder, 9)
    np.testing.assert_allclose([p.joints for p in clip.poses], swaying(), atol=1e-12)
    np.testing.assert_allclose(
        clip.poses[3].velocities * 0.05, swaying()[4] - swaying()[3], atol=1e-9
    )


def test_the_clips_taken_are_spread_over_all() -> None:
    assert spread(100, 3) == [0, 50, 99]
    assert spread(2, 3) == [0, 1]


def test_folders_without_clips_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="is no folder"):
        read_clips(tmp_path / "none", 3)
    with pytest.raises(ConfigError, match=r"no smpl22\.npz, and no"):
        read_clips(tmp_path, 3)
    (tmp_path / "bad.npy").write_bytes(b"rubbish")
    with pytest.raises(ConfigError, match="cannot be read"):
        read_clips(tmp_path, 3)


def test_a_quiet_body_meets_every_target_of_quality(folder: Path) -> None:
    figures = measure_retargeting(
        load_robot("unitree_g1"), read_clips(folder, 1), lambda: 0.0, lambda _: None
    )
    ours = figures["ours"]
    for name, target in TARGETS.items():
        assert met(ours[name], target), (name, ours[name])
    assert figures["cold_starts_stuck"] == 0
    assert ours["speed_rad_s_p999"] > 0.1  # the arms did swing
    lines = list(retarget_lines(figures))
    assert sum("MISSED" in line for line in lines) == 0
    assert json.loads(json.dumps(figures)) == figures


@pytest.mark.parametrize(
    ("spoil", "field", "wrong"),
    [
        (lambda q: q[10:, 7:].__iadd__(9.0), "margin_rad", lambda v: v.min() < 0.0),
        (lambda q: q[20, 7:].__iadd__(0.9), "speed_share", lambda v: v.max() > 1.0),
        (lambda q: q[:, 2].__isub__(0.02), "under_m", lambda v: v.min() > 0.015),
        (lambda q: q[:, 2].__iadd__(0.02), "over_m", lambda v: v.min() > 0.015),
        (lambda q: q[:, 0].__iadd__(np.arange(len(q)) * 0.01), "slide", lambda v: v.min() > 0.15),
        (lambda q: q[:, 0].__iadd__(0.5), "keypoint_m", lambda v: v.min() > 0.4),
    ],
)
def test_each_gauge_notices_its_fault(
    spoil: Callable[[np.ndarray], Any],
    field: str,
    wrong: Callable[[np.ndarray], bool],
    folder: Path,
) -> None:
    robot = load_robot("unitree_g1")
    (clip,) = read_clips(folder, 1)
    track, gauge = Ours(robot).track(clip.poses, lambda: 0.0), Gauge(robot, 0.05)
    before: Samples = gauge.measure(track)
    assert not wrong(getattr(before, field))
    rows = np.array(track.qpos)
    spoil(rows)
    track.qpos = list(rows)
    assert wrong(getattr(gauge.measure(track), field))


def test_the_command_prints_the_table_and_writes_the_figures(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder / "figures.json"
    arguments = ["--clips", str(folder), "--most-clips", "1", "--streams", "0", "--json", str(out)]
    assert main(["bench", "retarget", *arguments]) == 0
    assert "key points off their targets" in capsys.readouterr().out
    assert json.loads(out.read_text())["clips"] == 1


@pytest.mark.parametrize("wrong", [{"streams": 0}, {"streams": -1}, {"most_clips": 0}])
def test_settings_that_measure_nothing_are_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        Bench(what="retarget", **wrong)  # type: ignore[arg-type]
