"""The id map: what source record is what Lightfield record, and what waits to be written.

One database for one workspace and one run at a time. Everything that must survive a crash between two
requests is here: without it a rerun would still find what ``match_on`` can see, with it nothing is
ever written twice.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.exc import SQLAlchemyError

from target_lightfield.errors import TargetError
from target_lightfield.id_map import tables
from target_lightfield.id_map.former_keys import FormerKeys
from target_lightfield.id_map.tables import database_reason, open_database
from target_lightfield.keys import LONGEST_KEY
from target_lightfield.plain_rows import dumped, loaded


@dataclass(frozen=True)
class Source:
    """A record as the source knows it: its stream, its key as text, and the columns of that key."""

    stream: str
    key: str
    key_properties: tuple[str, ...] = field(default=(), compare=False)


@dataclass(frozen=True)
class Mapped:
    """What a source record became.

    Attributes:
        record_id: The record's id.
        payload_hash: The hash of what was last written, or one of the words below.
        created: Whether the record was created from this source record; else it was there before.
    """

    record_id: str
    payload_hash: str
    created: bool


@dataclass(frozen=True)
class StartedCreate:
    """A create that was sent and whose answer was not seen; ``started_at`` by the server's clock."""

    idempotency_key: str
    body: Mapping[str, Any]
    started_at: datetime


ADOPTED, TRASHED, GONE, MERGED = tables.ADOPTED, tables.TRASHED, tables.GONE, tables.MERGED
MERGED_AND_GONE, UNFINISHED = tables.MERGED_AND_GONE, tables.UNFINISHED


class IdMap:
    """The id map of one run, safe to use from several threads.

    Args:
        url: An SQLAlchemy URL; an SQLite file is made with mode 600.
        dry_run: Whether everything that is written is taken back at the end.

    Raises:
        TargetError: The database can't be opened, or another run uses it.
    """

    def __init__(self, url: str, *, dry_run: bool = False) -> None:
        self._lock = threading.RLock()
        self._dry_run = dry_run
        self._connection = open_database(url, dry_run=dry_run)
        with self._transaction() as connection:
            self._former = FormerKeys(connection)

    def close(self) -> None:
        """Give the database back, so that another run can have it."""
        with self._lock, suppress(SQLAlchemyError):  # what was to be kept is committed
            self._connection.close()
            self._connection.engine.dispose()

    def belongs_to(self, definition_ids: Mapping[str, str]) -> bool:
        """Whether this is the workspace that the map was made for; remembers the first one's.

        Args:
            definition_ids: The ids of field definitions by object type and key. They are unique to a
                workspace. A field may be deleted and made anew with another id: most ids decide.
        """
        with self._transaction() as connection:
            known = {row.definition: row.id for row in connection.execute(sa.select(tables.workspace))}
            shared = [id_ == known[name] for name, id_ in definition_ids.items() if name in known]
            if shared and sum(shared) * 2 < len(shared):
                return False
            new = {name: id_ for name, id_ in definition_ids.items() if known.get(name) != id_}
            if new:
                connection.execute(sa.delete(tables.workspace).where(tables.workspace.c.definition.in_(new)))
                connection.execute(
                    sa.insert(tables.workspace), [{"definition": n, "id": i} for n, i in new.items()]
                )
            return True

    # Records

    def get(self, source: Source) -> Mapped | None:
        """Return what a source record became, or None if this map has not seen it.

        One that it knows under a former key has its own from now on.
        """
        with self._transaction() as connection:
            row = connection.execute(_SELECT[tables.records], _key(source)).one_or_none()
            if row is None and self._former.rename(connection, source.stream, source.key):
                row = connection.execute(_SELECT[tables.records], _key(source)).one_or_none()
        return Mapped(row.record_id, row.payload_hash, row.created) if row else None

    def find(self, object_type: str, source_key: str) -> str | None:
        """Return the record id of a source key, from whatever stream of this object type.

        None for a record that was deleted: nothing can be linked to it.
        """
        key = {"object_type": object_type, "source_key": str(source_key)}
        with self._transaction() as connection:
            found = connection.execute(_FIND, key).scalar()
            return self._former.find(connection, object_type, source_key) if found is None else found

    def find_gone(self, object_type: str, source_key: str) -> str | None:
        """Return the record id of a source key whose record a person has deleted, None of any other."""
        key = {"object_type": object_type, "source_key": str(source_key)}
        with self._transaction() as connection:
            return connection.execute(_FIND_GONE, key).scalar()

    def other_owner(self, source: Source, object_type: str, record_id: str) -> tuple[Source, bool] | None:
        """Return another record of the same stream that became this record, and whether it created it.

        One that was merged into it is none: it only leads there.
        """
        record = {**_key(source), "object_type": object_type, "record_id": record_id}
        with self._transaction() as connection:
            row = connection.execute(_OTHER_OWNER, record).one_or_none()
        return (Source(source.stream, row.source_key), row.created) if row else None

    def knows(self, object_type: str, record_id: str) -> bool:
        """Whether any source record became this record."""
        record = {"object_type": object_type, "record_id": record_id}
        with self._transaction() as connection:
            return connection.execute(_KNOWS, record).scalar() is not None

    def settle(
        self,
        source: Source,
        object_type: str,
        mapped: Mapped,
        waiting: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Remember that a record is written, with the links of it that wait. Ends its create.

        Args:
            source: The source record.
            object_type: Its object type.
            mapped: The record it became, and what was written.
            waiting: Relationship key and reference of each link whose other side is not here yet.
        """
        with self._transaction() as connection:
            _settle(connection, source, object_type, mapped)
            if waiting:
                rows = [
                    _key(source) | {"relationship": r, "reference": ref} for r, ref in dict.fromkeys(waiting)
                ]
                connection.execute(sa.insert(tables.links), rows)

    def adopt(self, source: Source, object_type: str, mapped: Mapped) -> None:
        """Remember which record is a row's before anything of the row is written to it. Ends its create.

        What waits of the row stays: it is settled only once all of it is written.

        Args:
            source: The source record.
            object_type: Its object type.
            mapped: The record.
        """
        values = _key(source) | {"object_type": object_type, **asdict(mapped)}
        with self._transaction() as connection:
            for table in (tables.records, tables.creates):
                connection.execute(_DELETE[table], _key(source))
            connection.execute(_INSERT[tables.records], values)

    def settle_all(self, settled: Mapping[Source, Mapped], object_type: str) -> None:
        """Remember that records of one object type are written, all or none."""
        if settled:
            with self._transaction() as connection:
                for source, mapped in settled.items():
                    _settle(connection, source, object_type, mapped)

    def restate(self, object_type: str, record_ids: Sequence[str], payload_hash: str) -> None:
        """Change what is remembered as last written to these records, whichever rows they are of.

        Of rows that were merged into one of them it stays remembered that it is another row's.
        """
        if record_ids:
            with self._transaction() as connection:
                connection.execute(
                    sa.update(tables.records)
                    .where(
                        tables.records.c.object_type == object_type,
                        tables.records.c.record_id.in_(record_ids),
                    )
                    .values(
                        payload_hash=sa.case(
                            (
                                tables.records.c.payload_hash.in_((MERGED, MERGED_AND_GONE)),
                                MERGED_AND_GONE if payload_hash == GONE else MERGED,
                            ),
                            else_=payload_hash,
                        )
                    )
                )

    def forget(self, source: Source) -> None:
        """Forget what a source record became: the API no longer knows it."""
        with self._transaction() as connection:
            connection.execute(_DELETE[tables.records], _key(source))

    def drop(self, source: Source) -> None:
        """Forget everything of a source record."""
        with self._transaction() as connection:
            for table in (tables.records, tables.creates, tables.held, tables.links):
                connection.execute(_DELETE[table], _key(source))

    # Creates

    def start_create(self, source: Source, create: StartedCreate) -> None:
        """Remember a create before it is sent, so that a rerun sends exactly the same again."""
        values = {**asdict(create), "body": json.dumps(create.body)}
        with self._transaction() as connection:
            connection.execute(_DELETE[tables.creates], _key(source))
            connection.execute(_INSERT[tables.creates], _key(source) | values)

    def started_create(self, source: Source) -> StartedCreate | None:
        """Return the create of this record whose answer was not seen, or None."""
        with self._transaction() as connection:
            row = connection.execute(_SELECT[tables.creates], _key(source)).one_or_none()
        return _started(row) if row else None

    def started_creates(self, stream: str) -> Sequence[StartedCreate]:
        """Return the creates of a stream whose answers were not seen, or not yet."""
        with self._transaction() as connection:
            rows = connection.execute(_SELECT_STARTED, {"stream": stream}).all()
        return [_started(row) for row in rows]

    def drop_create(self, source: Source) -> None:
        """Forget a create that the API refused, or that is too old to be sent again."""
        with self._transaction() as connection:
            connection.execute(_DELETE[tables.creates], _key(source))

    # What waits

    def hold(self, source: Source, row: Mapping[str, Any]) -> None:
        """Keep a record that can't be created before another one has come."""
        values = _key(source) | {"key_properties": json.dumps(source.key_properties), "row": dumped(row)}
        with self._transaction() as connection:
            kept = connection.execute(_SELECT[tables.held], _key(source)).one_or_none()
            if kept is None or kept._asdict() != values:  # most wait as they have waited: nothing to write
                connection.execute(_DELETE[tables.held], _key(source))
                connection.execute(_INSERT[tables.held], values)

    def release(self, source: Source) -> None:
        """Stop keeping a record: it was rejected, or has come again."""
        self.get(source)  # it may be kept under a former key
        with self._transaction() as connection:
            connection.execute(_DELETE[tables.held], _key(source))

    def held_count(self) -> int:
        """Return how many records are kept."""
        with self._transaction() as connection:
            return connection.execute(_COUNT_HELD).scalar_one()

    def held(self, stream: str | None = None) -> Iterator[tuple[Source, Mapping[str, Any]]]:
        """Yield the records that are kept, in the order of their streams and keys.

        They are read in pieces. Any of them may be written, kept again or released meanwhile.

        Args:
            stream: The stream whose records alone are meant.
        """
        for row in self._in_pieces(tables.held, stream):
            source = Source(row.stream, row.source_key, tuple(json.loads(row.key_properties)))
            yield source, loaded(row.row)

    def waiting_links(self) -> Iterator[tuple[Source, str, str]]:
        """Yield source record, relationship key and reference of each link that waits, as ``held`` does.

        Those of one record come one behind the other.
        """
        for row in self._in_pieces(tables.links):
            yield Source(row.stream, row.source_key), row.relationship, row.reference

    def _in_pieces(self, table: sa.Table, stream: str | None = None) -> Iterator[sa.Row[Any]]:
        last: sa.Row[Any] | None = None
        while True:
            with self._transaction() as connection:
                rows = connection.execute(tables.piece_of(table, last, stream)).all()
            yield from rows
            if len(rows) < tables.PIECE:
                return
            last = rows[-1]

    def linked(self, source: Source, links: Sequence[tuple[str, str]]) -> None:
        """Forget waiting links that have been written."""
        with self._transaction() as connection:
            for relationship, reference in links:
                link = {**_key(source), "relationship": relationship, "reference": reference}
                connection.execute(_DELETE_LINK, link)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            # In a dry run the transaction is one, never committed: it ends with the connection.
            with self._lock, nullcontext() if self._dry_run else self._connection.begin():
                yield self._connection
        except SQLAlchemyError as e:  # whose own text would quote the rows
            raise TargetError(
                f"The id map failed: {database_reason(e)}. See to its database and the room on its disk, and "
                "run it again: what was written is known."
            ) from None


def is_storable(key: str) -> bool:
    """Whether every database takes this as a key: valid Unicode without NUL, short enough for an index."""
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in key and len(key) <= LONGEST_KEY


def _settle(connection: Connection, source: Source, object_type: str, mapped: Mapped) -> None:
    for table in (tables.records, tables.creates, tables.held, tables.links):
        connection.execute(_DELETE[table], _key(source))
    values = {"object_type": object_type, **asdict(mapped)}
    connection.execute(_INSERT[tables.records], _key(source) | values)


def _started(row: sa.Row[Any]) -> StartedCreate:
    started_at = row.started_at if row.started_at.tzinfo else row.started_at.replace(tzinfo=timezone.utc)
    return StartedCreate(row.idempotency_key, json.loads(row.body), started_at)


def _key(source: Source) -> dict[str, Any]:
    return {"stream": source.stream, "source_key": str(source.key)}


_TABLES = (tables.records, tables.creates, tables.held, tables.links)


def _is(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    return table.c.stream == sa.bindparam("stream"), table.c.source_key == sa.bindparam("source_key")


# Built once: building a statement takes longer than running it.
_SELECT = {table: sa.select(table).where(*_is(table)) for table in _TABLES}
_DELETE = {table: sa.delete(table).where(*_is(table)) for table in _TABLES}
_INSERT = {table: sa.insert(table) for table in _TABLES}
_DELETE_LINK = _DELETE[tables.links].where(
    tables.links.c.relationship == sa.bindparam("relationship"),
    tables.links.c.reference == sa.bindparam("reference"),
)
_COUNT_HELD = sa.select(sa.func.count()).select_from(tables.held)
_SELECT_STARTED = sa.select(tables.creates).where(tables.creates.c.stream == sa.bindparam("stream"))
_FIND = (
    sa.select(tables.records.c.record_id)
    .where(
        tables.records.c.object_type == sa.bindparam("object_type"),
        tables.records.c.source_key == sa.bindparam("source_key"),
        tables.records.c.payload_hash.not_in((TRASHED, GONE, MERGED_AND_GONE)),
    )
    .order_by(tables.records.c.stream)
    .limit(1)
)
_FIND_GONE = (
    sa.select(tables.records.c.record_id)
    .where(
        tables.records.c.object_type == sa.bindparam("object_type"),
        tables.records.c.source_key == sa.bindparam("source_key"),
        tables.records.c.payload_hash.in_((GONE, MERGED_AND_GONE)),
    )
    .order_by(tables.records.c.stream)
    .limit(1)
)
_IS_RECORD = (
    tables.records.c.object_type == sa.bindparam("object_type"),
    tables.records.c.record_id == sa.bindparam("record_id"),
)
_KNOWS = sa.select(tables.records.c.record_id).where(*_IS_RECORD).limit(1)
_OTHER_OWNER = (
    sa.select(tables.records.c.source_key, tables.records.c.created)
    .where(
        *_IS_RECORD,
        tables.records.c.stream == sa.bindparam("stream"),
        tables.records.c.source_key != sa.bindparam("source_key"),
        tables.records.c.payload_hash.not_in((MERGED, MERGED_AND_GONE)),
    )
    .order_by(tables.records.c.created.desc())
    .limit(1)
)
