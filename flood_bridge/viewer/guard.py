"""A guard around the web server that viser opens: who gets in, how much they may say.

Viser listens through ``websockets.asyncio.server.serve`` and offers neither tokens nor limits of
its own, so :func:`guard` puts a guarded form of that one function into its place. It is called in
the viewer's own process only, where nothing else uses the library.
"""

from __future__ import annotations

import asyncio
import http
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec.msgpack
import websockets.asyncio.server
from websockets.asyncio.server import ServerConnection
from websockets.datastructures import Headers
from websockets.http11 import Request, Response

from flood_bridge.viewer.admission import HEADERS, Gate

MAX_WATCHERS = 32
MAX_MESSAGE_BYTES = 16 * 1024
MAX_TEXT = 2048
"""Longest text in a field of the page, characters; prompts are shorter still."""
MESSAGES_PER_SEC, BURST = 150.0, 300.0
"""What one browser may send before it has to wait; a dragged camera sends 60 a second."""
MAX_PORTS = 16
"""Ports that are tried, one after another, when they are in use."""

_HEARD = {
    "ViewerCameraMessage", "GuiUpdateMessage", "GuiFormSubmitMessage", "GuiFormDirtyMessage",
    "FileTransferPartAck",
}  # fmt: skip
"""Everything else that viser knows (uploads, sharing over the internet, drags) is dropped."""


def guard(make_gate: Callable[[int], Gate], give_up: Callable[[str], None]) -> None:
    """Make every server that this process opens a guarded one.

    Args:
        make_gate: Makes the rule for a port.
        give_up: Called when no port can be opened.
    """
    serve = websockets.asyncio.server.serve
    attempts = 0

    def guarded(handler: Any, host: str, port: int, **options: Any) -> Any:
        nonlocal attempts
        attempts += 1
        if attempts > MAX_PORTS:
            give_up(f"{host} port {port - MAX_PORTS} and {MAX_PORTS - 1} after it cannot be opened")
        door = _Door(make_gate(port), handler, options["process_request"])
        options |= {
            "process_request": door.request,
            "max_size": MAX_MESSAGE_BYTES,
            "max_queue": 16,
            "server_header": None,
        }
        return serve(door.handle, host, port, **options)

    websockets.asyncio.server.serve = guarded  # type: ignore[assignment]


class _Door:
    def __init__(
        self,
        gate: Gate,
        handler: Callable[[ServerConnection], Awaitable[None]],
        answer: Callable[[ServerConnection, Request], Response | None],
    ) -> None:
        self._gate = gate
        self._handler = handler
        self._answer = answer
        self._inside = 0

    def request(self, connection: ServerConnection, request: Request) -> Response | None:
        """Answer a request for the page; None lets a socket through."""
        refusal = self._gate.refusal(request.path, dict(request.headers.raw_items()))
        if refusal is not None:
            return _plain(http.HTTPStatus.FORBIDDEN, refusal)
        wants_socket = request.headers.get("Upgrade", "").lower() == "websocket"
        if wants_socket and self._inside >= MAX_WATCHERS:
            return _plain(http.HTTPStatus.SERVICE_UNAVAILABLE, f"{MAX_WATCHERS} people watch")
        response = None if wants_socket else self._answer(connection, request)
        if response is not None:
            response.headers.update(HEADERS)
            if self._gate.shows_token(request.path):
                response.headers["Set-Cookie"] = (
                    f"{self._gate.cookie}={self._gate.token}; HttpOnly; SameSite=Strict; Path=/"
                )
        return response

    async def handle(self, connection: ServerConnection) -> None:
        """Serve one browser until it leaves."""
        if self._inside >= MAX_WATCHERS:
            return
        self._inside += 1
        connection.recv = _bounded(connection.recv)  # type: ignore[method-assign]
        try:
            await self._handler(connection)
        finally:
            self._inside -= 1


def _bounded(recv: Callable[[], Awaitable[Any]]) -> Callable[[], Awaitable[bytes]]:
    """Return ``recv`` that makes its sender wait when he says too much, and drops what is odd."""
    clock = asyncio.get_running_loop().time
    allowance, then = BURST, clock()

    async def receive() -> bytes:
        nonlocal allowance, then
        while True:
            message = await recv()
            now = clock()
            allowance = min(BURST, allowance + (now - then) * MESSAGES_PER_SEC) - 1
            then = now
            if allowance < 0:
                await asyncio.sleep(-allowance / MESSAGES_PER_SEC)
            if is_expected(message):
                return message

    return receive


def is_expected(message: bytes | str) -> bool:
    """Return whether ``message`` is one that our page sends."""
    if isinstance(message, str):
        return False
    try:
        content = msgspec.msgpack.decode(message)
    except (msgspec.DecodeError, ValueError, RecursionError):
        return False
    if not isinstance(content, dict) or content.get("type") not in _HEARD:
        return False
    return content["type"] != "GuiUpdateMessage" or _is_value(content.get("updates"))


def _is_value(updates: object) -> bool:
    """Return whether ``updates`` of a control change its value and nothing else."""
    if not isinstance(updates, dict) or set(updates) != {"value"}:
        return False
    value = updates["value"]
    if isinstance(value, str):
        return len(value) <= MAX_TEXT
    return isinstance(value, bool | int | float)


def _plain(status: http.HTTPStatus, text: str) -> Response:
    body = f"{text}\n".encode()
    headers = Headers(HEADERS)
    headers["Content-Type"] = "text/plain; charset=utf-8"
    headers["Content-Length"] = str(len(body))
    return Response(status.value, status.phrase, headers, body)
