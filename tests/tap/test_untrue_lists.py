"""Lists that repeat, reorder or backdate records, and runs that end early: nothing is passed over."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest

from tap_lightfield.errors import TapError
from tests.tap.file_runs import file
from tests.tap.scripted import Script, record
from tests.tap.tap_runs import Output, discover, only, run

FAILED = (400, {"error": {"type": "bad_request", "message": "no"}})


def _page(*records: Any, total: int) -> tuple[int, Any]:
    return 200, {"object": "list", "data": list(records), "totalCount": total}


def _refers(*ids: Any) -> dict[str, Any]:
    return {"$files": {"values": list(ids), "objectType": "file"}}


def _activated(output: Output) -> set[str]:
    return {message["stream"] for message in output.messages if message["type"] == "ACTIVATE_VERSION"}


def test_a_record_that_a_page_shows_twice_stands_for_no_other(
    script: Script, retry_policy: Callable[..., None]
) -> None:
    retry_policy(short_page_waits=(0.0, 0.0, 0.0))
    fields = {"$objectType": {"value": "$account", "valueType": "TEXT"}}
    script.records["lists"] = [record(9, fields=fields)]
    page = _page(record(1), record(1), record(2), total=3)
    script.answers["/v1/accounts"] = script.answers["/v1/lists/rec_9/accounts"] = page

    output = run(script.config(full_sweep=["accounts", "list_members"]))

    assert [row["id"] for row in output.rows("accounts")] == ["rec_1", "rec_2"]
    assert [row["record_id"] for row in output.rows("list_members")] == ["rec_1", "rec_2"]
    assert _activated(output) == set()
    assert "complete" not in json.dumps(output.state["bookmarks"]["list_members"])


def test_records_of_one_time_whose_order_differs_from_page_to_page_are_written_where_they_are_shown(
    script: Script, retry_policy: Callable[..., None]
) -> None:
    retry_policy(short_page_waits=(0.0, 0.0, 0.0))
    records = [record(n) for n in range(60)]
    swapped = [records[n ^ 1] for n in range(60)]
    shown: set[str] = set()

    def page(query: dict[str, list[str]]) -> tuple[int, Any]:
        offset = int(query["offset"][0])
        found = (swapped if offset else records)[offset : offset + 25]
        shown.update(one["id"] for one in found)
        return _page(*found, total=60)

    script.answers["/v1/accounts"] = page
    assert run(script.config()).ids("accounts") == shown


def test_a_record_that_is_older_by_its_change_than_by_its_creation_is_new_all_the_same(
    script: Script,
) -> None:
    for stream in ("accounts", "emails"):
        script.records[stream] = [record(1)]
    first = run(script.config())
    for stream in ("accounts", "emails"):
        script.records[stream].insert(0, record(2, "2025-03-01T00:00:00Z", createdAt="2025-06-02T00:00:00Z"))
    second = run(script.config(), state=first.state)
    assert "rec_2" in second.ids("accounts") & second.ids("emails")


@pytest.mark.parametrize("ends_early", [True, False], ids=["an error", "files deselected"])
def test_files_that_a_run_did_not_come_to_are_read_by_the_next(script: Script, ends_early: bool) -> None:
    catalog = only(discover(script.config()), "accounts", "contacts", "files")
    script.unlisted["files"] = [file(9)]
    script.records["accounts"] = [record(1, relationships=_refers())]
    script.date = "Sun, 01 Jun 2025 12:00:00 GMT"
    state = run(script.config(), catalog=catalog).state
    script.records["accounts"] = [
        record(2, "2025-06-02T01:00:00Z"), record(1, "2025-06-02T00:00:00Z", relationships=_refers("fil_9"))
    ]  # fmt: skip
    script.date = "Mon, 02 Jun 2025 12:00:00 GMT"
    if ends_early:
        script.answers["/v1/contacts"] = FAILED
        with pytest.raises(TapError) as ended:
            run(script.config(), catalog=catalog, state=state)
        state = Output(ended.value.written).state  # type: ignore[attr-defined]
        del script.answers["/v1/contacts"]
    else:
        state = run(script.config(), catalog=only(discover(script.config()), "accounts"), state=state).state

    script.date = "Tue, 03 Jun 2025 12:00:00 GMT"
    third = run(script.config(), catalog=catalog, state=state)
    assert third.ids("files") == {"fil_9"}
    script.date = "Wed, 04 Jun 2025 12:00:00 GMT"
    assert run(script.config(), catalog=catalog, state=third.state).ids("files") == set()


def test_what_is_trashed_while_nobody_asks_for_the_trash_comes_when_somebody_does(script: Script) -> None:
    live, trash = [record(1), record(2)], []

    def page(query: dict[str, list[str]]) -> tuple[int, Any]:
        found = trash if query.get("status") == ["trashed"] else live
        return _page(*found[int(query["offset"][0]) :], total=len(found))

    script.answers["/v1/accounts"] = page
    on, off = script.config(include_trashed=True), script.config()
    first = run(on, catalog=only(discover(on), "accounts"))
    trash.append(record(1, "2025-06-02T00:00:00Z"))
    live[:] = [record(2, "2025-06-03T00:00:00Z")]
    second = run(off, catalog=only(discover(off), "accounts"), state=first.state)
    third = run(on, catalog=only(discover(on), "accounts"), state=second.state)
    assert "rec_1" in third.ids("accounts")


@pytest.mark.parametrize("expires", ["2025-06-02T00:14:59Z", None])
def test_a_file_that_a_lagging_list_shows_as_pending_is_read_again(script: Script, expires: Any) -> None:
    script.date = "Mon, 02 Jun 2025 00:15:00 GMT"
    pending = file(1, "PENDING", createdAt="2025-06-02T00:00:00Z", expiresAt=expires)
    script.records["files"] = [file(3, createdAt="2025-06-02T00:14:50Z"), pending]
    first = run(script.config())
    script.records["files"][1] = file(1, createdAt="2025-06-02T00:00:00Z")
    script.date = "Mon, 02 Jun 2025 01:00:00 GMT"
    second = run(script.config(), state=first.state)
    assert {row["id"]: row["status"] for row in second.rows("files")}["fil_1"] == "COMPLETED"


def test_the_oldest_pending_file_holds_the_bookmark_whatever_the_order(script: Script) -> None:
    pending = {"expiresAt": "2099-01-01T00:00:00Z"}
    script.records["files"] = [
        file(2, createdAt="2025-06-20T00:00:00Z"),
        file(0, "PENDING", createdAt="2025-06-10T10:00:00Z", **pending),
        file(1, "PENDING", createdAt="2025-06-10T11:30:00Z", **pending),
    ]
    assert run(script.config()).bookmark("files") == "2025-06-10T10:00:00.000000+00:00"


@pytest.mark.parametrize(
    "relationships", [["a"], _refers({"id": "x"}), _refers(5), _refers(5, "fil_1")], ids=str
)
def test_references_of_another_shape_are_an_error_in_one_sentence(script: Script, relationships: Any) -> None:
    script.records["accounts"] = [record(1, relationships=relationships)]
    with pytest.raises(TapError, match="rec_1"):
        run(script.config())


@pytest.mark.parametrize("of_a_sequence", [True, False])
def test_a_time_before_all_times_is_an_error_in_one_sentence(script: Script, of_a_sequence: bool) -> None:
    never = "0001-01-01T00:00:00+05:00"
    if of_a_sequence:
        script.records["sequences"] = [record(1)]
        script.answers["/v1/sequences/rec_1/messages"] = _page({"id": "m", "createdAt": never}, total=1)
        with suppress(TapError):
            run(script.config())
        return
    script.records["opportunities"] = [record(1)]
    entry = {"value": "x", "recordedAt": never}
    page = {"data": [entry], "hasMore": False, "nextCursor": None}
    script.answers["/v1/opportunities/rec_1/fields/$stage/history"] = (200, page)
    with pytest.raises(TapError, match="documented shape"):
        run(script.config(field_history={"opportunities": ["$stage"]}))
