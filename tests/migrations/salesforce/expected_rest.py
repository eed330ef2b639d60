"""What of the recorded feed does not arrive: every record and every value, and what is said of it."""

from __future__ import annotations

from typing import Any

from tests.migrations.salesforce import records
from tests.migrations.salesforce.activities import ANSWER, CASE, DRAFT, SENT
from tests.migrations.salesforce.records import id_of

WAITING: set[tuple[str, str]] = set()
# No account, and no other stream that might bring one. The run needs `max_rejects: 1`.
REJECTED = {("Opportunity", records.NOBODYS)}
# In the plan, to be invited. Who has left is none of them.
MISSING_MEMBERS: set[str] = set()

# Rows that make no record of their own, on purpose.
SKIPPED = {
    ("Account", records.MERGED_ACCOUNT),  # is Kestrel
    ("Account", records.GONE_ACCOUNT),  # in the recycle bin
    ("Contact", records.MERGED_CONTACT),  # is Maëlle
    ("Lead", records.CONVERTED),  # is the contact Tomás
    ("Task", records.MIRROR),  # is the email "The DPA"
    ("Event", records.CHILD),  # is in an invited user's calendar what "Demo at Kestrel" is
    ("EmailMessage", id_of(DRAFT)),
    ("Note", id_of("0025g00000Priva")),
    ("User", records.LARS),
    ("BackgroundOperationResult", id_of("1395g00000Backg")),
}

# Whole records that Lightfield has no place for, by stream.
NOT_CARRIED = {"Attachment": 1, "ContentVersion": 2, "Case": 1, "OpportunityLineItem": 1, "AccountHistory": 1}
NOT_CARRIED_BYTES = {"Attachment": 20480, "ContentVersion": 4210 + 81920}


def _left(sobject: str, key: str, kind: str, **values: Any) -> set[tuple[str, str, str, Any, str]]:
    return {(sobject, key, column, value, kind) for column, value in values.items()}


def _responded(number: int) -> set[tuple[str, str, str, Any, str]]:
    key = id_of(f"00v5g0000{number:06}")
    return _left("CampaignMember", key, "not_carried", Status="Responded", HasResponded=True)


# stream, key, source's column, value, kind (LeftOverKind). A value of another stream is told by what it is
# called there, and of a text with several values each is told alone. Of a column that only those routes name
# which a row does not take, nothing is carried either.
LEFT_OVER = {
    *_left(
        "Account", records.KESTREL, "no_field",
        Type="Prospect", Rating="Hot", AnnualRevenue=12500000.0, Description="Arms\r\nand sensors",
        Fax="+49 30 901829", Health__c="Green", Reference__c=False,
    ),
    *_left("Account", records.HOLDING, "no_option", Industry="Environmental", Tier__c="Strategic"),
    *_left("Account", records.HOLDING, "no_rate", ARR__c=900.0),
    *_left("Account", records.HOLDING, "no_field", Reference__c=False),
    *_left("Account", records.FJORD, "no_option", Tags__c="Other"),
    *_left("Account", records.FJORD, "no_option", Tags__c="see notes"),
    *_left("Account", records.FJORD, "no_member", OwnerId=records.LARS),
    *_left("Account", records.FJORD, "no_field", Reference__c=False),
    *_left("Account", records.BERLIN, "taken", Website="http://kestrel-robotics.example/de/"),
    *_left("Account", records.BERLIN, "no_field", Reference__c=False),
    *_left("Account", records.SAKURA, "bad_value", Phone="(none)"),
    *_left("Account", records.SAKURA, "no_field", Reference__c=False),
    *_left(
        "Contact", records.MAELLE, "no_field",
        Salutation="Ms.", Department="Procurement", LeadSource="Trade Show",
        ReportsToId=records.TOMAS, Birthdate="1984-07-09T00:00:00.000000Z",
    ),
    *_left("Contact", records.MAELLE, "no_option", Interests__c="Legal, DPA"),
    *_left("Contact", records.MAELLE, "not_carried", OwnerId=records.CHLOE),
    *_left("Contact", records.JONAS, "not_carried", OwnerId=records.CHLOE),
    *_left("Contact", records.INGRID, "not_carried", OwnerId=records.ADA),
    *_left("Contact", records.INGRID, "bad_value", Phone="(none)"),
    *_left("Contact", records.TOMAS, "not_carried", OwnerId=records.ADA),
    *_left(
        "Lead", records.NEW, "no_field",
        Status="Open - Not Contacted", Rating="Warm", LeadSource="Web", OwnerId="Inbound EMEA",
    ),
    # The account that it names has an owner of its own.
    *_left("Lead", records.KNOWN, "no_field", Status="Working - Contacted", OwnerId=records.ADA),
    *_left("Lead", records.NAMELESS, "no_field", Status="Open - Not Contacted", OwnerId=records.CHLOE),
    ("Lead", records.NOTHING, "", "", "incomplete"),
    *_left(
        "Opportunity", records.ARMS, "no_field",
        Type="New Customer", ExpectedRevenue=31525.33, ForecastCategoryName="Pipeline",
        CampaignId="Spring fair",
    ),
    *_left("Opportunity", records.PILOT, "no_rate", Amount=950000.0),
    *_left("Opportunity", records.RENEWAL, "no_member", OwnerId=records.LARS),
    *_left("Task", records.UNTITLED, "no_field", Priority="High"),
    *_left("Task", records.UNTITLED, "no_member", OwnerId=records.QUEUE),
    *_left("Task", records.DEFERRED, "no_member", OwnerId=records.LARS),
    *_left("Task", records.DEFERRED, "no_record", WhatId=CASE),
    *_left("Event", records.DEMO, "no_column", WhatId=records.ARMS),
    *_left("EmailMessage", id_of(SENT), "not_carried", RelatedToId=records.ARMS),
    *_left("EmailMessage", id_of(ANSWER), "not_carried", RelatedToId=records.ARMS),
    *_left("Campaign", records.SPRING, "not_carried", OwnerId=records.ADA),
    *_responded(1),
    *_responded(2),
    *_responded(3),
    *_left("Subscription__c", id_of("a015g00000Sub01"), "no_field", Region__c="EMEA", OwnerId=records.ADA),
    *_left("Subscription__c", id_of("a015g00000Sub02"), "no_field", OwnerId=records.ADA),
    *_left("Subscription__c", id_of("a015g00000Sub02"), "no_option", Plan__c="Platinum"),
    *_left("Subscription__c", id_of("a015g00000Sub02"), "no_rate", MRR__c=50.0),
}  # fmt: skip
