"""What is known of one object's records: listed, answered or written by this run.

API page: "List endpoints". Looking each record up costs a call; when those spent pass what listing the whole
collection costs, it is listed once and everything is answered from what was listed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import UnexpectedAnswer
from lightfield_api.pages import PAGE_SIZE, Pages
from lightfield_api.paging import Sweep
from lightfield_api.records import Record, is_record
from lightfield_api.resources import Resource
from target_lightfield.matching.criteria import Criterion
from target_lightfield.matching.record_cache import RecordStore

_log = logging.getLogger(__name__)


class Listing:
    """The known records of one object. Safe to use from several threads.

    Args:
        client: The API client.
        resource: The object's entry in the table of resources.
        indexed: The fields that records are found by.
        concurrency: How many pages are asked for at once where the whole collection is listed.
        trash_is_listed: Whether the API key may list the trash.

    Attributes:
        lock: Held while all is listed: one thread lists, the others wait for what it finds.
        is_complete: Whether all records are known, but for those newer than the list.
    """

    def __init__(
        self,
        client: LightfieldClient,
        resource: Resource,
        indexed: Iterable[Criterion],
        *,
        concurrency: int,
        trash_is_listed: bool,
    ) -> None:
        self._client = client
        self._resource = resource
        self._indexed = list(indexed)
        self._concurrency = concurrency
        self._trash: frozenset[str] | None = None if trash_is_listed and resource.trashable else frozenset()
        self.lock = threading.RLock()
        self._known = threading.RLock()  # guards what is known; never held during a request
        self._records = RecordStore()
        self._absent: set[str] = set()
        self._calls = 0
        self._pages: int | None = None  # what listing everything costs, in calls
        self._is_listed = False
        self.is_complete = False

    def close(self) -> None:
        """Forget what is known."""
        self._records.close()

    # What is known

    def get(self, record_id: str) -> Record | None:
        """Return a record that is known, None of any other."""
        return self._records.get(record_id)

    def find(self, criterion: Criterion, keys: Iterable[str]) -> Sequence[Record]:
        """Return the known records that have, or once had, one of these keys in a field."""
        return self._records.find(criterion.definition.key, keys)

    def is_absent(self, record_id: str) -> bool:
        """Whether it is known that there is no record of this id."""
        with self._known:
            return record_id in self._absent

    def note(self, record: Record) -> None:
        """Remember a record that the API answered."""
        record_id = _id(record)
        keys = [
            (criterion.definition.key, key)
            for criterion in self._indexed
            for key in criterion.keys_of(record)
        ]
        with self._known:
            self._records.put(record_id, record, keys)
            self._absent.discard(record_id)

    def note_absent(self, record_id: str) -> None:
        """Take note that there is no record of this id; a list that still shows it lags behind."""
        with self._known:
            self._records.remove(record_id)
            self._absent.add(record_id)

    # What is asked for

    def search(self, criterion: Criterion, value: Any, *, again: bool = False) -> None:
        """Ask for all records that may have a value in a field.

        Args:
            criterion: The field.
            value: An API value of it.
            again: Whether a collection that can't be searched is listed once more.

        Raises:
            LightfieldError: A list can't be read.
        """
        if not self._resource.filterable:
            self._list_all(again=again)
            return
        for parameters in criterion.filter(value):
            self._list(parameters)

    @property
    def pages(self) -> int:
        """How many pages the list has, 0 before that is known."""
        return self._pages or 0

    def list_all_if_due(self, asked: int) -> None:
        """List the whole collection as soon as single calls have cost more than that does.

        Args:
            asked: How many records have been asked for one by one, beside the searches.
        """
        if self.is_complete:
            return
        with self.lock:
            if self._pages is None:
                self._begin()
            if not self._is_listed and self._calls + asked > (self._pages or 0):
                _log.info("%s: listing all, which is cheaper than asking for each", self._resource.name)
                self._list_all()

    def is_trashed(self, record_id: str) -> bool:
        """Whether a record lies in the trash, as far as the key may list that. It is listed once."""
        with self.lock:
            if self._trash is None:
                trash = self._sweep({"status": "trashed"})
                self._trash = frozenset(record["id"] for record in trash)
        return record_id in self._trash

    def newest(self) -> Iterator[Record]:
        """Yield the records of the collection as its list shows them now, the newest first."""
        return iter(Sweep(self._client, self._resource.path, concurrency=self._concurrency, eager=False))

    def _begin(self) -> None:
        """Read the first page, which says how many there are."""
        self._spend(1)
        first = Pages(self._client, self._resource.path).read(0)
        if first.total is None:
            raise UnexpectedAnswer(f"The list of {self._resource.name} does not say its totalCount")
        for record in first.records:
            self._note_listed(record)
        self._pages = -(-first.total // PAGE_SIZE)
        self._is_listed = self.is_complete = first.is_last

    def _list_all(self, *, again: bool = False) -> None:
        with self.lock:
            if again or not self._is_listed:
                # Where the list shows less than it counts, what it lacks may be there all the same: as far as
                # the collection can be searched, each record goes on being looked for.
                self.is_complete = self._list({}) or not self._resource.filterable
                self._is_listed = True

    def _list(self, parameters: Mapping[str, str]) -> bool:
        """Remember what a list shows, and return whether that is as much as it counts."""
        sweep = self._sweep(parameters)
        for record in sweep:
            self._note_listed(record)
        self._spend(sweep.done // PAGE_SIZE + 1)
        return sweep.is_whole

    def _sweep(self, parameters: Mapping[str, str]) -> Sweep:
        self._client.turns.give_up()  # it asks in threads of its own, for which this one waits
        return Sweep(self._client, self._resource.path, parameters, concurrency=self._concurrency)

    def _spend(self, calls: int) -> None:
        with self._known:
            self._calls += calls

    def _note_listed(self, record: Record) -> None:
        """Remember a listed record, unless a later version of it is known: lists lag behind writes."""
        with self._known:
            if _id(record) in self._absent:
                return
            known = self._records.get(_id(record))
            if known is None or str(known.get("updatedAt") or "") < str(record.get("updatedAt") or ""):
                self.note(record)


def _id(record: Record) -> str:
    if not is_record(record):
        raise UnexpectedAnswer("A list or an answer holds a record without an id")
    return str(record["id"])
