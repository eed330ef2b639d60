"""The id map's tables.

A customer's id map outlives a release: whatever changes here needs a step in ``migrations``.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from target_lightfield.id_map.source import State, stream_from

metadata = sa.MetaData()


def _of_row() -> tuple[sa.Column[str], sa.Column[str]]:
    return (
        sa.Column("stream", sa.Text, primary_key=True),
        sa.Column("source_key", sa.Text, primary_key=True),
    )


schema = sa.Table(
    "lightfield_id_map",
    metadata,
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False, comment="of these tables"),
)
workspace = sa.Table(
    "lightfield_workspace",
    metadata,
    sa.Column("definition", sa.Text, primary_key=True, comment="object type and key"),
    sa.Column("id", sa.Text, nullable=False, comment="the definition's id, unique to a workspace"),
)
records = sa.Table(
    "lightfield_records",
    metadata,
    *_of_row(),
    sa.Column("object_type", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text, nullable=False, comment="or a Message-ID, or list id/record id"),
    sa.Column("payload_hash", sa.Text, nullable=False, comment="of what was written; empty in other states"),
    sa.Column("created", sa.Boolean, nullable=False, comment="by this target, not matched"),
    sa.Column("state", sa.Text, nullable=False, server_default=State.WRITTEN.value),
    sa.Index("lightfield_records_by_key", "object_type", "source_key"),
    sa.Index("lightfield_records_by_id", "object_type", "record_id"),
)
creates = sa.Table(
    "lightfield_creates",
    metadata,
    *_of_row(),
    sa.Column("idempotency_key", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
)
uploads = sa.Table(
    "lightfield_uploads",
    metadata,
    *_of_row(),
    sa.Column("file_id", sa.Text, nullable=False),
    sa.Column("payload_hash", sa.Text, nullable=False),
)
waiting_links = sa.Table(
    "lightfield_waiting_links",
    metadata,
    *_of_row(),
    sa.Column("relationship", sa.Text, primary_key=True),
    sa.Column("reference", sa.Text, primary_key=True),
    sa.Index("lightfield_waiting_links_by_reference", "reference"),
)
waiting_rows = sa.Table(
    "lightfield_waiting_records",
    metadata,
    *_of_row(),
    sa.Column("key_properties", sa.Text, nullable=False),
    sa.Column("row", sa.Text, nullable=False),
)
former_keys = sa.Table(
    "lightfield_former_keys",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("source_key", sa.Text, primary_key=True, comment="as releases before this table spelled it"),
)

feeders = sa.Table(
    "lightfield_feeders",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, comment="the source's stream whose keys stand alone; null where none's do"),
)

# What a preset keeps from run to run: a tap sends a stage or a user once, and never again.
lookups = sa.Table(
    "lightfield_lookups",
    metadata,
    sa.Column("lookup", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True, comment="a JSON array of its parts"),
    sa.Column("value", sa.Text, nullable=False, comment="a JSON array of the values that rows of it had"),
)
source_links = sa.Table(
    "lightfield_source_links",
    metadata,
    sa.Column("links", sa.Text, primary_key=True, comment="the stream, and which of its links"),
    sa.Column("row_key", sa.Text, primary_key=True),
    sa.Column("of_key", sa.Text, nullable=False),
    sa.Column("to_key", sa.Text, nullable=False),
    sa.Column("best", sa.Boolean, nullable=False),
    sa.Column("is_written", sa.Boolean, nullable=False),
    sa.Column("run", sa.Text, nullable=False, comment="the last that brought it"),
    sa.Index("lightfield_source_links_of", "links", "of_key"),
)
same_records = sa.Table(
    "lightfield_same_records",
    metadata,
    sa.Column("alias", sa.Text, primary_key=True, comment="a source key that is another name of a record"),
    sa.Column("source_key", sa.Text, nullable=False, index=True),
)
unfinished_rows = sa.Table(
    "lightfield_unfinished_rows",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True, comment="the source's"),
    sa.Column("source_key", sa.Text, primary_key=True),
    sa.Column("row", sa.Text, nullable=False, comment="of which a value of another stream has not come"),
)
left_over = sa.Table(
    "lightfield_left_over",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True, comment="the source's"),
    sa.Column("source_key", sa.Text, primary_key=True, comment="or what stands for one that no index takes"),
    sa.Column("origin", sa.Text, primary_key=True, comment="what left it over"),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("column", sa.Text, nullable=False, comment="as JSON"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("about", sa.Text, nullable=False, comment="as JSON"),
    sa.Column("item", sa.Text, nullable=False, comment="key, value and why, as JSON"),
)

# The journal: each run, and each of its writes with what was there before.
runs = sa.Table(
    "lightfield_runs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False, comment="load or undo"),
    sa.Column("undone", sa.Integer, comment="of an undo: the run that it takes back"),
    sa.Column("workspace", sa.Text, nullable=False, comment="what tells it"),
    sa.Column("settings", sa.Text, nullable=False, comment="as JSON, without secrets"),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended_at", sa.DateTime(timezone=True), comment="null while it runs, or where it broke off"),
    sa.Column("outcome", sa.Text, comment="why it failed; null where it did not, or broke off"),
)
writes = sa.Table(
    "lightfield_writes",
    metadata,
    sa.Column("run", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False, comment="their order"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("object", sa.Text, nullable=False, comment="the lasting name of the resource"),
    sa.Column("record_id", sa.Text, comment="null until a create is answered"),
    sa.Column("stream", sa.Text, nullable=False, comment="the row's; empty where there is none"),
    sa.Column("source_key", sa.Text, nullable=False),
    sa.Column("changes", sa.Text, comment="as JSON: what was there before, and what is instead"),
    sa.Column("adopted", sa.Boolean, nullable=False, comment="the row was matched with the record just then"),
    sa.Column("answered", sa.Boolean, nullable=False),
    sa.Index(
        "lightfield_writes_unanswered",
        "stream",
        "source_key",
        sqlite_where=sa.text("answered = 0"),
        postgresql_where=sa.text("NOT answered"),
    ),
)

OF_ROWS = (records, creates, uploads, waiting_rows, waiting_links)
"""The tables in which a row of the source has entries, found by its stream and key."""


def is_row(table: sa.Table) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the condition that an entry is of the row whose ``stream`` and ``source_key`` are bound."""
    return table.c.stream == sa.bindparam("stream"), table.c.source_key == sa.bindparam("source_key")


def is_fed(stream: sa.Column[str]) -> sa.ColumnElement[bool]:
    """Return the condition that an entry is of a stream, whatever feeds it; bound to ``parts_of``."""
    start = sa.func.substr(stream, 1, sa.bindparam("length", type_=sa.Integer))
    return sa.or_(stream == sa.bindparam("of_stream"), start == sa.bindparam("start", type_=sa.Text))


def parts_of(stream: str) -> dict[str, Any]:
    """Return the parameters of ``is_fed`` for a stream."""
    start = stream_from(stream, "*").removesuffix("*")
    return {"of_stream": stream, "start": start, "length": len(start)}
