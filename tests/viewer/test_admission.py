"""Other sites, other names and strangers without the token get nothing."""

from __future__ import annotations

import pytest

from flood_bridge.viewer.admission import Gate, is_loopback

HOME = Gate("127.0.0.1", 8080, "")
AWAY = Gate("0.0.0.0", 8080, "secret")


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost:9000", "[::1]:8080"])
def test_a_page_at_home_needs_no_token(host: str) -> None:
    assert HOME.refusal("/", {"Host": host}) is None
    assert HOME.refusal("/", {"Host": host, "Origin": f"http://{host}"}) is None


@pytest.mark.parametrize("host", ["evil.example:8080", "192.168.1.4:8080", "", "[::1", "a@b"])
def test_a_page_at_home_answers_to_no_other_name(host: str) -> None:
    reason = HOME.refusal("/", {"Host": host})
    assert reason is not None
    assert "localhost only" in reason


@pytest.mark.parametrize("gate", [HOME, AWAY])
@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:9999", ""])
def test_other_sites_cannot_connect(gate: Gate, origin: str) -> None:
    given = {"Host": "127.0.0.1:8080", "Origin": origin, "Cookie": "flood_viewer_8080=secret"}
    assert "may not connect" in (gate.refusal("/", given) or "")


def test_away_from_home_the_token_opens_and_a_cookie_remembers_it() -> None:
    host = {"Host": "robot.lan:8080"}
    assert AWAY.refusal("/?token=secret", host) is None
    assert AWAY.refusal("/", host | {"Cookie": "a=b; flood_viewer_8080=secret"}) is None


@pytest.mark.parametrize(
    ("path", "cookie"),
    [
        ("/", ""),
        ("/?token=", ""),
        ("/?token=secre", ""),
        ("/?token=Secret", ""),
        ("/?TOKEN=secret", ""),
        ("/?token=sécret", ""),
        ("/", "flood_viewer_8081=secret"),
        ("/", "flood_viewer_8080="),
        ("/", "flood_viewer_8080; ;;\x00=secret"),
    ],
)
def test_without_the_token_there_is_only_the_reason(path: str, cookie: str) -> None:
    reason = AWAY.refusal(path, {"Host": "robot.lan:8080", "Cookie": cookie})
    assert "needs the token" in (reason or "")


def test_the_empty_token_is_never_shown() -> None:
    assert not HOME.shows_token("/?token=")


@pytest.mark.parametrize(
    ("host", "inside"),
    [("127.0.0.1", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False)],
)
def test_what_listens_on_this_machine_alone(host: str, inside: bool) -> None:
    assert is_loopback(host) == inside
