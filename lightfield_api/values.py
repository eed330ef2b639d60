"""Reading and writing a field's value by its valueType.

A *column value* is what the tap emits and the target takes; an *API value* is what stands in the API's
``value`` and in a write's ``fields``. API page: "Fields and relationships".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from lightfield_api.definitions import FieldDefinition
from lightfield_api.value_reading import (
    ADDRESS_KEYS,
    FULL_NAME_KEYS,
    ValueConversionError,
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
    is_empty,
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

__all__ = [
    "ADDRESS_KEYS",
    "FULL_NAME_KEYS",
    "KNOWN_VALUE_TYPES",
    "ValueConversionError",
    "is_empty",
    "parse_datetime",
    "read_labels",
    "read_value",
    "same_value",
    "write_option",
    "write_value",
]


def read_value(definition: FieldDefinition, value: Any) -> Any:
    """Return the column value of an API value; None for None.

    A value of another type than promised is coerced where that loses nothing; an unknown valueType
    becomes text.

    Raises:
        ValueConversionError: The value can't be coerced.
    """
    return None if value is None else _type_of(definition).read(definition, value)


def write_value(definition: FieldDefinition, value: Any) -> Any:
    """Return the API value of a column value; None, which clears the field, for None and the empty text.

    Where blanks are no value, blank text is empty too; of several texts the empty ones are none.

    What has one right form is put into it: a select takes option ids and labels (see ``write_option`` for
    dependent ones), a DATETIME without offset is taken as UTC, a TELEPHONE becomes E.164, a country its
    ISO code, a SOCIAL_HANDLE the URL of the profile.

    Raises:
        ValueConversionError: The field can't take the value.
    """
    if value is None or (is_empty(definition, value) and definition.value_type not in _LISTS):
        return None
    return _type_of(definition).write(definition, value)


def read_labels(definition: FieldDefinition, value: Any) -> Any:
    """Return the label of a SINGLE_SELECT value, the list of labels of a MULTI_SELECT one.

    An option that the definitions do not list (archived, or added since) has its id for a label.
    """
    found, labels = read_value(definition, value), definition.labels
    if isinstance(found, list):
        return [labels.get(item, item) for item in found]
    return labels.get(found, found)


def same_value(definition: FieldDefinition, one: Any, other: Any) -> bool:
    """Whether two API values of a field mean the same, so that writing it would change nothing."""
    return bool(_comparable(definition, one) == _comparable(definition, other))


@dataclass(frozen=True)
class _ValueType:
    """How the values of one valueType are read and written."""

    read: Callable[[FieldDefinition, Any], Any]
    write: Callable[[FieldDefinition, Any], Any]


def _type_of(definition: FieldDefinition) -> _ValueType:
    return _TYPES.get(definition.value_type, _UNKNOWN)


_TEXT = _ValueType(read_text, text_only)
_CONTACT_POINT = _ValueType(contact_point(read_strings), contact_point(write_strings(write_stripped)))
_UNKNOWN = _ValueType(read_text, plain)

_TYPES: Mapping[str, _ValueType] = {
    "TEXT": _TEXT,
    "MARKDOWN": _TEXT,
    "HTML": _TEXT,
    "READONLY_MARKDOWN": _ValueType(read_text, write_nothing),
    "SOCIAL_HANDLE": _ValueType(read_text, write_social_handle),
    "NUMBER": _ValueType(number, write_number),
    "CURRENCY": _ValueType(number, write_exactly),
    "CHECKBOX": _ValueType(boolean, boolean),
    "DATETIME": _ValueType(iso_datetime, iso_datetime),
    "EMAIL": _CONTACT_POINT,
    "TELEPHONE": _ValueType(contact_point(read_strings), contact_point(write_strings(write_telephone))),
    "URL": _CONTACT_POINT,
    "ADDRESS": _ValueType(read_object(ADDRESS_KEYS), write_object(ADDRESS_KEYS)),
    "FULL_NAME": _ValueType(read_object(FULL_NAME_KEYS), write_object(FULL_NAME_KEYS)),
    "SINGLE_SELECT": _ValueType(read_text, write_option),
    "MULTI_SELECT": _ValueType(read_strings, write_options),
}

_LISTS = frozenset({"EMAIL", "TELEPHONE", "URL"})
"""What writes an empty list where there is nothing but the empty text."""

KNOWN_VALUE_TYPES = frozenset(_TYPES)
"""The valueTypes of this version of the API; any other is read as text."""


def _comparable(definition: FieldDefinition, value: Any) -> Any:
    try:
        found = read_value(definition, value)
    except ValueConversionError:
        return (read_text(definition, value),)  # in a tuple it equals nothing that can be read
    with suppress(ValueConversionError):  # a stored value may be one that nobody could write
        found = write_value(definition, found)
    if isinstance(found, dict):
        found = {name: member for name, member in found.items() if member not in (None, "")}
    if not found and not isinstance(found, (bool, int, float)):
        return None  # nothing, an empty text and an empty list are all an unset field
    if definition.value_type == "DATETIME":
        return parse_datetime(found)
    return sorted(found) if definition.value_type == "MULTI_SELECT" else found
