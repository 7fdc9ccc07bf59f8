"""In a real Chromium, offline: the page loads, the figure moves, one steers, the next takes over.

The browser is driven by bench/viewer_chromium.py.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from flood_bridge.commands import SetPrompt

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def first(browser: Any, page: Any) -> Any:
    """Return the first one's tab; the page has loaded."""
    page.play(1)
    tab = browser.open(f"http://127.0.0.1:{page.port}/")
    page.wait_for(lambda: "you steer" in tab.text, "the page loads", secs=0.2)
    return tab


def changed(before: np.ndarray, after: np.ndarray) -> float:
    """Return the share of pixels that are clearly different."""
    return float((np.abs(before.astype(int) - after.astype(int)).max(axis=2) > 24).mean())


def test_the_figure_moves_on_the_canvas(page: Any, first: Any) -> None:
    still = first.picture()
    page.wait_for(lambda: changed(still, first.picture()) > 0.002, "the figure moves", secs=0.5)


def test_a_typed_prompt_changes_the_motion_and_the_time_line(page: Any, first: Any) -> None:
    first.type("Prompt", "a person jumps")
    command = page.next_command()
    assert isinstance(command, SetPrompt)
    assert command.text == "a person jumps"
    page.wait_for(lambda: "coming" in first.text, "the prompt is coming", secs=0.2)
    page.applied(command)
    page.wait_for(lambda: "coming" not in first.text, "the prompt plays", secs=0.2)
    assert "a person jumps" in first.text


def test_another_watches_and_takes_over_when_the_first_has_gone(
    browser: Any, page: Any, first: Any
) -> None:
    second = browser.open(f"http://127.0.0.1:{page.port}/")
    page.wait_for(lambda: "Viewer 1 steers" in second.text, "the second watches", secs=0.2)
    assert "Send" not in second.text
    first.leave()
    page.wait_for(lambda: "nobody steers" in second.text, "the first has gone", secs=0.2)
    second.press("Take over")
    page.wait_for(lambda: "you steer" in second.text, "the second steers", secs=0.2)
    page.wait_for(lambda: "Send" in second.text, "the controls appear", secs=0.2)


def test_nothing_was_loaded_from_elsewhere_and_nothing_failed(
    browser: Any, page: Any, first: Any
) -> None:
    assert first
    assert {each.split("/")[2] for each in browser.requests} == {f"127.0.0.1:{page.port}"}
    assert browser.failures == []
