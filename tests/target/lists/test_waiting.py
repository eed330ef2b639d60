"""Rows of lists whose list or record has not come."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.target.lists.feeds import (
    DELETED,
    ENDS,
    Json,
    a_list,
    accounts,
    ids,
    lists,
    member,
    members,
    on_list,
)
from tests.target.target_runs import Setup, state
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


class TestWaiting:
    def test_members_of_a_list_that_comes_later_in_the_feed(
        self, target: Setup, workspace: Workspace
    ) -> None:
        with target.counting() as seen:
            outcome = target.loaded(on_list(*range(30)), accounts(*range(30)), lists())

        assert outcome.count("list_members") == {"created": 30}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, range(30))
        assert seen["writes"]["list"]["update"] <= 4  # 25 and 5, and what came while the list was made
        assert target.table("lightfield_waiting_records") == []

    def test_members_wait_for_a_later_run(self, target: Setup, workspace: Workspace) -> None:
        first = target.loaded(accounts(1), on_list(1, 2), state(seen=1))
        assert first.count("list_members") == {"waiting": 2}
        assert first.state == {"seen": 1}

        second = target.loaded(lists())
        assert second.count("list_members") == {"created": 1, "waiting": 1}

        third = target.loaded(accounts(2))
        assert third.count("list_members") == {"created": 1}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])

    def test_a_member_that_waited_and_has_come_again_is_counted_once(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(on_list(1))

        outcome = target.loaded(accounts(1), lists(), on_list(1))

        assert outcome.count("list_members") == {"created": 1}
        assert target.table("lightfield_waiting_records") == []

    @pytest.mark.parametrize(("settings", "outcome"), [({}, "skipped"), (ENDS, "unchanged")])
    def test_a_member_that_the_source_has_deleted_waits_no_more(
        self, target: Setup, workspace: Workspace, settings: Json, outcome: str
    ) -> None:
        target.loaded(on_list(1))

        deleted = target.loaded(on_list(member(1, **DELETED)), **settings)
        target.loaded(accounts(1), lists())

        assert deleted.count("list_members") == {outcome: 1}
        assert members(workspace, target.ids("lists")["L"]) == set()

    def test_the_last_version_of_a_row_waits_whichever_list_it_is_about(self, target: Setup) -> None:
        first, last = member(1, "A", id=5), member(1, "B", id=5)
        fillers = (member(f"f{n}", "B", id=100 + n) for n in range(24))

        target.loaded(on_list(first, last, *fillers, key=("id",)))

        waiting = {r["source_key"]: r["row"] for r in target.table("lightfield_waiting_records")}
        assert json.loads(waiting["5"]) == last

    def test_a_row_whose_newer_version_is_rejected_waits_no_more(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.load(on_list(member(1, id=5), member(1, id=5, object_type="task"), key=("id",)))

        assert target.table("lightfield_waiting_records") == []

    def test_members_come_after_the_records_that_are_on_their_way(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
    ) -> None:
        sandbox = start_sandbox(empty=True, latency_ms=50)
        target = target_of(sandbox)
        target.loaded(lists())

        broken_off = target.load(accounts(1), on_list(1), "{")

        assert broken_off.count("list_members") == {"created": 1}

    def test_what_a_row_says_and_takes_back_in_one_run_waits_no_more(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(on_list(1, member(1, **DELETED)))

        assert target.table("lightfield_waiting_records") == []

    @pytest.mark.parametrize(
        "hostile", ["../accounts", "..", "definitions", "a/b?c=d#e", "lst_x\n", "%2e%2e"]
    )
    def test_hostile_keys_name_nothing_but_what_has_come(
        self, target: Setup, workspace: Workspace, hostile: str
    ) -> None:
        waiting = target.loaded(accounts(1), lists(), on_list(member(1, hostile), member(hostile)))
        assert waiting.count("list_members") == {"waiting": 2}

        target.loaded(accounts(hostile), lists(a_list(hostile, "Hostile")))

        made = target.ids("lists")
        assert members(workspace, made[hostile]) == ids(target, [1])
        assert members(workspace, made["L"]) == ids(target, [hostile])
