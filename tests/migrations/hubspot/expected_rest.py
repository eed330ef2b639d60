"""What of the recorded feed does not arrive: every record and every value, and what is said of it."""

from __future__ import annotations

# Waits: a deal of which no row names the company, a task of somebody who is no member.
WAITING = {("deals", "9004"), ("tasks", "74")}
# An empty note, a meeting that was called off, an email that came back.
SKIPPED = {("notes", "54"), ("meetings", "84"), ("emails", "94")}
REJECTED: set[tuple[str, str]] = set()
# In the plan, to be invited; it owns a company and a deal.
MISSING_MEMBERS = {"left.long-ago@harbor.example"}

# Whole records that Lightfield has no place for, by stream.
NOT_CARRIED = {
    "leads": 1, "line_items": 2, "products": 1, "quotes": 1, "tickets": 1, "ticket_pipelines": 1,
    "goal_targets": 1,
    "feedback_submissions": 1, "email_subscriptions": 1, "users": 1, "teams": 1,
}  # fmt: skip

# stream, key, source's column, value, kind (LeftOverKind). An option is told by its label where it has
# one, and of a text with several values each is told alone.
LEFT_OVER: set[tuple[str, str, str, str, str]] = {
    ("companies", "8100001", "annualrevenue", "12500000", "no_field"),
    ("companies", "8100001", "description", "Arms for warehouses", "no_field"),
    ("companies", "8100001", "type", "Prospect", "no_field"),
    ("companies", "8100001", "lifecyclestage", "Customer", "no_field"),
    ("companies", "8100001", "founded_year", "2011", "no_field"),
    # Of the companies' own "Buyer profile", not of the contacts' "Persona".
    ("companies", "8100001", "persona_type", "champion", "no_field"),
    ("companies", "8100002", "industry", "Museums and Institutions", "no_option"),
    ("companies", "8100002", "tier__c", "Strategic", "no_option"),
    ("companies", "8100003", "account_tags", "Other; see notes", "no_option"),
    ("companies", "8100003", "hs_lead_status", "Open Deal", "no_field"),
    ("companies", "8100004", "domain", "kestrel-robotics.example", "taken"),
    ("companies", "8100005", "phone", "(none)", "bad_value"),
    ("companies", "8100006", "favourite_colour", "teal", "no_field"),
    ("contacts", "501", "salutation", "Mme", "not_carried"),
    ("contacts", "501", "topics_of_interest", "Legal, DPA", "no_option"),
    ("contacts", "501", "hubspot_owner_id", "70010002", "no_field"),
    ("contacts", "501", "lifecyclestage", "Customer", "no_field"),
    ("contacts", "501", "Lead label", "HOT", "no_field"),  # by a link: the column is Lightfield's
    ("contacts", "502", "tshirt_size", "XL", "no_field"),
    ("contacts", "503", "email", "not an address", "bad_value"),
    ("contacts", "503", "phone", "(none)", "bad_value"),
    ("contacts", "504", "company", "Old Harbor Ltd", "no_field"),
    ("contacts", "504", "website", "old-harbor.example", "no_field"),
    ("contacts", "504", "hubspot_owner_id", "70010099", "no_field"),
    ("contacts", "505", "", "", "incomplete"),
    ("deals", "9001", "dealtype", "New Business", "no_field"),
    ("deals", "9001", "hs_priority", "High", "no_field"),
    ("deals", "9001", "description", "Two sites", "no_field"),
    ("deals", "9001", "competitors", "None", "no_option"),
    # Without a currency it is in dollars, the field is in euros, and nobody gave a rate.
    ("deals", "9001", "discount", "500", "no_rate"),
    ("deals", "9001", "hs_all_collaborator_owner_ids", "70010001;70010003", "no_field"),
    ("deals", "9002", "amount", "950000", "no_rate"),
    ("deals", "9005", "dealstage", "99999999", "no_stage"),
    ("notes", "51", "hs_attachment_ids", "24332474034;24332474044", "not_carried"),
    ("notes", "52", "hubspot_owner_id", "70010099", "no_record"),
    ("tasks", "71", "hs_task_priority", "HIGH", "no_column"),
    ("tasks", "71", "hs_task_type", "EMAIL", "no_column"),
    ("tasks", "72", "hs_task_completion_date", "2026-01-21T09:15:00Z", "no_column"),
    ("tasks", "73", "task_company_associations", "8100003", "other_link"),
    ("emails", "91", "hs_attachment_ids", "24332474055", "not_carried"),
    ("p4242424_subscriptions", "6002", "plan", "gold", "no_option"),
}
