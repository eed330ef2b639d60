"""Keys as earlier releases spelled them: they read numbers as floats, and 1.0 was ``1.0``, now ``1``.

A text may be ``1.0``, too. So the keys that were there are noted once, when an id map of an earlier release
is opened: no text that a later run brings is ever taken for a number.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from target_lightfield.id_map import tables
from target_lightfield.id_map.source import GONE, TRASHED
from target_lightfield.keys import former_names


class FormerKeys:
    """Finds and renames the keys of earlier releases in one id map.

    Args:
        connection: A connection of the id map.
    """

    def __init__(self, connection: Connection) -> None:
        self._any = connection.execute(sa.select(tables.former_keys).limit(1)).first() is not None

    def rename(self, connection: Connection, stream: str, key: str) -> bool:
        """Give the entries under a key's former spelling that key, and return whether there were any.

        Args:
            connection: A connection of the id map, in a transaction.
            stream: The stream's name in the id map.
            key: The key as it is spelled now.

        Raises:
            SQLAlchemyError: The database fails.
        """
        for former in self._names(key):
            names = {"of_stream": stream, "former": former, "own": str(key)}
            noted = connection.execute(_FORGET, names).rowcount
            if noted and sum([connection.execute(statement, names).rowcount for statement in _RENAME]):
                return True
        return False

    def find(self, connection: Connection, object_type: str, key: str) -> str | None:
        """Return the id of the record that is known under a former spelling of a key.

        Args:
            connection: A connection of the id map, in a transaction.
            object_type: The record's object type.
            key: The key as it is spelled now.

        Raises:
            SQLAlchemyError: The database fails.
        """
        for former in self._names(key):
            names = {"of_type": object_type, "former": former}
            if (found := connection.execute(_FIND, names).scalar()) is not None:
                return str(found)
        return None

    def _names(self, key: str) -> Sequence[str]:
        return former_names(key) if self._any else ()


def _renaming(table: sa.Table) -> sa.Update:
    """Return the statement that moves the entries of one key to another, unless that has some."""
    own = table.alias()
    of_stream: sa.BindParameter[str] = sa.bindparam("of_stream")
    own_key: sa.BindParameter[str] = sa.bindparam("own")
    taken = sa.exists().where(own.c.stream == of_stream, own.c.source_key == own_key)
    former = (table.c.stream == of_stream, table.c.source_key == sa.bindparam("former"))
    return sa.update(table).where(*former, ~taken).values(source_key=own_key)


_RENAME = [_renaming(table) for table in tables.OF_ROWS]
_FORGET = sa.delete(tables.former_keys).where(
    tables.former_keys.c.stream == sa.bindparam("of_stream"),
    tables.former_keys.c.source_key == sa.bindparam("former"),
)
_FIND = (
    sa.select(tables.records.c.record_id)
    .join(
        tables.former_keys,
        sa.and_(
            tables.former_keys.c.stream == tables.records.c.stream,
            tables.former_keys.c.source_key == tables.records.c.source_key,
        ),
    )
    .where(
        tables.records.c.object_type == sa.bindparam("of_type"),
        tables.records.c.source_key == sa.bindparam("former"),
        tables.records.c.state.not_in([*TRASHED, *GONE]),
    )
    .order_by(tables.records.c.stream)
    .limit(1)
)
