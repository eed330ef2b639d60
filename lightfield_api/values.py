"""Reading and writing a field's value by its valueType.

A *column value* is what the tap emits and the target takes; an *API value* is what stands in the API's
``value`` and in a write's ``fields``. API page: "Fields and relationships".
"""

from __future__ import annotations

from contextlib import suppress
from decimal import InvalidOperation
from typing import Any

from lightfield_api.definitions import FieldDefinition
from lightfield_api.value_reading import ValueConversionError, parse_datetime, read_text
from lightfield_api.value_types import Shape, type_of
from lightfield_api.value_writing import write_option

__all__ = [
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
    return None if value is None else type_of(definition).read(definition, value)


def write_value(definition: FieldDefinition, value: Any) -> Any:
    """Return the API value of a column value; None, which clears the field, for None and the empty text.

    Where blanks are no value, blank text is empty too; of several texts the empty ones are none.

    What has one right form is put into it: a select takes option ids and labels (see ``write_option`` for
    dependent ones), a DATETIME without offset is taken as UTC, a TELEPHONE becomes E.164, a country its
    ISO code, a SOCIAL_HANDLE the URL of the profile.

    Raises:
        ValueConversionError: The field can't take the value.
    """
    is_list = type_of(definition).shape is Shape.CONTACT_POINTS  # an empty text clears it with an empty list
    if value is None or (is_empty(definition, value) and not is_list):
        return None
    return type_of(definition).write(definition, value)


def is_empty(definition: FieldDefinition, value: Any) -> bool:
    """Whether a column value is none: null, the empty text of a CSV file, blanks where no text belongs."""
    if not isinstance(value, str):
        return value is None
    return not (value if type_of(definition).blank_is_value else value.strip())


def read_labels(definition: FieldDefinition, value: Any) -> Any:
    """Return the label of a SINGLE_SELECT value, the list of labels of a MULTI_SELECT one.

    An option that the definitions do not list (archived, or added since) has its id for a label.
    """
    found, labels = read_value(definition, value), definition.labels
    if isinstance(found, list):
        return [labels.get(item, item) for item in found]
    return labels.get(found, found)


def same_value(definition: FieldDefinition, one: Any, other: Any) -> bool:
    """Whether two API values of a field mean the same, so that writing it would change nothing.

    Args:
        definition: The field.
        one: A value.
        other: Another value.
    """
    try:
        if type(one) is type(other) and one == other:  # as most are, and no more needs to be known of them
            return True
    except InvalidOperation:  # a signalling NaN is compared with nothing
        pass
    return bool(_comparable(definition, one) == _comparable(definition, other))


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
    return type_of(definition).comparable(found)
