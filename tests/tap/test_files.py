"""Files: which of them a run brings."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from lightfield_sandbox.http.server import Sandbox
from tests.tap.file_runs import file
from tests.tap.scripted import Script, record
from tests.tap.tap_runs import discover, only, run
from tests.tap.translation import expected_file


def _config(sandbox: Sandbox, **settings: Any) -> dict[str, Any]:
    return {"api_key": sandbox.key, "api_url": sandbox.url, **settings}


def test_listed_files_and_those_that_records_refer_to_come_each_once(sandbox: Sandbox) -> None:
    rows = {row["id"]: row for row in run(_config(sandbox)).rows("files")}
    expected = [*sandbox.records("file"), *sandbox.unlisted_files()]
    assert rows == {file["id"]: expected_file(file) for file in expected}
    assert sandbox.unlisted_files()


def test_files_that_only_deselected_streams_refer_to_do_not_come(sandbox: Sandbox) -> None:
    output = run(_config(sandbox), catalog=only(discover(_config(sandbox)), "files"))
    assert output.ids("files") == {file["id"] for file in sandbox.records("file")}


def test_only_files_of_changed_records_are_asked_for_again(script: Script) -> None:
    script.unlisted["files"] = [file(n) for n in range(3)]
    script.records["accounts"] = [
        record(n, f"2025-0{6 - n}-01T00:00:00Z", relationships={"$files": {"values": [f"fil_{n}"]}})
        for n in range(3)
    ]
    first = run(script.config())
    assert first.ids("files") == {"fil_0", "fil_1", "fil_2"}
    assert run(script.config(), state=first.state).ids("files") == {"fil_0"}
    assert len(run(script.config(full_sweep=["files"]), state=first.state).ids("files")) == 3


def test_the_first_run_of_files_brings_those_of_records_that_have_not_changed(script: Script) -> None:
    script.unlisted["files"] = [file(1)]
    link = {"$transcript": {"values": ["fil_1"]}}
    script.records["meetings"] = [
        record(1, accessLevel="FULL"),
        record(2, "2025-01-01T00:00:00Z", accessLevel="FULL", relationships=link),
    ]
    meetings = run(script.config(), catalog=only(discover(script.config()), "meetings"))
    assert run(script.config(), state=meetings.state).ids("files") == {"fil_1"}


@pytest.mark.parametrize("key", ["$files", "$transcript", "$transcripts", "$attachment", "contracts"])
def test_whatever_relationship_leads_to_a_file_is_followed(script: Script, key: str) -> None:
    script.unlisted["files"] = [file(1)]
    link = {key: {"values": ["fil_1"], "objectType": "file" if key == "contracts" else "?"}}
    script.records["notes"] = [record(1, relationships=link)]
    assert run(script.config()).ids("files") == {"fil_1"}


def test_references_that_lead_nowhere_are_counted_in_one_warning(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    script.unlisted["files"] = [file(1)]
    link = {"$files": {"values": ["fil_1", "gone_1", "gone_2", None]}}
    script.records["accounts"] = [record(1, relationships=link)]
    assert run(script.config()).ids("files") == {"fil_1"}
    assert sum("2 of 3 files" in r.getMessage() for r in caplog.records) == 1


def _created(number: int, day: int, status: str = "COMPLETED", **parts: Any) -> dict[str, Any]:
    return file(number, status, createdAt=f"2025-06-{day:02}T00:00:00.000Z", **parts)


def test_the_next_run_reads_new_files_only(script: Script) -> None:
    script.records["files"] = [_created(n, 28 - n % 28) for n in range(28)]
    first = run(script.config())
    assert first.bookmark("files") == "2025-06-28T00:00:00.000000+00:00"
    script.records["files"].insert(0, _created(100, 29))
    assert run(script.config(), state=first.state).ids("files") == {"fil_100", "fil_0"}


def test_a_pending_file_is_read_again_until_it_is_settled(script: Script) -> None:
    pending = _created(1, 10, "PENDING", expiresAt="2099-01-01T00:00:00Z")
    script.records["files"] = [_created(2, 20), pending, _created(0, 5)]
    first = run(script.config())
    assert first.bookmark("files") == "2025-06-10T00:00:00.000000+00:00"
    second = run(script.config(), state=first.state)
    assert second.ids("files") == {"fil_1", "fil_2"}

    pending |= {"status": "COMPLETED", "expiresAt": None}
    third = run(script.config(), state=second.state)
    assert {row["id"]: row["status"] for row in third.rows("files")}["fil_1"] == "COMPLETED"
    assert third.bookmark("files") == "2025-06-20T00:00:00.000000+00:00"


def test_a_pending_file_whose_upload_has_expired_holds_nothing_back(script: Script) -> None:
    script.date = "Wed, 25 Jun 2025 00:00:00 GMT"
    expired = _created(1, 10, "PENDING", expiresAt="2025-06-10T01:00:00Z")
    endless = _created(2, 9, "PENDING", expiresAt=None)
    script.records["files"] = [_created(3, 20), expired, endless]
    assert run(script.config()).bookmark("files") == "2025-06-20T00:00:00.000000+00:00"


def test_a_pending_file_that_no_list_shows_is_read_again_by_its_id(script: Script) -> None:
    pending = file(1, "PENDING", expiresAt="2099-01-01T00:00:00Z")
    script.unlisted["files"] = [pending]
    script.records["accounts"] = [record(1, relationships={"$files": {"values": ["fil_1"]}})]
    first = run(script.config())
    script.records["accounts"] = []
    pending |= {"status": "COMPLETED"}
    second = run(script.config(), state=first.state)
    assert [row["status"] for row in second.rows("files")] == ["COMPLETED"]
    assert run(script.config(), state=second.state).rows("files") == []


def test_the_pending_clock_is_the_servers(script: Script) -> None:
    script.date = "Sun, 01 Jun 2025 12:00:00 GMT"  # years before ours
    soon = file(1, "PENDING", createdAt="2025-06-01T11:00:00Z", expiresAt="2025-06-01T12:30:00Z")
    script.records["files"] = [file(2, createdAt="2025-06-01T11:30:00Z"), soon]
    bookmark = datetime.fromisoformat(run(script.config()).bookmark("files"))
    assert bookmark == datetime(2025, 6, 1, 11, tzinfo=timezone.utc)
