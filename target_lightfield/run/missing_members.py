"""The members whom the workspace lacks, with how many records refer to each."""

from __future__ import annotations

from collections.abc import Mapping

from target_lightfield.temporary_database import TemporaryDatabase, storable, stored

_SCHEMA = """
CREATE TABLE members (name BLOB PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE referring (name BLOB, stream BLOB, key BLOB, PRIMARY KEY (name, stream, key)) WITHOUT ROWID;
"""
_MOST = """
SELECT name, count(key) AS records FROM members LEFT JOIN referring USING (name)
GROUP BY name ORDER BY records DESC, name LIMIT ?
"""


class MissingMembers:
    """Counts the records that refer to members whom the workspace lacks, in memory or on disk.

    Args:
        emails: The emails of those who are in the feed, by source key. They are named without a record too.
    """

    def __init__(self, emails: Mapping[str, str]) -> None:
        self._emails = emails
        self._database = TemporaryDatabase(_SCHEMA)
        for key in emails:
            self._name(key)

    def close(self) -> None:
        """Forget everything."""
        self._database.close()

    def refer(self, reference: str, stream: str, key: str) -> None:
        """Count a record that refers to a member; the same one once.

        Args:
            reference: The member's source key or email.
            stream: The record's stream.
            key: The record's source key.

        Raises:
            TargetError: The temporary database fails, as in every method.
        """
        values = (self._name(reference), storable(stream), storable(key))
        with self._database.used() as database:
            database.execute("INSERT OR IGNORE INTO referring VALUES (?, ?, ?)", values)

    def most(self, number: int) -> Mapping[str, int]:
        """Return the members to whom most records refer, at most so many, with the number of records."""
        with self._database.used() as database:
            return {stored(name): records for name, records in database.execute(_MOST, (number,))}

    def __len__(self) -> int:
        with self._database.used() as database:
            return int(database.execute("SELECT count(*) FROM members").fetchone()[0])

    def _name(self, reference: str) -> bytes:
        """Add a member by the email if that is known, else as it is referred to; return that name."""
        name = self._emails.get(reference, reference)
        stored_name = storable(name.casefold() if "@" in name else name)
        with self._database.used() as database:
            database.execute("INSERT OR IGNORE INTO members VALUES (?)", (stored_name,))
        return stored_name
