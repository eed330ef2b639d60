"""What the target knows from lists: short pages double nothing, and rows that ask side by side ask little."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api.columns import columns_of
from lightfield_api.definitions import FieldDefinition, ObjectDefinitions
from lightfield_api.errors import NotFound
from lightfield_api.resources import RESOURCES
from lightfield_api.retries import RetryPolicy
from lightfield_api.turns import Turns
from target_lightfield.matching.directory import Directory
from tests.target.target_runs import Setup, rows
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


@pytest.fixture(autouse=True)
def _no_pauses(retry_policy: Callable[..., None]) -> None:
    retry_policy(short_page_waits=(0.0,) * 8)  # chance may spoil the same page several times in a row


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

    retry_policy = RetryPolicy(short_page_waits=(0.0, 0.0, 0.0))
    turns = Turns()

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


def test_who_comes_while_enough_are_asked_for_waits_for_what_comes_of_them() -> None:
    class Slow(_Accounts):
        are_asked_for = threading.Barrier(5)

        def read(self, *path: str) -> dict[str, Any]:
            self.are_asked_for.wait(300)  # five at once, or the test fails here
            return super().read(*path)

    client = Slow()
    directory = directory_of(client)
    with ThreadPoolExecutor(6) as executor:
        assert list(executor.map(directory.get, [f"foreign-{n}" for n in range(6)])) == [None] * 6
    assert len(client.retrieved) == 5


@pytest.mark.parametrize("found", range(5))
def test_one_of_them_that_is_found_lets_the_others_be_asked_for(found: int) -> None:
    class One(_Accounts):
        are_asked_for = threading.Barrier(5)

        def read(self, *path: str) -> dict[str, Any]:
            if len(self.retrieved) < 5 and path[-1] != "late":
                self.are_asked_for.wait(300)
            if path[-1] in {f"acc-new-{found}", "late"}:  # newer than the list
                return {"id": path[-1], "createdAt": "2026-01-02T00:00:00Z", "fields": {}}
            return super().read(*path)

    directory = directory_of(One())
    with ThreadPoolExecutor(6) as executor:
        results = list(executor.map(directory.get, [*(f"acc-new-{n}" for n in range(5)), "late"]))
    assert [bool(record) for record in results] == [n in {found, 5} for n in range(6)]
