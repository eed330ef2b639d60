"""Creates and uploads that were begun: where their end was not seen, a rerun asks what became of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import timezone
from typing import Any

import sqlalchemy as sa

from target_lightfield.id_map import tables
from target_lightfield.id_map.database import Database
from target_lightfield.id_map.entries import Entries
from target_lightfield.id_map.journal import Journal
from target_lightfield.id_map.journal_entries import Write
from target_lightfield.id_map.source import Source, StartedCreate, StartedUpload


class Begun:
    """Remembers creates and uploads until their end is known. Each method raises TargetError if it fails."""

    def __init__(self, database: Database, entries: Entries, journal: Journal) -> None:
        self._database = database
        self._entries = entries
        self._journal = journal

    def start_create(self, source: Source, create: StartedCreate, write: Write) -> int | None:
        """Remember a create before it is sent, so that a rerun sends exactly the same again.

        Args:
            source: The row.
            create: What is sent.
            write: The same, as the journal has it.

        Returns:
            The number of the write in the journal; None where none is kept.
        """
        values = {**asdict(create), "body": json.dumps(create.body)}
        with self._database.transaction() as connection:
            self._entries.replace(connection, tables.creates, source, values)
            return self._journal.add(connection, write)

    def started_create(self, source: Source) -> StartedCreate | None:
        """Return the create of this row whose answer was not seen, or None."""
        with self._database.transaction() as connection:
            row = self._entries.get(connection, tables.creates, source)
        return _started(row) if row else None

    def started_creates(self, stream: str) -> Sequence[StartedCreate]:
        """Return the creates of a stream whose answers were not seen, or not yet."""
        with self._database.transaction() as connection:
            rows = connection.execute(_SELECT_STARTED, tables.parts_of(stream)).all()
        return [_started(row) for row in rows]

    def drop_create(self, source: Source) -> None:
        """Forget a create that the API refused, or that is too old to be sent again."""
        with self._database.transaction() as connection:
            self._entries.delete(connection, tables.creates, source)
            self._journal.drop_create(connection, source)

    def start_upload(self, source: Source, upload: StartedUpload, write: Write) -> None:
        """Remember an upload before its first byte is sent, in the journal too.

        Args:
            source: The row of the file.
            upload: The id that Lightfield gave the file, and the hash of what is uploaded.
            write: What the journal keeps of it.
        """
        with self._database.transaction() as connection:
            self._entries.replace(connection, tables.uploads, source, asdict(upload))
            self._journal.add(connection, write)

    def started_upload(self, source: Source) -> StartedUpload | None:
        """Return the upload of this row of which it is not known whether it was completed, or None."""
        with self._database.transaction() as connection:
            row = self._entries.get(connection, tables.uploads, source)
        return StartedUpload(row.file_id, row.payload_hash) if row else None

    def drop_upload(self, source: Source) -> None:
        """Forget an upload that was given up."""
        with self._database.transaction() as connection:
            self._entries.delete(connection, tables.uploads, source)
            self._journal.drop_create(connection, source)


def _started(row: sa.Row[Any]) -> StartedCreate:
    started_at = row.started_at if row.started_at.tzinfo else row.started_at.replace(tzinfo=timezone.utc)
    return StartedCreate(row.idempotency_key, json.loads(row.body), started_at)


_SELECT_STARTED = sa.select(tables.creates).where(tables.is_fed(tables.creates.c.stream))
