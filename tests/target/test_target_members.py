"""Members whom the workspace lacks are named, with how many records refer to them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from target_runs import Setup, rows
from workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.server import Sandbox

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
