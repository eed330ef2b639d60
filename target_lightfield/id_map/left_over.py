"""The values of the source that went nowhere.

They are kept from run to run, since a row that is unchanged is not looked at again. Each method raises
TargetError if the database fails.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from target_lightfield.id_map import tables
from target_lightfield.id_map.database import Database
from target_lightfield.keys import is_storable
from target_lightfield.plain_rows import dumped, loaded

LOADER = "loader"
"""Begins the origins of what the loader of a record leaves over."""

_GATHERED = 500  # rows of the source whose values are written at once
_PIECE = 500  # values in memory at once
_EXAMPLES = 3


class Item(Protocol):
    """A value that went nowhere; ``reporting.left_over.LeftOver`` says what each attribute is."""

    @property
    def column(self) -> str:
        """The source's column."""

    @property
    def value(self) -> Any:
        """The value, of any type that JSON has."""

    @property
    def why(self) -> str:
        """Why, in a sentence."""

    @property
    def kind(self) -> str:
        """Why, in a word."""

    @property
    def about(self) -> str | None:
        """The field that would have taken it."""


class Kept(NamedTuple):
    """A value that went nowhere, as it is kept. Attributes as in ``Item``, with whose it is."""

    stream: str
    key: str
    column: str
    value: Any
    why: str
    kind: str
    about: str | None


class Counted(NamedTuple):
    """How many values of a column went nowhere for the same reason.

    Attributes:
        stream: The source's stream.
        column: Its column.
        kind: The reason.
        about: The field that would have taken them, None where there is none.
        number: How many.
        examples: The first few.
    """

    stream: str
    column: str
    kind: str
    about: str | None
    number: int
    examples: Sequence[Kept]


class LeftOverTable:
    """The values that went nowhere, by row of the source. Safe to use from several threads."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.RLock()
        self._gathered: dict[tuple[str, str], dict[str, Sequence[Item]]] = {}
        self._forgotten: set[tuple[str, str]] = set()
        with database.transaction() as connection:
            # By whom there is any: for a row of which nothing is left over, that is all that is looked at.
            self._by = {
                is_loaders for is_loaders in (True, False) if connection.execute(_ANY[is_loaders]).first()
            }

    def replace(
        self, stream: str, key: str, origin: str, items: Sequence[Item], *, at_once: bool = False
    ) -> None:
        """Keep what of a row goes nowhere, in place of what was kept of it under this origin.

        Args:
            stream: The source's stream.
            key: The row's key in it.
            origin: What left it over: ``loader …``, or a part of the preset. What one leaves over says
                nothing of what another does.
            items: The values; none for most rows, which then costs next to nothing.
            at_once: Whether it must be kept before this returns. Else ``flush`` writes it with others.
        """
        is_loaders = origin.startswith(LOADER)
        with self._lock:
            if not items and is_loaders not in self._by:
                return
            self._by.add(is_loaders)
            self._gathered.setdefault((stream, key), {})[origin] = items
            if at_once or len(self._gathered) >= _GATHERED:
                self.flush()

    def forget(self, stream: str, key: str) -> None:
        """Forget what the preset has left over of a row: it comes anew, and may take other routes.

        What its records' loaders have left over stays: they do not look at a row again that is as it was.

        Args:
            stream: The source's stream.
            key: The row's key in it.
        """
        with self._lock:
            if False not in self._by:
                return
            of_row = self._gathered.pop((stream, key), {})
            if of_loaders := {origin: of_row[origin] for origin in of_row if origin.startswith(LOADER)}:
                self._gathered[stream, key] = of_loaders
            self._forgotten.add((stream, key))
            if len(self._forgotten) >= _GATHERED:
                self.flush()

    def flush(self) -> None:
        """Write what has been gathered: a state speaks of it too."""
        with self._lock:
            if not self._gathered and not self._forgotten:
                return
            with self._database.transaction() as connection:
                if self._forgotten:
                    connection.execute(
                        _FORGET, [{"of_stream": s, "of_key": _indexed(k)} for s, k in self._forgotten]
                    )
                if self._gathered:
                    _write(connection, self._gathered)
            self._gathered, self._forgotten = {}, set()

    def of_loader(self, stream: str, key: str) -> Sequence[Kept]:
        """Return what the loaders of a row's records have left over of it. Args as in ``replace``."""
        with self._lock:
            if True not in self._by:
                return ()
            self.flush()
            with self._database.transaction() as connection:
                rows = connection.execute(_OF_ROW, {"of_stream": stream, "of_key": _indexed(key)}).all()
        return [*map(_kept, rows)]

    def count_by(self) -> Iterator[Counted]:
        """Yield how many values there are of each stream, column, kind and field, the most first."""
        self.flush()
        with self._database.transaction() as connection:
            rows = connection.execute(_FIRST_OF_EACH).all()
        for _, group in groupby(rows, key=lambda row: (row.stream, row.column, row.kind, row.about)):
            first = list(group)
            one = _kept(first[0])
            yield Counted(
                one.stream, one.column, one.kind, one.about, first[0].number_of_all, [*map(_kept, first)]
            )

    def values(self) -> Iterator[Kept]:
        """Yield all values, by stream and key. They are read in pieces."""
        self.flush()
        last: tuple[Any, ...] = ("", "", "", -1)
        while True:
            names = dict(zip(("stream", "key", "origin", "number"), last, strict=True))
            with self._database.transaction() as connection:
                rows = connection.execute(_VALUES, names).all()
            yield from map(_kept, rows)
            if len(rows) < _PIECE:
                return
            last = tuple(rows[-1][:4])


def _write(connection: Connection, gathered: dict[tuple[str, str], dict[str, Sequence[Item]]]) -> None:
    names = [
        {"of_stream": stream, "of_key": _indexed(key), "of_origin": origin}
        for (stream, key), of_row in gathered.items()
        for origin in of_row
    ]
    connection.execute(_DELETE, names)
    rows = [
        {
            "stream": stream,
            "source_key": _indexed(key),
            "origin": origin,
            "number": number,
            "column": json.dumps(item.column),
            "kind": str(item.kind),
            "about": json.dumps(item.about),
            "item": dumped({"key": key, "value": item.value, "why": item.why}),
        }
        for (stream, key), of_row in gathered.items()
        for origin, items in of_row.items()
        for number, item in enumerate(items)
    ]
    if rows:
        connection.execute(sa.insert(tables.left_over), rows)


def _kept(row: sa.Row[Any]) -> Kept:
    item, column, about = loaded(row.item), json.loads(row.column), json.loads(row.about)
    return Kept(row.stream, item["key"], column, item["value"], item["why"], row.kind, about)


def _indexed(key: str) -> str:
    """Return a key as the database takes it."""
    return key if is_storable(key) else f"hash:{hashlib.sha256(json.dumps(key).encode()).hexdigest()}"


# Built once: building a statement takes longer than running it.
_C = tables.left_over.c
_OF_LOADER = _C.origin.startswith(LOADER)
_ANY = {True: sa.select(_C.number).where(_OF_LOADER).limit(1)}
_ANY[False] = sa.select(_C.number).where(~_OF_LOADER).limit(1)
_DELETE = sa.delete(tables.left_over).where(
    _C.stream == sa.bindparam("of_stream"),
    _C.source_key == sa.bindparam("of_key"),
    _C.origin == sa.bindparam("of_origin"),
)
_OF_ROW = sa.select(tables.left_over).where(
    _C.stream == sa.bindparam("of_stream"), _C.source_key == sa.bindparam("of_key"), _OF_LOADER
)
_FORGET = sa.delete(tables.left_over).where(
    _C.stream == sa.bindparam("of_stream"), _C.source_key == sa.bindparam("of_key"), ~_OF_LOADER
)
_KEY = (_C.stream, _C.source_key, _C.origin, _C.number)
_GROUP = (_C.stream, _C.column, _C.kind, _C.about)
_RANKED = sa.select(
    tables.left_over,
    sa.func.row_number().over(partition_by=_GROUP, order_by=_KEY).label("place"),
    sa.func.count().over(partition_by=_GROUP).label("number_of_all"),
).subquery()
_FIRST_OF_EACH = (
    sa.select(_RANKED)
    .where(_RANKED.c.place <= _EXAMPLES)
    .order_by(sa.desc(_RANKED.c.number_of_all), *(_RANKED.c[one.name] for one in _GROUP), _RANKED.c.place)
)
_VALUES = (
    sa.select(tables.left_over)
    .where(sa.tuple_(*_KEY) > sa.tuple_(*(sa.bindparam(n) for n in ("stream", "key", "origin", "number"))))
    .order_by(*_KEY)
    .limit(_PIECE)
)
