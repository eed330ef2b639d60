"""With relationship_mode: replace exactly the links of a row remain; without it none is ever removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from target_runs import Setup, rows
from workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.server import Sandbox

Json = dict[str, Any]


@pytest.fixture
def workspace(empty: Sandbox) -> Workspace:
    return Workspace(empty)


def contacts(*numbers: int) -> list[Json]:
    return rows("contacts", *({"id": n, "email": f"c{n}@x.example"} for n in numbers))


def account(**columns: Any) -> list[Json]:
    return rows("accounts", {"id": "a", "name": "Acme", **columns})


def linked(target: Setup, workspace: Workspace, key: str = "$contact") -> set[str]:
    names = {record_id: source_key for source_key, record_id in target.ids("contacts").items()}
    return {names[i] for i in workspace.links("accounts", target.ids("accounts")["a"], key)}


@pytest.mark.parametrize(
    ("given", "left"),
    [([2, 3], {"2", "3"}), ([3], {"3"}), ([], set()), (None, set()), ([1, 2, "not yet"], {"1", "2"})],
)
def test_exactly_the_given_links_remain(
    target: Setup, workspace: Workspace, given: list[Any] | None, left: set[str]
) -> None:
    target.loaded(contacts(1, 2, 3), account(contact_ids=[1, 2]))

    target.loaded(account(contact_ids=given), relationship_mode="replace")

    assert linked(target, workspace) == left


def test_a_link_that_waited_is_added_to_those_that_remain(target: Setup, workspace: Workspace) -> None:
    target.loaded(contacts(1, 2), account(contact_ids=[1, 2]))

    target.loaded(account(contact_ids=[2, 3]), relationship_mode="replace")
    target.loaded(contacts(3), relationship_mode="replace")

    assert linked(target, workspace) == {"2", "3"}


@pytest.mark.parametrize("given", [{"contact_ids": [3]}, {"contact_ids": []}, {"contact_ids": None}])
def test_by_default_no_link_is_removed(target: Setup, workspace: Workspace, given: Json) -> None:
    target.loaded(contacts(1, 2, 3), account(contact_ids=[1, 2]))

    target.loaded(account(**given))

    assert linked(target, workspace) >= {"1", "2"}


def test_an_absent_column_asks_for_nothing(target: Setup, workspace: Workspace) -> None:
    target.loaded(contacts(1), account(contact_ids=[1]))

    target.loaded(account(headcount=None), relationship_mode="replace")

    assert linked(target, workspace) == {"1"}


def test_changing_the_mode_looks_at_unchanged_rows_again(target: Setup, workspace: Workspace) -> None:
    target.loaded(contacts(1, 2), account(contact_ids=[1]))
    workspace.update(
        "accounts",
        target.ids("accounts")["a"],
        {},
        {"$contact": {"add": [target.ids("contacts")["2"]]}},
    )

    target.loaded(account(contact_ids=[1]))
    assert linked(target, workspace) == {"1", "2"}

    target.loaded(account(contact_ids=[1]), relationship_mode="replace")
    assert linked(target, workspace) == {"1"}


def test_the_link_of_a_has_one_ends_with_null_but_not_while_its_reference_waits(
    target: Setup, workspace: Workspace
) -> None:
    target.loaded(contacts(1), account(custom_billing_contact_id=1))

    target.loaded(account(custom_billing_contact_id="not yet"), relationship_mode="replace")
    assert linked(target, workspace, "billing-contact") == {"1"}

    target.loaded(account(custom_billing_contact_id=None), relationship_mode="replace")
    assert linked(target, workspace, "billing-contact") == set()


def test_a_required_link_can_not_be_ended(target: Setup, workspace: Workspace) -> None:
    target.loaded(account(), rows("opportunities", {"id": "o", "name": "Deal", "account_id": "a"}))

    target.load(
        rows("opportunities", {"id": "o", "name": "Deal", "account_id": None}), relationship_mode="replace"
    )

    [reject] = target.rejects()
    assert reject["param"] == "account_id"
    opportunity = target.ids("opportunities")["o"]
    assert workspace.links("opportunities", opportunity, "$account") == set(target.ids("accounts").values())


def test_many_links_change_in_as_few_requests_as_the_limit_of_25_allows(
    target: Setup, workspace: Workspace
) -> None:
    target.loaded(contacts(*range(60)), account(contact_ids=list(range(40))))

    with target.counting() as seen:
        target.loaded(account(contact_ids=list(range(20, 60))), relationship_mode="replace")

    assert linked(target, workspace) == {str(n) for n in range(20, 60)}
    assert seen["writes"]["account"]["update"] == 2  # 20 new ones and 20 that end


def test_of_a_relationship_to_the_own_kind_only_the_given_direction_ends(
    target: Setup, workspace: Workspace
) -> None:
    three = [{"id": n, "name": f"Account {n}"} for n in "abc"]
    target.loaded(rows("accounts", *three))
    target.loaded(
        rows(
            "accounts",
            {"id": "a", "name": "Account a", "custom_parent_as_source_id": "b"},
            {"id": "b", "name": "Account b", "custom_parent_as_source_id": "c"},
        )
    )
    ids = target.ids("accounts")

    target.loaded(
        rows("accounts", {"id": "b", "name": "Account b", "custom_parent_as_source_id": None}),
        relationship_mode="replace",
    )

    assert workspace.links("accounts", ids["b"], "parent", "asSource") == set()
    assert workspace.links("accounts", ids["a"], "parent", "asSource") == {ids["b"]}
