"""What the recorded feed becomes with ``examples/salesforce/my_preset.yml``, in an empty workspace.

The workspace is ``lightfield-sandbox serve --empty``, loaded with ``default_assignee`` Ada. Keys are the
API's. What the table of an object type lacks must not be there.
"""

# ruff: noqa: RUF001 - names have dashes, as people type them

from __future__ import annotations

from typing import Any

from tests.migrations.arrived import text

Json = dict[str, Any]

SANDBOX: Json = {"empty": True}
ADA = "ada.okafor@lightfield-demo.example"
CHLOE = "chloe.dubois@lightfield-demo.example"
DEFAULT_ASSIGNEE = ADA

KESTREL, HOLDING, BERLIN = "Kestrel Robotics GmbH", "Kestrel Holding SE", "Kestrel Robotics Berlin"
FJORD, SAKURA, HARBOR = "Fjord Analytics AS", "Sakura Optics", "Old Harbor Ltd"
MAELLE, JONAS, INGRID, TOMAS = "Maëlle Le Goff", "Jonas Weber", "Ingrid Østergaard", "Tomás Silva"
OWEN, ZOE = "Owen Fox", "Zoë Kim"
ARMS = "Kestrel – 40 arms"

ACCOUNTS: dict[str, Json] = {
    KESTREL: {
        "$name": KESTREL,
        "$website": ["https://www.kestrel-robotics.example/de"],
        "$industry": ["Manufacturing"],
        "$headcount": "51-200",
        "$primaryAddress": {
            "street": "Köpenicker Straße 154", "street2": "Aufgang B", "city": "Berlin", "state": "Berlin",
            "postalCode": "10997", "country": "DE",
        },
        "shippingAddress": {"street": "Lager 3", "city": "Potsdam", "country": "DE"},
        "supportPhone": ["+4930901820"],  # of the country of its address
        "tier": "Mid-Market",
        "tags": ["Expansion", "Événement"],
        "icp-score": 87,
        "renewalDate": "2027-01-31T00:00:00.000+01:00",  # a day in Berlin
        "isPartner": False,
        "legacyId": "K-0001",
        "account-plan": text("**Plan**", "40 arms", "first"),
        "welcomePage": "<h1>Welcome</h1>",  # a field of HTML
        "arr": 48000,
        "billingEmail": ["billing@kestrel-robotics.example"],
        "$owner": [ADA],
        "parent": [HOLDING],
    },
    HOLDING: {
        "$name": HOLDING,
        "$website": ["kestrel-holding.example"],
        "$headcount": "5000+",
        "$primaryAddress": {"city": "Köln", "country": "DE"},
        "isPartner": True,
        "$owner": [CHLOE],  # and not the owner of the lead that names it
    },
    FJORD: {
        "$name": FJORD,
        "$website": ["fjord-analytics.example"],
        "$industry": ["Software"],
        "$headcount": "11-50",
        "$primaryAddress": {"city": "Oslo", "country": "NO"},
        "supportPhone": ["+4722123456"],
        "tags": ["At risk"],
        "isPartner": False,
    },
    BERLIN: {
        "$name": BERLIN, "$primaryAddress": {"city": "Berlin"}, "isPartner": False, "$owner": [ADA],
        "parent": [HOLDING],
    },
    SAKURA: {
        "$name": SAKURA, "$website": ["sakura-optics.example"], "$primaryAddress": {"country": "JP"},
        "isPartner": False, "$owner": [CHLOE],
    },
    # Of a lead. The companies of the others are accounts already, or none.
    HARBOR: {
        "$name": HARBOR,
        "$website": ["old-harbor.example"],
        "$industry": ["Logistics"],
        "$headcount": "11-50",
        "$primaryAddress": {"street": "1 Pier", "street2": "Gate 2", "city": "Hull", "country": "GB"},
    },
}  # fmt: skip

CONTACTS: dict[str, Json] = {
    MAELLE: {
        "$name": {"firstName": "Maëlle", "lastName": "Le Goff"},
        "$email": ["maelle.legoff@kestrel-robotics.example"],
        "$title": "Head of Procurement",
        "$doNotContact": False,
        "phone": ["+33297000001", "+33612345678"],
        "leadScore": 64,
        "persona": "Champion",
        "interests": ["Pricing", "Reporting"],
        "lastContractSigned": "2025-12-01T00:00:00.000+01:00",
        "home-address": {
            "street": "4 quai des Indes", "city": "Lorient", "postalCode": "56100", "country": "FR",
        },
        "bio": text("Prefers email,", "not calls"),
        "$account": [HOLDING, KESTREL],
    },
    JONAS: {
        "$name": {"firstName": "Jonas", "lastName": "Weber"},
        "$email": ["jonas.weber@kestrel-robotics.example"],
        "$linkedIn": "https://www.linkedin.com/in/jonas-weber",
        "$doNotContact": True,  # DoNotCall
        "$account": [KESTREL],
    },
    INGRID: {
        "$name": {"firstName": "Ingrid", "lastName": "Østergaard"},
        "$email": ["ingrid@fjord-analytics.example"],
        "$doNotContact": True,  # HasOptedOutOfEmail
        "$account": [FJORD],  # and not the one that she has left
    },
    # The contact and the lead that he was are one.
    TOMAS: {
        "$name": {"firstName": "Tomás", "lastName": "Silva"},
        "$email": ["tomas@fjord-analytics.example"],
        "$doNotContact": False,
        "$account": [FJORD],
    },
    OWEN: {
        "$name": {"firstName": "Owen", "lastName": "Fox"},
        "$email": ["owen@old-harbor.example"],
        "$title": "Harbour master",
        "$doNotContact": False,
        "phone": ["+442079460018"],
        "home-address": {"street": "1 Pier", "street2": "Gate 2", "city": "Hull", "country": "GB"},
        "$account": [HARBOR],
    },
    ZOE: {
        "$name": {"firstName": "Zoë", "lastName": "Kim"},
        "$email": ["zoe.kim@kestrel-holding.example"],
        "$doNotContact": False,
        "$account": [HOLDING],
    },
    "info@nameless.example": {"$email": ["info@nameless.example"], "$doNotContact": False},
}  # fmt: skip

CLOSE_DATE = "2026-12-31T00:00:00.000+01:00"
OPPORTUNITIES: dict[str, Json] = {
    ARMS: {
        "$name": ARMS, "$stage": "Proposal", "in pipeline": "New Business", "$amount": 52380.54,
        "$closeDate": CLOSE_DATE, "$nextStep": "Send DPA", "probability": 65, "discount": 500,
        "competitors": ["Salesforce", "Spreadsheet"],
        "$account": [KESTREL], "$owner": [CHLOE], "$champion": [MAELLE], "$evaluator": [JONAS],
    },
    # No record type: the workspace's own default pipeline.
    "Sakura pilot": {
        "$name": "Sakura pilot", "$stage": "Qualification", "in pipeline": "New Business",
        "$closeDate": CLOSE_DATE, "$account": [SAKURA], "$owner": [ADA],
    },
    "Fjord renewal": {
        "$name": "Fjord renewal", "$stage": "Proposal", "in pipeline": "Renewals", "$amount": 1200,
        "$closeDate": CLOSE_DATE, "probability": 50, "$account": [FJORD], "$champion": [INGRID],
    },
    "Kestrel – spare parts": {
        "$name": "Kestrel – spare parts", "$stage": "Lost", "in pipeline": "New Business", "$amount": 700,
        "$closeDate": CLOSE_DATE, "$closeReason": "Too dear", "probability": 0,
        "$account": [KESTREL], "$owner": [ADA],
    },
}  # fmt: skip

TASKS: dict[str, Json] = {
    "Task": {
        "$title": "Task", "$status": "TODO", "$description": text(f"Contact: {OWEN}"),
        "$assignedTo": [ADA], "$account": [HARBOR],
    },
    "Send the pilot agreement": {
        "$title": "Send the pilot agreement", "$status": "IN_PROGRESS",
        "$dueAt": "2026-12-01T00:00:00.000+01:00",
        "$description": text("With the DPA", f"Contact: {MAELLE}"),
        "$assignedTo": [CHLOE], "$account": [KESTREL], "$opportunity": [ARMS],
    },
    "Compare offers": {
        "$title": "Compare offers", "$status": "CANCELLED", "$dueAt": "2026-02-01T00:00:00.000+01:00",
        "$description": text("Contact: M. Le Goff"), "$assignedTo": [ADA],
    },
    "Meeting: Kick-off": {
        "$title": "Meeting: Kick-off", "$status": "TODO", "$dueAt": "2035-01-15T10:00:00.000Z",
        "$description": text("Agenda follows", "Location: Room 4", f"Contact: {INGRID}"),
        "$assignedTo": [CHLOE], "$account": [KESTREL], "$opportunity": [ARMS],
    },
}  # fmt: skip


def _note(title: str, content: Any, **links: list[str]) -> dict[str, Json]:
    return {title: {"$title": title, "$content": content, **{f"${key}": to for key, to in links.items()}}}


NOTES: dict[str, Json] = {
    **_note(
        "Call with Maëlle",
        text(
            "Budget is approved.", "DPA next", "12 min, outbound", "Connected",
            by="Ada Okafor", at="2026-01-12",
        ),
        account=[KESTREL], contact=[MAELLE], opportunity=[ARMS],
    ),
    # An email that was not logged otherwise; plain text with stars in it.
    **_note(
        "Email: Offer", text(r"As \*agreed\*", by="Ada Okafor", at="2026-04-03"), account=[FJORD],
        contact=[INGRID],
    ),
    # Of a user who has left.
    **_note(
        "Old note",
        text(r"Plain 1 < 2 and \*stars\*", r"\# no heading", by="Lars Long", at="2023-03-01"),
        account=[KESTREL],
    ),
    **_note(
        "Site visit",
        text("They run three warehouses", "cut off here", by="Ada Okafor", at="2023-03-01"),
        account=[KESTREL],
    ),
    **_note("Short", text("All of it", by="Ada Okafor", at="2023-03-01")),
}  # fmt: skip

MEETINGS: dict[str, Json] = {
    "Demo at Kestrel": {
        "$title": "Demo at Kestrel", "$startDate": "2026-03-02T13:00:00.000Z",
        "$endDate": "2026-03-02T14:00:00.000Z", "$description": text("Shown: arms"),
        "$meetingUrl": "https://meet.example/81", "$organizerEmail": CHLOE,
        "$attendeeEmails": [
            CHLOE, "maelle.legoff@kestrel-robotics.example", "jonas.weber@kestrel-robotics.example",
        ],
        "$contact": [JONAS, MAELLE],
    },
    # From midnight to midnight in Los Angeles, where its owner lives.
    "Trade fair": {
        "$title": "Trade fair", "$startDate": "2026-03-10T07:00:00.000Z",
        "$endDate": "2026-03-11T07:00:00.000Z", "$description": text("Location: Hall 3"),
        "$organizerEmail": ADA, "$attendeeEmails": [ADA, "ingrid@fjord-analytics.example"],
        "$contact": [INGRID],
    },
    # At midnight in UTC, which is no date. With a lead that is a contact now.
    "First demo": {
        "$title": "First demo", "$startDate": "2026-02-03T00:00:00.000Z",
        "$endDate": "2026-02-03T00:30:00.000Z", "$organizerEmail": ADA,
        "$attendeeEmails": [ADA, "tomas@fjord-analytics.example"], "$contact": [TOMAS],
    },
}  # fmt: skip
# Of the meetings, whose privacySetting is METADATA; that of the others is Lightfield's own.
PRIVATE_MEETINGS = {"Demo at Kestrel"}

_THREAD = "<dpa-1@lightfield-demo.example>"
EMAILS: dict[str, Json] = {
    "The DPA": {
        "$subject": "The DPA", "$from": [CHLOE], "$cc": [ADA], "$sentAt": "2026-04-01T07:00:00.000Z",
        "$to": ["maelle.legoff@kestrel-robotics.example", "jonas.weber@kestrel-robotics.example"],
        "$body": "<p>Hi Maëlle,</p><p>here it is.</p>", "$threadId": _THREAD,
    },
    "Re: The DPA": {
        "$subject": "Re: The DPA", "$from": ["maelle.legoff@kestrel-robotics.example"], "$to": [CHLOE],
        "$sentAt": "2026-04-02T00:00:00.000Z", "$body": "<p>Thanks &lt; a lot</p>", "$threadId": _THREAD,
    },
}  # fmt: skip

SUBSCRIPTIONS: dict[str, Json] = {
    "Kestrel #1": {
        "$name": "Kestrel #1", "seats": 40, "plan": "Team", "mrr": 4000,
        "startedAt": "2024-05-01T00:00:00.000+02:00", "terms": text("Net **30**"), "account": [KESTREL],
        "billing-contacts": [JONAS],
    },
    "Fjord #1": {"$name": "Fjord #1", "seats": 5, "account": [FJORD]},
}  # fmt: skip

EXPECTED = {
    "account": ACCOUNTS,
    "contact": CONTACTS,
    "opportunity": OPPORTUNITIES,
    "task": TASKS,
    "note": NOTES,
    "meeting": MEETINGS,
    "email": EMAILS,
    "subscription": SUBSCRIPTIONS,
}

LISTS: dict[str, Json] = {
    "Spring fair": {
        "$name": "Spring fair", "$objectType": "contact",
        "$description": text("Berlin", "Type: Trade Show", "Status: Completed", "Start: 2026-03-01"),
        "$contacts": [MAELLE, OWEN, TOMAS],
    }
}  # fmt: skip
