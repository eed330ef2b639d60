"""What a second run reads, and what the state says."""

from __future__ import annotations

import logging
from datetime import datetime, timezone
from typing import Any

import pytest
from lightfield import Lightfield

from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import ConfigError, StreamStopped
from tests.tap.scripted import Script, field, record
from tests.tap.tap_runs import Output, discover, entry, metadata, only, run

INCREMENTAL = ("accounts", "contacts", "opportunities", "tasks", "notes", "meetings")


def _state(bookmark: str, stream: str = "accounts") -> dict[str, Any]:
    return {
        "bookmarks": {stream: {"replication_key": "updated_at", "replication_key_value": bookmark}}
    }  # fmt: skip


def _numbers(output: Output) -> list[int]:
    return sorted(int(row["id"].removeprefix("rec_")) for row in output.rows("accounts"))


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _api(sandbox: Sandbox) -> Lightfield:
    return Lightfield(api_key=sandbox.key, base_url=sandbox.url)


def test_the_bookmark_is_the_newest_change_of_each_stream(sandbox: Sandbox) -> None:
    output = run({"api_key": sandbox.key, "api_url": sandbox.url})
    for stream in INCREMENTAL:
        newest = max(_moment(r["updated_at"] or r["created_at"]) for r in output.rows(stream))
        assert _moment(output.bookmark(stream)) == newest
    assert "replication_key_value" not in output.state["bookmarks"]["members"]


def test_a_second_run_writes_only_what_has_changed(sandbox: Sandbox) -> None:
    config = {"api_key": sandbox.key, "api_url": sandbox.url, "lookback_window": 0}
    first = run(config)
    api = _api(sandbox)
    changed = sandbox.records("account")[-1]["id"]
    api.account.update(changed, fields={"$name": "Renamed"})
    created = api.account.create(fields={"$name": "Brand new"}).id

    second = run(config, state=first.state)
    at_bookmark = {
        stream: {
            r["id"] for r in first.rows(stream)
            if _moment(r["updated_at"] or r["created_at"]) == _moment(first.bookmark(stream))
        }
        for stream in INCREMENTAL
    }  # fmt: skip
    assert second.ids("accounts") == {changed, created} | at_bookmark["accounts"]
    for stream in INCREMENTAL[1:]:
        assert second.ids(stream) == at_bookmark[stream]
    assert second.ids("members") == first.ids("members")
    assert {r["name"] for r in second.rows("accounts") if r["id"] in (changed, created)} == {
        "Renamed", "Brand new",
    }  # fmt: skip


def test_changes_that_the_lagging_index_hides_come_with_a_later_run(start_sandbox: Any) -> None:
    sandbox = start_sandbox(index_lag=1.5, contacts=0, opportunities=0, tasks=0, notes=0, meetings=0)
    config = {"api_key": sandbox.key, "api_url": sandbox.url}
    api = _api(sandbox)
    ids = [r["id"] for r in sandbox.records("account")[:5]]
    for account in ids:
        api.account.update(account, fields={"$name": "Changed"})

    output = run(config)
    written = {r["id"]: r["name"] for r in output.rows("accounts")}
    while not all(written.get(account) == "Changed" for account in ids):
        output = run(config, state=output.state)
        written |= {r["id"]: r["name"] for r in output.rows("accounts")}
    assert written == {r["id"]: r["fields"]["$name"]["value"] for r in sandbox.records("account")}


@pytest.mark.parametrize(("lookback", "complete"), [(31, True), (0, False)])
def test_with_a_lookback_above_the_lag_of_thirty_seconds_no_update_is_missed(
    script: Script, lookback: int, complete: bool
) -> None:
    def at(second: int) -> datetime:
        return datetime.fromtimestamp(1_780_000_000 + second, timezone.utc)

    updates = {second: f"rec_{second * 7 % 13}" for second in range(0, 300, 3)}
    catalog = only(discover(script.config()), "accounts")
    arrived, state = set(), None
    for now in range(0, 360, 23):
        script.date = at(now).strftime("%a, %d %b %Y %H:%M:%S GMT")
        shown = {f"rec_{n}": record(n, at(0).isoformat()) for n in range(13)}
        for second, id_ in updates.items():
            if second + second * 11 % 31 <= now:  # each shows after a time of its own, 30 s at most
                shown[id_]["updatedAt"] = max(shown[id_]["updatedAt"], at(second).isoformat())
        script.records["accounts"] = list(shown.values())
        output = run(script.config(lookback_window=lookback), catalog=catalog, state=state)
        state = output.state
        arrived |= {(row["id"], row["updated_at"]) for row in output.rows("accounts")}
        unseen = {(r["id"], r["updatedAt"]) for r in shown.values()} - arrived
        if complete:
            assert not unseen
    assert bool({(r["id"], r["updatedAt"]) for r in shown.values()} - arrived) is not complete


def test_a_change_shown_late_lies_within_the_lookback(script: Script) -> None:
    script.records["accounts"] = [record(1, "2025-06-01T00:10:00Z"), record(2, "2025-01-01T00:00:00Z")]
    first = run(script.config())
    # Made before the change that set the bookmark, shown after the run that read it.
    script.records["accounts"][1]["updatedAt"] = "2025-06-01T00:00:00Z"

    assert _numbers(run(script.config(lookback_window=600), state=first.state)) == [1, 2]
    assert _numbers(run(script.config(), state=first.state)) == [1, 2]  # 600 is the default
    assert _numbers(run(script.config(lookback_window=599), state=first.state)) == [1]


def test_the_first_run_starts_exactly_at_start_date(script: Script) -> None:
    script.records["accounts"] = [
        record(1, "2025-03-01T00:00:01Z"),
        record(2, "2025-03-01T00:00:00Z"),
        record(3, "2025-02-28T23:59:59Z"),
    ]
    for start in ("2025-03-01T00:00:00Z", "2025-03-01", "2025-03-01T01:00:00+01:00"):
        assert _numbers(run(script.config(start_date=start))) == [1, 2]


def test_the_lookback_does_not_reach_before_start_date(script: Script) -> None:
    script.records["accounts"] = [record(1, "2025-03-01T00:05:00Z"), record(2, "2025-02-28T23:59:00Z")]
    state = _state("2025-03-01T00:05:00Z")
    assert _numbers(run(script.config(start_date="2025-03-01"), state=state)) == [1]
    assert _numbers(run(script.config(), state=state)) == [1, 2]


def test_a_start_date_after_the_bookmark_wins(script: Script) -> None:
    script.records["accounts"] = [record(1, "2025-05-02T00:00:00Z"), record(2, "2025-04-30T00:00:00Z")]
    output = run(script.config(start_date="2025-05-01"), state=_state("2025-04-01T00:00:00Z"))
    assert _numbers(output) == [1]


def test_a_record_that_was_never_updated_counts_from_its_creation(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    script.records["accounts"] = [
        record(1, None, createdAt="2025-06-01T00:00:00Z"), record(2, None, createdAt="2025-05-01T00:00:00Z")
    ]  # fmt: skip
    output = run(script.config(), state=_state("2025-05-15T00:00:00Z"))
    assert _numbers(output) == [1]
    assert output.rows("accounts")[0]["updated_at"] is None
    assert _moment(output.bookmark("accounts")) == _moment("2025-06-01T00:00:00Z")
    assert not any("null" in r.getMessage() for r in caplog.records)


def test_the_bookmark_needs_no_selected_created_at(script: Script) -> None:
    script.records["accounts"] = [record(1, None, createdAt="2025-06-01T00:00:00Z")]
    catalog = discover(script.config())
    metadata(catalog, "accounts", "properties", "created_at")["selected"] = False
    output = run(script.config(), catalog=catalog)
    assert "created_at" not in output.rows("accounts")[0]
    assert _moment(output.bookmark("accounts")) == _moment("2025-06-01T00:00:00Z")


@pytest.mark.parametrize("missing", [None, "yesterday", 5])
def test_a_record_that_says_no_time_is_an_error(script: Script, missing: Any) -> None:
    script.records["accounts"] = [record(9, None, createdAt=missing)]
    with pytest.raises(StreamStopped, match=r"'accounts'.*rec_9"):
        run(script.config())


def test_bookmarks_compare_in_time_and_not_as_text(script: Script) -> None:
    # As texts the order is the other way round.
    script.records["accounts"] = [
        record(1, "2025-06-01T00:30:00+02:00"), record(2, "2025-05-31T23:00:00Z")
    ]  # fmt: skip
    output = run(script.config())
    assert _moment(output.bookmark("accounts")) == _moment("2025-05-31T23:00:00Z")

    state = _state("2025-06-01T01:00:00+02:00")  # the same moment, as another program wrote it
    output = run(script.config(lookback_window=0), state=state)
    assert _numbers(output) == [2]
    assert _moment(output.bookmark("accounts")) == _moment("2025-05-31T23:00:00Z")


def test_the_bookmark_never_goes_back(script: Script) -> None:
    script.records["accounts"] = [record(2, "2025-06-01T00:00:00Z"), record(1, "2025-05-31T23:55:00Z")]
    first = run(script.config())
    del script.records["accounts"][0]
    second = run(script.config(), state=first.state)
    assert _numbers(second) == [1]
    assert second.bookmark("accounts") == first.bookmark("accounts")


@pytest.mark.parametrize("written", ["2025-06-01T02:00:00+02:00", "2025-06-01T00:00:00Z", "2025-06-01"])
def test_nothing_new_leaves_the_bookmark_in_the_one_form_that_bookmarks_have(
    script: Script, written: str
) -> None:
    output = run(script.config(), state=_state(written))
    assert output.bookmark("accounts") == "2025-06-01T00:00:00.000000+00:00"


def test_a_change_made_during_the_sweep_after_its_page_was_read_is_not_lost(script: Script) -> None:
    script.date = "Mon, 01 Dec 2025 12:00:00 GMT"  # not our clock: a cap by ours would be years late
    script.records["accounts"] = [record(n, "2025-11-01T00:00:00Z") for n in range(30)]

    def change(collection: str, offset: int) -> None:
        if collection == "accounts" and offset == 24:  # the second page: neighbours share a record
            script.records["accounts"][0]["updatedAt"] = "2025-12-01T12:20:00Z"  # its page has been read
            script.records["accounts"][29]["updatedAt"] = "2025-12-01T12:40:00Z"  # its page is read now

    script.on_page = change
    first = run(script.config())
    assert "2025-12-01T12:00:00" <= first.bookmark("accounts") < "2025-12-01T12:20:00"

    script.on_page = lambda collection, offset: None
    assert _numbers(run(script.config(), state=first.state)) == [0, 29]


def _at_the_top(catalog: dict[str, Any]) -> None:
    entry(catalog, "accounts")["replication_method"] = "FULL_TABLE"


def _in_the_metadata(catalog: dict[str, Any]) -> None:
    metadata(catalog, "accounts")["forced-replication-method"] = "FULL_TABLE"


def _as_meltano(catalog: dict[str, Any]) -> None:
    metadata(catalog, "accounts")["replication-method"] = "FULL_TABLE"
    entry(catalog, "accounts")["replication_method"] = "FULL_TABLE"


@pytest.mark.parametrize("switch", [_at_the_top, _in_the_metadata, _as_meltano])
def test_full_table_reads_everything_and_keeps_the_bookmark(script: Script, switch: Any) -> None:
    script.records["accounts"] = [record(1, "2025-06-01T00:00:00Z"), record(2, "2020-01-01T00:00:00Z")]
    catalog = discover(script.config())
    switch(catalog)
    state = _state("2025-03-01T00:00:00.000000+00:00")
    output = run(script.config(start_date="2025-01-01"), catalog=catalog, state=state)
    assert _numbers(output) == [1, 2]
    assert output.state["bookmarks"]["accounts"] == state["bookmarks"]["accounts"]


def test_a_failure_in_the_middle_leaves_the_bookmark(
    script: Script, caplog: pytest.LogCaptureFixture, impatient: None
) -> None:
    script.records["accounts"] = [record(n, "2025-06-01T00:00:00Z") for n in range(30)]
    script.records["contacts"] = [record(n, "2025-06-01T00:00:00Z") for n in range(30)]

    def fail(collection: str, offset: int) -> None:
        if collection == "contacts" and offset:
            script.answers["/v1/contacts"] = (503, {"error": {"type": "service_unavailable"}})

    old = "2025-01-01T00:00:00.000000+00:00"
    state = {"bookmarks": _state(old)["bookmarks"] | _state(old, "contacts")["bookmarks"]}
    script.on_page = fail
    script.records["contacts"] += [record(n, "2025-06-01T00:00:00Z") for n in range(30, 80)]
    with pytest.raises(
        StreamStopped, match=r"'contacts'.*503.*Its bookmark has not moved: run again"
    ) as caught:
        run(script.config(), state=state)

    assert caught.value.exit_code == 1
    states = [m["value"] for m in caught.value.written if m["type"] == "STATE"]  # type: ignore[attr-defined]
    assert {s["bookmarks"]["contacts"]["replication_key_value"] for s in states} == {old}
    assert states[-1]["bookmarks"]["accounts"]["replication_key_value"] > old
    assert not [r for r in caplog.records if r.levelno >= logging.ERROR]  # the command logs the sentence


@pytest.mark.parametrize("bookmark", ["yesterday", 5])
def test_a_bookmark_that_is_no_time_is_an_error_that_names_its_stream(script: Script, bookmark: Any) -> None:
    with pytest.raises(ConfigError, match=r"'accounts'.*no date-time"):
        run(script.config(), state=_state(bookmark))


def test_interrupted_progress_in_the_state_does_not_move_the_bookmark(script: Script) -> None:
    script.records["accounts"] = [record(1, "2025-05-01T00:00:00Z")]
    state = _state("2025-04-01T00:00:00+00:00")
    state["bookmarks"]["accounts"] |= {
        "progress_markers": {
            "replication_key": "updated_at", "replication_key_value": "2025-07-01T00:00:00+00:00"
        },
        "replication_key_signpost": "2025-08-01T00:00:00+00:00",
        "starting_replication_value": "2025-07-01T00:00:00+00:00",
    }  # fmt: skip
    output = run(script.config(), state=state)
    assert _numbers(output) == [1]
    assert _moment(output.bookmark("accounts")) == _moment("2025-05-01T00:00:00Z")


def test_a_run_with_records_of_other_fields_only_reads_what_the_catalog_selects(script: Script) -> None:
    script.fields["accounts"] = {"$name": field("TEXT")}
    script.fields["contacts"] = {"$name": field("FULL_NAME")}
    catalog = only(discover(script.config()), "contacts")
    script.requests.clear()
    run(script.config(), catalog=catalog)
    assert script.requests == ["/v1/auth/validate", "/v1/contacts/definitions", "/v1/contacts"]
