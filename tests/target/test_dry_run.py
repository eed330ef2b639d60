"""A dry run says what a run would do, and does none of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.target.target_runs import COMMAND, Setup, row, rows, schema, state, write_requests
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


def test_it_tells_of_each_record_what_would_change(
    target: Setup, workspace: Workspace, tmp_path: Path
) -> None:
    owner = next(iter(workspace.members()))
    sizes = workspace.options("accounts", "$headcount")
    account = workspace.account("Acme", website=["https://acme.example"], headcount=sizes["1-10"])
    long = "x" * 5000
    target.loaded(rows("contacts", {"id": 9, "email": "old@acme.example", "account_ids": [account]}))

    outcome = target.load(
        rows("contacts", {"id": 1, "email": "ann@acme.example", "name": {"first_name": "Ann"}}),
        rows(
            "accounts",
            {"id": 1, "name": "Acme", "website": ["https://acme.example"], "headcount": "11-50",
             "contact_ids": [1], "custom_account_plan": long},
            {"id": 2, "name": "Birch", "owner_id": owner, "custom_icp_score": "much"},
        ),
        rows("contacts", {"id": 9, "_sdc_deleted_at": "2024-01-01T00:00:00Z"}),
        dry_run=True,
        delete_mode="trash",
        relationship_mode="replace",
        report_path=str(tmp_path / "report"),
    )  # fmt: skip

    path = tmp_path / "report.changes.jsonl"
    assert path.stat().st_mode & 0o777 == 0o600
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    told = {(line["object"], line["key"], line["action"]): line for line in lines}
    assert set(told) == {
        ("contacts", "1", "created"),
        ("accounts", "1", "updated"),
        ("contacts", "9", "trashed"),
    }
    ann = told["contacts", "1", "created"]
    assert (ann["record_id"], ann["httpLink"], ann["name"]) == (None, None, "Ann")
    assert ann["fields"]["email"] == {"old": None, "new": ["ann@acme.example"]}
    acme = told["accounts", "1", "updated"]
    assert (acme["record_id"], acme["name"]) == (account, "Acme")
    assert acme["httpLink"] == workspace.get("accounts", account)["httpLink"]
    assert acme["fields"] == {
        "headcount": {"old": "1-10", "new": "11-50"},
        "custom_account_plan": {"old": None, "new": long},
    }
    assert acme["links"]["contact_ids"]["added"] == [{"key": "1", "record_id": None}]
    assert [one["key"] for one in acme["links"]["contact_ids"]["removed"]] == ["9"]

    report = json.loads((tmp_path / "report.json").read_text())
    assert report["headline"] == "4 records: 1 would be created, 1 updated, 1 moved to the trash, 1 rejected."
    assert report["headline"] in outcome.log
    assert report["failure"] is None
    assert "1 record was rejected" in report["verdict"]
    [told_short] = report["objects"]["accounts"]["changes"]["examples"]
    assert len(told_short["fields"]["custom_account_plan"]["new"]) < 300
    [rejected] = report["rejects"]
    assert rejected["examples"][0]["value"] == "much"
    assert report["workspace"]["members"]["emails"][0] in workspace.members()
    page = (tmp_path / "report.html").read_text()
    assert "The dry run failed" not in page
    assert f'href="{acme["httpLink"]}"' in page
    assert "much" in page
    assert "much" not in outcome.log
    assert target.config["api_key"] not in page + path.read_text() + json.dumps(report)


def test_what_is_ambiguous_is_named_with_its_records(
    target: Setup, workspace: Workspace, tmp_path: Path
) -> None:
    twins = [workspace.account("Twin"), workspace.account("Twin")]
    target.load(
        rows("accounts", {"id": 1, "name": "Twin"}), dry_run=True, report_path=str(tmp_path / "report")
    )

    [rejected] = json.loads((tmp_path / "report.json").read_text())["rejects"]
    assert {
        one["record_id"]: (one["name"], one["httpLink"]) for one in rejected["examples"][0]["records"]
    } == {twin: ("Twin", workspace.get("accounts", twin)["httpLink"]) for twin in twins}
    assert workspace.get("accounts", twins[0])["httpLink"] in (tmp_path / "report.html").read_text()


def test_the_command_for_the_rejects_loads_them_again(
    target: Setup, workspace: Workspace, tmp_path: Path
) -> None:
    twins = [workspace.account("Twin"), workspace.account("Twin")]
    target.load(rows("accounts", {"id": 1, "name": "Twin"}), report_path=str(tmp_path / "report"))
    replay = json.loads((tmp_path / "report.json").read_text())["replay"]
    workspace.delete("accounts", twins[0])

    command = f"PATH={Path(COMMAND).parent}:$PATH; {replay['shell']}"
    done = subprocess.run(
        ["sh", "-c", command], check=False, capture_output=True, text=True, cwd=target.folder, timeout=300
    )
    assert done.returncode == 0, done.stderr
    assert "accounts: 0 created, 0 updated, 1 unchanged, 0 rejected" in done.stderr
    assert not target.rejects_path.exists()
    assert replay["meltano"].endswith(replay["shell"].rpartition(" < ")[2])


def test_an_email_that_would_be_logged_is_not_said_to_be_one_that_cant_be_changed(
    target: Setup, workspace: Workspace
) -> None:
    email = {
        "id": 1,
        "from": next(iter(workspace.members())),
        "to": ["ann@acme.example"],
        "sent_at": "2024-05-01T10:00:00Z",
        "body": "<p>Hello</p>",
    }
    outcome = target.loaded(rows("emails", email), dry_run=True)

    assert outcome.count("emails") == {"created": 1}
    assert "can't be changed" not in outcome.log


def test_a_report_has_the_first_few_of_very_many(target: Setup, tmp_path: Path) -> None:
    feed = rows("notes", *({"id": n, "title": f"Note {n}"} for n in range(50)))
    target.loaded(feed, dry_run=True, report_path=str(tmp_path / "report"))

    changes = json.loads((tmp_path / "report.json").read_text())["objects"]["notes"]["changes"]
    assert changes["count"] == 50
    assert len(changes["examples"]) == 20
    assert len((tmp_path / "report.changes.jsonl").read_text().splitlines()) == 50

    target.loaded(rows("notes"), dry_run=True, report_path=str(tmp_path / "report"))
    assert not (tmp_path / "report.changes.jsonl").exists()  # there is nothing to tell any more
