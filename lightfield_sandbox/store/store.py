"""The records of a workspace as they are now, and which of them has a unique value."""

from __future__ import annotations

import gc
from typing import TYPE_CHECKING

from lightfield_sandbox.schema.timestamps import now_ms
from lightfield_sandbox.schema.values import unique_tokens
from lightfield_sandbox.settings import BOTH
from lightfield_sandbox.store.history import History, kept_keys
from lightfield_sandbox.store.index import SearchIndex
from lightfield_sandbox.store.records import Record, Renderer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lightfield_sandbox.schema.definitions import ObjectDefinition
    from lightfield_sandbox.store.persistence import Journal


class Store:
    """The records by type and id. Every change goes through `put`.

    Args:
        definitions: The definitions of each object type.
        index_lag: Seconds by which lists trail behind writes.
        journal: The file behind the workspace, if there is one.
        links_move: Whose `updatedAt` a link moves on: `both` ends', or that of the one that is `written`.
    """

    def __init__(
        self,
        definitions: dict[str, ObjectDefinition],
        index_lag: float = 0,
        journal: Journal | None = None,
        links_move: str = BOTH,
    ) -> None:
        self.definitions = definitions
        self.links_move = links_move
        self.renderer = Renderer(definitions)
        self.index = SearchIndex(definitions, index_lag)
        self.history = History(journal)
        self._journal = journal
        self._kept_keys = {
            name: kept_keys(name, definition.fields) for name, definition in definitions.items()
        }
        self._records: dict[str, dict[str, Record]] = {name: {} for name in definitions}
        self._holders: dict[tuple[str, str], dict[str, str]] = {
            (name, key): {} for name, definition in definitions.items() for key in definition.unique_keys
        }
        self._last_tick = 0

    def load(self, records: Iterable[Record]) -> None:
        """Fill an empty store, without going through the journal or the index lag."""
        # Garbage collection would only cost time here: millions of small objects, and all of them stay.
        gc.disable()
        try:
            for record in records:
                self._records[record.object_type][record.id] = record
                self._claim(record)
            for object_type, held in self._records.items():
                self.index.fill(object_type, held.values())
        finally:
            gc.enable()

    def tick(self) -> int:
        """The time of a write in milliseconds: later than that of every write before."""
        self._last_tick = max(now_ms(), self._last_tick + 1)
        return self._last_tick

    def get(self, object_type: str, record_id: str) -> Record | None:
        """A record, trashed or not."""
        return self._records.get(object_type, {}).get(record_id)

    def records(self, object_type: str) -> list[Record]:
        """The active records of a type that lists show, as they are now, newest first."""
        held = [record for record in self._records[object_type].values() if _counts(record)]
        return sorted(held, key=lambda record: record.order, reverse=True)

    def all_records(self, object_type: str) -> Iterable[Record]:
        """Every record of a type, trashed ones too, in no particular order."""
        return self._records[object_type].values()

    def count(self, object_type: str) -> int:
        """How many active records a type has."""
        return sum(map(_counts, self._records[object_type].values()))

    def holder(self, object_type: str, key: str, token: str) -> str | None:
        """The id of the active record that has a unique value, or None.

        Args:
            object_type: The record's type.
            key: The unique field.
            token: The value, in the form that `unique_tokens` gives it.
        """
        return self._holders[object_type, key].get(token)

    def put(self, records: Iterable[Record]) -> None:
        """Store new versions of records: all those of one write."""
        versions = list(records)
        for record in versions:
            old = self._records[record.object_type].get(record.id)
            if old is not None:
                self._release(old)
                self.history.note(old, record, self._kept_keys[record.object_type])
        for record in versions:
            self._records[record.object_type][record.id] = record
            self._claim(record)
            self.index.put(record)
        if self._journal is not None:
            self._journal.save(versions)

    def _release(self, old: Record) -> None:
        for key in self.definitions[old.object_type].unique_keys:
            holders = self._holders[old.object_type, key]
            for token in unique_tokens(self.definitions[old.object_type].fields[key], old.fields.get(key)):
                if holders.get(token) == old.id:
                    del holders[token]

    def _claim(self, record: Record) -> None:
        # A trashed record has no claim on its values: a new record may have them.
        if record.trashed:
            return
        definition = self.definitions[record.object_type]
        for key in definition.unique_keys:
            for token in unique_tokens(definition.fields[key], record.fields.get(key)):
                self._holders[record.object_type, key].setdefault(token, record.id)


def _counts(record: Record) -> bool:
    return record.listed and not record.trashed
