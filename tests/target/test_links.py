"""Links between records: what a reference means, and what happens while nothing has come that it means."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.target.target_runs import Setup, rows
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


def test_a_reference_is_a_source_key_an_id_of_the_workspace_or_a_members_email(
    target: Setup, workspace: Workspace
) -> None:
    there = workspace.account("There")
    email, member = next(iter(workspace.members().items()))

    target.loaded(
        rows("accounts", {"id": "a", "name": "Acme", "owner_id": email.upper()}),
        rows("notes", {"id": "n", "title": "N", "account_ids": ["a", there, "a"]}),
        rows("tasks", {"id": "t", "title": "T", "status": "TODO", "assigned_to_id": member}),
    )

    accounts = target.ids("accounts")
    assert workspace.links("notes", target.ids("notes")["n"], "$account") == {accounts["a"], there}
    assert workspace.links("accounts", accounts["a"], "$owner") == {member}
    assert workspace.links("tasks", target.ids("tasks")["t"], "$assignedTo") == {member}


def test_a_number_refers_to_the_key_of_the_same_digits(target: Setup, workspace: Workspace) -> None:
    target.loaded(
        rows("accounts", {"id": 7, "name": "Acme"}),
        rows("opportunities", {"id": 1, "name": "D", "account_id": 7}),
    )

    assert workspace.links("opportunities", target.ids("opportunities")["1"], "$account") == {
        target.ids("accounts")["7"]
    }


def test_an_email_finds_its_member_among_more_than_one_page(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    # The list of members documents no filters.
    sandbox = start_sandbox(empty=True, members=60)
    workspace, target = Workspace(sandbox), target_of(sandbox)
    email, member = next(iter(workspace.members().items()))  # the oldest: on the last page

    target.loaded(rows("accounts", {"id": "a", "name": "Acme", "owner_id": email}))

    assert workspace.links("accounts", target.ids("accounts")["a"], "$owner") == {member}


def test_the_column_of_both_directions_does_not_turn_children_into_parents(
    target: Setup, workspace: Workspace
) -> None:
    # As tap-lightfield shows them: the parent's merged column holds its children.
    both = {
        "custom_parent_as_source_id": None,
        "custom_parent_as_destination_ids": None,
        "custom_parent_ids": None,
    }

    target.loaded(
        rows(
            "accounts",
            {
                **both,
                "id": "p",
                "name": "P",
                "custom_parent_as_destination_ids": ["c"],
                "custom_parent_ids": ["c"],
            },
            {**both, "id": "c", "name": "C", "custom_parent_as_source_id": "p", "custom_parent_ids": ["p"]},
        )
    )

    ids = target.ids("accounts")
    assert workspace.links("accounts", ids["p"], "parent", "asSource") == set()
    assert workspace.links("accounts", ids["c"], "parent", "asSource") == {ids["p"]}


@pytest.mark.parametrize("existing", [True, False])
@pytest.mark.parametrize("number", [25, 26, 60])
def test_links_are_written_at_most_25_at_a_time(
    target: Setup, workspace: Workspace, number: int, existing: bool
) -> None:
    emails = [{"id": f"c{n}", "email": f"c{n}@x.example"} for n in range(number)]
    if existing:
        target.loaded(rows("accounts", {"id": "a", "name": "A"}))

    with target.counting() as seen:
        target.loaded(
            rows("contacts", *emails),
            rows("accounts", {"id": "a", "name": "A", "contact_ids": [c["id"] for c in emails]}),
        )

    account = target.ids("accounts")["a"]
    assert workspace.links("accounts", account, "$contact") == set(target.ids("contacts").values())
    assert sum(seen["writes"]["account"].values()) == -(-number // 25)
    assert set(seen["requests"]["write"]) == {"200"}


def test_a_has_one_link_is_replaced_and_a_has_many_one_added(target: Setup, workspace: Workspace) -> None:
    one, two = list(workspace.members().values())[:2]
    target.loaded(
        rows("contacts", {"id": "c1", "email": "1@x.example"}, {"id": "c2", "email": "2@x.example"}),
        rows("accounts", {"id": "a", "name": "A", "owner_id": one, "contact_ids": ["c1"]}),
    )

    target.loaded(rows("accounts", {"id": "a", "name": "A", "owner_id": two, "contact_ids": ["c2"]}))

    account, contacts = target.ids("accounts")["a"], target.ids("contacts")
    assert workspace.links("accounts", account, "$owner") == {two}
    assert workspace.links("accounts", account, "$contact") == set(contacts.values())


@pytest.mark.parametrize("nothing", [{}, {"owner_id": None, "contact_ids": None}, {"contact_ids": []}])
def test_a_null_empty_or_absent_reference_removes_no_link(
    target: Setup, workspace: Workspace, nothing: dict[str, object]
) -> None:
    owner = next(iter(workspace.members().values()))
    target.loaded(
        rows("contacts", {"id": "c", "email": "c@x.example"}),
        rows("accounts", {"id": "a", "name": "A", "owner_id": owner, "contact_ids": ["c"]}),
    )

    target.loaded(rows("accounts", {"id": "a", "name": "B", **nothing}))

    account = target.ids("accounts")["a"]
    assert workspace.links("accounts", account, "$owner") == {owner}
    assert workspace.links("accounts", account, "$contact") == set(target.ids("contacts").values())


def test_members_are_taken_up_by_email_and_never_written(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox(empty=True)
    workspace, target = Workspace(sandbox), target_of(sandbox)
    email, member = next(iter(workspace.members().items()))
    people = [
        {"id": "u1", "email": email, "name": {"first_name": "Other"}, "unheard_of": 1},
        {"id": "u2", "email": "stranger@x.example"},
        {"id": "u3", "email": None},
        {"id": "u4", "email": 5},
    ]

    with target.counting() as seen:
        outcome = target.loaded(
            rows(
                "accounts",
                {"id": "a", "name": "A", "owner_id": "u1"},
                {"id": "b", "name": "B", "owner_id": "u2"},
            ),
            rows("members", *people),
        )

    assert outcome.count("members") == {"unchanged": 1, "waiting": 3}
    assert workspace.links("accounts", target.ids("accounts")["a"], "$owner") == {member}
    assert workspace.links("accounts", target.ids("accounts")["b"], "$owner") == set()
    assert "member" not in seen["writes"]
    assert "1 link waits" in outcome.log


def test_a_key_that_cannot_read_members_maps_none_and_files_no_email_as_an_id(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    scopes = [f"accounts:{operation}" for operation in ("create", "read", "update")]
    sandbox = start_sandbox(empty=True, keys={"narrow": scopes})
    workspace, target = Workspace(sandbox), target_of(sandbox)
    email, member = next(iter(workspace.members().items()))
    messages = [
        *rows("members", {"id": "u", "email": email}),
        *rows("accounts", {"id": "a", "name": "A", "owner_id": "u"}),
    ]

    target.load(messages, api_key=sandbox.keys["narrow"])
    assert email not in target.ids("members").values()

    target.loaded(messages)
    assert workspace.links("accounts", target.ids("accounts")["a"], "$owner") == {member}


@pytest.mark.parametrize(
    "reference",
    [{"id": 1}, [["a"]], True, ["ok", {"x": 1}], "half \ud800", "nul \x00", "x" * 10_000],
    ids=["object", "nested", "boolean", "mixed", "surrogate", "nul", "long"],
)
def test_junk_in_a_relationship_column_rejects_the_record_alone(
    target: Setup, workspace: Workspace, reference: object
) -> None:
    outcome = target.load(
        rows("notes", {"id": "bad", "title": "B", "account_ids": reference}, {"id": "good", "title": "G"})
    )

    assert outcome.count("notes") == {"created": 1, "rejected": 1}
    assert [(r["key"], r["param"]) for r in target.rejects()] == [("bad", "account_ids")]


def test_two_references_in_a_column_of_one_are_rejected(target: Setup) -> None:
    target.load(rows("opportunities", {"id": "d", "name": "D", "account_id": ["a", "b"]}))

    assert target.rejects()[0]["param"] == "account_id"
