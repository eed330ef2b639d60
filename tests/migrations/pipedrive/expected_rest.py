"""What of the recorded feed does not arrive: every record and every value, and what is said of it."""

from __future__ import annotations

from tests.migrations.pipedrive.fields import (
    COLOUR,
    COMPETITORS,
    HOURS,
    INTERESTS,
    MANAGER,
    PERIOD,
    PILOT,
    TAGS,
)

# Waits: a task of somebody who is no member.
WAITING = {("activities", "45")}
# Deleted in Pipedrive, with `delete_mode: ignore`.
SKIPPED = {("deals", "28"), ("notes", "53")}
REJECTED: set[tuple[str, str]] = set()
# In the plan, to be invited; owns an organization, a deal and a task.
MISSING_MEMBERS = {"left.long-ago@harbor.example"}

# Whole records that Lightfield has no place for, by stream.
NOT_CARRIED = {
    "files": 1, "products": 1, "deal_products": 1, "dealflow": 1, "filters": 1, "currency": 2,
}  # fmt: skip

# stream, key, source's column, value, kind (LeftOverKind). An option is told by its label where it has one.
LEFT_OVER: set[tuple[str, str, str, str, str]] = {
    ("organizations", "1", "annual_revenue", "12500000.0", "no_field"),
    ("organizations", "1", TAGS, "['91', '93']", "no_field"),
    ("organizations", "1", PERIOD, "{'value': '2027-01-01', 'until': '2027-03-31'}", "no_field"),
    ("organizations", "1", HOURS, "{'value': '08:30:00', 'until': '17:00:00'}", "no_field"),
    ("organizations", "1", MANAGER, "102", "no_field"),
    ("organizations", "1", "address", "Kreuzberg", "bad_value"),
    ("organizations", "2", "industry", "9", "no_option"),
    ("organizations", "2", "visible_to", "Owner", "no_field"),
    ("organizations", "4", "website", "http://kestrel-robotics.example/de/", "taken"),
    ("organizations", "5", TAGS, "['95']", "no_field"),
    ("organizations", "5", "label_ids", "3", "no_option"),
    ("persons", "11", "birthday", "1984-02-29", "no_field"),
    ("persons", "11", "im", "maelle.kestrel", "no_field"),
    ("persons", "11", "label_ids", "['11']", "no_field"),
    ("persons", "11", "picture_id", "7001", "not_carried"),
    ("persons", "11", INTERESTS, "62", "no_option"),
    *(("persons", str(id_), "owner_id", "102", "not_carried") for id_ in range(11, 16)),
    ("persons", "13", "phones", "(none)", "bad_value"),
    ("persons", "15", "emails", "jonas.weber@kestrel-robotics.example", "taken"),
    ("deals", "21", "label_ids", "['Renewal']", "no_field"),
    ("deals", "21", "arr", "1200", "no_field"),
    ("deals", "21", "channel", "Trade fair", "no_field"),
    ("deals", "21", "channel_id", "fair-2026", "no_field"),
    ("deals", "21", PILOT, "{'value': '2026-10-01', 'until': '2026-10-31'}", "no_field"),
    ("deals", "21", COLOUR, "41", "no_field"),
    ("deals", "21", COMPETITORS, "None", "no_option"),
    ("deals", "22", "value", "950000.0", "no_rate"),
    ("deals", "24", "", "", "incomplete"),
    ("deals", "25", "", "", "incomplete"),
    ("deals", "27", "visible_to", "Owner", "no_field"),
    ("deals", "30", "stage_id", "On hold", "no_stage"),
    ("activities", "31", "priority", "101", "not_carried"),
    # Lightfield tells what a meeting belongs to by its attendees.
    ("activities", "33", "deal_id", "21", "no_column"),
    ("activities", "33", "org_id", "1", "no_column"),
    ("activities", "44", "lead_id", "adf21080-0e10-11eb-879b-05d71fb426ec", "not_carried"),
    # Nobody has an address of this guest of a meeting.
    ("activities", "46", "participants", "14", "no_record"),
}
