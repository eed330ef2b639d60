"""Members whom the feed does not have leave the list, if the feed is proven whole."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api.client import LightfieldClient
from tests.target.lists.feeds import (
    REPLACE,
    Json,
    _kind,
    a_list,
    accounts,
    complete,
    complete_state,
    ids,
    lists,
    member,
    member_row,
    members,
    on_list,
)
from tests.target.target_runs import Setup, state, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


class TestRemoving:
    def test_by_default_nobody_is_removed(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))

        outcome = target.loaded(on_list(1))

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])
        assert "removed" not in outcome.log

    def test_replace_removes_whom_the_feed_does_not_have_25_in_a_request(
        self, target: Setup, workspace: Workspace
    ) -> None:
        by_hand = [workspace.account(f"By hand {n}") for n in range(30)]
        list_id = workspace.create(
            "lists", {"$name": "Targets", "$objectType": "$account"}, {"$accounts": by_hand[:25]}
        )
        workspace.update("lists", list_id, {}, {"$accounts": {"add": by_hand[25:]}})
        target.loaded(accounts(*range(40)), lists(), on_list(*range(40)))

        with target.counting() as seen:
            outcome = target.loaded(complete(on_list(*range(5))), **REPLACE)

        assert outcome.count("list_members") == {"unchanged": 5, "removed": 65}
        assert write_requests(seen) == 3
        assert members(workspace, list_id) == ids(target, range(5))

    def test_the_members_of_several_lists_are_read_at_once(
        self, target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        target.loaded(accounts(1, 2), lists(a_list(1, "A"), a_list(2, "B")))
        rows_of_both = on_list(member(1, 1), member(1, 2))
        target.loaded(rows_of_both)
        both_are_here, search = threading.Barrier(2, timeout=300), LightfieldClient.search

        def together(self: LightfieldClient, *path: str, **options: Any) -> dict[str, Any]:
            if path[0] == "lists" and path[-1] == "accounts":
                both_are_here.wait()  # one after the other would break it
            return search(self, *path, **options)

        monkeypatch.setattr(LightfieldClient, "search", together)
        outcome = target.loaded(complete(rows_of_both), **REPLACE)
        assert outcome.count("list_members") == {"unchanged": 2}

    def test_a_list_without_a_row_is_left_alone(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists(a_list(1, "A"), a_list(2, "B")))
        target.loaded(on_list(*(member(a, b) for a in (1, 2) for b in (1, 2))))

        outcome = target.loaded(
            lists(a_list(1, "A"), a_list(2, "B")), complete(on_list(member(1, 1))), **REPLACE
        )

        assert outcome.count("list_members") == {"unchanged": 1, "removed": 1}
        assert members(workspace, target.ids("lists")["2"]) == ids(target, [1, 2])

    def test_who_was_removed_and_comes_back_is_added_again(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))
        target.loaded(complete(on_list(1)), **REPLACE)

        assert target.loaded(complete(on_list(1, 2)), **REPLACE).count("list_members") == {
            "unchanged": 1,
            "created": 1,
        }
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])

    def test_who_was_removed_comes_back_even_if_the_list_still_shows_it(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
    ) -> None:
        sandbox = start_sandbox(index_lag=600)
        workspace, target = Workspace(sandbox), target_of(sandbox)
        list_id = next(r["id"] for r in workspace.all("lists") if _kind(r) == "account")
        shown = sorted(members(workspace, list_id))
        assert shown
        messages = [member(record, list_id) for record in shown]
        target.loaded(on_list(*messages))
        assert (
            target.loaded(complete(on_list(*messages[1:])), **REPLACE).count("list_members")["removed"] == 1
        )
        assert sorted(members(workspace, list_id)) == shown

        with target.counting() as seen:
            outcome = target.loaded(on_list(*messages))

        assert outcome.count("list_members") == {"unchanged": len(shown) - 1, "created": 1}
        assert write_requests(seen) == 1

    @pytest.mark.parametrize("reason", ["rejected", "waits", "its list is not said"])
    def test_nobody_is_removed_from_a_list_of_which_a_row_is_missing(
        self, target: Setup, workspace: Workspace, reason: str
    ) -> None:
        target.loaded(accounts(1, 2), lists(a_list(), a_list("M", "Other")))
        target.loaded(on_list(1, 2, member(1, "M"), member(2, "M")))
        missing = {
            "rejected": member({"no": "key"}),
            "waits": member("later"),
            "its list is not said": member(1, None),
        }[reason]

        outcome = target.load(complete(on_list(1, member(1, "M"), missing)), **REPLACE)

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])
        everywhere = reason == "its list is not said"
        others = ids(target, [1, 2]) if everywhere else ids(target, [1])
        assert members(workspace, target.ids("lists")["M"]) == others
        assert f"Nobody is removed from {'2 lists' if everywhere else '1 list'}, of which" in outcome.log

    def test_the_lists_own_key_and_its_id_mean_the_same_list(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1, 2, 3), lists(), on_list(1, 2, 3))
        list_id = target.ids("lists")["L"]

        target.loaded(complete(on_list(1, member(2, list_id))), **REPLACE)
        assert members(workspace, list_id) == ids(target, [1, 2])

        target.load(complete(on_list(1, member({}, list_id))), **REPLACE)
        assert members(workspace, list_id) == ids(target, [1, 2])

    def test_rows_that_waited_since_an_earlier_run_remove_nobody(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2, "later"))

        outcome = target.loaded(accounts("later"), **REPLACE)

        assert outcome.count("list_members") == {"created": 1}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2, "later"])

    @pytest.mark.parametrize("is_whole", [True, False])
    def test_a_row_that_waited_and_has_left_the_feed_is_not_written_later(
        self, target: Setup, workspace: Workspace, is_whole: bool
    ) -> None:
        target.loaded(accounts(1), lists(), on_list(1, "later"))
        now = complete(on_list(1)) if is_whole else on_list(1)

        target.loaded(accounts("later"), now, **REPLACE)

        expected = [1] if is_whole else [1, "later"]
        assert members(workspace, target.ids("lists")["L"]) == ids(target, expected)

    def test_rows_that_waited_for_their_list_are_all_that_stays_on_it(
        self, target: Setup, workspace: Workspace
    ) -> None:
        there = workspace.account("There")
        workspace.create("lists", {"$name": "Targets", "$objectType": "$account"}, {"$accounts": there})

        target.loaded(accounts(1))

        outcome = target.loaded(complete(on_list(1)), lists(), **REPLACE)

        assert outcome.count("list_members") == {"created": 1, "removed": 1}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    @pytest.mark.parametrize(
        ("feed_of_one", "says"),
        [
            (on_list(1), "no STATE message says how many"),
            ([*on_list(1), state(done="all")], "no STATE message says how many"),
            ([*on_list(1), state(bookmarks={"list_members": {"complete": None}})], "no STATE message"),
            ([*on_list(1), complete_state("1")], "no STATE message says how many"),
            ([*on_list(1), complete_state(True)], "no STATE message says how many"),
            ([*on_list(1), complete_state(2)], "after 1 of them says that there are 2"),
            ([complete_state(1), *on_list(1)], "after 0 of them says that there are 1"),
            ([*complete(on_list(1)), member_row("later")], "1 came after the STATE message"),
            ([*complete(on_list(1)), *complete(on_list(1))], "after 2 of them says that there are 1"),
        ],
    )
    def test_a_feed_that_does_not_prove_that_it_is_whole_removes_nobody_and_says_so_once(
        self, target: Setup, workspace: Workspace, feed_of_one: list[Json], says: str
    ) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))

        outcome = target.loaded(accounts(1, 2), state(done="accounts"), feed_of_one, **REPLACE)

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])
        [warning] = [line for line in outcome.log.splitlines() if "Nobody is removed" in line]
        assert says in warning
        assert "docs/target.md" in warning

    def test_rows_count_as_they_come_and_a_later_state_need_not_repeat_their_number(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1, 2, 3), lists(), on_list(1, 2, 3))
        maps = {"list_members": {"__filter__": "record_id != 2"}}

        outcome = target.loaded(
            complete(on_list(1, 2)), accounts(1), state(done="accounts"), stream_maps=maps, **REPLACE
        )

        assert outcome.count("list_members") == {"unchanged": 1, "removed": 2}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    def test_a_run_that_fails_removes_nobody(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))

        assert target.load(complete(on_list(1)), "{", **REPLACE).status == 1

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1, 2])

    def test_the_removal_is_in_the_report(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))

        target.loaded(complete(on_list(1)), report_path=str(target.folder / "report"), **REPLACE)

        page = (target.folder / "report.html").read_text()
        assert "1 removed from lists." in page
