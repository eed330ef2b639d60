"""A pause that the server asks for: one for all, said once, ended with a sentence where it is too long."""

from __future__ import annotations

import io
import random
import threading

import pytest

from lightfield_api.errors import LightfieldError, PauseTooLong, ServerError
from lightfield_api.rate_limit import RateLimit
from lightfield_api.retries import RetryPolicy
from lightfield_api.signed_urls import SignedSession
from tests.lightfield_api.conftest import Answer


def paused(seconds: float, status: int = 429) -> Answer:
    return Answer(status, headers={"Retry-After": str(seconds)})


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("category", ["read", "search", "write"])
def test_no_thread_waits_out_a_pause_that_is_too_long_for_one(serve, connect, category, status):
    client = connect(serve(paused(3600, status)))
    calls = {
        "read": lambda: client.read("accounts", "acc_1"),
        "search": lambda: client.search("accounts"),
        "write": lambda: client.write("accounts", body={}),
    }
    ended: list[LightfieldError] = []

    def call() -> None:
        with pytest.raises(PauseTooLong) as raised:
            calls[category]()
        ended.append(raised.value)

    threads = [threading.Thread(target=call, daemon=True) for _ in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(300)
    assert len(ended) == 32
    assert all("asks for a pause until 2" in str(error) for error in ended)


def test_those_who_wait_already_end_when_a_pause_becomes_too_long(clock):
    limit = RateLimit()
    limit.pause("write", 100, patience=300)
    start = clock.now
    clock.during_a_wait(start + 1, lambda: limit.pause("write", 500, patience=300))
    with pytest.raises(PauseTooLong):
        limit.acquire("write")
    assert clock.now == start + 1


def test_pauses_one_after_the_other_are_no_longer_than_one_may_be(clock):
    limit = RateLimit()
    for _ in range(3):
        limit.pause("read", 90, patience=300)
        limit.acquire("read")
    limit.pause("read", 90, patience=300)
    with pytest.raises(PauseTooLong):
        limit.acquire("read")


def test_an_answer_between_pauses_lets_patience_begin_anew(serve, connect, clock):
    client = connect(serve(*[paused(200), Answer()] * 3))
    for _ in range(3):
        client.read("auth", "validate")


@pytest.mark.usefixtures("clock")
def test_an_answer_that_was_on_its_way_takes_no_pause_back():
    limit = RateLimit()
    limit.pause("write", 3600, patience=300)
    limit.end_of_pauses("write")
    with pytest.raises(PauseTooLong):
        limit.acquire("write")


@pytest.mark.usefixtures("clock")
def test_a_pause_is_said_once_however_many_are_told(clock, caplog):
    limit = RateLimit()
    for _ in range(32):
        limit.pause("write", 60, patience=300)
        clock.sleep(0.05)
    (record,) = caplog.records
    assert record.getMessage() == ("Lightfield (write requests) asks for a pause of 60 s, which all wait for")
    assert record.levelname == "WARNING"


def test_a_retry_behind_a_pause_is_not_said_beside_it(serve, connect, clock, caplog):
    connect(serve(paused(60), Answer())).read("auth", "validate")
    assert len([r for r in caplog.records if r.name.startswith("lightfield_api")]) == 1


def test_waiting_behind_a_pause_uses_up_no_tries_and_no_time_of_a_request(serve, connect, clock, monkeypatch):
    monkeypatch.setattr(random, "uniform", lambda low, high: high)
    server = serve(Answer(503), Answer())
    client = connect(server, retry_policy=RetryPolicy(max_tries=2))
    client._rate_limit.pause("read", 299.9, patience=300)
    client.read("auth", "validate")
    assert len(server.requests) == 2


@pytest.mark.usefixtures("clock")
def test_a_policy_of_its_own_decides_how_often_a_client_tries(serve, connect):
    server = serve(Answer(503))
    with pytest.raises(ServerError):
        connect(server, retry_policy=RetryPolicy(max_tries=3)).read("auth", "validate")
    assert len(server.requests) == 3


def test_an_upload_waits_for_the_storage(serve, connect, clock):
    server = serve(paused(7, 503), Answer())
    start = clock.now
    connect(server).upload(f"{server.url}/x", {}, io.BytesIO(b"content"))
    assert clock.now - start >= 7
    assert [request.body for request in server.requests] == [b"content"] * 2


def test_uploads_end_where_the_storage_asks_for_too_long_a_pause(serve, connect, clock):
    server = serve(paused(3600, 503))
    client = connect(server)
    for _ in range(5):
        with pytest.raises(PauseTooLong, match="The storage of files asks for a pause until 2"):
            client.upload(f"{server.url}/x", {}, io.BytesIO(b"content"))
    assert len(server.requests) == 1


def test_a_storage_that_asks_for_a_pause_is_one_for_all_who_use_the_session(serve, clock):
    server = serve(paused(10, 503))
    session = SignedSession(2, RetryPolicy())
    session.heed(session.get(f"{server.url}/x"))
    start = clock.now
    session.wait()
    assert clock.now - start == 10
    session.close()
