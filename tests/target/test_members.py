"""Members whom the workspace lacks are named, with how many records refer to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.target.target_runs import Setup, rows, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]


def test_each_is_reported_with_the_records_that_refer_to_it_by_key_or_by_email(
    target: Setup, empty: Sandbox, tmp_path: Path
) -> None:
    there = next(iter(Workspace(empty).members()))
    path = tmp_path / "report.json"

    outcome = target.loaded(
        rows("members", {"id": "m1", "email": "gone@x.example"}, {"id": "m2", "email": there}),
        rows(
            "accounts",
            {"id": 1, "name": "A", "owner_id": "m1"},
            {"id": 2, "name": "B", "owner_id": "gone@x.example"},
            {"id": 3, "name": "C", "owner_id": "m2"},
        ),
        rows("tasks", {"id": 1, "title": "T", "status": "TODO", "assigned_to_id": "m1"}),
        report_path=str(path),
    )

    assert outcome.count("members") == {"waiting": 1, "unchanged": 1}
    assert outcome.count("tasks") == {"waiting": 1}
    assert "Member gone@x.example is not in the workspace, and 3 records refer to them" in outcome.log
    assert there not in outcome.log
    report = json.loads(path.read_text())
    assert report["missing_members"] == [{"member": "gone@x.example", "records": 3}]


def test_one_to_whom_nothing_refers_is_named_too(target: Setup) -> None:
    outcome = target.loaded(rows("members", {"id": "m1", "email": "gone@x.example"}))

    assert "gone@x.example is not in the workspace, and 0 records refer to them" in outcome.log


def test_what_referred_to_a_missing_member_is_written_once_they_are_there(
    target: Setup, empty: Sandbox
) -> None:
    workspace = Workspace(empty)
    feed = [
        *rows("accounts", {"id": 1, "name": "A", "owner_id": "m1"}),
        *rows("tasks", {"id": 1, "title": "T", "status": "TODO", "assigned_to_id": "m1"}),
    ]
    [email, member], *_ = workspace.members().items()
    target.loaded(rows("members", {"id": "m1", "email": "gone@x.example"}), feed)
    assert workspace.all("tasks") == []

    # The invitation was to another address: that is how one who was missing comes to be there.
    outcome = target.loaded(rows("members", {"id": "m1", "email": email}))

    assert outcome.count("members") == {"unchanged": 1}
    assert "is not in the workspace" not in outcome.log
    [account], [task] = workspace.all("accounts"), workspace.all("tasks")
    assert account["relationships"]["$owner"]["values"] == [member]
    assert task["relationships"]["$assignedTo"]["values"] == [member]
    for table in ("lightfield_waiting_links", "lightfield_waiting_records"):
        assert target.table(table) == []


def test_columns_without_a_member_are_no_reference_to_one(target: Setup, tmp_path: Path) -> None:
    path = tmp_path / "report.json"

    target.loaded(
        rows(
            "tasks",
            {"id": 1, "title": "T", "status": "TODO", "assigned_to_id": "m1", "created_by_id": None},
        ),
        report_path=str(path),
    )

    assert json.loads(path.read_text())["missing_members"] == [{"member": "m1", "records": 1}]


def test_a_record_counts_once_for_a_member_however_often_and_in_whatever_form_it_names_them(
    target: Setup, tmp_path: Path
) -> None:
    path = tmp_path / "report.json"
    deal = {"id": 1, "name": "D", "account_id": "later", "owner_id": "m1", "created_by_id": "Gone@X.example"}

    target.loaded(
        rows("members", {"id": "m1", "email": "gone@x.example"}),
        rows("opportunities", deal),
        report_path=str(path),
    )

    assert json.loads(path.read_text())["missing_members"] == [{"member": "gone@x.example", "records": 1}]


def test_a_member_whom_the_source_has_deleted_is_left_alone(target: Setup, empty: Sandbox) -> None:
    [email, member], *_ = Workspace(empty).members().items()
    target.loaded(rows("members", {"id": "m1", "email": email}), delete_mode="trash")

    with target.counting() as seen:
        outcome = target.loaded(
            rows("members", {"id": "m1", "email": email, "_sdc_deleted_at": "2024-06-01T00:00:00Z"}),
            delete_mode="trash",
        )

    assert outcome.count("members") == {"skipped": 1}
    assert write_requests(seen) == 0
    assert target.ids("members") == {"m1": member}
