"""One page of a list, asked for until it can be believed.

API page: "Pagination". A page that is shorter than it should be ends the list, if ``totalCount`` says so.
If not, an index may be a moment behind and the page lacks a record; or the list hides some from this key
but counts them; or the server gives smaller pages than documented. So the page is asked for again, until
it is whole or has stayed as it is.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lightfield_api.answers import array_of
from lightfield_api.client import LightfieldClient
from lightfield_api.errors import UnexpectedAnswer
from lightfield_api.records import Record, is_record
from lightfield_api.words import count

PAGE_SIZE = 25
"""The largest page that the API gives."""

_READINGS = 20  # of one place; a page that differs each time is then given up


@dataclass(frozen=True)
class Page:
    """One answer of a list.

    Attributes:
        offset: The place in the list where it begins.
        records: What the list shows there.
        total: How many records the list counts, None if the answer does not say.
        size: How many records a full page of this list has.
    """

    offset: int
    records: Sequence[Record]
    total: int | None
    size: int = PAGE_SIZE

    @property
    def is_full(self) -> bool:
        """Whether it holds as many records as a page can."""
        return len(self.records) >= self.size

    @property
    def is_last(self) -> bool:
        """Whether the list ends with it: it is short, and has exactly what the list counts from here on."""
        return not self.is_full and self.offset + len(self.records) == self.total

    @property
    def is_past_the_end(self) -> bool:
        """Whether it begins after the last record that the list counts, and shows none."""
        return not self.records and self.total is not None and self.offset >= self.total

    @property
    def next_offset(self) -> int:
        """The offset at which to read on: that of its last record, so that the next page overlaps by one.

        An empty page is passed over as if it were full: the records that belong there are hidden.
        """
        return self.offset + (max(len(self.records) - 1, 1) if self.records else self.size - 1)

    def follows(self, before: Page) -> bool:
        """Whether no record lies between this page and an earlier one that it can't share a record with.

        Only a deletion moves records nearer to the head, and then the list counts fewer.
        """
        if len(before.records) > 1 or self.offset > before.next_offset:
            return False
        if self.total is None or before.total is None:
            return not self.records
        return self.total >= before.total

    def continues(self, before: Page) -> bool:
        """Whether it shows the same records as an earlier reading of its place, moved along at most."""
        ours, theirs = ([record["id"] for record in page.records] for page in (self, before))
        if not ours or not theirs:
            return ours == theirs
        # Records move out of a page towards the head, and before the head there is no place for them.
        return _overlap(ours, theirs) or (self.offset > 0 and _overlap(theirs, ours))


class Pages:
    """The pages of one list. Safe to use from several threads.

    Args:
        client: The client to ask.
        path: The list's path in segments, below ``/v1``.
        params: Parameters beside ``limit`` and ``offset``: a status, a filter.

    Attributes:
        size: How many records a full page has.
    """

    def __init__(
        self, client: LightfieldClient, path: Sequence[str], params: Mapping[str, Any] | None = None
    ) -> None:
        self._client = client
        self._path = tuple(path)
        self._params = dict(params or {})
        self.size = PAGE_SIZE

    @property
    def name(self) -> str:
        """What the list is called in messages."""
        return "/".join(self._path)

    def read(self, offset: int) -> Page:
        """Return the page at an offset: a full one, the last one, or one that stays short in every reading.

        Raises:
            UnexpectedAnswer: An answer is no list of records, or the page never stays the same.
            LightfieldError: The page could not be read.
        """
        page = self._ask(offset)
        waits = self._client.retry_policy.short_page_waits
        same = readings = 0
        while not (page.is_full or page.is_last or page.is_past_the_end) and same < len(waits):
            readings += 1
            if readings == _READINGS:
                raise UnexpectedAnswer(
                    f"The list {self.name} can't be read: it counts {count('record', page.total or 0)}, "
                    f"but its page at offset {offset} lacks others each time it is asked for. Nothing is "
                    f"concluded from that: run it again later, and tell Lightfield if it stays so."
                )
            time.sleep(waits[same])
            again = self._ask(offset)
            same = same + 1 if again.continues(page) else 0
            page = again
        return page

    def _ask(self, offset: int) -> Page:
        answer = self._client.search(
            *self._path, params={**self._params, "limit": PAGE_SIZE, "offset": offset}
        )
        failure = f"The list {self.name} was answered with no array of records with ids"
        shown = array_of(answer.get("data"), is_record, failure)
        self.size = max(self.size, min(len(shown), PAGE_SIZE))
        # One that is shown twice stands in the place of another, which the page lacks.
        records: dict[str, Record] = {}
        for record in shown:
            records.setdefault(record["id"], record)
        total = answer.get("totalCount")
        return Page(offset, list(records.values()), total if isinstance(total, int) else None, self.size)


def _overlap(ids: Sequence[str], moved: Sequence[str]) -> bool:
    """Return whether one sequence ends as the other begins, up to where either ends."""
    return any(moved[: len(ids) - i] == ids[i : i + len(moved)] for i in range(len(ids)))
