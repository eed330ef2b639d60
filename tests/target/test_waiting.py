"""What can not be written yet waits in the id map, for the end of this run or of a later one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.target.target_runs import Setup, rows, write_requests, writes
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    pass


def test_links_wait_for_records_that_come_later_in_the_same_run(target: Setup, workspace: Workspace) -> None:
    outcome = target.loaded(
        rows("contacts", {"id": "c", "email": "c@x.example", "account_ids": ["a", "b"]}),
        rows("accounts", {"id": "a", "name": "A"}, {"id": "b", "name": "B"}),
    )

    accounts = target.ids("accounts")
    assert workspace.links("contacts", target.ids("contacts")["c"], "$account") == set(accounts.values())
    assert target.table("lightfield_waiting_links") == []
    assert "wait" not in outcome.log.replace("0 waiting", "")


def test_links_wait_for_a_later_run(target: Setup, workspace: Workspace) -> None:
    outcome = target.loaded(
        rows("notes", {"id": "n", "title": "N", "contact_ids": ["c"], "account_ids": ["a"]})
    )
    assert "2 links wait" in outcome.log

    target.loaded(rows("accounts", {"id": "a", "name": "A"}))
    target.loaded(rows("contacts", {"id": "c", "email": "c@x.example"}))

    note = target.ids("notes")["n"]
    assert workspace.links("notes", note, "$account") == set(target.ids("accounts").values())
    assert workspace.links("notes", note, "$contact") == set(target.ids("contacts").values())


def test_a_record_waits_for_what_it_requires(target: Setup, workspace: Workspace) -> None:
    deal = {"id": "d", "name": "Deal", "account_id": "a", "amount": 5}
    outcome = target.loaded(rows("opportunities", deal), {"type": "STATE", "value": {"seen": 1}})
    assert outcome.count("opportunities") == {"waiting": 1}
    assert outcome.state == {"seen": 1}
    assert workspace.all("opportunities") == []

    later = target.loaded(rows("accounts", {"id": "a", "name": "Acme"}))

    assert later.count("opportunities") == {"created": 1}
    [made] = workspace.all("opportunities")
    assert made["relationships"]["$account"]["values"] == [target.ids("accounts")["a"]]
    assert target.table("lightfield_waiting_records") == []


def test_the_last_version_of_a_waiting_record_is_written(target: Setup, workspace: Workspace) -> None:
    versions = [{"id": "d", "name": name, "account_id": "a"} for name in ("One", "Two", "Three")]

    target.loaded(rows("opportunities", *versions), rows("accounts", {"id": "a", "name": "Acme"}))

    assert workspace.values("opportunities", "$name") == ["Three"]


def test_a_waiting_record_whose_newer_version_is_rejected_is_not_written(
    target: Setup, workspace: Workspace
) -> None:
    good = {"id": "d", "name": "Deal", "account_id": "a", "amount": 5}

    target.load(
        rows("opportunities", good, {**good, "amount": "much"}), rows("accounts", {"id": "a", "name": "A"})
    )

    assert [reject["param"] for reject in target.rejects()] == ["amount"]
    assert workspace.all("opportunities") == []


def test_a_waiting_record_that_is_refused_is_filed_as_a_singer_message(
    target: Setup, workspace: Workspace
) -> None:
    deals = [{"id": n, "name": "Deal", "account_id": "a", "custom_contract_url": "no url"} for n in "xy"]

    outcome = target.load(rows("opportunities", *deals), rows("accounts", {"id": "a", "name": "A"}))

    assert outcome.status == 1
    assert sorted((reject["record"] for reject in target.rejects()), key=lambda r: r["id"]) == deals
    assert [m["type"] for m in target.rejects_messages()] == ["SCHEMA", "RECORD", "RECORD"]
    assert target.table("lightfield_waiting_records") == []


def test_a_cycle_of_links_is_closed(target: Setup, workspace: Workspace) -> None:
    target.loaded(
        rows("accounts", {"id": "a", "name": "A", "contact_ids": ["c"], "custom_billing_contact_id": "c"}),
        rows(
            "contacts",
            {"id": "c", "email": "c@x.example", "account_ids": ["a"], "custom_pays_for_ids": ["a"]},
        ),
    )

    account, contact = target.ids("accounts")["a"], target.ids("contacts")["c"]
    assert workspace.links("accounts", account, "$contact") == {contact}
    assert workspace.links("accounts", account, "billing-contact") == {contact}
    assert workspace.links("contacts", contact, "pays-for") == {account}


def test_a_parent_is_found_whether_it_comes_before_or_after_its_child(
    target: Setup, workspace: Workspace
) -> None:
    chain = {"child": "middle", "middle": "top", "top": None, "loop": "loop"}

    target.loaded(
        rows(
            "accounts",
            *({"id": k, "name": k, "custom_parent_as_source_id": p} for k, p in chain.items()),
        )
    )

    ids = target.ids("accounts")
    for child, parent in chain.items():
        expected = {ids[parent]} if parent else set()
        assert workspace.links("accounts", ids[child], "parent", "asSource") == expected


def test_one_link_that_is_refused_keeps_no_other_waiting(target: Setup, workspace: Workspace) -> None:
    target.loaded(rows("notes", {"id": "n", "title": "N", "account_ids": ["x", "y"]}))
    # A run that breaks off before it comes to the links, and a user who deletes one of the two.
    broken = target.load(rows("accounts", {"id": "x", "name": "X"}, {"id": "y", "name": "Y"}), "{")
    assert broken.status == 1
    accounts = target.ids("accounts")
    workspace.delete("accounts", accounts["x"])

    outcome = target.loaded(rows("notes", {"id": "m", "title": "M"}))

    assert workspace.links("notes", target.ids("notes")["n"], "$account") == {accounts["y"]}
    assert [link["reference"] for link in target.table("lightfield_waiting_links")] == ["x"]
    assert "1 link waits" in outcome.log


def test_a_rerun_with_waiting_links_writes_nothing_more(target: Setup) -> None:
    messages = rows("notes", {"id": "n", "title": "N", "account_ids": ["never"]})
    target.loaded(messages)

    with target.counting() as seen:
        target.loaded(messages)

    assert write_requests(seen) == writes(seen) == 0


def test_what_waits_for_what_waits_is_written_in_one_run(target: Setup, workspace: Workspace) -> None:
    deals = [{"id": n, "name": f"Deal {n}", "account_id": "a"} for n in range(250)]
    members = [{"list_id": "l", "object_type": "opportunity", "record_id": n} for n in range(250)]
    target.loaded(
        rows("list_members", *members, key=("list_id", "object_type", "record_id")),
        rows("opportunities", *deals),
    )
    assert len(target.table("lightfield_waiting_records")) == 500

    outcome = target.loaded(
        rows("accounts", {"id": "a", "name": "A"}),
        rows("lists", {"id": "l", "name": "L", "object_type": "opportunity"}),
    )

    assert outcome.count("opportunities") == outcome.count("list_members") == {"created": 250}
    assert len(workspace.all("opportunities")) == 250
    assert target.table("lightfield_waiting_records") == []
