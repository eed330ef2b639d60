"""What the target knows from lists: short pages double nothing, and rows that ask side by side ask little."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from target_runs import Setup, rows
from workspaces import Workspace

from lightfield_api.columns import columns_of
from lightfield_api.definitions import FieldDefinition, ObjectDefinitions
from lightfield_api.errors import NotFound
from lightfield_api.resources import RESOURCES
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.record_cache import RecordStore

if TYPE_CHECKING:
    from lightfield_sandbox.server import Sandbox


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lightfield_api.pages._PAUSES", (0.0, 0.0, 0.0))


@pytest.mark.parametrize("faults", ["short-page:0.3", "short-page:0.2,empty-page:0.2"])
@pytest.mark.parametrize("seed", [2, 3])
@pytest.mark.parametrize("has_website", [True, False])
def test_short_pages_double_no_record(
    start_sandbox: Callable[..., Sandbox],
    target_of: Callable[..., Setup],
    seed: int,
    faults: str,
    *,
    has_website: bool,
) -> None:
    sandbox = start_sandbox(empty=True, seed=seed)
    workspace, target = Workspace(sandbox), target_of(sandbox)
    sites = [{"website": [f"https://company{n}.example"]} if has_website else {} for n in range(120)]
    there = [workspace.account(f"Company {n}", **site) for n, site in enumerate(sites)]
    sandbox.set_faults(faults)

    outcome = target.loaded(
        rows(
            "accounts",
            *({"id": f"key-{n}", "name": f"Company {n}", **site} for n, site in enumerate(sites)),
        )
    )

    assert outcome.count("accounts") == {"unchanged": 120}
    assert target.ids("accounts") == {f"key-{n}": record_id for n, record_id in enumerate(there)}
    assert len(sandbox.records("account")) == 120


def directory_of(client: Any, *match_on: str) -> Directory:
    definition = FieldDefinition("$name", "TEXT")
    columns = columns_of(ObjectDefinitions("account", fields={"$name": definition}), ())
    return Directory(client, RESOURCES["accounts"], columns, match_on, concurrency=4)


def test_what_a_list_counts_and_does_not_show_is_searched_for() -> None:
    class Hiding(_Accounts):
        def search(self, *path: str, params: dict[str, Any]) -> dict[str, Any]:
            if "$name[equal]" in params:
                found = self.accounts[50:51] if params["$name[equal]"] == "Company 50" else []
                return {"data": found if params["offset"] == 0 else [], "totalCount": len(found)}
            answer = super().search(*path, params=params)
            return {**answer, "data": [r for r in answer["data"] if r["id"] != "acc_50"]}

    directory = directory_of(Hiding(), "name")
    for n in range(10):
        assert directory.match({"$name": f"New {n}"}, lambda _: True) == []
    assert [r["id"] for r in directory.match({"$name": "Company 50"}, lambda _: True)] == ["acc_50"]


def test_the_newest_are_looked_through_to_the_end_past_a_short_page() -> None:
    class ShortOnce(_Accounts):
        def search(self, *path: str, params: dict[str, Any]) -> dict[str, Any]:
            answer = super().search(*path, params=params)
            if not self.searches:
                del answer["data"][10]
            self.searches += 1
            return answer

    newest = directory_of(ShortOnce()).newest()
    assert [record["id"] for record in newest] == [f"acc_{n}" for n in range(60)]


class _Accounts:
    """60 accounts, three pages; none has an id that is asked for."""

    def __init__(self) -> None:
        self.searches = 0
        self.retrieved: list[str] = []
        self.accounts = [
            {
                "id": f"acc_{n}",
                "createdAt": f"2026-01-01T00:00:{59 - n:02}Z",
                "fields": {"$name": {"value": f"Company {n}", "valueType": "TEXT"}},
            }
            for n in range(60)
        ]

    def search(self, *path: str, params: dict[str, Any]) -> dict[str, Any]:
        data = self.accounts[params["offset"] : params["offset"] + params["limit"]]
        return {"data": data, "totalCount": 60}

    def read(self, *path: str) -> dict[str, Any]:
        self.retrieved.append(path[-1])
        raise NotFound("there is none")


def test_who_looked_before_the_others_asked_does_not_ask_behind_them(monkeypatch: pytest.MonkeyPatch) -> None:
    client = _Accounts()
    directory = directory_of(client)
    all_have_looked, others_have_asked = threading.Barrier(6), threading.Event()
    look, first = RecordStore.get, threading.local()

    def look_together(store: RecordStore, record_id: str) -> Any:
        found = look(store, record_id)
        if record_id.startswith("foreign") and not hasattr(first, "is_over"):
            first.is_over = True
            all_have_looked.wait(30)
            if record_id == "foreign-last":
                assert others_have_asked.wait(30)
        return found

    monkeypatch.setattr(RecordStore, "get", look_together)
    with ThreadPoolExecutor(6) as executor:
        last = executor.submit(directory.get, "foreign-last")
        others = [executor.submit(directory.get, f"foreign-{n}") for n in range(5)]
        assert [other.result() for other in others] == [None] * 5
        others_have_asked.set()
        assert last.result() is None
    assert len(client.retrieved) == 5
