"""A private SQLite database: what a run knows and nothing needs after it, on disk when it is much.

Without a name it lives in memory, and beyond its cache in a file that is already deleted, so that nothing
of the workspace outlives the run.
"""

from __future__ import annotations

import pickle
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from lightfield_api.errors import UnexpectedAnswer
from target_lightfield.errors import TargetError

_CACHE_KIB = 2 * 1024


class TemporaryDatabase:
    """A database of this run's own. Safe to use from several threads.

    Args:
        schema: The statements that make its tables.
        cache_kib: How much of it stays in memory.
    """

    def __init__(self, schema: str, *, cache_kib: int = _CACHE_KIB) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        # Pages of twice the usual size: most rows are records of one or two kilobytes.
        pragmas = (
            "page_size = 8192",
            "journal_mode = OFF",
            "synchronous = OFF",
            f"cache_size = -{cache_kib}",
        )
        for pragma in pragmas:
            self._connection.execute(f"PRAGMA {pragma}")
        self._connection.executescript(schema)

    def close(self) -> None:
        """Forget everything."""
        with self._lock:
            self._connection.close()

    @contextmanager
    def used(self) -> Iterator[sqlite3.Connection]:
        """Have the connection alone.

        Raises:
            TargetError: The database failed, which a full disk does.
        """
        try:
            with self._lock:
                yield self._connection
        except sqlite3.Error as e:  # whose own text has no values in it
            raise TargetError(
                f"The run's temporary database failed: {e}. Make room in the folder for temporary files, or "
                "set SQLITE_TMPDIR to another one, and run it again: what was written is known."
            ) from None


def packed(record: Mapping[str, Any]) -> bytes:
    """Return a record as a temporary database keeps it, in a fraction of the time that JSON takes.

    Raises:
        UnexpectedAnswer: It nests some hundred levels.
    """
    try:
        return pickle.dumps(record, pickle.HIGHEST_PROTOCOL)
    except RecursionError:
        raise UnexpectedAnswer("A record nests deeper than any of Lightfield's does") from None


def unpacked(body: bytes) -> dict[str, Any]:
    """Return the record that this run ``packed``: nobody else has the database."""
    record: dict[str, Any] = pickle.loads(body)  # noqa: S301 - see above
    return record


def storable(text: str) -> bytes:
    """Return the text as SQLite takes it: half a surrogate pair is no text there."""
    return text.encode(errors="surrogatepass")


def stored(value: bytes) -> str:
    """Return the text that was made ``storable``."""
    return value.decode(errors="surrogatepass")
