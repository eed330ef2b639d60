"""A dry run says what a run would do, and does none of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.target.target_runs import Setup, row, rows, schema, state, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]


@pytest.fixture
def feed(tmp_path: Path) -> list[Json]:
    """Something of everything that can be written."""
    (tmp_path / "call.txt").write_text("We talked.")
    return [
        *rows("files", {"id": "f", "file_path": "call.txt"}),
        *rows("accounts", {"id": 1, "name": "Acme", "website": ["https://acme.example"]}),
        *rows("contacts", {"id": 1, "email": "ann@acme.example", "account_ids": [1, 9]}),
        *rows("opportunities", {"id": 1, "name": "Deal", "account_id": 1}, {"id": 2, "name": "No account"}),
        *rows("notes", {"id": 1, "title": "Note", "account_ids": [1]}),
        *rows(
            "meetings",
            {
                "id": 1,
                "title": "Call",
                "start_date": "2024-05-01T10:00:00Z",
                "end_date": "2024-05-01T11:00:00Z",
                "transcript_id": "f",
            },
        ),
        *rows("lists", {"id": "l", "name": "Friends", "object_type": "account"}),
        schema("list_members", key=("list_id", "object_type", "record_id")),
        row("list_members", list_id="l", object_type="account", record_id=1),
        *rows("object_subscription", {"id": "s", "name": "S"}),
        state(done=1),
    ]


def test_it_makes_no_write_call_and_counts_what_the_run_then_does(
    empty: Sandbox, target_of: Callable[..., Setup], tmp_path: Path, feed: list[Json]
) -> None:
    target = target_of(empty, file_upload_dir=str(tmp_path), max_rejects=9)

    with target.counting() as seen:
        dry = target.loaded(feed, dry_run=True)

    assert write_requests(seen) == 0
    assert seen["uploads"] == 0
    assert dry.count("accounts") == {"created": 1}
    assert dry.counts == target.loaded(feed).counts


def test_it_leaves_nothing_behind(
    empty: Sandbox, target_of: Callable[..., Setup], tmp_path: Path, feed: list[Json]
) -> None:
    target = target_of(empty, file_upload_dir=str(tmp_path), max_rejects=9)

    outcome = target.loaded(feed, dry_run=True)

    assert outcome.states == []  # else the run after it would be given nothing of what was only looked at
    assert not target.id_map_path.exists()
    assert target.rejects_messages() == []


def test_an_id_map_that_is_there_stays_as_it_is(target: Setup, workspace: Workspace) -> None:
    target.loaded(rows("accounts", {"id": 1, "name": "Acme"}))
    before = target.table("lightfield_records")
    changed = rows("accounts", {"id": 1, "name": "Acme Inc"}, {"id": 2, "name": "New"})

    assert target.loaded(changed, dry_run=True).count("accounts") == {"created": 1, "updated": 1}

    assert target.table("lightfield_records") == before
    assert target.table("lightfield_creates") == []
    assert workspace.values("accounts", "$name") == ["Acme"]
    assert target.loaded(changed).count("accounts") == {"created": 1, "updated": 1}


def test_the_report_says_what_would_change_what_is_ambiguous_and_what_would_be_billed(
    target: Setup, workspace: Workspace, tmp_path: Path
) -> None:
    twins = [workspace.account("Twin"), workspace.account("Twin")]
    workspace.contact("ann@acme.example", title="CEO")
    path = tmp_path / "report"

    outcome = target.load(
        rows(
            "contacts",
            {"id": 1, "email": "ann@acme.example", "title": "CTO"},
            {"id": 2, "email": "new@acme.example", "account_ids": ["none"]},
        ),
        rows("accounts", {"id": 1, "name": "Twin"}, {"id": 2, "name": "Other"}, {"id": 3}),
        dry_run=True,
        skip_enrichment=False,
        report_path=str(path),
    )

    assert "contacts: changed in updates: title (1)" in outcome.log
    assert "accounts: 1 enrichment that Lightfield bills" in outcome.log
    report = json.loads(path.with_suffix(".json").read_text())
    assert report["dry_run"] is True
    assert report["objects"]["contacts"]["updated"] == 1
    assert report["objects"]["contacts"]["changed_fields"] == {"title": 1}
    assert report["objects"]["accounts"]["created"] == 1
    reasons = {reject["code"]: reject["examples"][0]["message"] for reject in report["rejects"]}
    assert all(twin in reasons["ambiguous"] for twin in twins)
    assert report["waiting_links"]["count"] == 1
    assert report["enrichments_billed"] == 2  # a contact and an account
    assert report["api_calls"]["write"] == 0
    assert "dry run" in path.with_suffix(".html").read_text().lower()


def test_deletions_and_links_that_end_are_only_counted(target: Setup, workspace: Workspace) -> None:
    target.loaded(
        rows("contacts", {"id": 1, "email": "a@x.example"}, {"id": 2, "email": "b@x.example"}),
        rows("accounts", {"id": 1, "name": "Acme", "contact_ids": [1, 2]}, {"id": 2, "name": "Gone"}),
    )
    account = target.ids("accounts")["1"]

    outcome = target.loaded(
        rows(
            "accounts",
            {"id": 1, "name": "Acme", "contact_ids": [1]},
            {"id": 2, "name": "Gone", "_sdc_deleted_at": "2024-01-01T00:00:00Z"},
        ),
        dry_run=True,
        relationship_mode="replace",
        delete_mode="trash",
    )

    assert outcome.count("accounts") == {"updated": 1, "trashed": 1}
    assert len(workspace.links("accounts", account, "$contact")) == 2
    assert len(workspace.all("accounts")) == 2
