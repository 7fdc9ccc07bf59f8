"""Who may open the page: decided from the request alone, without any network.

A page on loopback is still within reach of every web site that the same person has open: sites can
make a browser connect to 127.0.0.1, or point a name of theirs at it (DNS rebinding). Hence the
origin of a connection must be the page itself, and a page on loopback answers to loopback names
only. A page that listens elsewhere asks for a token, which a cookie then remembers.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, urlsplit

_LOOPBACK_NAMES = {"localhost"}

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval';"
        " connect-src 'self' data: blob: ws: wss:; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Of every answer: the browser may load nothing from elsewhere, and tells nobody the token."""


def is_loopback(host: str) -> bool:
    """Return whether ``host`` is this machine alone."""
    if host.lower() in _LOOPBACK_NAMES:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class Gate:
    """The rule of one page."""

    host: str
    """What is listened on."""
    port: int
    token: str
    """Asked of everyone; empty asks nothing."""

    @property
    def cookie(self) -> str:
        """Name of the cookie that remembers the token."""
        return f"flood_viewer_{self.port}"

    def refusal(self, path: str, headers: Mapping[str, str]) -> str | None:
        """Return why a request is refused, or None."""
        host = headers.get("Host", "")
        if is_loopback(self.host) and not is_loopback(_hostname(host)):
            return f"this page answers to localhost only, not to {host!r}"
        origin = headers.get("Origin")
        if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
            return f"a page of {origin!r} may not connect here"
        if self.token and not (self.shows_token(path) or self._remembers(headers)):
            return "this page needs the token that the daemon printed: open /?token=..."
        return None

    def shows_token(self, path: str) -> bool:
        """Return whether ``path`` carries the token."""
        given = parse_qs(urlsplit(path).query).get("token", [""])[0]
        return bool(self.token) and compare_digest(given.encode(), self.token.encode())

    def _remembers(self, headers: Mapping[str, str]) -> bool:
        try:
            given = SimpleCookie(headers.get("Cookie", "")).get(self.cookie)
        except CookieError:
            return False
        return given is not None and compare_digest(given.value.encode(), self.token.encode())


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
