"""The id map's database: its tables, and opening it for one run alone.

The tables stay as they are: a customer's id map outlives a release.
"""

from __future__ import annotations

import hashlib
import logging
import os
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from target_lightfield.errors import TargetError
from target_lightfield.keys import may_be_former, respelled

# What may stand in place of a payload's hash.
ADOPTED = ""
"""The record is the row's, but of the row nothing was written, or not all."""
UNFINISHED = "unfinished"
"""The record was made for the row, but of the row not all is written yet."""
TRASHED = "trashed"
"""The source has deleted the record."""
GONE = "gone"
"""A person has deleted the record in Lightfield."""
MERGED = "merged"
"""A person has merged the row's record into this one, which is another row's."""
MERGED_AND_GONE = "merged, gone"
"""The same, and a person has deleted this one too."""

metadata = sa.MetaData()

workspace = sa.Table(
    "lightfield_workspace",
    metadata,
    sa.Column("definition", sa.Text, primary_key=True, comment="object type and key"),
    sa.Column("id", sa.Text, nullable=False, comment="the definition's id, unique to a workspace"),
)
records = sa.Table(
    "lightfield_records",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("source_key", sa.Text, primary_key=True),
    sa.Column("object_type", sa.Text, nullable=False),
    sa.Column("record_id", sa.Text, nullable=False),
    sa.Column("payload_hash", sa.Text, nullable=False),
    sa.Column("created", sa.Boolean, nullable=False, comment="by this target, not matched"),
    sa.Index("lightfield_records_by_key", "object_type", "source_key"),
    sa.Index("lightfield_records_by_id", "object_type", "record_id"),
)
creates = sa.Table(
    "lightfield_creates",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("source_key", sa.Text, primary_key=True),
    sa.Column("idempotency_key", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
)
links = sa.Table(
    "lightfield_waiting_links",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("source_key", sa.Text, primary_key=True),
    sa.Column("relationship", sa.Text, primary_key=True),
    sa.Column("reference", sa.Text, primary_key=True),
)
held = sa.Table(
    "lightfield_waiting_records",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("source_key", sa.Text, primary_key=True),
    sa.Column("key_properties", sa.Text, nullable=False),
    sa.Column("row", sa.Text, nullable=False),
)
former_keys = sa.Table(
    "lightfield_former_keys",
    metadata,
    sa.Column("stream", sa.Text, primary_key=True),
    sa.Column("source_key", sa.Text, primary_key=True, comment="as releases before this table spelled it"),
)

PIECE = 100
"""How many rows of what waits are in memory at once: rows of a feed can be large."""


def piece_of(table: sa.Table, last: sa.Row[Any] | None, stream: str | None = None) -> sa.Select[Any]:
    """Return the statement for the next rows of a table, in the order of its key.

    What is read by the key of the last row misses nothing and sees nothing twice, whatever becomes of the
    rows before it meanwhile: an offset would shift with each that is deleted.

    Args:
        table: The table.
        last: The last row that was read; None for the first piece.
        stream: The stream whose rows alone are meant.
    """
    key = list(table.primary_key)
    statement = sa.select(table).order_by(*key).limit(PIECE)
    if stream is not None:
        statement = statement.where(table.c.stream == stream)
    if last is not None:
        statement = statement.where(sa.tuple_(*key) > tuple(getattr(last, column.name) for column in key))
    return statement


def open_database(url: str, *, dry_run: bool = False) -> Connection:
    """Open the database for this run alone and make what tables it lacks.

    Args:
        url: An SQLAlchemy URL; an SQLite file is made with mode 600.
        dry_run: Whether nothing may be changed: no file is made, and no table outlives the connection.

    Raises:
        TargetError: The database can't be opened, or another run uses it.
    """
    try:
        parsed = make_url(url)
    except (SQLAlchemyError, ValueError):  # neither is shown: a password may be in it
        raise TargetError("id_map is no SQLAlchemy URL; it must be like sqlite:///id_map.db.") from None
    try:
        return _opened(parsed, dry_run=dry_run)
    except (SQLAlchemyError, OSError, ImportError, ValueError) as e:  # ValueError: a NUL in a path
        shown = parsed.render_as_string(hide_password=True)
        raise TargetError(f"The id map {shown} can't be opened: {database_reason(e)}.") from e


def database_reason(error: Exception) -> str:
    """Return what the database said, without the statement and its parameters."""
    cause = getattr(error, "orig", None) or error
    text = str(cause).strip().partition("\n")[0]
    return _IN_USE if text == "database is locked" else text.rstrip(".") or type(cause).__name__


_IN_USE = "another run of target-lightfield uses it; let that one end first"


def _opened(url: sa.URL, *, dry_run: bool) -> Connection:
    if url.get_backend_name() == "sqlite":
        if dry_run and url.database and not Path(url.database).exists():
            url = url.set(database=":memory:")
        _make_private(url.database)
    # Rows and bodies are the customer's: at no level does SQLAlchemy log what is in them.
    logging.getLogger("sqlalchemy.engine.Engine").addFilter(_is_no_row)
    engine = sa.create_engine(
        url, poolclass=sa.StaticPool, connect_args=_connect_args(url), hide_parameters=True
    )
    try:
        connection = engine.connect()
        _claim(connection, url)
        if url.get_backend_name() == "sqlite":  # which would keep each new table at once
            connection.execute(sa.text("BEGIN"))
        before = sa.inspect(connection)
        is_former = before.has_table(records.name) and not before.has_table(former_keys.name)
        metadata.create_all(connection)
        if is_former:
            _note_former_keys(connection)
        if not dry_run:
            connection.commit()
    except BaseException:
        engine.dispose()
        raise
    return connection


def _note_former_keys(connection: Connection) -> None:
    """Note which keys of earlier releases may be others now, and spell what waiting links refer to anew."""
    noted: set[tuple[str, str]] = set()
    for table in (records, creates, held, links):
        keys = connection.execute(sa.select(table.c.stream, table.c.source_key).distinct())
        noted |= {(stream, key) for stream, key in keys if may_be_former(key)}
    if noted:
        rows = [{"stream": stream, "source_key": key} for stream, key in sorted(noted)]
        connection.execute(sa.insert(former_keys), rows)
    for link in connection.execute(sa.select(links)).all():
        reference = respelled(link.reference)
        if reference not in (None, link.reference):
            same = [links.c[name] == getattr(link, name) for name in ("stream", "source_key", "relationship")]
            connection.execute(sa.delete(links).where(*same, links.c.reference == link.reference))
            if not connection.execute(sa.select(links).where(*same, links.c.reference == reference)).first():
                connection.execute(sa.insert(links), [{**link._mapping, "reference": reference}])


def _is_no_row(record: logging.LogRecord) -> bool:
    return record.levelno > logging.DEBUG


def _claim(connection: Connection, url: sa.URL) -> None:
    """Take the database for this run alone; the lock goes with the process, however it ends."""
    if url.get_backend_name() == "sqlite":
        # FULL: what state has been emitted for must outlive a power cut too.
        for pragma in ("locking_mode = EXCLUSIVE", "journal_mode = WAL", "synchronous = FULL"):
            connection.execute(sa.text(f"PRAGMA {pragma}"))
        connection.commit()
        connection.execute(sa.text("BEGIN EXCLUSIVE"))
        connection.commit()
    elif url.get_backend_name() == "postgresql":
        number = int.from_bytes(hashlib.sha256(b"target-lightfield").digest()[:8], "big", signed=True)
        if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(number))):
            raise OSError(_IN_USE)
        connection.commit()


def _connect_args(url: sa.URL) -> dict[str, Any]:
    # The connection is one for all threads, guarded by a lock; a database in use is an error at once.
    return {"check_same_thread": False, "timeout": 0} if url.get_backend_name() == "sqlite" else {}


def _make_private(path: str | None) -> None:
    if path and path != ":memory:" and not path.startswith("file:"):  # an URI says itself whether it is made
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
