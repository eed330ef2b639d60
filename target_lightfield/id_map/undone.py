"""What the id map has to know of an undo: what it took back counts as written no more.

A record that it moved to the trash is as one that the source had deleted: should its row come again, it gets
a new one, and the API does not repeat its answer to the old one's create. A record that it changed back is
compared with its row when that comes.
"""

from __future__ import annotations

import sqlalchemy as sa

from target_lightfield.id_map import tables
from target_lightfield.id_map.database import Database
from target_lightfield.id_map.entries import key_of_row
from target_lightfield.id_map.source import MERGED, TRASHED, Source, State


class Undone:
    """Takes note of what an undo did. Each method raises TargetError if the database fails."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def trash(self, object_type: str, record_id: str, state: State) -> None:
        """Take note of a record that is moved to the trash. Rows that only led to it are forgotten.

        Args:
            object_type: Its object type.
            record_id: Its id.
            state: TRASHING before that is asked for, so that no load takes it for written should the undo
                break off; TRASHED afterwards.
        """
        record = {"of_type": object_type, "of_record": record_id}
        with self._database.transaction() as connection:
            connection.execute(_FORGET_MERGED, record)
            connection.execute(_TRASH, {**record, "in_state": state.value})

    def restore(self, object_type: str, record_id: str) -> None:
        """Take note that a record was taken out of the trash, or is not moved there after all."""
        with self._database.transaction() as connection:
            connection.execute(_RESTORE, {"of_type": object_type, "of_record": record_id})

    def change(self, object_type: str, record_id: str, source: Source | None, *, adopted: bool) -> None:
        """Take note that a record is changed back: before it is, or a load could take it for written.

        Args:
            object_type: Its object type.
            record_id: Its id.
            source: The row for which it had been changed.
            adopted: Whether that row was matched with it just then: it is matched anew.
        """
        record = {"of_type": object_type, "of_record": record_id}
        with self._database.transaction() as connection:
            if adopted and source:
                row = key_of_row(source)
                names = {"of_stream": row["stream"], "of_key": row["source_key"]}
                connection.execute(_FORGET_ADOPTED, record | names)
            connection.execute(_COMPARE, record)

    def compare(self, source: Source) -> None:
        """Let a row be compared with its record when it comes again, since a link of it may be gone."""
        row = key_of_row(source)
        names = {"of_stream": row["stream"], "of_key": row["source_key"]}
        with self._database.transaction() as connection:
            connection.execute(_COMPARE_ROW, names)


# Built once: building a statement takes longer than running it.
_R = tables.records.c
_OF_RECORD = (_R.object_type == sa.bindparam("of_type"), _R.record_id == sa.bindparam("of_record"))
_OF_ROW = (_R.stream == sa.bindparam("of_stream"), _R.source_key == sa.bindparam("of_key"))
_FORGET = sa.delete(tables.records).where(*_OF_RECORD)
_FORGET_MERGED = _FORGET.where(_R.state.in_(MERGED))
_FORGET_ADOPTED = _FORGET.where(*_OF_ROW, ~_R.created)
_TRASH = sa.update(tables.records).where(*_OF_RECORD).values(state=sa.bindparam("in_state"), payload_hash="")
_RESTORE = (
    sa.update(tables.records).where(*_OF_RECORD, _R.state.in_(TRASHED)).values(state=State.ADOPTED.value)
)
_WRITTEN_NO_MORE = {"state": State.ADOPTED.value, "payload_hash": ""}
_COMPARE = (
    sa.update(tables.records).where(*_OF_RECORD, _R.state == State.WRITTEN.value).values(**_WRITTEN_NO_MORE)
)
_COMPARE_ROW = (
    sa.update(tables.records).where(*_OF_ROW, _R.state == State.WRITTEN.value).values(**_WRITTEN_NO_MORE)
)
