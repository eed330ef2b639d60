"""What the settings make of a row: modes, defaults, enrichment; and rows that are marked deleted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.target.target_runs import Setup, rows
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    pass


def account(**columns: Any) -> list[dict[str, Any]]:
    return rows("accounts", {"id": "1", **columns})


@pytest.mark.parametrize("skip", [True, False])
def test_enrichment_is_started_only_when_it_is_asked_for(target: Setup, skip: bool) -> None:
    with target.counting() as seen:
        target.loaded(
            account(name="Acme"), rows("contacts", {"id": "1", "email": "a@x.example"}), skip_enrichment=skip
        )

    assert seen["enrichments"] == (0 if skip else 2)


def test_a_row_marked_deleted_is_skipped_and_so_is_what_waited_of_it(
    target: Setup, workspace: Workspace
) -> None:
    deal = {"id": "d", "name": "Deal", "account_id": "a"}
    target.loaded(rows("opportunities", deal))

    outcome = target.loaded(
        rows("opportunities", {**deal, "_sdc_deleted_at": "2026-01-01T00:00:00Z"}),
        rows("accounts", {"id": "a", "name": "Acme"}),
    )

    assert outcome.count("opportunities") == {"skipped": 1}
    assert workspace.all("opportunities") == []


def test_defaults_fill_what_a_row_lacks(target: Setup, workspace: Workspace) -> None:
    ada = next(iter(workspace.members()))
    target.loaded(
        rows("tasks", {"id": "1", "title": "A"}, {"id": "2", "title": "B", "status": "COMPLETE"}),
        objects={"tasks": {"defaults": {"status": "TODO"}}},
        default_assignee=ada,
    )

    todo, complete = (workspace.options("tasks", "$status")[label] for label in ("TODO", "COMPLETE"))
    assert target.values("tasks", "$status") == {"1": todo, "2": complete}
    for task in workspace.all("tasks"):
        assert task["relationships"]["$assignedTo"]["values"] == [workspace.members()[ada]]


def test_a_default_assignee_who_is_no_member_ends_the_run(target: Setup) -> None:
    outcome = target.load(rows("tasks", {"id": "1", "title": "A"}), default_assignee="nobody@x.example")

    assert "nobody@x.example" in outcome.error


class TestModes:
    def test_create_only_leaves_what_is_there_alone(self, target: Setup, workspace: Workspace) -> None:
        there = workspace.account("Acme", website=["https://acme.example"])

        outcome = target.loaded(
            rows(
                "accounts",
                {"id": "1", "name": "Acme Ltd", "website": "acme.example"},
                {"id": "2", "name": "New"},
            ),
            mode="create_only",
        )

        assert outcome.count("accounts") == {"created": 1, "skipped": 1}
        assert workspace.value("accounts", there, "$name") == "Acme"

    def test_create_only_leaves_the_holder_of_a_unique_value_alone(
        self, target: Setup, workspace: Workspace
    ) -> None:
        holder = workspace.create("accounts", {"$name": "Acme", "legacyId": "L"})

        outcome = target.loaded(account(name="Other", custom_legacy_id="L"), mode="create_only")

        assert outcome.count("accounts") == {"skipped": 1}
        assert workspace.value("accounts", holder, "$name") == "Acme"

    def test_what_create_only_skipped_is_written_once_the_mode_allows_it(
        self, target: Setup, workspace: Workspace
    ) -> None:
        target.loaded(account(name="A"))
        target.loaded(account(name="B"), mode="create_only")
        assert workspace.values("accounts", "$name") == ["A"]

        assert target.loaded(account(name="B")).count("accounts") == {"updated": 1}
        assert workspace.values("accounts", "$name") == ["B"]

    def test_what_create_only_found_is_written_once_the_mode_allows_it(
        self, target: Setup, workspace: Workspace
    ) -> None:
        workspace.account("Acme")
        target.loaded(account(name="Acme", custom_arr=5), mode="create_only")

        assert target.loaded(account(name="Acme", custom_arr=5)).count("accounts") == {"updated": 1}
        assert workspace.values("accounts", "arr") == [5]

    def test_create_only_keeps_the_links_that_wait(self, target: Setup, workspace: Workspace) -> None:
        target.loaded(rows("contacts", {"id": "c", "email": "c@x.example", "account_ids": ["a"]}))
        changed = {"id": "c", "email": "c@x.example", "title": "Changed", "account_ids": []}

        target.loaded(
            rows("contacts", changed), rows("accounts", {"id": "a", "name": "Acme"}), mode="create_only"
        )

        assert workspace.links("contacts", target.ids("contacts")["c"], "$account") == {
            target.ids("accounts")["a"]
        }

    def test_create_only_still_lets_links_find_what_it_skipped(
        self, target: Setup, workspace: Workspace
    ) -> None:
        there = workspace.account("Acme")

        target.loaded(
            rows("accounts", {"id": "a", "name": "Acme", "custom_arr": 1}),
            rows("opportunities", {"id": "d", "name": "Deal", "account_id": "a"}),
            mode="create_only",
        )

        assert workspace.links("opportunities", target.ids("opportunities")["d"], "$account") == {there}

    def test_update_only_creates_nothing(self, target: Setup, workspace: Workspace) -> None:
        there = workspace.account("Acme")

        outcome = target.loaded(
            rows("accounts", {"id": "1", "name": "Acme", "custom_arr": 3}, {"id": "2", "name": "New"}),
            mode="update_only",
        )

        assert outcome.count("accounts") == {"updated": 1, "skipped": 1}
        assert [record["id"] for record in workspace.all("accounts")] == [there]

    def test_an_object_can_have_a_mode_of_its_own(self, target: Setup, workspace: Workspace) -> None:
        outcome = target.loaded(
            account(name="Acme"),
            rows("notes", {"id": "1", "title": "A"}),
            objects={"accounts": {"mode": "update_only"}},
        )

        assert outcome.count("accounts") == {"skipped": 1}
        assert outcome.count("notes") == {"created": 1}
