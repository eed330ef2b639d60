"""What the recorded feed becomes with ``examples/pipedrive/my_preset.yml``, in an empty workspace.

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
FARID = "farid.haddad@lightfield-demo.example"
DEFAULT_ASSIGNEE = ADA

KESTREL, HOLDING, BERLIN = "Kestrel Robotics GmbH", "Kestrel Holding SE", "Kestrel Robotics Berlin"
FJORD, SAKURA, GRANITE = "Fjord Analytics AS", "Sakura Optics", "Granite & Söhne"
MAELLE, JONAS, INGRID, BJORK = "Maëlle Le Goff", "Jonas Weber", "ingrid@fjord-analytics.example", "Björk"
ARMS = "Kestrel – 40 arms"

ACCOUNTS: dict[str, Json] = {
    KESTREL: {
        "$name": KESTREL,
        "$website": ["www.kestrel-robotics.example/de"],
        "$industry": ["Manufacturing"],
        "$headcount": "51-200",
        "$primaryAddress": {
            "street": "Köpenicker Straße 154", "city": "Berlin", "postalCode": "10997", "country": "DE",
        },
        "$linkedIn": "https://www.linkedin.com/company/kestrel-robotics",
        "tier": "Enterprise",
        "tags": ["Expansion", "At risk"],
        "icp-score": 87,
        "renewalDate": "2027-01-31T00:00:00.000+01:00",
        "arr": 48000,
        "shippingAddress": {"street": "Hafenstraße 1", "city": "Hamburg", "country": "DE"},
        "legacyId": "K-0001",
        "account-plan": "Opens at 08:30",
        "supportPhone": ["+4930901820"],
        "$owner": [ADA],
        "parent": [HOLDING],
        "billing-contact": [MAELLE],
    },
    HOLDING: {
        "$name": HOLDING,
        "$website": ["kestrel-holding.example"],
        "$headcount": "5000+",
        "$primaryAddress": {"street": "Am Hafen 3, Köln"},
    },
    # A number of Norway, by the address of its row.
    FJORD: {
        "$name": FJORD,
        "$website": ["fjord-analytics.example"],
        "$primaryAddress": {
            "street": "Storgata 1", "city": "Oslo", "state": "Oslo", "postalCode": "0155", "country": "NO",
        },
        "tier": "SMB",
        "supportPhone": ["+4722123456"],
        "$owner": [FARID],
    },
    BERLIN: {"$name": BERLIN, "$primaryAddress": {"city": "Berlin"}, "$owner": [ADA]},
    SAKURA: {"$name": SAKURA},
    GRANITE: {"$name": GRANITE, "$website": ["http://granite-soehne.example/shop"], "$owner": [ADA]},
}  # fmt: skip

CONTACTS: dict[str, Json] = {
    MAELLE: {
        "$name": {"firstName": "Maëlle", "lastName": "Le Goff"},
        "$email": ["maelle.legoff@kestrel-robotics.example", "maelle@legoff.example"],
        "$title": "Head of Procurement",
        "$doNotContact": False,
        "phone": ["+33297000001", "+33612345678"],
        "persona": "Champion",
        "interests": ["Pricing"],
        "lastContractSigned": "2025-12-01T00:00:00.000+01:00",
        "home-address": {
            "street": "quai des Indes 4", "city": "Lorient", "postalCode": "56100", "country": "FR",
        },
        "$account": [KESTREL],
    },
    JONAS: {
        "$name": {"firstName": "Jonas", "lastName": "Weber"},
        "$email": ["jonas.weber@kestrel-robotics.example"],
        "$doNotContact": True,
        "phone": ["+4930901820"],
        "persona": "Blocker",
        "home-address": {"city": "Berlin", "country": "DE"},
        "$account": [KESTREL],
    },
    INGRID: {"$email": [INGRID], "$account": [FJORD]},
    BJORK: {"$name": {"firstName": "Björk"}},
    "J. Weber": {"$name": {"firstName": "J.", "lastName": "Weber"}, "$account": [BERLIN]},
}  # fmt: skip

OPPORTUNITIES: dict[str, Json] = {
    ARMS: {
        "$name": ARMS, "$stage": "Proposal", "in pipeline": "New Business", "$amount": 52380.54,
        "$closeDate": "2026-12-31T00:00:00.000+01:00", "probability": 80,
        "competitors": ["Salesforce", "Spreadsheet"], "discount": 500, "won-call-recorded": False,
        "contractUrl": "https://contracts.example/21",
        "$account": [KESTREL], "$owner": [CHLOE], "$champion": [MAELLE],
    },
    "Sakura pilot": {
        "$name": "Sakura pilot", "$stage": "Qualification", "in pipeline": "New Business",
        "$account": [SAKURA], "$owner": [ADA],
    },
    "Fjord analysis": {
        "$name": "Fjord analysis", "$stage": "Discovery", "in pipeline": "New Business", "$amount": 1200,
        "$account": [FJORD], "$champion": [INGRID],
    },
    "Holding – audit": {
        "$name": "Holding – audit", "$stage": "Won", "in pipeline": "New Business", "$amount": 300.1,
        "$closeDate": "2026-03-31T22:30:00.000Z", "probability": 100, "$account": [HOLDING],
        "$owner": [CHLOE],
    },
    "Fjord renewal": {
        "$name": "Fjord renewal", "$stage": "Lost", "in pipeline": "Renewals", "$amount": 106.92,
        "$closeReason": "Too dear", "$closeDate": "2026-02-01T10:00:00.000Z",
        "$account": [FJORD], "$owner": [CHLOE],
    },
    "Kestrel renewal": {
        "$name": "Kestrel renewal", "$stage": "Proposal", "in pipeline": "Renewals", "$amount": 0,
        "$account": [KESTREL], "$owner": [CHLOE], "$champion": [JONAS],
    },
    "Granite counters": {
        "$name": "Granite counters", "$amount": 0, "$account": [GRANITE], "$owner": [CHLOE],
    },
}  # fmt: skip


def _task(title: str, due: str | None, assignee: str, status: str = "TODO", **more: Any) -> dict[str, Json]:
    fields = {"$title": title, "$status": status, "$dueAt": due, "$assignedTo": [assignee], **more}
    return {title: {key: value for key, value in fields.items() if value is not None}}


TASKS: dict[str, Json] = {
    **_task(
        "Send the pilot agreement", "2026-12-01T08:00:00.000Z", CHLOE,
        **{"$description": text("With the **DPA**", f"Contact: {MAELLE}", f"Contact: {JONAS}"),
           "$account": [KESTREL], "$opportunity": [ARMS]},
    ),
    **_task("Offer ends", "2026-01-20T00:00:00.000+01:00", ADA, "COMPLETE", **{"$account": [FJORD]}),
    **_task(
        "Meeting: Demo", "2099-01-15T10:00:00.000Z", CHLOE,
        **{"$description": text("Agenda follows", "Duration: 00:30:00", "Link: https://meet.example/34",
        f"Contact: {JONAS}"),
           "$account": [KESTREL], "$opportunity": [ARMS]},
    ),
    **_task(
        "Meeting: Done in advance", "2099-02-01T09:00:00.000Z", CHLOE, "COMPLETE", **{"$account": [FJORD]}
    ),
    **_task("Meeting: Was it held?", "2026-03-05T09:00:00.000Z", CHLOE, **{"$account": [FJORD]}),
    # At midnight in UTC, and no date all the same.
    **_task("Call: Call back", "2026-11-20T00:00:00.000Z", CHLOE, **{"$account": [GRANITE]}),
    **_task("Qualify", None, ADA),
}  # fmt: skip


def _note(title: str, content: Any, **links: list[str]) -> dict[str, Json]:
    return {title: {"$title": title, "$content": content, **{f"${key}": to for key, to in links.items()}}}


NOTES: dict[str, Json] = {
    # Note 51, and activity 51 below.
    **_note(
        "Maëlle wants 40 sensors & a report:",
        text(
            "wants **40 sensors** & a", "by *May*", "under € 50k",
            "https://app.pipedrive.com/api/v1/files/61/download", by="Chloé Dubois", at="2026-01-10",
        ),
        account=[KESTREL], contact=[MAELLE], opportunity=[ARMS],
    ),
    **_note(
        "Item | Price",
        text("Item", "Price", r"Arm \| left", "€ 1,200", by="Lee Long", at="2026-01-11"), account=[FJORD],
    ),
    **_note("Plain 1 < 2", text("Plain 1 < 2", "no", "tags", by="Ada Okafor", at="2026-01-13"),
    contact=[BJORK]),
    **_note(
        "Call: Budget (12 min)", text("Budget is **approved**.", by="Ada Okafor", at="2026-01-12"),
        account=[KESTREL], contact=[JONAS, MAELLE], opportunity=[ARMS],
    ),
    **_note(
        "Email: Sent the DPA", text("Sent the DPA", by="Chloé Dubois", at="2026-01-13"),
        account=[KESTREL], contact=[MAELLE],
    ),
    **_note(
        "Lunch: Lunch at the fair", text("Location: Canteen", by="Farid Haddad", at="2026-01-14"),
        account=[FJORD],
    ),
    **_note("Site visit: Hall 3", text("Dusty", by="Chloé Dubois", at="2026-01-15"), account=[GRANITE]),
    **_note(
        "Meeting: Some time in May", text("Some time in May", by="Chloé Dubois", at="2026-05-04"),
        account=[GRANITE],
    ),
    **_note("Call: Second call", text("No answer", by="Chloé Dubois", at="2026-01-16"), account=[FJORD]),
}  # fmt: skip

MEETINGS: dict[str, Json] = {
    "Kick-off with Kestrel": {
        "$title": "Kick-off with Kestrel",
        "$startDate": "2026-02-03T13:00:00.000Z", "$endDate": "2026-02-03T14:00:00.000Z",
        "$description": text("Agenda: arms", "Location: Berlin, room 4"),
        "$meetingUrl": "https://meet.example/33", "$organizerEmail": CHLOE,
        "$attendeeEmails": [
            CHLOE, "maelle.legoff@kestrel-robotics.example", "counsel@law.example",
            "jonas.weber@kestrel-robotics.example",
        ],
        "$postMeetingSummary": text("Went **well**"),
        "$contact": [JONAS, MAELLE],
    },
    "Open end": {
        "$title": "Open end",
        "$startDate": "2026-03-03T13:00:00.000Z", "$endDate": "2026-03-03T13:30:00.000Z",
        "$organizerEmail": CHLOE, "$attendeeEmails": [CHLOE, INGRID], "$contact": [INGRID],
    },
    "Sound check": {
        "$title": "Sound check",
        "$startDate": "2026-03-06T09:00:00.000Z", "$endDate": "2026-03-06T09:30:00.000Z",
        "$organizerEmail": CHLOE, "$attendeeEmails": [CHLOE],
    },
}  # fmt: skip

EXPECTED: dict[str, dict[str, Json]] = {
    "account": ACCOUNTS,
    "contact": CONTACTS,
    "opportunity": OPPORTUNITIES,
    "task": TASKS,
    "note": NOTES,
    "meeting": MEETINGS,
    "email": {},
    "subscription": {},
}
