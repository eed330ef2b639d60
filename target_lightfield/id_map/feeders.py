"""Which of the source's streams feed which stream: two of them may have the same keys for other things.

The first one that feeds ``notes`` has its entries under that name, as where it is the only one. Each further
one has its own, under a name such as ``notes < calls``. Where stream maps let several feed a stream from the
start, each has such a name, so that nothing depends on which comes first.

Entries that an earlier release made of such a stream may be any feeder's. The feeder whose row of the same
key comes first gets the entry.
"""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from target_lightfield.id_map import tables
from target_lightfield.id_map.database import Database
from target_lightfield.id_map.source import Source, stream_and_origin


class Feeders:
    """Remembers which of the source's streams feed a stream. Each method raises TargetError if it fails."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._origins: dict[tuple[str, str], str | None] = {}
        self._unclaimed: set[str] = set()  # streams whose entries under their own name no feeder owns

    def origin(self, stream: str, source: str, *, is_shared: Callable[[], bool]) -> str | None:
        """Return what follows ``<`` in the name of a feeder's entries; None if that is the stream's own.

        Args:
            stream: The stream that is fed.
            source: What the source calls the one that feeds it.
            is_shared: Returns whether another one may feed it too. Called if the id map has no feeder yet.
        """
        if (stream, source) not in self._origins:
            owner = self._noted(stream, lambda: None if is_shared() else source)
            self._origins[stream, source] = None if owner == source else source
            if owner is None:
                self._unclaimed.add(stream)
        return self._origins[stream, source]

    def owner(self, stream: str) -> str | None:
        """Return which of the source's streams has its entries under the stream's own name, if known."""
        with self._database.transaction() as connection:
            known = connection.execute(_SELECT, {"of_stream": stream}).one_or_none()
        return known.source if known else None

    def of(self, name: str) -> str:
        """Return what the source calls the stream of an entry."""
        stream, origin = stream_and_origin(name)
        return origin or self.owner(stream) or stream

    def _noted(self, stream: str, first: Callable[[], str | None]) -> str | None:
        with self._database.transaction() as connection:
            known = connection.execute(_SELECT, {"of_stream": stream}).one_or_none()
            owner: str | None = known.source if known else first()
            if known is None:
                connection.execute(sa.insert(tables.feeders), [{"stream": stream, "source": owner}])
            return owner

    def claim(self, connection: Connection, source: Source) -> bool:
        """Give a row the entries of its key that no feeder owns, and return whether there were any."""
        if source.origin is None or source.stream not in self._unclaimed:
            return False
        names = {"of_stream": source.stream, "key": str(source.key), "own": source.name}
        return sum([connection.execute(statement, names).rowcount for statement in _CLAIM]) > 0


def _claiming(table: sa.Table) -> sa.Update:
    """Return the statement that moves a row's entries to a stream, unless that has some of this key."""
    other = table.alias()
    own: sa.BindParameter[str] = sa.bindparam("own")
    key: sa.BindParameter[str] = sa.bindparam("key")
    taken = sa.exists().where(other.c.stream == own, other.c.source_key == key)
    alone = (table.c.stream == sa.bindparam("of_stream"), table.c.source_key == key)
    return sa.update(table).where(*alone, ~taken).values(stream=own)


_CLAIM = [_claiming(table) for table in tables.OF_ROWS]
_SELECT = sa.select(tables.feeders.c.source).where(tables.feeders.c.stream == sa.bindparam("of_stream"))
