"""What waits: rows whose records can't be created yet, and links to records that have not come."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from target_lightfield.id_map import tables
from target_lightfield.id_map.database import Database
from target_lightfield.id_map.entries import Entries, key_of_row
from target_lightfield.id_map.source import Link, Source, stream_and_origin
from target_lightfield.plain_rows import dumped, loaded

_PIECE = 100  # how many rows are in memory at once: rows of a feed can be large


class Waiting:
    """Keeps the rows and links that wait. Each method raises TargetError if the database fails."""

    def __init__(self, database: Database, entries: Entries) -> None:
        self._database = database
        self._entries = entries

    def keep(self, source: Source, row: Mapping[str, Any]) -> None:
        """Keep a row whose record can't be created before another one has come."""
        values = {"key_properties": json.dumps(source.key_properties), "row": dumped(row)}
        with self._database.transaction() as connection:
            kept = self._entries.get(connection, tables.waiting_rows, source)
            # Most rows come again unchanged: nothing to write.
            if kept is None or kept._asdict() != key_of_row(source) | values:
                self._entries.replace(connection, tables.waiting_rows, source, values)

    def release(self, source: Source) -> None:
        """Stop keeping a row."""
        with self._database.transaction() as connection:
            self._entries.delete(connection, tables.waiting_rows, source)

    def count(self) -> int:
        """Return how many rows are kept."""
        with self._database.transaction() as connection:
            return connection.execute(_COUNT).scalar_one()

    def count_by_stream(self) -> Mapping[str, int]:
        """Return how many rows are kept of each stream that has any, whatever feeds it."""
        counts: Counter[str] = Counter()
        with self._database.transaction() as connection:
            for name, number in connection.execute(_COUNT_BY_STREAM):
                counts[stream_and_origin(name)[0]] += number
        return counts

    def rows(self, stream: str | None = None) -> Iterator[tuple[Source, Mapping[str, Any]]]:
        """Yield the rows that are kept, in the order of their streams and keys.

        They are read in pieces. Any of them may be written, kept again or released meanwhile.

        Args:
            stream: The stream whose rows alone are meant.
        """
        for row in self._in_pieces(tables.waiting_rows, stream):
            source = Source.named(row.stream, row.source_key, tuple(json.loads(row.key_properties)))
            yield source, loaded(row.row)

    def links(self) -> Iterator[tuple[Source, Link]]:
        """Yield each link that waits, as ``rows`` does; those of one row are consecutive."""
        for row in self._in_pieces(tables.waiting_links):
            yield Source.named(row.stream, row.source_key), Link(row.relationship, row.reference)

    def release_links(self, source: Source, links: Sequence[Link]) -> None:
        """Forget links that have been written."""
        with self._database.transaction() as connection:
            for link in links:
                connection.execute(_DELETE_LINK, key_of_row(source) | link._asdict())

    def _in_pieces(self, table: sa.Table, stream: str | None = None) -> Iterator[sa.Row[Any]]:
        """Yield all of a table, by the key of the last row that was read.

        Whatever becomes of the rows before it meanwhile, none is missed and none comes twice: an offset would
        shift with each that is deleted.
        """
        last: sa.Row[Any] | None = None
        while True:
            with self._database.transaction() as connection:
                rows = connection.execute(_piece_of(table, last, stream)).all()
            yield from rows
            if len(rows) < _PIECE:
                return
            last = rows[-1]


def _piece_of(table: sa.Table, last: sa.Row[Any] | None, stream: str | None) -> sa.Select[Any]:
    key = list(table.primary_key)
    statement = sa.select(table).order_by(*key).limit(_PIECE)
    if stream is not None:
        statement = statement.where(tables.is_fed(table.c.stream)).params(tables.parts_of(stream))
    if last is not None:
        statement = statement.where(sa.tuple_(*key) > tuple(getattr(last, column.name) for column in key))
    return statement


_COUNT = sa.select(sa.func.count()).select_from(tables.waiting_rows)
_COUNT_BY_STREAM = sa.select(tables.waiting_rows.c.stream, sa.func.count()).group_by(
    tables.waiting_rows.c.stream
)
_DELETE_LINK = sa.delete(tables.waiting_links).where(
    *tables.is_row(tables.waiting_links),
    tables.waiting_links.c.relationship == sa.bindparam("relationship"),
    tables.waiting_links.c.reference == sa.bindparam("reference"),
)
