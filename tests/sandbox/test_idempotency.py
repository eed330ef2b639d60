"""Idempotency keys: the first answer, again and again, for a day."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_sandbox.limits.idempotency import IdempotencyKeys
from lightfield_sandbox.schema.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield_sandbox.http.server import Sandbox


def test_a_repetition_gets_the_first_answer_even_with_another_payload(sandbox: Sandbox, api: Any) -> None:
    first = api.post("/v1/accounts", {"fields": {"$name": "A"}}, Idempotency_Key="k")
    again = api.post("/v1/accounts", {"fields": {"$name": "B"}}, Idempotency_Key="k")
    assert (again.status, again.body) == (200, first.body)
    stats = sandbox.stats()
    assert (stats["replays"], stats["writes"]["account"]["create"], stats["enrichments"]) == (1, 1, 1)
    assert len(sandbox.records("account")) == 61


def test_keys_are_apart_by_entity_type_and_by_create_and_update(sandbox: Sandbox, api: Any) -> None:
    account = api.post("/v1/accounts", {"fields": {"$name": "A"}}, Idempotency_Key="k").body["id"]
    contact = api.post("/v1/contacts", {"fields": {}}, Idempotency_Key="k").body["id"]
    assert contact.startswith("con_")
    updated = api.post(f"/v1/accounts/{account}", {"fields": {"$name": "B"}}, Idempotency_Key="k").body
    assert updated["fields"]["$name"]["value"] == "B"
    # The scope of a key does not hold the record's id: another record's update gets the old answer.
    other = sandbox.records("account")[-1]["id"]
    assert api.post(f"/v1/accounts/{other}", {"fields": {"$name": "C"}}, Idempotency_Key="k").body == updated


def test_a_key_whose_first_request_failed_runs_again(api: Any) -> None:
    assert api.post("/v1/accounts", {"fields": {}}, Idempotency_Key="k").status == 422
    assert api.post("/v1/accounts", {"fields": {"$name": "A"}}, Idempotency_Key="k").status == 200


def test_a_key_has_at_most_255_characters(api: Any) -> None:
    body = {"fields": {"$name": "A"}}
    assert api.post("/v1/accounts", body, Idempotency_Key="k" * 255).status == 200
    refused = api.post("/v1/accounts", body, Idempotency_Key="k" * 256)
    assert refused.error[:3] == (400, "bad_request", "idempotency_key_too_long")


def test_a_key_that_is_still_in_flight_is_a_conflict(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    sandbox = start_sandbox(empty=True, latency_ms=1500)
    clients = [connect(sandbox) for _ in range(2)]
    body = {"fields": {"$name": "A"}}
    with ThreadPoolExecutor(2) as pool:
        replies = list(pool.map(lambda api: api.post("/v1/accounts", body, Idempotency_Key="k"), clients))
    assert sorted(reply.status for reply in replies) == [200, 409]
    refused = next(reply for reply in replies if reply.status == 409)
    assert refused.error[:3] == (409, "idempotency_conflict", "idempotency_conflict")
    assert len(sandbox.records("account")) == 1


def test_an_answer_that_was_lost_on_its_way_is_there_for_the_retry(sandbox: Sandbox, api: Any) -> None:
    sandbox.set_faults("reset-after:1")
    body = {"fields": {"$name": "A"}}
    with pytest.raises(OSError, match=r".*"):
        api.post("/v1/accounts", body, Idempotency_Key="k")
    sandbox.set_faults("")
    assert (
        api.post("/v1/accounts", body, Idempotency_Key="k").body["id"] == sandbox.records("account")[0]["id"]
    )
    assert len(sandbox.records("account")) == 61


def test_an_answer_is_kept_for_24_hours() -> None:
    now = 0.0
    keys = IdempotencyKeys(clock=lambda: now)
    scope = ("account", "create", "k")
    assert keys.begin(scope) is None
    with pytest.raises(ApiError):
        keys.begin(scope)
    keys.keep(scope, 200, b"{}")
    keys.end(scope)
    now = 24 * 3600 - 1
    answer = keys.begin(scope)
    assert answer is not None
    assert (answer.status, answer.body) == (200, b"{}")
    now = 24 * 3600
    assert keys.begin(scope) is None
