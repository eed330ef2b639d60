"""The users, organizations and persons of the account."""

from __future__ import annotations

from typing import Any

from tests.migrations.pipedrive import fields

Json = dict[str, Any]


def of_v2(id_: int, day: str, custom: Json | None = None, **columns: Any) -> Json:
    """Return a record as version 2 of the API answers it, changed on that day of 2026: ``05-01``."""
    return {
        "id": id_, "add_time": "2023-03-01T09:00:00Z", "update_time": f"2026-{day}T09:00:00Z",
        "is_deleted": False, **columns, "custom_fields": custom,
    }  # fmt: skip


def _user(id_: int, name: str, email: str, **columns: Any) -> Json:
    return {
        "id": id_, "name": name, "email": email, "default_currency": "EUR", "locale": "de_DE", "lang": 2,
        "phone": None, "activated": True, "last_login": "2026-05-01 07:00:00",
        "created": "2022-01-10 08:00:00",
        "modified": f"2026-04-{id_ % 100:02} 08:00:00", "signup_flow_variation": "", "is_admin": 0,
        "has_created_company": False, "timezone_name": "Europe/Berlin", "timezone_offset": "+02:00",
        "active_flag": True, "role_id": 1, "icon_url": None, "is_you": id_ == 101, **columns,
    }  # fmt: skip


USERS = [
    _user(101, "Ada Okafor", "ada.okafor@lightfield-demo.example", is_admin=1),
    _user(102, "Chloé Dubois", "Chloe.Dubois@lightfield-demo.example"),
    # Left, and is no member of the workspace; left, and still is one.
    _user(103, "Lee Long", "left.long-ago@harbor.example", active_flag=False),
    _user(104, "Farid Haddad", "farid.haddad@lightfield-demo.example", active_flag=False),
]


def _organization(id_: int, day: str, name: str, custom: Json | None = None, **columns: Any) -> Json:
    counted = {
        "people_count": 1, "open_deals_count": 1, "activities_count": 2, "notes_count": 1,
        "next_activity_id": 33, "last_activity_id": None,
    }  # fmt: skip
    return of_v2(
        id_, day, custom,
        **{"name": name, "owner_id": 101, "visible_to": 3, "label_ids": [], "website": None, "linkedin": None,
           "industry": None, "annual_revenue": None, "employee_count": None, "address": None,
           **counted, **columns},
    )  # fmt: skip


def address(value: str | None, **parts: str) -> Json:
    """Return an address as Pipedrive answers it: the text that was typed, and what Google made of it."""
    names = (
        "country", "admin_area_level_1", "admin_area_level_2", "locality", "sublocality", "route",
        "street_number", "subpremise", "postal_code",
    )  # fmt: skip
    return {"value": value, **{name: parts.get(name) for name in names}}


ORGANIZATIONS = [
    _organization(
        1, "05-01", "Kestrel Robotics GmbH",
        {
            fields.TIER: 82, fields.TAGS: [91, 93], fields.SCORE: 87, fields.RENEWAL: "2027-01-31",
            fields.ARR: {"value": 48000, "currency": "EUR"},
            fields.SHIPPING: address("Hafenstr. 1, Hamburg", country="Germany", locality="Hamburg",
                                     route="Hafenstraße", street_number="1"),
            fields.LEGACY: "K-0001", fields.PERIOD: {"value": "2027-01-01", "until": "2027-03-31"},
            fields.OPENS: {"value": "08:30:00", "timezone_id": 325, "timezone_name": "Europe/Berlin"},
            fields.HOURS: {"value": "08:30:00", "until": "17:00:00"},
            fields.MANAGER: 102, fields.MOTHER: 2, fields.BUYER: 11, fields.SUPPORT: "030 901820",
        },
        address=address(
            "Köpenicker Straße 154, 10997 Berlin, Germany", country="Germany", locality="Berlin",
            sublocality="Kreuzberg", route="Köpenicker Straße", street_number="154", postal_code="10997",
        ),
        label_ids=[1, 2], website="https://www.kestrel-robotics.example/de",
        linkedin="linkedin.com/company/kestrel-robotics", industry=4, annual_revenue=12500000,
        employee_count=120,
    ),
    # Its address is only what somebody typed; its owner has left; everybody may not see it.
    _organization(
        2, "05-02", "Kestrel Holding SE", owner_id=103, visible_to=1, employee_count=5400,
        address=address("Am Hafen 3, Köln"), website="kestrel-holding.example", industry=9,
    ),
    _organization(
        3, "05-03", "Fjord Analytics AS", {fields.TIER: 83, fields.SUPPORT: "22 12 34 56",
        fields.SCORE: None},
        owner_id=104, website="fjord-analytics.example",
        address=address("Storgata 1, 0155 Oslo, Norway", country="Norway", locality="Oslo", route="Storgata",
                        street_number="1", postal_code="0155", admin_area_level_1="Oslo"),
    ),
    # The second organization of one website.
    _organization(
        4, "05-04", "Kestrel Robotics Berlin", website="http://kestrel-robotics.example/de/",
        address=address("Berlin", locality="Berlin"),
    ),
    # Without a website; of a user whom no answer has; with an option that nobody mapped.
    _organization(5, "05-05", "Sakura Optics", {fields.TAGS: [95]}, owner_id=199, label_ids=[3]),
    _organization(6, "05-06", "Granite & Söhne", {fields.LEGACY: ""}, website="http://granite-soehne.example/shop"),
]  # fmt: skip


def _person(id_: int, day: str, name: str, custom: Json | None = None, **columns: Any) -> Json:
    first, _, last = name.partition(" ")
    return of_v2(
        id_, day, custom,
        **{"name": name, "first_name": first, "last_name": last or None, "org_id": None, "owner_id": 102,
           "visible_to": 3, "label_ids": [], "emails": [], "phones": [], "im": [], "job_title": None,
           "birthday": None, "postal_address": None, "picture_id": None, "notes": None,
           "open_deals_count": 1, "email_messages_count": 0, "marketing_status": "no_consent", **columns},
    )  # fmt: skip


def _point(value: str, label: str = "work", *, primary: bool = False) -> Json:
    return {"value": value, "primary": primary, "label": label}


PERSONS = [
    # The primary address and number are not the first.
    _person(
        11, "06-01", "Maëlle Le Goff",
        {fields.PERSONA: 52, fields.INTERESTS: [61, 62], fields.SIGNED: "2025-12-01", fields.NO_MAIL: None},
        org_id=1, job_title="Head of Procurement", birthday="1984-02-29", picture_id=7001, label_ids=[11],
        emails=[_point("maelle@legoff.example", "home"),
                _point("maelle.legoff@kestrel-robotics.example", primary=True)],
        phones=[_point("06 12 34 56 78", "mobile"), _point("+33 2 97 00 00 01", primary=True)],
        im=[_point("maelle.kestrel", "skype", primary=True)], marketing_status="subscribed",
        postal_address=address("4 quai des Indes, 56100 Lorient, France", country="France",
        locality="Lorient",
                               route="quai des Indes", street_number="4", postal_code="56100"),
    ),
    _person(
        12, "06-02", "Jonas Weber", {fields.PERSONA: 53, fields.NO_MAIL: 70}, org_id=1,
        emails=[_point("Jonas.Weber@kestrel-robotics.example", primary=True)],
        phones=[_point("030 901820", primary=True)],
        postal_address=address("Berlin", locality="Berlin", country="Germany"),
        marketing_status="unsubscribed",
    ),
    # Known by an email address only.
    _person(
        13, "06-03", "ingrid@fjord-analytics.example", org_id=3,
        emails=[_point("ingrid@fjord-analytics.example", primary=True)],
        phones=[_point("(none)", primary=True)],
    ),
    # Of no organization, and nothing but a name.
    _person(14, "06-04", "Björk"),
    # The same address as another person's; empty ones, as forms leave them.
    _person(
        15, "06-05", "J. Weber", org_id=4,
        emails=[_point("jonas.weber@kestrel-robotics.example", primary=True)], phones=[_point("",
        primary=True)],
    ),
]  # fmt: skip
