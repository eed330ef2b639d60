"""Rows of the source to which a value of another stream has to be added, as presets keep them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sqlalchemy as sa

from target_lightfield.id_map import tables
from target_lightfield.id_map.database import Database
from target_lightfield.plain_rows import dumped, loaded

_PIECE = 500


class UnfinishedRows:
    """Rows of the source that were written without a value of another stream, which has not come.

    Attributes:
        most: How many are kept: each is translated again by every run until it is finished.
        too_many: How many were not kept, since there are as many as are kept already.
    """

    most = 100_000

    def __init__(self, database: Database) -> None:
        self._database = database
        self.too_many = 0
        self._gathered: dict[tuple[str, str], Mapping[str, Any] | None] = {}
        self._number: int | None = None

    def replace(self, stream: str, key: str, row: Mapping[str, Any] | None) -> None:
        """Keep a row, in place of what there is of it; None if it is finished. ``flush`` makes it last.

        Of too many the last ones are not kept, and counted.

        Args:
            stream: The source's stream.
            key: The row's key in it.
            row: The row as the source sent it; None if nothing is missing of it any more.
        """
        self._gathered[stream, key] = row
        if len(self._gathered) >= _PIECE:
            self.flush()

    def flush(self) -> None:
        """Keep what has been gathered."""
        with self._database.transaction() as connection:
            if self._number is None:
                self._number = connection.execute(_COUNT_UNFINISHED).scalar_one()
            rows = []
            for (stream, key), row in self._gathered.items():
                names = {"of_stream": stream, "of_key": key}
                self._number -= connection.execute(_DELETE_UNFINISHED, names).rowcount
                if row is not None and self._number >= self.most:
                    self.too_many += 1
                elif row is not None:
                    self._number += 1
                    rows.append({"stream": stream, "source_key": key, "row": dumped(row)})
            if rows:
                connection.execute(sa.insert(tables.unfinished_rows), rows)
        self._gathered.clear()

    def rows(self) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Yield all that is kept, each with its stream and its key, in pieces."""
        last = ("", "")
        while True:
            with self._database.transaction() as connection:
                rows = connection.execute(_UNFINISHED, {"stream": last[0], "key": last[1]}).all()
            for row in rows:
                yield row.stream, row.source_key, loaded(row.row)
            if len(rows) < _PIECE:
                return
            last = (rows[-1].stream, rows[-1].source_key)


# Built once: building a statement takes longer than running it.
_U = tables.unfinished_rows.c
_DELETE_UNFINISHED = sa.delete(tables.unfinished_rows).where(
    _U.stream == sa.bindparam("of_stream"), _U.source_key == sa.bindparam("of_key")
)
_COUNT_UNFINISHED = sa.select(sa.func.count()).select_from(tables.unfinished_rows)
_UNFINISHED = (
    sa.select(tables.unfinished_rows)
    .where(sa.tuple_(_U.stream, _U.source_key) > sa.tuple_(sa.bindparam("stream"), sa.bindparam("key")))
    .order_by(_U.stream, _U.source_key)
    .limit(_PIECE)
)
