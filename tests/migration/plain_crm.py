"""The feed of an invented CRM without a preset: flat rows with English names."""

from __future__ import annotations

from typing import Any

from tests.target.target_runs import Json, feed, rows, state


def messages(member: str, other: str) -> list[Json]:
    """The feed; the companies come after the people who work there.

    Args:
        member: The email of a member of the workspace.
        other: That of another one.
    """
    people: list[dict[str, Any]] = [
        {
            "id": 11, "first_name": "Maëlle", "last_name": "Le Goff", "full_name": "Maëlle Le Goff",
            "email": "maelle@kestrel.example; m.legoff@kestrel.example", "job_title": "Head of Procurement",
            "phone": "+33 2 97 00 00 01", "company_id": 1, "owner_email": member, "lead_score": "87",
            "tshirt_size": "XL", "created_at": "2024-01-01T00:00:00Z",
        },
        {
            "id": 12, "first_name": "Jonas", "last_name": "Weber", "full_name": "Jonas Weber",
            "email": "jonas@harbor.example", "job_title": None, "phone": "", "company_id": 2,
            "owner_email": other, "lead_score": None, "tshirt_size": "L",
            "created_at": "2024-01-02T00:00:00Z",
        },
    ]  # fmt: skip
    companies: list[dict[str, Any]] = [
        {
            "id": 1, "company_name": "Kestrel Robotics", "domain": "kestrel.example", "employees": 120,
            "street": "Köpenicker Straße 154", "city": "Berlin", "zip": "10997", "country": "Germany",
            "sector": "Robots", "owner_email": member, "legacy_id": "K-1", "is_deleted": False,
        },
        {
            "id": 2, "company_name": "Harbor Ltd", "domain": "harbor.example", "employees": 8,
            "street": None, "city": "Oslo", "zip": None, "country": "Norway",
            "sector": "Software", "owner_email": None, "legacy_id": None, "is_deleted": False,
        },
        {"id": 3, "company_name": "Gone", "domain": "gone.example", "is_deleted": True},
    ]  # fmt: skip
    deals = [
        {"id": 21, "deal_name": "40 arms", "status": "closed won", "value": "48500.50", "currency": "USD",
         "expected_close_date": "2026-12-31", "company_id": 1, "contact_id": 11, "assigned_to": member},
        {"id": 22, "deal_name": "Pilot", "status": "Haggling", "value": 900, "currency": "USD",
         "expected_close_date": None, "company_id": 2, "contact_id": None, "assigned_to": None},
    ]  # fmt: skip
    todos = [{"id": 1, "subject": "Send the DPA", "due": "2026-12-01", "done": False, "assignee": member}]
    comments = [{"id": 1, "text": "<p>They <b>like</b> it</p>", "company": "kestrel robotics"}]
    sprockets = [{"id": 1, "teeth": 12}, {"id": 2, "teeth": 14}]
    return [
        *rows("people", *people),
        *rows("crm_companies", *companies),
        *rows("deals", *deals),
        *rows("todos", *todos),
        *rows("comments", *comments),
        *rows("sprockets", *sprockets),
        state(all="read"),
    ]


def lines(member: str, other: str) -> str:
    """The same as the file that a tap writes."""
    return feed(messages(member, other))
