"""Owners, companies, contacts and deals of the portal, each awkward in its own way."""

# ruff: noqa: RUF001 - names have dashes, as people type them

from __future__ import annotations

from typing import Any

Json = dict[str, Any]


def record(id_: int, day: str, **properties: str | None) -> Json:
    """A record that was last changed on this day of 2026, ``05-01``; properties that it lacks are null."""
    changed = f"2026-{day}T09:00:00.101Z"
    created = "2023-03-01T09:00:00.101Z"
    own = {"createdate": created, "hs_lastmodifieddate": changed, "hs_object_id": str(id_)}
    return {
        "id": str(id_),
        "createdAt": created,
        "updatedAt": changed,
        "archived": False,
        "properties": {**own, **properties},
    }


def _contact(id_: int, day: str, **properties: str | None) -> Json:
    made = record(id_, day, **properties)
    made["properties"]["lastmodifieddate"] = made["updatedAt"]  # contacts alone have their own word for it
    return made


# An owner's address may be in mixed case; the third has left long ago and is no member of the workspace.
# 70010099 was deactivated: records name it, no answer has it.
OWNERS = [
    {
        "id": id_,
        "email": email,
        "type": "PERSON",
        "firstName": first,
        "lastName": last,
        "userId": user,
        "userIdIncludingInactive": user,
        "createdAt": "2020-01-01T00:00:00.000Z",
        "updatedAt": "2024-01-01T00:00:00.000Z",
        "archived": False,
    }
    for id_, email, first, last, user in (
        ("70010001", "ada.okafor@lightfield-demo.example", "Ada", "Okafor", 9001),
        ("70010002", "Chloe.Dubois@lightfield-demo.example", "Chloé", "Dubois", 9002),
        ("70010003", "left.long-ago@harbor.example", "Lars", "Long", 9003),
    )
]

COMPANIES = [
    record(
        8100001, "05-01",
        name="Kestrel Robotics GmbH", domain="kestrel-robotics.example",
        website="https://www.kestrel-robotics.example/de", phone="+49 30 901820",
        address="Köpenicker Straße 154", address2="Aufgang B", city="Berlin", state="BE", zip="10997",
        country="Germany", industry="INDUSTRIAL_AUTOMATION", numberofemployees="120",
        annualrevenue="12500000",
        description="Arms for warehouses", type="PROSPECT", lifecyclestage="customer", founded_year="2011",
        # The parent has the larger id and comes later.
        hs_parent_company_id="8100002", hubspot_owner_id="70010001",
        linkedin_company_page="linkedin.com/company/kestrel-robotics", twitterhandle="kestrelrobots",
        facebook_company_page="https://facebook.com/KestrelRobotics", num_associated_contacts="2",
        hs_analytics_source="ORGANIC_SEARCH", tier__c="mid", account_tags="expansion;event", arr_eur="48000",
        is_partner="false", persona_type="champion",
    ),
    record(
        8100002, "05-02",
        name="Kestrel Holding SE", domain="kestrel-holding.example", numberofemployees="5400",
        country="Germany",
        city="Köln", industry="MUSEUMS_AND_INSTITUTIONS", hubspot_owner_id="70010003", is_partner="true",
        tier__c="strat",
    ),
    record(
        8100003, "05-03",
        name="Fjord Analytics AS", domain="fjord-analytics.example",
        hs_additional_domains="fjordanalytics.example;fjord-data.example", phone="22 12 34 56",
        country="Norway",
        city="Oslo", industry="COMPUTER_SOFTWARE", numberofemployees="50", hubspot_owner_id="70010099",
        account_tags=";risk;other", hs_lead_status="OPEN_DEAL",
    ),
    # The second company of one domain.
    record(
        8100004, "05-04",
        name="Kestrel Robotics Berlin", city="Berlin", domain="kestrel-robotics.example",
    ),
    record(
        8100005, "05-05",
        name=None, domain="sakura-optics.example", phone="(none)", country="Japan",
        hubspot_owner_id="70010002",
    ),
    record(
        8100006, "05-06",
        name="Granite & Söhne", website="http://granite-soehne.example/shop", favourite_colour="teal",
        hs_merged_object_ids="8100090;8100091", tier__c="ent",
    ),
]  # fmt: skip

CONTACTS = [
    _contact(
        501, "06-01",
        firstname="Maëlle", lastname="Le Goff", salutation="Mme",
        email="maelle.legoff@kestrel-robotics.example",
        hs_additional_emails="maelle@legoff.example;m.legoff@kestrel-holding.example",
        jobtitle="Head of Procurement", phone="+33 2 97 00 00 01", mobilephone="06 12 34 56 78",
        address="4 quai des Indes", city="Lorient", zip="56100", country="France", lifecyclestage="customer",
        hs_email_optout="false", hubspotscore="64", hubspot_owner_id="70010002",
        associatedcompanyid="8100001",
        persona_type="champion", topics_of_interest="pricing;rep_bi;legal_dpa",
        last_contract_signed="2025-12-01",
        notes_from_sales="<p>Prefers <b>email</b>&nbsp;in <i>French</i>.</p>", hs_merged_object_ids="499;500",
        num_associated_deals="1",
    ),
    _contact(
        502, "06-02",
        firstname="Jonas", lastname="Weber", email="Jonas.Weber@kestrel-robotics.example", phone="030 901820",
        country="Germany", city="Berlin", associatedcompanyid="8100001", hs_email_optout="true",
        hs_linkedin_url="linkedin.com/in/jonas-weber", persona_type="blocker", tshirt_size="XL",
    ),
    _contact(
        503, "06-03",
        firstname="Ingrid", lastname="Østergaard", email="ingrid@fjord-analytics.example",
        hs_additional_emails="not an address;ingrid@home.example", phone="(none)", country="Norway",
        topics_of_interest=";pricing",
    ),
    # No name, a company that is only text, an owner whom no answer has.
    _contact(
        504, "06-04",
        email="info@old-harbor.example", company="Old Harbor Ltd", website="old-harbor.example",
        hubspot_owner_id="70010099",
    ),
    # Nothing to know somebody by.
    _contact(505, "06-05", phone="+4930901821"),
]  # fmt: skip


def _deal(id_: int, day: str, stage: str, pipeline: str = "default", **properties: str | None) -> Json:
    return record(id_, day, dealstage=stage, pipeline=pipeline, **properties)


DEALS = [
    _deal(
        9001, "06-11", "contractsent",
        dealname="Kestrel – 40 arms", amount="48500.50", amount_in_home_currency="52380.54",
        deal_currency_code="EUR", closedate="2026-12-31T22:59:59.999Z", dealtype="newbusiness",
        hs_next_step="Send DPA", hs_deal_stage_probability="0.9", hs_priority="high",
        hubspot_owner_id="70010002",
        competitors="sf;xls;none", hs_is_closed="false", discount="500", description="Two sites",
        hs_all_collaborator_owner_ids="70010001;70010003",
    ),
    # A currency for which there is neither a rate nor an amount at home.
    _deal(
        9002, "06-12", "qualifiedtobuy",
        dealname="Sakura pilot", amount="950000", deal_currency_code="JPY", hubspot_owner_id="70010001",
    ),
    # A stage of which Lightfield has one of the same name in each pipeline.
    _deal(
        9003, "06-13", "11112222", "7654321",
        dealname="Fjord renewal", amount="1200", amount_in_home_currency="1200", deal_currency_code="USD",
        hs_deal_stage_probability="0.07",
    ),
    _deal(9004, "06-14", "qualifiedtobuy", dealname="Nobody's deal", amount="10", deal_currency_code="USD"),
    # A stage that was deleted, and no currency at all.
    _deal(
        9005, "06-15", "99999999", dealname="Granite counters", amount="700", closed_lost_reason=None,
        hubspot_owner_id="70010099",
    ),
    # A rate that only the user knows.
    _deal(
        9006, "06-16", "closedlost",
        dealname="Kestrel – spare parts", amount="1000", deal_currency_code="CHF",
        closed_lost_reason="Too dear",
        hs_is_closed="true", hs_deal_stage_probability="0",
    ),
    _deal(
        9007, "06-17", "closedwon",
        dealname="Holding – audit", amount="300.10", amount_in_home_currency="300.10",
        deal_currency_code="USD",
        closed_won_reason="Best fit", hs_is_closed="true", hs_is_closed_won="true",
        hs_deal_stage_probability="1",
        hubspot_owner_id="70010003",
    ),
]  # fmt: skip

# Neither the lists nor the search have them, unless asked for archived ones.
ARCHIVED = {
    "companies": [{**record(8100099, "05-09", name="Archived Ltd"), "archived": True}],
    "contacts": [{**_contact(599, "06-09", email="archived@archived.example"), "archived": True}],
}


def _stage(id_: str, label: str, order: int, probability: str) -> Json:
    # HubSpot says whether a stage is closed in a text, which the tap takes for true where it is not empty.
    closed = "true" if probability in ("0.0", "1.0") else "false"
    return {
        "stageId": id_,
        "label": label,
        "displayOrder": order,
        "metadata": {"isClosed": closed, "probability": probability},
        "createdAt": 0,
        "updatedAt": None,
        "active": True,
    }


def _pipeline(id_: str, label: str, created: int | None, *stages: tuple[str, str, str]) -> Json:
    return {
        "pipelineId": id_,
        "createdAt": created,  # null for the default pipeline, though it is the key of the tap's stream
        "updatedAt": created,
        "objectType": "DEAL",
        "objectTypeId": "0-3",
        "label": label,
        "displayOrder": 0,
        "active": True,
        "default": created is None,
        "stages": [
            _stage(stage, text, number, chance) for number, (stage, text, chance) in enumerate(stages)
        ],
    }


DEAL_PIPELINES = [
    _pipeline(
        "default", "Sales Pipeline", None,
        ("appointmentscheduled", "Appointment Scheduled", "0.2"),
        ("qualifiedtobuy", "Qualified To Buy", "0.4"),
        ("contractsent", "Contract Sent", "0.9"), ("closedwon", "Closed Won", "1.0"),
        ("closedlost", "Closed Lost", "0.0"),
    ),
    _pipeline(
        "7654321", "Renewals", 1700000000000,
        ("11112221", "Upcoming", "0.5"), ("11112222", "Proposal", "0.7"), ("11112223", "Lost", "0.0"),
    ),
]  # fmt: skip
