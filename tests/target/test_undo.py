"""Taking a load back: what is as the load wrote it is as it was before, and nothing else is touched."""

from __future__ import annotations

import errno
import json
import os
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from target_lightfield.id_map.id_map import IdMap
from target_lightfield.undo.tally import Tally
from tests.target.target_runs import COMMAND, Setup, rows, write_requests
from tests.target.undo_runs import REPLACE, command, held, of_all_kinds, runs, undo, undone
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]


@pytest.fixture
def before(workspace: Workspace) -> dict[str, str]:
    """A workspace with a few records, by name."""
    acme = workspace.account("Acme", website=["https://acme.example"])
    beta = workspace.account("Beta", website=["https://beta.example"])
    ann = workspace.create(
        "contacts", {"$email": ["ann@acme.example"], "$title": "CTO"}, {"$account": [acme]}
    )
    bob = workspace.contact("bob@beta.example")
    vips = workspace.create("lists", {"$name": "VIPs", "$objectType": "$contact"}, {"$contacts": [ann]})
    return {"acme": acme, "beta": beta, "ann": ann, "bob": bob, "vips": vips}


def test_a_load_of_everything_is_taken_back_and_given_back(
    empty: Sandbox, workspace: Workspace, target: Setup, before: dict[str, str]
) -> None:
    there, member = held(empty), next(iter(workspace.members()))
    target.loaded(of_all_kinds(member), **REPLACE)
    loaded = held(empty)
    assert loaded != there

    plan = undo(target, "latest")

    assert plan.exit_code == 0, plan.output
    assert "accounts: 1 would go to the trash, 1 would be changed back" in plan.output
    assert "list_members: 2 would be taken off lists, 1 would be put back on lists" in plan.output
    assert "block list" in plan.output
    assert held(empty) == loaded
    assert len(runs(target)) == 1

    said = undone(target)

    assert "accounts: 1 moved to the trash, 1 changed back" in said
    assert held(empty) == there
    assert [(run["id"], run["kind"], run["outcome"]) for run in runs(target)] == [
        (2, "undo", "done"), (1, "load", "done"),
    ]  # fmt: skip

    with target.counting() as seen:
        undone(target)  # once more: nothing is left to do
    assert write_requests(seen) == 0
    assert len(runs(target)) == 2

    given_back = undo(target, "2", "--yes")
    assert given_back.exit_code == 1, given_back.output
    assert "1 list stays in the trash" in given_back.output
    others = {id_: record for id_, record in loaded.items() if record["fields"].get("$name") != "Others"}
    assert held(empty) == others


def test_loading_again_after_an_undo_makes_the_workspace_of_the_load(
    empty: Sandbox, workspace: Workspace, target: Setup, before: dict[str, str]
) -> None:
    feed, first = of_all_kinds(next(iter(workspace.members()))), None
    for _ in range(2):
        target.loaded(feed, **REPLACE)
        as_loaded = sorted(str(sorted(map(str, record["fields"].items()))) for record in held(empty).values())
        assert first in (None, as_loaded)
        first = as_loaded
        assert workspace.links("contacts", before["ann"], "$account") == {target.ids("accounts")["n"]}
        undone(target)


def test_what_somebody_has_changed_since_is_left_unless_forced(
    workspace: Workspace, target: Setup, before: dict[str, str]
) -> None:
    feed = rows(
        "contacts", {"id": "1", "email": ["ann@acme.example"], "title": "CEO", "do_not_contact": True}
    )
    target.loaded(feed)
    workspace.update("contacts", before["ann"], {"$title": "Founder"})

    left = undo(target, "latest", "--yes")

    assert left.exit_code == 1
    assert f"contacts {before['ann']} (key 1): $title is Founder, not CEO, as it was written" in left.output
    assert workspace.value("contacts", before["ann"], "$title") == "Founder"
    assert workspace.value("contacts", before["ann"], "$doNotContact") is None

    undone(target, "1", "--force")
    assert workspace.value("contacts", before["ann"], "$title") == "CTO"


@pytest.mark.parametrize(
    "hostile", ["\x1b[2J\x1b]0;x\x07", "F\u202eNot", "all\nNot taken back:\n  nothing", "k" * 1_000_000]
)
def test_what_it_says_of_a_record_is_one_short_line_that_no_terminal_acts_on(
    workspace: Workspace, target: Setup, before: dict[str, str], hostile: str
) -> None:
    target.loaded(
        rows("contacts", {"id": f"1{hostile[:200]}", "email": ["ann@acme.example"], "title": "CEO"})
    )
    workspace.update("contacts", before["ann"], {"$title": f"2{hostile}"})

    said = undo(target, "latest", "--yes").output.splitlines()

    named = [line for line in said if before["ann"] in line]
    assert len(named) == 1
    assert len(said) - said.index("Not taken back:") == 2
    assert all(line.isprintable() and len(line) < 1000 for line in said)


def test_a_terminal_that_lacks_a_letter_does_not_break_an_undo_off(
    workspace: Workspace, target: Setup, before: dict[str, str]
) -> None:
    target.loaded(rows("contacts", {"id": "1", "email": ["ann@acme.example"], "title": "CEO"}))
    workspace.update("contacts", before["ann"], {"$title": "Ředitel"})
    settings = target.folder / "undo.json"
    settings.write_text(json.dumps(target.config))

    command = [Path(COMMAND).with_name("lightfield-migration"), "undo", "1", "--yes", "--config", settings]
    env = os.environ | {"PYTHONIOENCODING": "cp1252"}
    ended = subprocess.run(command, env=env, capture_output=True, check=False)

    assert b"$title is \\u0158editel, not CEO" in ended.stdout
    assert b"Traceback" not in ended.stderr
    assert ended.returncode == 1


def test_an_undo_has_ended_though_nobody_reads_what_it_says(
    target: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.loaded(rows("accounts", {"id": "1", "name": "A"}))

    def lines(tally: Tally, *, is_plan: bool) -> Iterator[str]:
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")

    monkeypatch.setattr(Tally, "lines", lines)
    assert undo(target, "latest", "--yes").exit_code == 1

    assert [(run["kind"], run["outcome"]) for run in runs(target)] == [("undo", "done"), ("load", "done")]


def test_records_that_a_load_moved_to_the_trash_come_back(
    empty: Sandbox, workspace: Workspace, target: Setup, before: dict[str, str]
) -> None:
    target.loaded(rows("contacts", {"id": "1", "email": ["ann@acme.example"], "title": "CEO"}))
    there = held(empty)
    gone = rows("contacts", {"id": "1", "_sdc_deleted_at": "2026-01-01T00:00:00Z"})
    target.loaded(gone, delete_mode="trash")
    assert before["ann"] not in held(empty)

    assert "contacts: 1 taken out of the trash" in undone(target)

    assert held(empty) == there
    assert target.loaded(gone, delete_mode="trash").count("contacts") == {"trashed": 1}


def test_a_record_that_somebody_has_deleted_or_merged_stays_so(
    workspace: Workspace, target: Setup, before: dict[str, str]
) -> None:
    feed = rows("accounts", {"id": "n", "name": "New"}, {"id": "m", "name": "Other"})
    target.loaded(feed)
    ids = target.ids("accounts")
    workspace.delete("accounts", ids["n"])
    workspace.call("POST", "accounts", "merge", body={"primaryId": before["beta"], "duplicateId": ids["m"]})

    assert "accounts: 2 as before already" in undone(target)

    assert sorted(workspace.values("accounts", "$name")) == ["Acme", "Beta"]
    assert target.loaded(feed).count("accounts") == {"gone": 2}


def test_several_changes_of_a_record_are_taken_back_one_after_the_other(
    workspace: Workspace, target: Setup, before: dict[str, str]
) -> None:
    target.loaded(rows("contacts", {"id": "1", "email": ["ann@acme.example"]}))
    target.loaded(
        rows(
            "contacts",
            {"id": "1", "email": ["ann@new.example"], "title": "CEO"},
            {"id": "2", "email": ["ann@acme.example"]},  # which is free by now, and has to be again
            {"id": "1", "email": ["ann@new.example"], "title": "Founder"},
        )
    )
    assert workspace.value("contacts", before["ann"], "$title") == "Founder"

    assert "contacts: 1 moved to the trash, 2 changed back" in undone(target)

    assert workspace.value("contacts", before["ann"], "$email") == ["ann@acme.example"]
    assert workspace.value("contacts", before["ann"], "$title") == "CTO"
    assert len(workspace.all("contacts")) == 2


def test_rows_of_a_later_load_are_linked_again_to_what_an_undo_took_away(
    workspace: Workspace, target: Setup, before: dict[str, str]
) -> None:
    account = rows("accounts", {"id": "n", "name": "New"})
    contact = rows("contacts", {"id": "3", "email": ["bob@beta.example"], "account_ids": ["n"]})
    target.loaded(account)
    target.loaded(contact)
    undone(target, "1")

    target.loaded(account, contact)

    assert target.ids("accounts")["n"] in workspace.links("contacts", before["bob"], "$account")


def test_a_dry_run_in_the_settings_keeps_an_undo_from_writing(target: Setup, workspace: Workspace) -> None:
    target.loaded(rows("accounts", {"id": "1", "name": "A"}))

    assert "take dry_run and verify out of the settings" in undone(target, dry_run=True)
    assert len(workspace.all("accounts")) == 1


def test_files_stay_and_it_says_so(
    empty: Sandbox, target: Setup, tmp_path: Path, before: dict[str, str]
) -> None:
    (tmp_path / "a.txt").write_text("A")
    target.loaded(rows("files", {"id": "f", "file_path": "a.txt"}), file_upload_dir=str(tmp_path))

    assert "1 file stays: Lightfield's API deletes none." in undo(target, "latest").output
    assert undo(target, "latest", "--yes").exit_code == 1


def test_a_key_without_the_scope_is_told_before_anything_is_done(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    narrow = ["accounts:read", "accounts:create", "accounts:update"]
    sandbox = start_sandbox(empty=True, keys={"narrow": narrow})
    target = target_of(sandbox, api_key=sandbox.keys["narrow"])
    target.loaded(rows("accounts", {"id": "1", "name": "A"}))

    plan, done = undo(target, "latest"), undo(target, "latest", "--yes")

    assert (plan.exit_code, done.exit_code) == (0, 1)
    assert "lacks accounts:delete" in plan.output
    assert len(sandbox.records("account")) == 1


def test_many_records_are_looked_up_in_bulk(empty: Sandbox, target: Setup) -> None:
    target.loaded(rows("accounts", *({"id": str(n), "name": f"A{n}"} for n in range(60))))

    with target.counting() as seen:
        plan = undo(target, "latest")

    assert "accounts: 60 would go to the trash" in plan.output
    assert sum(sum(kinds.values()) for kinds in seen["requests"].values()) < 30
    undone(target)
    assert empty.records("account") == []


@pytest.mark.parametrize(
    "arguments", [["undo"], ["undo", "first"], ["undo", "-1"], ["undo", "latest", "--now"]]
)
def test_a_wrong_call_exits_2(target: Setup, arguments: list[str]) -> None:
    assert command(target, *arguments).exit_code == 2


def test_without_a_journal_it_says_so(target: Setup, caplog: pytest.LogCaptureFixture) -> None:
    target.loaded(rows("accounts", {"id": "1", "name": "A"}), keep_journal_days=0)

    for run in ("latest", "7"):
        assert undo(target, run, "--yes").exit_code == 1
    assert command(target, "runs").output == "No run is kept in the id map.\n"
    errors = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert "is id_map the one of that load" in errors[0]
    assert "no run 7" in errors[1]


class TestTheJournal:
    def test_it_has_no_secret_and_nothing_of_what_did_not_change(self, target: Setup) -> None:
        feed = rows("accounts", {"id": "1", "name": "A"})
        target.loaded(feed)
        target.loaded(feed)
        target.loaded(feed, dry_run=True)

        kept = runs(target)
        assert [(run["writes"], run["outcome"]) for run in kept] == [(0, "done"), (1, "done")]
        assert target.config["api_key"] not in str(kept)
        assert kept[0]["workspace"].startswith(f"{target.config['api_url']} ad_")
        assert "sqlite:" not in str(kept)
        assert kept[0]["settings"]["mode"] == "upsert"

    def test_it_has_nothing_of_what_stream_maps_hash_with(self, target: Setup) -> None:
        target.loaded(
            rows("accounts", {"id": "1", "name": "A"}),
            stream_maps={"accounts": {"name": "md5(config['salt'] + name + 'pepper')"}},
            stream_map_config={"salt": "sea-salt"},
            faker_config={"seed": 4711, "locale": "en_US"},
        )

        assert not any(secret in str(runs(target)) for secret in ("pepper", "sea-salt", "4711"))

    def test_a_refused_write_is_not_in_it(self, target: Setup, workspace: Workspace) -> None:
        workspace.contact("ann@x.example")
        outcome = target.load(
            rows("contacts", {"id": "1", "email": ["b@x.example"], "telephone": "no"}),
            rows("opportunities", {"id": "2", "name": "D", "account_id": "acc_none"}),
            unknown_columns="ignore",
        )
        assert outcome.status == 0
        assert runs(target)[0]["writes"] == 1

    def test_it_is_pruned_and_a_run_keeps_its_number(self, target: Setup) -> None:
        target.loaded(rows("accounts", {"id": "1", "name": "A"}))
        with closing(sqlite3.connect(target.id_map_path)) as database, database:
            database.execute("UPDATE lightfield_runs SET started_at = '2020-01-01 00:00:00.000000'")
        target.loaded(rows("accounts", {"id": "2", "name": "B"}))

        assert [(run["id"], run["writes"]) for run in runs(target)] == [(2, 1)]
        assert len(target.table("lightfield_writes")) == 1

    @pytest.mark.parametrize("days", [10**6, 10**18])
    def test_it_can_be_kept_for_ever(self, target: Setup, days: int) -> None:
        target.loaded(rows("accounts", {"id": "1", "name": "A"}), keep_journal_days=days)
        target.loaded(rows("accounts", {"id": "2", "name": "B"}), keep_journal_days=days)

        assert [run["writes"] for run in runs(target)] == [1, 1]

    def test_a_run_that_failed_is_in_it_with_why(
        self, empty: Sandbox, target: Setup, impatient: None
    ) -> None:
        target.loaded(rows("accounts", {"id": "1", "name": "A"}))
        empty.set_faults("500:1")
        target.load(rows("accounts", {"id": "2", "name": "B"}))
        assert runs(target)[0]["outcome"] == "done"  # it did not come as far as opening the workspace

    def test_an_id_map_of_the_version_before_gets_one(self, target: Setup) -> None:
        target.loaded(rows("accounts", {"id": "1", "name": "A"}))
        with closing(sqlite3.connect(target.id_map_path)) as database, database:
            database.executescript(
                "DROP TABLE lightfield_runs; DROP TABLE lightfield_writes;"
                "UPDATE lightfield_id_map SET version = 6;"
            )
        assert runs(target) == []
        target.loaded(rows("accounts", {"id": "1", "name": "B"}))
        undone(target)
        assert target.values("accounts", "$name") == {"1": "A"}
        with closing(IdMap(target.config["id_map"])) as id_map:
            assert len(id_map.journal.runs()) == 2
