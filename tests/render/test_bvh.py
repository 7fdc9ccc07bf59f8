"""A reader of the BVH format gets the avatar's joints back; angles do not jump."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.errors import ConfigError
from flood_bridge.motion.skeleton import JOINT_NAMES, PARENTS
from flood_bridge.render import Clip, write_clip
from flood_bridge.render.bvh import continuous_zxy


@dataclass
class Node:
    name: str
    parent: int
    offset: np.ndarray = field(default_factory=lambda: np.zeros(3))
    channels: list[str] = field(default_factory=list)


def _parse(text: str) -> tuple[list[Node], float, np.ndarray]:
    """A reader of BVH as the format's description has it: nothing of ours assumed."""
    words = iter(text.split())
    nodes: list[Node] = []
    open_nodes: list[int] = []
    assert next(words) == "HIERARCHY"
    for word in words:
        match word:
            case "ROOT" | "JOINT" | "End":
                nodes.append(Node(next(words), open_nodes[-1] if open_nodes else -1))
            case "{":
                open_nodes.append(len(nodes) - 1)
            case "}":
                open_nodes.pop()
            case "OFFSET":
                nodes[open_nodes[-1]].offset = np.array([float(next(words)) for _ in range(3)])
            case "CHANNELS":
                nodes[open_nodes[-1]].channels = [next(words) for _ in range(int(next(words)))]
            case "MOTION":
                break
            case _:
                raise AssertionError(word)
    assert open_nodes == []
    assert next(words) == "Frames:"
    count = int(next(words))
    assert (next(words), next(words)) == ("Frame", "Time:")
    frame_time = float(next(words))
    rows = np.array([float(word) for word in words]).reshape(count, -1)
    return nodes, frame_time, rows


def _axis_turn(axis: str, degrees: float) -> np.ndarray:
    c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    i = "XYZ".index(axis)
    j, k = (i + 1) % 3, (i + 2) % 3
    matrix = np.eye(3)
    matrix[j, j], matrix[j, k], matrix[k, j], matrix[k, k] = c, -s, s, c
    return matrix


def _pose(nodes: list[Node], row: np.ndarray) -> dict[str, np.ndarray]:
    """World places of all nodes but the end sites, channels applied in their order."""
    values = iter(row)
    matrices, places, named = [], [], {}
    for node in nodes:
        shift, turn = node.offset.copy(), np.eye(3)
        for channel in node.channels:
            value = next(values)
            if channel.endswith("position"):
                shift["XYZ".index(channel[0])] += value
            else:
                turn = turn @ _axis_turn(channel[0], value)
        base, at = (
            (matrices[node.parent], places[node.parent])
            if node.parent >= 0
            else (np.eye(3), np.zeros(3))
        )
        matrices.append(base @ turn)
        places.append(at + base @ shift)
        if node.channels:
            named[node.name] = places[-1]
    return named


@pytest.mark.parametrize("seed", range(3))
def test_a_reader_gets_the_avatars_joints_back(
    tumble: Callable[..., Clip], tmp_path: Path, seed: int
) -> None:
    clip = tumble(20, seed)
    nodes, frame_time, rows = _parse(write_clip(tmp_path / "a.bvh", clip).read_text("ascii"))
    assert frame_time == pytest.approx(0.05, abs=1e-7)
    assert len(rows) == 20
    for frame, row in enumerate(rows):
        pose = _pose(nodes, row)
        found = np.stack([pose[name] for name in JOINT_NAMES]) / 100.0
        np.testing.assert_allclose(found, clip.joints[frame], atol=1e-5)


def test_the_tree_is_the_skeletons_and_every_chain_ends(
    tumble: Callable[..., Clip], tmp_path: Path
) -> None:
    nodes, _, rows = _parse(write_clip(tmp_path / "a.bvh", tumble(2)).read_text("ascii"))
    joints = {node.name: node for node in nodes if node.channels}
    for name, parent in zip(JOINT_NAMES, PARENTS, strict=True):
        above = joints[name].parent
        assert (nodes[above].name if above >= 0 else None) == (
            JOINT_NAMES[parent] if parent >= 0 else None
        )
        assert joints[name].channels[-3:] == ["Zrotation", "Xrotation", "Yrotation"]
    ends = {nodes[node.parent].name for node in nodes if node.name == "Site"}
    leaves = {JOINT_NAMES[i] for i in range(22) if i not in PARENTS}
    assert ends == leaves
    assert rows.shape[1] == 6 + 21 * 3


def _matrices(angles: np.ndarray) -> np.ndarray:
    degrees = np.rad2deg(angles)
    return np.array(
        [
            [_axis_turn("Z", z) @ _axis_turn("X", x) @ _axis_turn("Y", y) for z, x, y in joints]
            for joints in degrees
        ]
    )


right_angles = st.sampled_from([-np.pi, -np.pi / 2, 0.0, np.pi / 2, np.pi])
an_angle = st.one_of(right_angles, st.floats(-np.pi, np.pi))
triples = st.tuples(an_angle, an_angle, an_angle)


@settings(deadline=None)
@given(st.lists(triples, min_size=1, max_size=6))
def test_angles_give_the_rotation_back_even_where_they_are_singular(
    frames: list[tuple[float, float, float]],
) -> None:
    matrices = _matrices(np.array(frames)[:, None, :])
    np.testing.assert_allclose(_matrices(continuous_zxy(matrices)), matrices, atol=3e-6)


@settings(deadline=None, max_examples=30)
@given(triples, st.floats(-0.1, 0.1), st.floats(-0.1, 0.1))
def test_a_steady_turn_about_an_outer_axis_has_no_jumps(
    start: tuple[float, float, float], about_z: float, about_y: float
) -> None:
    steps = np.arange(40)[:, None] * np.array([about_z, 0.0, about_y]) + np.array(start)
    angles = continuous_zxy(_matrices(steps[:, None, :]))
    assert np.abs(np.diff(angles, axis=0)).max() <= abs(about_z) + abs(about_y) + 1e-4


def test_a_knee_bent_through_the_right_angle_has_no_jumps() -> None:
    bend = np.deg2rad(np.linspace(0, 150, 61))
    steps = np.stack([np.zeros(61), bend, np.zeros(61)], axis=1)[:, None, :]
    angles = continuous_zxy(_matrices(steps))
    assert np.rad2deg(np.abs(np.diff(angles, axis=0)).max()) < 2.6


def test_a_clip_without_avatar_is_refused(walk: Callable[..., Clip], tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="avatar"):
        write_clip(tmp_path / "a.bvh", walk(3))
    assert list(tmp_path.iterdir()) == []
