"""The `performance` of a sequence, counted from its messages and enrollments."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from lightfield_sandbox.store.outreach import Json

# By type of step: the counts, and which time of a message says that it counts.
_COUNTED: Mapping[str, Mapping[str, str]] = {
    "EMAIL": {"sent": "sentAt", "bounced": "bouncedAt", "opened": "openedAt", "replied": "repliedAt"},
    "LINKEDIN_MESSAGE": {"sent": "sentAt", "read": "readAt", "replied": "repliedAt"},
    "LINKEDIN_INVITE": {"sent": "sentAt", "accepted": "acceptedAt", "replied": "repliedAt"},
    "WAIT": {},
    "WAIT_FOR_CONNECTION": {},
}
# By type of step: the rates, each with the count that is divided and the one that divides.
_RATES: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "EMAIL": {
        "bounceRate": ("bounced", "sent"),
        "openRate": ("opened", "delivered"),
        "replyRate": ("replied", "delivered"),
    },
    "LINKEDIN_MESSAGE": {"readRate": ("read", "sent"), "replyRate": ("replied", "sent")},
    "LINKEDIN_INVITE": {"acceptanceRate": ("accepted", "sent"), "replyRate": ("replied", "sent")},
}


def performance(sequence: Json, enrollments: Sequence[Json], messages: Sequence[Json]) -> Json:
    """The numbers by step, in the order of the published steps, and by type of step.

    Args:
        sequence: The sequence's document.
        enrollments: Those of the sequence.
        messages: Those of the sequence, in both directions.
    """
    types = {step["id"]: step["type"] for step in (sequence.get("definition") or {}).get("steps", ())}
    outbound = [message for message in messages if message["direction"] == "OUTBOUND"]
    # A step that is no longer in the published definition counts if it has sent something.
    for message in outbound:
        if message["sentAt"] is not None:
            types.setdefault(message["sequenceStepId"], message["sequenceStepType"])
    current = Counter(enrollment["currentStepId"] for enrollment in enrollments)

    def numbers(step_type: str, steps: Collection[str]) -> Json:
        meant = [message for message in outbound if message["sequenceStepId"] in steps]
        counts = {
            name: sum(message[time] is not None for message in meant)
            for name, time in _COUNTED[step_type].items()
        }
        if step_type == "EMAIL":
            counts["delivered"] = max(counts["sent"] - counts["bounced"], 0)
        rates = {
            name: counts[part] / counts[whole] if counts[whole] else None
            for name, (part, whole) in _RATES.get(step_type, {}).items()
        }
        return {**counts, **rates, "currentEnrollments": sum(current[step] for step in steps)}

    return {
        "byStepType": {
            kind: numbers(kind, {step for step, of in types.items() if of == kind}) for kind in _COUNTED
        },
        "perStep": [
            {"sequenceStepId": step, "sequenceStepType": kind, **numbers(kind, {step})}
            for step, kind in types.items()
        ],
    }
