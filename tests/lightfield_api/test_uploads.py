"""Files on their way to a signed URL: whole, in pieces, and with nothing of ours but their bytes."""

from __future__ import annotations

import io
import threading
import tracemalloc
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import UnexpectedAnswer
from lightfield_api.retries import RetryPolicy
from lightfield_api.uploads import UploadFailed

CONTENT = b"Ann: hello\nBob: hello\n"


class Storage:
    """Keeps what it is sent, and answers with these statuses: 0 breaks off, the last repeats."""

    def __init__(self) -> None:
        self.statuses = [200]
        self.headers: dict[str, str] = {}
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.received = 0
        self.keeps = True
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        storage = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_PUT(self) -> None:
                left, body = int(self.headers.get("Content-Length", 0)), b""
                while left:
                    piece = self.rfile.read(min(left, 1 << 16))
                    if not piece:
                        break
                    storage.received += len(piece)
                    left -= len(piece)
                    body += piece if storage.keeps else b""
                headers = {name.lower(): value for name, value in self.headers.items()}
                storage.requests.append((headers, body))
                status = storage.statuses.pop(0) if len(storage.statuses) > 1 else storage.statuses[0]
                self.close_connection = True
                if status:
                    self.send_response_only(status)
                    for name, value in {"Content-Length": "0", **storage.headers}.items():
                        self.send_header(name, value)
                    self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        return Handler


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A file to upload."""
    path = tmp_path / "notes.txt"
    path.write_bytes(CONTENT)
    return path


@pytest.fixture
def storage() -> Iterator[Storage]:
    storage = Storage()
    yield storage
    storage.stop()


@pytest.fixture
def client(storage: Storage) -> Iterator[LightfieldClient]:
    # A storage that waits for the rest of what has become shorter is left soon.
    policy = RetryPolicy(first_wait=0.0, silence=1.0)
    with LightfieldClient("sk_lf_secret", api_url=storage.url, retry_policy=policy) as client:
        yield client


def test_exactly_the_given_headers_go_there(
    storage: Storage,
    client: LightfieldClient,
    path: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    storage.headers["Set-Cookie"] = "session=1; Path=/"

    for _ in range(2):
        with path.open("rb") as file:
            client.upload(f"{storage.url}/x?signature=s", {"Content-Type": "text/plain", "x-a": "b"}, file)

    host = storage.url.removeprefix("http://")
    assert storage.requests == 2 * [
        ({"host": host, "content-length": "22", "content-type": "text/plain", "x-a": "b"}, CONTENT)
    ]


def test_an_empty_file_has_a_length_too(storage: Storage, client: LightfieldClient, path: Path) -> None:
    path.write_bytes(b"")
    with path.open("rb") as file:
        client.upload(storage.url, {}, file)

    [(headers, body)] = storage.requests
    assert (headers["content-length"], body) == ("0", b"")
    assert "transfer-encoding" not in headers


@pytest.mark.parametrize("status", [200, 201, 204])
def test_any_success_is_one(storage: Storage, client: LightfieldClient, path: Path, status: int) -> None:
    storage.statuses = [status]
    with path.open("rb") as file:
        client.upload(storage.url, {}, file)

    assert len(storage.requests) == 1


@pytest.mark.parametrize("statuses", [[500, 200], [503, 503, 201], [0, 200], [429, 204]])
def test_what_may_pass_is_tried_again_from_the_first_byte(
    storage: Storage, client: LightfieldClient, path: Path, statuses: list[int]
) -> None:
    storage.statuses = list(statuses)
    with path.open("rb") as file:
        client.upload(storage.url, {}, file)

    assert [body for _, body in storage.requests] == [CONTENT] * len(statuses)


@pytest.mark.parametrize("status", [301, 307, 400, 403, 404, 501])
def test_a_refusal_is_not_tried_again_and_no_redirect_followed(
    storage: Storage, client: LightfieldClient, path: Path, status: int
) -> None:
    storage.statuses, storage.headers["Location"] = [status], f"{storage.url}/elsewhere"
    with path.open("rb") as file, pytest.raises(UploadFailed) as raised:
        client.upload(f"{storage.url}/?signature=s", {}, file)

    assert str(status) in str(raised.value)
    assert "signature" not in str(raised.value)
    assert len(storage.requests) == 1


def test_a_file_that_becomes_shorter_on_the_way_is_given_up_at_once(
    storage: Storage, client: LightfieldClient
) -> None:
    class Shrinking(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            self.truncate(self.tell())
            return super().read(size)

    with pytest.raises(UploadFailed, match="shorter"):
        client.upload(storage.url, {}, Shrinking(CONTENT))


def test_one_that_never_works_ends(storage: Storage, client: LightfieldClient, path: Path) -> None:
    storage.statuses = [500]
    with path.open("rb") as file, pytest.raises(UploadFailed):
        client.upload(storage.url, {}, file)

    assert len(storage.requests) == 4


@pytest.mark.parametrize(
    "url",
    [
        "http://storage.example/x", "http://169.254.169.254/x", "ftp://127.0.0.1/x", "file:///etc/passwd",
        "//127.0.0.1/x", "https://user:password@storage.example/x", "https://", "",
        "https://storage.example/x?key=sk_lf_secret",
    ],
)  # fmt: skip
def test_a_url_that_is_neither_https_nor_this_machine_gets_nothing(
    client: LightfieldClient, path: Path, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setattr("requests.Session.send", lambda *_, **__: pytest.fail("something was sent"))
    with path.open("rb") as file, pytest.raises(UnexpectedAnswer) as raised:
        client.upload(url, {}, file)

    assert "secret" not in str(raised.value)


def test_the_key_does_not_go_there_should_the_server_ask_for_it(
    storage: Storage, client: LightfieldClient, path: Path
) -> None:
    with path.open("rb") as file, pytest.raises(UnexpectedAnswer):
        client.upload(storage.url, {"Authorization": "Bearer sk_lf_secret"}, file)

    assert storage.requests == []


@pytest.mark.parametrize("headers", [{"a": "b\r\nc: d"}, {"ä": "b"}, {"a": "\u20ac"}])
def test_headers_that_none_can_be_fail_in_one_sentence(
    storage: Storage, client: LightfieldClient, path: Path, headers: dict[str, str]
) -> None:
    with path.open("rb") as file, pytest.raises(UploadFailed):
        client.upload(storage.url, headers, file)


def test_a_file_is_streamed(storage: Storage, client: LightfieldClient, tmp_path: Path) -> None:
    path = tmp_path / "large"
    with path.open("wb") as large:
        large.truncate(24 << 20)
    storage.keeps = False
    with path.open("rb") as file:
        tracemalloc.start()
        try:
            client.upload(storage.url, {}, file)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert storage.received == 24 << 20
    assert peak < 6 << 20
