"""API values to column values, a function for each shape; `value_types.py` says which type has which."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lightfield_api.definitions import FieldDefinition
from lightfield_api.numbers import exactly, numeric
from lightfield_api.words import count

COORDINATES = frozenset({"latitude", "longitude"})
"""The members of an ADDRESS that are numbers."""


class ValueConversionError(ValueError):
    """A value that its field can't take.

    The message names the field, its type and the value's shape, never the value: it goes into logs.

    Args:
        definition: The field.
        value: The value.
        reason: What is wrong with it, where that is not its shape alone.

    Attributes:
        key: The field's key.
    """

    def __init__(self, definition: FieldDefinition, value: object, reason: str = "") -> None:
        super().__init__(
            f"{definition.key} is {definition.value_type} and can't take {_shape(value)}"
            + (f": {reason}" if reason else "")
        )
        self.key = definition.key


_ISO_8601 = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<time>(?:[01]\d|2[0-3]):[0-5]\d)(?::(?P<second>[0-5]\d)(?:[.,](?P<fraction>\d+))?)?"
    r"(?: ?(?:[Zz]|(?P<hours>[+-]\d\d)(?::?(?P<minutes>[0-5]\d))?))?)?",
    re.ASCII,
)


# Not pendulum.parse, which reads the times of other CRMs (presets): every record has several times, and this
# takes half as long for each (7 and 15 microseconds). It also reads less, on purpose: see below.
@lru_cache(maxsize=1024)  # a record's times are looked at several times, one after the other
def parse_datetime(text: str) -> datetime:
    """Return the instant that an ISO 8601 text names; UTC where it has no offset.

    A date is its midnight; digits after the microseconds are cut off. "now" and "10:00", which mean
    another time each day, are none.

    Raises:
        ValueError: It names none. The text is not in the message.
    """
    match = _ISO_8601.fullmatch(text)
    moment = _moment(**{name: part for name, part in match.groupdict().items() if part}) if match else None
    if moment is None:
        raise ValueError("not an ISO 8601 date-time")
    return moment


def _moment(
    day: str,
    time: str = "00:00",
    second: str = "00",
    fraction: str = "",
    hours: str = "+00",
    minutes: str = "00",
) -> datetime | None:
    """Return the instant, None where there is no such day in the calendar."""
    try:  # every part is spelled out: what fromisoformat takes beyond that differs between Pythons
        return datetime.fromisoformat(f"{day}T{time}:{second}.{fraction[:6]:0<6}{hours}:{minutes}")
    except ValueError:
        return None


def read_text(_: FieldDefinition, value: Any) -> str:
    """Return text as it is, anything else as JSON text."""
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=json_value)


def json_value(value: object) -> float | str:
    """Return a JSON value for one that JSON does not have, such as Decimal, as which the SDK reads floats."""
    if isinstance(value, Decimal):
        return math.nan if value.is_nan() else float(value)
    return str(value)


def number(definition: FieldDefinition, value: Any) -> int | float:
    """Return a finite number; a whole one as int. Numeric text counts."""
    exact = exact_number(definition, value)
    return int(exact) if exact == exact.to_integral_value() else float(exact)


def exact_number(definition: FieldDefinition, value: Any) -> Decimal:
    """Return a number that a float can hold, with all its digits. Numeric text counts."""
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise ValueConversionError(definition, value)
    try:
        exact = numeric(value) if isinstance(value, str) else exactly(value)
    except ValueError as e:
        raise ValueConversionError(definition, value, str(e)) from None
    if not exact.is_finite() or not math.isfinite(float(exact)):
        raise ValueConversionError(definition, value, "not a finite number")
    return exact


_BOOLEANS = {"true": True, "false": False, "1": True, "0": False, "1.0": True, "0.0": False}


def boolean(definition: FieldDefinition, value: Any) -> bool:
    """Return a boolean; 0, 1 and the words true and false count."""
    if isinstance(value, bool):
        return value
    found = _BOOLEANS.get(str(value).strip().lower()) if isinstance(value, (int, float, str)) else None
    if found is None:
        raise ValueConversionError(definition, value)
    return found


_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)


def iso_datetime(definition: FieldDefinition, value: Any) -> str:
    """Return a date-time as ISO 8601 with offset; one that already is comes back unchanged."""
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day, tzinfo=timezone.utc)
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=timezone.utc)).isoformat()
    if not isinstance(value, str):
        raise ValueConversionError(definition, value)
    try:
        parsed = parse_datetime(value)
    except ValueError as e:
        raise ValueConversionError(definition, value, str(e)) from None
    return value if _RFC_3339.fullmatch(value) else parsed.isoformat()


def read_strings(definition: FieldDefinition, value: Any) -> list[str]:
    """Return a list of texts; a single value is a list of one."""
    items = value if isinstance(value, (list, tuple)) else [value]
    return [read_text(definition, item) for item in items if item is not None]


def contact_point(
    strings: Callable[[FieldDefinition, Any], list[str]],
) -> Callable[[FieldDefinition, Any], str | list[str] | None]:
    """Return the converter of an EMAIL, TELEPHONE or URL: a list, or one string where the field takes one.

    Args:
        strings: What reads or writes the list.
    """

    def convert(definition: FieldDefinition, value: Any) -> str | list[str] | None:
        items = strings(definition, value)
        if definition.multiple_values is not False:
            return items
        if len(items) > 1:
            raise ValueConversionError(definition, value, "it takes one value")
        return items[0] if items else None

    return convert


def read_object(keys: Mapping[str, str]) -> Callable[[FieldDefinition, Any], dict[str, Any]]:
    """Return the reader of an object with these members, given as column name to API key."""

    def read(definition: FieldDefinition, value: Any) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            raise ValueConversionError(definition, value)
        return {
            name: None
            if (member := value.get(key)) is None
            else number(definition, member)
            if name in COORDINATES
            else read_text(definition, member)
            for name, key in keys.items()
        }

    return read


def _shape(value: object) -> str:
    if isinstance(value, bool):
        return "a boolean"
    if isinstance(value, (int, float, Decimal)):
        return "a number"
    if isinstance(value, str):
        return f"a string of {count('character', len(value))}"
    if isinstance(value, (list, tuple)):
        return f"an array of {len(value)}"
    if isinstance(value, Mapping):
        return f"an object of {count('member', len(value))}"
    return f"a {type(value).__name__}"
