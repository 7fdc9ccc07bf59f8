"""Contact sheets, rows of clips, the wide picture, the map, and lettering."""

from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from flood_bridge.errors import ConfigError
from flood_bridge.render import Clip, RenderOptions, hero, sheet, sheet_of_clips
from flood_bridge.render.lettering import fit, plain, text_width, wrap
from flood_bridge.render.options import THEMES
from flood_bridge.render.path_map import path_map
from flood_bridge.render.timeline_bar import stretches

LONG = "a person walks forward and then " * 12


def _margin_is_empty(picture: Image.Image, theme: str = "light") -> bool:
    pixels = np.asarray(picture)
    page = THEMES[theme].page
    return all((edge == page).all() for edge in (pixels[:, :40], pixels[:, -40:], pixels[:20]))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "prompts", [(), ((0, LONG),), ((0, "walk"), (3, LONG), (5, "c"), (20, "d"))]
)
def test_nothing_runs_over_the_margin(
    walk: Callable[..., Clip], theme: str, prompts: tuple[tuple[int, str], ...]
) -> None:
    picture = sheet(walk(30, prompts), RenderOptions(theme=theme, moments=4, title=LONG))
    assert _margin_is_empty(picture, theme)


def test_a_sheet_has_a_body_in_each_cell(walk: Callable[..., Clip]) -> None:
    pixels = np.asarray(sheet(walk(40), RenderOptions(moments=8, columns=4))).astype(int)
    warm = pixels[..., 0] - pixels[..., 2] > 100
    columns, gaps = 44 + np.arange(4) * 284, (208 + 32, 208 + 32 + 374)
    for top in gaps:
        for left in columns:
            assert warm[top : top + 330, left : left + 272].sum() > 1000


def test_fewer_frames_than_moments_make_a_smaller_sheet(walk: Callable[..., Clip]) -> None:
    one, many = sheet(walk(1)), sheet(walk(40))
    assert one.height < many.height
    assert one.width < many.width


def test_the_moments_differ_where_the_body_moves(walk: Callable[..., Clip]) -> None:
    pixels = np.asarray(sheet(walk(11), RenderOptions(moments=2)))
    first, second = (pixels[240:570, left : left + 272].astype(int) for left in (44, 328))
    assert np.abs(first - second).max() > 100


def test_rows_of_clips_are_as_many_as_clips(walk: Callable[..., Clip]) -> None:
    rows = [("walk", walk(20)), (LONG, walk(30)), ("one frame", walk(1))]
    options = RenderOptions(moments=5, title="All")
    three, one = sheet_of_clips(rows, options), sheet_of_clips(rows[:1], options)
    assert three.width == one.width
    assert three.height - one.height == 2 * (248 + 26)
    assert _margin_is_empty(three)


def test_a_sheet_of_no_clips_is_refused(walk: Callable[..., Clip]) -> None:
    with pytest.raises(ConfigError, match="1 to 60"):
        sheet_of_clips([])
    with pytest.raises(ConfigError, match="1 to 60"):
        sheet_of_clips([("", walk(1))] * 61)


def test_the_map_shows_the_way_ahead_upwards(walk: Callable[..., Clip]) -> None:
    theme = THEMES["light"]
    pixels = np.asarray(path_map(walk(100), [], theme, 200)).astype(int)
    rows, columns = np.nonzero(np.abs(pixels - theme.accent).sum(axis=2) < 40)
    assert np.ptp(rows) > 100
    assert np.ptp(columns) < 8


def test_the_map_shows_a_way_to_the_left_on_the_left(standing: np.ndarray) -> None:
    joints = np.repeat(standing[None], 50, axis=0)
    joints[..., 0] += np.linspace(0, 4, 50)[:, None]
    theme = THEMES["light"]
    pixels = np.asarray(path_map(Clip(joints), [0], theme, 200)).astype(int)
    _, columns = np.nonzero(np.abs(pixels - theme.accent).sum(axis=2) < 40)
    # The start is the filled dot: there the line is thickest, and that is on the right.
    assert np.bincount(columns, minlength=200).argmax() > 150
    assert columns.min() < 40


def test_the_map_fits_ways_short_and_very_long(standing: np.ndarray) -> None:
    for way in (0.0, 1e3, 9e5):
        joints = np.repeat(standing[None], 5, axis=0)
        joints[..., 2] += np.linspace(0, way, 5)[:, None]
        assert path_map(Clip(joints), [0, 4], THEMES["dark"], 120).size == (120, 120)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_hero_shows_a_body_over_each_mark(walk: Callable[..., Clip], theme: str) -> None:
    prompts = ((0, "a person walks"), (31, "never seen"), (32, "a person walks on"))
    picture = hero(
        walk(60, prompts),
        RenderOptions(theme=theme, title="Walk"),
        width=900,
        height=420,
        figures=6,
    )
    pixels = np.asarray(picture).astype(int)
    warm = pixels[:300, :, 0] - pixels[:300, :, 2] > 80
    assert all(part.sum() > 300 for part in np.split(warm, 6, axis=1))


def test_a_hero_of_a_single_frame_is_drawn(walk: Callable[..., Clip]) -> None:
    assert hero(walk(1), width=800, height=400).size == (800, 400)


def test_a_hero_too_large_is_refused(walk: Callable[..., Clip]) -> None:
    with pytest.raises(ConfigError, match=r"800\.\.4000"):
        hero(walk(2), width=20_000)


@pytest.mark.parametrize(
    ("field", "value"),
    [("theme", "pink"), ("size", 100), ("size", 481), ("moments", 0), ("columns", 99),
     ("view_deg", float("nan"))],
)  # fmt: skip
def test_options_out_of_bounds_are_refused_by_name(field: str, value: object) -> None:
    fields: dict = {field: value}
    with pytest.raises(ConfigError, match=field):
        RenderOptions(**fields)


def test_stretches_cover_the_clip_without_gaps(walk: Callable[..., Clip]) -> None:
    clip = walk(30, ((4, "a"), (9, "b")))
    assert stretches(clip) == [(0, 4, ""), (4, 9, "a"), (9, 30, "b")]


def test_letters_that_the_font_lacks_are_folded_or_marked() -> None:
    assert plain("déjà vu, naïve - ok") == "deja vu, naive - ok"
    assert plain("歩く\n") == "???"


def test_fitted_text_fits_and_says_that_it_was_cut() -> None:
    assert fit("short", 20, 500) == "short"
    cut = fit(LONG, 20, 200)
    assert cut.endswith("...")
    assert text_width(cut, 20) <= 200
    assert fit(LONG, 20, 3) in ("", "...")


def test_wrapped_lines_fit_and_keep_the_words_in_order() -> None:
    lines = wrap(LONG, 18, 300, 3)
    assert len(lines) == 3
    assert all(text_width(line, 18) <= 300 for line in lines)
    assert LONG.startswith(" ".join(lines)[:-3])
    assert wrap("a few words", 18, 300, 3) == ["a few words"]
    assert wrap("", 18, 300, 3) == []
