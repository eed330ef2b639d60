"""What a row without a known id matches, and what several matches come to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.target.target_runs import Setup, rows, writes
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox


def test_an_id_of_this_workspace_comes_before_a_match(target: Setup, workspace: Workspace) -> None:
    meant = workspace.account("Old name")
    alike = workspace.account("New name", website=["https://new.example"])

    outcome = target.loaded(rows("accounts", {"key": "k", "id": meant, "name": "New name"}, key=["key"]))

    assert outcome.count("accounts") == {"updated": 1}
    assert workspace.value("accounts", meant, "$name") == "New name"
    assert target.ids("accounts") == {"k": meant}
    assert workspace.value("accounts", alike, "$website") == ["https://new.example"]


@pytest.mark.parametrize(
    "website", ["acme.example", "http://ACME.example/", "https://www.acme.example/about?x=1#y"]
)
def test_accounts_match_by_the_domain_of_their_website(
    target: Setup, workspace: Workspace, website: str
) -> None:
    there = workspace.account("Acme Incorporated", website=["https://acme.example"])

    target.loaded(rows("accounts", {"id": "1", "name": "Acme", "website": website}))

    assert target.ids("accounts") == {"1": there}


def test_accounts_without_a_matching_website_match_by_name(target: Setup, workspace: Workspace) -> None:
    there = workspace.account("Acme")

    target.loaded(rows("accounts", {"id": "1", "name": " acme ", "website": "https://acme.example"}))

    assert target.ids("accounts") == {"1": there}


def test_a_website_that_only_contains_the_domain_is_no_match(target: Setup, workspace: Workspace) -> None:
    workspace.account("Not Acme", website=["https://notacme.example"])

    outcome = target.loaded(rows("accounts", {"id": "1", "name": "Acme", "website": "acme.example"}))

    assert outcome.count("accounts") == {"created": 1}


@pytest.mark.parametrize("contacts", [0, 60])
def test_contacts_match_by_any_of_their_emails_compared_whole(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup], contacts: int
) -> None:
    # With 60 others the list has several pages: the match goes by the filter, which finds too much.
    sandbox = start_sandbox(contacts=contacts, accounts=0, opportunities=0, tasks=0, notes=0, meetings=0)
    workspace, target = Workspace(sandbox), target_of(sandbox)
    workspace.contact("joann@x.example")
    there = workspace.contact("ann@x.example", "ann@private.example")

    target.loaded(rows("contacts", {"id": "1", "email": ["ann@work.example", "ANN@x.example"]}))

    assert target.ids("contacts") == {"1": there}


def test_an_opportunity_matches_by_name_within_its_account_only(target: Setup, workspace: Workspace) -> None:
    mine, other = workspace.account("Mine"), workspace.account("Other")
    there = workspace.create("opportunities", {"$name": "Renewal"}, {"$account": mine})
    workspace.create("opportunities", {"$name": "Renewal"}, {"$account": other})
    new = workspace.account("New")

    target.loaded(
        rows(
            "opportunities",
            {"id": "1", "name": "Renewal", "account_id": mine},
            {"id": "2", "name": "Renewal", "account_id": new},
        )
    )

    ids = target.ids("opportunities")
    assert ids["1"] == there
    assert workspace.links("opportunities", ids["2"], "$account") == {new}
    assert len(workspace.all("opportunities")) == 3


def test_tasks_and_notes_match_nothing(target: Setup, workspace: Workspace) -> None:
    workspace.create("notes", {"$title": "Call"})

    outcome = target.loaded(rows("notes", {"id": "1", "title": "Call"}))

    assert outcome.count("notes") == {"created": 1}


def test_two_source_records_of_one_name_become_two_records(target: Setup, workspace: Workspace) -> None:
    twins = rows("accounts", {"id": "1", "name": "Acme"}, {"id": "2", "name": "Acme"})

    assert target.loaded(twins).count("accounts") == {"created": 2}
    assert target.loaded(twins).count("accounts") == {"unchanged": 2}
    assert workspace.values("accounts", "$name") == ["Acme", "Acme"]


def test_a_record_that_two_rows_match_is_the_first_ones(target: Setup, workspace: Workspace) -> None:
    there = workspace.account("Acme")

    outcome = target.load(
        rows("accounts", {"id": "1", "name": "Acme"}, {"id": "2", "name": "Acme"}), max_rejects=1
    )

    assert outcome.status == 0
    assert target.ids("accounts") == {"1": there}
    [reject] = target.rejects()
    assert (reject["key"], reject["code"]) == ("2", "ambiguous")
    assert there in reject["message"]
    assert "'1'" in reject["message"]


def test_on_ambiguous_first_lets_two_rows_be_one_record(target: Setup, workspace: Workspace) -> None:
    there = workspace.account("Acme")

    target.loaded(
        rows("accounts", {"id": "1", "name": "Acme"}, {"id": "2", "name": "Acme"}), on_ambiguous="first"
    )

    assert target.ids("accounts") == {"1": there, "2": there}
    assert len(workspace.all("accounts")) == 1


def test_a_row_that_matches_several_records_is_rejected(target: Setup, workspace: Workspace) -> None:
    one, two = workspace.account("Acme"), workspace.account("Acme")

    with target.counting() as seen:
        outcome = target.load(rows("accounts", {"id": "1", "name": "Acme", "headcount": "1-10"}))

    assert outcome.status == 1
    [reject] = target.rejects()
    assert reject["code"] == "ambiguous"
    assert one in reject["message"]
    assert two in reject["message"]
    assert writes(seen) == 0


def test_on_ambiguous_first_takes_the_oldest_of_several(target: Setup, workspace: Workspace) -> None:
    oldest, *_ = [workspace.account("Acme") for _ in range(12)]

    target.loaded(rows("accounts", {"id": "1", "name": "Acme"}), on_ambiguous="first")

    assert target.ids("accounts") == {"1": oldest}


def test_match_on_can_be_another_column(target: Setup, workspace: Workspace) -> None:
    there = workspace.create("accounts", {"$name": "Acme", "legacyId": "L-7"})

    target.loaded(
        rows("accounts", {"id": "1", "name": "Acme Ltd", "custom_legacy_id": "L-7"}),
        objects={"accounts": {"match_on": ["custom_legacy_id"]}},
    )

    assert target.ids("accounts") == {"1": there}


def test_match_on_nothing_makes_every_row_new(target: Setup, workspace: Workspace) -> None:
    workspace.account("Acme")

    outcome = target.loaded(
        rows("accounts", {"id": "1", "name": "Acme"}), objects={"accounts": {"match_on": []}}
    )

    assert outcome.count("accounts") == {"created": 1}


def test_match_on_works_for_a_list_without_filters(
    start_sandbox: Callable[..., Sandbox], target_of: Callable[..., Setup]
) -> None:
    sandbox = start_sandbox(accounts=0, contacts=0, opportunities=0, tasks=0, meetings=0, notes=30)
    workspace, target = Workspace(sandbox), target_of(sandbox)
    oldest = workspace.all("notes")[-1]

    target.loaded(
        rows("notes", {"id": "1", "title": oldest["fields"]["$title"]["value"]}),
        objects={"notes": {"match_on": ["title"]}},
        on_ambiguous="first",
    )

    assert target.ids("notes")["1"] in {n["id"] for n in workspace.all("notes")}
    assert len(workspace.all("notes")) == 30


@pytest.mark.parametrize(
    ("objects", "named"),
    [
        ({"accounts": {"match_on": ["webside"]}}, "webside"),
        ({"accounts": {"match_on": ["owner_id"]}}, "owner_id"),
        ({"account": {"match_on": ["name"]}}, "account"),
        ({"accounts": {"defaults": {"nmae": "x"}}}, "nmae"),
    ],
)
def test_a_wrong_name_in_objects_ends_the_run_before_a_write(
    target: Setup, objects: dict[str, object], named: str
) -> None:
    with target.counting() as seen:
        outcome = target.load(rows("accounts", {"id": "1", "name": "Acme"}), objects=objects)

    assert repr(named) in outcome.error
    assert writes(seen) == 0
