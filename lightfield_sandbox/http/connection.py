"""What ASGI has no means for: to reset a connection, to stay silent, to break off an answer."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

_KEY = "lightfield_sandbox.transport"
_SILENCE_SECONDS = 3600


class ExposeTransport:
    """Puts the connection's transport into the ASGI scope. It has to be the outermost ASGI layer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Run the application."""
        # Here `send` is a bound method of uvicorn's own request object; Starlette wraps it further in.
        scope[_KEY] = getattr(getattr(send, "__self__", None), "transport", None)
        await self._app(scope, receive, send)


async def reset(scope: Scope, receive: Receive) -> None:
    """Drop the connection so that the client sees a reset, not an orderly close."""
    transport = scope[_KEY]
    held: Any = transport.get_extra_info("socket")
    if held is not None:
        # With a linger time of 0, close() sends RST.
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _gone(receive)


async def hang(receive: Receive) -> None:
    """Answer nothing until the client has closed the connection."""
    with contextlib.suppress(asyncio.TimeoutError):
        await asyncio.wait_for(_gone(receive), _SILENCE_SECONDS)


async def truncate(
    scope: Scope, receive: Receive, send: Send, status: int, body: bytes, headers: dict[str, str]
) -> None:
    """Send half of what `Content-Length` promises, and close the connection.

    Args:
        scope: The ASGI scope, with the transport.
        receive: The ASGI channel in.
        send: The ASGI channel out.
        status: The status of the answer.
        body: The whole body, of which half is sent.
        headers: The headers beside `Content-Length`.
    """
    promised = {"Content-Type": "application/json", **headers, "Content-Length": str(max(2, len(body)))}
    raw = [(name.lower().encode(), value.encode()) for name, value in promised.items()]
    await send({"type": "http.response.start", "status": status, "headers": raw})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    scope[_KEY].close()
    await _gone(receive)


async def _gone(receive: Receive) -> None:
    """Wait until uvicorn knows that the connection is closed; if we returned earlier, it would answer 500."""
    while (await receive())["type"] != "http.disconnect":
        pass
