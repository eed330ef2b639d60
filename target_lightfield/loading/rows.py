"""From a row of columns to what is wanted of a record: field values and references to other records."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lightfield_api.columns import Column, Columns, Role, columns_of
from lightfield_api.definitions import FieldDefinition, ObjectDefinitions
from lightfield_api.resources import Resource
from lightfield_api.value_types import type_of
from lightfield_api.values import (
    ValueConversionError,
    is_empty,
    write_option,
    write_value,
)
from target_lightfield.keys import is_key, is_storable, key_of
from target_lightfield.loading.bad_values import bad_value, parts_of
from target_lightfield.loading.unknown_columns import FLATTENED, columns_known, nearest_columns
from target_lightfield.matching.wanted import LeftOut, Wanted
from target_lightfield.plain_rows import is_empty_text
from target_lightfield.reporting.left_over import LeftOverKind
from target_lightfield.reporting.rejection import RejectCode, Rejection

_log = logging.getLogger("target-lightfield")


class RowReader:
    """Turns the rows of one object type into what they ask of a record.

    Args:
        resource: The object's entry in the table of resources.
        definitions: The workspace's definitions of it.
        defaults: Column values for rows that have none.
        null_unlinks: Whether null in a relationship's column asks for no links, rather than for nothing.
        leaves_out: Whether a value that its field can't take is left out; else its row is rejected.
    """

    def __init__(
        self,
        resource: Resource,
        definitions: ObjectDefinitions,
        defaults: Mapping[str, Any] | None = None,
        *,
        null_unlinks: bool = False,
        leaves_out: bool = False,
    ) -> None:
        self.columns: Columns = columns_of(definitions)
        self._resource = resource
        self._hints = definitions.hints
        self._idle: set[str] = set()
        self._defaults = defaults or {}
        self._null_unlinks = null_unlinks
        self.leaves_out = leaves_out
        self._fields = [
            column
            for column in self.columns
            if column.role is Role.FIELD and column.field and not column.field.read_only
        ]
        self._fields.sort(key=lambda column: bool(column.field and column.field.parent_field_key))
        self._read_from = {column.key: self._names_of(column) for column in self._fields}
        self._relationships = {
            key: self._sides(key)
            for key in definitions.relationships
            if key not in resource.read_only_relationships
        }

    def read(self, row: Mapping[str, Any]) -> Wanted:
        """Return what the row asks for; a column that it lacks asks for nothing.

        Raises:
            Rejection: A value can't be converted, and is not left out; ``param`` is the column.
        """
        assumed = {name: value for name, value in self._defaults.items() if self._is_silent(row, name)}
        keys = frozenset(key for name in assumed if (key := self._key_of(name)))
        if assumed:  # a default takes the place of an empty column, flattened or not
            row = {name: value for name, value in row.items() if self._key_of(name) not in keys} | assumed
        fields: dict[str, Any] = {}
        left_out: list[LeftOut] = []
        for column in self._fields:
            if not self._read_from[column.key].isdisjoint(row) and not self._is_idle(column, row):
                # A default that its field can't take is no value of the source.
                self._read_field(column, row, fields, None if column.key in keys else left_out)
        references: dict[str, Sequence[str]] = {}
        for key, sides in self._relationships.items():
            for side in [side for side in sides if side.name in row][:1]:
                if row[side.name] is not None or self._null_unlinks:
                    self._read_links(key, side, row[side.name], references, left_out)
        return Wanted(id_of(row), fields, references, keys, tuple(left_out))

    def _names_of(self, column: Column) -> frozenset[str]:
        """Return the columns that a field is read from: the whole, its flattened members, its label."""
        label = self.columns.find(column.key, Role.LABEL)
        members = type_of(column.field).members if column.field else ()
        flattened = (column.name + FLATTENED + member for member in members)
        return frozenset({column.name, *flattened, *([label.name] if label else [])})

    def _is_idle(self, column: Column, row: Mapping[str, Any]) -> bool:
        """Whether a column is a hint for another one, a pipeline for a stage, that the row leaves empty."""
        meant = self._hints.get(column.key)
        if meant is None:
            return False
        stated = [self.columns.find(meant, role) for role in (Role.FIELD, Role.LABEL)]
        if any(one and not self._is_empty(one.name, row.get(one.name)) for one in stated):
            return False
        if not self._is_empty(column.name, row.get(column.name)) and column.name not in self._idle:
            self._idle.add(column.name)
            _log.info(
                "%s: %r is ignored in rows without %r: Lightfield stores it only as a part of that",
                self._resource.name, column.name, stated[0].name if stated[0] else meant,
            )  # fmt: skip
        return True

    def _is_silent(self, row: Mapping[str, Any], name: str) -> bool:
        """Whether a row has no value for this column's field or relationship, flattened or as a label too."""
        key = self._key_of(name)
        return not any(
            key and self._key_of(other) == key and not self._is_empty(other, value)
            for other, value in row.items()
        )

    def _is_empty(self, name: str, value: Any) -> bool:
        column = self.columns.by_name.get(name)
        if column is not None and column.role is Role.FIELD and column.field is not None:
            return is_empty(column.field, value)
        return value is None or is_empty_text(value)

    def _key_of(self, name: str) -> str | None:
        """Return the key that a column, or the one of which it is a flattened member, is about."""
        known = self.columns.by_name
        column = known.get(name) or known.get(name.partition(FLATTENED)[0])
        return None if column is None or column.role is Role.ENVELOPE else column.key

    def unknown(self, names: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """Return the columns that match no field, each with the nearest that there are."""
        return nearest_columns(names, columns_known(self.columns))

    def skipped(self, names: Iterable[str]) -> Sequence[str]:
        """Return the columns that the API lets nobody write."""
        written = {column.name for column in self._fields}
        written |= {side.name for sides in self._relationships.values() for side in sides}
        return [
            name
            for name in names
            if (column := self.columns.by_name.get(name))
            and column.role not in {Role.ENVELOPE, Role.LABEL}
            and column.name not in written
        ]

    def _sides(self, key: str) -> list[Column]:
        """Return the columns that a relationship is written from, the best first.

        The bare key writes links of which this record is the source. The merged column of a
        self-referential relationship holds both directions, so it is read only where the other is missing.
        """
        roles = (Role.AS_SOURCE, Role.RELATIONSHIP)
        return [column for role in roles if (column := self.columns.find(key, role))]

    def _read_field(
        self,
        column: Column,
        row: Mapping[str, Any],
        fields: dict[str, Any],
        left_out: list[LeftOut] | None,
    ) -> None:
        definition = column.field
        assert definition is not None  # noqa: S101 - of a column of role FIELD
        label = self.columns.find(column.key, Role.LABEL)
        present, value = _value_of(column, definition, row)
        label_value = row.get(label.name) if label else None
        if is_empty_text(label_value):
            label_value = None
        if not present and label_value is None:
            return
        value = _meant(definition, value, label_value)
        parent = fields.get(definition.parent_field_key or "")

        def write(part: Any) -> Any:
            is_select = definition.value_type == "SINGLE_SELECT"
            return (
                write_option(definition, part, parent_id=parent)
                if is_select
                else write_value(definition, part)
            )

        try:
            fields[column.key] = write(value)
        except ValueConversionError as e:
            at_fault = self._at_fault(column, definition, row)
            if left_out is None or not self.leaves_out:
                raise Rejection(str(e), code=RejectCode.INVALID_VALUE, param=at_fault) from e
            parts = parts_of(definition, value, write)
            if parts.good is not None:
                fields[column.key] = parts.good
            for member, part, why in parts.bad:
                name = at_fault if member is None or column.name in row else column.name + FLATTENED + member
                left_out.append(bad_value(name, part, why, definition))

    def _read_links(
        self,
        key: str,
        side: Column,
        value: Any,
        references: dict[str, Sequence[str]],
        left_out: list[LeftOut],
    ) -> None:
        items = value if isinstance(value, list) else [value]
        try:
            references[key] = _references(side, items)
        except Rejection as e:
            if not self.leaves_out:
                raise
            good = [item for item in items if _is_reference(item)] if side.is_array else []
            bad = [item for item in items if item not in (None, "") and item not in good]
            if good:
                references[key] = _references(side, good)
            left_out += [LeftOut(side.name, item, e.message, LeftOverKind.BAD_VALUE) for item in bad]

    def _at_fault(self, column: Column, definition: FieldDefinition, row: Mapping[str, Any]) -> str:
        """Return which of a row's columns a field can't take: the whole, a flattened part or the label."""
        label = self.columns.find(column.key, Role.LABEL)
        if label and not self._is_empty(label.name, row.get(label.name)):
            return label.name
        for name, value in _flattened(column, definition, row).items():
            try:
                write_value(definition, {name.removeprefix(column.name + FLATTENED): value})
            except ValueConversionError:
                return name
        return column.name


def id_of(row: Mapping[str, Any]) -> str | None:
    """Return what a row's ``id`` column holds, None where it holds nothing."""
    value = row.get("id")
    return None if value is None or is_empty_text(value) else key_of(value) if is_key(value) else str(value)


def _value_of(column: Column, definition: FieldDefinition, row: Mapping[str, Any]) -> tuple[bool, Any]:
    """Return whether the row has the column, whole or flattened, and its value."""
    if column.name in row:
        return True, row[column.name]
    members = {
        name.removeprefix(column.name + FLATTENED): value
        for name, value in _flattened(column, definition, row).items()
    }
    return bool(members), members or None


def _flattened(column: Column, definition: FieldDefinition, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a row that are members of one, which it does not have as a whole."""
    if column.name in row:
        return {}
    names = [column.name + FLATTENED + member for member in type_of(definition).members]
    return {name: row[name] for name in names if name in row}


def _meant(definition: FieldDefinition, value: Any, label: Any) -> Any:
    """Return what a row says of a field: a select's label where its option id is not this workspace's."""
    if label is None or not type_of(definition).label_suffix:
        return value
    items = value if isinstance(value, list) and definition.value_type == "MULTI_SELECT" else [value]
    return value if all(_is_option(definition, item) for item in items) else label


def _is_option(definition: FieldDefinition, value: Any) -> bool:
    return isinstance(value, str) and value in definition.labels


def _is_reference(item: Any) -> bool:
    return item is None or (is_key(item) and is_storable(key_of(item)))


def _references(side: Column, items: Sequence[Any]) -> Sequence[str]:
    if not side.is_array and len(items) > 1:
        raise Rejection(
            f"{side.name} takes one record, not {len(items)}", code=RejectCode.INVALID_VALUE, param=side.name
        )
    if not all(map(_is_reference, items)):
        raise Rejection(f"{side.name} takes keys of records", code=RejectCode.INVALID_VALUE, param=side.name)
    keys = [key_of(item) for item in items if item is not None]
    return list(dict.fromkeys(key for key in keys if not is_empty_text(key)))
