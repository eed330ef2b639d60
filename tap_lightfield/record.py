"""A record of the API to a row of the stream."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from typing import Any, NamedTuple

from lightfield_api.columns import Column, Columns, Role
from lightfield_api.definitions import PIPELINE, FieldDefinition
from lightfield_api.errors import UnexpectedAnswer
from lightfield_api.numbers import spelled
from lightfield_api.resources import Resource
from lightfield_api.value_types import type_of
from lightfield_api.values import ValueConversionError, read_labels, read_value
from tap_lightfield.errors import UnreadableValue
from tap_lightfield.schemas import definition_of, is_number

_Json = Mapping[str, Any]


class _Record(NamedTuple):
    envelope: _Json
    fields: _Json
    relationships: _Json


_Getter = Callable[[_Record], Any]


class RowReader:
    """Turns the records of one stream into rows.

    All that depends on the columns only is prepared here; a record costs one call for each column.

    Args:
        stream: The stream's name, for messages.
        columns: The columns of the live definitions.
        wanted: The names of the columns that are read; the values of others are not even looked at.
        warn: Takes a message and its arguments; called at most once for each thing worth a warning.
        resource: What is read, which says of which parts its records consist; of all if None.
        flattened: Whether the SDK will flatten the rows. It leaves a null object where its members'
            columns should be, so that it is given an object of nulls instead.
        decimals: Whether the numbers of fields are spelled as text.
    """

    def __init__(
        self,
        stream: str,
        columns: Columns,
        wanted: Container[str],
        warn: Callable[..., None],
        *,
        resource: Resource | None = None,
        flattened: bool = False,
        decimals: bool = False,
    ) -> None:
        self._stream = stream
        self._warn = warn
        self._warned = False
        self._has_fields = resource is None or resource.has_fields
        self._has_relationships = resource is None or resource.has_relationships
        self._known = frozenset(column.key for column in columns)
        stages = {
            column.field.parent_field_key: column.field for column in columns if column.field is not None
        }
        self._getters = [
            (column.name, _of_pipeline(column, stages[PIPELINE]))
            if column.key == PIPELINE and PIPELINE in stages
            else (column.name, _getter(column, stream, warn))
            for column in columns
            if column.name in wanted
        ]
        self._blanks = {
            column.name: blank
            for column in columns
            if flattened and column.name in wanted and (blank := _blank(column))
        }
        self._decimals = [
            column.name for column in columns if decimals and column.name in wanted and is_number(column)
        ]

    def row(self, body: _Json) -> dict[str, Any]:
        """Return the row of one record.

        Raises:
            UnreadableValue: A value is of a type that its column can't hold.
            UnexpectedAnswer: It is not what a record is documented to be.
        """
        record = _Record(
            body,
            _part(body, "fields") if self._has_fields else _NOTHING,
            _part(body, "relationships")
            if self._has_relationships
            else body.get("relationships") or _NOTHING,
        )
        if not self._warned:
            self._warn_of_unknown(record)
        row: dict[str, Any] = {}
        name = ""
        try:
            for name, get in self._getters:
                row[name] = get(record)
        except ValueConversionError as e:
            raise UnreadableValue(self._stream, body["id"], name, str(e)) from e
        for name, blank in self._blanks.items():
            if row[name] is None:
                row[name] = dict(blank)
        for name in self._decimals:
            if row[name] is not None:
                row[name] = spelled(row[name])
        return row

    def _warn_of_unknown(self, record: _Record) -> None:
        unknown = sorted((record.fields.keys() | record.relationships.keys()) - self._known)
        if unknown:
            self._warned = True
            self._warn(
                "Stream '%s': records hold %s, which the definitions did not have when this run began: "
                "ignored.",
                self._stream,
                ", ".join(unknown),
            )


def _part(body: _Json, name: str) -> _Json:
    part = body.get(name)
    if isinstance(part, dict):
        return part
    # Privacy may hide the whole content of a meeting; elsewhere its absence is an error, because
    # a row of nulls would overwrite what the warehouse has.
    if part is None and body.get("accessLevel") == "METADATA":
        return {}
    raise UnexpectedAnswer(f"Record {body.get('id')} came without its {name}")


def _blank(column: Column) -> Mapping[str, None] | None:
    if column.role is not Role.FIELD or column.field is None:
        return None
    members = type_of(column.field).members
    return dict.fromkeys(members) if members else None


def _getter(column: Column, stream: str, warn: Callable[..., None]) -> _Getter:
    if column.relationship is not None:
        return _many(column) if column.is_array else _one(column, stream, warn)
    definition = definition_of(column) or FieldDefinition(column.key, "TEXT")
    if column.role is Role.LABEL:
        return lambda record: read_labels(definition, read_value(definition, _value(record, column)))
    if column.role is Role.ENVELOPE:
        return lambda record: read_value(definition, record.envelope.get(column.key))
    return _field(column.key, definition)


def _field(key: str, definition: FieldDefinition) -> _Getter:
    """Return the getter of a field's value: one call, because this is where the tap spends its time."""
    keeps_texts = type_of(definition).keeps_texts

    def get(record: _Record) -> Any:
        entry = record.fields.get(key)
        if type(entry) is not dict:
            entry = _entry(record.fields, key, record)
        value = entry.get("value")
        # Most values are texts or missing, and stay as they are.
        if value is None or (keeps_texts and type(value) is str):
            return value
        return read_value(definition, value)

    return get


def _of_pipeline(column: Column, stage: FieldDefinition) -> _Getter:
    """Return the getter of a record's pipeline, or of its label.

    Where a record does not show its pipeline, it is the one that its stage belongs to.
    """
    definition = column.field or FieldDefinition(column.key, "SINGLE_SELECT")
    parents = {option.id: option.parent_id for option in stage.options}
    read = read_labels if column.role is Role.LABEL else read_value

    def get(record: _Record) -> Any:
        shown = _value(record, column)
        if shown is None:
            held = _entry(record.fields, stage.key, record).get("value")
            shown = parents.get(held) if isinstance(held, str) else None
        return None if shown is None else read(definition, shown)

    return get


def _value(record: _Record, column: Column) -> Any:
    entry = _entry(record.fields, column.key, record)
    return entry.get("value")


def _many(column: Column) -> _Getter:
    return lambda record: _ids(record, column)


def _one(column: Column, stream: str, warn: Callable[..., None]) -> _Getter:
    warned = False

    def get(record: _Record) -> str | None:
        nonlocal warned
        ids = _ids(record, column)
        if ids and len(ids) > 1 and not warned:
            warned = True
            warn(
                "Stream '%s', column '%s': record %s has %d values where the definition of %s promises one; "
                "the first is taken, here and in every record like it.",
                stream, column.name, record.envelope["id"], len(ids), column.key,
            )  # fmt: skip
        return ids[0] if ids else None

    return get


def _ids(record: _Record, column: Column) -> list[str] | None:
    entry = _entry(record.relationships, column.key, record)
    if column.role is not Role.RELATIONSHIP:
        directions = _entry(entry, "directions", record)
        entry = _entry(directions, column.role.value, record)
    values = entry.get("values")
    if values is None:
        return None
    ids = values if isinstance(values, list) else [values]
    if not all(isinstance(item, str) for item in ids):
        raise UnexpectedAnswer(f"Record {record.envelope['id']}: {column.key} holds something that is no id")
    return ids


_NOTHING: _Json = {}


def _entry(entries: _Json, key: str, record: _Record) -> _Json:
    entry = entries.get(key)
    if entry is None:
        return _NOTHING
    if not isinstance(entry, dict):
        raise UnexpectedAnswer(f"Record {record.envelope['id']}: {key} is not the object it is documented as")
    return entry
