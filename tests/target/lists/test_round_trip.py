"""A list read by the tap is filled by the target."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.target.lists.feeds import REPLACE, a_list, complete, member, on_list
from tests.target.target_runs import Setup, rows, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    pass


class TestRoundTrip:
    def test_a_feed_of_the_same_workspace_changes_nothing(self, target: Setup, workspace: Workspace) -> None:
        made = [workspace.account(f"A{n}") for n in range(3)]
        list_id = workspace.create("lists", {"$name": "A", "$objectType": "$account"}, {"$accounts": made})

        with target.counting() as seen:
            outcome = target.loaded(
                rows("lists", a_list(list_id, "A")),
                complete(on_list(*(member(account, list_id) for account in made))),
                **REPLACE,
            )

        assert outcome.count("list_members") == {"unchanged": 3}
        assert write_requests(seen) == 0
