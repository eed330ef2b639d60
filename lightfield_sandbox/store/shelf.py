"""The records of one list in their order, with the indexes that its filters use."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lightfield_sandbox.store.records import Record

    Tokens = Callable[[Record], Iterable[str]]


class Column:
    """An index: which records have a token. A token is a value in the form in which a filter compares it."""

    def __init__(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.holders: dict[str, set[str]] = {}

    def add(self, record: Record) -> None:
        """Take in a record."""
        for token in self.tokens(record):
            self.holders.setdefault(token, set()).add(record.id)

    def discard(self, record: Record) -> None:
        """Forget a record."""
        for token in self.tokens(record):
            ids = self.holders.get(token)
            if ids is not None:
                ids.discard(record.id)
                if not ids:
                    del self.holders[token]

    def having(self, token: str) -> set[str]:
        """Ids of the records that hold exactly this token."""
        return self.holders.get(token, set())

    def containing(self, part: str) -> set[str]:
        """Ids of the records that hold a token with this substring."""
        found: set[str] = set()
        for token in [token for token in self.holders if part in token]:
            found |= self.holders[token]
        return found


class Shelf:
    """The records of a list, ordered by `createdAt`. `version` grows with every change."""

    def __init__(self) -> None:
        self.records: dict[str, Record] = {}
        self.version = 0
        self._order: list[tuple[int, str]] = []
        self._columns: dict[str, Column] = {}

    def __len__(self) -> int:
        return len(self._order)

    def fill(self, records: Iterable[Record]) -> None:
        """Put many records on an empty shelf."""
        self.records = {record.id: record for record in records}
        self._order = sorted(record.order for record in self.records.values())
        self._columns.clear()
        self.version += 1

    def put(self, record: Record) -> None:
        """Add a record, or put its new version in the place of the old."""
        old = self.records.get(record.id)
        if old is None:
            if self._order and self._order[-1] > record.order:
                self._order.insert(bisect_left(self._order, record.order), record.order)
            else:
                self._order.append(record.order)
        for column in self._columns.values():
            if old is not None:
                column.discard(old)
            column.add(record)
        self.records[record.id] = record
        self.version += 1

    def discard(self, record_id: str) -> None:
        """Take a record off, if it is there."""
        old = self.records.pop(record_id, None)
        if old is None:
            return
        del self._order[bisect_left(self._order, old.order)]
        for column in self._columns.values():
            column.discard(old)
        self.version += 1

    def page(self, offset: int, limit: int) -> list[Record]:
        """At most `limit` records, newest first, after the `offset` newest."""
        end = len(self._order) - offset
        if end <= 0:
            return []
        start = max(0, end - limit)
        return [self.records[record_id] for _, record_id in reversed(self._order[start:end])]

    def newest_first(self) -> Iterator[Record]:
        """Every record, newest first."""
        return (self.records[record_id] for _, record_id in reversed(self._order))

    def column(self, name: str, tokens: Tokens) -> Column:
        """The index of that name. It is built when it is first asked for, and kept up to date."""
        column = self._columns.get(name)
        if column is None:
            column = self._columns[name] = Column(tokens)
            for record in self.records.values():
                column.add(record)
        return column
