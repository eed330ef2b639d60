"""The id map's database: opened for one run alone, and used from several threads."""

from __future__ import annotations

import hashlib
import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import SQLAlchemyError

from target_lightfield.errors import TargetError
from target_lightfield.files_of_runs import make_folder_of
from target_lightfield.id_map.migrations import migrate

_BACKENDS = {"sqlite", "postgresql"}  # of which it is known how a run takes one for itself
_IN_USE = "another run of target-lightfield uses it; let that one end first"


class Database:
    """The database of one run.

    Args:
        url: The SQLAlchemy URL of an SQLite file, which is made with mode 600, or of a Postgres database.
        dry_run: Whether nothing may be changed: no file is made, and everything that is written is taken
            back at the end.

    Raises:
        TargetError: The database can't be opened, or another run uses it.
    """

    def __init__(self, url: str, *, dry_run: bool = False) -> None:
        self._lock = threading.RLock()
        self._dry_run = dry_run
        self._connection = _open(url, dry_run=dry_run)

    def close(self) -> None:
        """Give the database back, so that another run can have it."""
        with self._lock, suppress(SQLAlchemyError):  # what was to be kept is committed
            self._connection.close()
            self._connection.engine.dispose()

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """Return the connection: all that is done with it in the block is kept, or nothing.

        Raises:
            TargetError: The database fails.
        """
        if self._connection.invalidated:  # a new one would be without the lock, and another run may have that
            raise TargetError(
                "The id map's database has ended the connection: run it again, what was written is known."
            )
        try:
            # A dry run is one transaction that is never committed: it ends with the connection.
            with self._lock, nullcontext() if self._dry_run else self._connection.begin():
                yield self._connection
        except SQLAlchemyError as e:  # whose own text would quote the rows
            raise TargetError(
                f"The id map failed: {_reason(e)}. See to its database and the room on its disk, and "
                "run it again: what was written is known."
            ) from None


def _open(url: str, *, dry_run: bool) -> Connection:
    try:
        parsed = make_url(url)
    except (SQLAlchemyError, ValueError):  # neither is shown: a password may be in it
        raise TargetError("id_map is no SQLAlchemy URL; it must be like sqlite:///id_map.db.") from None
    try:
        return _opened(parsed, dry_run=dry_run)
    except (SQLAlchemyError, OSError, ImportError, ValueError) as e:  # ValueError: a NUL in a path
        shown = parsed.render_as_string(hide_password=True)
        raise TargetError(f"The id map {shown} can't be opened: {_reason(e)}.") from e


def _reason(error: Exception) -> str:
    """Return what the database said, without the statement and its parameters."""
    cause = getattr(error, "orig", None) or error
    text = str(cause).strip().partition("\n")[0]
    return _IN_USE if text == "database is locked" else text.rstrip(".") or type(cause).__name__


def _opened(url: sa.URL, *, dry_run: bool) -> Connection:
    if url.get_backend_name() not in _BACKENDS:
        raise ValueError("it has to be an SQLite file or a Postgres database")
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
        if url.get_backend_name() == "sqlite":  # which else would commit each new table at once
            connection.execute(sa.text("BEGIN"))
        migrate(connection)
        if not dry_run:
            connection.commit()
    except BaseException:
        engine.dispose()
        raise
    return connection


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
    else:
        number = int.from_bytes(hashlib.sha256(b"target-lightfield").digest()[:8], "big", signed=True)
        if not connection.scalar(sa.select(sa.func.pg_try_advisory_lock(number))):
            raise OSError(_IN_USE)
        connection.commit()


def _connect_args(url: sa.URL) -> dict[str, Any]:
    # The connection is one for all threads, guarded by a lock; a database in use is an error at once.
    return {"check_same_thread": False, "timeout": 0} if url.get_backend_name() == "sqlite" else {}


def _make_private(path: str | None) -> None:
    if path and path != ":memory:" and not path.startswith("file:"):  # an URI says itself whether it is made
        make_folder_of(Path(path))
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
