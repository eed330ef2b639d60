"""What presets keep from run to run: values of other streams, links, other names of records, unfinished rows.

A tap may send a stage or a user once and never again, and a link before or after the records that it joins.
Each method raises TargetError if the database fails.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import sqlalchemy as sa

from target_lightfield.id_map import tables
from target_lightfield.id_map.database import Database
from target_lightfield.plain_rows import dumped, loaded

MOST_UNFINISHED = 100_000
"""How many unfinished rows are kept."""

_PIECE = 500


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


class SourceLink(NamedTuple):
    """A row of the source that links two records.

    Attributes:
        links: The stream, and which of its links is meant.
        row_key: The row's own key.
        of_key: The key of the record that has the link.
        to_key: The key of the other.
        best: Whether it is the one that a column takes that takes one.
    """

    links: str
    row_key: str
    of_key: str
    to_key: str
    best: bool


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


class SourceLinks:
    """The links of the source."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, links: Sequence[SourceLink], run: str, gone: Iterable[tuple[str, str]] = ()) -> None:
        """Keep links, in place of what there is of the same rows; one that is as it was stays written.

        Args:
            links: The links.
            run: Which run brings them.
            gone: The rows that are links no longer: which links, and the row's key.
        """
        with self._database.transaction() as connection:
            for name, row_key in gone:
                connection.execute(_DELETE_LINK, {"of_links": name, "of_row": row_key})
            new = []
            for link in {(link.links, link.row_key): link for link in links}.values():
                names = {"of_links": link.links, "of_row": link.row_key}
                known = connection.execute(_LINK, names).one_or_none()
                is_same = known is not None and SourceLink(*known[:5]) == link
                if known is not None and is_same and known.run == run:
                    continue
                if known is not None:
                    connection.execute(_DELETE_LINK, names)
                is_written = known is not None and is_same and known.is_written
                new.append({**link._asdict(), "is_written": is_written, "run": run})
            if new:
                connection.execute(sa.insert(tables.source_links), new)

    def keep_only(self, links: str, run: str) -> None:
        """Forget what a run has not brought again of the links of each record of which it has brought any."""
        with self._database.transaction() as connection:
            connection.execute(_DELETE_STALE, {"of_links": links, "of_run": run})

    def of(self, links: str, of_key: str) -> Sequence[SourceLink]:
        """Return the links of a record, the best first, then by the key of the other."""
        with self._database.transaction() as connection:
            rows = connection.execute(_LINKS_OF, {"of_links": links, "of_key": of_key}).all()
        return [SourceLink(*row[:5]) for row in rows]

    def unwritten(self, links: str) -> Iterator[str]:
        """Yield the keys of the records that have links which are not written yet, in pieces."""
        last = ""
        while True:
            with self._database.transaction() as connection:
                keys = connection.execute(_UNWRITTEN, {"of_links": links, "last": last}).scalars().all()
            yield from keys
            if len(keys) < _PIECE:
                return
            last = keys[-1]

    def note_written(self, links: str, of_keys: Sequence[str]) -> None:
        """Remember that the links of records are written."""
        if of_keys:
            with self._database.transaction() as connection:
                connection.execute(_NOTE_WRITTEN, [{"of_links": links, "key": key} for key in of_keys])


class SameRecords:
    """Other names of records: source keys such as ``companies:499`` of what was merged."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, of: Mapping[str, str]) -> None:
        """Remember that each of these keys is another name of the record of another key.

        A link that waits for one of them waits for the record from now on.
        """
        rows = [{"alias": alias, "source_key": key} for alias, key in of.items() if alias != key]
        if rows:
            with self._database.transaction() as connection:
                connection.execute(_FORGET_ALIAS, [{"name": row["alias"]} for row in rows])
                connection.execute(sa.insert(tables.same_records), rows)
                for row in rows:
                    names = {"name": row["alias"], "own": row["source_key"]}
                    connection.execute(_REFER, names)
                    connection.execute(_REFER_NO_MORE, names)

    def resolve(self, key: str) -> str:
        """Return the key that a record goes by, whatever name of it this is."""
        seen = {key}
        with self._database.transaction() as connection:
            while (other := connection.execute(_ALIAS, {"name": key}).scalar()) and other not in seen:
                seen.add(other)
                key = other
        return key

    def others(self, key: str) -> Sequence[str]:
        """Return the other names of the record of a key."""
        with self._database.transaction() as connection:
            return connection.execute(_OTHER_NAMES, {"own": key}).scalars().all()

    def any(self) -> bool:
        """Whether there are any."""
        with self._database.transaction() as connection:
            return connection.execute(sa.select(tables.same_records).limit(1)).first() is not None


class UnfinishedRows:
    """Rows of the source that were written without a value of another stream, which has not come."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def replace(self, stream: str, key: str, row: Mapping[str, Any] | None) -> bool:
        """Keep a row, in place of what there is of it; None if it is finished.

        Returns:
            Whether it could be kept: there may be too many.
        """
        names = {"of_stream": stream, "of_key": key}
        with self._database.transaction() as connection:
            connection.execute(_DELETE_UNFINISHED, names)
            if row is None:
                return True
            if connection.execute(_COUNT_UNFINISHED).scalar_one() >= MOST_UNFINISHED:
                return False
            values = {"stream": stream, "source_key": key, "row": dumped(row)}
            connection.execute(sa.insert(tables.unfinished_rows), [values])
            return True

    def rows(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Yield all that is kept, each with its stream and its key, in pieces."""
        last = ("", "")
        while True:
            with self._database.transaction() as connection:
                rows = connection.execute(_UNFINISHED, {"stream": last[0], "key": last[1]}).all()
            for row in rows:
                yield row.stream, row.source_key, loaded(row.row)
            if len(rows) < _PIECE:
                return
            last = (rows[-1].stream, rows[-1].source_key)


class KeptByPresets:
    """All that presets keep.

    Attributes:
        lookups: The values of other streams.
        links: The source's links.
        same: Other names of records.
        unfinished: Rows to which a value of another stream has to be added.
    """

    def __init__(self, database: Database) -> None:
        self.lookups = Lookups(database)
        self.links = SourceLinks(database)
        self.same = SameRecords(database)
        self.unfinished = UnfinishedRows(database)


# Built once: building a statement takes longer than running it.
_L, _S, _U = tables.lookups.c, tables.source_links.c, tables.unfinished_rows.c
_OF_LOOKUP = (_L.lookup == sa.bindparam("of_lookup"), _L.key == sa.bindparam("of_key"))
_VALUE = sa.select(_L.value).where(*_OF_LOOKUP)
_DELETE_VALUE = sa.delete(tables.lookups).where(*_OF_LOOKUP)
_OF_LINK = (_S.links == sa.bindparam("of_links"), _S.row_key == sa.bindparam("of_row"))
_LINK = sa.select(tables.source_links).where(*_OF_LINK)
_DELETE_LINK = sa.delete(tables.source_links).where(*_OF_LINK)
_BROUGHT = tables.source_links.alias()
_DELETE_STALE = sa.delete(tables.source_links).where(
    _S.links == sa.bindparam("of_links"),
    _S.run != sa.bindparam("of_run"),
    _S.of_key.in_(
        sa.select(_BROUGHT.c.of_key).where(
            _BROUGHT.c.links == sa.bindparam("of_links"), _BROUGHT.c.run == sa.bindparam("of_run")
        )
    ),
)
_LINKS_OF = (
    sa.select(tables.source_links)
    .where(_S.links == sa.bindparam("of_links"), _S.of_key == sa.bindparam("of_key"))
    .order_by(_S.best.desc(), sa.func.length(_S.to_key), _S.to_key, _S.row_key)
)
_UNWRITTEN = (
    sa.select(_S.of_key)
    .where(_S.links == sa.bindparam("of_links"), ~_S.is_written, _S.of_key > sa.bindparam("last"))
    .distinct()
    .order_by(_S.of_key)
    .limit(_PIECE)
)
_NOTE_WRITTEN = (
    sa.update(tables.source_links)
    .where(_S.links == sa.bindparam("of_links"), _S.of_key == sa.bindparam("key"))
    .values(is_written=True)
)
_ALIAS = sa.select(tables.same_records.c.source_key).where(
    tables.same_records.c.alias == sa.bindparam("name")
)
_OTHER_NAMES = sa.select(tables.same_records.c.alias).where(
    tables.same_records.c.source_key == sa.bindparam("own")
)
_FORGET_ALIAS = sa.delete(tables.same_records).where(tables.same_records.c.alias == sa.bindparam("name"))
_W, _OTHER = tables.waiting_links.c, tables.waiting_links.alias()
_REFER = (
    sa.update(tables.waiting_links)
    .where(
        _W.reference == sa.bindparam("name"),
        ~sa.exists().where(
            _OTHER.c.stream == _W.stream,
            _OTHER.c.source_key == _W.source_key,
            _OTHER.c.relationship == _W.relationship,
            _OTHER.c.reference == sa.bindparam("own"),
        ),
    )
    .values(reference=sa.bindparam("own"))
)
_REFER_NO_MORE = sa.delete(tables.waiting_links).where(_W.reference == sa.bindparam("name"))
_DELETE_UNFINISHED = sa.delete(tables.unfinished_rows).where(
    _U.stream == sa.bindparam("of_stream"), _U.source_key == sa.bindparam("of_key")
)
_COUNT_UNFINISHED = sa.select(sa.func.count()).select_from(tables.unfinished_rows)
_UNFINISHED = (
    sa.select(tables.unfinished_rows)
    .where(sa.tuple_(_U.stream, _U.source_key) > sa.tuple_(sa.bindparam("stream"), sa.bindparam("key")))
    .order_by(_U.stream, _U.source_key)
    .limit(_PIECE)
)
