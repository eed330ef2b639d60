"""The search index behind the lists. It can be made to trail behind the writes."""

from __future__ import annotations

import time
from collections import deque
from typing import TYPE_CHECKING

from lightfield_sandbox.store.shelf import Shelf

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lightfield_sandbox.store.records import Record

ACTIVE, TRASHED = "active", "trashed"


class SearchIndex:
    """Every list as it was `lag` seconds ago.

    Args:
        object_types: The types that have a list.
        lag: Seconds by which the lists trail behind the writes.
        clock: A monotonic time in seconds.
    """

    def __init__(
        self, object_types: Iterable[str], lag: float = 0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._lag = lag
        self._clock = clock
        self._due: deque[tuple[float, Record]] = deque()
        self._shelves: dict[str, dict[str, Shelf]] = {}
        for name in object_types:
            self.add(name)

    def add(self, name: str) -> None:
        """Begin an empty list."""
        self._shelves[name] = {ACTIVE: Shelf(), TRASHED: Shelf()}

    def fill(self, object_type: str, records: Iterable[Record]) -> None:
        """Show records at once, when a workspace is loaded."""
        active: list[Record] = []
        trashed: list[Record] = []
        for record in filter(_listed, records):
            (trashed if record.trashed else active).append(record)
        self._shelves[object_type][ACTIVE].fill(active)
        self._shelves[object_type][TRASHED].fill(trashed)

    def put(self, record: Record) -> None:
        """Add a new version of a record; lists show it once the lag has passed."""
        if self._lag > 0:
            self._due.append((self._clock() + self._lag, record))
        else:
            self._show(record)

    def shelf(self, object_type: str, status: str) -> Shelf:
        """What a list shows at this moment."""
        now = self._clock() if self._due else 0.0
        while self._due and self._due[0][0] <= now:
            self._show(self._due.popleft()[1])
        return self._shelves[object_type][status]

    def _show(self, record: Record) -> None:
        if not record.listed:
            return
        shelves = self._shelves[record.object_type]
        here, there = (TRASHED, ACTIVE) if record.trashed else (ACTIVE, TRASHED)
        shelves[there].discard(record.id)
        shelves[here].put(record)


def _listed(record: Record) -> bool:
    return record.listed
