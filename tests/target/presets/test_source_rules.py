"""What a preset says of a whole source: how it writes keys, dates, nothing, deletions and references."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lightfield_sandbox.http.server import Sandbox
from tests.target.target_runs import Json, Setup, rows

PRESET = """
preset: 1
key: Id
key_length: 4
deleted_when: Gone
nothing: ["[not provided]"]
dates: ["*Date__c"]
time_zone: Europe/Berlin
home_currency: USD
choices: {of_leads: contacts_and_accounts}
lookups:
  zones: {stream: User, key: Id, value: Zone}
  users: {stream: User, key: Id, value: {expression: "Id if IsActive else None"}}
custom_fields: {match: label, currency: Currency, records: {"001": Account, "003": Contact}}
ignore: [Gone]
streams:
  User: {to: members, skip_when: not IsActive, columns: {email: Email}, ignore: ["*"]}
  Account:
    to: accounts
    also_known_as: {from: Name, record: Lead.Company}
    columns: {name: Name, owner_id: {from: Owner, lookup: users, record: User}}
  Contact:
    to: contacts
    columns: {name__first_name: {all_of: [First, Middle], join: " "}, name__last_name: Last, email: Email}
  Lead:
  - to: contacts
    skip_when: Contact
    same_as: {first_of: [{from: Contact, record: Contact}]}
    columns:
      name__last_name: Last
      email: Email
      account_ids: {expression: "Company if of_leads != 'contacts' else None", record: Lead.Company}
  - to: accounts
    as: Lead.Company
    key: Company
    when: Company and of_leads != 'contacts'
    columns: {name: Company}
  Event:
    to: meetings
    columns:
      title: Subject
      start_date: {from: Day, zone: {from: Owner, lookup: zones}}
      end_date: {from: Day, zone: {from: Owner, lookup: zones}, plus: P1D}
  Subscription: {to: object_subscription, columns: {name: Name}}
"""


@pytest.fixture
def preset(tmp_path: Path) -> str:
    path = tmp_path / "preset.yml"
    path.write_text(PRESET)
    return str(path)


def field(sandbox: Sandbox, kind: str, key: str) -> list[Any]:
    return [record["fields"][key]["value"] for record in sandbox.records(kind)]


def account(key: str, name: str, **columns: Any) -> Json:
    return {"Id": key, "Name": name, "Gone": False, **columns}


def lead(key: str, last: str, company: str | None, contact: str | None = None) -> Json:
    email = f"{last}@lead.example"
    return {"Id": key, "Last": last, "Company": company, "Contact": contact, "Email": email, "Gone": False}


def test_what_a_key_has_beyond_its_length_does_not_count(target: Setup, empty: Sandbox, preset: str) -> None:
    target.loaded(
        rows("Account", account("0011AAA", "Harbor"), key=["Id"]),
        rows("Subscription", {"Id": "a0", "Name": "S", "Account": "0011"}, key=["Id"]),
        preset=preset,
    )

    (subscription,) = empty.records("subscription")
    assert subscription["relationships"]["account"]["values"] == [empty.records("account")[0]["id"]]


def test_a_date_is_a_day_in_its_zone_and_other_midnights_are_times(
    target: Setup, empty: Sandbox, preset: str
) -> None:
    day = "2027-01-31T00:00:00.000000Z"
    target.loaded(
        rows("Account", account("0011", "A", Renewal_Date__c=day), key=["Id"]),
        rows("Contact", {"Id": "0031", "Last": "B", "Last_Contract_Signed__c": day}, key=["Id"]),
        rows(
            "User", {"Id": "0051", "IsActive": True, "Zone": "America/Los_Angeles", "Email": None}, key=["Id"]
        ),
        rows("Event", {"Id": "00U1", "Subject": "Fair", "Day": "2026-03-10", "Owner": "0051"}, key=["Id"]),
        preset=preset,
    )

    assert field(empty, "account", "renewalDate") == ["2027-01-30T23:00:00.000Z"]
    assert field(empty, "contact", "lastContractSigned") == ["2027-01-31T00:00:00.000Z"]
    assert field(empty, "meeting", "$startDate") == ["2026-03-10T07:00:00.000Z"]
    assert field(empty, "meeting", "$endDate") == ["2026-03-11T07:00:00.000Z"]


def test_amounts_of_custom_columns_are_in_the_currency_of_their_row(
    target: Setup, empty: Sandbox, preset: str
) -> None:
    in_euros = account("0011", "A", ARR__c=48000.0, Currency="EUR")
    in_dollars = account("0012", "B", ARR__c=900.0, Currency="USD")
    target.loaded(rows("Account", in_euros, in_dollars, key=["Id"]), preset=preset)

    assert sorted(field(empty, "account", "arr"), key=str) == [48000, None]


def test_what_is_deleted_and_what_stands_for_nothing_makes_no_record(
    target: Setup, empty: Sandbox, preset: str
) -> None:
    outcome = target.loaded(
        rows("Account", {"Id": "0011", "Name": "Gone Ltd", "Gone": True}, key=["Id"]),
        rows("Lead", lead("00Q1", "Kim", "[Not provided]"), key=["Id"]),
        preset=preset,
    )

    assert empty.records("account") == []
    assert field(empty, "contact", "$name") == [{"firstName": None, "lastName": "Kim"}]
    assert outcome.count("accounts") == {"skipped": 1}


@pytest.mark.parametrize("accounts_first", [True, False])
def test_a_company_of_leads_is_the_account_of_its_name(
    target: Setup, empty: Sandbox, preset: str, accounts_first: bool
) -> None:
    accounts = rows("Account", account("0011", "Harbor"), key=["Id"])
    leads = rows("Lead", lead("00Q1", "Kim", " harbor"), lead("00Q2", "Fox", "Old Pier"), key=["Id"])
    target.loaded(*([accounts, leads] if accounts_first else [leads, accounts]), preset=preset)

    names = {record["id"]: record["fields"]["$name"]["value"] for record in empty.records("account")}
    assert sorted(names.values()) == ["Harbor", "Old Pier"]
    found = {
        contact["fields"]["$name"]["value"]["lastName"]: [
            names[id_] for id_ in contact["relationships"]["$account"]["values"]
        ]
        for contact in empty.records("contact")
    }
    assert found == {"Kim": ["Harbor"], "Fox": ["Old Pier"]}


def test_a_file_may_choose_otherwise(target: Setup, empty: Sandbox, preset: str) -> None:
    text = Path(preset).read_text().replace("of_leads: contacts_and_accounts", "of_leads: contacts")
    Path(preset).write_text(text)
    target.loaded(rows("Lead", lead("00Q1", "Kim", "Harbor"), key=["Id"]), preset=preset)

    assert empty.records("account") == []
    assert len(empty.records("contact")) == 1


def test_a_lead_that_is_converted_later_stays_the_record_that_it_was(
    target: Setup, empty: Sandbox, preset: str
) -> None:
    target.loaded(rows("Lead", lead("00Q1", "Kim", "Harbor"), key=["Id"]), preset=preset)
    before = {record["id"] for kind in ("contact", "account") for record in empty.records(kind)}
    person = {"Id": "0031", "First": "Zoë", "Middle": "B.", "Last": "Kim", "Email": "Kim@lead.example"}
    target.loaded(
        rows("Contact", person, key=["Id"]),
        rows("Account", account("0011", "Harbor"), key=["Id"]),
        rows("Lead", lead("00Q1", "Kim", "Harbor", "0031"), key=["Id"]),
        preset=preset,
    )

    assert {record["id"] for kind in ("contact", "account") for record in empty.records(kind)} == before
    assert field(empty, "contact", "$name") == [{"firstName": "Zoë B.", "lastName": "Kim"}]


def test_who_has_left_owns_nothing_and_nothing_waits_for_them(
    target: Setup, empty: Sandbox, preset: str
) -> None:
    gone = {"Id": "0051", "IsActive": False, "Zone": None, "Email": "left@harbor.example"}
    outcome = target.loaded(
        rows("Account", account("0011", "Harbor", Owner="0051"), key=["Id"]),
        rows("User", gone, key=["Id"]),
        preset=preset,
    )

    assert empty.records("account")[0]["relationships"]["$owner"]["values"] == []
    assert "waits" not in outcome.log
    assert "invite" not in outcome.log
