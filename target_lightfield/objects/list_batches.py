"""Rows of list_members on their way: gathered by list, since one request writes 25 of them.

API page: "Fields and relationships" (at most 25 links in one request).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence

from target_lightfield.objects.list_member_rows import Entry, Membership
from target_lightfield.writing.changes import LINKS_PER_REQUEST

_MOST_GATHERED = 100 * LINKS_PER_REQUEST  # bounds the memory where a feed has a row each of very many lists


class ListBatches:
    """Gathers the rows of each list, to be written 25 in one request. For one thread.

    Args:
        submit: Takes rows of one list and object type, in their order.
    """

    def __init__(self, submit: Callable[[Sequence[Entry]], None]) -> None:
        self._submit = submit
        self._gathered: dict[tuple[str, str], list[Entry]] = {}
        self._latest: dict[str | Membership, Entry] = {}
        self._count = 0

    def put(self, entry: Entry) -> None:
        """Take a row. An earlier one of its key or its membership that says otherwise is submitted first."""
        for name in (entry.source.key, entry.membership):
            earlier = self._latest.get(name)
            if earlier and (earlier.membership, earlier.ended) != (entry.membership, entry.ended):
                self._send(_batch_of(earlier))
            self._latest[name] = entry
        batch = _batch_of(entry)
        self._gathered.setdefault(batch, []).append(entry)
        self._count += 1
        if len(self._gathered[batch]) == LINKS_PER_REQUEST:
            self._send(batch)
        elif self._count > _MOST_GATHERED:
            self._send(next(iter(self._gathered)))

    def submit(self, source_key: str) -> None:
        """Submit the rows gathered with that of this key, if there is one."""
        if earlier := self._latest.get(source_key):
            self._send(_batch_of(earlier))

    def flush(self) -> None:
        """Submit all that has been gathered."""
        for batch in list(self._gathered):
            self._send(batch)

    def _send(self, batch: tuple[str, str]) -> None:
        entries = self._gathered.pop(batch)
        self._count -= len(entries)
        for entry in entries:
            for name in (entry.source.key, entry.membership):
                self._latest.pop(name, None)
        self._submit(entries)


def _batch_of(entry: Entry) -> tuple[str, str]:
    return entry.membership.list_key, entry.membership.object_type


class FedLists:
    """Remembers, by the feed's own keys, which lists it has rows of, and which of them had one rejected."""

    def __init__(self) -> None:
        self._fed: set[str] = set()
        self._incomplete: set[str] = set()
        self._all_incomplete = self._is_over = False
        self._lock = threading.Lock()

    def feed(self, list_key: str) -> None:
        """Take note of a list that a row names."""
        with self._lock:
            if not self._is_over:
                self._fed.add(list_key)

    def end(self) -> None:
        """Take note of the end of the feed: a row that comes now has waited, maybe since an earlier run."""
        with self._lock:
            self._is_over = True

    def miss(self, list_key: str | None) -> None:
        """Take note of a rejected row's list; None, which may be any, where the row names none."""
        with self._lock:
            if list_key is None:
                self._all_incomplete = True
            else:
                self._incomplete.add(list_key)

    def all(self) -> set[str]:
        """Return the lists that the feed has rows of."""
        with self._lock:
            return set(self._fed)

    def incomplete(self, waiting: Iterable[str | None]) -> set[str]:
        """Return the lists of which a row was rejected or waits.

        Args:
            waiting: The lists of the rows that wait; None, which may be any, for a row that names none.
        """
        with self._lock:
            missing = {*self._incomplete, *waiting}
            if self._all_incomplete or None in missing:
                return set(self._fed)
            return {key for key in missing if key}
