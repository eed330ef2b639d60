"""Keeps a workspace in an SQLite file: every change is written at once, as JSON."""

from __future__ import annotations

import json
import sqlite3
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.store.answers import Answer, KeyScope
from lightfield_sandbox.store.records import SEED, Record

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SCHEMA = """
CREATE TABLE IF NOT EXISTS workspace (seed INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS records (id TEXT PRIMARY KEY, object_type TEXT NOT NULL, document TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
    entity TEXT, operation TEXT, key TEXT, at REAL, status INTEGER, body BLOB,
    PRIMARY KEY (entity, operation, key)
);
CREATE TABLE IF NOT EXISTS contents (id TEXT PRIMARY KEY, body BLOB);
CREATE TABLE IF NOT EXISTS history (id TEXT, key TEXT, at INTEGER, value TEXT);
"""


class Journal:
    """The file behind a workspace."""

    def __init__(self, path: str) -> None:
        # The workspace's lock lets one thread in at a time.
        self._db = sqlite3.connect(path, check_same_thread=False)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)

    def seed(self) -> int | None:
        """The seed of the workspace in the file, None if the file is new."""
        row = self._db.execute("SELECT seed FROM workspace").fetchone()
        return None if row is None else int(row[0])

    def start(self, seed: int, records: Iterable[Record]) -> None:
        """Replace what is in the file by a fresh workspace."""
        with self._db:
            for table in ("workspace", "records", "answers", "contents", "history"):
                self._db.execute(f"DELETE FROM {table}")  # noqa: S608 - names from the line above
            self._db.executemany("INSERT INTO records VALUES (?, ?, ?)", map(_row, records))
            self._db.execute("INSERT INTO workspace VALUES (?)", (seed,))

    def load(self) -> Iterator[Record]:
        """Every record in the file."""
        for record_id, object_type, document in self._db.execute(
            "SELECT id, object_type, document FROM records"
        ):
            yield _record(record_id, object_type, json.loads(document))

    def save(self, records: Iterable[Record]) -> None:
        """Write new versions of records."""
        with self._db:
            self._db.executemany("INSERT OR REPLACE INTO records VALUES (?, ?, ?)", map(_row, records))

    def load_contents(self) -> Iterator[tuple[str, bytes]]:
        """The uploaded bytes by file id."""
        yield from self._db.execute("SELECT id, body FROM contents")

    def save_content(self, file_id: str, content: bytes) -> None:
        """Write the bytes of a file."""
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO contents VALUES (?, ?)", (file_id, content))

    def load_history(self) -> Iterator[tuple[str, str, int, Any]]:
        """Record id, field key, time and value of every entry, in the order in which they were written."""
        for record_id, key, at, value in self._db.execute(
            "SELECT id, key, at, value FROM history ORDER BY rowid"
        ):
            yield record_id, key, at, json.loads(value)

    def save_history(self, rows: Iterable[tuple[str, str, int, Any]]) -> None:
        """Write entries of the history."""
        dumped = [(record_id, key, at, json.dumps(value)) for record_id, key, at, value in rows]
        with self._db:
            self._db.executemany("INSERT INTO history VALUES (?, ?, ?, ?)", dumped)

    def load_answers(self) -> dict[KeyScope, Answer]:
        """The stored answers to idempotency keys."""
        rows = self._db.execute("SELECT entity, operation, key, at, status, body FROM answers")
        return {
            (entity, operation, key): Answer(at, status, body)
            for entity, operation, key, at, status, body in rows
        }

    def save_answer(self, scope: KeyScope, answer: Answer) -> None:
        """Write an answer."""
        row = (*scope, answer.at, answer.status, answer.body)
        with self._db:
            self._db.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)", row)

    def close(self) -> None:
        """Close the file."""
        self._db.close()


def _row(record: Record) -> tuple[str, str, str]:
    document = {
        "created": record.created_ms,
        "updated": record.updated_ms,
        "fields": record.fields,
        "links": record.links,
        "externalId": record.external_id,
        "trashed": record.trashed,
        "access": record.access,
        "origin": record.origin,
    }
    return record.id, record.object_type, json.dumps(document, ensure_ascii=False)


def _record(record_id: str, object_type: str, document: dict[str, Any]) -> Record:
    return Record(
        object_type,
        record_id,
        document["created"],
        document["updated"],
        document["fields"],
        {slot: tuple(ids) for slot, ids in document["links"].items()},
        external_id=document["externalId"],
        trashed=document["trashed"],
        access=document["access"],
        origin=document.get("origin", SEED),
    )
