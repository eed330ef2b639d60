"""The columns of list_members, and the scopes that it needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.target.lists.feeds import KEY, accounts, ids, lists, member, members, on_list
from tests.target.target_runs import Setup, schema
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


class TestColumnsAndScopes:
    def test_an_unknown_column_ends_the_run_naming_the_nearest(self, target: Setup) -> None:
        outcome = target.load(on_list({**member(1), "recordid": 5}))

        assert "'recordid' (nearest: record_id" in outcome.error

    def test_what_a_list_is_called_is_for_those_who_read_the_rows(
        self, target: Setup, workspace: Workspace
    ) -> None:
        first = target.loaded(accounts(1), lists(), on_list({**member(1), "list_name": "Another name"}))
        assert first.count("list_members") == {"created": 1}
        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

        renamed = target.loaded(on_list({**member(1), "list_name": None}))
        assert renamed.count("list_members") == {"unchanged": 1}

    def test_an_unknown_column_is_ignored_where_the_settings_say_so(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(
            accounts(1), lists(), on_list({**member(1), "added_by": "Ann"}), unknown_columns="ignore"
        )

        assert members(workspace, target.ids("lists")["L"]) == ids(target, [1])

    @pytest.mark.parametrize(
        "missing", ["lists:read", "lists:update", "accounts:read", "contacts:read", "opportunities:read"]
    )
    def test_a_missing_scope_is_said_at_the_schema_message(
        self, start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], missing: str
    ) -> None:
        scopes = {f"{name}:read" for name in ("lists", "accounts", "contacts", "opportunities", "members")}
        sandbox = start_sandbox(empty=True, keys={"some": sorted((scopes | {"lists:update"}) - {missing})})
        target = target_of(sandbox, api_key=sandbox.keys["some"])

        outcome = target.load(schema("list_members", *KEY, key=KEY))

        assert f"lacks the scope {missing}, which writing list_members needs" in outcome.error

    def test_lists_have_no_settings_for_their_members(self, target: Setup) -> None:
        outcome = target.load(accounts(1), objects={"list_members": {"mode": "upsert"}})

        assert "'list_members'" in outcome.error
