"""What is written of a record: only what differs, in as few requests as it takes, and never twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.target.target_runs import Setup, row, rows, schema, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield_sandbox.http.server import Sandbox


def account(**columns: Any) -> list[dict[str, Any]]:
    return rows("accounts", {"id": "1", **columns})


def test_an_unchanged_row_costs_no_call_at_all(target: Setup) -> None:
    messages = account(name="Acme", website=["https://acme.example"])
    target.loaded(messages)

    with target.counting() as again:
        outcome = target.loaded(messages)
    with target.counting() as idle:
        target.loaded(schema("accounts", "name"))

    assert outcome.count("accounts") == {"unchanged": 1}
    assert again["requests"] == idle["requests"]


def test_only_changed_fields_are_sent(target: Setup, workspace: Workspace) -> None:
    target.loaded(account(name="Acme", custom_industry="Rockets", custom_arr=5))
    id_ = target.ids("accounts")["1"]
    workspace.update("accounts", id_, {"$name": "Acme Inc", "arr": 7})

    # Were the whole row sent, the user's change of the name would be reverted by a row that never changed it.
    with target.counting() as seen:
        target.loaded(rows("accounts", {"id": "1", "custom_industry": "Trains"}))

    assert seen["writes"]["account"] == {"create": 0, "update": 1, "delete": 0, "restore": 0}
    assert workspace.value("accounts", id_, "$name") == "Acme Inc"
    assert workspace.value("accounts", id_, "arr") == 7
    assert workspace.value("accounts", id_, "industry") == "Trains"


def test_a_changed_row_that_the_workspace_already_shows_is_not_written(
    target: Setup, workspace: Workspace
) -> None:
    target.loaded(account(name="Acme"))
    workspace.update("accounts", target.ids("accounts")["1"], {"$name": "Acme Inc"})

    with target.counting() as seen:
        outcome = target.loaded(account(name="Acme Inc"))

    assert outcome.count("accounts") == {"unchanged": 1}
    assert write_requests(seen) == 0


def test_null_clears_a_field_and_an_absent_column_asks_for_nothing(
    target: Setup, workspace: Workspace
) -> None:
    target.loaded(account(name="Acme", custom_industry="Rockets", custom_arr=5, custom_tags=["At risk"]))

    target.loaded(account(name="Acme", custom_industry=None, custom_tags=None))

    [record] = workspace.all("accounts")
    assert record["fields"]["industry"]["value"] is None
    assert record["fields"]["tags"]["value"] is None
    assert record["fields"]["arr"]["value"] == 5


def test_versions_of_a_row_in_one_feed_end_with_the_last(target: Setup, workspace: Workspace) -> None:
    names = ["X", "Y", "X", "X", "Z", "X"]

    target.loaded(schema("accounts", "name"), [row("accounts", id="1", name=name) for name in names])

    assert workspace.values("accounts", "$name") == ["X"]


def test_a_label_or_an_option_id_of_another_workspace_finds_the_option_here(
    target: Setup, workspace: Workspace
) -> None:
    tiers, tags = workspace.options("accounts", "tier"), workspace.options("accounts", "tags")

    target.loaded(
        rows(
            "accounts",
            {"id": "1", "name": "A", "custom_tier": "enterprise", "custom_tags": ["at risk", "Événement"]},
            {
                "id": "2",
                "name": "B",
                "custom_tier": "opt_elsewhere",
                "custom_tier_label": "SMB",
                "custom_tags": ["opt_x"],
                "custom_tags_labels": ["Reference"],
            },
            {"id": "3", "name": "C", "custom_tier": tiers["SMB"], "custom_tier_label": "Enterprise"},
            {"id": "4", "name": "D", "custom_tier_label": "Mid-Market"},
        ),
    )

    found = target.values("accounts", "tier")
    labels = {"1": "Enterprise", "2": "SMB", "3": "SMB", "4": "Mid-Market"}
    assert found == {key: tiers[label] for key, label in labels.items()}
    found = target.values("accounts", "tags")
    assert (found["1"], found["2"]) == ([tags["At risk"], tags["Événement"]], [tags["Reference"]])


@pytest.mark.parametrize("flat", [True, False])
def test_names_and_addresses_come_whole_or_flattened(target: Setup, workspace: Workspace, flat: bool) -> None:
    whole = {
        "name": {"first_name": "Ann", "last_name": "Ek"},
        "custom_home_address": {"city": "Ulm", "country": "DE", "latitude": 48.4},
    }
    columns = (
        {f"{name}__{part}": value for name, parts in whole.items() for part, value in parts.items()}
        if flat
        else whole
    )

    target.loaded(rows("contacts", {"id": "1", **columns}))

    [contact] = workspace.all("contacts")
    assert contact["fields"]["$name"]["value"] == {"firstName": "Ann", "lastName": "Ek"}
    assert contact["fields"]["home-address"]["value"]["city"] == "Ulm"
    assert contact["fields"]["home-address"]["value"]["latitude"] == 48.4


@pytest.mark.parametrize("readonly_markdown", [True, False])
def test_read_only_columns_are_skipped_with_a_line_each(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], readonly_markdown: bool
) -> None:
    sandbox = start_sandbox(empty=True, readonly_markdown=readonly_markdown)
    workspace, target = Workspace(sandbox), target_of(sandbox)
    columns = {"account_status": "x", "last_interaction_at": "2025-01-01T00:00:00Z", "opportunity_ids": []}

    outcome = target.loaded(rows("accounts", *({"id": str(n), "name": f"N{n}", **columns} for n in range(3))))

    for name in columns:
        assert sum(f"'{name}'" in line for line in outcome.log.splitlines()) == 1
    assert workspace.values("accounts", "$accountStatus") == [None, None, None]
