"""Without viser there is one clear line and no page; elsewhere than at home there is a token."""

from __future__ import annotations

import logging

import pytest

from flood_bridge.config import Config, ViewerConfig
from flood_bridge.errors import ConfigError
from flood_bridge.viewer import opening
from flood_bridge.viewer.link import address
from flood_bridge.viewer.messages import Setup


def test_a_missing_extra_is_one_clear_line(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(opening, "find_spec", lambda _: None)
    with caplog.at_level(logging.WARNING):
        page = opening.open_viewer(("127.0.0.1", 8080, ""), None, None, others=lambda: True)
    assert page is None
    (line,) = caplog.messages
    assert "pip install 'flood-bridge[viewer]'" in line


@pytest.mark.parametrize(
    ("host", "token", "shown"),
    [
        ("127.0.0.1", "", "http://127.0.0.1:8081/"),
        ("::1", "", "http://[::1]:8081/"),
        ("0.0.0.0", "abc", "http://127.0.0.1:8081/?token=abc"),
        ("robot.lan", "abc", "http://robot.lan:8081/?token=abc"),
    ],
)
def test_the_address_can_be_opened_as_it_is_logged(host: str, token: str, shown: str) -> None:
    assert address(Setup(host, 8080, token), 8081) == shown


@pytest.mark.parametrize("token", ["a b", "ä", "x" * 129, "a;b", "a\n"])
def test_a_token_that_no_address_or_cookie_can_carry_is_refused(token: str) -> None:
    with pytest.raises(ConfigError, match=r"--viewer\.token"):
        ViewerConfig(token=token)


def test_the_page_is_off_and_at_home_by_default() -> None:
    assert not Config().viewer.enabled
    assert Config().viewer.host == "127.0.0.1"
