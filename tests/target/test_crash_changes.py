"""The source changes between runs that are killed: the last run brings what it then is."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.target.target_runs import Json, Setup, row, rows, schema
from tests.target.undo_runs import by_content, killed_at
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

EXACT = {"relationship_mode": "replace", "delete_mode": "trash"}
DELETED = {"_sdc_deleted_at": "2026-01-01T00:00:00Z"}


def account(name: str, **columns: str) -> list[Json]:
    return rows("accounts", {"id": "1", "name": name, **columns})


def contact(account_id: str) -> list[Json]:
    accounts = rows("accounts", {"id": "p", "name": "P"}, {"id": "q", "name": "Q"})
    return [*accounts, *rows("contacts", {"id": "c", "email": ["c@x.example"], "account_ids": [account_id]})]


def on_list(*, ended: bool) -> list[Json]:
    key = ("list_id", "object_type", "record_id")
    member = {"list_id": "l", "object_type": "account", "record_id": "1", **(DELETED if ended else {})}
    lists = rows("lists", {"id": "l", "name": "L", "object_type": "account"})
    return [*account("A"), *lists, schema("list_members", *DELETED, key=key), row("list_members", **member)]


@pytest.mark.parametrize("is_sent", [True, False], ids=["sent", "not sent"])
@pytest.mark.parametrize("days", [90, 0])
@pytest.mark.parametrize(
    "states",
    [
        (account("A"), account("B")),
        (account("A"), account("A", **DELETED)),
        (contact("p"), contact("q")),
        (on_list(ended=False), on_list(ended=True)),
    ],
    ids=["a value", "deleted", "a link", "on a list"],
)
@pytest.mark.parametrize("turned", [False, True], ids=["there", "and back"])
def test_a_row_that_goes_back_to_what_was_last_written_is_no_unchanged_one(
    target_of: Callable[..., Setup],
    empty: Sandbox,
    states: tuple[list[Json], list[Json]],
    turned: bool,
    days: int,
    is_sent: bool,
) -> None:
    target = target_of(empty, **EXACT, keep_journal_days=days)
    one, other = states
    if turned:
        target.loaded(one)
        one, other = other, one
    target.loaded(one)
    there = by_content(empty)
    with killed_at(1, before=not is_sent):
        target.load(other)

    target.loaded(one)

    assert by_content(empty) == there


def _versions() -> st.SearchStrategy[Json]:
    text = st.sampled_from(["One", "Two"])
    return st.fixed_dictionaries(
        {
            "a": st.one_of(st.none(), text),
            "b": st.one_of(st.none(), text),
            "title": text,
            "account": st.sampled_from(["p", "q"]),
            "members": st.sets(st.sampled_from(["p", "q"])),
        }
    )


def _feed(version: Json) -> list[Json]:
    of_accounts = [
        {"id": key, "name": f"{key} {version[key]}"} if version[key] else {"id": key, **DELETED}
        for key in ("a", "b")
    ]
    person = {"id": "c", "email": ["c@x.example"], "account_ids": [version["account"]]}
    key = ("list_id", "object_type", "record_id")
    of_list = [
        {"list_id": "l", "object_type": "account", "record_id": one} for one in sorted(version["members"])
    ]
    whole = {"bookmarks": {"list_members": {"complete": {"rows": len(of_list)}}}}
    return [
        *rows("accounts", {"id": "p", "name": "P"}, {"id": "q", "name": "Q"}),
        schema("accounts", "name", *DELETED),
        *(row("accounts", **one) for one in of_accounts),
        *rows("contacts", {**person, "title": version["title"]}),
        *rows("lists", {"id": "l", "name": "L", "object_type": "account"}),
        schema("list_members", key=key),
        *(row("list_members", **one) for one in of_list),
        {"type": "STATE", "value": whole},
    ]


@pytest.mark.slow
@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    versions=st.lists(_versions(), min_size=2, max_size=4),
    kills=st.lists(st.tuples(st.integers(1, 6), st.booleans()), min_size=4, max_size=4),
)
def test_whatever_came_and_was_killed_before_the_last_load_is_as_if_it_were_alone(
    start_sandbox: Callable[..., Sandbox],
    tmp_path_factory: Any,
    retry_policy: Callable[..., None],
    versions: list[Json],
    kills: list[tuple[int, bool]],
) -> None:
    retry_policy(listed_after=0.0)
    sandbox, alone = start_sandbox(empty=True), start_sandbox(empty=True)
    target = Setup(sandbox, Path(tmp_path_factory.mktemp("killed")), **EXACT)
    for version, (write, is_sent) in zip(versions, kills, strict=False):
        with killed_at(write, before=not is_sent):
            target.load(_feed(version))

    # A list of which no row comes is left as it is.
    last = {**versions[-1], "members": versions[-1]["members"] or {"p"}}
    target.loaded(_feed(last))

    Setup(alone, Path(tmp_path_factory.mktemp("alone")), **EXACT).loaded(_feed(last))
    assert by_content(sandbox) == by_content(alone)
    assert len(Workspace(sandbox).all("accounts")) == len(Workspace(alone).all("accounts"))
