"""Rows of lists that are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.target.lists.feeds import KEY, Json, accounts, ids, lists, member, members, on_list
from tests.target.target_runs import Setup, rows, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    pass


class TestRejects:
    @pytest.mark.parametrize(
        ("wrong", "param"),
        [
            ({"object_type": "task"}, "object_type"),
            ({"object_type": "accounts"}, "object_type"),
            ({"object_type": "Account"}, "object_type"),
            ({"object_type": 1}, "object_type"),
            ({"list_id": True}, "list_id"),
            ({"list_id": ["L"]}, "list_id"),
            ({"record_id": {"id": 1}}, "record_id"),
            ({"record_id": "x\0"}, "record_id"),
            ({"record_id": "x" * 501}, "record_id"),
        ],
    )
    def test_what_can_not_be_read_is_rejected_with_its_column(
        self, target: Setup, workspace: Workspace, wrong: Json, param: str
    ) -> None:
        target.load(accounts(1), lists(), on_list({**member(1, id=5), **wrong}, member(1, id=6), key=("id",)))

        assert [(r["code"], r["param"]) for r in target.rejects()] == [("invalid_value", param)]
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    @pytest.mark.parametrize("column", KEY)
    def test_a_row_without_a_part_of_its_key_is_rejected(self, target: Setup, column: str) -> None:
        target.load(accounts(1), lists(), on_list({**member(1), column: None}))

        assert [(r["code"], r["param"]) for r in target.rejects()] == [("key_missing", column)]

    def test_a_record_of_another_type_than_the_lists_is_rejected(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.load(
            accounts(1),
            rows("contacts", {"id": 1, "email": "c@x.example"}),
            lists(),
            on_list(member(1, object_type="contact"), member(1)),
        )

        [reject] = target.rejects()
        assert reject["param"] == "object_type"
        assert "accounts" in reject["message"]
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    def test_members_who_were_deleted_wait_and_keep_no_other_off_the_list(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(*range(25)), lists())
        for key in (3, 20):
            workspace.delete("accounts", target.ids("accounts")[str(key)])

        outcome = target.loaded(on_list(*range(25)))

        assert outcome.count("list_members") == {"created": 23, "waiting": 2}
        expected = ids(target, set(range(25)) - {3, 20})
        assert members(workspace, target.ids("lists")["L"]) == expected

    def test_members_of_a_list_that_is_gone_wait_at_the_price_of_one_write(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(*range(25)), lists())
        workspace.delete("lists", target.ids("lists")["L"])

        with target.counting() as seen:
            outcome = target.loaded(on_list(*range(25)))

        assert outcome.count("list_members") == {"waiting": 25}
        assert write_requests(seen) == 1

    def test_members_who_were_deleted_are_added_once_they_are_back(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1, 2), lists())
        account = target.ids("accounts")["2"]
        workspace.delete("accounts", account)
        target.loaded(on_list(1, 2))
        workspace.call("POST", "accounts", account, "restore")

        target.loaded(accounts(1))

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])
