"""How a list is read page by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import StreamStopped
from tests.tap.scripted import Script, record
from tests.tap.tap_runs import discover, only, run


def test_a_record_pushed_onto_the_next_page_is_written_once(script: Script) -> None:
    script.records["accounts"] = [record(n) for n in range(60)]

    def create(collection: str, offset: int) -> None:
        if offset:  # a page of new ones, so that a whole page is seen twice
            script.records[collection][:0] = [record(100 + offset + n) for n in range(25)]

    def only_accounts(collection: str, offset: int) -> None:
        if collection == "accounts" and offset in (25, 50):
            create(collection, offset)

    script.on_page = only_accounts
    ids = [row["id"] for row in run(script.config()).rows("accounts")]
    assert sorted(ids) == sorted(f"rec_{n}" for n in range(60))


def test_a_list_that_ignores_the_offset_is_an_error_and_no_endless_run(script: Script) -> None:
    page = [record(n) for n in range(25)]
    script.answers["/v1/accounts"] = (200, {"data": page, "totalCount": 25})
    with pytest.raises(StreamStopped, match=r"'accounts'.*does not end"):
        run(script.config())


@pytest.mark.parametrize("data", [None, {}, [None], [{}], [{"id": 5}], [{"id": ""}]])
def test_a_list_of_another_shape_is_an_error(script: Script, data: Any) -> None:
    script.answers["/v1/accounts"] = (200, {"data": data, "totalCount": 1})
    with pytest.raises(StreamStopped, match=r"'accounts'.*no array of records"):
        run(script.config())


@pytest.mark.parametrize("faults", ["short-page:0.3", "empty-page:0.2,short-page:0.2"])
def test_short_pages_lose_no_record(
    start_sandbox: Callable[..., Sandbox], faults: str, retry_policy: Callable[..., None]
) -> None:
    retry_policy(short_page_waits=(0.0, 0.0, 0.0))
    sandbox = start_sandbox(accounts=200, members=30)
    config = {"api_key": sandbox.key, "api_url": sandbox.url, "include_trashed": True}
    catalog = only(discover(config), "accounts", "contacts", "members", "emails", "lists", "list_members")
    whole = run(config, catalog=catalog)
    sandbox.set_faults(faults)
    output = run(config, catalog=catalog)
    for stream in ("accounts", "contacts", "members", "emails", "lists"):
        assert output.ids(stream) == whole.ids(stream)
        assert len(output.rows(stream)) == len(whole.rows(stream))
    assert _members(output.rows("list_members")) == _members(whole.rows("list_members"))
    assert output.ids("accounts") >= {record["id"] for record in sandbox.records("account")}


def _members(rows: list[dict[str, Any]]) -> list[tuple[str, ...]]:
    return sorted((row["list_id"], row["record_id"]) for row in rows)


def test_a_list_that_shows_less_than_it_counts_is_named_with_both_numbers(
    script: Script, caplog: pytest.LogCaptureFixture, retry_policy: Callable[..., None]
) -> None:
    retry_policy(short_page_waits=(0.0, 0.0, 0.0))
    script.answers["/v1/accounts"] = (200, {"data": [], "totalCount": 5})
    assert run(script.config()).rows("accounts") == []
    assert any("list accounts counts 5 records" in r.getMessage() for r in caplog.records)


def test_a_page_that_never_stays_the_same_stops_the_stream(
    script: Script, retry_policy: Callable[..., None]
) -> None:
    retry_policy(short_page_waits=(0.0, 0.0, 0.0))
    script.records["accounts"] = [record(n) for n in range(60)]
    answers = iter(range(10**6))

    def another_one_is_lacking(path: str) -> None:
        lacking = next(answers) % 7 * 3
        page = [record(n) for n in range(25) if n != lacking]
        script.answers["/v1/accounts"] = (200, {"data": page, "totalCount": 60})

    script.on_request = another_one_is_lacking
    with pytest.raises(StreamStopped, match=r"'accounts'.*run it again later"):
        run(script.config())
