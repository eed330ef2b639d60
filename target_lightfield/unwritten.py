"""The streams that are not written: those that never are, and what to say of one that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping

from lightfield_api.custom_objects import OBJECT_TYPES_STREAM
from target_lightfield.objects.registry import REGISTRY

READ_ONLY = frozenset(
    {
        "messages",
        "channels",
        "workflow_runs",
        "sequences",
        "sequence_steps",
        "sequence_enrollments",
        "sequence_messages",
        "sequence_performance",
        "senders",
        OBJECT_TYPES_STREAM,
        "field_definitions",
        "relationship_definitions",
        "field_options",
        "field_history",
    }
)
"""What tap-lightfield reads and nobody can write: a feed of it may have these beside the others."""

_OTHER_TAPS: Mapping[str, Mapping[str, str]] = {
    "tap-hubspot": {
        "companies": "accounts",
        "deals": "opportunities",
        "calls": "notes",
        "communications": "notes",
        "postal_mail": "notes",
        "owners": "members",
        **dict.fromkeys(
            (
                "leads", "line_items", "goal_targets", "deal_pipelines", "ticket_pipelines", "properties",
                "products", "tickets", "quotes", "feedback_submissions", "users", "teams",
                "email_subscriptions",
            ),
            "",
        ),
    },
    "tap-salesforce": {
        "Account": "accounts",
        "Contact": "contacts",
        "Opportunity": "opportunities",
        "Task": "tasks",
        "Event": "meetings",
        "Note": "notes",
        "EmailMessage": "emails",
        "User": "members",
        **dict.fromkeys(
            (
                "Lead", "Case", "Campaign", "CampaignMember", "AccountContactRelation",
                "OpportunityContactRole", "OpportunityStage", "OpportunityLineItem", "RecordType", "Group",
                "EventRelation", "ContentNote", "ContentVersion", "Attachment", "Product2",
            ),
            "",
        ),
    },
    "tap-pipedrive": {
        "organizations": "accounts",
        "persons": "contacts",
        "deals": "opportunities",
        "activities": "tasks",
        "users": "members",
        **dict.fromkeys(
            (
                "currency", "activity_types", "stages", "filters", "pipelines", "products", "dealflow",
                "deal_products", "deal_fields",
            ),
            "",
        ),
    },
}  # fmt: skip
"""What other CRMs' taps call their streams, and which of ours is meant: "" for none."""


def why_not_written(stream: str) -> str:
    """Return why a stream is ignored, to be said behind its name."""
    row = REGISTRY.get(stream)
    if row is None or row.needs is None:
        return "is not one that can be written to Lightfield"
    return f"needs the setting {row.needs[0]}, {row.needs[1]}"


def not_in_preset(stream: str, named: Collection[str]) -> str:
    """Return what is wrong with a record of a stream that a preset does not name, and what to do.

    Args:
        stream: The stream.
        named: What the preset names.
    """
    nearest = difflib.get_close_matches(stream, named, n=1, cutoff=0.5)
    return (
        f"Stream '{stream}' has records, and the preset does not name it"
        + (f" (nearest: {nearest[0]})" if nearest else "")
        + ": none of them would be written. Give it a line under streams in a preset of your own "
        f"('{stream}: ignore' leaves it out), deselect it in the tap, or set unknown_streams to ignore: then "
        "such records are counted as skipped."
    )


def unknown_stream(stream: str) -> str:
    """Return what is wrong with a record of a stream that nobody knows, and what to do."""
    taps = [tap for tap, streams in _OTHER_TAPS.items() if stream in streams]
    # Two taps with one name for it mean the same of ours.
    meant = next((ours for tap in taps if (ours := _OTHER_TAPS[tap][stream])), "")
    nearest = difflib.get_close_matches(stream.casefold(), REGISTRY, n=1, cutoff=0.5)
    said = [
        f"Stream '{stream}' has records, and is none that target-lightfield knows"
        + (f" (nearest: {meant or nearest[0]})" if meant or nearest else "")
        + ": none of them would be written."
    ]
    if meant:
        said.append(
            f"It holds the {meant} of {' and '.join(taps)}: make it that stream, and its columns "
            f"Lightfield's, with "
            f'stream_maps, {{"{stream}": {{"__alias__": "{meant}", …}}}}.'
        )
    elif taps:
        said.append(
            f"It is one of {' and '.join(taps)}, and nothing in Lightfield is like it: deselect it in the "
            f'tap, or take it out with stream_maps, {{"{stream}": null}}.'
        )
    else:
        said.append("Rename it with stream_maps, or leave it out.")
    said.append("With unknown_streams set to ignore such records are counted as skipped.")
    return " ".join(said)
