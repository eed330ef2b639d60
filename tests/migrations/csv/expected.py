"""What the recorded feeds of files become in an empty workspace, and what of them does not arrive.

Loaded with ``default_assignee`` Ada and with german.yml and hubspot.yml beside this file. In LEFT_OVER, a row
without a key is called by one of its values.
"""

# ruff: noqa: RUF001 - names have dashes, as people type them

from __future__ import annotations

from typing import Any

from tests.migrations.arrived import text

Json = dict[str, Any]

SANDBOX: Json = {"empty": True}
ADA = "ada.okafor@lightfield-demo.example"
CHLOE = "chloe.dubois@lightfield-demo.example"
KESTREL, GRANITE, FJORD = "Kestrel Robotics GmbH", "Granite & Söhne", "Fjord Analytics AS"
MAELLE, JONAS = "Maëlle Le Goff", "Jonas Weber"
NIEMAND = "niemand@granite-soehne.example"

GERMAN: dict[str, dict[str, Json]] = {
    "account": {
        KESTREL: {
            "$name": KESTREL, "$website": ["www.kestrel-robotics.example"], "$industry": ["Manufacturing"],
            "$headcount": "51-200", "supportPhone": ["+4930901820"], "$owner": [ADA],
            "$primaryAddress": {
                "street": "Köpenicker Straße 154", "city": "Berlin", "postalCode": "10997", "country": "DE",
            },
        },
        GRANITE: {
            "$name": GRANITE, "$headcount": "1-10", "$primaryAddress": {"city": "Köln", "country": "DE"},
        },
    },
    "contact": {
        MAELLE: {
            "$name": {"firstName": "Maëlle", "lastName": "Le Goff"}, "$title": "Leiterin Einkauf",
            "$email": ["maelle.legoff@kestrel-robotics.example"],
            "phone": ["+33297000001", "+33612345678"], "$account": [KESTREL],
            "home-address": {
                "street": "quai des Indes 4", "city": "Lorient", "postalCode": "56100", "country": "FR",
            },
        },
        # By the name of the company, in capitals.
        JONAS: {
            "$name": {"firstName": "Jonas", "lastName": "Weber"},
            "$email": ["jonas.weber@kestrel-robotics.example"], "phone": ["+4930901820"],
            "home-address": {"city": "Berlin", "country": "DE"}, "$account": [KESTREL],
        },
        NIEMAND: {"$email": [NIEMAND]},
    },
    "opportunity": {
        "40 Arme": {
            "$name": "40 Arme", "$stage": "Proposal", "in pipeline": "New Business", "$amount": 52380.54,
            "$closeDate": "2026-12-31T00:00:00.000+01:00", "$nextStep": "AVV schicken",
            "$account": [KESTREL], "$owner": [CHLOE],
        },
        "Theken": {
            "$name": "Theken", "$stage": "Lost", "in pipeline": "New Business", "$amount": 700,
            "$closeReason": "Zu teuer", "$account": [GRANITE],
        },
    },
    "task": {
        "Vertrag schicken": {
            "$title": "Vertrag schicken", "$status": "TODO", "$dueAt": "2026-12-01T00:00:00.000+01:00",
            "$description": "Mit AVV", "$assignedTo": [CHLOE], "$account": [KESTREL],
            "$opportunity": ["40 Arme"],
        },
        "Zurückrufen": {
            "$title": "Zurückrufen", "$status": "COMPLETE", "$dueAt": "2026-01-20T00:00:00.000+01:00",
            "$assignedTo": [ADA],
        },
    },
    "note": {
        "Will 40 Sensoren und 1 < 2": {
            "$title": "Will 40 Sensoren und 1 < 2",
            "$content": text("Will 40 Sensoren und 1 < 2", by="Chloé Dubois", at="10.01.2026"),
            "$account": [KESTREL], "$contact": [MAELLE],
        },
    },
    "meeting": {}, "email": {}, "subscription": {},
}  # fmt: skip

HUBSPOT: dict[str, dict[str, Json]] = {
    "account": {
        KESTREL: {
            **GERMAN["account"][KESTREL], "$website": ["kestrel-robotics.example"],
            "$linkedIn": "https://www.linkedin.com/company/kestrel-robotics",
        },
        FJORD: {
            "$name": FJORD, "$website": ["fjord-analytics.example"], "$industry": ["Software"],
            "$headcount": "11-50", "supportPhone": ["+4722123456"],
            "$primaryAddress": {"city": "Oslo", "country": "NO"},
        },
    },
    "contact": {
        MAELLE: {
            **GERMAN["contact"][MAELLE], "$title": "Head of Procurement", "home-address": {"country": "FR"},
            "$doNotContact": False, "$account": [FJORD, KESTREL],
        },
        JONAS: {**GERMAN["contact"][JONAS], "home-address": {"country": "DE"}, "$doNotContact": True},
    },
    "opportunity": {
        "Kestrel – 40 arms": {
            "$name": "Kestrel – 40 arms", "$stage": "Proposal", "in pipeline": "New Business",
            "$amount": 52380.54, "$closeDate": "2026-12-31T10:00:00.000+01:00", "$nextStep": "Send DPA",
            "$account": [KESTREL], "$owner": [CHLOE],
        },
        "Fjord analysis": {
            "$name": "Fjord analysis", "$stage": "Won", "in pipeline": "New Business", "$amount": 1200,
            "$closeDate": "2026-03-31T10:00:00.000+02:00", "$account": [FJORD],
        },
    },
    "task": {}, "note": {}, "meeting": {}, "email": {}, "subscription": {},
}  # fmt: skip

EXPECTED = {"german": GERMAN, "hubspot": HUBSPOT}

# stream, key, the file's column, value, kind (LeftOverKind).
LEFT_OVER: dict[str, set[tuple[str, str, str, str, str]]] = {
    "german": {
        ("accounts", "4711", "lieblingsfarbe", "türkis", "no_field"),
        ("accounts", "4712", "zustandig", "Lee Long", "no_record"),
        ("accounts", "4712", "telefon", "(keine)", "bad_value"),
        ("contacts", "Maëlle", "geburtsdatum", "29.02.1984", "no_field"),
        ("contacts", NIEMAND, "firma", "Unbekannte AG", "no_record"),
        # Nothing but a title.
        ("contacts", "Geist", "", "", "incomplete"),
        ("opportunities", "Theken", "abschlussdatum", "01/02/2026", "bad_value"),
    },
    "hubspot": {
        ("accounts", "8100001", "create_date", "2023-03-01 09:00", "no_field"),
        ("accounts", "8100002", "create_date", "2023-03-02 09:00", "no_field"),
        ("accounts", "8100001", "favourite_colour", "teal", "no_field"),
        ("accounts", "8100002", "company_owner", "Lee Long", "no_record"),
        ("contacts", "501", "contact_owner", CHLOE, "not_carried"),
        ("opportunities", "9003", "", "", "incomplete"),
    },
}
REJECTED: set[tuple[str, str]] = set()


# Columns of the products' files that the preset has no name for: by label, or left over.
WITHOUT_A_NAME: dict[tuple[str, str], set[str]] = {
    ("hubspot", "companies"): {"Create Date", "Favourite colour"},
    ("salesforce", "contacts"): {"Salutation", "Account Owner"},
    ("salesforce", "opportunities"): {"Type", "Lead Source"},
    ("google", "contacts"): {
        "Nickname", "File As", "Photo", "E-mail 1 - Label", "E-mail 2 - Label", "Phone 1 - Label",
        "Phone 2 - Label", "Address 1 - Label", "Address 1 - PO Box",
    },
    ("german", "Firmen"): {"Lieblingsfarbe"},
}  # fmt: skip
