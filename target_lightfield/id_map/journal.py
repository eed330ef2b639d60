"""The journal: what each run wrote, and what was there before, so that it can be taken back.

A write is in it before its request is sent, and marked once it is answered. A run that is killed in between
loses nothing: an undo asks the record itself. The marks are gathered, and kept together with something else:
they cost no commit of their own.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from target_lightfield.id_map import tables
from target_lightfield.id_map.database import Database
from target_lightfield.id_map.journal_entries import NOTHING, Before, KeptRun, RunKind, Write, WriteKind
from target_lightfield.id_map.source import Source

_PIECE = 500
_LONGEST = 36_500  # days: more is a way to say for ever, and no calendar goes back at will


class Journal:
    """Keeps runs and their writes. Each method raises TargetError if the database fails.

    Before ``begin``, and so in a dry run, no write is kept.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._run: int | None = None
        self._number = 0
        self._begins_after: timedelta | None = timedelta.max  # how long after the run before
        self._made: deque[dict[str, Any]] = deque()  # creates that were answered
        self._answered: deque[dict[str, Any]] = deque()  # other writes

    # One run

    def begin(
        self,
        kind: RunKind,
        workspace: str,
        settings: Mapping[str, Any],
        *,
        undone: int | None = None,
        goes_on: int | None = None,
    ) -> None:
        """Keep the writes from now on, as those of a new run.

        Args:
            kind: What the run does.
            workspace: What tells its workspace.
            settings: Its settings, without secrets.
            undone: Of an undo: the run that it takes back.
            goes_on: The run that broke off and goes on now, in place of a new one.
        """
        with self._database.transaction() as connection:
            if goes_on is not None:
                self._run = goes_on
                last = sa.select(sa.func.max(_W.number)).where(_W.run == goes_on)
                self._number = connection.execute(last).scalar() or 0
                return
            newest = connection.execute(_NEWEST).one_or_none()
            self._run = (newest.id if newest else 0) + 1
            if newest:
                self._begins_after = _now() - _aware(newest.ended_at) if newest.ended_at else None
            row = {
                "id": self._run,
                "kind": kind.value,
                "undone": undone,
                "workspace": workspace,
                "settings": json.dumps(settings),
                "started_at": _now(),
            }
            connection.execute(sa.insert(tables.runs), [row])

    def end(self, failure: str | None) -> None:
        """Keep how the run ended: why it failed, None if it did not."""
        if self._run is not None:
            with self._database.transaction() as connection:
                self.flush(connection, at_most=0)
                own = sa.update(tables.runs).where(_R.id == self._run)
                connection.execute(own.values(ended_at=_now(), outcome=failure))

    def begins_within(self, seconds: float) -> bool:
        """Whether the run before may have ended less than so many seconds before this one began."""
        return self._begins_after is None or self._begins_after < timedelta(seconds=seconds)

    def start(self, write: Write) -> int | None:
        """Keep a write before it is sent, and return its number; None where none are kept."""
        if self._run is None:
            return None
        with self._database.transaction() as connection:
            return self.add(connection, write)

    def add(self, connection: Connection, write: Write) -> int | None:
        """As ``start``, together with what else is kept in a transaction."""
        if self._run is None:
            return None
        self.flush(connection)
        self._number += 1  # by one thread at a time: the transaction's
        row = {
            "run": self._run,
            "number": self._number,
            "kind": write.kind.value,
            "object": write.object,
            "record_id": write.record_id,
            "stream": write.source.name if write.source else "",
            "source_key": str(write.source.key) if write.source else "",
            "changes": _dumped(write.before),
            "adopted": write.adopted,
            "answered": write.answered,
        }
        connection.execute(_INSERT, row)
        return self._number

    def answer(self, number: int | None, record_id: str) -> None:
        """Take note that a write was answered with this record."""
        self._note(self._answered, number, record_id)

    def answer_create(self, number: int | None, record_id: str) -> None:
        """Take note of the record that a create made; it is kept with what is kept next."""
        self._note(self._made, number, record_id)

    def _note(self, marks: deque[dict[str, Any]], number: int | None, record_id: str) -> None:
        if number is not None:
            marks.append({"of_run": self._run, "of_number": number, "of_record": record_id})

    def flush(self, connection: Connection, *, at_most: int = _PIECE) -> None:
        """Keep which writes were answered.

        Args:
            connection: A connection in a transaction.
            at_most: How many that made no record may be left for later: of these an undo asks the record.
        """
        marks: list[dict[str, Any]] = []
        for answered, most in ((self._made, 0), (self._answered, at_most)):
            if len(answered) > most:
                while answered:
                    marks.append(answered.popleft())
        if marks:
            connection.execute(_ANSWER, marks)

    def withdraw(self, number: int | None) -> None:
        """Forget a write that was refused."""
        if number is not None:
            with self._database.transaction() as connection:
                connection.execute(_WITHDRAW, {"of_run": self._run, "of_number": number})

    def resume(self, source: Source, record_id: str) -> None:
        """Take note of the record that a row's create made, whose answer its own run did not see."""
        with self._database.transaction() as connection:
            self.flush(connection)
            connection.execute(_RESUME, {**_of_row(source), "of_record": record_id})

    @staticmethod
    def drop_create(connection: Connection, source: Source) -> None:
        """Forget a row's create that was refused, or that made no record."""
        connection.execute(_DROP_CREATE, _of_row(source))

    # What is kept

    def runs(self) -> Sequence[KeptRun]:
        """Return the runs, the newest first."""
        with self._database.transaction() as connection:
            writes = {row[0]: row[1] for row in connection.execute(_COUNTS)}
            rows = connection.execute(sa.select(tables.runs).order_by(_R.id.desc())).all()
        return [
            KeptRun(
                row.id,
                RunKind(row.kind),
                row.undone,
                row.workspace,
                json.loads(row.settings),
                _aware(row.started_at),
                row.ended_at and _aware(row.ended_at),
                row.outcome,
                writes.get(row.id, 0),
            )
            for row in rows
        ]

    def newest_if_undo_broke_off(self) -> tuple[int, int] | None:
        """Return the number of the newest run, if that is an undo that broke off, and of the run it undid."""
        with self._database.transaction() as connection:
            row = connection.execute(_NEWEST).one_or_none()
        is_so = row is not None and row.kind == RunKind.UNDO.value and row.ended_at is None
        return (row.id, row.undone) if row and is_so else None

    def kinds(self, run: int) -> Mapping[tuple[str, WriteKind], int]:
        """Return how many writes a run has, by object and kind."""
        with self._database.transaction() as connection:
            found = connection.execute(_KINDS, {"of_run": run}).all()
        return {(name, WriteKind(kind)): number for name, kind, number in found}

    def writes(self, run: int) -> Iterator[Write]:
        """Yield the writes of a run, the newest first, in pieces."""
        before = (1 << 31) - 1
        while True:
            with self._database.transaction() as connection:
                rows = connection.execute(_WRITES, {"of_run": run, "before": before}).all()
            yield from map(_write, rows)
            if len(rows) < _PIECE:
                return
            before = rows[-1].number

    def prune(self, days: int) -> None:
        """Forget the runs that began more than so many days ago, but not the one under way."""
        since = _now() - timedelta(days=min(days, _LONGEST))
        old = sa.select(_R.id).where(_R.started_at < since, _R.id != (self._run or 0))
        with self._database.transaction() as connection:
            connection.execute(sa.delete(tables.writes).where(_W.run.in_(old)))
            connection.execute(sa.delete(tables.runs).where(_R.id.in_(old)))

    def drop_if_empty(self) -> None:
        """Forget the run under way if it wrote nothing."""
        if self._run is not None and not self._number:
            with self._database.transaction() as connection:
                connection.execute(sa.delete(tables.runs).where(_R.id == self._run))
            self._run = None


def _now() -> datetime:
    return datetime.now(timezone.utc)


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _of_row(source: Source) -> dict[str, str]:
    return {"of_stream": source.name, "of_key": str(source.key)}


def _dumped(before: Before) -> str | None:
    if before is NOTHING:
        return None
    parts = {name: part for name, part in vars(before).items() if part}
    return json.dumps(parts) if parts else None


def _write(row: sa.Row[Any]) -> Write:
    return Write(
        WriteKind(row.kind),
        row.object,
        row.record_id,
        Source.named(row.stream, row.source_key) if row.stream else None,
        Before(**json.loads(row.changes)) if row.changes else NOTHING,
        row.adopted,
        row.answered,
        row.number,
    )


# Built once: building a statement takes longer than running it.
_R, _W = tables.runs.c, tables.writes.c
_OF_WRITE = (_W.run == sa.bindparam("of_run"), _W.number == sa.bindparam("of_number"))
_OF_CREATE = (
    _W.stream == sa.bindparam("of_stream"),
    _W.source_key == sa.bindparam("of_key"),
    ~_W.answered,
    _W.kind == WriteKind.CREATED.value,
)
_NEWEST = sa.select(tables.runs).order_by(_R.id.desc()).limit(1)
_INSERT = sa.insert(tables.writes)
_ANSWER = (
    sa.update(tables.writes).where(*_OF_WRITE).values(answered=True, record_id=sa.bindparam("of_record"))
)
_WITHDRAW = sa.delete(tables.writes).where(*_OF_WRITE)
_RESUME = (
    sa.update(tables.writes).where(*_OF_CREATE).values(answered=True, record_id=sa.bindparam("of_record"))
)
_DROP_CREATE = sa.delete(tables.writes).where(*_OF_CREATE)
_COUNTS = sa.select(_W.run, sa.func.count()).group_by(_W.run)
_KINDS = (
    sa.select(_W.object, _W.kind, sa.func.count())
    .where(_W.run == sa.bindparam("of_run"))
    .group_by(_W.object, _W.kind)
    .order_by(_W.object, _W.kind)
)
_WRITES = (
    sa.select(tables.writes)
    .where(_W.run == sa.bindparam("of_run"), _W.number < sa.bindparam("before"))
    .order_by(_W.number.desc())
    .limit(_PIECE)
)
