"""Links of the source, as presets keep them: they come before or after the records that they join."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from target_lightfield.id_map import tables
from target_lightfield.id_map.database import Database

_PIECE = 500


class SourceLink(NamedTuple):
    """A row of the source that links two records.

    Attributes:
        links: The stream, and which of its links is meant.
        row_key: The row's own key.
        of_key: The key of the record that has the link.
        to_key: The key of the other.
        best: Whether it is the one that a column takes that takes one.
    """

    links: str
    row_key: str
    of_key: str
    to_key: str
    best: bool


class SourceLinks:
    """The links of the source."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, links: Sequence[SourceLink], run: str, gone: Iterable[tuple[str, str]] = ()) -> None:
        """Keep links, in place of what there is of the same rows; one that is as it was stays written.

        Args:
            links: The links.
            run: Which run brings them.
            gone: The rows that are links no longer: which links, and the row's key.
        """
        with self._database.transaction() as connection:
            for name, row_key in gone:
                connection.execute(_DELETE_LINK, {"of_links": name, "of_row": row_key})
            new = []
            for link in {(link.links, link.row_key): link for link in links}.values():
                names = {"of_links": link.links, "of_row": link.row_key}
                known = connection.execute(_LINK, names).one_or_none()
                is_same = known is not None and SourceLink(*known[:5]) == link
                if known is not None and is_same and known.run == run:
                    continue
                if known is not None:
                    connection.execute(_DELETE_LINK, names)
                is_written = known is not None and is_same and known.is_written
                new.append({**link._asdict(), "is_written": is_written, "run": run})
            if new:
                connection.execute(sa.insert(tables.source_links), new)

    def keep_only(self, links: str, run: str) -> None:
        """Forget what a run has not brought again of the links of each record of which it has brought any."""
        with self._database.transaction() as connection:
            connection.execute(_DELETE_STALE, {"of_links": links, "of_run": run})

    def of(self, links: str, of_key: str) -> Sequence[SourceLink]:
        """Return the links of a record, the best first, then by the key of the other."""
        with self._database.transaction() as connection:
            rows = connection.execute(_LINKS_OF, {"of_links": links, "of_key": of_key}).all()
        return [SourceLink(*row[:5]) for row in rows]

    def names(self) -> frozenset[str]:
        """Return which links there are any of."""
        with self._database.transaction() as connection:
            return frozenset(connection.execute(_NAMES).scalars())

    def unwritten(self, links: str) -> Iterator[str]:
        """Yield the keys of the records that have links which are not written yet, in pieces."""
        last = ""
        while True:
            with self._database.transaction() as connection:
                keys = connection.execute(_UNWRITTEN, {"of_links": links, "last": last}).scalars().all()
            yield from keys
            if len(keys) < _PIECE:
                return
            last = keys[-1]

    def note_written(self, links: str, of_keys: Sequence[str]) -> None:
        """Remember that the links of records are written."""
        if of_keys:
            with self._database.transaction() as connection:
                connection.execute(_NOTE_WRITTEN, [{"of_links": links, "key": key} for key in of_keys])


# Built once: building a statement takes longer than running it.
_S = tables.source_links.c
_OF_LINK = (_S.links == sa.bindparam("of_links"), _S.row_key == sa.bindparam("of_row"))
_LINK = sa.select(tables.source_links).where(*_OF_LINK)
_DELETE_LINK = sa.delete(tables.source_links).where(*_OF_LINK)
_BROUGHT = tables.source_links.alias()
_DELETE_STALE = sa.delete(tables.source_links).where(
    _S.links == sa.bindparam("of_links"),
    _S.run != sa.bindparam("of_run"),
    _S.of_key.in_(
        sa.select(_BROUGHT.c.of_key).where(
            _BROUGHT.c.links == sa.bindparam("of_links"), _BROUGHT.c.run == sa.bindparam("of_run")
        )
    ),
)
_NAMES = sa.select(_S.links).distinct()
_LINKS_OF = (
    sa.select(tables.source_links)
    .where(_S.links == sa.bindparam("of_links"), _S.of_key == sa.bindparam("of_key"))
    .order_by(_S.best.desc(), sa.func.length(_S.to_key), _S.to_key, _S.row_key)
)
_UNWRITTEN = (
    sa.select(_S.of_key)
    .where(_S.links == sa.bindparam("of_links"), ~_S.is_written, _S.of_key > sa.bindparam("last"))
    .distinct()
    .order_by(_S.of_key)
    .limit(_PIECE)
)
_NOTE_WRITTEN = (
    sa.update(tables.source_links)
    .where(_S.links == sa.bindparam("of_links"), _S.of_key == sa.bindparam("key"))
    .values(is_written=True)
)
