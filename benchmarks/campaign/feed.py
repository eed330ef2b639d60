"""A source of rows of every stream that the target writes, which changes from generation to generation.

What a generation ends in depends on it alone, not on what came before it: only so can a load that was
killed in the middle of the one before be compared. So columns are absent from a row in all generations or
in none, links only change where the settings say that a row's links are all (or the relationship has one),
and emails, files and what identifies a record stay.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

from benchmarks.campaign.columns import MOMENT, NEEDED, ROWS
from benchmarks.campaign.references import DELETABLE, Character, References

Json = dict[str, Any]
Row = tuple[str, Json]

KEYS = {"list_members": ("list_id", "object_type", "record_id")}
STREAMS = tuple(ROWS)
_LISTED = {"account": "accounts", "contact": "contacts", "opportunity": "opportunities"}


class Source(References):
    """The source of a round. Marks are unique over all streams.

    Args:
        members: The emails of the workspace's members, sorted.
        files: The folder that files are uploaded from.
    """

    def __init__(self, seed: str, members: list[str], files: Path, character: Character) -> None:
        chance = random.Random(seed)
        keys: dict[str, list[str]] = {}
        marks = iter(range(10_000))
        for stream in STREAMS:
            count = chance.randint(character.size // 2, character.size + character.size // 2)
            keys[stream] = [f"k{next(marks)}" for _ in range(count)]
        list_types = {key: chance.choice(list(_LISTED)) for key in keys["lists"]}
        super().__init__(members, keys, list_types, character)
        self._seed = seed
        self.newest = 0
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
        if not self.character.deletions or stream not in DELETABLE:
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
            if self.character.deletions and _LISTED[kind] in DELETABLE:
                moving = False  # of a list of which rows wait, nobody is removed
            chance = random.Random(f"{self._seed}:members:{key}:{generation if moving else 0}")
            sure = self.sure(_LISTED[kind])
            on_it = chance.sample(sure, k=min(4, len(sure)))
            found += [("list_members", {"list_id": key, "object_type": kind, "record_id": r}) for r in on_it]
        return found


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
    """The state after all of the rows."""
    on_lists = sum(stream == "list_members" for stream, _ in rows)
    complete = {"list_members": {"complete": {"rows": on_lists}}}
    return {"generation": generation, "rows": len(rows), "bookmarks": complete}
