"""The table of captions beside BVH files: what it says, and its mistakes with their lines."""

import re
from collections.abc import Collection
from pathlib import Path

import pytest

from flood_engine.errors import DataError
from flood_engine.training.bvh_captions import FileCaptions, read_caption_table
from flood_engine.training.dataset_words import ACTIONS

HEADER = "file,start_s,end_s,action,caption\n"
WALK = HEADER + "a,,,walk,a person walks to the left\n"
PAGE = (Path(__file__).parents[2] / "docs" / "training.md").read_text(encoding="utf-8")


def read(folder: Path, table: str, files: Collection[str] = ("a",)) -> dict[str, FileCaptions]:
    path = folder / "captions.csv"
    path.write_text(table)
    return read_caption_table(path, set(files))


def test_splits_follow_the_column_and_else_the_name(tmp_path: Path) -> None:
    names = [f"take{number}" for number in range(200)]
    table = HEADER + "".join(f"{name},,,walk,a person walks\n" for name in names)
    by_name = {name: about.split for name, about in read(tmp_path, table, names).items()}
    assert 5 <= list(by_name.values()).count("val") <= 40
    less = read(tmp_path, HEADER + "take3,,,walk,a person walks\n", names)
    assert less["take3"].split == by_name["take3"]
    for split in ("val", "train"):
        table = HEADER.replace("caption", "caption,split") + f"a,,,walk,a person walks,{split}\n"
        assert read(tmp_path, table)["a"].split == split
    with pytest.raises(DataError, match="line 3: a is train in an earlier line, here val"):
        read(tmp_path, table + "a,,,walk,she walks,val\n")


@pytest.mark.parametrize(
    ("table", "says"),
    [
        ("file,start_s,end_s,action\n", "line 1: the columns caption are missing"),
        (HEADER + "a,0,1,walk\n", "line 2: the number of fields"),
        (HEADER + "a,0,1,walk,x,y\n", "line 2: the number of fields"),
        (WALK + "../a,0,1,walk,x\n", "line 3: there is no file ../a.bvh"),
        (WALK + "a,one,2,walk,x\n", "line 3: 'one' and '2' are no times"),
        (WALK + "a,2,1,walk,x\n", "line 3: from 2 to 1 s"),
        (WALK + "a,nan,1,walk,x\n", "line 3: from nan to 1 s"),
        (WALK + "a,0,1,wakl,x\n", "line 3: action 'wakl' is unknown; valid are basketball, "),
        (WALK + "a,0,1,walk,\n", "line 3: a caption of 0 letters"),
        (WALK + "a,0,1,walk," + 2000 * "x" + "\n", "line 3: a caption of 2000 letters"),
        (WALK.replace("caption", "caption,split").replace("left", "left,dev"), "split 'dev'"),
        (WALK + '"a,0,1,walk,x\n', "line "),
    ],
)
def test_mistakes_in_the_table_are_told_with_their_line(
    tmp_path: Path, table: str, says: str
) -> None:
    with pytest.raises(DataError) as caught:
        read(tmp_path, table)
    assert says in str(caught.value)
    assert "captions.csv" in str(caught.value)


def test_the_table_in_the_documentation_is_one_that_can_be_read(tmp_path: Path) -> None:
    (block,) = re.findall(r"```csv\n(.*?)```", PAGE, re.DOTALL)
    about = read(tmp_path, block, {"anything/take1"})["anything/take1"]
    assert [len(texts) for texts in about.stretches.values()] == [2, 1, 1]
    assert [action for _, _, action in about.stretches] == ["walk", "turn", "wave"]


def test_the_documentation_lists_every_action_class() -> None:
    (listed,) = re.findall(r"^Classes: (.*?)\.$", PAGE, re.DOTALL | re.MULTILINE)
    assert set(re.findall(r"`(\w+)`", listed)) == ACTIONS
