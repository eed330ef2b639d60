"""The records of one object that a run knows, in memory while they are few and on disk when they are many."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lightfield_api.records import Record
from target_lightfield.temporary_database import TemporaryDatabase, packed, storable, unpacked

_CACHE_KIB = 16 * 1024

# Records are appended, and found through an index that stays in memory where they do not.
_SCHEMA = """
CREATE TABLE records (id BLOB PRIMARY KEY, body BLOB NOT NULL);
CREATE TABLE keys (field TEXT, key BLOB, id BLOB, PRIMARY KEY (field, key, id)) WITHOUT ROWID;
"""


class RecordStore:
    """Keeps records by id, and by the match keys that they have or once had. Safe in several threads.

    Each method raises TargetError where the database fails.
    """

    def __init__(self) -> None:
        self._database = TemporaryDatabase(_SCHEMA, cache_kib=_CACHE_KIB)

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def put(self, record_id: str, record: Record, keys: Iterable[tuple[str, str]]) -> None:
        """Keep a record.

        Args:
            record_id: Its id.
            record: The record, as the API answers it.
            keys: What it is found by: pairs of a field's key and a match key.
        """
        body, stored_id = packed(record), storable(record_id)
        with self._database.used() as database:
            database.execute("REPLACE INTO records VALUES (?, ?)", (stored_id, body))
            database.executemany(
                "INSERT OR IGNORE INTO keys VALUES (?, ?, ?)",
                [(field, storable(key), stored_id) for field, key in keys],
            )

    def get(self, record_id: str) -> Record | None:
        """Return a record, or None if it is not known."""
        with self._database.used() as database:
            row = database.execute("SELECT body FROM records WHERE id = ?", (storable(record_id),)).fetchone()
        return unpacked(row[0]) if row else None

    def remove(self, record_id: str) -> None:
        """Forget a record."""
        with self._database.used() as database:
            database.execute("DELETE FROM records WHERE id = ?", (storable(record_id),))

    def find(self, field: str, keys: Iterable[str]) -> Sequence[Record]:
        """Return the records that have, or once had, one of these keys in this field."""
        found: dict[bytes, bytes] = {}
        with self._database.used() as database:
            for key in keys:
                rows = database.execute(
                    "SELECT id, body FROM keys JOIN records USING (id) WHERE field = ? AND key = ?",
                    (field, storable(key)),
                )
                found.update(rows)
        return [unpacked(body) for body in found.values()]
