"""The rows of a feed, kept until all have come: then nothing depends on the order of streams.

They are in a database of this run's own, on disk. A run that is killed has emitted no state for them: they
come again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from target_lightfield.plain_rows import dumped, loaded
from target_lightfield.temporary_database import TemporaryDatabase, storable, stored

_SCHEMA = """
CREATE TABLE rows (stream BLOB, number INTEGER, key BLOB, deleted INTEGER, row BLOB,
                   PRIMARY KEY (stream, number)) WITHOUT ROWID;
CREATE INDEX by_key ON rows (stream, key);
"""
_PIECE = 200  # how many rows are in memory at once
_GATHERED = 500


class Spool:
    """Rows by stream, in the order in which they came.

    Attributes:
        taken: How many rows of each stream it has.
    """

    def __init__(self) -> None:
        self._database = TemporaryDatabase(_SCHEMA)
        self._number = 0
        self.taken: Counter[str] = Counter()
        self._gathered: list[tuple[bytes, int, bytes, bool, bytes]] = []

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def add(self, stream: str, key: str, row: Mapping[str, Any], *, deleted: bool = False) -> None:
        """Take a row.

        Args:
            stream: The source's stream.
            key: The row's key as text.
            row: The row.
            deleted: Whether the source has deleted it.
        """
        self._number += 1
        self.taken[stream] += 1
        body = dumped(row).encode(errors="surrogatepass")
        self._gathered.append((storable(stream), self._number, storable(key), deleted, body))
        if len(self._gathered) >= _GATHERED:
            self._write()

    def has(self, stream: str, key: str) -> bool:
        """Whether a row of this key has come."""
        self._write()
        with self._database.used() as database:
            found = database.execute(
                "SELECT 1 FROM rows WHERE stream = ? AND key = ?", (storable(stream), storable(key))
            )
            return found.fetchone() is not None

    def rows(self, stream: str) -> Iterator[tuple[str, Mapping[str, Any], bool]]:
        """Yield the rows of a stream: key, row, and whether the source has deleted it."""
        self._write()
        last = 0
        while True:
            with self._database.used() as database:
                rows = database.execute(_ROWS, (storable(stream), last, _PIECE)).fetchall()
            for number, key, deleted, body in rows:
                yield stored(key), loaded(body.decode(errors="surrogatepass")), bool(deleted)
                last = number
            if len(rows) < _PIECE:
                return

    def _write(self) -> None:
        if self._gathered:
            with self._database.used() as database:
                database.execute("BEGIN")
                database.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?)", self._gathered)
                database.execute("COMMIT")
            self._gathered.clear()


_ROWS = """
SELECT number, key, deleted, row FROM rows WHERE stream = ? AND number > ? ORDER BY number LIMIT ?
"""
