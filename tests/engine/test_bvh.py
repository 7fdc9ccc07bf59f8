"""The BVH reader: what a writer of the format wrote comes back, and what is wrong has a line."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flood_engine.errors import DataError
from flood_engine.training.bvh import read_bvh
from flood_engine.training.bvh_kinematics import world_positions

ARM = """HIERARCHY
ROOT Trunk
{
  OFFSET 0 0 0
  CHANNELS 6 Xposition Yposition Zposition Zrotation Xrotation Yrotation
  JOINT Upper arm
  {
    OFFSET 1 0 0
    CHANNELS 3 Zrotation Xrotation Yrotation
    End Site
    {
      OFFSET 2 0 0
    }
  }
}
MOTION
Frames: 2
Frame Time: 0.05
0 0 0 0 0 0 0 0 0
1 2 3 90 0 0 -90 0 0
"""


@pytest.fixture(name="write")
def made_write(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "arm.bvh"
        path.write_text(text)
        return path

    return write


def test_a_small_file_is_read_as_written(write):
    bvh = read_bvh(write(ARM))
    assert [joint.name for joint in bvh.joints] == ["Trunk", "Upper arm", "Upper arm end"]
    assert [joint.parent for joint in bvh.joints] == [-1, 0, 1]
    assert bvh.joints[1].channels == ("Zr", "Xr", "Yr")
    assert bvh.rate_hz == pytest.approx(20)
    assert bvh.rows.shape == (2, 9)


def test_joints_turn_what_hangs_from_them(write):
    bvh = read_bvh(write(ARM))
    at = world_positions(bvh.joints, bvh.rows, {1, 2})
    np.testing.assert_allclose(at[1], [[1, 0, 0], [1, 3, 3]], atol=1e-12)
    np.testing.assert_allclose(at[2], [[3, 0, 0], [3, 3, 3]], atol=1e-12)


def test_braces_at_the_end_of_a_line_and_blank_lines_are_read_too(write):
    text = ARM.replace("\n{", " {").replace("\n  {", " {").replace("MOTION", "\n\n  motion")
    np.testing.assert_array_equal(read_bvh(write(text)).rows, read_bvh(write(ARM)).rows)


@pytest.mark.parametrize("repeats_offset", [True, False])
def test_positions_of_inner_joints_replace_the_offset_or_are_added_to_it(write, repeats_offset):
    text = ARM.replace(
        "    CHANNELS 3 Zrotation", "    CHANNELS 6 Xposition Yposition Zposition Zrotation"
    )
    text = text.replace("0 0 0 0 0 0 0 0 0\n1 2 3 90 0 0 -90 0 0", "ROW\nROW")
    bvh = read_bvh(
        write(text.replace("ROW", f"0 0 0 0 0 0 {1.1 if repeats_offset else 0.1} 0 0 0 0 0"))
    )
    at = world_positions(bvh.joints, bvh.rows, {1})
    np.testing.assert_allclose(at[1], [[1.1, 0, 0]] * 2)


@pytest.mark.parametrize(
    ("good", "bad", "line", "says"),
    [
        ("HIERARCHY", "HIERARCHIE", 1, "HIERARCHY"),
        ("ROOT Trunk", "JOINT Trunk", 2, "ROOT"),
        ("ROOT Trunk", "ROOT", 2, "name"),
        ("  OFFSET 0 0 0\n", "  OFFSET 0 0\n", 4, "3 numbers"),
        ("  OFFSET 0 0 0\n", "", 2, "no OFFSET"),
        ("  OFFSET 0 0 0\n", "  OFFSET 0 nan 0\n", 4, "3 numbers"),
        ("CHANNELS 6", "CHANNELS 5", 5, "CHANNELS"),
        ("Zposition", "Zpos", 5, "CHANNELS"),
        ("Zposition", "Xposition", 5, "twice"),
        ("    CHANNELS 3 Zrotation Xrotation Yrotation\n", "", 6, "no CHANNELS"),
        ("    End Site", "    Joint Hand\n    { OFFSET 0 0 0", 12, "does not belong"),
        ("      OFFSET 2 0 0", "      CHANNELS 0", 12, "does not belong"),
        ("}\nMOTION", "}\n}\nMOTION", 16, "last brace"),
        ("}\nMOTION", "MOTION", 14, "too early"),
        ("Frames: 2", "Frames: two", 17, "Frames"),
        ("Frames: 2", "Frames: 3", 17, "2 lines follow"),
        ("Frames: 2", "Frames: 0", 17, "valid"),
        ("Frame Time: 0.05", "Frame Time: 0", 18, "valid"),
        ("Frame Time: 0.05", "Time: 0.05", 18, "Frame Time"),
        ("1 2 3 90", "1 2 90", 20, "9 numbers"),
        ("1 2 3 90", "1 2 x 90", 20, "9 numbers"),
        ("1 2 3 90", "1 2 inf 90", 20, "9 numbers"),
    ],
)
def test_what_is_wrong_is_told_with_file_and_line(write, good, bad, line, says):
    assert good in ARM
    path = write(ARM.replace(good, bad, 1))
    with pytest.raises(DataError) as caught:
        read_bvh(path)
    assert says in str(caught.value)
    assert f"{path}, line {line}:" in str(caught.value) or f"after line {line}," in str(
        caught.value
    )


@pytest.mark.parametrize(
    ("secs", "rate_hz"), [("0.008333", 120.0), ("0.01667", 60.0), ("0.0333667", 29.97)]
)
def test_frame_times_with_few_digits_mean_whole_rates(write, secs, rate_hz):
    bvh = read_bvh(write(ARM.replace("0.05", secs)))
    assert bvh.rate_hz == pytest.approx(rate_hz, rel=1e-6)


def test_files_that_are_none_are_refused(tmp_path, write):
    with pytest.raises(DataError, match=r"missing"):
        read_bvh(tmp_path / "none.bvh")
    with pytest.raises(DataError, match="no line MOTION"):
        read_bvh(write(""))
    deep = "".join(f"JOINT a{i}\n{{\nOFFSET 0 0 0\nCHANNELS 0\n" for i in range(1100))
    with pytest.raises(DataError, match="more than 1000 joints"):
        read_bvh(write("HIERARCHY\nROOT a\n{\nOFFSET 0 0 0\nCHANNELS 0\n" + deep + "\nMOTION\n"))


@settings(deadline=None, max_examples=150)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused_and_nothing_else(tmp_path_factory, data):
    words = ARM.split(" ")
    index = data.draw(st.integers(0, len(words) - 1))
    junk = data.draw(
        st.sampled_from(["", "{", "}", "nan", "-1", "9" * 400, "MOTION", "ROOT", "\0", "\n"])
    )
    words[index] = junk
    path = tmp_path_factory.getbasetemp() / "damaged.bvh"
    path.write_text(" ".join(words))
    try:
        bvh = read_bvh(path)
    except DataError as error:
        assert str(path) in str(error)
    else:
        assert np.isfinite(bvh.rows).all()
        assert bvh.rows.shape[1] == sum(len(joint.channels) for joint in bvh.joints)
