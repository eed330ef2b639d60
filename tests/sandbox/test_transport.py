"""What holds for every request: version, key, scopes, bodies, the limit, faults."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING, Any

import pytest
import requests

from lightfield_sandbox.limits.faults import Faults, parse_faults
from lightfield_sandbox.limits.rate_limit import RateLimit

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield_sandbox.http.server import Sandbox


@pytest.mark.parametrize("version", [None, "", "2026-03-02"])
def test_a_missing_or_wrong_version_header_is_refused(steady: Any, version: str | None) -> None:
    reply = steady.get("/v1/accounts", Lightfield_Version=version)
    assert reply.error == (400, "bad_request", "version_header", None)


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer sk_lf_no", "Basic abc", "sk_lf_no"])
def test_a_missing_or_unknown_key_is_refused(steady: Any, authorization: str | None) -> None:
    assert steady.get("/v1/accounts", Authorization=authorization).error[:2] == (401, "unauthorized")


def test_a_revoked_key_is_refused(sandbox: Sandbox, connect: Callable[..., Any]) -> None:
    reader = connect(sandbox, sandbox.read_only_key)
    assert reader.get("/v1/accounts").status == 200
    revoked = requests.post(
        f"{sandbox.url}/_sandbox/keys", json={"revoke": sandbox.read_only_key}, timeout=300
    )
    assert revoked.json() == {"revoked": True}
    assert reader.get("/v1/accounts").status == 401


@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_a_body_that_is_not_declared_json_is_refused(steady: Any, content_type: str | None) -> None:
    reply = steady.post("/v1/accounts", b'{"fields": {"$name": "Acme"}}', Content_Type=content_type)
    assert reply.error[:2] == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"[]", b"null", b'"text"', b"{", b"\xff\xfe{}", b'{"fields": NaN}',
        b"1" * 6_000, b"[" * 100_000, b'{"fields":' * 50_000,
    ],
)  # fmt: skip
def test_a_body_that_is_no_json_object_is_refused(steady: Any, body: bytes) -> None:
    assert steady.post("/v1/accounts", body, Content_Type="application/json").error[:2] == (
        400,
        "bad_request",
    )


@pytest.mark.parametrize(
    "record_id", ["none", "con_1", "%00", "%FF", "a%2Fb", "é", "%F0%9F%9A%80", "x" * 500, "..%2f"]
)
def test_an_id_of_no_record_is_not_found(steady: Any, record_id: str) -> None:
    assert steady.get(f"/v1/accounts/{record_id}").error[:2] == (404, "not_found")
    assert steady.post(f"/v1/accounts/{record_id}").error[:2] == (404, "not_found")
    assert steady.call("DELETE", f"/v1/accounts/{record_id}").error[:2] == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/v1/nothing"),
        ("GET", "/"),
        ("PUT", "/v1/accounts"),
        ("POST", "/v1/members"),
        ("GET", "/v1/accounts/"),
        ("POST", "/v1/messages"),
        ("POST", "/v1/lists/x/restore"),
        ("GET", "/v1/emails/definitions"),
        ("GET", "/v1/sequences/seq_1/draft"),
        ("DELETE", "/v1/files/x"),
    ],
)
def test_a_path_or_method_that_does_not_exist_is_not_found(steady: Any, method: str, path: str) -> None:
    assert steady.call(method, path).error[:2] == (404, "not_found")


def test_every_answer_says_how_much_of_the_limit_is_left(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    api = connect(start_sandbox(empty=True, rate_limit=25))
    for reply in (
        api.get("/v1/accounts"),
        api.get("/v1/accounts/none"),
        api.get("/v1/nothing"),
        api.post("/v1/accounts"),
        api.get("/v1/accounts", Authorization=None),
        api.get("/v1/accounts", Lightfield_Version=None),
    ):
        assert reply.headers["X-RateLimit-Limit"] == "25"
        assert 0 <= int(reply.headers["X-RateLimit-Remaining"]) <= 25
        assert int(reply.headers["X-RateLimit-Reset"]) > 1_700_000_000


def test_requests_past_the_limit_are_refused_with_a_wait(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    sandbox = start_sandbox(empty=True, rate_limit=1)
    api = connect(sandbox)
    refused = next(reply for reply in (api.get("/v1/accounts") for _ in range(500)) if reply.status == 429)
    assert refused.error[:2] == (429, "too_many_requests")
    assert refused.headers["Retry-After"] == "1"
    assert refused.headers["X-RateLimit-Remaining"] == "0"
    stats = sandbox.stats()
    assert stats["requests"]["search"]["429"] == 1
    assert stats["peak_per_second"]["search"] >= 2


def test_each_category_has_a_budget_of_its_own_that_each_second_renews() -> None:
    now = 1000.0
    limit = RateLimit(2, clock=lambda: now)
    assert [limit.take("read") for _ in range(3)] == [True, True, False]
    assert limit.take("write")
    assert limit.headers("read") == {
        "X-RateLimit-Limit": "2",
        "X-RateLimit-Remaining": "0",
        "X-RateLimit-Reset": "1001",
    }
    now = 1000.999
    assert not limit.take("read")
    now = 1001.0
    assert limit.headers("read")["X-RateLimit-Remaining"] == "2"
    assert limit.take("read")


def test_stats_count_requests_by_category_and_status(sandbox: Sandbox, api: Any) -> None:
    api.get("/v1/accounts")
    api.get("/v1/accounts/none")
    api.get("/v1/accounts", Authorization=None)
    created = api.create("/v1/accounts", {"$name": "Acme"})
    api.call("DELETE", f"/v1/accounts/{created['id']}")
    api.call("DELETE", f"/v1/accounts/{created['id']}")
    stats = requests.get(f"{sandbox.url}/_sandbox/stats", timeout=300).json()
    assert stats["requests"] == {"read": {"404": 1}, "write": {"200": 3}, "search": {"200": 1, "401": 1}}
    assert stats["writes"] == {"account": {"create": 1, "update": 0, "delete": 1, "restore": 0}}
    assert (stats["enrichments"], stats["emails_sent"], stats["replays"]) == (1, 0, 0)
    assert stats["records"]["account"] == 60


def test_a_wait_is_as_long_as_was_chosen(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    api = connect(start_sandbox(empty=True, retry_after=3600, faults="429:1"))
    assert api.get("/v1/accounts").headers["Retry-After"] == "3600"


def test_a_reset_clears_the_stats_and_on_demand_the_workspace(sandbox: Sandbox, api: Any) -> None:
    seeded = sandbox.records("account")
    api.create("/v1/accounts", {"$name": "Acme"})
    requests.post(f"{sandbox.url}/_sandbox/reset", json={}, timeout=300)
    assert sandbox.stats()["writes"] == {}
    assert len(sandbox.records("account")) == 61
    requests.post(f"{sandbox.url}/_sandbox/reset", json={"data": True}, timeout=300)
    assert sandbox.records("account") == seeded


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_an_injected_status_does_not_reach_the_workspace(sandbox: Sandbox, api: Any, status: int) -> None:
    sandbox.set_faults(f"{status}:1")
    reply = api.post("/v1/accounts", {"fields": {"$name": "Acme"}})
    assert reply.status == status
    assert reply.headers.get("Retry-After") == ("1" if status == 429 else None)
    assert len(sandbox.records("account")) == 60
    assert sandbox.stats()["requests"]["write"] == {str(status): 1}


@pytest.mark.parametrize(("fault", "records"), [("reset-before", 60), ("reset-after", 61)])
def test_a_reset_drops_the_connection_before_or_after_the_write(
    sandbox: Sandbox, api: Any, fault: str, records: int
) -> None:
    sandbox.set_faults(f"{fault}:1")
    with pytest.raises(requests.ConnectionError):
        api.post("/v1/accounts", {"fields": {"$name": "Acme"}})
    assert len(sandbox.records("account")) == records
    assert sandbox.stats()["requests"]["write"] == {"reset": 1}


def test_a_truncated_answer_ends_before_its_length(sandbox: Sandbox, api: Any) -> None:
    sandbox.set_faults("truncated:1")
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError)):
        api.get("/v1/accounts")


def test_an_html_answer_is_a_200_without_json(sandbox: Sandbox) -> None:
    sandbox.set_faults("html:1")
    reply = requests.get(f"{sandbox.url}/v1/accounts", timeout=300)
    assert reply.status_code == 200
    assert reply.headers["Content-Type"].startswith("text/html")


def test_a_hanging_request_gets_no_answer_and_does_not_keep_the_server(sandbox: Sandbox) -> None:
    sandbox.set_faults("hang:1")
    with pytest.raises(requests.ReadTimeout):
        requests.get(f"{sandbox.url}/v1/accounts", timeout=(300, 0.2))
    host, port = sandbox.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as left_open:
        left_open.sendall(b"GET /v1/accounts HTTP/1.1\r\nHost: x\r\n\r\n")
        while sandbox.stats()["requests"]["search"].get("hang") != 2:
            time.sleep(0.005)
        sandbox.stop()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{sandbox.url}/_sandbox/stats", timeout=300)


def test_faults_can_be_set_over_http_and_leave_the_controls_alone(sandbox: Sandbox, api: Any) -> None:
    for faults, status in (("503:1", 503), ("", 200)):
        assert requests.post(f"{sandbox.url}/_sandbox/faults", json={"faults": faults}, timeout=300).ok
        assert api.get("/v1/accounts").status == status
    assert (
        requests.post(f"{sandbox.url}/_sandbox/faults", json={"faults": "418:1"}, timeout=300).status_code
        == 400
    )


@pytest.mark.parametrize(
    "text",
    [
        "418:0.1",
        "429",
        "429:x",
        "429:1.5",
        "429:-0.1",
        "429:0.6,500:0.6",
        "429:nan",
        "download-truncated:2",
        "short-page:2",
    ],
)
def test_faults_that_make_no_sense_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_faults(text)


def test_a_short_page_lacks_one_of_its_records_and_counts_it(sandbox: Sandbox, api: Any) -> None:
    path = "/v1/accounts?limit=20&offset=5"
    whole = api.get(path).body
    sandbox.set_faults("short-page:1")
    for asked in (path, "/v1/accounts?limit=20&offset=5&$name[startsWith]="):
        page = api.get(asked).body
        assert page["totalCount"] == whole["totalCount"] == 60
        assert len(page["data"]) == 19
        assert [record for record in whole["data"] if record in page["data"]] == page["data"]
    lacking = {
        record["id"]
        for _ in range(30)
        for record in whole["data"]
        if record not in api.get(path).body["data"]
    }
    assert len(lacking) > 5
    sandbox.set_faults("")
    assert api.get(path).body == whole


def test_an_empty_page_counts_what_it_does_not_show(sandbox: Sandbox, api: Any) -> None:
    sandbox.set_faults("empty-page:1")
    assert api.get("/v1/accounts").body == {"data": [], "object": "list", "totalCount": 60}


def test_the_same_seed_draws_the_same_short_pages_at_about_their_rate() -> None:
    one, two = (Faults(7, "short-page:0.3,empty-page:0.1,429:1") for _ in range(2))
    pages = [one.draw_page(range(25)) for _ in range(2_000)]
    assert pages == [two.draw_page(range(25)) for _ in range(2_000)]
    assert 150 < sum(not page for page in pages) < 250
    assert 450 < sum(len(page) == 24 for page in pages) < 630
    assert [one.draw() for _ in range(10)] == ["429"] * 10


def test_the_same_seed_draws_the_same_faults_at_about_their_rate() -> None:
    one, two = (Faults(7, "429:0.2,reset:0.1") for _ in range(2))
    drawn = [one.draw() for _ in range(5_000)]
    assert drawn == [two.draw() for _ in range(5_000)]
    assert 850 < drawn.count("429") < 1150
    assert 180 < drawn.count("reset-before") < 320
    assert 180 < drawn.count("reset-after") < 320
