"""Rows of lists that the source has deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.target.lists.feeds import (
    DELETED,
    ENDS,
    REPLACE,
    Json,
    _kind,
    accounts,
    complete,
    ids,
    lists,
    member,
    members,
    on_list,
)
from tests.target.target_runs import Setup, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


class TestDeletedRows:
    @pytest.mark.parametrize(
        "settings", [{}, {"delete_mode": "trash"}, {"relationship_mode": "replace"}], ids=str
    )
    def test_they_are_skipped_unless_both_settings_say_that_they_end(
        self, target: Setup, workspace: Workspace, settings: Json
    ) -> None:
        target.loaded(accounts(1), lists(), on_list(1))

        outcome = target.loaded(complete(on_list(member(1, **DELETED))), **settings)

        assert outcome.count("list_members") == {"skipped": 1}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    def test_they_are_removed_and_no_others_where_no_row_says_who_stays(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(accounts(1, 2, 3), lists(), on_list(1, 2, 3))
        messages = complete(on_list(member(1, **DELETED), member(2, **DELETED)))

        with target.counting() as seen:
            outcome = target.loaded(messages, **ENDS)
        assert outcome.count("list_members") == {"removed": 2}
        assert write_requests(seen) == 1
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [3])

        with target.counting() as seen:
            again = target.loaded(messages, **ENDS)
        assert again.count("list_members") == {"unchanged": 2}
        assert write_requests(seen) == 0

    def test_the_last_row_counts_under_another_key_too(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1), lists())

        target.loaded(complete(on_list(1, member(1, object_type="$account", **DELETED))), **ENDS)

        assert members(workspace, target.ids("lists")["L"]) == set()

    def test_one_that_was_removed_before_is_unchanged(self, target: Setup) -> None:
        target.loaded(accounts(1, 2), lists(), on_list(1, 2))
        target.loaded(complete(on_list(1)), **REPLACE)

        with target.counting() as seen:
            outcome = target.loaded(complete(on_list(member(2, **DELETED))), **ENDS)

        assert outcome.count("list_members") == {"unchanged": 1}
        assert write_requests(seen) == 0

    def test_one_is_removed_once_if_the_list_still_shows_it(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
    ) -> None:
        sandbox = start_sandbox(index_lag=600)
        workspace, target = Workspace(sandbox), target_of(sandbox)
        list_id = next(r["id"] for r in workspace.all("lists") if _kind(r) == "account")
        stays, goes, *others = sorted(members(workspace, list_id))

        outcome = target.loaded(
            complete(on_list(member(stays, list_id), member(goes, list_id, **DELETED))), **ENDS
        )

        assert outcome.count("list_members") == {"unchanged": 1, "removed": 1 + len(others)}

    def test_one_that_was_on_no_list_is_unchanged(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1), lists())

        outcome = target.loaded(
            complete(on_list(member(1, **DELETED), member("never", **DELETED), member(1, "N", **DELETED))),
            **ENDS,
        )

        assert outcome.count("list_members") == {"unchanged": 3}

    def test_the_last_row_of_a_member_counts(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(accounts(1, 2, 3), lists(), on_list(3))

        target.loaded(complete(on_list(1, member(1, **DELETED), 2, member(2, **DELETED), 2, 3)), **ENDS)

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [2, 3])
