"""Which record is meant: the id map, an id of this workspace, what it matches; else it is new."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from lightfield_api.client import LightfieldClient
from tests.target.target_runs import Setup, row, rows, schema
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


def test_the_id_map_comes_before_every_likeness(target: Setup, workspace: Workspace) -> None:
    target.loaded(rows("accounts", {"id": "1", "name": "Acme", "website": "https://acme.example"}))
    other = workspace.account("Zenith", website=["https://zenith.example"])

    target.loaded(rows("accounts", {"id": "1", "name": "Zenith"}))

    assert workspace.value("accounts", target.ids("accounts")["1"], "$name") == "Zenith"
    assert target.ids("accounts")["1"] != other
    assert len(workspace.all("accounts")) == 2


def test_foreign_ids_cost_no_call_per_record(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox()  # 60 accounts are three pages
    target = target_of(sandbox)
    records = [{"id": f"acc_{n:022}", "name": f"Foreign {n}"} for n in range(60)]

    with target.counting() as seen:
        target.loaded(rows("accounts", *records))

    opening = 1 + len(["accounts", "contacts", "opportunities", "tasks", "notes", "meetings"])
    assert sum(seen["requests"]["read"].values()) <= opening + 5
    assert sum(seen["requests"]["search"].values()) <= 10
    assert seen["writes"]["account"]["create"] == 60


def test_an_unknown_record_of_this_workspace_is_told_by_its_id_even_behind_foreign_ones(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox()
    workspace, target = Workspace(sandbox), target_of(sandbox)
    there = workspace.all("tasks")[-1]["id"]  # the oldest: on no first page
    member = next(iter(workspace.members().values()))
    foreign = [
        {"id": f"gone-{n}", "title": "Gone", "status": "TODO", "assigned_to_id": member} for n in range(20)
    ]

    target.loaded(rows("tasks", *foreign, {"id": there, "title": "Renamed"}))

    assert target.ids("tasks")[there] == there
    assert workspace.value("tasks", there, "$title") == "Renamed"


def test_an_id_that_names_a_page_of_the_api_is_no_record(target: Setup, workspace: Workspace) -> None:
    odd = ["definitions", "../members", "..", ".", "?limit=1", "a/b", "line\nbreak", "%2e%2e", "ünïcödé", "#"]

    outcome = target.loaded(
        rows("accounts", *({"id": key, "name": f"Named {n}"} for n, key in enumerate(odd)))
    )

    assert outcome.count("accounts") == {"created": len(odd)}
    assert set(target.ids("accounts")) == set(odd)
    assert target.loaded(
        rows("accounts", *({"id": key, "name": f"Named {n}"} for n, key in enumerate(odd)))
    ).count("accounts") == {"unchanged": len(odd)}


def test_a_deletion_while_the_workspace_is_listed_hides_no_record(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = start_sandbox(accounts=120, contacts=0, opportunities=0, tasks=0, notes=0, meetings=0)
    workspace, target = Workspace(sandbox), target_of(sandbox)
    existing = workspace.all("accounts")
    doomed = [record["id"] for record in existing[:9]]
    deleting_one_by_one = threading.Lock()
    search = LightfieldClient.search

    def deleting(
        self: LightfieldClient, *path: str, params: dict[str, object] | None = None
    ) -> dict[str, object]:
        is_page = path == ("accounts",) and params and set(params) == {"limit", "offset"}
        if is_page and params and params["offset"] and doomed:
            with deleting_one_by_one:
                for _ in range(min(3, len(doomed))):  # before each of the first pages
                    workspace.delete("accounts", doomed.pop())
        return search(self, *path, params=params)

    monkeypatch.setattr(LightfieldClient, "search", deleting)
    known = [
        {"id": f"k{n}", "name": record["fields"]["$name"]["value"]} for n, record in enumerate(existing[9:])
    ]
    new = [{"id": f"n{n}", "name": f"New {n}"} for n in range(10)]

    outcome = target.loaded(rows("accounts", *new, *known), on_ambiguous="first")

    assert not doomed
    assert outcome.count("accounts")["created"] == len(new)


def test_a_stream_without_keys_knows_its_rows_by_their_content(target: Setup, workspace: Workspace) -> None:
    messages = [schema("notes", "title", key=[]), row("notes", title="A"), row("notes", title="B")]

    assert target.loaded(messages).count("notes") == {"created": 2}
    assert target.loaded(messages, add_record_metadata=True).count("notes") == {"unchanged": 2}
    assert sorted(workspace.values("notes", "$title")) == ["A", "B"]


def test_a_key_of_several_columns_counts_as_a_whole(target: Setup, workspace: Workspace) -> None:
    def keyed(*titles: str) -> list[dict[str, object]]:
        found = [{"a": "x", "b": number, "title": title} for number, title in enumerate(titles)]
        return rows("notes", *found, key=["a", "b"])

    target.loaded(keyed("One", "Two"))
    target.loaded(keyed("Eins", "Two"))

    assert sorted(workspace.values("notes", "$title")) == ["Eins", "Two"]


@pytest.mark.parametrize(
    ("one", "same"), [(5, "5"), ({"a": 1, "b": 2}, {"b": 2, "a": 1}), (True, True), ([1, "x"], [1, "x"])]
)
def test_keys_of_any_type_are_the_same_when_they_come_again(
    target: Setup, workspace: Workspace, one: object, same: object
) -> None:
    target.loaded(rows("notes", {"id": one, "title": "A"}))
    target.loaded(rows("notes", {"id": same, "title": "B"}))

    assert workspace.values("notes", "$title") == ["B"]
