"""What of a record would be written, in the words of people: columns, labels, keys of the source."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lightfield_api.definitions import FieldDefinition, ObjectDefinitions
from lightfield_api.records import Record, field_value, linked, record_name
from lightfield_api.value_types import type_of
from lightfield_api.values import ValueConversionError, read_labels, read_value
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Source
from target_lightfield.loading.outcomes import key_in_source
from target_lightfield.matching.wanted import Resolved, Wanted
from target_lightfield.reporting.provenance import Provenance, provenance_of
from target_lightfield.reporting.record_changes import ChangedField, ChangedLinks, LinkedRecord, RecordChange
from target_lightfield.writing.changes import Changes
from target_lightfield.writing.dry_run import is_made_up


@dataclass(frozen=True)
class Telling:
    """Tells what would become of the records of one object type, in a run that writes nothing.

    Attributes:
        stream: Lightfield's stream.
        definitions: The object's.
        column_name: Returns the column of a field or relationship, by its key.
        id_map: Knows the source keys of records.
        tell: Takes what is told; None in a run that writes, where nothing is.
    """

    stream: str
    definitions: ObjectDefinitions
    column_name: Callable[[str], str]
    id_map: IdMap
    tell: Callable[[RecordChange], None] | None

    def created(self, source: Source, row: Mapping[str, Any], wanted: Wanted, links: Resolved) -> None:
        """Tell of a record that would be created.

        Args:
            source: What the id map knows the row by.
            row: The row, which says where it is from.
            wanted: What it asks for; nulls and empty lists are not told.
            links: The ids that its references mean, by relationship key.
        """
        fields = {key: value for key, value in wanted.fields.items() if value not in (None, [])}
        made = Changes(fields, add={key: ids for key, ids in links.ids.items() if ids})
        self._tell("created", source, row, None, made)

    def updated(self, source: Source, row: Mapping[str, Any], record: Record, changes: Changes) -> None:
        """Tell of a record that would be updated, if anything of it changes.

        Args:
            source: What the id map knows the row by.
            row: The row, which says where it is from.
            record: The record as it is.
            changes: In what the row differs from it.
        """
        if changes:
            self._tell("updated", source, row, record, changes)

    def linked(self, source: Source, record: Record, changes: Changes) -> None:
        """Tell of links that have waited and would be written.

        Args:
            source: What the id map knows the row by. The row itself is not at hand any more.
            record: The record as it is.
            changes: The links to be written, and nothing else.
        """
        self._tell("linked", source, {}, record, changes)

    def trashed(self, source: Source, record: Record) -> None:
        """Tell of a record that would be moved to the trash."""
        self._tell("trashed", source, {}, record, Changes())

    def change(
        self,
        action: str,
        source: Source,
        row: Mapping[str, Any],
        record: Record | None,
        changes: Changes,
        why: str | None = None,
    ) -> RecordChange:
        """Return what is told of a record.

        Args:
            action: What would be done, or what a verification found.
            source: What the id map knows the row by.
            row: The row.
            record: The record as it is; None if there is none.
            changes: In what the row differs from it.
            why: What else there is to say.
        """
        provenance = provenance_of(row)
        there = record or {}
        is_there = bool(record) and not is_made_up(there["id"])
        removed = {**changes.remove, **{key: linked(there, key) for key in changes.replace}}
        added = {**changes.add, **{key: [id_] for key, id_ in changes.replace.items() if id_}}
        keys = [key for key in dict.fromkeys([*added, *removed]) if added.get(key) or removed.get(key)]
        return RecordChange(
            object=self.stream,
            stream=provenance.stream if provenance else self.stream,
            key=key_in_source(provenance) if provenance else source.key,
            action=action,
            record_id=there["id"] if is_there else None,
            link=there.get("httpLink") if is_there else None,
            name=record_name(there) or record_name(_as_record(changes.fields)),
            fields=dict(
                self._field(key, value, there, row, provenance)
                for key, value in changes.fields.items()
                if key not in self.definitions.hints
            ),
            links={
                self.column_name(key): ChangedLinks(
                    self._records(key, added.get(key, ())),
                    self._records(key, removed.get(key, ())),
                    provenance.columns.get(self.column_name(key)) if provenance else None,
                )
                for key in keys
            },
            why=why,
        )

    def _tell(
        self, action: str, source: Source, row: Mapping[str, Any], record: Record | None, changes: Changes
    ) -> None:
        if self.tell:
            self.tell(self.change(action, source, row, record, changes))

    def _field(
        self,
        key: str,
        value: Any,
        record: Record,
        row: Mapping[str, Any],
        provenance: Provenance | None,
    ) -> tuple[str, ChangedField]:
        column = self.column_name(key)
        old, new = _as_people_read(self.definitions.fields[key], [field_value(record, key), value])
        source = provenance.columns.get(column) if provenance else None
        told = provenance.value(column, new, row.get(column)) if provenance and source else None
        return column, ChangedField(old, new, source, told)

    def _records(self, key: str, ids: Iterable[str]) -> Sequence[LinkedRecord]:
        object_type = self.definitions.relationships[key].object_type
        return [
            LinkedRecord(self.id_map.key_of(object_type, id_), None if is_made_up(id_) else id_)
            for id_ in ids
        ]


def _as_record(fields: Mapping[str, Any]) -> Record:
    return {"fields": {key: {"value": value} for key, value in fields.items()}}


def _as_people_read(definition: FieldDefinition, values: Sequence[Any]) -> Sequence[Any]:
    """Return API values as their column has them; options by their labels, where those are not the same."""
    if type_of(definition).label_suffix:
        labels = [_read(read_labels, definition, value) for value in values]
        if len({str(label) for label in labels}) == len(labels):
            return labels
    return [_read(read_value, definition, value) for value in values]


def _read(read: Callable[[FieldDefinition, Any], Any], definition: FieldDefinition, value: Any) -> Any:
    try:
        return read(definition, value)
    except ValueConversionError:
        return value
