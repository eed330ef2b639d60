"""Which of Lightfield's columns a preset means: by name, by usual labels, or by the label in the source."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from msgspec import structs

from lightfield_api.columns import Column as FieldColumn
from lightfield_api.columns import Role, columns_of
from lightfield_api.custom_objects import is_custom_object
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.resources import RESOURCES
from lightfield_api.value_types import Shape, shape_of, type_of
from target_lightfield.presets.column import Column
from target_lightfield.presets.converted import Conventions
from target_lightfield.presets.custom_fields import CustomFields
from target_lightfield.presets.preset import Preset, of_stream
from target_lightfield.presets.scope import Knowledge, key_text, listed
from target_lightfield.reporting.left_over import LeftOverKind

_MEMBER = "__"
_CUSTOMIZABLE = frozenset({"accounts", "contacts", "opportunities"})  # beside custom objects


@dataclass(frozen=True)
class Meant:
    """What a name means.

    Attributes:
        column: Lightfield's column; None where there is none.
        spec: What is done with the value, where that follows from the column.
        kind: What is wrong where there is none.
        why: The same in words.
        about: The label and the type of the field that it would take.
        is_unfinished: Whether that may change once another stream has come.
    """

    column: FieldColumn | None = None
    spec: Column | None = None
    kind: LeftOverKind = LeftOverKind.NO_COLUMN
    why: str = ""
    about: str | None = None
    is_unfinished: bool = False


class Place(NamedTuple):
    """A column of Lightfield's, or a member of one."""

    column: FieldColumn
    member: str | None = None


class Fields:
    """The columns of one of Lightfield's streams.

    Args:
        stream: The stream.
        definitions: Its definitions; None of one that has none, which takes every column.
        preset: The preset.
        knowledge: What is known beside a row.

    Attributes:
        missing: The columns that the preset names and the workspace lacks.
    """

    def __init__(
        self, stream: str, definitions: ObjectDefinitions | None, preset: Preset, knowledge: Knowledge
    ) -> None:
        self._stream = stream
        self._columns = columns_of(definitions) if definitions else None
        self._preset = preset
        self._knowledge = knowledge
        self._custom = CustomFields(definitions or ObjectDefinitions(""))
        self._conventions = Conventions(
            preset.separator,
            preset.time_zone,
            preset.phone_country,
            day_first=preset.day_first,
            midnight_is_date=preset.midnight_is_date,
        )
        self._unnamed: dict[tuple[str, str], Meant | None] = {}
        self.missing: dict[str, None] = {}

    def named(self, name: str, *, quietly: bool = False) -> Place | None:
        """Return the column of a name, such as ``website`` or ``name__first_name``; None if there is none.

        Args:
            name: The name.
            quietly: Whether one that there is not is none of ``missing``.
        """
        if self._columns is None:
            return Place(FieldColumn(name, name, Role.ENVELOPE))
        known = self._columns.by_name
        base, _, member = name.partition(_MEMBER)
        column = known.get(name) or known.get(base)
        if column is not None and column.role is Role.LABEL:
            column = self._columns.find(column.key, Role.FIELD)
        if column is None or (member and name not in known and not _has_member(column, member)):
            if not quietly:
                self.missing[name] = None
            return None
        return Place(column, None if name in known else member or None)

    def takes_several(self, name: str) -> bool | None:
        """Whether a column takes several values; None if there is no such column."""
        if self._columns is None:
            return True
        column = self._columns.by_name.get(name)
        if column is None:
            return None
        return column.is_array or (column.field is not None and shape_of(column.field) is Shape.TEXTS)

    def is_required(self, name: str) -> bool:
        """Whether a column is one without which no record is created."""
        resource = RESOURCES.get(self._stream)
        column = self._columns.by_name.get(name) if self._columns else None
        return bool(resource and column and column.key in resource.required)

    @property
    def is_final(self) -> bool:
        """Whether a record can't be completed by an update: what it is not created with, it never has."""
        resource = RESOURCES.get(self._stream)
        return resource is not None and resource.updatable is not None

    def custom(self, labels: Sequence[str], value_type: str | None) -> Meant:
        """Return the custom field that is called by one of these labels.

        Args:
            labels: The labels, the likeliest first.
            value_type: The type that it should have.
        """
        match = self._custom.meant_by(labels[0], labels)
        column = self._column(match.field.key) if match.field else None
        about = f"{labels[0]} ({value_type})" if value_type else labels[0]
        return Meant(column, kind=LeftOverKind.NO_FIELD, why=match.why, about=about)

    def unnamed(self, stream: str, name: str, value: Any) -> Meant | None:
        """Return what a column of the source means that no line names; None where it is left out on purpose.

        Args:
            stream: The source's stream.
            name: The column.
            value: The value that it has in the first row that has one.
        """
        key = stream, name
        if key not in self._unnamed:
            self._unnamed[key] = self._found(stream, name, value)
        return self._unnamed[key]

    def _found(self, stream: str, name: str, value: Any) -> Meant | None:
        rules = self._preset.custom_fields
        if name in rules.leave_out:
            return None
        if name in rules.names:
            return self._given(stream, name, rules.names[name])
        if rules.match == "none":
            return Meant(why="Nothing in the preset names this column")
        labels = self._labels(stream, name)
        shown = self._option_labels(stream, name, value) or [value]
        match = self._custom.meant_by(name, labels, shown, self._conventions)
        column = self._column(match.field.key) if match.field else None
        if column is not None:
            return self._fitting(stream, name, column, has_options=shown != [value])
        if self._stream not in _CUSTOMIZABLE and not is_custom_object(self._stream):
            return Meant(why=f"Nothing in Lightfield's {self._stream} is like it")
        about = labels[0] if labels else _readable(name)
        unknown = bool(of_stream(rules.labels, stream)) and not labels
        return Meant(kind=LeftOverKind.NO_FIELD, why=match.why, about=about, is_unfinished=unknown)

    def _given(self, stream: str, name: str, meant: str) -> Meant:
        column = (self._columns.by_name if self._columns else {}).get(meant)
        found = Meant(column) if column is not None else self.custom([meant], None)
        return self._fitting(stream, name, found.column) if found.column is not None else found

    def _fitting(self, stream: str, name: str, column: FieldColumn, *, has_options: bool = False) -> Meant:
        rules = self._preset.custom_fields
        if column.role is not Role.FIELD or column.field is None:
            if rules.records:
                return Meant(column, spec=Column(from_=name, record=rules.records))
            why = f"{_label(column)!r} is a relationship, and the preset does not say to what"
            return Meant(kind=LeftOverKind.NO_FIELD, why=why, about=_label(column))
        if rules.currency and column.field.value_type == "CURRENCY":
            return Meant(column, spec=Column(from_=name, currency=rules.currency))
        options = of_stream(rules.options, stream)
        if options and (has_options or type_of(column.field).label_suffix):
            several = column.field.value_type == "MULTI_SELECT" and bool(self._preset.separator)
            plain = Column(from_=name, split=True if several else None)
            by_label = structs.replace(plain, lookup=options)
            return Meant(column, spec=Column(first_of=[by_label, plain]))
        return Meant(column)

    def _option_labels(self, stream: str, name: str, value: Any) -> Sequence[Any]:
        """Return what the source calls the options that a value means; none where it means none."""
        options = of_stream(self._preset.custom_fields.options, stream)
        if not options:
            return []
        part = [""] if self._preset.lookups[options].within else []
        found = [self._knowledge.lookup(options, [name, key_text(item), *part]) for item in listed(value)]
        return [labels[0] for labels in found if len(labels) == 1]

    def _column(self, key: str) -> FieldColumn | None:
        """Return the column by which a key is written."""
        roles = (Role.FIELD, Role.AS_SOURCE, Role.RELATIONSHIP)
        found = (self._columns.find(key, role) for role in roles) if self._columns else iter(())
        return next((column for column in found if column), None)

    def _labels(self, stream: str, name: str) -> Sequence[str]:
        """Return what the source calls a column, as far as that is known."""
        rules = self._preset.custom_fields
        lookup = of_stream(rules.labels, stream)
        if not lookup:
            return []
        key = [name]
        if self._preset.lookups[lookup].within:
            part = rules.within.get(stream, "")
            values = self._knowledge.lookup(lookup, [name, part])
            key.append("")
            if values:
                return [str(value) for value in values[:1]]
        values = self._knowledge.lookup(lookup, key)
        return [str(value) for value in values] if len(values) == 1 else []


def _readable(name: str) -> str:
    """Return a column's name as a person would write it: ``Favourite_Colour__c`` as ``Favourite Colour``."""
    return name.removesuffix("__c").replace("_", " ").strip() or name


def _label(column: FieldColumn) -> str:
    definition = column.field or column.relationship
    return definition.label if definition else column.name


def _has_member(column: FieldColumn, member: str) -> bool:
    return column.field is not None and member in type_of(column.field).members
