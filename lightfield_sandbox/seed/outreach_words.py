"""The names, steps and texts of the seeded sequences."""

from __future__ import annotations

from typing import Any

Step = dict[str, Any]


def _agent(step_type: str, name: str, **more: Any) -> Step:
    return {
        "type": step_type, "mode": "AGENT", "deliveryMode": "FOR_REVIEW", "name": name,
        "prompt": "Two sentences, no flattery; mention what they shipped last.", **more,
    }  # fmt: skip


def _template(step_type: str, name: str, template: dict[str, str], **more: Any) -> Step:
    return {
        "type": step_type, "mode": "TEMPLATE", "deliveryMode": "AUTO", "name": name, "template": template,
        **more,
    }  # fmt: skip


def _wait(duration: int, unit: str = "DAY", step_type: str = "WAIT") -> Step:
    return {"type": step_type, "duration": duration, "unit": unit}


# Name, status and published steps; a draft has none.
SEQUENCES: tuple[tuple[str, str, tuple[Step, ...]], ...] = (
    (
        "Warehouse outreach",
        "ACTIVE",
        (
            _agent("EMAIL", "Opener"),
            _wait(3),
            _template(
                "EMAIL",
                "Follow-up",
                {
                    "subject": "Re: a thought",
                    "body": 'Hi {{ coalesce({first_name}, "there") }},\n\n**any** news?',
                },
            ),
        ),
    ),
    (
        "Événement Paris 🚀",
        "DEACTIVATED",
        (
            _agent("LINKEDIN_INVITE", "Invite", includeNote=False),
            _wait(14, step_type="WAIT_FOR_CONNECTION"),
            _template("LINKEDIN_MESSAGE", "Bonjour", {"body": "Bonjour {{ {first_name} }} !"}),
            _agent("EMAIL", "Last try"),
        ),
    ),
    ("Never published", "DRAFT", ()),
    (
        "LinkedIn only",
        "ACTIVE",
        (
            _template("LINKEDIN_INVITE", "Note", {"body": "Met at the fair?"}, includeNote=True),
            _wait(90, "MINUTE"),
            _agent("LINKEDIN_MESSAGE", "Nudge"),
        ),
    ),
)

FRAME: dict[str, Any] = {
    "description": "Reach operations leads.",
    "messaging": {
        "callToAction": "Book a call",
        "persona": "Head of operations",
        "trigger": None,
        "valueProp": "Half the typing",
    },
    "pacing": {
        "EMAIL": {"dailyLimit": 80},
        "LINKEDIN_INVITE": {"dailyLimit": None},
        "LINKEDIN_MESSAGE": {"dailyLimit": 25},
    },
    "priority": "NORMAL",
    "sendWindow": {"daysOfWeek": [1, 2, 3, 4, 5], "startHour": 8, "endHour": 18, "timezone": "Europe/Berlin"},
}

BODIES = (
    "Hi,\n\nsaw the new warehouse. Worth ten minutes?\n\nAda",
    "Guten Tag, haben Sie Dienstag Zeit?",
    "どうぞよろしく",
)
