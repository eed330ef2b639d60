"""The records of one object that a run knows, in memory while they are few and on disk when they are many."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterable, Sequence

from target_lightfield.criteria import Record

_CACHE_KIB = 16 * 1024

_SCHEMA = """
CREATE TABLE records (id BLOB PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE keys (field TEXT, key BLOB, id BLOB, PRIMARY KEY (field, key, id)) WITHOUT ROWID;
"""


class RecordStore:
    """Records by id, and by the keys that they are, or once were, found by. Safe to use from several threads.

    It is a private SQLite database: without a name it lives in memory, and beyond its cache in a file that
    is already deleted, so that nothing of the workspace outlives the run.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._database = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{_CACHE_KIB}"):
            self._database.execute(f"PRAGMA {pragma}")
        self._database.executescript(_SCHEMA)

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._database.close()

    def put(self, record_id: str, record: Record, keys: Iterable[tuple[str, str]]) -> None:
        """Keep a record, and the field and key of each way to find it."""
        body, stored_id = json.dumps(record), _storable(record_id)
        with self._lock:
            self._database.execute("REPLACE INTO records VALUES (?, ?)", (stored_id, body))
            self._database.executemany(
                "INSERT OR IGNORE INTO keys VALUES (?, ?, ?)",
                [(field, _storable(key), stored_id) for field, key in keys],
            )

    def get(self, record_id: str) -> Record | None:
        """Return a record, or None if it is not known."""
        with self._lock:
            row = self._database.execute(
                "SELECT body FROM records WHERE id = ?", (_storable(record_id),)
            ).fetchone()
        return json.loads(row[0]) if row else None

    def remove(self, record_id: str) -> None:
        """Forget a record."""
        with self._lock:
            self._database.execute("DELETE FROM records WHERE id = ?", (_storable(record_id),))

    def find(self, field: str, keys: Iterable[str]) -> Sequence[Record]:
        """Return the records that have, or once had, one of these keys in this field."""
        found: dict[bytes, str] = {}
        with self._lock:
            for key in keys:
                rows = self._database.execute(
                    "SELECT id, body FROM keys JOIN records USING (id) WHERE field = ? AND key = ?",
                    (field, _storable(key)),
                )
                found.update(rows)
        return [json.loads(body) for body in found.values()]


def _storable(key: str) -> bytes:
    """Return the key as SQLite takes it: half a surrogate pair is no text there."""
    return key.encode(errors="surrogatepass")
