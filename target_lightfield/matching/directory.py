"""How an object's records are found: by their id, or by what they are matched on."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import Any

from lightfield_api.client import LightfieldClient
from lightfield_api.columns import Columns, Role
from lightfield_api.definitions import FieldDefinition
from lightfield_api.errors import NotFound
from lightfield_api.records import Record, field_value
from lightfield_api.resources import Resource
from target_lightfield.id_map.source import Source
from target_lightfield.matching.criteria import Criterion, Disagreement, criterion_of, disagreements
from target_lightfield.matching.foreign_ids import ForeignIds
from target_lightfield.matching.listing import Listing

_MOST_RETRIEVED = 100  # records of an object, however few there are, before a list is believed


class Directory:
    """Finds the records of one object, in few calls. Safe to use from several threads.

    Args:
        client: The API client.
        resource: The object's entry in the table of resources.
        columns: Its columns.
        match_on: The names of the columns to match on, in the order in which they are tried.
        concurrency: How many pages are asked for at once where the whole collection is listed.
        trash_is_listed: Whether the API key may list the trash.
        is_read_only: Whether nothing is written, so that what a list shows is enough for most records.

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
        is_read_only: bool = False,
    ) -> None:
        self.client = client
        self._resource = resource
        self._criteria = [criterion_of(columns, name) for name in match_on]
        self._unique = [Criterion(column.field) for column in columns if column.field and column.field.unique]
        self._indexed = set(self._criteria).union(self._unique)
        named = columns.find("$name", Role.FIELD)
        self._telling = dict.fromkeys(
            [*self._criteria, *([Criterion(named.field)] if named and named.field else [])]
        )
        self._lock = threading.Lock()
        self._claims: dict[tuple[str, str], Source] = {}
        self._listing = Listing(
            client, resource, self._indexed, concurrency=concurrency, trash_is_listed=trash_is_listed
        )
        self._foreign_ids = ForeignIds(lambda: self._listing.is_complete)
        self._is_read_only = is_read_only
        self._looked_up = self._retrieved = 0

    def close(self) -> None:
        """Forget what is known."""
        self._listing.close()

    def get(self, record_id: str) -> Record | None:
        """Return the record with this id, or None if it is not one of this workspace's."""
        if self._listing.is_absent(record_id):
            return None
        with self._foreign_ids.turn():
            with self._listing.lock:  # so that each of several threads is counted before it asks
                self._list_all_if_due()
                found = self._listing.get(record_id)
                if found is None:
                    if self._foreign_ids.are_foreign():
                        return None
                    self._foreign_ids.asked += 1
            if found is None:
                found = self._asked_for(record_id)
            if found is not None:
                self._foreign_ids.note_found()
        return found

    def current(self, record_id: str) -> Record | None:
        """Retrieve the record, None if it is gone: unlike a list, that shows what was just written.

        Where nothing is written, a list is believed once retrieving has cost a tenth of listing all.
        """
        if self.believes_lists:
            return self._listing.get(record_id)
        if self._is_read_only:
            with self._lock:
                self._retrieved += 1
        record = self._retrieve(record_id)
        if record is not None:
            self.note(record)
        return record

    @property
    def believes_lists(self) -> bool:
        """Whether no record is retrieved any more that a list has shown."""
        return (
            self._is_read_only
            and self._retrieved >= max(_MOST_RETRIEVED, self._listing.pages // 10)
            and self._listing.is_complete
        )

    def known(self, record_id: str) -> Record | None:
        """Return a record that was listed, answered or written; None of any other."""
        return self._listing.get(record_id)

    def shown(self, record_id: str) -> tuple[Record | None, bool]:
        """Return a record, and whether it is as it is now: where nothing is written, a list may show it.

        All are listed as soon as looking each up has cost a tenth of that.
        """
        if not self._is_read_only:
            return self.current(record_id), True
        with self._lock:
            self._looked_up += 1
            asked = self._looked_up
        self._listing.list_all_if_due(max(asked - _MOST_RETRIEVED // 4, 0) * 10)
        if self._listing.is_complete and (record := self._listing.get(record_id)) is not None:
            return record, False
        return self.current(record_id), True

    def is_back(self, record_id: str) -> bool:
        """Whether a record that had been deleted is there again. It is asked for once in a run."""
        return not self._listing.is_absent(record_id) and self.current(record_id) is not None

    def forget(self, record_id: str) -> None:
        """Take note that a record is no longer there."""
        self._listing.note_absent(record_id)

    def note(self, record: Record) -> None:
        """Remember a record that the API answered."""
        self._listing.note(record)

    def claim(self, record_id: str, source: Source) -> Source:
        """Return the row that was the first of its stream in this run to claim a record, maybe this one."""
        with self._lock:
            return self._claims.setdefault((record_id, source.stream), source)

    def tokens(self, fields: Mapping[str, Any]) -> Iterator[Hashable]:
        """Yield lock keys: rows that share one may match the same record, or want the same unique value."""
        for criterion in self._indexed:
            for key in criterion.keys(fields.get(criterion.definition.key)):
                yield self._resource.object_type, criterion.definition.key, key

    def is_trashed(self, record_id: str) -> bool:
        """Whether a record lies in the trash, as far as the key may list that."""
        return self._listing.is_trashed(record_id)

    def disagreements(self, fields: Mapping[str, Any], record: Record) -> Sequence[Disagreement]:
        """Return in which of the match fields and the name a row and a record have nothing in common."""
        return list(disagreements(self._telling, fields, record))

    def match(
        self, fields: Mapping[str, Any], accept: Callable[[Record], bool], *, unique_only: bool = False
    ) -> Sequence[Record]:
        """Return the records that the first criterion with a match finds, oldest first.

        Args:
            fields: What is wanted, API values by field key.
            accept: Returns whether a record that matches may be the one that is meant.
            unique_only: Whether to match on the unique fields in place of those of ``match_on``.

        Raises:
            LightfieldError: A list can't be read.
        """
        for criterion in self._unique if unique_only else self._criteria:
            value = fields.get(criterion.definition.key)
            if wanted := criterion.keys(value):
                self._list_all_if_due()
                if not self._listing.is_complete:
                    self._listing.search(criterion, value)
                found = [
                    record
                    for record in self._listing.find(criterion, wanted)
                    if wanted & criterion.keys_of(record) and accept(record)
                ]
                if found:
                    return sorted(found, key=lambda record: str(record.get("createdAt")))
        return []

    def holders_known(self, fields: Mapping[str, Any], *, ask: bool) -> Iterator[Record]:
        """Yield the records that hold one of these unique values.

        Args:
            fields: API values by field key.
            ask: Whether lists are searched for what records are matched on; else what is known is all.

        Raises:
            LightfieldError: A list can't be read.
        """
        for criterion in self._unique:
            value = fields.get(criterion.definition.key)
            if wanted := criterion.keys(value):
                if ask and criterion in self._criteria:
                    self._list_all_if_due()
                    if not self._listing.is_complete:
                        self._listing.search(criterion, value)
                for record in self._listing.find(criterion, wanted):
                    held = criterion.exact_keys(field_value(record, criterion.definition.key))
                    if criterion.exact_keys(value) & held:
                        yield record

    def holders_of(self, definition: FieldDefinition, value: Any) -> Sequence[Record]:
        """Return the records, as they are now, that hold a value which the API may have refused as taken."""
        criterion = Criterion(definition)
        self._listing.search(criterion, value, again=True)
        wanted = criterion.keys(value)
        found = (self.current(record["id"]) for record in self._listing.find(criterion, wanted))
        return [record for record in found if record and wanted & criterion.keys_of(record)]

    def newest(self) -> Iterator[Record]:
        """Yield the records of the collection as its list shows them now, the newest first."""
        return self._listing.newest()

    def _list_all_if_due(self) -> None:
        self._listing.list_all_if_due(self._foreign_ids.asked)

    def _asked_for(self, record_id: str) -> Record | None:
        record = self._retrieve(record_id)
        if record is None or record.get("id") != record_id:
            # Another source's id may be a word such as "definitions", which names a page of the API.
            self._listing.note_absent(record_id)
            return None
        self.note(record)
        return record

    def _retrieve(self, record_id: str) -> Record | None:
        try:
            return self.client.read(*self._resource.record_path, record_id)
        except NotFound:
            self.forget(record_id)
            return None
