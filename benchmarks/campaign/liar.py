"""A reverse proxy before a sandbox that lies: what comes through it is not always what the sandbox said."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from benchmarks.campaign.lies import LIES, Answer, Teller

_PASSED_ON = ("Authorization", "Lightfield-Version", "Content-Type", "Idempotency-Key")
_PASSED_BACK = frozenset(
    ("content-type", "date", "retry-after", *(f"x-ratelimit-{of}" for of in ("limit", "remaining", "reset")))
)
_ACTING = ("short-page", "repeated-page", "wrong-total", "slow", "bomb")
_SLOW_SECONDS = 2.0
_NOT_DONE = frozenset(range(400, 500)) - {408, 499}
"""Statuses that say that a write was not done: of one that was, no client could tell that lie.

Nor could it tell a refusal in the API's own words from a true one, which rejects a row or hides a stream.
"""


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that are killed, or that leave in the middle of a lie."""


@dataclass
class Liar:
    """A proxy that lies.

    Attributes:
        backend: The sandbox behind it.
        key: The API key.
        kind: The kind of its lies.
        often: How likely each answer is a lie.
        url: Where it listens.
        told: How many lies it has told.
        leaks: Where the API key came though nobody should have sent it there.
    """

    backend: str
    key: str
    kind: str
    often: float
    chance: random.Random
    url: str = ""
    told: int = 0
    leaks: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.teller = Teller(self.key, self.chance)
        self._lock = threading.Lock()

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a request, truly or not; where it lies, half of the writes have not been done."""
        with self._lock:
            lies = self.chance.random() < self.often and path.startswith("/v1/")
            acts = self.chance.random() < 0.5 or method == "GET" or self.kind in _ACTING
        if lies and not acts:
            found = Answer(200, {"content-type": "application/json"}, b"{}")
        else:
            found = self._pass_on(method, path, headers, body)
        if lies:
            with self._lock:
                before = (found.status, dict(found.headers), found.body)
                LIES[self.kind](self.teller, path, found)
                made_up = before != (found.status, found.headers, found.body)
                hides_a_write = acts and method != "GET" and found.status in _NOT_DONE
                if hides_a_write or (made_up and found.is_refusal):
                    found.status = 503
                self.told += not acts or found.slow or before != (found.status, found.headers, found.body)
        return found

    def _pass_on(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        parts = urlsplit(self.backend)
        connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        kept = {name: headers[name] for name in _PASSED_ON if name in headers}
        if not path.startswith("/v1/"):
            kept = dict(headers.items())
        connection.request(method, path, body or None, kept)
        answer = connection.getresponse()
        content = answer.read().replace(self.backend.encode(), self.url.encode())
        connection.close()
        passed = {k.lower(): v for k, v in answer.getheaders() if k.lower() in _PASSED_BACK}
        return Answer(answer.status, passed, content)


@contextmanager
def lying(liar: Liar) -> Iterator[Liar]:
    """Let it listen, and a second server, where nothing should ever bring the key."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            _write(self, liar.answer(self.command, self.path, dict(self.headers.items()), body))

        do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    class Elsewhere(Handler):
        def _do(self) -> None:
            if liar.key in f"{self.path} {self.headers}":
                liar.leaks.append(f"{self.command} {self.path}")
            _write(self, Answer(200, {"content-type": "application/json"}, b"{}"))

        do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815

    servers = [_Server(("127.0.0.1", 0), handler) for handler in (Handler, Elsewhere)]
    for server in servers:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    liar.url, liar.teller.elsewhere = (f"http://127.0.0.1:{server.server_port}" for server in servers)
    try:
        yield liar
    finally:
        for server in servers:
            server.shutdown()
            server.server_close()


def _write(handler: BaseHTTPRequestHandler, answer: Answer) -> None:
    try:
        handler.send_response_only(answer.status, "Said")
        for name, value in {**answer.headers, "content-length": str(len(answer.body))}.items():
            handler.send_header(name, value.encode("utf-8", "replace").decode("latin-1"))
        handler.end_headers()
        if answer.slow:
            for at in range(0, len(answer.body), 1 + len(answer.body) // 20):
                handler.wfile.write(answer.body[at : at + 1 + len(answer.body) // 20])
                handler.wfile.flush()
                time.sleep(_SLOW_SECONDS / 20)
        else:
            handler.wfile.write(answer.body)
        handler.wfile.flush()
    except OSError:
        handler.close_connection = True
