"""The properties of the portal's objects, as ``/crm/v3/properties/{type}`` lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Json = dict[str, Any]


def _property(name: str, label: str, group: str, kind: str = "string", **options: str) -> Json:
    """A property; ``kind`` is its type, and after a slash its fieldType; options are labels by value."""
    type_, _, field_type = kind.partition("/")
    return {
        "updatedAt": "2024-01-01T00:00:00.000Z",
        "createdAt": "2019-08-06T02:41:08.029Z",
        "name": name,
        "label": label,
        "type": type_,
        "fieldType": field_type or ("select" if options else "text"),
        "description": "",
        "groupName": group,
        "options": [
            {"label": text, "value": value, "displayOrder": number, "hidden": False, "description": None}
            for number, (value, text) in enumerate(options.items())
        ],
        "displayOrder": -1,
        "calculated": False,
        "externalOptions": name == "hubspot_owner_id",
        "hasUniqueValue": False,
        "hidden": False,
        "hubspotDefined": "__c" not in name,
        "formField": True,
    }


_LEAD_STATUSES = {"NEW": "New", "OPEN": "Open", "OPEN_DEAL": "Open Deal", "UNQUALIFIED": "Unqualified"}
_LIFE_CYCLE = {"lead": "Lead", "opportunity": "Opportunity", "customer": "Customer"}


def _common(group: str, owner: str) -> list[Json]:
    return [
        _property("hs_lastmodifieddate", "Last Modified Date", group, "datetime/date"),
        _property("createdate", "Create Date", group, "datetime/date"),
        _property("hs_object_id", "Record ID", group, "number/number"),
        _property("hubspot_owner_id", owner, group, "enumeration/select"),
        _property("hs_merged_object_ids", "Merged record IDs", group, "enumeration/checkbox"),
    ]


_COMPANIES = [
    *_common("companyinformation", "Company owner"),
    *(
        _property(name, label, "companyinformation")
        for name, label in {
            "name": "Company name", "domain": "Company Domain Name", "website": "Website URL",
            "phone": "Phone Number",
            "hs_additional_domains": "Additional Domains", "address": "Street Address",
            "address2": "Street Address 2",
            "city": "City", "state": "State/Region", "zip": "Postal Code", "country": "Country/Region",
            "description": "Description", "twitterhandle": "Twitter Handle", "founded_year": "Year Founded",
            "linkedin_company_page": "LinkedIn Company Page",
            "facebook_company_page": "Facebook Company Page",
        }.items()
    ),
    _property(
        "industry", "Industry", "companyinformation", "enumeration/select",
        INDUSTRIAL_AUTOMATION="Industrial Automation", COMPUTER_SOFTWARE="Computer Software",
        MUSEUMS_AND_INSTITUTIONS="Museums and Institutions",
    ),
    _property("numberofemployees", "Number of Employees", "companyinformation", "number/number"),
    _property("annualrevenue", "Annual Revenue", "companyinformation", "number/number"),
    _property(
        "type", "Type", "companyinformation", "enumeration/select", PROSPECT="Prospect", PARTNER="Partner"
    ),
    _property("lifecyclestage", "Lifecycle Stage", "companyinformation", "enumeration/radio", **_LIFE_CYCLE),
    _property("hs_lead_status", "Lead Status", "companyinformation", "enumeration/radio", **_LEAD_STATUSES),
    _property("hs_parent_company_id", "Parent Company", "companyinformation", "number/number"),
    _property("num_associated_contacts", "Associated contacts", "companyinformation", "number/number"),
    _property("hs_analytics_source", "Original Source Type", "analyticsinformation", "enumeration/select"),
    # The customer's own; the field "Tier" of the workspace has "Mid-Market" and no "Strategic".
    _property(
        "tier__c", "Tier", "companyinformation", "enumeration/select",
        ent="Enterprise", mid="Mid-Market", strat="Strategic",
    ),
    _property(
        "account_tags", "Tags", "companyinformation", "enumeration/checkbox",
        expansion="Expansion", event="Événement", risk="At risk", other="Other; see notes",
    ),
    _property("arr_eur", "ARR", "companyinformation", "number/number"),
    _property("is_partner", "Partner?", "companyinformation", "bool/booleancheckbox", true="Yes", false="No"),
    _property("favourite_colour", "Favourite colour", "companyinformation"),
    # Of the same name as the contacts', with other labels: nothing in a row says whose it is but the group.
    _property(
        "persona_type", "Buyer profile", "companyinformation", "enumeration/select",
        champion="Sponsor", blocker="Opponent",
    ),
]  # fmt: skip

_CONTACTS = [
    *_common("contactinformation", "Contact owner"),
    *(
        _property(name, label, "contactinformation")
        for name, label in {
            "firstname": "First Name", "lastname": "Last Name", "salutation": "Salutation", "email": "Email",
            "hs_additional_emails": "Additional email addresses", "jobtitle": "Job Title",
            "phone": "Phone Number",
            "mobilephone": "Mobile Phone Number", "address": "Street Address", "city": "City",
            "zip": "Postal Code",
            "state": "State/Region", "country": "Country/Region", "company": "Company Name",
            "website": "Website URL",
            "hs_linkedin_url": "LinkedIn URL", "hs_avatar_filemanager_key": "Avatar FileManager key",
        }.items()
    ),
    _property("lastmodifieddate", "Last Modified Date", "contactinformation", "datetime/date"),
    _property("hs_email_optout", "Unsubscribed from all email", "emailinformation", "bool/booleancheckbox"),
    _property("hubspotscore", "HubSpot Score", "contactinformation", "number/number"),
    _property("associatedcompanyid", "Primary Associated Company ID", "contactinformation", "number/number"),
    _property("lifecyclestage", "Lifecycle Stage", "contactinformation", "enumeration/radio", **_LIFE_CYCLE),
    _property("hs_lead_status", "Lead Status", "contactinformation", "enumeration/radio", **_LEAD_STATUSES),
    _property("num_associated_deals", "Number of Associated Deals", "contactinformation", "number/number"),
    _property(
        "persona_type", "Persona", "contactinformation", "enumeration/select",
        champion="Champion", blocker="Blocker",
    ),
    _property(
        "topics_of_interest", "Interests", "contactinformation", "enumeration/checkbox",
        pricing="Pricing", rep_bi="Reporting", legal_dpa="Legal, DPA",
    ),
    _property("last_contract_signed", "Last contract signed", "contactinformation", "date/date"),
    _property("notes_from_sales", "Bio", "contactinformation", "string/html"),
    _property("tshirt_size", "T-shirt size", "contactinformation"),
]  # fmt: skip

_DEALS = [
    *_common("dealinformation", "Deal owner"),
    *(
        _property(name, label, "dealinformation")
        for name, label in {
            "dealname": "Deal Name", "pipeline": "Pipeline", "dealstage": "Deal Stage",
            "hs_next_step": "Next Step",
            "deal_currency_code": "Currency", "closed_lost_reason": "Closed Lost Reason",
            "closed_won_reason": "Closed Won Reason", "description": "Deal Description",
        }.items()
    ),
    _property("amount", "Amount", "dealinformation", "number/number"),
    _property("amount_in_home_currency", "Amount in company currency", "dealinformation", "number/number"),
    _property("closedate", "Close Date", "dealinformation", "datetime/date"),
    _property("hs_deal_stage_probability", "Deal probability", "dealinformation", "number/number"),
    _property(
        "dealtype", "Deal Type", "dealinformation", "enumeration/radio",
        newbusiness="New Business", existingbusiness="Existing Business",
    ),
    _property("hs_priority", "Priority", "dealinformation", "enumeration/select", low="Low", high="High"),
    _property("hs_is_closed", "Is Deal Closed?", "dealinformation", "bool/calculation_read_time"),
    _property("hs_is_closed_won", "Is Closed Won", "dealinformation", "bool/calculation_read_time"),
    _property("hs_all_collaborator_owner_ids", "Collaborator", "dealinformation", "enumeration/checkbox"),
    _property(
        "competitors", "Competitors", "dealinformation", "enumeration/checkbox",
        sf="Salesforce", xls="Spreadsheet", none="None",
    ),
    _property("discount", "Discount", "dealinformation", "number/number"),
]  # fmt: skip


def _activity(group: str, names: str, **enumerations: Mapping[str, str]) -> list[Json]:
    """The properties of a kind of activity; their labels are their names."""
    return [
        *_common(group, "Activity assigned to"),
        *(_property(name, name.removeprefix("hs_"), group) for name in ["hs_timestamp", *names.split()]),
        *(_property(name, name, group, "enumeration/select", **own) for name, own in enumerations.items()),
    ]


_OUTCOMES = {
    "f240bbac-87c9-4f6e-bf70-924b57d47db7": "Connected",
    "b2cf5968-551e-4856-9783-52b3da59a7d0": "Left voicemail",
}

PROPERTIES: Mapping[str, list[Json]] = {
    "tickets": _activity("ticketinformation", "subject hs_pipeline hs_pipeline_stage"),
    "deals": _DEALS,
    "contacts": _CONTACTS,
    "companies": _COMPANIES,
    "products": _activity("productinformation", "name price hs_sku"),
    "line_items": _activity("lineiteminformation", "name quantity price amount hs_product_id"),
    "emails": _activity(
        "email",
        "hs_email_subject hs_email_html hs_email_text hs_email_direction hs_email_status hs_email_from_email "
        "hs_email_to_email hs_email_cc_email hs_email_bcc_email hs_email_headers hs_email_message_id "
        "hs_email_thread_id hs_attachment_ids",
    ),
    "postal_mail": _activity("postal_mail", "hs_postal_mail_body hs_attachment_ids"),
    "calls": _activity(
        "call",
        "hs_call_title hs_call_body hs_call_direction hs_call_duration hs_call_status hs_call_from_number "
        "hs_call_to_number hs_call_recording_url",
        hs_call_disposition=_OUTCOMES,
    ),
    "goal_targets": _activity("goal", "hs_goal_name hs_target_amount"),
    "meetings": _activity(
        "meeting",
        "hs_meeting_title hs_meeting_body hs_internal_meeting_notes hs_meeting_start_time "
        "hs_meeting_end_time hs_meeting_outcome hs_meeting_location hs_meeting_external_url "
        "hs_attendee_owner_ids",
    ),
    "tasks": _activity(
        "task",
        "hs_task_subject hs_task_body hs_task_status hs_task_priority hs_task_type hs_task_completion_date",
    ),
    "communications": _activity(
        "communication", "hs_communication_channel_type hs_communication_body hs_communication_logged_from"
    ),
    "notes": _activity("note", "hs_note_body hs_attachment_ids"),
    "leads": _activity(
        "lead", "hs_lead_name hs_lead_type", hs_lead_label={"HOT": "Hot", "WARM": "Warm", "COLD": "Cold"}
    ),
    "p4242424_subscriptions": [
        *_common("subscriptions_information", "Owner"),
        _property("subscription_name", "Subscription name", "subscriptions_information"),
        _property("seats", "Seats", "subscriptions_information", "number/number"),
        _property(
            "plan", "Plan", "subscriptions_information", "enumeration/select", team="Team", starter="Starter"
        ),
        _property("auto_renew", "Renews by itself", "subscriptions_information", "bool/booleancheckbox"),
    ],
}

# What the tap, as HubSpot does, calls them where it means the type of one object.
SINGULAR = {"company": "companies", "line_item": "line_items"}


def plural(object_type: str) -> str:
    """Return the name of an object type under which the portal has it: ``company`` is ``companies``."""
    many = SINGULAR.get(object_type, f"{object_type}s")
    return many if many in PROPERTIES else object_type
