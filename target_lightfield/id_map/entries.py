"""What the tables of rows hold of one row: its record, what was begun for it, what of it waits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from target_lightfield.id_map import tables
from target_lightfield.id_map.source import Source


class Entries:
    """Reads and writes the entries of rows, within transactions of the one database.

    Most rows have one entry, of their record. A table that has none at all, as those of what was begun or
    waits mostly have, is asked once in a run, and costs each row nothing.
    """

    def __init__(self) -> None:
        self._is_empty: dict[sa.Table, bool] = {}

    def get(self, connection: Connection, table: sa.Table, source: Source) -> sa.Row[Any] | None:
        """Return the one entry of a row in a table, None if it has none.

        Args:
            connection: The transaction in which it is read.
            table: One of ``tables.OF_ROWS`` that has at most one entry of a row.
            source: The row.
        """
        if self._has_none(connection, table):
            return None
        return connection.execute(_SELECT[table], key_of_row(source)).one_or_none()

    def add(
        self, connection: Connection, table: sa.Table, source: Source, *values: Mapping[str, Any]
    ) -> None:
        """Add entries of a row to a table.

        Args:
            connection: The transaction in which it is done.
            table: One of ``tables.OF_ROWS``.
            source: The row.
            values: The entries, each a value by the name of its column. The key's columns are added to each.
        """
        self._is_empty[table] = False
        connection.execute(_INSERT[table], [{**key_of_row(source), **entry} for entry in values])

    def delete(self, connection: Connection, table: sa.Table, source: Source) -> None:
        """Delete the entries of a row in a table.

        Args:
            connection: The transaction in which it is done.
            table: One of ``tables.OF_ROWS``.
            source: The row.
        """
        if not self._has_none(connection, table):
            connection.execute(_DELETE[table], key_of_row(source))

    def replace(
        self, connection: Connection, table: sa.Table, source: Source, values: Mapping[str, Any]
    ) -> None:
        """Make this the one entry of a row in a table.

        Args:
            connection: The transaction in which it is done.
            table: One of ``tables.OF_ROWS`` that has at most one entry of a row.
            source: The row.
            values: Its values, by the names of the columns, but for those of the key.
        """
        if not self._has_none(connection, table):
            of_row = {"of_stream": source.name, "of_key": str(source.key)}
            if connection.execute(_UPDATE[table], {**of_row, **values}).rowcount:
                return
        self.add(connection, table, source, values)

    def delete_all(self, connection: Connection, source: Source, *, but: sa.Table | None = None) -> None:
        """Delete all that is known of a row, but for what one table has of it.

        Args:
            connection: The transaction in which it is done.
            source: The row.
            but: The table whose entries of the row stay; None for no table.
        """
        for table in tables.OF_ROWS:
            if table is not but:
                self.delete(connection, table, source)

    def _has_none(self, connection: Connection, table: sa.Table) -> bool:
        if table not in self._is_empty:
            self._is_empty[table] = connection.execute(_ANY[table]).first() is None
        return self._is_empty[table]


def key_of_row(source: Source) -> dict[str, Any]:
    """Return the parameters by which a statement finds the entries of a row."""
    return {"stream": source.name, "source_key": str(source.key)}


# Built once: building a statement takes longer than running it.
_ANY = {table: sa.select(table.c.stream).limit(1) for table in tables.OF_ROWS}
_SELECT = {table: sa.select(table).where(*tables.is_row(table)) for table in tables.OF_ROWS}
_DELETE = {table: sa.delete(table).where(*tables.is_row(table)) for table in tables.OF_ROWS}
# Not tables.is_row: in an UPDATE, SQLAlchemy keeps the names of columns for what is set.
_UPDATE = {
    table: sa.update(table)
    .where(table.c.stream == sa.bindparam("of_stream"), table.c.source_key == sa.bindparam("of_key"))
    .values({column: sa.bindparam(column.name) for column in table.c if not column.primary_key})
    for table in tables.OF_ROWS
}
_INSERT = {table: sa.insert(table) for table in tables.OF_ROWS}
