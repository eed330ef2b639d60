"""What the source has deleted is moved to the trash if delete_mode says so: only what is known to be it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from target_runs import Setup, rows, write_requests
from workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.server import Sandbox

Json = dict[str, Any]

GONE = {"_sdc_deleted_at": "2024-06-01T00:00:00Z"}


@pytest.fixture
def workspace(empty: Sandbox) -> Workspace:
    return Workspace(empty)


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
