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

from benchmarks.campaign.columns import MOMENT, NEEDED, ROWS

Json = dict[str, Any]
Row = tuple[str, Json]

KEYS = {"list_members": ("list_id", "object_type", "record_id")}
STREAMS = tuple(ROWS)
_DELETABLE = ("contacts", "tasks", "notes", "object_subscription")
_LISTED = {"account": "accounts", "contact": "contacts", "opportunity": "opportunities"}
_NEVER = "k99999"


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
        self._seed, self.members, self.character = seed, members, character
        chance = random.Random(seed)
        self.keys: dict[str, list[str]] = {}
        marks = iter(range(10_000))
        for stream in STREAMS:
            count = chance.randint(character.size // 2, character.size + character.size // 2)
            self.keys[stream] = [f"k{next(marks)}" for _ in range(count)]
        self.newest = 0
        self.ambiguous = self.keys["accounts"][3]
        self.list_types = {key: chance.choice(list(_LISTED)) for key in self.keys["lists"]}
        files.mkdir(exist_ok=True)
        for key in self.keys["files"]:
            (files / f"{key}.txt").write_text(f"Content {key}")

    def row(self, stream: str, key: str, generation: int) -> Json:
        """The row as it is in a generation."""
        still = random.Random(f"{self._seed}:{stream}:{key}")
        version = 0
        if self.character.changes:
            version = max(
                (g for g in range(1, generation + 1) if self._chance(stream, key, g) < 0.5), default=0
            )
        moving = random.Random(f"{self._seed}:{stream}:{key}:{version}")
        row: Json = {"id": key, **ROWS[stream](self, key, f"{key} v{version}", still, moving)}
        row = {k: v for k, v in row.items() if k in NEEDED[stream] or still.random() < 0.8}
        if self.deleted(stream, key, generation):
            row["_sdc_deleted_at"] = MOMENT.format(6, 1)
        return row

    def deleted(self, stream: str, key: str, generation: int) -> bool:
        """Whether the source has deleted a row by then; once it has, it stays so."""
        if not self.character.deletions or stream not in _DELETABLE:
            return False
        return any(self._chance(stream, key, -g) < 0.15 for g in range(1, generation + 1))

    def _chance(self, *parts: object) -> float:
        return random.Random(f"{self._seed}:{parts}").random()

    def rows(self, generation: int) -> list[Row]:
        """All rows of a generation in random order; some come in an earlier version before."""
        self.newest = generation
        chance = random.Random(f"{self._seed}:order:{generation}")
        found = [
            (stream, self.row(stream, key, generation)) for stream in STREAMS for key in self.keys[stream]
        ]
        found += [("members", {"id": f"m{n}", "email": email}) for n, email in enumerate(self.members)]
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
        for key, kind in self.list_types.items():
            moving = self.character.exact_links and self.character.changes
            if self.character.deletions and _LISTED[kind] in _DELETABLE:
                moving = False  # of a list of which rows wait, nobody is removed
            chance = random.Random(f"{self._seed}:members:{key}:{generation if moving else 0}")
            sure = self.sure(_LISTED[kind])
            on_it = chance.sample(sure, k=min(4, len(sure)))
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
        return first if self.character.deletions and stream in _DELETABLE else then

    def sure(self, stream: str) -> list[str]:
        """The keys of the rows that come, whatever the settings: not of the account that could be two."""
        return [key for key in self.keys[stream] if key != self.ambiguous]

    def many(self, stream: str, still: random.Random, moving: random.Random) -> list[str]:
        """References of a relationship to many."""
        chance = moving if self.character.exact_links else still
        return chance.choices([*self.keys[stream], _NEVER], k=chance.randint(0, 4))

    def member(self, chance: random.Random) -> str:
        """A member, by the email or by the key of the source."""
        n = chance.randrange(len(self.members))
        return chance.choice((self.members[n], f"m{n}"))


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
    """The messages of rows, with states in between that say how many have come.

    The last one says, as tap-lightfield does, that who is on the lists is told whole.
    """
    found: list[Json] = schemas(rows)
    for n, (stream, row) in enumerate(rows, 1):
        found.append({"type": "RECORD", "stream": stream, "record": row})
        if n == len(rows):
            found.append({"type": "STATE", "value": last_state(rows, generation)})
        elif n % state_every == 0:
            found.append({"type": "STATE", "value": {"generation": generation, "rows": n}})
    return found


def last_state(rows: list[Row], generation: int) -> Json:
    """The state behind all of the rows."""
    on_lists = sum(stream == "list_members" for stream, _ in rows)
    complete = {"list_members": {"complete": {"rows": on_lists}}}
    return {"generation": generation, "rows": len(rows), "bookmarks": complete}
