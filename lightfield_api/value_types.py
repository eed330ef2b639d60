"""The table of valueTypes: all that differs by type. A new one is a row here.

``FULL_NAME`` is an object of ``first_name`` and ``last_name``; ``SINGLE_SELECT`` a text, with a column
``…_label`` beside it. API page: "Fields and relationships".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from lightfield_api.definitions import FieldDefinition
from lightfield_api.value_reading import (
    boolean,
    contact_point,
    iso_datetime,
    number,
    parse_datetime,
    read_object,
    read_strings,
    read_text,
)
from lightfield_api.value_writing import (
    plain,
    text_only,
    write_exactly,
    write_nothing,
    write_number,
    write_object,
    write_option,
    write_options,
    write_social_handle,
    write_strings,
    write_stripped,
    write_telephone,
)


class Shape(Enum):
    """What a column value is."""

    TEXT = "a text"
    TEXTS = "a list of texts"
    CONTACT_POINTS = "a list of texts, or one text where the field takes one value"
    NUMBER = "a number"
    BOOLEAN = "true or false"
    DATETIME = "an ISO 8601 date-time"
    OBJECT = "an object of members"


@dataclass(frozen=True)
class ValueType:
    """Everything that differs by valueType, for one of them.

    Attributes:
        read: API value to column value.
        write: Column value to API value.
        shape: What its column values are.
        members: The members of an object: what the column calls each, with what the API calls it.
        label_suffix: Of options: what is put after the column's name for the column of their labels.
        blank_is_value: Whether blanks are a text like any other.
        comparable: Turns a column value into what is equal where two values mean the same.
    """

    read: Callable[[FieldDefinition, Any], Any]
    write: Callable[[FieldDefinition, Any], Any]
    shape: Shape = Shape.TEXT
    members: Mapping[str, str] = field(default_factory=dict)
    label_suffix: str = ""
    blank_is_value: bool = False
    comparable: Callable[[Any], Any] = lambda value: value

    @property
    def keeps_texts(self) -> bool:
        """Whether a text is read as it is."""
        return self.read is read_text


def _contact_points(write: Callable[[FieldDefinition, Any], str]) -> ValueType:
    return ValueType(contact_point(read_strings), contact_point(write_strings(write)), Shape.CONTACT_POINTS)


def _object(members: Mapping[str, str]) -> ValueType:
    return ValueType(read_object(members), write_object(members), Shape.OBJECT, members)


_TEXT = ValueType(read_text, text_only, blank_is_value=True)
_UNKNOWN = ValueType(read_text, plain)

VALUE_TYPES: Mapping[str, ValueType] = {
    "TEXT": _TEXT,
    "MARKDOWN": _TEXT,
    "HTML": _TEXT,
    "READONLY_MARKDOWN": ValueType(read_text, write_nothing),
    "SOCIAL_HANDLE": ValueType(read_text, write_social_handle),
    "NUMBER": ValueType(number, write_number, Shape.NUMBER),
    "CURRENCY": ValueType(number, write_exactly, Shape.NUMBER),
    "CHECKBOX": ValueType(boolean, boolean, Shape.BOOLEAN),
    "DATETIME": ValueType(iso_datetime, iso_datetime, Shape.DATETIME, comparable=parse_datetime),
    "EMAIL": _contact_points(write_stripped),
    "TELEPHONE": _contact_points(write_telephone),
    "URL": _contact_points(write_stripped),
    "ADDRESS": _object(
        {
            "street": "street",
            "street2": "street2",
            "city": "city",
            "state": "state",
            "postal_code": "postalCode",
            "country": "country",
            "latitude": "latitude",
            "longitude": "longitude",
        }
    ),
    "FULL_NAME": _object({"first_name": "firstName", "last_name": "lastName"}),
    "SINGLE_SELECT": ValueType(read_text, write_option, label_suffix="_label"),
    "MULTI_SELECT": ValueType(
        read_strings, write_options, Shape.TEXTS, label_suffix="_labels", comparable=sorted
    ),
}
"""The valueTypes of this version of the API; any other is read as text."""


def type_of(definition: FieldDefinition) -> ValueType:
    """Return the row of the table for a field's type; values of an unknown type become text."""
    return VALUE_TYPES.get(definition.value_type, _UNKNOWN)


def shape_of(definition: FieldDefinition) -> Shape:
    """Return what a field's column values are."""
    shape = type_of(definition).shape
    if shape is Shape.CONTACT_POINTS:
        return Shape.TEXT if definition.multiple_values is False else Shape.TEXTS
    return shape
