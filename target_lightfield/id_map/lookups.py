"""Values of other streams, as presets keep them: a tap sends a stage or a user once, and never again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from target_lightfield.id_map import tables
from target_lightfield.id_map.database import Database


class Entry(NamedTuple):
    """One entry of a lookup.

    Attributes:
        lookup: The lookup.
        key: Its key, in parts.
        value: Its value.
        beside: Whether other values that rows of the same run have for the key stand beside it; else the
            newest counts.
    """

    lookup: str
    key: tuple[str, ...]
    value: Any
    beside: bool = False


class Lookups:
    """The values of other streams, by lookup and key."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._of_this_run: set[tuple[str, str]] = set()

    def put(self, entries: Iterable[Entry]) -> None:
        """Keep entries, in place of what earlier runs have kept of their keys."""
        new: dict[tuple[str, str], list[Any]] = {}
        beside: set[tuple[str, str]] = set()
        for entry in entries:
            name = entry.lookup, json.dumps(entry.key)
            values = new.setdefault(name, [])
            if entry.beside:
                beside.add(name)
            else:
                values.clear()
            if entry.value not in values:
                values.append(entry.value)
        with self._database.transaction() as connection:
            for (lookup, key), values in new.items():
                names = {"of_lookup": lookup, "of_key": key}
                if (lookup, key) in self._of_this_run:
                    known = connection.execute(_VALUE, names).scalar()
                    values[:0] = [value for value in json.loads(known or "[]") if value not in values]
                connection.execute(_DELETE_VALUE, names)
            if new:
                rows = [{"lookup": n, "key": k, "value": json.dumps(v)} for (n, k), v in new.items()]
                connection.execute(sa.insert(tables.lookups), rows)
        self._of_this_run |= beside

    def get(self, lookup: str, key: Sequence[str]) -> Sequence[Any]:
        """Return the values of a key: none, one, or those of rows that do not agree."""
        names = {"of_lookup": lookup, "of_key": json.dumps(tuple(key))}
        with self._database.transaction() as connection:
            found = connection.execute(_VALUE, names).scalar()
        return json.loads(found) if found else []


# Built once: building a statement takes longer than running it.
_L = tables.lookups.c
_OF_LOOKUP = (_L.lookup == sa.bindparam("of_lookup"), _L.key == sa.bindparam("of_key"))
_VALUE = sa.select(_L.value).where(*_OF_LOOKUP)
_DELETE_VALUE = sa.delete(tables.lookups).where(*_OF_LOOKUP)
