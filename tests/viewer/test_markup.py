"""What people typed cannot become markup, and the panel keeps its height."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from hypothesis import given, settings
from hypothesis import strategies as st

from flood_bridge.events import SafetyReport, Status
from flood_bridge.viewer import markup
from flood_bridge.viewer.measures import Measures
from flood_bridge.viewer.programme import Segment

TAGS = {"div", "span", "b", "svg", "line", "polyline", "br"}
_STATES = st.sampled_from(["next", "waiting"])


class _Tags(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert not [name for name, _ in attrs if name.startswith("on")]
        self.found.add(tag)


@settings(deadline=None)
@given(st.text(), st.lists(st.tuples(st.text(), _STATES), max_size=9))
def test_texts_stay_texts(text: str, coming: list[tuple[str, str]]) -> None:
    segments = [Segment(text, 4.0, "now", 0.5, 2.0)]
    segments += [Segment(each, 2.0, state) for each, state in coming]
    html = markup.strip(segments, held=False) + markup.headline(text, text, steering=True)
    html += markup.safety((SafetyReport(0, text, text),))
    assert _Tags(html).found <= TAGS


def test_an_attack_is_shown_as_it_was_typed() -> None:
    typed = '"><img src=x onerror=alert(1)>'
    html = markup.strip([Segment(typed, None, "now"), Segment(typed, 1.0, "waiting")], held=False)
    assert "<img" not in html
    assert "&lt;img" in html


def test_the_time_line_has_one_row_for_whatever_comes() -> None:
    def rows(count: int) -> int:
        waiting = [Segment("hop", 2.0, "waiting")] * count
        html = markup.strip([Segment("walk", None, "now"), *waiting], held=False)
        return len(re.findall("<div", html))

    assert rows(0) == rows(1) == rows(30)


def test_plots_stay_in_their_frame_and_empty_ones_are_drawn_too() -> None:
    assert "<polyline" in markup.spark([], "red")
    for values in ([0.0], [5.0], [1.0, 200.0, -3.0], [0.0, 0.0]):
        points = re.findall(r"([\d.-]+),([\d.-]+)", markup.spark(values, "red"))
        assert all(0 <= float(y) <= 20 for _, y in points)


def test_measures_are_told_as_they_come() -> None:
    measures = Measures(None)
    assert "numbers come" in markup.meters(measures)
    measures.tell(Status(1.0, 1, "walk", "running", 200.0, 60.0, 220.0, 2, 180))
    html = markup.meters(measures)
    assert all(each in html for each in ("180 ms", "200 fps", "60.0 fps", "220 ms", ">2<"))
