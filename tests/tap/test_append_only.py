"""Emails and messages: what a daily run reads of them, and what a full sweep brings."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from lightfield import Lightfield

from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import StreamStopped
from tests.tap.scripted import Script, record
from tests.tap.tap_runs import Output, discover, only, run

NOON = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)


def _at(minutes: float) -> str:
    return (NOON + timedelta(minutes=minutes)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _email(number: int, created: float, updated: float | None = None) -> dict[str, Any]:
    changed = None if updated is None else _at(updated)
    return record(number, changed, createdAt=_at(created), accessLevel="FULL", objectType="email")


def _ids(output: Output, stream: str = "emails") -> list[str]:
    return [row["id"] for row in output.rows(stream)]


@pytest.fixture
def emails(script: Script) -> Callable[..., Output]:
    """Runs of the emails alone, at a moment by the server's clock."""
    catalog = only(discover(script.config()), "emails")

    def run_at(minutes: float, state: Any = None, **settings: Any) -> Output:
        script.date = (NOON + timedelta(minutes=minutes)).strftime("%a, %d %b %Y %H:%M:%S GMT")
        script.requests.clear()
        return run(script.config(**settings), catalog=catalog, state=state)

    return run_at


def test_a_daily_run_reads_the_new_and_not_the_archive(script: Script, emails: Callable[..., Output]) -> None:
    script.records["emails"] = [_email(n, -n) for n in range(600)]
    first = emails(1)
    assert len(_ids(first)) == 600
    assert script.pages("emails") == 25  # 24 new ones on each: neighbours share a record

    script.records["emails"][:0] = [_email(1000 + n, 24 * 60 - n) for n in range(30)]
    second = emails(24 * 60 + 1, first.state)
    assert _ids(second)[:30] == [f"rec_{1000 + n}" for n in range(30)]
    assert len(_ids(second)) == 30 + 11  # and those of the ten minutes of the lookback
    assert script.pages("emails") <= 4

    assert script.pages("emails") * 24 < 600
    third = emails(24 * 60 + 2, second.state)
    assert len(_ids(third)) == 11
    assert script.pages("emails") == 1


@pytest.mark.parametrize("stream", ["emails", "messages"])
def test_a_daily_run_of_the_sandbox_costs_one_page(start_sandbox: Any, stream: str) -> None:
    sandbox = start_sandbox(emails=300, messages=300)
    config = {"api_key": sandbox.key, "api_url": sandbox.url}
    catalog = only(discover(config), stream)
    first = run(config, catalog=catalog)
    assert len(_ids(first, stream)) == 300
    sandbox.reset()
    second = run(config, catalog=catalog, state=first.state)
    assert sandbox.stats()["requests"]["search"] == {"200": 1}
    assert len(_ids(second, stream)) < 25


def test_an_email_that_the_lagging_list_shows_late_is_not_lost(
    script: Script, emails: Callable[..., Output]
) -> None:
    script.records["emails"] = [_email(2, 0), _email(1, -30)]
    first = emails(0.5)
    # Created before the one that set the bookmark; the list shows it when the lag has passed.
    script.records["emails"].insert(1, _email(3, -9.5))
    assert "rec_3" in _ids(emails(1, first.state))
    assert "rec_3" not in _ids(emails(1, first.state, lookback_window=60))


def test_a_change_moves_the_bookmark_no_further_than_the_beginning_of_the_run(
    script: Script, emails: Callable[..., Output]
) -> None:
    # Were the bookmark the change's time, a run would start after emails that the list did not show yet.
    script.records["emails"] = [_email(1, -60, updated=600)]
    first = emails(0)
    assert first.bookmark("emails") <= "2026-06-01T12:00:01"
    script.records["emails"].insert(0, _email(2, -5))
    assert "rec_2" in _ids(emails(1, first.state))


def _changed_in_the_archive(script: Script, emails: Callable[..., Output]) -> Output:
    script.records["emails"] = [_email(n, -60 * n) for n in range(100)]
    first = emails(1)
    script.records["emails"][80]["accessLevel"] = "METADATA"
    script.records["emails"][80]["updatedAt"] = _at(60)
    script.records["emails"].insert(0, _email(100, 23 * 60))
    second = emails(24 * 60, first.state)
    assert _ids(second) == ["rec_100", "rec_0"]  # rec_0 is within the lookback
    script.records["emails"].insert(0, _email(101, 47 * 60))
    third = emails(48 * 60, second.state)
    assert "rec_80" not in _ids(third)
    return third


def test_a_full_sweep_brings_everything_what_daily_runs_have_passed_over_included(
    script: Script, emails: Callable[..., Output]
) -> None:
    daily = _changed_in_the_archive(script, emails)
    swept = emails(49 * 60, daily.state, full_sweep=["emails"])
    assert len(_ids(swept)) == len(script.records["emails"]) == 102
    assert {r["access_level"] for r in swept.rows("emails") if r["id"] == "rec_80"} == {"METADATA"}
    assert script.pages("emails") == 5
    assert _ids(emails(50 * 60, swept.state)) == ["rec_101"]  # within the lookback


def test_a_full_sweep_reads_the_whole_list_but_not_what_was_last_changed_before_start_date(
    script: Script, emails: Callable[..., Output]
) -> None:
    script.records["emails"] = [_email(n, -60 * n, -30 if n == 90 else None) for n in range(100)]
    first = emails(1, start_date=_at(-600))
    assert len(_ids(first)) == 11  # emails created before start_date are not looked at
    swept = emails(2, first.state, start_date=_at(-600), full_sweep=["emails"])
    assert set(_ids(swept)) == {*_ids(first), "rec_90"}


def test_a_full_sweep_that_fails_counts_as_none(
    script: Script, emails: Callable[..., Output], impatient: None
) -> None:
    daily = _changed_in_the_archive(script, emails)

    def fail(collection: str, offset: int) -> None:
        if offset == 72:  # the pages after it
            script.answers["/v1/emails"] = (500, {"error": {"type": "internal_server_error"}})

    script.on_page = fail
    with pytest.raises(StreamStopped) as caught:
        emails(49 * 60, daily.state, full_sweep=["emails"], max_concurrency=1)
    states = [m["value"]["bookmarks"]["emails"] for m in caught.value.written if m["type"] == "STATE"]  # type: ignore[attr-defined]
    before = daily.state["bookmarks"]["emails"]
    for state in states:
        assert {key: state[key] for key in before} == before

    script.on_page = lambda collection, offset: None
    del script.answers["/v1/emails"]
    assert "rec_80" in _ids(emails(50 * 60, daily.state, full_sweep=["emails"]))


def test_full_table_reads_the_archive_and_leaves_the_state_alone(
    script: Script, emails: Callable[..., Output]
) -> None:
    script.records["emails"] = [_email(n, -60 * n) for n in range(60)]
    state = emails(1).state
    catalog = only(discover(script.config()), "emails")
    for stream in catalog["streams"]:
        stream["replication_method"] = "FULL_TABLE"
    output = run(script.config(), catalog=catalog, state=state)
    assert len(_ids(output)) == 60
    assert output.state["bookmarks"]["emails"] == state["bookmarks"]["emails"]


def test_emails_that_come_and_change_while_the_index_lags_all_arrive(start_sandbox: Any) -> None:
    sandbox: Sandbox = start_sandbox(index_lag=2, emails=60)
    config = {"api_key": sandbox.key, "api_url": sandbox.url}
    catalog = only(discover(config), "emails")
    first = run(config, catalog=catalog)
    member = next(r["fields"]["$email"]["value"] for r in sandbox.records("member"))
    api = Lightfield(api_key=sandbox.key, base_url=sandbox.url)
    logged = {
        api.email.log(
            fields={"$sentAt": "2026-01-01T00:00:00Z", "$from": member, "$to": [f"someone{n}@else.example"]}
        ).id
        for n in range(3)
    }
    output, arrived = first, set(_ids(first))
    while not logged <= arrived:  # as daily runs would, and for two seconds at most
        output = run(config, catalog=catalog, state=output.state)
        arrived |= set(_ids(output))
    assert arrived == {r["id"] for r in sandbox.records("email")}
