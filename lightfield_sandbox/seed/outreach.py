"""Seeds senders, sequences, their enrollments and their messages."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.schema.ids import IdSource
from lightfield_sandbox.schema.resources import BY_OBJECT_TYPE
from lightfield_sandbox.schema.timestamps import iso, parse_ms
from lightfield_sandbox.seed import outreach_words, words
from lightfield_sandbox.seed.builder import DAY, FIRST_DAY, LAST_DAY
from lightfield_sandbox.store.outreach import ENROLLMENT, MESSAGE, SENDER, SEQUENCE, document_record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightfield_sandbox.settings import Settings
    from lightfield_sandbox.store.outreach import Json
    from lightfield_sandbox.store.records import Record

_HOUR = DAY // 24
_PACING = {"EMAIL": (40, 90, 400), "LINKEDIN_INVITE": (20, 300, None), "LINKEDIN_MESSAGE": (25, 120, 900)}
_HEALTH = (("HEALTHY", None), ("UNVERIFIED", "NOT_CHECKED"), ("UNHEALTHY", "BOUNCE_THRESHOLD"))

# The statuses that enrollments get in turn, each with the status of the last message.
_STATUSES = (
    ("ACTIVE", "SCHEDULED"), ("REPLIED", "SENT"), ("COMPLETED", "SENT"), ("ACTIVE", "QUEUED"),
    ("AWAITING_REVIEW", "AWAITING_REVIEW"), ("CANCELLED", "CANCELLED"), ("PAUSED", "SCHEDULED"),
    ("NEEDS_ATTENTION", "FAILED"), ("FAILED", "FAILED"), ("COMPLETED", "SKIPPED"),
)  # fmt: skip
_FINAL = frozenset(("REPLIED", "COMPLETED", "CANCELLED", "FAILED"))
# What may happen to a sent message: the time that it sets, its `lastActivityKind`, its chance.
_REACTIONS = {
    "EMAIL": (("bouncedAt", "BOUNCED", 0.05), ("openedAt", "OPENED", 0.5)),
    "LINKEDIN_MESSAGE": (("readAt", "SEEN", 0.6),),
    "LINKEDIN_INVITE": (("acceptedAt", "CONNECTED", 0.5),),
}
_OUTBOUND_TIMES = ("sentAt", "openedAt", "readAt", "repliedAt", "bouncedAt", "acceptedAt")


def seed_outreach(settings: Settings) -> Iterator[Record]:
    """Every sequence, sender, enrollment and sequence message of a fresh workspace."""
    return _Seed(settings).records()


class _Seed:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._ids = IdSource(settings.seed, "outreach")
        self._random = random.Random(f"{settings.seed}:values:outreach").random
        self._held = {kind: self._ids_of(kind) for kind in ("member", "contact", "email", "message")}

    def records(self) -> Iterator[Record]:
        senders = [self._sender(number) for number in range(self._settings.count(SENDER))]
        sequences = [self._sequence(number, senders) for number in range(self._settings.count(SEQUENCE))]
        yield from (document_record(SENDER, sender) for sender in senders)
        yield from (document_record(SEQUENCE, sequence) for sequence in sequences)
        published = [sequence for sequence in sequences if sequence["definition"]]
        for number in range(self._settings.count(ENROLLMENT)):
            # Most go to one sequence, so that its lists have several pages.
            sequence = published[0 if number % 3 else number // 3 % len(published)]
            yield from self._enrolled(number, sequence)

    def _ids_of(self, object_type: str) -> list[str]:
        """The ids that the seed gives the records of a type."""
        ids = IdSource(self._settings.seed, f"records:{object_type}")
        prefix = BY_OBJECT_TYPE[object_type].prefix
        return [ids.new(prefix) for _ in range(self._settings.count(object_type))]

    def _one(self, object_type: str, number: int) -> str | None:
        held = self._held[object_type]
        return held[number % len(held)] if held else None

    def _sender(self, number: int) -> Json:
        is_email = number % 2 == 0
        first, last = words.MEMBERS[number % len(words.MEMBERS)]
        address = f"{first}.{number}@{words.COMPANY_DOMAIN}".lower()
        uses_smtp = number % 4 == 2
        health, reason = _HEALTH[number % len(_HEALTH)]
        created = FIRST_DAY + int(self._random() * 300 * DAY)
        paced = [name for name in _PACING if (name == "EMAIL") == is_email]
        return {
            "id": self._ids.new("snd_"),
            "objectType": "sender",
            "channel": "EMAIL" if is_email else "LINKEDIN",
            "createdAt": iso(created),
            "archivedAt": iso(created + 400 * DAY) if number % 5 == 4 else None,
            "emailAddress": address if is_email else None,
            "replyToAddress": f"{last}@{words.COMPANY_DOMAIN}".lower() if uses_smtp else None,
            "transport": ("SMTP" if uses_smtp else "OAUTH") if is_email else None,
            "health": health,
            "healthReason": reason,
            "owner": self._one("member", number),
            "pacing": {
                name: dict(zip(("dailyLimit", "minGapSeconds", "maxGapSeconds"), _PACING[name], strict=True))
                for name in paced
            },
        }

    def _sequence(self, number: int, senders: list[Json]) -> Json:
        name, status, steps = outreach_words.SEQUENCES[number % len(outreach_words.SEQUENCES)]
        created = FIRST_DAY + int((0.4 + 0.3 * self._random()) * (LAST_DAY - FIRST_DAY))
        activated = created + int(self._random() * 3 * DAY)
        made = [self._step(step) for step in steps]
        channels = {"EMAIL" if step["type"] == "EMAIL" else "LINKEDIN" for step in made if "mode" in step}
        return {
            "id": self._ids.new("seq_"),
            "objectType": "sequence",
            "name": name if number < len(outreach_words.SEQUENCES) else f"{name} {number}",
            "status": status,
            "createdAt": iso(created),
            "firstActivatedAt": iso(activated) if made else None,
            "lastActivatedAt": iso(activated + number * DAY) if made else None,
            "channels": sorted(channels),
            "definition": {**outreach_words.FRAME, "steps": made} if made else None,
            "reviewers": [{"id": id_, "objectType": "member"} for id_ in self._held["member"][:number]],
            "senders": [
                {"id": sender["id"], "objectType": "sender"}
                for sender in senders
                if sender["channel"] in channels
            ],
        }

    def _step(self, step: Json) -> Json:
        return {"id": self._ids.new("stp_"), **step}

    def _enrolled(self, number: int, sequence: Json) -> Iterator[Record]:
        """An enrollment, and its messages up to the step that its status says."""
        status, last_status = _STATUSES[number % len(_STATUSES)]
        steps = [step for step in sequence["definition"]["steps"] if "mode" in step]
        reached = len(steps) if status == "COMPLETED" else 1 + number // len(_STATUSES) % len(steps)
        first = parse_ms(sequence["firstActivatedAt"])
        enrolled = first + int(self._random() * (LAST_DAY - first - 60 * DAY))
        enrollment: Json = {
            "id": self._ids.new("enl_"),
            "contactId": self._one("contact", number)
            or self._ids.new("con_"),  # else: a contact that has been deleted
            "enrolledAt": iso(enrolled),
            "enrolledBy": self._one("member", number) if number % 4 else None,
            "status": status,
            "currentStepId": None if status in _FINAL else steps[reached - 1]["id"],
            "remainingSends": 0 if status in _FINAL else len(steps) - reached + 1,
            "nextSendAt": None,
            **dict.fromkeys(
                ("cancelledAt", "completedAt", "lastActivityAt", "lastActivityKind", "repliedAt")
            ),
        }
        at = enrolled
        for place, step in enumerate(steps[:reached]):
            at += int((0.5 + self._random() * 5) * DAY)
            message_status = last_status if place == reached - 1 else "SENT"
            replies = status == "REPLIED" and place == reached - 1
            yield from self._messages(sequence, enrollment, step, message_status, at, replies=replies)
        if last_status == "SCHEDULED" and status == "ACTIVE":
            enrollment["nextSendAt"] = iso(at + DAY)
        ending = {"COMPLETED": "completedAt", "CANCELLED": "cancelledAt"}.get(status)
        if ending:
            enrollment[ending] = iso(at + 2 * DAY)
        yield document_record(ENROLLMENT, enrollment, sequence["id"])

    def _messages(
        self, sequence: Json, enrollment: Json, step: Json, status: str, at: int, *, replies: bool
    ) -> Iterator[Record]:
        shared: Json = {
            "channel": "EMAIL" if step["type"] == "EMAIL" else "LINKEDIN",
            "contactId": enrollment["contactId"],
            "enrollmentId": enrollment["id"],
            "sequenceStepId": step["id"],
            "sequenceStepType": step["type"],
        }
        message: Json = {
            "id": self._ids.new("sqm_"),
            **shared,
            "direction": "OUTBOUND",
            "createdAt": iso(at),
            "status": status,
            "statusChangedAt": iso(at + _HOUR),
            "reference": None,
            "content": self._content(step),
            **dict.fromkeys(_OUTBOUND_TIMES),
        }
        if status == "SENT":
            message["sentAt"] = iso(at + _HOUR)
            message["reference"] = self._reference(shared["channel"])
            kinds = ("INVITED" if step["type"] == "LINKEDIN_INVITE" else "SENT", at + _HOUR)
            for place, (name, kind, chance) in enumerate(_REACTIONS[step["type"]], start=1):
                if self._random() < chance:
                    message[name] = iso(at + (1 + place * 5) * _HOUR)
                    kinds = (kind, at + (1 + place * 5) * _HOUR)
            enrollment["lastActivityKind"], enrollment["lastActivityAt"] = kinds[0], iso(kinds[1])
        if replies:
            received = iso(at + DAY)
            message["repliedAt"] = enrollment["repliedAt"] = enrollment["lastActivityAt"] = received
            enrollment["lastActivityKind"] = "REPLIED"
            reply = {
                "id": self._ids.new("sqm_"),
                **shared,
                "direction": "INBOUND",
                "createdAt": received,
                "receivedAt": received,
                "reference": self._reference(shared["channel"]),
                "content": {
                    "body": "Sounds good 👍",
                    "subject": "Re: hello" if step["type"] == "EMAIL" else None,
                },
            }
            yield document_record(MESSAGE, reply, sequence["id"])
        yield document_record(MESSAGE, message, sequence["id"])

    def _content(self, step: Json) -> Json | None:
        if self._random() < 0.05:
            return None  # the email or message behind it has been deleted
        subject: Any = words.EMAIL_SUBJECTS[int(self._random() * len(words.EMAIL_SUBJECTS))]
        has_body = step.get("includeNote", True)
        body = outreach_words.BODIES[int(self._random() * len(outreach_words.BODIES))]
        return {"body": body if has_body else None, "subject": subject if step["type"] == "EMAIL" else None}

    def _reference(self, channel: str) -> Json | None:
        object_type = "email" if channel == "EMAIL" else "message"
        found = self._one(object_type, int(self._random() * 1000))
        return {"id": found, "objectType": object_type} if found else None
