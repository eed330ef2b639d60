"""All records of a list, with several pages in flight, and none missed while the list changes.

API page: "Pagination". A list is ordered by ``createdAt``, newest first, and has no cursor: a page is a
place in the list, not a set of records. A record created during a sweep pushes the others one place
further, and some are seen twice; a deleted one pulls them one place nearer, past a page that has been
read, and they would be missed.

So neighbouring pages overlap by one record. Each page is an unbroken piece of the list as it was at
some moment; two that share a record, or that lie across each other, have nothing between them, in
whatever order they were read. Where a page does not join, the place is read again nearer to the head.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import UnexpectedAnswer
from lightfield_api.memory import trim
from lightfield_api.values import parse_datetime

PAGE_SIZE = 25
"""The largest page that the API gives."""

Record = dict[str, Any]

_STEP = PAGE_SIZE - 1  # the overlap of one record that joins a page to the one before
_REMEMBERED = 200 * PAGE_SIZE  # ids by which a page can be joined: as far as a sweep may be pushed back
_BARREN = 3  # full pages without a new record, behind the end, after which a list does not end
_TRIM_EVERY = 100  # pages
_ROUNDS = 50  # how often one place is read again before the list counts as changing too fast


@dataclass(frozen=True)
class Page:
    """One answer of a list: from where, its records, and how many the whole list has."""

    offset: int
    records: Sequence[Record]
    total: int

    @property
    def is_last(self) -> bool:
        """Whether the list ends with this page."""
        return len(self.records) < PAGE_SIZE


class _Chain:
    """What has been read so far: unbroken from the head of the list to its tail."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._tail: datetime | None = None

    def joins(self, page: Page) -> bool:
        """Whether nothing of the list can lie between what has been read and this page."""
        if page.offset == 0 or any(record["id"] in self._ids for record in page.records):
            return True
        newest = _created_at(page.records[0]) if page.records else None
        return newest is not None and self._tail is not None and newest > self._tail

    def extend(self, page: Page) -> Sequence[Record]:
        """Take over a page that joins, and return what it has behind the tail."""
        fresh = self._behind_the_tail(page.records)
        for record in fresh:
            self._ids[record["id"]] = None
        if fresh:
            self._tail = _created_at(fresh[-1])
        while len(self._ids) > _REMEMBERED:
            self._ids.popitem(last=False)
        return fresh

    def _behind_the_tail(self, records: Sequence[Record]) -> Sequence[Record]:
        shared = [i for i, record in enumerate(records) if record["id"] in self._ids]
        behind = records[shared[-1] + 1 :] if shared else records
        if shared or self._tail is None:
            return behind
        tail = self._tail
        return [record for record in behind if (at := _created_at(record)) is None or at <= tail]


class Sweep:
    """One reading of a whole list.

    Args:
        client: The client to ask.
        path: The list's path in segments, below ``/v1``.
        params: Parameters beside ``limit`` and ``offset``: a status, a filter.
        concurrency: The most pages in flight.
        eager: Whether the whole list will be read. If not, the number of pages in flight starts at
            one and grows by one with each, so that a sweep which is given up early has asked for at
            most twice what it took.
        executor: Where pages are read; a thread pool of this sweep's own if None.

    Attributes:
        total: How many records the list has, by the newest answer; None before the first.
        done: How many records have been yielded.
    """

    def __init__(
        self,
        client: LightfieldClient,
        path: Sequence[str],
        params: Mapping[str, Any] | None = None,
        *,
        concurrency: int = 32,
        eager: bool = True,
        executor: Executor | None = None,
    ) -> None:
        self._client = client
        self._path = tuple(path)
        self._params = dict(params or {})
        self._concurrency = concurrency
        self._window = concurrency if eager else 1
        self._executor = executor
        self._chain = _Chain()
        self._pending: deque[Future[Page]] = deque()
        self._next_offset = 0
        self.total: int | None = None
        self.done = 0

    def __iter__(self) -> Iterator[Record]:
        """Yield the records, newest first, each id once, and each that was there throughout.

        Raises:
            UnexpectedAnswer: An answer is no list of records, or the list changes faster than it can
                be read.
            LightfieldError: A page could not be read.
        """
        with ExitStack() as stack:
            executor = self._executor or stack.enter_context(ThreadPoolExecutor(self._concurrency, "sweep"))
            stack.callback(self._cancel)
            yield from self._records(executor)

    def _records(self, executor: Executor) -> Iterator[Record]:
        is_last = False
        pages = barren = most = 0
        while not is_last:
            self._ask_ahead(executor)
            known = self.done
            for page in self._joined(self._pending.popleft().result()):
                self.total = page.total
                for record in self._chain.extend(page):
                    self.done += 1
                    yield record
                is_last = page.is_last
            barren = 0 if self.done > known else barren + 1
            most = max(most, page.total)
            if self.done > 2 * most + _REMEMBERED or barren > (
                _BARREN if page.offset > page.total + PAGE_SIZE else _REMEMBERED // _STEP
            ):
                raise UnexpectedAnswer(
                    f"The list {'/'.join(self._path)} does not end: it counts {page.total} records, of which "
                    f"{self.done} came before its offset {page.offset}."
                )
            self._window = min(self._window + 1, self._concurrency)
            pages += 1
            if pages % _TRIM_EVERY == 0:
                trim()

    def _ask_ahead(self, executor: Executor) -> None:
        """Keep the window full as far as the list goes; what is behind its end is asked for alone."""
        while not self._pending or (
            len(self._pending) < self._window and self._next_offset < (self.total or 0)
        ):
            self._pending.append(executor.submit(self._read, self._next_offset))
            self._next_offset += _STEP

    def _cancel(self) -> None:
        for future in self._pending:
            future.cancel()

    def _joined(self, page: Page) -> Iterator[Page]:
        """Yield the page, and before it those that join it to what has been read.

        Where deletions have pulled records past its place, they are nearer to the head: the place is
        looked for there, then followed to where the page joins or the list ends.
        """
        step = _STEP
        back = page.offset
        for _ in range(_ROUNDS):
            if self._chain.joins(page):
                yield page
                return
            back = max(back - step, 0)
            step *= 2
            nearer = self._read(back)
            while self._chain.joins(nearer):
                yield nearer
                if nearer.is_last:
                    return
                if self._chain.joins(page):
                    break
                step = _STEP
                back += _STEP
                nearer = self._read(back)
        raise UnexpectedAnswer(
            f"The list {'/'.join(self._path)} changes faster than it can be read: its pages no longer "
            f"join after {self.done} of {page.total} records. Run it again when less is going on."
        )

    def _read(self, offset: int) -> Page:
        params = {**self._params, "limit": PAGE_SIZE, "offset": offset}
        return _page(self._client.search(*self._path, params=params), offset, self._path)


def _page(answer: Mapping[str, Any], offset: int, path: Sequence[str]) -> Page:
    records = answer.get("data")
    if not isinstance(records, list) or not all(
        isinstance(record, dict) and isinstance(record.get("id"), str) and record["id"] for record in records
    ):
        raise UnexpectedAnswer(f"The list {'/'.join(path)} was answered with no array of records with ids")
    total = answer.get("totalCount")
    return Page(offset, records, total if isinstance(total, int) else offset + len(records) + 1)


def _created_at(record: Record) -> datetime | None:
    try:
        return parse_datetime(record["createdAt"])
    except (KeyError, TypeError, ValueError):
        return None
