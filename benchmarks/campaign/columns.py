"""What the columns of each stream of a source hold.

A row's ``still`` chances are the same in all its versions, the ``moving`` ones are of one version.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from benchmarks.campaign.references import References

Json = dict[str, Any]

MOMENT = "2024-0{}-1{}T10:00:00Z"


def _account(source: References, key: str, named: str, still: random.Random, moving: random.Random) -> Json:
    row = {
        "name": f"Account {key}",
        "website": [f"https://{key}.example"],
        "industry_labels": moving.sample(["Software", "Retail", "Energy"], k=moving.randint(0, 2)),
        "headcount": moving.choice([None, "1-10", "11-50"]),
        "primary_address": {"city": moving.choice(["Ulm", "Paris"]), "country": "DE"},
        "custom_arr": moving.choice([None, 5, 12.5, 1e6]),
        "custom_is_partner": moving.choice([True, False, None]),
        "custom_renewal_date": moving.choice([None, MOMENT.format(3, 2)]),
        "custom_account_plan": f"# Plan {named}",
        "owner_id": source.member(moving),
        "custom_parent_as_source_id": source.one("accounts", still, moving),
        "custom_billing_contact_id": source.one("contacts", still, moving),
    }
    if not source.character.exact_links:  # else two sides of one relationship would say different things
        row["contact_ids"] = source.many("contacts", still, moving)
    return row


def _contact(source: References, key: str, named: str, still: random.Random, moving: random.Random) -> Json:
    return {
        "name": {"first_name": key, "last_name": named},
        "email": [f"{key}@people.example"],
        "title": moving.choice([None, "CEO", named]),
        "custom_phone": moving.choice([None, ["+49 731 12345"], ["(415) 555-2671"]]),
        "custom_persona": moving.choice([None, "User", "Champion"]),
        "account_ids": source.many("accounts", still, moving),
    }


def _opportunity(
    source: References, key: str, named: str, still: random.Random, moving: random.Random
) -> Json:
    return {
        "name": f"Deal {key}",
        "account_id": still.choice(source.sure("accounts")),
        "stage": moving.choice(["Discovery", "Won", "Renewed"]),
        "amount": moving.choice([None, 10, 99.95]),
        "next_step": moving.choice([None, named]),
        "owner_id": source.member(moving),
        "champion_id": source.one("contacts", still, moving),
        "evaluator_ids": source.many("contacts", still, moving),
        "custom_partners_ids": source.many("accounts", still, moving),
    }


def _task(source: References, _: str, named: str, still: random.Random, moving: random.Random) -> Json:
    return {
        "title": f"Task {named}",
        "status": moving.choice(["TODO", "COMPLETE"]),
        "description": moving.choice([None, f"Do {named}"]),
        "due_at": moving.choice([None, MOMENT.format(4, 3)]),
        "assigned_to_id": source.member(moving),
        "account_id": source.one("accounts", still, moving),
        "opportunity_id": source.one("opportunities", still, moving),
    }


def _note(source: References, _: str, named: str, still: random.Random, moving: random.Random) -> Json:
    return {
        "title": f"Note {named}",
        "content": moving.choice([None, f"*{named}*"]),
        "account_ids": source.many("accounts", still, moving),
        "contact_ids": source.many("contacts", still, moving),
        "opportunity_ids": source.many("opportunities", still, moving),
        "meeting_ids": source.many("meetings", still, moving),
    }


def _meeting(source: References, key: str, named: str, still: random.Random, _: random.Random) -> Json:
    return {
        "title": f"Meeting {key}",
        "start_date": MOMENT.format(5, 1),
        "end_date": MOMENT.format(5, 2),
        "description": f"About {key}",
        "attendee_emails": [f"{key}@guests.example"],
        "post_meeting_summary": f"We agreed {named}",
        "meeting_prep": f"Read {named}",
        "transcript_id": still.choice(source.keys["files"]),
    }


def _email(source: References, key: str, _: str, still: random.Random, __: random.Random) -> Json:
    return {
        "subject": f"Email {key}",
        "from": still.choice(source.members),
        "to": [f"{key}@guests.example"],
        "sent_at": MOMENT.format(2, 1),
        "body_text": f"Dear {key}",
        "message_id": f"<{key}@guests.example>",
    }


def _file(_: References, key: str, *__: object) -> Json:
    return {"file_path": f"{key}.txt"}


def _list(source: References, key: str, named: str, *_: object) -> Json:
    return {"name": f"List {key}", "object_type": source.list_types[key], "description": f"Of {named}"}


def _subscription(
    source: References, key: str, named: str, still: random.Random, moving: random.Random
) -> Json:
    return {
        "name": f"Plan {key}",
        "custom_plan": moving.choice(["Starter", "Team"]),
        "custom_seats": moving.randint(1, 500),
        "custom_terms": f"As of {named}",
        "custom_account_id": source.one("accounts", still, moving),
        "custom_billing_contacts_ids": source.many("contacts", still, moving),
        "custom_offices_ids": source.many("object_office_location", still, moving),
    }


def _office(source: References, key: str, named: str, still: random.Random, moving: random.Random) -> Json:
    return {
        "name": f"Office {key}",
        "custom_desks": moving.randint(1, 500),
        "custom_site_code": f"site {key}",
        "custom_manager": {"first_name": "Ann", "last_name": named},
        "custom_company_id": still.choice(source.sure("accounts")),
    }


ROWS: dict[str, Callable[[References, str, str, random.Random, random.Random], Json]] = {
    "accounts": _account,
    "contacts": _contact,
    "opportunities": _opportunity,
    "tasks": _task,
    "notes": _note,
    "meetings": _meeting,
    "emails": _email,
    "files": _file,
    "lists": _list,
    "object_subscription": _subscription,
    "object_office_location": _office,
}
NEEDED: dict[str, set[str]] = {stream: {"id", "name", "title", "subject"} for stream in ROWS}
NEEDED["contacts"] |= {"email"}
NEEDED["opportunities"] |= {"account_id"}
NEEDED["tasks"] |= {"status", "assigned_to_id"}
NEEDED["meetings"] |= {"start_date", "end_date"}
NEEDED["emails"] |= {"from", "to", "sent_at"}
NEEDED["files"] |= {"file_path"}
NEEDED["lists"] |= {"object_type"}
NEEDED["object_office_location"] |= {"custom_company_id"}
