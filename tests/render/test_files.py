"""Files hold what the clip held; what is damaged, hostile or unknown is refused."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from flood_bridge.errors import ConfigError, ProtocolError
from flood_bridge.render import (
    SUFFIXES,
    Clip,
    RenderOptions,
    check_target,
    npz,
    read_npz,
    write_clip,
)


def test_npz_gives_back_all_that_went_in(tumble: Callable[..., Clip], tmp_path: Path) -> None:
    clip = replace(
        tumble(12),
        prompts=((0, 'a "quoted" prompt, 歩く'), (5, "next")),
        contacts=np.random.default_rng(0).random((12, 4)) < 0.5,
        features=np.random.default_rng(1).normal(size=(12, 263)),
        rate_hz=29.97,
    )
    back = read_npz(write_clip(tmp_path / "a.npz", clip))
    assert back.prompts == clip.prompts
    assert back.rate_hz == clip.rate_hz
    np.testing.assert_allclose(back.joints, clip.joints, atol=1e-6)
    assert (back.contacts == clip.contacts).all()
    assert back.features is not None
    assert np.abs(back.features - clip.features).max() < 1e-6
    assert back.skeleton is not None
    assert clip.skeleton is not None
    np.testing.assert_array_equal(back.skeleton.offsets, clip.skeleton.offsets)
    assert back.avatar is not None
    assert clip.avatar is not None
    for ours, theirs in zip(clip.avatar, back.avatar, strict=True):
        np.testing.assert_array_equal(ours.local_wxyz, theirs.local_wxyz)
        np.testing.assert_array_equal(ours.root_position, theirs.root_position)


def test_npz_of_joints_alone_has_nothing_else(walk: Callable[..., Clip], tmp_path: Path) -> None:
    back = read_npz(write_clip(tmp_path / "a.npz", Clip(walk(3).joints)))
    assert (back.prompts, back.contacts, back.skeleton, back.avatar, back.features) == (
        (), None, None, None, None,
    )  # fmt: skip


def _rewrite(path: Path, **changes: np.ndarray | None) -> None:
    with np.load(path, allow_pickle=False) as file:
        arrays = {key: file[key] for key in file.files}
    arrays.update({key: value for key, value in changes.items() if value is not None})
    np.savez(
        path, **{key: value for key, value in arrays.items() if changes.get(key, 0) is not None}
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"format": np.array("other/1")},
        {"joints": None},
        {"joints": np.zeros((4, 3))},
        {"joints": np.array("text")},
        {"rate_hz": np.zeros(7)},
        {"prompts": np.array("not json")},
        {"prompts": np.array("[[0]]")},
        {"prompts": np.array("{}5")},
        {"avatar_wxyz": np.zeros((5, 22, 3))},
        {"avatar_root": np.zeros(3)},
        {"rest_offsets": np.zeros(3)},
        {"features": np.array(3.0)},
        {"contacts": np.zeros((99, 4))},
    ],
)
def test_a_damaged_npz_is_refused_with_one_kind_of_error(
    tumble: Callable[..., Clip], tmp_path: Path, changes: dict
) -> None:
    path = write_clip(tmp_path / "a.npz", tumble(5))
    _rewrite(path, **changes)
    with pytest.raises(ProtocolError, match=r"flood_bridge\.clip/1"):
        read_npz(path)


def test_pickled_objects_are_never_loaded(tumble: Callable[..., Clip], tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.npz", tumble(5))
    _rewrite(path, features=np.array([{"a": 1}] * 5, dtype=object))
    with pytest.raises(ProtocolError, match="allow_pickle"):
        read_npz(path)


def test_what_is_no_archive_or_cut_short_is_refused(
    tumble: Callable[..., Clip], tmp_path: Path
) -> None:
    whole = write_clip(tmp_path / "a.npz", tumble(5)).read_bytes()
    for number, content in enumerate((b"", b"hello", whole[: len(whole) // 2])):
        path = tmp_path / f"bad{number}.npz"
        path.write_bytes(content)
        with pytest.raises(ProtocolError):
            read_npz(path)


def test_an_archive_that_would_fill_the_memory_is_refused_unread(
    tumble: Callable[..., Clip], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_clip(tmp_path / "a.npz", tumble(50))
    monkeypatch.setattr(npz, "MAX_BYTES", 10_000)
    with pytest.raises(ProtocolError, match="unpacks"):
        read_npz(path)


def test_an_unknown_suffix_is_refused_with_the_valid_ones() -> None:
    for name in ("motion.avi", "motion", "motion.png.txt"):
        with pytest.raises(ConfigError) as caught:
            check_target(name)
        assert all(suffix in str(caught.value) for suffix in SUFFIXES)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no folder"):
        check_target(tmp_path / "nowhere" / "a.png")
    (tmp_path / "is_folder.png").mkdir()
    with pytest.raises(ConfigError, match="folder"):
        check_target(tmp_path / "is_folder.png")


def test_suffixes_may_be_upper_case(walk: Callable[..., Clip], tmp_path: Path) -> None:
    assert write_clip(tmp_path / "A.NPZ", walk(2)).exists()


def test_a_sheet_is_written_as_png(walk: Callable[..., Clip], tmp_path: Path) -> None:
    path = write_clip(tmp_path / "a.png", walk(4), RenderOptions(moments=2))
    assert path.read_bytes().startswith(b"\x89PNG")


def test_a_failed_write_keeps_the_old_file(walk: Callable[..., Clip], tmp_path: Path) -> None:
    path = tmp_path / "a.bvh"
    path.write_text("old")
    with pytest.raises(ConfigError):
        write_clip(path, walk(2))
    assert os.listdir(tmp_path) == ["a.bvh"]
    assert path.read_text() == "old"
