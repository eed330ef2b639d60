"""An undo that broke off, was called again, or lists that lag: nothing is taken for done that is not."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import Conflict
from tests.target.target_runs import COMMAND, Setup, row, rows, schema
from tests.target.undo_runs import REPLACE, by_content, killed_at, of_all_kinds, runs, undo, undone
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]


@pytest.fixture
def lagging(start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]) -> Setup:
    """A target of a workspace whose lists show nothing of what is written during a test."""
    return target_of(start_sandbox(empty=True, index_lag=3600))


def members(sandbox: Sandbox) -> int:
    """How many are on the one list, whether its list shows it or not."""
    [one] = sandbox.records("list")
    record = sandbox._workspace.store.get("list", one["id"])
    assert record is not None
    return len(record.links.get("$contacts", ()))


def on_a_list(*keys: int) -> list[Json]:
    contacts = ({"id": str(n), "email": [f"c{n}@x.example"]} for n in range(30))
    return [
        *rows("lists", {"id": "v", "name": "L", "object_type": "contact"}),
        *rows("contacts", *contacts),
        schema("list_members", key=("list_id", "object_type", "record_id")),
        *(row("list_members", list_id="v", object_type="contact", record_id=str(n)) for n in keys),
        {"type": "STATE", "value": {"bookmarks": {"list_members": {"complete": {"rows": len(keys)}}}}},
    ]


@pytest.mark.slow
@pytest.mark.parametrize("is_sent", [True, False], ids=["sent", "not sent"])
@pytest.mark.parametrize("write", range(1, 15))
def test_a_load_after_an_undo_that_was_killed_writes_again_what_that_took_back(
    empty: Sandbox, workspace: Workspace, target: Setup, write: int, is_sent: bool
) -> None:
    acme = workspace.account("Acme", website=["https://acme.example"])
    ann = workspace.create("contacts", {"$email": ["ann@acme.example"]}, {"$account": [acme]})
    workspace.contact("bob@beta.example")
    workspace.create("lists", {"$name": "VIPs", "$objectType": "$contact"}, {"$contacts": [ann]})
    feed = of_all_kinds(next(iter(workspace.members())))
    target.loaded(feed, **REPLACE)
    as_loaded = by_content(empty)

    with killed_at(write, before=not is_sent):
        undo(target, "latest", "--yes", max_concurrency=1)
    is_broken_off = runs(target)[0]["outcome"] != "done"
    assert is_broken_off == (write < 14)

    outcome = target.loaded(feed, **REPLACE)
    assert by_content(empty) == as_loaded
    assert ("Undo 2 of run 1 broke off" in outcome.log) == is_broken_off
    assert "broke off" not in target.loaded(feed, **REPLACE).log


def test_what_an_undo_was_about_to_trash_is_trashed_where_the_source_has_deleted_it(
    empty: Sandbox, target: Setup
) -> None:
    target.loaded(rows("accounts", {"id": "1", "name": "A"}))
    with killed_at(1, before=True):
        undo(target, "latest", "--yes")
    assert len(empty.records("account")) == 1

    target.loaded(rows("accounts", {"id": "1", "_sdc_deleted_at": "2026-01-01"}), delete_mode="trash")

    assert empty.records("account") == []


def test_a_record_that_may_not_be_trashed_is_its_rows_as_before(
    empty: Sandbox, target: Setup, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = rows("accounts", {"id": "1", "name": "A"})
    target.loaded(feed)

    def refused(self: LightfieldClient, *path: str) -> None:
        raise Conflict("It is locked", status=409)

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "delete", refused)
        assert "It is locked" in undo(target, "latest", "--yes").output
    assert target.loaded(feed).count("accounts") == {"unchanged": 1}
    Workspace(empty).delete("accounts", empty.records("account")[0]["id"])
    assert target.loaded(feed).count("accounts") == {"unchanged": 1}
    changed = rows("accounts", {"id": "1", "name": "B"})
    assert target.loaded(changed).count("accounts") == {"gone": 1}  # and not as one that an undo has trashed


class TestListsThatLag:
    def test_a_killed_undo_takes_everybody_off_when_it_is_called_again(self, lagging: Setup) -> None:
        lagging.loaded(on_a_list())
        lagging.loaded(on_a_list(*range(30)))
        with killed_at(1, before=False):
            undo(lagging, "latest", "--yes", max_concurrency=1)

        assert "30 taken off lists" in undone(lagging)

        assert members(lagging.sandbox) == 0

    def test_two_loads_are_taken_back_one_directly_after_the_other(
        self, empty: Sandbox, target: Setup
    ) -> None:
        target.loaded(on_a_list())
        target.loaded(on_a_list(1, 2, 3))
        target.loaded(on_a_list(1), **REPLACE)
        assert members(empty) == 1
        empty._workspace.store.index._lag = 3600

        undone(target, "3")
        assert members(empty) == 3
        undone(target, "2")

        assert members(empty) == 0

    def test_a_load_directly_after_another_one_can_be_taken_back(self, lagging: Setup) -> None:
        lagging.loaded(on_a_list())
        lagging.loaded(on_a_list(1, 2, 3))
        key = schema("list_members", "_sdc_deleted_at", key=("list_id", "object_type", "record_id"))
        of_two = {"list_id": "v", "object_type": "contact", "record_id": "2"}
        lagging.loaded(key, row("list_members", **of_two, _sdc_deleted_at="2026-01-01"), **REPLACE)
        assert members(lagging.sandbox) == 2

        undone(lagging, "3")

        assert members(lagging.sandbox) == 3

    def test_an_undo_can_be_undone_and_the_load_repeated(self, lagging: Setup) -> None:
        feed = on_a_list(*range(30))
        lagging.loaded(on_a_list())
        lagging.loaded(feed)
        undone(lagging, "2")
        assert members(lagging.sandbox) == 0
        assert "as before already" in undone(lagging, "2")

        undone(lagging, "3")
        assert members(lagging.sandbox) == 30

        undone(lagging, "2")
        assert lagging.loaded(feed).count("list_members") == {"created": 30}
        assert members(lagging.sandbox) == 30

    def test_what_people_have_deleted_and_merged_meanwhile_stays_so(self, lagging: Setup) -> None:
        workspace = Workspace(lagging.sandbox)
        feed = rows("accounts", *({"id": str(n), "name": f"A{n}"} for n in range(40)))
        lagging.loaded(feed)
        ids, other = lagging.ids("accounts"), workspace.account("Other")
        workspace.delete("accounts", ids["1"])
        workspace.call("POST", "accounts", "merge", body={"primaryId": other, "duplicateId": ids["2"]})

        assert "38 moved to the trash, 2 as before already" in undone(lagging)

        assert [record["id"] for record in lagging.sandbox.records("account")] == [other]
        assert lagging.loaded(feed).count("accounts") == {"created": 38, "gone": 2}


@pytest.mark.parametrize("is_killed", [True, False])
def test_a_create_without_an_answer_whose_record_was_changed_since_is_left_and_named(
    empty: Sandbox, workspace: Workspace, target: Setup, retry_policy: Callable[..., None], is_killed: bool
) -> None:
    retry_policy(listed_after=0.0)
    with killed_at(1, before=not is_killed):
        target.load(rows("accounts", {"id": "1", "name": "New"}))
    if is_killed:
        [made] = empty.records("account")
        workspace.update("accounts", made["id"], {"$name": "By hand"})

    done = undo(target, "latest", "--yes")

    assert done.exit_code == int(is_killed), done.output
    assert ("may have been made" in done.output) == is_killed
    assert all(record["id"] in done.output for record in empty.records("account"))


def test_a_record_whose_row_got_another_one_since_stays_in_the_trash_unless_forced(
    empty: Sandbox, target: Setup
) -> None:
    feed = rows("notes", {"id": "1", "title": "Note"})
    target.loaded(feed)
    undone(target)
    target.loaded(feed)

    plan, done = undo(target, "2"), undo(target, "2", "--yes")

    assert "its row has become" in plan.output
    assert "its row has become" in done.output
    assert done.exit_code == 1
    assert len(empty.records("note")) == 1
    undone(target, "2", "--force")
    assert len(empty.records("note")) == 2
    assert target.loaded(feed).count("notes") == {"unchanged": 1}


def test_a_record_that_comes_back_is_its_rows_again(empty: Sandbox, target: Setup) -> None:
    feed = rows("notes", {"id": "1", "title": "Note"})
    target.loaded(feed)
    undone(target, "1")
    target.loaded(feed)
    undone(target, "3")
    undone(target, "2")
    assert len(empty.records("note")) == 1
    assert target.loaded(feed).count("notes") == {"unchanged": 1}


@pytest.mark.parametrize("write", [1, 2, 3])
def test_a_field_that_one_run_wrote_several_times_goes_all_the_way_back(
    workspace: Workspace, target: Setup, write: int
) -> None:
    ann = workspace.create("contacts", {"$email": ["ann@x.example"], "$title": "A"})
    contact = {"id": "1", "email": ["ann@x.example"]}
    target.loaded(rows("contacts", contact))
    target.loaded(rows("contacts", *({**contact, "title": title} for title in "BCD")))
    with killed_at(write, before=False):
        undo(target, "latest", "--yes", max_concurrency=1)

    undone(target)

    assert workspace.value("contacts", ann, "$title") == "A"


def test_a_record_that_was_restored_and_changed_may_be_undone_twice(
    workspace: Workspace, target: Setup
) -> None:
    workspace.create("contacts", {"$email": ["ann@x.example"], "$title": "A"})
    contact = {"id": "1", "email": ["ann@x.example"], "title": "B"}
    target.loaded(rows("contacts", contact, {**contact, "_sdc_deleted_at": "x"}), delete_mode="trash")
    undone(target, "1")
    undone(target, "2")
    assert "contacts: 2 as before already" in undone(target, "2")


def test_a_full_disk_below_what_it_says_is_one_sentence(target: Setup) -> None:
    target.loaded(rows("accounts", {"id": "1", "name": "A"}))
    settings = target.folder / "undo.json"
    settings.write_text(json.dumps(target.config))
    command = [Path(COMMAND).with_name("lightfield-migration"), "runs", "--config", settings]
    with Path(os.devnull).with_name("full").open("w") as full:
        ended = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, check=False, text=True)
    assert ended.returncode == 1
    assert "can't be written" in ended.stderr
    assert "Traceback" not in ended.stderr
