"""A source of rows of every stream that the target writes, which changes from generation to generation.

What a generation ends in depends on it alone, not on what came before it: only so can a load that was
killed in the middle of the one before be compared. So columns are absent from a row in all generations or
in none, links only change where the settings say that a row's links are all (or the relationship has one),
and emails, files and what identifies a record stay.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Row = tuple[str, Json]

KEYS = {"list_members": ("list_id", "object_type", "record_id")}
STREAMS = ("accounts", "contacts", "opportunities", "tasks", "notes", "meetings", "emails", "files", "lists",
           "object_subscription", "object_office-location")  # fmt: skip
_DELETABLE = ("contacts", "tasks", "notes", "object_subscription")
_LISTED = {"account": "accounts", "contact": "contacts", "opportunity": "opportunities"}
_NEVER = "k99999"
_MOMENT = "2024-0{}-1{}T10:00:00Z"


@dataclass(frozen=True)
class Character:
    """What the settings of the target let a feed do.

    Attributes:
        size: How many rows a stream has, about.
        exact_links: Links that a row lacks are removed.
        deletions: Rows are deleted in the source, and their records trashed.
        changes: Rows change from one generation to the next.
    """

    size: int = 12
    exact_links: bool = False
    deletions: bool = False
    changes: bool = True


class Source:
    """The source of a round. Marks are unique over all streams.

    Args:
        members: The emails of the workspace's members, sorted.
        files: The folder that files are uploaded from.
    """

    def __init__(self, seed: str, members: list[str], files: Path, character: Character) -> None:
        self._seed, self._members, self._character = seed, members, character
        chance = random.Random(seed)
        self.keys: dict[str, list[str]] = {}
        marks = iter(range(10_000))
        for stream in STREAMS:
            count = chance.randint(character.size // 2, character.size + character.size // 2)
            self.keys[stream] = [f"k{next(marks)}" for _ in range(count)]
        self.ambiguous = self.keys["accounts"][3]
        self._list_types = {key: chance.choice(list(_LISTED)) for key in self.keys["lists"]}
        files.mkdir(exist_ok=True)
        for key in self.keys["files"]:
            (files / f"{key}.txt").write_text(f"Content {key}")

    def row(self, stream: str, key: str, generation: int) -> Json:
        """The row as it is in a generation."""
        still = random.Random(f"{self._seed}:{stream}:{key}")
        version = 0
        if self._character.changes:
            version = max(
                (g for g in range(1, generation + 1) if self._chance(stream, key, g) < 0.5), default=0
            )
        moving = random.Random(f"{self._seed}:{stream}:{key}:{version}")
        row: Json = {"id": key, **_ROWS[stream](self, key, f"{key} v{version}", still, moving)}
        row = {k: v for k, v in row.items() if k in _NEEDED[stream] or still.random() < 0.8}
        if self.deleted(stream, key, generation):
            row["_sdc_deleted_at"] = _MOMENT.format(6, 1)
        return row

    def deleted(self, stream: str, key: str, generation: int) -> bool:
        """Whether the source has deleted a row by then; once it has, it stays so."""
        if not self._character.deletions or stream not in _DELETABLE:
            return False
        return any(self._chance(stream, key, -g) < 0.15 for g in range(1, generation + 1))

    def _chance(self, *parts: object) -> float:
        return random.Random(f"{self._seed}:{parts}").random()

    def rows(self, generation: int) -> list[Row]:
        """All rows of a generation in random order; some come in an earlier version before."""
        chance = random.Random(f"{self._seed}:order:{generation}")
        found = [
            (stream, self.row(stream, key, generation)) for stream in STREAMS for key in self.keys[stream]
        ]
        found += [("members", {"id": f"m{n}", "email": email}) for n, email in enumerate(self._members)]
        found += self._memberships(generation)
        if chance.random() < 0.5:
            chance.shuffle(found)
        else:
            order = dict.fromkeys([stream for stream, _ in found])
            places = {stream: chance.random() for stream in order}
            found.sort(key=lambda row: places[row[0]])
        for stream, row in chance.choices(found, k=len(found) // 10):
            if generation and stream in STREAMS and not self.deleted(stream, row["id"], generation):
                at = chance.randint(0, next(i for i, (s, r) in enumerate(found) if s == stream and r is row))
                found.insert(at, (stream, self.row(stream, row["id"], generation - 1)))
        return found

    def _memberships(self, generation: int) -> list[Row]:
        found: list[Row] = []
        for key, kind in self._list_types.items():
            moving = self._character.exact_links and self._character.changes
            if self._character.deletions and _LISTED[kind] in _DELETABLE:
                moving = False  # of a list of which rows wait, nobody is removed
            chance = random.Random(f"{self._seed}:members:{key}:{generation if moving else 0}")
            on_it = chance.sample(self.sure(_LISTED[kind]), k=4)
            found += [("list_members", {"list_id": key, "object_type": kind, "record_id": r}) for r in on_it]
        return found

    # What the columns of each stream hold

    def one(self, stream: str, still: random.Random, moving: random.Random) -> str:
        """The reference of a relationship to one; one in thirty to a row that never comes.

        A link waits for what never comes, and until then the one before it stays: that would depend on
        the generations before. So what may not come, or be deleted, is referred to from the start.
        """
        never, sure = still.random() < 0.03, self.sure(stream)
        first, then = still.choice(sure), moving.choice(sure)
        if never:
            return _NEVER
        return first if self._character.deletions and stream in _DELETABLE else then

    def sure(self, stream: str) -> list[str]:
        """The keys of the rows that come, whatever the settings: not of the account that could be two."""
        return [key for key in self.keys[stream] if key != self.ambiguous]

    def many(self, stream: str, still: random.Random, moving: random.Random) -> list[str]:
        """References of a relationship to many."""
        chance = moving if self._character.exact_links else still
        return chance.choices([*self.keys[stream], _NEVER], k=chance.randint(0, 4))

    def member(self, chance: random.Random) -> str:
        """A member, by the email or by the key of the source."""
        n = chance.randrange(len(self._members))
        return chance.choice((self._members[n], f"m{n}"))

    def _account(self, key: str, named: str, still: random.Random, moving: random.Random) -> Json:
        row = {
            "name": f"Account {key}",
            "website": [f"https://{key}.example"],
            "industry_labels": moving.sample(["Software", "Retail", "Energy"], k=moving.randint(0, 2)),
            "headcount": moving.choice([None, "1-10", "11-50"]),
            "primary_address": {"city": moving.choice(["Ulm", "Paris"]), "country": "DE"},
            "custom_arr": moving.choice([None, 5, 12.5, 1e6]),
            "custom_is_partner": moving.choice([True, False, None]),
            "custom_renewal_date": moving.choice([None, _MOMENT.format(3, 2)]),
            "custom_account_plan": f"# Plan {named}",
            "owner_id": self.member(moving),
            "custom_parent_as_source_id": self.one("accounts", still, moving),
            "custom_billing_contact_id": self.one("contacts", still, moving),
        }
        if not self._character.exact_links:  # else two sides of one relationship would say different things
            row["contact_ids"] = self.many("contacts", still, moving)
        return row

    def _contact(self, key: str, named: str, still: random.Random, moving: random.Random) -> Json:
        return {
            "name": {"first_name": key, "last_name": named},
            "email": [f"{key}@people.example"],
            "title": moving.choice([None, "CEO", named]),
            "custom_phone": moving.choice([None, ["+49 731 12345"], ["(415) 555-2671"]]),
            "custom_persona": moving.choice([None, "User", "Champion"]),
            "account_ids": self.many("accounts", still, moving),
        }

    def _opportunity(self, key: str, named: str, still: random.Random, moving: random.Random) -> Json:
        return {
            "name": f"Deal {key}",
            "account_id": still.choice(self.sure("accounts")),
            "stage": moving.choice(["Discovery", "Won", "Renewed"]),
            "amount": moving.choice([None, 10, 99.95]),
            "next_step": moving.choice([None, named]),
            "owner_id": self.member(moving),
            "champion_id": self.one("contacts", still, moving),
            "evaluator_ids": self.many("contacts", still, moving),
            "custom_partners_ids": self.many("accounts", still, moving),
        }

    def _task(self, key: str, named: str, still: random.Random, moving: random.Random) -> Json:
        return {
            "title": f"Task {named}",
            "status": moving.choice(["TODO", "COMPLETE"]),
            "description": moving.choice([None, f"Do {named}"]),
            "due_at": moving.choice([None, _MOMENT.format(4, 3)]),
            "assigned_to_id": self.member(moving),
            "account_id": self.one("accounts", still, moving),
            "opportunity_id": self.one("opportunities", still, moving),
        }

    def _note(self, key: str, named: str, still: random.Random, moving: random.Random) -> Json:
        return {
            "title": f"Note {named}",
            "content": moving.choice([None, f"*{named}*"]),
            "account_ids": self.many("accounts", still, moving),
            "contact_ids": self.many("contacts", still, moving),
            "opportunity_ids": self.many("opportunities", still, moving),
            "meeting_ids": self.many("meetings", still, moving),
        }

    def _meeting(self, key: str, named: str, still: random.Random, moving: random.Random) -> Json:
        return {
            "title": f"Meeting {key}",
            "start_date": _MOMENT.format(5, 1),
            "end_date": _MOMENT.format(5, 2),
            "description": f"About {key}",
            "attendee_emails": [f"{key}@guests.example"],
            "post_meeting_summary": f"We agreed {named}",
            "meeting_prep": f"Read {named}",
            "transcript_id": still.choice(self.keys["files"]),
        }

    def _email(self, key: str, _: str, still: random.Random, __: random.Random) -> Json:
        return {
            "subject": f"Email {key}",
            "from": still.choice(self._members),
            "to": [f"{key}@guests.example"],
            "sent_at": _MOMENT.format(2, 1),
            "body_text": f"Dear {key}",
            "message_id": f"<{key}@guests.example>",
        }

    def _file(self, key: str, *_: object) -> Json:
        return {"file_path": f"{key}.txt"}

    def _list(self, key: str, named: str, *_: object) -> Json:
        return {"name": f"List {key}", "object_type": self._list_types[key], "description": f"Of {named}"}

    def _subscription(self, key: str, named: str, still: random.Random, moving: random.Random) -> Json:
        return {
            "name": f"Plan {key}",
            "custom_plan": moving.choice(["Starter", "Team"]),
            "custom_seats": moving.randint(1, 500),
            "custom_terms": f"As of {named}",
            "custom_account_id": self.one("accounts", still, moving),
            "custom_billing_contacts_ids": self.many("contacts", still, moving),
            "custom_offices_ids": self.many("object_office-location", still, moving),
        }

    def _office(self, key: str, named: str, still: random.Random, moving: random.Random) -> Json:
        return {
            "name": f"Office {key}",
            "custom_desks": moving.randint(1, 500),
            "custom_site_code": f"site {key}",
            "custom_manager": {"first_name": "Ann", "last_name": named},
            "custom_company_id": still.choice(self.sure("accounts")),
        }


_ROWS: dict[str, Any] = {
    "accounts": Source._account,
    "contacts": Source._contact,
    "opportunities": Source._opportunity,
    "tasks": Source._task,
    "notes": Source._note,
    "meetings": Source._meeting,
    "emails": Source._email,
    "files": Source._file,
    "lists": Source._list,
    "object_subscription": Source._subscription,
    "object_office-location": Source._office,
}
_NEEDED = {stream: {"id", "name", "title", "subject"} for stream in STREAMS}
_NEEDED["contacts"] |= {"email"}
_NEEDED["opportunities"] |= {"account_id"}
_NEEDED["tasks"] |= {"status", "assigned_to_id"}
_NEEDED["meetings"] |= {"start_date", "end_date"}
_NEEDED["emails"] |= {"from", "to", "sent_at"}
_NEEDED["files"] |= {"file_path"}
_NEEDED["lists"] |= {"object_type"}
_NEEDED["object_office-location"] |= {"custom_company_id"}


def schemas(rows: list[Row]) -> list[Json]:
    """The SCHEMA messages of rows; each column takes any value."""
    columns: dict[str, Json] = {}
    for stream, row in rows:
        columns.setdefault(stream, {}).update((name, {}) for name in row)
    return [
        {"type": "SCHEMA", "stream": s, "schema": {"properties": p}, "key_properties": KEYS.get(s, ("id",))}
        for s, p in columns.items()
    ]


def records(rows: list[Row], *, state_every: int = 10_000, generation: int = 0) -> list[Json]:
    """The messages of rows, with states in between that say how many have come."""
    found: list[Json] = schemas(rows)
    for n, (stream, row) in enumerate(rows, 1):
        found.append({"type": "RECORD", "stream": stream, "record": row})
        if n % state_every == 0 or n == len(rows):
            found.append({"type": "STATE", "value": {"generation": generation, "rows": n}})
    return found
