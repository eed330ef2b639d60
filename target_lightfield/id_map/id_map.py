"""The id map: what source record is what Lightfield record, and what has been begun for it.

One database for one workspace and one run at a time. Everything that must survive a crash between two
requests is here: without it a rerun would still find what ``match_on`` can see, with it nothing is
ever written twice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from target_lightfield.id_map import tables
from target_lightfield.id_map.begun import Begun
from target_lightfield.id_map.database import Database
from target_lightfield.id_map.entries import Entries, key_of_row
from target_lightfield.id_map.feeders import Feeders
from target_lightfield.id_map.former_keys import FormerKeys
from target_lightfield.id_map.journal import Journal
from target_lightfield.id_map.kept_by_presets import KeptByPresets
from target_lightfield.id_map.left_over import LeftOverTable
from target_lightfield.id_map.source import GONE, MERGED, TRASHED, Link, Mapped, Owner, Source, State
from target_lightfield.id_map.undone import Undone
from target_lightfield.id_map.waiting import Waiting


class IdMap:
    """Remembers what rows became, what waits and what was begun. Safe to use from several threads.

    Each method raises TargetError if the database fails.

    Args:
        url: An SQLAlchemy URL; an SQLite file is made with mode 600.
        dry_run: Whether everything that is written is taken back at the end.

    Attributes:
        waiting: The rows and links that wait.
        begun: The creates and uploads whose end was not seen.
        journal: What each run wrote, and what was there before.
        undone: Takes note of what an undo has taken back.
        feeders: Which of the source's streams feed which stream.
        kept: What presets keep from run to run.
        left_over: The values of the source that went nowhere.

    Raises:
        TargetError: The database can't be opened, or another run uses it.
    """

    def __init__(self, url: str, *, dry_run: bool = False) -> None:
        self._database = Database(url, dry_run=dry_run)
        self._entries = Entries()
        self.waiting = Waiting(self._database, self._entries)
        self.journal = Journal(self._database)
        self.begun = Begun(self._database, self._entries, self.journal)
        self.undone = Undone(self._database)
        self.feeders = Feeders(self._database)
        self.kept = KeptByPresets(self._database)
        self.left_over = LeftOverTable(self._database)
        with self._database.transaction() as connection:
            self._former = FormerKeys(connection)

    def close(self) -> None:
        """Give the database back, so that another run can have it."""
        self._database.close()

    def belongs_to(self, definition_ids: Mapping[str, str]) -> bool:
        """Whether this is the workspace that the map was made for; a new map becomes this one's.

        Args:
            definition_ids: The ids of field definitions by object type and key. They are unique to a
                workspace. A field may be deleted and made anew with another id: the majority decides.
        """
        with self._database.transaction() as connection:
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

    # What rows became

    def get(self, source: Source) -> Mapped | None:
        """Return what a row became, or None if this map has not seen it.

        Entries under a former spelling of the key, or that no feeder owns, become the row's first.
        """
        with self._database.transaction() as connection:
            row = self._entries.get(connection, tables.records, source)
            if row is None and self._rename(connection, source):
                row = self._entries.get(connection, tables.records, source)
        return Mapped(row.record_id, State(row.state), row.created, row.payload_hash) if row else None

    def _rename(self, connection: Connection, source: Source) -> bool:
        renamed = self._former.rename(connection, source.stream, source.key)
        return self.feeders.claim(connection, source) or renamed

    def find(self, object_type: str, source_key: str) -> str | None:
        """Return the record id of a source key, from whatever stream of this object type.

        None for a record that was deleted, since nothing can be linked to it, and for an ambiguous key.
        """
        found = self.find_all(object_type, source_key)
        return next(iter(found)) if len(found) == 1 else None

    def find_all(self, object_type: str, source_key: str) -> Mapping[str, str]:
        """Return the ids of all records that a key means, with the source's stream of each if several."""
        key = {"object_type": object_type, "source_key": str(source_key)}
        with self._database.transaction() as connection:
            found = {row.record_id: row.stream for row in connection.execute(_FIND, key)}
            if not found and (former := self._former.find(connection, object_type, source_key)):
                found = {former: ""}
        return {id_: self.feeders.of(name) for id_, name in found.items()} if len(found) > 1 else found

    def find_gone(self, object_type: str, source_key: str) -> str | None:
        """Return the record id of a source key whose record a person has deleted, None of any other."""
        key = {"object_type": object_type, "source_key": str(source_key)}
        with self._database.transaction() as connection:
            return connection.execute(_FIND_GONE, key).scalar()

    def other_owner(self, source: Source, object_type: str, record_id: str) -> Owner | None:
        """Return another row of the same stream that became this record.

        A row whose own record was merged into this one does not count: it only leads there.

        Args:
            source: The row whose record it may be.
            object_type: The record's object type.
            record_id: The record.
        """
        record = {**key_of_row(source), **tables.parts_of(source.stream)}
        record |= {"object_type": object_type, "record_id": record_id}
        with self._database.transaction() as connection:
            row = connection.execute(_OTHER_OWNER, record).one_or_none()
        return Owner(Source.named(row.stream, row.source_key), row.created) if row else None

    def is_taken_for(self, object_type: str, record_id: str) -> bool:
        """Whether a row became this record of another row since it has a unique value of it."""
        record = {"object_type": object_type, "record_id": record_id}
        with self._database.transaction() as connection:
            return connection.execute(_TAKEN_FOR, record).scalar() is not None

    def knows(self, object_type: str, record_id: str) -> bool:
        """Whether any row became this record."""
        record = {"object_type": object_type, "record_id": record_id}
        with self._database.transaction() as connection:
            return connection.execute(_KNOWS, record).scalar() is not None

    def key_of(self, object_type: str, record_id: str) -> str | None:
        """Return the key of a row that became this record, None if none did."""
        record = {"object_type": object_type, "record_id": record_id}
        with self._database.transaction() as connection:
            return connection.execute(_KEY_OF, record).scalar()

    def has_created(self, object_type: str, record_id: str) -> bool:
        """Whether this record was created for a row."""
        record = {"object_type": object_type, "record_id": record_id}
        with self._database.transaction() as connection:
            return connection.execute(_CREATED, record).scalar() is not None

    def settle(self, source: Source, object_type: str, mapped: Mapped, waiting: Sequence[Link] = ()) -> None:
        """Remember that a row is written, with its links that wait. Ends what was begun for it.

        Args:
            source: The row.
            object_type: The object type of its record.
            mapped: The record that it became, and what was written.
            waiting: Its links whose records have not come yet.
        """
        with self._database.transaction() as connection:
            self.journal.flush(connection)
            self._settle(connection, source, object_type, mapped)
            if waiting:
                links = [link._asdict() for link in dict.fromkeys(waiting)]
                self._entries.add(connection, tables.waiting_links, source, *links)

    def settle_all(self, settled: Mapping[Source, Mapped], object_type: str) -> None:
        """Remember that rows of one object type are written, all or none."""
        if settled:
            with self._database.transaction() as connection:
                for source, mapped in settled.items():
                    self._settle(connection, source, object_type, mapped)

    def adopt(self, source: Source, object_type: str, mapped: Mapped) -> None:
        """Remember which record is a row's before anything of the row is written to it. Ends its create.

        What waits of the row stays: it is settled only once all of it is written.

        Args:
            source: The row.
            object_type: The object type of its record.
            mapped: The record.
        """
        with self._database.transaction() as connection:
            self.journal.flush(connection)
            self._entries.delete(connection, tables.creates, source)
            self._entries.replace(connection, tables.records, source, _entry(object_type, mapped))

    def restate(self, object_type: str, record_ids: Sequence[str], state: State) -> None:
        """Give all rows that lead to these records another state.

        Merged rows stay merged, and rows that the source has deleted stay as they are.

        Args:
            object_type: The object type of the records.
            record_ids: The records.
            state: What is true of them now.
        """
        records = tables.records.c
        merged = State.MERGED_AND_GONE if state is State.GONE else State.MERGED
        if record_ids:
            with self._database.transaction() as connection:
                connection.execute(
                    sa.update(tables.records)
                    .where(
                        records.object_type == object_type,
                        records.record_id.in_(record_ids),
                        records.state.not_in(TRASHED),
                    )
                    .values(
                        state=sa.case((records.state.in_(MERGED), merged.value), else_=state.value),
                        payload_hash="",
                    )
                )

    def forget(self, source: Source) -> None:
        """Forget what a row became: the API no longer knows it."""
        with self._database.transaction() as connection:
            self._entries.delete(connection, tables.records, source)

    def drop(self, source: Source) -> None:
        """Forget everything of a row."""
        with self._database.transaction() as connection:
            self._entries.delete_all(connection, source)

    def release(self, source: Source) -> None:
        """Stop keeping a row that waited: it was rejected, or has come again."""
        self.get(source)  # it may be kept under a former key
        self.waiting.release(source)

    def _settle(self, connection: Connection, source: Source, object_type: str, mapped: Mapped) -> None:
        self._entries.delete_all(connection, source, but=tables.records)
        self._entries.replace(connection, tables.records, source, _entry(object_type, mapped))


def _entry(object_type: str, mapped: Mapped) -> dict[str, Any]:
    return {
        "object_type": object_type,
        "record_id": mapped.record_id,
        "state": mapped.state.value,
        "created": mapped.created,
        "payload_hash": mapped.payload_hash,
    }


# Built once: building a statement takes longer than running it.
_OF_KEY = (
    tables.records.c.object_type == sa.bindparam("object_type"),
    tables.records.c.source_key == sa.bindparam("source_key"),
)
_OF_RECORD = (
    tables.records.c.object_type == sa.bindparam("object_type"),
    tables.records.c.record_id == sa.bindparam("record_id"),
)
_RECORD_ID = sa.select(tables.records.c.record_id).limit(1)
_FIND = (
    sa.select(tables.records.c.record_id, tables.records.c.stream)
    .where(*_OF_KEY, tables.records.c.state.not_in([*TRASHED, *GONE]))
    .order_by(tables.records.c.stream)
)
_FIND_GONE = _RECORD_ID.where(*_OF_KEY, tables.records.c.state.in_(GONE)).order_by(tables.records.c.stream)
_KNOWS = _RECORD_ID.where(*_OF_RECORD)
_KEY_OF = sa.select(tables.records.c.source_key).where(*_OF_RECORD).order_by(tables.records.c.stream).limit(1)
_TAKEN_FOR = _KNOWS.where(tables.records.c.state == State.MERGED.value, tables.records.c.payload_hash != "")
_CREATED = _KNOWS.where(tables.records.c.created)
_OTHER_OWNER = (
    sa.select(tables.records.c.stream, tables.records.c.source_key, tables.records.c.created)
    .where(
        *_OF_RECORD,
        tables.is_fed(tables.records.c.stream),
        sa.not_(sa.and_(*tables.is_row(tables.records))),
        tables.records.c.state.not_in(MERGED),
    )
    .order_by(tables.records.c.created.desc())
    .limit(1)
)
