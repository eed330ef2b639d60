"""Who is on which list according to the feed: with ``relationship_mode: replace`` the others are removed."""

from __future__ import annotations

from collections.abc import Collection

from target_lightfield.temporary_database import TemporaryDatabase, storable, stored

_SCHEMA = """
CREATE TABLE given (list_id BLOB, object_type BLOB, record_id BLOB,
                    PRIMARY KEY (list_id, object_type, record_id)) WITHOUT ROWID;
CREATE TABLE waiting (source_key BLOB PRIMARY KEY) WITHOUT ROWID;
"""


class GivenMembers:
    """Remembers the memberships of a feed, in memory or on disk. Safe to use from several threads."""

    def __init__(self) -> None:
        self._database = TemporaryDatabase(_SCHEMA)

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def add(self, list_id: str, object_type: str, record_id: str) -> None:
        """Take note of a record that the feed has on a list.

        Args:
            list_id: The list's id in Lightfield.
            object_type: ``account``, ``contact`` or ``opportunity``.
            record_id: The record's id in Lightfield.

        Raises:
            TargetError: The temporary database fails, as in every method.
        """
        with self._database.used() as database:
            database.execute(
                "INSERT OR IGNORE INTO given VALUES (?, ?, ?)", _values(list_id, object_type, record_id)
            )

    def has(self, list_id: str, object_type: str, record_id: str) -> bool:
        """Whether the feed has the record on the list. Args as in ``add``."""
        with self._database.used() as database:
            found = database.execute(
                "SELECT 1 FROM given WHERE list_id = ? AND object_type = ? AND record_id = ?",
                _values(list_id, object_type, record_id),
            )
            return found.fetchone() is not None

    def add_waiting(self, source_key: str) -> None:
        """Take note of a row of the feed that waits."""
        with self._database.used() as database:
            database.execute("INSERT OR IGNORE INTO waiting VALUES (?)", _values(source_key))

    def is_waiting(self, source_key: str) -> bool:
        """Whether the feed has a row of this key that waits."""
        with self._database.used() as database:
            found = database.execute("SELECT 1 FROM waiting WHERE source_key = ?", _values(source_key))
            return found.fetchone() is not None

    def lists(self, ids: Collection[str]) -> set[tuple[str, str]]:
        """Return which of these lists the feed has rows of: the id of each, and its members' object type."""
        with self._database.used() as database:
            found = database.execute("SELECT DISTINCT list_id, object_type FROM given").fetchall()
        known = {(stored(list_id), stored(object_type)) for list_id, object_type in found}
        return {one for one in known if one[0] in ids}


def _values(*texts: str) -> tuple[bytes, ...]:
    return tuple(map(storable, texts))
