"""With relationship_mode: replace exactly the links of a row remain; without it none is ever removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NoAnswer
from tests.target.target_runs import Setup, rows, write_requests
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    pass

Json = dict[str, Any]


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


def test_a_record_is_created_with_more_links_than_one_request_takes(
    target: Setup, workspace: Workspace
) -> None:
    target.loaded(contacts(*range(60)))

    with target.counting() as seen:
        target.loaded(account(contact_ids=list(range(60))), relationship_mode="replace")

    assert linked(target, workspace) == {str(n) for n in range(60)}
    assert seen["writes"]["account"] == {"create": 1, "update": 2, "delete": 0, "restore": 0}


def test_links_that_come_and_go_and_a_value_change_share_a_request(
    target: Setup, workspace: Workspace
) -> None:
    first, second, *_ = workspace.members()
    target.loaded(contacts(1, 2), account(contact_ids=[1], custom_billing_contact_id=1, owner_id=first))

    with target.counting() as seen:
        target.loaded(
            account(contact_ids=[2], custom_billing_contact_id=None, owner_id=second, custom_arr=5),
            relationship_mode="replace",
        )

    assert seen["writes"]["account"]["update"] == 1
    assert linked(target, workspace) == {"2"}
    assert linked(target, workspace, "billing-contact") == set()


def test_an_unchanged_row_costs_no_write_and_no_lookup(target: Setup) -> None:
    feed = [contacts(1, 2), account(contact_ids=[1, 2], custom_billing_contact_id=None)]
    target.loaded(*feed, relationship_mode="replace")

    with target.counting() as seen:
        outcome = target.loaded(*feed, relationship_mode="replace")

    assert outcome.count("accounts") == {"unchanged": 1}
    assert write_requests(seen) == sum(seen["requests"]["search"].values()) == 0


def test_a_run_that_ends_between_the_requests_of_one_record_is_finished_by_the_next(
    target: Setup, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    target.loaded(contacts(*range(90)), account(contact_ids=list(range(45))))
    feed, write, sent = account(contact_ids=list(range(45, 90))), LightfieldClient.write, []

    def ending(self: LightfieldClient, *path: str, **options: Any) -> Json:
        sent.append(path)
        if len(sent) > 2:
            raise NoAnswer("The connection is gone")
        return write(self, *path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(LightfieldClient, "write", ending)
        assert target.load(feed, relationship_mode="replace").error

    target.loaded(feed, relationship_mode="replace")

    assert linked(target, workspace) == {str(n) for n in range(45, 90)}


def test_a_link_that_waited_takes_nothing_away_when_it_comes(target: Setup, workspace: Workspace) -> None:
    target.loaded(contacts(1), account(contact_ids=[1, 2]), relationship_mode="replace")

    target.loaded(contacts(2), relationship_mode="replace")

    assert linked(target, workspace) == {"1", "2"}


def test_a_link_that_waited_and_is_wanted_no_more_is_not_written(target: Setup, workspace: Workspace) -> None:
    target.loaded(contacts(1), account(contact_ids=[1, 2]), relationship_mode="replace")
    target.loaded(account(contact_ids=[1]), relationship_mode="replace")

    target.loaded(contacts(2), relationship_mode="replace")

    assert linked(target, workspace) == {"1"}
    assert target.table("lightfield_waiting_links") == []


def test_the_other_direction_of_a_relationship_to_the_own_kind_is_written_by_the_other_record_alone(
    target: Setup, workspace: Workspace
) -> None:
    target.loaded(
        rows(
            "accounts",
            {"id": "c", "name": "C"},
            {"id": "b", "name": "B", "custom_parent_as_source_id": "c"},
            {"id": "a", "name": "A", "custom_parent_as_source_id": "b"},
        )
    )
    ids = target.ids("accounts")

    target.loaded(
        rows(
            "accounts",
            {
                "id": "b",
                "name": "B",
                "custom_parent_as_source_id": None,
                "custom_parent_as_destination_ids": [],
            },
        ),
        relationship_mode="replace",
    )

    assert workspace.links("accounts", ids["b"], "parent", "asSource") == set()
    assert workspace.links("accounts", ids["b"], "parent", "asDestination") == {ids["a"]}
