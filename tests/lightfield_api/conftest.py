"""A scripted HTTP server and a clock that only moves when somebody waits."""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import hypothesis
import pytest

from lightfield_api.client import LightfieldClient

hypothesis.settings.register_profile("no_deadline", deadline=None)  # the machine may be busy
hypothesis.settings.load_profile("no_deadline")

KEY = "sk_lf_SECRETsecretSECRET"


@dataclass
class Answer:
    """One scripted answer."""

    status: int = 200
    body: Any = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    """Sent instead of everything else, after which the connection is closed."""
    hang: bool = False
    """Never answer."""
    pieces: Callable[[], Iterable[bytes]] | None = None
    """Sent instead of everything else, one after the other, for as long as the client stays."""


@dataclass
class Request:
    """One request as it came over the wire."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def header(self, name: str) -> str | None:
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(found) <= 1, f"{name} was sent twice"
        return found[0] if found else None


class ScriptedServer:
    """Answers with what it was given, in order; the last answer is repeated. Records every request."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers) or [Answer()]
        self.requests: list[Request] = []
        self.connections = 0
        self.released = threading.Event()
        self._lock = threading.Lock()
        self._http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def port(self) -> int:
        return self._http.server_address[1]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()

    def _next(self, request: Request) -> Answer:
        with self._lock:
            self.requests.append(request)
            return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    def _handler(self) -> type[http.server.BaseHTTPRequestHandler]:
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                server.connections += 1
                super().setup()

            def answer(self) -> None:
                line = self.raw_requestline.decode("latin-1").strip()
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                answer = server._next(Request(line, self.headers.items(), body))
                if answer.hang:
                    server.released.wait(300)
                    self.close_connection = True
                elif answer.pieces is not None:
                    with suppress(OSError):  # the client has left
                        for piece in answer.pieces():
                            self.wfile.write(piece)
                elif answer.raw is not None:
                    self.wfile.write(answer.raw)
                    self.close_connection = True
                else:
                    self.write(answer)

            do_GET = do_POST = do_PUT = do_DELETE = do_CONNECT = answer  # noqa: N815 - http.server's names

            def write(self, answer: Answer) -> None:
                content = answer.body if isinstance(answer.body, bytes) else json.dumps(answer.body).encode()
                headers = {"Content-Type": "application/json", "Content-Length": str(len(content))}
                self.send_response_only(answer.status)
                for name, value in {**headers, **answer.headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def serve() -> Iterator[Callable[..., ScriptedServer]]:
    """Start a server that gives these answers."""
    servers: list[ScriptedServer] = []

    def start(*answers: Answer) -> ScriptedServer:
        servers.append(ScriptedServer(*answers))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.fixture
def connect() -> Iterator[Callable[..., LightfieldClient]]:
    """Return a client of a server or URL; it is closed at the end."""
    clients: list[LightfieldClient] = []

    def start(server: ScriptedServer | str, key: str = KEY, **options: Any) -> LightfieldClient:
        url = server if isinstance(server, str) else server.url
        clients.append(LightfieldClient(key, api_url=url, **options))
        return clients[-1]

    yield start
    for client in clients:
        client.close()


class Clock:
    """A monotonic clock that only a wait moves: it takes no real time, and every wait is on record."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.sleeps: list[float] = []
        self.waits: list[float] = []
        self._events: list[tuple[float, Callable[[], None]]] = []

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0, f"time.sleep({seconds}) would raise"
        self.sleeps.append(seconds)
        self.now += seconds

    def during_a_wait(self, at: float, event: Callable[[], None]) -> None:
        """Let something happen at this time, while somebody waits for a condition."""
        self._events.append((at, event))
        self._events.sort(key=lambda item: item[0])

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        end = self.now + seconds
        if self._events and self._events[0][0] <= end:
            end, event = self._events.pop(0)
            self.now = max(self.now, end)
            event()
        else:
            self.now = end


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Let the retries and the rate limit live by a clock of their own."""
    clock = Clock()

    class Condition(threading.Condition):
        def wait(self, timeout: float | None = None) -> bool:
            assert timeout is not None
            assert timeout <= threading.TIMEOUT_MAX, "the real one would raise OverflowError"
            clock.wait(timeout)
            return True

    times = SimpleNamespace(monotonic=clock.monotonic, sleep=clock.sleep, time=time.time)
    for module in ("backoff._sync", "backoff._common", "lightfield_api.retries", "lightfield_api.rate_limit"):
        monkeypatch.setattr(f"{module}.time", times)
    threads = SimpleNamespace(Lock=threading.Lock, Condition=Condition, TIMEOUT_MAX=threading.TIMEOUT_MAX)
    monkeypatch.setattr("lightfield_api.rate_limit.threading", threads)
    return clock


class JumpingTime:
    """A clock that a server can set forward while it answers."""

    def __init__(self) -> None:
        self.ahead = 0.0

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead

    def dripped(self, head: bytes, piece: bytes, *, seconds: float = 10.0) -> Answer:
        """Return an answer whose pieces are so many seconds apart, and never end."""

        def pieces() -> Iterator[bytes]:
            yield head
            while True:
                self.ahead += seconds
                yield piece

        return Answer(pieces=pieces)


@pytest.fixture
def jumping(monkeypatch: pytest.MonkeyPatch) -> JumpingTime:
    """Let the pace of answers go by a clock that jumps."""
    jumping = JumpingTime()
    monkeypatch.setattr("lightfield_api.transport.time", jumping)
    return jumping


@pytest.fixture
def slow_storage(jumping: JumpingTime) -> Iterator[str]:
    """Return the URL of a storage that takes a minute for each 16 KiB."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            while self.rfile.read(1 << 14):
                jumping.ahead += 61

        def log_message(self, *_: object) -> None:
            pass

    storage = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    storage.daemon_threads = True
    threading.Thread(target=storage.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{storage.server_port}/x"
    storage.shutdown()
    storage.server_close()


@pytest.fixture
def impatient(retry_policy: Callable[..., None]) -> None:
    """Let a read time out soon."""
    retry_policy(silence=0.2)
