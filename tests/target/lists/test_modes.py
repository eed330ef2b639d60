"""What the modes mean for lists."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from tests.target.lists.feeds import REPLACE, a_list, accounts, complete, ids, lists, member, members, on_list
from tests.target.target_runs import Setup, write_requests, writes
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    pass


class TestModes:
    def test_update_only_adds_members_to_the_lists_that_there_are(
        self, target: Setup, workspace: Workspace
    ) -> None:
        account = workspace.account("There")
        there = workspace.create("lists", {"$name": "There", "$objectType": "$account"})

        outcome = target.loaded(
            lists(a_list("t", "There"), a_list("n", "New")),
            on_list(member(account, "t"), member(account, "n")),
            mode="update_only",
        )

        assert outcome.count("lists") == {"unchanged": 1, "skipped": 1}
        assert outcome.count("list_members") == {"created": 1, "waiting": 1}
        assert members(workspace, there) == {account}

    def test_create_only_adds_members_to_the_lists_that_it_created(
        self, target: Setup, workspace: Workspace
    ) -> None:
        there = workspace.create("lists", {"$name": "There", "$objectType": "$account"})

        outcome = target.loaded(
            accounts(1),
            lists(a_list("t", "There"), a_list("n", "New")),
            complete(on_list(member(1, "t"), member(1, "n"))),
            mode="create_only",
            **REPLACE,
        )

        assert outcome.count("list_members") == {"created": 1, "skipped": 1}
        assert members(workspace, there) == set()
        assert members(workspace, target.ids("lists")["n"]) == ids(target, [1])

    def test_create_only_removes_nobody(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))

        target.loaded(complete(on_list(1)), objects={"lists": {"mode": "create_only"}}, **REPLACE)

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])

    def test_a_dry_run_says_what_would_be_and_writes_nothing(
        self, target: Setup, workspace: Workspace, tmp_path: Path
    ) -> None:
        target.loaded(accounts(1, 2, 3), lists(), on_list(1, 2))

        with target.counting() as seen:
            outcome = target.loaded(
                lists(a_list("N", "New")),
                complete(on_list(2, 3, member(1, "N"))),
                dry_run=True,
                report_path=str(tmp_path / "report"),
                **REPLACE,
            )

        assert outcome.count("list_members") == {"created": 2, "unchanged": 1, "removed": 1}
        assert write_requests(seen) == writes(seen) == 0
        told = [json.loads(line) for line in (tmp_path / "report.changes.jsonl").read_text().splitlines()]
        removed = [change for change in told if change["action"] == "removed"]
        assert [change["record_id"] for change in removed] == list(ids(target, [1]))
        assert removed[0]["fields"]["list_id"] == {"old": target.ids("lists")["L"], "new": None}
        assert "in no row of the feed" in removed[0]["why"]
        again = target.loaded(lists(a_list("N", "New")), on_list(2, 3, member(1, "N")))
        assert again.count("list_members") == {"created": 2, "unchanged": 1}
