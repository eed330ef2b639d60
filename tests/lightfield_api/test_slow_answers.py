"""Answers that never end or are far too large are given up, and connections kept for the others."""

from __future__ import annotations

import gzip
import io
import tracemalloc
import zlib
from collections.abc import Iterator

import pytest
import requests

from lightfield_api.errors import NoAnswer, UnexpectedAnswer
from lightfield_api.retries import RetryPolicy
from lightfield_api.signed_urls import SignedSession, reason_of
from lightfield_api.uploads import UploadFailed
from tests.lightfield_api.conftest import Answer

OK = b"HTTP/1.1 200 OK\r\n"
ENDLESS = {
    "status line": (b"HTTP/1.1 200 ", b"O"),
    "header": (OK + b"X: ", b"y"),
    "headers": (OK, b"X: y\r\n"),
    "body": (OK + b"Content-Length: 1000000\r\n\r\n{", b" "),
    "body until the connection ends": (OK + b"\r\n{", b" "),
    "chunk": (OK + b"Transfer-Encoding: chunked\r\n\r\nfffff\r\n", b" "),
    "chunks": (OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "trailers": (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"X: y\r\n"),
    "100 Continue": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body of an error": (b"HTTP/1.1 404 Not Found\r\nContent-Length: 1000000\r\n\r\n{", b" "),
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_an_answer_that_drips_is_no_answer(serve, connect, jumping, kind):
    server = serve(jumping.dripped(*ENDLESS[kind]))
    with pytest.raises(NoAnswer, match=r"^No answer to GET http://[\w./:]+: ") as raised:
        connect(server, retry_policy=RetryPolicy(max_tries=1)).read("accounts", "acc_1")
    assert (
        "all of it took longer than 120 s" in str(raised.value) or kind == "headers"
    )  # of which 100 are read


@pytest.mark.usefixtures("clock")
def test_a_write_whose_answer_drips_is_sent_again_as_it_was(serve, connect, jumping):
    server = serve(jumping.dripped(*ENDLESS["body"]), Answer(body={"id": "acc_1"}))
    assert connect(server).write("accounts", body={"fields": {}}) == {"id": "acc_1"}
    first, second = server.requests
    assert first.header("Idempotency-Key") == second.header("Idempotency-Key")


@pytest.mark.usefixtures("clock")
def test_an_interim_answer_is_not_the_answer_nor_the_next_requests(serve, connect):
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    late = OK + b'Content-Length: 15\r\n\r\n{"id": "acc_1"}'
    server = serve(Answer(pieces=lambda: [hints, late]), Answer(body={"id": "acc_2"}))
    client = connect(server)
    assert client.read("accounts", "acc_1") == {"id": "acc_2"}  # the second try's
    assert server.connections == 2


def packed(wraps: int, size: int) -> bytes:
    """Return a JSON object with that many blanks in it, compressed so many times."""
    packing = zlib.compressobj(wbits=31)
    block = b" " * (1 << 20)
    content = b"".join([packing.compress(b"{"), *(packing.compress(block) for _ in range(size >> 20)),
                        packing.compress(b"}"), packing.flush()])  # fmt: skip
    for _ in range(wraps - 1):
        content = gzip.compress(content)
    return content


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("wraps", [1, 2])
@pytest.mark.parametrize("is_chunked", [False, True])
def test_what_is_unpacked_has_a_limit(serve, connect, monkeypatch, wraps, is_chunked, status):
    monkeypatch.setattr("lightfield_api.answers.LARGEST", 1 << 20)
    content = packed(wraps, 128 << 20)
    encoding = ", ".join(["gzip"] * wraps)
    head = f"HTTP/1.1 {status} X\r\nContent-Encoding: {encoding}\r\n"
    head += "Transfer-Encoding: chunked" if is_chunked else f"Content-Length: {len(content)}"
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content) if is_chunked else content
    client = connect(serve(Answer(raw=f"{head}\r\n\r\n".encode() + body)))
    tracemalloc.start()
    try:
        with pytest.raises(Exception) as raised:  # noqa: PT011
            client.read("accounts", "acc_1")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert raised.value.status == status
    assert type(raised.value) is UnexpectedAnswer
    assert peak < 8 << 20


def test_an_answer_without_end_is_not_read_for_ever(serve, connect):
    def blanks() -> Iterator[bytes]:
        yield OK + b"\r\n{"
        while True:
            yield b" " * (1 << 20)

    with pytest.raises(UnexpectedAnswer, match=r"was answered with more than 64 MiB \(status 200\)"):
        connect(serve(Answer(pieces=blanks))).read("accounts", "acc_1")


def test_connections_are_kept_for_the_next_request(serve, connect):
    packed_body = gzip.compress(b'{"id": "acc_1"}')
    chunked = b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nf\r\n{"id": "acc_1"}\r\n0\r\n\r\n'
    server = serve(
        Answer(body={"id": "acc_1"}),
        Answer(204, b""),
        Answer(404, {"error": {"type": "not_found"}}),
        Answer(body=packed_body, headers={"Content-Encoding": "gzip"}),
        Answer(302, b"elsewhere", {"Location": "http://127.0.0.1:1/"}),
        Answer(pieces=lambda: [chunked]),
        Answer(body={"id": "x" * (1 << 20)}),
        Answer(),
    )
    client = connect(server)
    for _ in range(12):
        try:
            client.delete("accounts", "acc_1")
        except Exception as e:  # noqa: BLE001
            assert getattr(e, "status", None) in (302, 404), e  # noqa: PT017
    assert len(server.requests) == 12
    assert server.connections == 1


def test_a_download_goes_on_for_as_long_as_it_moves(serve, jumping):
    size = 4 << 20
    session = SignedSession(1, RetryPolicy())
    copied = 0
    with session.get(f"{serve(Answer(body=b'x' * size)).url}/x", stream=True, timeout=300) as response:
        for piece in response.iter_content(1 << 18):
            copied += len(piece)
            jumping.ahead += 25  # 256 KiB each, 400 s in all
    assert copied == size
    session.close()


@pytest.mark.parametrize("kind", ["status line", "body", "chunks", "100 Continue"])
def test_a_download_that_drips_breaks_off(serve, jumping, kind):
    session = SignedSession(1, RetryPolicy())
    server = serve(jumping.dripped(*ENDLESS[kind]))
    with pytest.raises(requests.RequestException) as raised:
        session.get(f"{server.url}/x", stream=True, timeout=300).content  # noqa: B018
    assert reason_of(raised.value) == "262144 bytes took longer than 60 s"
    session.close()


def test_an_upload_to_a_storage_that_hardly_takes_anything_breaks_off(connect, serve, jumping, slow_storage):
    client = connect(serve(), retry_policy=RetryPolicy(first_wait=0.0))
    with pytest.raises(UploadFailed, match="262144 bytes took longer than 60 s"):
        client.upload(slow_storage, {}, io.BytesIO(b"x" * (32 << 20)))
