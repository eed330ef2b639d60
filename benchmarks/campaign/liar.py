"""A reverse proxy before a sandbox that lies: what comes through it is not what the sandbox said.

A liar tells lies of one kind only. Two of them together, such as a short page and a total to match, could
not be told from the truth; each alone can be noticed by who looks.
"""

from __future__ import annotations

import copy
import gzip
import json
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]

_PASSED_ON = ("Authorization", "Lightfield-Version", "Content-Type", "Idempotency-Key")
_PASSED_BACK = (
    "content-type",
    "x-ratelimit-limit",
    "x-ratelimit-remaining",
    "x-ratelimit-reset",
    "retry-after",
    "date",
)
_BOMB_BYTES = 200 << 20
_SLOW_SECONDS = 2.0


@dataclass
class Answer:
    """An answer on its way: what the sandbox said, until a lie is made of it."""

    status: int
    headers: dict[str, str]
    body: bytes
    slow: bool = False

    @property
    def page(self) -> Json | None:
        """The document, if it is a page of a list."""
        found = self.document
        return found if isinstance(found, dict) and isinstance(found.get("data"), list) else None

    @property
    def document(self) -> Any:
        """The JSON document; None where there is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def say(self, document: Any) -> None:
        """Replace the document."""
        self.body = json.dumps(document).encode()


@dataclass
class Liar:
    """What a proxy needs to know, and what it has noticed.

    Attributes:
        url: Where it listens.
        kind: The kind of its lies.
        often: How likely each answer is a lie.
        told: How many lies it has told.
        leaks: Where the API key came though nobody should have sent it there.
    """

    backend: str
    key: str
    kind: str
    often: float
    chance: random.Random
    url: str = ""
    elsewhere: str = ""
    told: int = 0
    leaks: list[str] = field(default_factory=list)
    pages: dict[str, Json] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """Answer a request, truly or not."""
        with self.lock:
            lies = self.chance.random() < self.often and path.startswith("/v1/")
            acts = self.chance.random() < 0.5 or method == "GET"  # else the sandbox never hears of it
        if not lies:
            return self._pass_on(method, path, headers, body)
        found = (
            self._pass_on(method, path, headers, body)
            if acts
            else Answer(200, {"content-type": "application/json"}, b"{}")
        )
        with self.lock:
            before = (found.status, dict(found.headers), found.body)
            LIES[self.kind](self, path, found)
            self.told += found.slow or before != (found.status, found.headers, found.body)
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


def _wrong_type(liar: Liar, _: str, answer: Answer) -> None:
    answer.headers["content-type"] = liar.chance.choice(
        ("text/html", "image/png", "", "application/json; charset=utf-7")
    )
    answer.body = liar.chance.choice((b"<html>no</html>", b"\x89PNG", b""))


def _truncated(liar: Liar, _: str, answer: Answer) -> None:
    answer.body = answer.body[: liar.chance.randrange(len(answer.body) or 1)]


def _wrong_shapes(liar: Liar, _: str, answer: Answer) -> None:
    """Put something of another type into one place of the document that no client can do without."""
    document, junk = copy.deepcopy(answer.document), liar.chance.choice((None, 5, "x", [], [[]], True))
    if not isinstance(document, dict):
        return
    record = liar.chance.choice(document["data"]) if document.get("data") else document
    if not isinstance(record, dict):
        return
    places = [name for name in ("id", "fields", "createdAt", "data", "fieldDefinitions") if name in record]
    if places and liar.chance.random() < 0.8:
        name = liar.chance.choice(places)
        if liar.chance.random() < 0.4:
            del record[name]
        elif type(record[name]) is not type(junk) and not (junk is None and name == "updatedAt"):
            record[name] = junk
        answer.say(document)
    elif liar.chance.random() < 0.5:
        answer.say(junk)


def _repeated_page(liar: Liar, path: str, answer: Answer) -> None:
    if (page := answer.page) is None or "offset" not in path:
        return
    collection = path.partition("?")[0]
    if before := liar.pages.get(collection):
        answer.say(before)
    liar.pages[collection] = page


def _short_page(liar: Liar, path: str, answer: Answer) -> None:
    if (page := answer.page) and len(page["data"]) > 1 and "offset" in path:
        del page["data"][-liar.chance.randint(1, 2) :]
        answer.say(page)


def _wrong_total(liar: Liar, _: str, answer: Answer) -> None:
    if page := answer.page:
        page["totalCount"] = liar.chance.choice((0, 1, -1, 10**9, None, "many", 2.5, [], True))
        answer.say(page)


def _garbled_gzip(liar: Liar, _: str, answer: Answer) -> None:
    answer.headers["content-encoding"] = liar.chance.choice(("gzip", "deflate", "br", "zstd", "nonsense"))
    answer.body = liar.chance.choice((b"garbage", gzip.compress(answer.body)[:-6], b""))


def _bomb(_: Liar, __: str, answer: Answer) -> None:
    answer.headers["content-encoding"] = "gzip"
    answer.body = _BOMB


def _redirect(liar: Liar, path: str, answer: Answer) -> None:
    answer.status = liar.chance.choice((300, 301, 302, 303, 307, 308))
    answer.headers["location"] = liar.chance.choice(
        (
            liar.elsewhere + path,
            liar.elsewhere,
            path,
            "//127.0.0.1:1/",
            "http://[",
            "",
            "file:///etc/passwd",
            "javascript:1",
        )
    )


def _echo(liar: Liar, _: str, answer: Answer) -> None:
    said = f"Bearer {liar.key}"
    answer.status = liar.chance.choice((200, 400, 401, 403, 404, 409, 422, 500, 503))
    answer.headers |= {"x-echo": said, "retry-after": said, "x-ratelimit-reset": said, "date": said}
    answer.body = liar.chance.choice(
        (
            json.dumps({"error": {"type": said, "message": said, "code": said, "param": said}}).encode(),
            json.dumps({said: said}).encode(),
            f"<html>{said}</html>".encode(),
            json.dumps(
                {"id": said, "createdAt": said, "fields": {said: {"value": said, "valueType": said}}}
            ).encode(),
        )
    )


def _slow(_: Liar, __: str, answer: Answer) -> None:
    answer.slow = True


def _unknown_status(liar: Liar, _: str, answer: Answer) -> None:
    answer.status = liar.chance.choice(
        (202, 204, 206, 226, 299, 402, 408, 410, 418, 423, 451, 499, 501, 520, 599, 600, 999)
    )


def _retry_after(liar: Liar, _: str, answer: Answer) -> None:
    answer.status = liar.chance.choice((429, 503))
    answer.headers["retry-after"] = liar.chance.choice(
        (
            "-5",
            "soon",
            "nan",
            "1e3",
            "",
            "0",
            "0.01",
            "١",
            "Wed, 21 Oct 2015 07:28:00 GMT",
            "Wed, 99 Foo",
            "inf",
            "9" * 400,
        )
    )
    answer.headers |= {
        "x-ratelimit-limit": "-1",
        "x-ratelimit-remaining": "many",
        "x-ratelimit-reset": "1e99",
    }


LIES: dict[str, Callable[[Liar, str, Answer], None]] = {
    "wrong-type": _wrong_type,
    "truncated": _truncated,
    "wrong-shapes": _wrong_shapes,
    "repeated-page": _repeated_page,
    "short-page": _short_page,
    "wrong-total": _wrong_total,
    "garbled-gzip": _garbled_gzip,
    "bomb": _bomb,
    "redirect": _redirect,
    "echo": _echo,
    "slow": _slow,
    "unknown-status": _unknown_status,
    "retry-after": _retry_after,
}
_BOMB = gzip.compress(b'{"data": "' + b"a" * _BOMB_BYTES + b'"}')


@contextmanager
def lying(liar: Liar) -> Iterator[Liar]:
    """Let it listen, and a second server, where nothing should ever bring the key."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # head and body in one packet

        def _do(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            _write(self, liar.answer(self.command, self.path, self.headers, body))

        do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    class Elsewhere(Handler):
        def _do(self) -> None:
            if liar.key in f"{self.path} {self.headers}":
                liar.leaks.append(f"{self.command} {self.path}")
            _write(self, Answer(200, {"content-type": "application/json"}, b"{}"))

        do_GET = do_POST = do_PUT = do_DELETE = _do  # noqa: N815

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), handler) for handler in (Handler, Elsewhere)]
    for server in servers:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    liar.url, liar.elsewhere = (f"http://127.0.0.1:{server.server_port}" for server in servers)
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
