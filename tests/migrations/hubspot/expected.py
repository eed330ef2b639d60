"""What the recorded feed becomes with ``examples/hubspot/my_preset.yml``, in an empty workspace.

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
FJORD, SAKURA, GRANITE = "Fjord Analytics AS", "sakura-optics.example", "Granite & Söhne"
MAELLE, JONAS, INGRID = "Maëlle Le Goff", "Jonas Weber", "Ingrid Østergaard"

ACCOUNTS: dict[str, Json] = {
    KESTREL: {
        "$name": KESTREL,
        "$website": ["kestrel-robotics.example"],
        "$industry": ["Manufacturing"],
        "$headcount": "51-200",
        "$primaryAddress": {
            "street": "Köpenicker Straße 154", "street2": "Aufgang B", "city": "Berlin", "state": "BE",
            "postalCode": "10997", "country": "DE",
        },
        "$linkedIn": "https://www.linkedin.com/company/kestrel-robotics",
        "$twitter": "https://x.com/kestrelrobots",
        "$facebook": "https://www.facebook.com/KestrelRobotics",
        "tier": "Mid-Market",
        "tags": ["Expansion", "Événement"],
        "arr": 48000,
        "isPartner": False,
        "supportPhone": ["+4930901820"],
        "$owner": [ADA],
        "parent": [HOLDING],
    },
    HOLDING: {
        "$name": HOLDING,
        "$website": ["kestrel-holding.example"],
        "$headcount": "5000+",
        "$primaryAddress": {"city": "Köln", "country": "DE"},
        "isPartner": True,
    },
    FJORD: {
        "$name": FJORD,
        "$website": ["fjord-analytics.example", "fjordanalytics.example", "fjord-data.example"],
        "$industry": ["Software"],
        "$headcount": "11-50",
        "$primaryAddress": {"city": "Oslo", "country": "NO"},
        "tags": ["At risk"],
        "supportPhone": ["+4722123456"],
    },
    BERLIN: {"$name": BERLIN, "$primaryAddress": {"city": "Berlin"}, "parent": [HOLDING]},
    SAKURA: {
        "$name": SAKURA,
        "$website": ["sakura-optics.example"],
        "$primaryAddress": {"country": "JP"},
        "$owner": [CHLOE],
    },
    GRANITE: {"$name": GRANITE, "$website": ["http://granite-soehne.example/shop"], "tier": "Enterprise"},
}  # fmt: skip

CONTACTS: dict[str, Json] = {
    MAELLE: {
        "$name": {"firstName": "Maëlle", "lastName": "Le Goff"},
        "$email": [
            "maelle.legoff@kestrel-robotics.example", "maelle@legoff.example",
            "m.legoff@kestrel-holding.example",
        ],
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
        "bio": text("Prefers **email**", "*French*."),
        "$account": [FJORD, HOLDING, KESTREL],
    },
    JONAS: {
        "$name": {"firstName": "Jonas", "lastName": "Weber"},
        "$email": ["jonas.weber@kestrel-robotics.example"],
        "$linkedIn": "https://www.linkedin.com/in/jonas-weber",
        "$doNotContact": True,
        "phone": ["+4930901820"],
        "persona": "Blocker",
        "home-address": {"city": "Berlin", "country": "DE"},
        "$account": [KESTREL],
    },
    INGRID: {
        "$name": {"firstName": "Ingrid", "lastName": "Østergaard"},
        "$email": ["ingrid@fjord-analytics.example", "ingrid@home.example"],
        "interests": ["Pricing"],
        "home-address": {"country": "NO"},
        "$account": [FJORD],
    },
    "info@old-harbor.example": {"$email": ["info@old-harbor.example"]},
}  # fmt: skip

OPPORTUNITIES: dict[str, Json] = {
    "Kestrel – 40 arms": {
        "$name": "Kestrel – 40 arms", "$stage": "Negotiation", "in pipeline": "New Business",
        "$amount": 52380.54, "$closeDate": "2026-12-31T22:59:59.999Z", "$nextStep": "Send DPA",
        "probability": 90,
        "competitors": ["Salesforce", "Spreadsheet"],
        "$account": [KESTREL], "$owner": [CHLOE], "$champion": [MAELLE], "$evaluator": [JONAS],
        "partners": [FJORD],
    },
    "Sakura pilot": {
        "$name": "Sakura pilot", "$stage": "Discovery", "in pipeline": "New Business",
        "$account": [SAKURA], "$owner": [ADA],
    },
    "Fjord renewal": {
        "$name": "Fjord renewal", "$stage": "Proposal", "in pipeline": "Renewals", "$amount": 1200,
        "probability": 7,
        "$account": [FJORD], "$evaluator": [INGRID],
    },
    "Granite counters": {"$name": "Granite counters", "$amount": 700, "$account": [GRANITE]},
    "Kestrel – spare parts": {
        "$name": "Kestrel – spare parts", "$stage": "Lost", "in pipeline": "New Business", "$amount": 1100,
        "$closeReason": "Too dear", "probability": 0, "$account": [KESTREL],
    },
    "Holding – audit": {
        "$name": "Holding – audit", "$stage": "Won", "in pipeline": "New Business", "$amount": 300.1,
        "$closeReason": "Best fit", "probability": 100, "$account": [HOLDING],
    },
}  # fmt: skip

TASKS: dict[str, Json] = {
    "Send the pilot agreement": {
        "$title": "Send the pilot agreement", "$status": "TODO", "$dueAt": "2026-12-01T08:00:00.000Z",
        "$description": text("With the **DPA**", f"Contacts: {MAELLE}, {JONAS}"),
        "$assignedTo": [CHLOE], "$account": [KESTREL], "$opportunity": ["Kestrel – 40 arms"],
    },
    "Call back": {
        "$title": "Call back", "$status": "COMPLETE", "$dueAt": "2026-01-20T08:00:00.000Z",
        "$assignedTo": [ADA],
    },
    "Compare offers": {
        "$title": "Compare offers", "$status": "CANCELLED", "$dueAt": "2026-02-01T08:00:00.000Z",
        "$assignedTo": [ADA], "$account": [KESTREL],
    },
    "Meeting: Kick-off": {
        "$title": "Meeting: Kick-off", "$status": "TODO", "$dueAt": "2099-01-15T10:00:00.000Z",
        "$description": text("Agenda follows"),
        "$assignedTo": [CHLOE], "$account": [KESTREL], "$opportunity": ["Kestrel – 40 arms"],
    },
}  # fmt: skip


def _note(title: str, content: Any, **links: list[str]) -> dict[str, Json]:
    return {title: {"$title": title, "$content": content, **{f"${key}": to for key, to in links.items()}}}


NOTES: dict[str, Json] = {
    # Note 51, and call 51 below.
    **_note(
        "Maëlle wants 40 sensors & a report:",
        text("wants **40 sensors** & a", "by *May*", "under € 50k", by="Chloé Dubois", at="2026-01-10"),
        account=[KESTREL], contact=[MAELLE], opportunity=["Kestrel – 40 arms"],
    ),
    # Neither the script nor the style of it; its contact is named by an id that was merged away.
    **_note(
        "Prices",
        text("Prices", "Item", "Price", r"Arm \| left", "€ 1,200", at="2026-02-10"),
        account=[KESTREL], contact=[MAELLE],
    ),
    **_note("Plain 1 < 2", text("Plain 1 < 2", "tags", at="2026-03-10"), account=[FJORD]),
    **_note(
        "Call with Maëlle",
        text(
            "Budget is **approved**.", "Connected", "From: +4930901820", "To: +33297000001",
            "https://recordings.example/51", by="Ada Okafor", at="2026-01-12",
        ),
        account=[KESTREL], contact=[MAELLE], opportunity=["Kestrel – 40 arms"],
    ),
    **_note("Call (12 min, outbound)", text("No answer", at="2026-01-13"), account=[GRANITE]),
    **_note("WhatsApp message", text("Runs late", at="2026-01-14"), account=[KESTREL], contact=[JONAS]),
    **_note(
        "Postal mail", text("Contract, signed", at="2026-01-15"), account=[SAKURA],
        opportunity=["Sakura pilot"]
    ),
    # The email that nobody sent.
    **_note(
        "Forwarded offer",
        text("See [the offer](https://offers.example/9)", by="Ada Okafor", at="2026-04-03"),
        account=[FJORD], contact=[INGRID], opportunity=["Fjord renewal"],
    ),
}  # fmt: skip

MEETINGS: dict[str, Json] = {
    "Demo at Kestrel": {
        "$title": "Demo at Kestrel", "$startDate": "2026-03-02T13:00:00.000Z",
        "$endDate": "2026-03-02T14:00:00.000Z",
        "$description": text("Shown: arms", "Location: Berlin, room 4"),
        "$meetingUrl": "https://meet.example/81", "$organizerEmail": ADA,
        "$attendeeEmails": [
            ADA, CHLOE, "maelle.legoff@kestrel-robotics.example", "jonas.weber@kestrel-robotics.example",
        ],
        "$postMeetingSummary": text("They *liked* it."),
        "$contact": [JONAS, MAELLE],
    },
    "Open end": {
        "$title": "Open end", "$startDate": "2026-03-03T13:00:00.000Z",
        "$endDate": "2026-03-03T13:30:00.000Z",
        "$organizerEmail": CHLOE, "$attendeeEmails": [CHLOE, "ingrid@fjord-analytics.example"],
        "$contact": [INGRID],
    },
}  # fmt: skip

EMAILS: dict[str, Json] = {
    "The DPA": {
        "$subject": "The DPA", "$from": [CHLOE], "$cc": [ADA], "$sentAt": "2026-04-01T07:00:00.000Z",
        "$to": ["maelle.legoff@kestrel-robotics.example", "jonas.weber@kestrel-robotics.example"],
        "$body": "<p>Hi Maëlle,</p><p>here it is.</p>", "$threadId": "thread-7",
    },
    "Re: The DPA": {
        "$subject": "Re: The DPA", "$from": ["maelle.legoff@kestrel-robotics.example"], "$to": [CHLOE],
        "$sentAt": "2026-04-02T07:00:00.000Z", "$body": "<p>Thanks &lt; a lot</p>", "$threadId": "thread-7",
    },
}  # fmt: skip

SUBSCRIPTIONS: dict[str, Json] = {
    "Kestrel #1": {
        "$name": "Kestrel #1", "seats": 40, "plan": "Team", "autoRenew": True, "account": [KESTREL],
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
