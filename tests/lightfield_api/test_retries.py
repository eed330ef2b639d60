"""What is tried again, when, and with what."""

from __future__ import annotations

import http.server
import io
import random
import shutil
import ssl
import subprocess
import threading
import time
from collections.abc import Iterator
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightfield_api.errors import (
    Conflict,
    IdempotencyConflict,
    LightfieldError,
    NoAnswer,
    OutOfReach,
    PauseTooLong,
    ServerError,
    TooManyRequests,
    Unauthorized,
    UnexpectedAnswer,
)
from lightfield_api.retries import RetryPolicy, retry_after_seconds
from lightfield_api.uploads import UploadFailed
from tests.lightfield_api.conftest import Answer

CONFLICT = Answer(409, {"error": {"type": "idempotency_conflict", "message": "in flight"}})
CONFLICT_BY_CODE = Answer(
    409, {"error": {"type": "conflict", "code": "idempotency_conflict", "message": "in flight"}}
)
TRUNCATED = Answer(raw=b'HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{"data": [')
BROKEN_CHUNK = Answer(raw=b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{")

pytestmark = pytest.mark.usefixtures("clock")


@pytest.mark.parametrize(
    "failure",
    [Answer(429), Answer(500), Answer(502, b"<html>"), Answer(503), Answer(504), CONFLICT, CONFLICT_BY_CODE,
     Answer(raw=b""), Answer(raw=b"HT"), TRUNCATED, BROKEN_CHUNK, Answer(hang=True)],
    ids=["429", "500", "502", "503", "504", "idempotency_conflict", "as code", "dropped",
    "half a status line",
         "truncated", "broken chunk", "read timeout"],
)  # fmt: skip
@pytest.mark.usefixtures("impatient")
def test_what_may_pass_is_tried_again_with_the_same_key_and_body(serve, connect, failure):
    server = serve(failure, failure, Answer(body={"id": "acc_1"}))
    assert connect(server).write("accounts", body={"fields": {"$name": "é"}}) == {"id": "acc_1"}
    first, *others = server.requests
    assert len(others) == 2
    for other in others:
        assert other.header("Idempotency-Key") == first.header("Idempotency-Key") is not None
        assert other.body == first.body
        assert other.line == first.line


@pytest.mark.parametrize(
    ("failure", "error"),
    [
        (Answer(500), ServerError),
        (Answer(503), ServerError),
        (TRUNCATED, NoAnswer),
        (Answer(raw=b""), NoAnswer),
    ],
)
def test_a_write_that_has_no_idempotency_key_and_may_have_been_done_is_not_sent_again(
    serve, connect, failure, error
):
    server = serve(failure)
    with pytest.raises(error):
        connect(server).write_once("objects", "plan", "values", body={})
    assert [request.header("Idempotency-Key") for request in server.requests] == [None]


def test_a_write_that_was_throttled_was_not_done_and_is_sent_again(serve, connect):
    server = serve(Answer(429), Answer(body={"id": "obv_1"}))
    client = connect(server)
    assert client.write_once("objects", "plan", "values", body={}) == {"id": "obv_1"}
    assert (client.calls.of("write"), client.calls.of("throttled")) == (2, 1)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 405, 408, 409, 410, 415, 418, 422, 423, 425, 451,
                                    501, 505, 507,
                                    511, 520, 522, 524, 529, 599])  # fmt: skip
def test_nothing_else_is_tried_again(serve, connect, clock, status):
    server = serve(Answer(status, {"error": {"type": "t", "message": "m"}}, {"Retry-After": "1"}))
    with pytest.raises(LightfieldError) as raised:
        connect(server).write("accounts", body={})
    assert raised.value.status == status
    assert len(server.requests) == 1
    assert clock.sleeps == []


def test_an_answer_that_is_no_json_is_not_tried_again(serve, connect):
    server = serve(Answer(200, b"<html>"))
    with pytest.raises(UnexpectedAnswer):
        connect(server).read("auth", "validate")
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("failure", "error"),
    [(Answer(429), TooManyRequests), (Answer(503), ServerError), (CONFLICT, IdempotencyConflict),
    (Answer(raw=b""), NoAnswer)],
    ids=["429", "503", "idempotency_conflict", "dropped"],
)  # fmt: skip
def test_after_eight_tries_the_last_error_is_raised(serve, connect, clock, failure, error):
    server = serve(failure)
    with pytest.raises(error):
        connect(server).read("auth", "validate")
    assert len(server.requests) == RetryPolicy().max_tries == 8
    assert len(clock.sleeps) == 7


@pytest.mark.parametrize("url", ["https://nobody.invalid", "http://127.0.0.1:1"], ids=["name", "port"])
def test_a_host_that_was_never_reached_is_given_up_within_seconds(connect, clock, url):
    start = clock.now
    with pytest.raises(OutOfReach):
        connect(url).read("auth", "validate")
    assert clock.sleeps
    assert clock.now - start <= RetryPolicy().reach_seconds


def test_a_host_that_was_reached_has_all_tries(serve, connect, clock):
    server = serve(Answer(body={}), Answer(raw=b""))
    client = connect(server)
    client.read("auth", "validate")
    server.stop()
    with pytest.raises(NoAnswer):
        client.read("auth", "validate")
    assert len(clock.sleeps) == RetryPolicy().max_tries - 1


def test_a_key_that_is_refused_is_sent_once(serve, connect, clock):
    server = serve(Answer(401))
    with pytest.raises(Unauthorized):
        connect(server).read("auth", "validate")
    assert (len(server.requests), clock.sleeps) == (1, [])


def test_each_call_has_eight_tries_of_its_own(serve, connect):
    server = serve(Answer(503))
    client = connect(server)
    for _ in range(2):
        with pytest.raises(ServerError):
            client.read("auth", "validate")
    assert len(server.requests) == 16


def test_the_waits_grow_exponentially_with_full_jitter(serve, connect, clock, monkeypatch):
    asked: list[tuple[float, float]] = []
    monkeypatch.setattr(random, "uniform", lambda low, high: asked.append((low, high)) or high / 2)
    with pytest.raises(ServerError):
        connect(serve(Answer(503))).read("auth", "validate")
    assert asked == [(0, 0.5 * 2**turn) for turn in range(7)]
    assert clock.sleeps == [high / 2 for _, high in asked]


@pytest.mark.parametrize("file_tries", [1, 4])
def test_a_file_is_sent_as_often_as_the_policy_says_with_waits_that_grow(
    serve, connect, clock, monkeypatch, file_tries
):
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    server = serve(Answer(503))
    client = connect(server, retry_policy=RetryPolicy(file_tries=file_tries))
    with pytest.raises(UploadFailed):
        client.upload(f"{server.url}/x", {}, io.BytesIO(b"content"))
    assert len(server.requests) == file_tries
    assert clock.sleeps == [1, 2, 4][: file_tries - 1]


def test_a_file_whose_tries_take_long_has_all_of_them(serve, connect, clock):
    def late() -> Iterator[bytes]:
        clock.now += 400
        yield b"HTTP/1.1 503 X\r\nContent-Length: 0\r\n\r\n"

    server = serve(Answer(pieces=late))
    with pytest.raises(UploadFailed):
        connect(server).upload(f"{server.url}/x", {}, io.BytesIO(b"content"))
    assert len(server.requests) == 4


def test_a_client_without_a_policy_has_the_one_of_all(serve, connect, retry_policy):
    retry_policy(max_tries=3)
    server = serve(Answer(503))
    with pytest.raises(ServerError):
        connect(server).read("auth", "validate")
    assert len(server.requests) == 3


def test_a_client_that_never_gets_an_answer_gives_up_within_five_minutes(serve, connect, clock):
    server = serve(Answer(503, headers={"Retry-After": "80"}))
    start = clock.now
    with pytest.raises(PauseTooLong):
        connect(server).read("auth", "validate")
    assert 240 <= clock.now - start <= 300
    assert len(server.requests) == 4


@pytest.mark.parametrize("status", [429, 503])
def test_retry_after_is_waited_for_in_full(serve, connect, clock, status):
    server = serve(Answer(status, headers={"Retry-After": "7"}), Answer())
    start = clock.now
    connect(server).read("auth", "validate")
    assert 7 <= clock.now - start < 8


@pytest.mark.parametrize("text", ["301", "3600", "99999999999999999999", "1e300"])
@pytest.mark.parametrize("status", [429, 503])
def test_no_request_is_sent_sooner_than_retry_after_asked_for(serve, connect, clock, status, text):
    server = serve(Answer(status, headers={"Retry-After": text}))
    with pytest.raises(PauseTooLong, match=r"^Lightfield asks for a pause .*: try again then$") as raised:
        connect(server).read("auth", "validate")
    assert raised.value.retry_after == float(text)
    assert len(server.requests) == 1
    assert clock.sleeps == []


def test_a_429_stops_its_category_until_the_pause_is_over_and_no_other(serve, connect, clock):
    server = serve(Answer(429, headers={"Retry-After": "3600"}), Answer())
    client = connect(server)
    start = clock.now
    for _ in range(32):
        with pytest.raises(PauseTooLong, match="longer than the 300 s that are waited for"):
            client.read("auth", "validate")
    assert len(server.requests) == 1
    client.search("accounts")
    client.write("accounts", body={})
    assert clock.now - start < 1
    clock.sleep(3600)
    client.read("auth", "validate")


@pytest.mark.parametrize("text", ["0", "-5", "soon", "", "nan", "inf", "-inf", "1, 2", "\xff",
                                  "Wed, 21 Oct 2015 07:28:00 GMT",
                                  "Wed, 99 Oct 2015 07:28:00 GMT"])  # fmt: skip
@pytest.mark.parametrize("status", [429, 503])
def test_without_a_usable_retry_after_the_wait_is_the_exponential_one(
    serve, connect, clock, monkeypatch, status, text
):
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    server = serve(*[Answer(status, headers={"Retry-After": text})] * 3, Answer())
    connect(server).read("auth", "validate")
    assert clock.sleeps == [0.5, 1, 2]


def test_a_retry_after_date_is_by_the_clock_of_the_server(serve, connect, clock):
    headers = {"Date": "Tue, 01 Jan 2030 12:00:00 GMT", "Retry-After": "Tue, 01 Jan 2030 12:00:42 GMT"}
    start = clock.now
    connect(serve(Answer(429, headers=headers), Answer())).read("auth", "validate")
    assert 42 <= clock.now - start < 43


def test_a_retry_after_date_without_a_date_header_is_by_our_clock():
    in_a_minute = formatdate(time.time() + 60, usegmt=True)
    assert 55 < retry_after_seconds({"Retry-After": in_a_minute}) <= 60


@given(text=st.text() | st.floats().map(str) | st.integers().map(str), date=st.text())
def test_retry_after_is_none_or_a_wait_that_can_be_waited_whatever_stands_there(text, date):
    seconds = retry_after_seconds({"Retry-After": text, "Date": date})
    assert seconds is None or 0 <= seconds < float("inf")


def test_a_conflict_that_is_no_idempotency_conflict_is_the_callers(serve, connect):
    server = serve(
        Answer(409, {"error": {"type": "conflict", "message": "website is taken", "param": "$website"}})
    )
    with pytest.raises(Conflict) as raised:
        connect(server).write("accounts", body={})
    assert not isinstance(raised.value, IdempotencyConflict)
    assert len(server.requests) == 1


def test_a_refused_connection_is_tried_again_and_said_in_words(connect, clock):
    with pytest.raises(NoAnswer, match="refused"):
        connect("http://127.0.0.1:1", retry_policy=RetryPolicy(reach_seconds=300.0)).read("auth", "validate")
    assert len(clock.sleeps) == 7


def test_a_tls_connection_that_breaks_off_is_tried_again(serve, connect, clock):
    with pytest.raises(NoAnswer):
        connect(serve(Answer(raw=b"")).url.replace("http:", "https:")).read("auth", "validate")
    assert len(clock.sleeps) == 7


@pytest.mark.skipif(shutil.which("openssl") is None, reason="makes a certificate with openssl")
def test_a_certificate_that_does_not_hold_is_not_tried_again(connect, clock, tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "1",
         "-keyout", tmp_path / "key.pem", "-out", tmp_path / "cert.pem"],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    server = http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        with pytest.raises(UnexpectedAnswer, match="CERTIFICATE_VERIFY_FAILED") as raised:
            connect(f"https://127.0.0.1:{server.server_address[1]}").search(
                "contacts", params={"$email[contains]": "ann@personal.example"}
            )
        assert "personal" not in str(raised.value)
        assert clock.sleeps == []
    finally:
        server.shutdown()
        server.server_close()
