"""What the source has deleted is moved to the trash if delete_mode says so: only what is known to be it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NoAnswer
from target_lightfield.matching.directory import Directory
from tests.target.target_runs import Setup, rows, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

GONE = {"_sdc_deleted_at": "2024-06-01T00:00:00Z"}


@pytest.fixture
def target(empty: Sandbox, target_of: Callable[..., Setup]) -> Setup:
    return target_of(empty, delete_mode="trash")


@pytest.mark.parametrize(
    ("stream", "kind", "columns"),
    [
        ("accounts", "account", {"name": "Acme"}),
        ("contacts", "contact", {"email": "a@x.example"}),
        ("notes", "note", {"title": "Note"}),
        (
            "meetings",
            "meeting",
            {"title": "M", "start_date": "2024-05-01T10:00:00Z", "end_date": "2024-05-01T11:00:00Z"},
        ),
        ("lists", "list", {"name": "Friends", "object_type": "account"}),
        ("object_subscription", "subscription", {"name": "Plan"}),
    ],
)
def test_a_record_that_the_id_map_knows_is_trashed_once_and_comes_back_as_a_new_one(
    target: Setup, empty: Sandbox, stream: str, kind: str, columns: Json
) -> None:
    alive, gone = rows(stream, {"id": 1, **columns}), rows(stream, {"id": 1, **columns, **GONE})
    target.loaded(alive)

    assert target.loaded(gone).count(stream) == {"trashed": 1}
    assert empty.records(kind) == []

    with target.counting() as seen:
        assert target.loaded(gone).count(stream) == {"unchanged": 1}
    assert write_requests(seen) == 0

    assert target.loaded(alive).count(stream) == {"created": 1}
    assert len(empty.records(kind)) == 1


def test_a_record_is_known_by_its_own_id_too_but_never_by_what_it_is_like(
    target: Setup, workspace: Workspace
) -> None:
    mine, alike = workspace.contact("a@x.example"), workspace.contact("b@x.example")

    outcome = target.loaded(
        rows(
            "contacts",
            {"id": mine, "email": "a@x.example", **GONE},
            {"id": "foreign", "email": "b@x.example", **GONE},
        )
    )

    assert outcome.count("contacts") == {"trashed": 1, "unchanged": 1}
    assert [record["id"] for record in workspace.all("contacts")] == [alike]


def test_one_that_was_trashed_in_lightfield_already_is_unchanged(target: Setup, workspace: Workspace) -> None:
    meeting = {"title": "M", "start_date": "2024-05-01T10:00:00Z", "end_date": "2024-05-01T11:00:00Z"}
    target.loaded(rows("meetings", {"id": 1, **meeting}))
    workspace.delete("meetings", target.ids("meetings")["1"])

    assert target.loaded(rows("meetings", {"id": 1, **GONE})).count("meetings") == {"unchanged": 1}


def test_by_default_and_by_activate_version_nothing_is_deleted(
    empty: Sandbox, target_of: Callable[..., Setup]
) -> None:
    target = target_of(empty, "default")
    target.loaded(rows("accounts", {"id": 1, "name": "Acme"}))

    ignored = target.loaded(rows("accounts", {"id": 1, "name": "Acme", **GONE}))
    target.loaded(
        rows("accounts", {"id": 2, "name": "Other"}),
        {"type": "ACTIVATE_VERSION", "stream": "accounts", "version": 2},
        delete_mode="trash",
    )

    assert ignored.count("accounts") == {"skipped": 1}
    assert len(empty.records("account")) == 2


def test_a_key_that_may_not_delete_is_told_before_anything_is_written(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    scopes = ["accounts:read", "accounts:create", "accounts:update"]
    sandbox = start_sandbox(empty=True, keys={"narrow": scopes})
    target = target_of(sandbox, api_key=sandbox.keys["narrow"], delete_mode="trash")

    outcome = target.load(rows("accounts", {"id": 1, "name": "Acme"}))

    assert "accounts:delete" in outcome.error
    assert sandbox.records("account") == []


def test_a_delete_whose_answer_was_lost_is_not_an_error(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], impatient: None
) -> None:
    sandbox = start_sandbox(empty=True)
    target = target_of(sandbox, delete_mode="trash")
    records = [{"id": n, "title": f"Note {n}"} for n in range(10)]
    target.loaded(rows("notes", *records))
    sandbox.set_faults("reset-after:0.2")

    for _ in range(50):
        if not target.load(rows("notes", *({**record, **GONE} for record in records))).status:
            break

    assert sandbox.records("note") == []


def test_one_that_this_run_has_trashed_is_matched_no_more(target: Setup, workspace: Workspace) -> None:
    there = workspace.contact("a@x.example")
    target.loaded(rows("contacts", {"id": 1, "email": "a@x.example"}))

    outcome = target.loaded(
        rows(
            "contacts",
            {"id": 0, "email": "b@x.example"},  # the contacts are listed for it
            {"id": 1, "email": "a@x.example", **GONE},
            {"id": 2, "email": "a@x.example"},
        ),
        max_concurrency=1,
    )

    assert outcome.count("contacts") == {"created": 2, "trashed": 1}
    assert target.ids("contacts")["2"] != there
    assert sorted(workspace.values("contacts", "$email")) == [["a@x.example"], ["b@x.example"]]


@pytest.mark.parametrize("restored", [True, False])
def test_one_that_comes_back_is_found_again_if_it_was_restored_else_created_anew(
    target: Setup, workspace: Workspace, restored: bool
) -> None:
    alive = rows("notes", {"id": 1, "title": "Note"})
    target.loaded(alive)
    first = target.ids("notes")["1"]
    target.loaded(rows("notes", {"id": 1, **GONE}))
    if restored:
        workspace.call("POST", "notes", first, "restore")

    target.loaded(alive)

    assert (target.ids("notes")["1"] == first) is restored
    assert workspace.values("notes", "$title") == ["Note"]


def test_links_to_what_is_in_the_trash_wait_until_it_comes_back(target: Setup, workspace: Workspace) -> None:
    account = {"id": "a", "name": "Acme"}
    target.loaded(rows("accounts", account))
    target.loaded(rows("accounts", {**account, **GONE}))

    target.loaded(rows("contacts", {"id": 1, "email": "a@x.example", "account_ids": ["a"]}))
    target.loaded(rows("accounts", account))

    assert workspace.links("contacts", target.ids("contacts")["1"], "$account") == {
        target.ids("accounts")["a"]
    }


def test_alive_deleted_and_alive_again_in_one_feed_ends_alive(target: Setup, workspace: Workspace) -> None:
    row = {"id": 1, "title": "Note"}

    outcome = target.loaded(rows("notes", row, {**row, **GONE}, row, {**row, **GONE}, row))

    assert outcome.count("notes") == {"created": 3, "trashed": 2}
    assert workspace.values("notes", "$title") == ["Note"]


def test_what_waits_is_dropped_once_it_is_deleted(target: Setup, workspace: Workspace) -> None:
    deal = {"id": "d", "name": "Deal", "account_id": "a"}
    target.loaded(rows("opportunities", deal))

    outcome = target.loaded(
        rows("opportunities", {**deal, **GONE}), rows("accounts", {"id": "a", "name": "A"})
    )

    assert outcome.count("opportunities") == {"unchanged": 1}
    assert workspace.all("opportunities") == []
    assert target.table("lightfield_waiting_records") == []


def test_of_a_create_that_was_not_answered_nothing_stays(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, write = {"id": 1, "title": "Note"}, LightfieldClient.write

    def losing(self: LightfieldClient, *path: str, **options: Any) -> Json:
        write(self, *path, **options)
        raise NoAnswer("The connection is gone")

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "write", losing)
        assert target.load(rows("notes", row)).error
    assert len(workspace.all("notes")) == 1

    assert target.loaded(rows("notes", {**row, **GONE})).count("notes") == {"trashed": 1}

    assert workspace.all("notes") == []


def test_what_comes_after_a_delete_is_not_matched_with_what_it_deletes(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = workspace.contact("a@x.example")
    target.loaded(rows("contacts", {"id": 1, "email": "a@x.example"}))
    delete, match, matched = LightfieldClient.delete, Directory.match, Event()

    def late(self: LightfieldClient, *path: str) -> Json:
        matched.wait(0.5)  # for what must not happen before
        return delete(self, *path)

    def matching(self: Directory, *given: Any) -> Sequence[Json]:
        found = match(self, *given)
        matched.set()
        return found

    monkeypatch.setattr(LightfieldClient, "delete", late)
    monkeypatch.setattr(Directory, "match", matching)

    outcome = target.loaded(
        rows("contacts", {"id": 1, "email": "a@x.example", **GONE}, {"id": 2, "email": "a@x.example"})
    )

    assert outcome.count("contacts") == {"created": 1, "trashed": 1}
    assert target.ids("contacts")["2"] != there
    assert workspace.values("contacts", "$email") == [["a@x.example"]]


def test_a_record_that_two_rows_have_stays_until_the_source_has_deleted_both(
    target: Setup, workspace: Workspace
) -> None:
    there = workspace.account("Acme", website=["https://acme.example"])
    one, other = ({"id": n, "name": "Acme", "website": "https://acme.example"} for n in (1, 2))
    target.loaded(rows("accounts", one, other), on_ambiguous="first")

    assert target.loaded(rows("accounts", {**other, **GONE})).count("accounts") == {"unchanged": 1}
    assert [record["id"] for record in workspace.all("accounts")] == [there]

    assert target.loaded(rows("accounts", {**one, **GONE})).count("accounts") == {"trashed": 1}
    assert workspace.all("accounts") == []
