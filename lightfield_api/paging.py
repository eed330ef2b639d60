"""All records of a list, with several pages in flight, and none missed while the list changes.

API page: "Pagination". A list is ordered by ``createdAt``, newest first, and has no cursor: a page is a
place in the list, not a set of records. A record created during a sweep pushes the others one place
further, and some are seen twice; a deleted one pulls them one place nearer, past a page that has been
read, and they would be missed.

So neighbouring pages overlap by one record. Each page is an unbroken piece of the list as it was at
some moment; two that share a record, or that lie across each other, have nothing between them, in
whatever order they were read. Where a page does not join, the place is read again nearer to the head.

The end is proven, not assumed: a short page is the last one if ``totalCount`` agrees, and else if reading
on finds nothing, up to where the list counts records.
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime
from typing import Any

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import UnexpectedAnswer
from lightfield_api.memory import trim
from lightfield_api.pages import PAGE_SIZE, Page, Pages
from lightfield_api.records import Record
from lightfield_api.values import parse_datetime
from lightfield_api.words import count

_log = logging.getLogger(__name__)

_REMEMBERED = 200 * PAGE_SIZE  # ids by which a page can be joined: so far may new records push a sweep back
_BARREN = 3  # full pages without a new record, after the counted end: then the list counts as endless
_TRIM_EVERY = 100  # pages
_ROUNDS = 50  # how often one place is read again before the list counts as changing too fast


class _Chain:
    """What has been read so far: unbroken from the head of the list to its tail."""

    def __init__(self) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._tail: datetime | None = None

    def joins(self, page: Page) -> bool:
        """Whether no record of the list can lie between what has been read and this page."""
        if page.offset == 0 or any(record["id"] in self._ids for record in page.records):
            return True
        newest = _created_at(page.records[0]) if page.records else None
        return newest is not None and self._tail is not None and newest > self._tail

    def extend(self, page: Page) -> Sequence[Record]:
        """Add a page that joins, and return those of its records that are new and belong to the sweep."""
        fresh = self._unknown(page.records)
        for record in fresh:
            self._ids[record["id"]] = None
            at = _created_at(record)
            if self._tail is None or (at is not None and at < self._tail):
                self._tail = at
        while len(self._ids) > _REMEMBERED:
            self._ids.popitem(last=False)
        return fresh

    def _unknown(self, records: Sequence[Record]) -> Sequence[Record]:
        """Return the records after the first known one, and those before it that are as old as what was read.

        Newer ones were created during the sweep.
        """
        shared = next((i for i, record in enumerate(records) if record["id"] in self._ids), None)
        if shared is not None:
            before = [record for record in records[:shared] if self._is_old(record)]
            return [r for r in (*before, *records[shared:]) if r["id"] not in self._ids]
        if self._tail is None:
            return records
        return [record for record in records if _created_at(record) is None or self._is_old(record)]

    def _is_old(self, record: Record) -> bool:
        at = _created_at(record)
        return at is not None and self._tail is not None and at <= self._tail


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
        total: How many records the list counts, by the newest answer; None before the first.
        done: How many records have been yielded.
        is_whole: Whether the list has been read to its end, and showed all that it counts.
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
        self._pages = Pages(client, path, params)
        self._concurrency = concurrency
        self._window = concurrency if eager else 1
        self._executor = executor
        self._chain = _Chain()
        self._last: Page | None = None  # the newest page that joined
        self._has_gaps = False
        self._counted: int | None = None  # by the first answer that has totalCount
        self._pending: deque[Future[Page]] = deque()
        self._next_offset = 0
        self.total: int | None = None
        self._counted_first: int | None = None
        self.done = 0
        self.is_whole = False

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
        pages = barren = 0
        while True:
            self._ask_ahead(executor)
            page = self._pending.popleft().result()
            known = self.done
            for joined in self._joined(page):
                yield from self._taken(joined)
            if page.offset == 0:
                for second in self._measured(page):
                    yield from self._taken(second)
            if self._is_at_the_end(found=self.done > known):
                break
            barren = 0 if self.done > known else barren + 1
            self._check_that_it_ends(page, barren)
            self._window = min(self._window + 1, self._concurrency)
            pages += 1
            if pages % _TRIM_EVERY == 0:
                trim()

    def _taken(self, page: Page) -> Iterator[Record]:
        """Yield the new records of a page that joins."""
        self._last = page
        self.total = page.total
        if self._counted_first is None:
            self._counted_first = page.total
        self._has_gaps = self._has_gaps or not (page.is_full or page.is_last or page.is_past_the_end)
        for record in self._chain.extend(page):
            self.done += 1
            yield record

    def _is_at_the_end(self, *, found: bool) -> bool:
        """Whether the list has been read to its end; a warning says where it counts more than it showed.

        Args:
            found: Whether the last page read brought a new record.
        """
        last = self._last
        if last is None:
            return False
        is_empty = not last.records and not found and last.offset + last.size >= (last.total or 0)
        if not (last.is_last or is_empty):
            return False
        # What was there all the while is what it counted at first or counts now, the less of them. Where most
        # of a page is hidden, the rest is shown again and again, and its pages join all the same.
        counted = min(self._counted_first or 0, last.total or 0)
        self.is_whole = last.is_last and not self._has_gaps and self.done >= counted
        if not self.is_whole and last.total not in (None, self.done):
            _log.warning(
                "The list %s counts %s, but reading on to its end found %s. What it counts and does "
                "not show may be hidden from this API key.",
                self._pages.name, count("record", last.total or 0), self.done,
            )  # fmt: skip
        return True

    def _check_that_it_ends(self, page: Page, barren: int) -> None:
        """Raise where a list goes on long after the end that it counts.

        Args:
            page: The page that was read.
            barren: How many pages have brought nothing new, this one included.
        """
        if page.total is None:
            far, is_past_the_end = max(self.done, page.offset), False
        else:
            self._counted = page.total if self._counted is None else self._counted
            far = 2 * (self._counted if barren else max(self._counted, page.total)) + _REMEMBERED
            is_past_the_end = page.offset > page.total + PAGE_SIZE
        few = _BARREN if is_past_the_end else _REMEMBERED // self._step
        if max(self.done, page.offset) > far or (page.is_full and barren > few):
            raise UnexpectedAnswer(
                f"The list {self._pages.name} does not end: it counts {count('record', page.total or 0)}, "
                f"of which {self.done} came before its offset {page.offset}. Run it again, and tell "
                f"Lightfield if it stays so."
            )

    def _measured(self, first: Page) -> Iterator[Page]:
        """Yield the page after a short first one, and learn from it how large the server's pages are.

        Where it begins with the first one's last record, no record was missing between them: the server's
        pages are smaller than documented, and one of that size counts as full from then on.
        """
        if first.is_full or first.is_last or len(first.records) < 2:
            return
        second = self._pages.read(first.next_offset)
        if not self._chain.joins(second):
            return
        if second.records[0]["id"] == first.records[-1]["id"]:
            self._has_gaps = False
            if len(second.records) >= len(first.records):
                self._pages.size = len(second.records)
        self._next_offset = second.next_offset
        yield replace(second, size=self._pages.size)

    def _ask_ahead(self, executor: Executor) -> None:
        """Keep as many pages in flight as may be, up to the counted end; after it, one at a time."""
        while not self._pending or (
            len(self._pending) < self._window and self._next_offset < (self.total or 0)
        ):
            self._pending.append(executor.submit(self._pages.read, self._next_offset))
            self._next_offset += self._step

    @property
    def _step(self) -> int:
        return self._pages.size - 1  # the overlap of one record that joins a page to the one before

    def _cancel(self) -> None:
        for future in self._pending:
            future.cancel()

    def _joined(self, page: Page) -> Iterator[Page]:
        """Yield the page, and before it the pages that are needed to join it to what has been read.

        Behind a page that stays short, the next one is read from that page's last record on. Where
        deletions have moved records nearer to the head, pages are read ever nearer to it until one joins,
        and from there on until this page joins too or the list ends.
        """
        if self._chain.joins(page):
            yield page
            return
        back, step = page.offset, self._step
        before = self._last if self._last and not self._last.is_full else None
        rounds = 0
        while rounds < _ROUNDS:
            if before is None:
                back, step = max(back - step, 0), step * 2
                rounds += 1
            else:
                back, step = min(before.next_offset, page.offset), self._step
            nearer = self._pages.read(back)
            if not (self._chain.joins(nearer) or (before and nearer.follows(before))):
                before = None
                continue
            yield nearer
            if nearer.is_last or nearer.offset == page.offset:
                return
            if self._chain.joins(page):
                yield page
                return
            before = nearer
        raise UnexpectedAnswer(
            f"The list {self._pages.name} changes faster than it can be read: its pages no longer "
            f"join after {self.done} of {count('record', page.total or 0)}. Run it again when less is "
            "going on."
        )


def _created_at(record: Record) -> datetime | None:
    try:
        return parse_datetime(record["createdAt"])
    except (KeyError, TypeError, ValueError):
        return None
