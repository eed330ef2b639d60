"""Which record of the workspace is meant: what is known of an object's records, and how they are found.

API page: "List endpoints". Looking each record up costs a search call; when those spent pass what
listing the whole collection costs, it is listed once and everything is answered from what was listed.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from lightfield_api.client import LightfieldClient
from lightfield_api.columns import Columns, Role
from lightfield_api.definitions import FieldDefinition
from lightfield_api.errors import NotFound, UnexpectedAnswer
from lightfield_api.pages import PAGE_SIZE, Pages
from lightfield_api.paging import Sweep
from lightfield_api.resources import Resource
from target_lightfield.id_map.source import Source
from target_lightfield.matching.criteria import Criterion, Disagreement, Record, criterion_of, disagreements
from target_lightfield.matching.foreign_ids import Probes, Verdict
from target_lightfield.matching.record_cache import RecordStore

_log = logging.getLogger(__name__)


class Directory:
    """What is known of one object's records: listed, answered or written by this run.

    Args:
        client: The API client.
        resource: The object's entry in the table of resources.
        columns: Its columns.
        match_on: The names of the columns to match on, in the order in which they are tried.
        concurrency: How many pages are in flight where all is listed.
        trash_is_listed: Whether the API key may list the trash.

    Raises:
        ValueError: A name in ``match_on`` is no column of a field.
    """

    def __init__(
        self,
        client: LightfieldClient,
        resource: Resource,
        columns: Columns,
        match_on: Sequence[str],
        *,
        concurrency: int,
        trash_is_listed: bool = False,
    ) -> None:
        self._concurrency = concurrency
        self._trash: frozenset[str] | None = None if trash_is_listed and resource.trashable else frozenset()
        self._listing = threading.RLock()  # one thread lists, the others wait for what it finds
        self._lock = threading.RLock()  # of what is known; never held while the API is asked
        self._client = client
        self._resource = resource
        self._criteria = [criterion_of(columns, name) for name in match_on]
        unique = [Criterion(column.field) for column in columns if column.field and column.field.unique]
        self._unique = unique
        self._indexed = set(self._criteria).union(unique)
        named = columns.find("$name", Role.FIELD)
        self._telling = dict.fromkeys(
            [*self._criteria, *([Criterion(named.field)] if named and named.field else [])]
        )
        self._records = RecordStore()
        self._absent: set[str] = set()
        self._claims: dict[tuple[str, str], Source] = {}
        self._calls = 0
        self._pages: int | None = None  # what listing everything costs, in calls
        self._is_listed = False
        self._complete = False
        self._probes = Probes(lambda: self._complete, self._listing_is_due)

    def close(self) -> None:
        """Forget what is known."""
        self._records.close()

    def get(self, record_id: str) -> Record | None:
        """Return the record with this id, or None if it is not one of this workspace's."""
        with self._lock:
            if record_id in self._absent:
                return None
        while (found := self._known(record_id)) is None:
            verdict = self._probes.begin()
            if verdict is Verdict.FOREIGN:
                return None
            if verdict is Verdict.ASK:
                try:
                    found = self._probe(record_id)
                finally:
                    self._probes.end(found=found is not None)
                return found
        self._probes.note_found()
        return found

    def _known(self, record_id: str) -> Record | None:
        """Return the record if it is known, once everything is listed where that is due."""
        self._make_room()
        return self._records.get(record_id)

    def current(self, record_id: str) -> Record | None:
        """Retrieve the record: unlike a list, that shows what was written a moment ago."""
        record = self._retrieve(record_id)
        if record is not None:
            self.note(record)
        return record

    def is_back(self, record_id: str) -> bool:
        """Whether a record that had been deleted is there again. It is asked for once in a run."""
        with self._lock:
            if record_id in self._absent:
                return False
        return self.current(record_id) is not None

    def _probe(self, record_id: str) -> Record | None:
        record = self._retrieve(record_id)
        if record is None or record.get("id") != record_id:
            # Another source's id may be a word such as "definitions", which names a page of the API.
            with self._lock:
                self._absent.add(record_id)
            return None
        self.note(record)
        return record

    def _retrieve(self, record_id: str) -> Record | None:
        try:
            return self._client.read(*self._resource.record_path, record_id)
        except NotFound:
            self.forget(record_id)
            return None

    def forget(self, record_id: str) -> None:
        """Know of a record that it is no more."""
        with self._lock:
            self._records.remove(record_id)
            self._absent.add(record_id)  # a list that still shows it lags behind

    def note(self, record: Record) -> None:
        """Take over a record that the API answered."""
        record_id = _id(record)
        keys = [(c.definition.key, key) for c in self._indexed for key in c.keys_of(record)]
        with self._lock:
            self._records.put(record_id, record, keys)
            self._absent.discard(record_id)

    def claim(self, record_id: str, source: Source) -> Source:
        """Return the source record of this run that a record is taken for: this one, or an earlier one."""
        with self._lock:
            return self._claims.setdefault((record_id, source.stream), source)

    def tokens(self, fields: Mapping[str, Any]) -> Iterator[Hashable]:
        """Yield what two records share that could match the same one, or be refused for each other."""
        for criterion in self._indexed:
            for key in criterion.keys(fields.get(criterion.definition.key)):
                yield self._resource.object_type, criterion.definition.key, key

    def is_trashed(self, record_id: str) -> bool:
        """Whether a record lies in the trash, as far as the key may list that. It is listed once."""
        with self._listing:
            if self._trash is None:
                trash = Sweep(
                    self._client, self._resource.path, {"status": "trashed"}, concurrency=self._concurrency
                )
                self._trash = frozenset(record["id"] for record in trash)
        return record_id in self._trash

    def disagreements(self, fields: Mapping[str, Any], record: Record) -> Sequence[Disagreement]:
        """Return in what a row and a record differ of that by which records are told apart."""
        return list(disagreements(self._telling, fields, record))

    def match(
        self, fields: Mapping[str, Any], accept: Callable[[Record], bool], *, unique_only: bool = False
    ) -> Sequence[Record]:
        """Return the records that the first criterion with a match finds, oldest first.

        Args:
            fields: What is wanted, API values by field key.
            accept: Further says whether a record may be meant.
            unique_only: Whether only fields count of which no two records have the same value.
        """
        for criterion in self._unique if unique_only else self._criteria:
            value = fields.get(criterion.definition.key)
            if wanted := criterion.keys(value):
                found = [
                    record
                    for record in self._candidates(criterion, value, wanted)
                    if wanted & criterion.keys_of(record) and accept(record)
                ]
                if found:
                    return sorted(found, key=lambda record: str(record.get("createdAt")))
        return []

    def holders_of(self, definition: FieldDefinition, value: Any) -> Sequence[Record]:
        """Return the records, as they are now, that hold a value which the API may have refused as taken."""
        criterion = Criterion(definition)
        self._search(criterion, value, again=True)
        wanted = criterion.keys(value)
        found = (self.current(record["id"]) for record in self._records.find(definition.key, wanted))
        return [record for record in found if record and wanted & criterion.keys_of(record)]

    def server_time(self) -> datetime:
        """Return the time by the server's clock."""
        return self._client.server_time()

    def newest(self) -> Iterator[Record]:
        """Yield the records of the collection as its list shows them now, the newest first."""
        return iter(Sweep(self._client, self._resource.path, concurrency=self._concurrency, eager=False))

    def _candidates(self, criterion: Criterion, value: Any, wanted: Iterable[str]) -> Sequence[Record]:
        self._make_room()
        if not self._complete:
            self._search(criterion, value)
        return self._records.find(criterion.definition.key, wanted)

    def _search(self, criterion: Criterion, value: Any, *, again: bool = False) -> None:
        if not self._resource.filterable:
            self._list_all(again=again)
            return
        for parameters in criterion.filter(value):
            self._list(parameters)

    def _make_room(self) -> None:
        """List the whole collection once that is no dearer than what has been spent on single calls."""
        if self._complete:
            return
        with self._listing:
            if self._pages is None:
                self._spend(1)
                first = Pages(self._client, self._resource.path).read(0)
                if first.total is None:
                    raise UnexpectedAnswer(f"The list of {self._resource.name} does not say its totalCount")
                for record in first.records:
                    self._note_listed(record)
                self._pages = -(-first.total // PAGE_SIZE)
                self._is_listed = self._complete = first.is_last
            if self._listing_is_due():
                _log.info("%s: listing all, which is cheaper than asking for each", self._resource.name)
                self._list_all()

    def _listing_is_due(self) -> bool:
        """Whether single calls have cost more than listing the whole collection does."""
        if self._is_listed or self._pages is None:
            return False
        return self._calls + self._probes.begun > self._pages

    def _spend(self, calls: int) -> None:
        with self._lock:
            self._calls += calls

    def _list_all(self, *, again: bool = False) -> None:
        with self._listing:
            if again or not self._is_listed:
                # Where the list shows less than it counts, what it lacks may be there all the same: as far as
                # the collection can be searched, each record goes on being looked for.
                self._complete = self._list({}) or not self._resource.filterable
                self._is_listed = True

    def _list(self, parameters: Mapping[str, str]) -> bool:
        """Take over what a list shows, and return whether that is all that it counts."""
        sweep = Sweep(self._client, self._resource.path, parameters, concurrency=self._concurrency)
        for record in sweep:
            self._note_listed(record)
        self._spend(sweep.done // PAGE_SIZE + 1)
        return sweep.is_whole

    def _note_listed(self, record: Record) -> None:
        """Take over a listed record, unless a later version of it is known: lists lag behind writes."""
        with self._lock:
            if _id(record) in self._absent:
                return
            known = self._records.get(_id(record))
            if known is None or str(known.get("updatedAt") or "") < str(record.get("updatedAt") or ""):
                self.note(record)


def _id(record: Record) -> str:
    id_ = record.get("id") if isinstance(record, Mapping) else None
    if not isinstance(id_, str):
        raise UnexpectedAnswer("A list or an answer holds a record without an id")
    return id_
