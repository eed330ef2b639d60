"""Lists themselves: created, matched, changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from tests.target.lists.feeds import a_list, accounts, ids, lists, members, on_list
from tests.target.target_runs import Setup, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


def test_members_of_lists_are_counted_in_pages(workspace: Workspace) -> None:
    made = [workspace.account(f"A{n}") for n in range(25)]
    list_id = workspace.create("lists", {"$name": "L", "$objectType": "$account"}, {"$accounts": made})
    assert members(workspace, list_id) == set(made)


class TestLists:
    def test_a_list_is_created_renamed_and_described(self, target: Setup, workspace: Workspace) -> None:
        created = target.loaded(lists(a_list(description="Who to call", kind="target")))
        assert created.count("lists") == {"created": 1}
        [made] = workspace.all("lists")
        assert {key: field["value"] for key, field in made["fields"].items()} == {
            "$name": "Targets",
            "$objectType": "$account",
            "$description": "Who to call",
            "$kind": "target",
        }

        changed = target.loaded(lists(a_list(name="Aims", description=None, kind="target")))

        assert changed.count("lists") == {"updated": 1}
        assert workspace.values("lists", "$name") == ["Aims"]
        assert workspace.values("lists", "$description") == [None]

    def test_an_unchanged_list_costs_no_call(self, target: Setup) -> None:
        target.loaded(lists())

        with target.counting() as seen:
            outcome = target.loaded(lists(a_list(object_type="$account")))  # the same in other words

        assert outcome.count("lists") == {"unchanged": 1}
        assert write_requests(seen) == 0
        assert seen["requests"]["search"] == {}

    def test_the_object_type_comes_with_or_without_its_dollar(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(lists(a_list(1, "A", "account"), a_list(2, "B", "$contact")))

        assert sorted(workspace.values("lists", "$objectType")) == ["$account", "$contact"]

    def test_a_list_is_matched_by_its_name_among_those_of_its_type(
        self, target: Setup, workspace: Workspace
    ) -> None:
        of_accounts = workspace.create("lists", {"$name": "Targets", "$objectType": "$account"})
        workspace.create("lists", {"$name": "Others", "$objectType": "$contact"})

        outcome = target.loaded(
            lists(a_list(1, "targets"), a_list(2, "Targets", "contact"), a_list(3, "Others", "contact"))
        )

        assert outcome.count("lists") == {"created": 1, "updated": 1, "unchanged": 1}
        assert target.ids("lists")["1"] == of_accounts
        assert len(workspace.all("lists")) == 3

    def test_an_old_list_without_a_dollar_is_of_the_same_type(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
    ) -> None:
        sandbox = start_sandbox()
        workspace, target = Workspace(sandbox), target_of(sandbox)
        old = next(r for r in workspace.all("lists") if r["fields"]["$objectType"]["value"] == "account")
        account = workspace.account("New")

        outcome = target.loaded(
            lists(a_list(name=old["fields"]["$name"]["value"], object_type="$account")), on_list(account)
        )

        assert outcome.count("lists") == {"unchanged": 1}
        assert target.ids("lists") == {"L": old["id"]}
        assert account in members(workspace, old["id"])
        assert "left as it is" not in outcome.log

    def test_another_object_type_leaves_a_list_as_it_is_and_says_so_once(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(lists(a_list(1, "A"), a_list(2, "B")))

        outcome = target.loaded(lists(a_list(1, "A", "contact"), a_list(2, "New", "contact")))

        assert outcome.count("lists") == {"unchanged": 1, "updated": 1}
        assert workspace.values("lists", "$objectType") == ["$account", "$account"]
        assert sorted(workspace.values("lists", "$name")) == ["A", "New"]
        assert outcome.log.count("left as it is") == 1

    @pytest.mark.parametrize("object_type", ["accounts", "$accounts", "task", "", "$", 5, ["account"]])
    def test_a_list_of_what_there_are_no_lists_of_is_rejected(
        self, target: Setup, workspace: Workspace, object_type: Any
    ) -> None:
        target.load(lists(a_list(object_type=object_type), a_list("M", "Good")))

        assert [r["param"] for r in target.rejects()] == ["object_type"]
        assert workspace.values("lists", "$name") == ["Good"]

    def test_null_as_the_object_type_asks_for_nothing(self, target: Setup, workspace: Workspace) -> None:
        target.load(lists({"id": 1, "name": "A", "object_type": None}, a_list(2, "B")))
        assert [r["code"] for r in target.rejects()] == ["parameter_missing"]

        outcome = target.loaded(lists({"id": 2, "name": "B", "object_type": None, "description": "New"}))

        assert outcome.count("lists") == {"updated": 1}
        assert "left as it is" not in outcome.log

    def test_a_second_target_list_is_rejected_with_lightfields_reason(self, target: Setup) -> None:
        target.load(lists(a_list(1, "A", kind="target"), a_list(2, "B", kind="target")))

        assert [r["param"] for r in target.rejects()] == ["kind"]

    def test_a_list_whose_answer_was_lost_is_not_doubled(
        self, target: Setup, empty: Sandbox, workspace: Workspace, impatient: None
    ) -> None:
        empty.set_faults("reset-after:1")
        assert target.load(accounts(1), lists(), on_list(1)).status == 1
        empty.set_faults("")

        target.loaded(accounts(1), lists(), on_list(1))

        assert len(workspace.all("lists")) == 1
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])
