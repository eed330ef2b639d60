"""Rows in the types of JSON, with every digit of their numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from singer_sdk.singerlib.json import deserialize_json, serialize_json

from lightfield_api.numbers import held_by_float

DEEPEST = 100
"""How many arrays and objects may be within each other: far fewer than any recursion takes."""

_MOST_BITS = 4096  # of an int: Python itself refuses to print one of more than 4,300 digits


class TooDeep(str):
    """What stands for a value that nests deeper than any field takes: its JSON."""


def plain_row(record: Mapping[str, Any]) -> dict[str, Any]:
    """Return a record with nothing in it that JSON does not have.

    A number is a float where that shows the same number, else it stays a Decimal: the SDK reads all
    that are not whole as Decimal. NaN and infinity are null. Dates, which stream maps make, are text.
    """
    return {str(name): plain(value) for name, value in record.items()}


def plain(value: Any) -> Any:  # noqa: PLR0911 - one line a type
    """Return any value so."""
    if value is None or isinstance(value, (str, bool)):
        return value
    if isinstance(value, int):
        return value if value.bit_length() <= _MOST_BITS else Decimal(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        held = held_by_float(value)
        return value if held is None else held
    if isinstance(value, Mapping):
        return plain_row(value)
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return str(value)


def dumped(row: Mapping[str, Any]) -> str:
    """Return a row as JSON, from which ``loaded`` makes the same again."""
    return serialize_json(row)


def loaded(text: str) -> dict[str, Any]:
    """Return the row of a JSON text."""
    return plain_row(deserialize_json(text, parse_int=parsed_integer))


def parsed_integer(digits: str) -> int | Decimal:
    """Return an integer of JSON; as Decimal where Python would need too long for it, or refuse."""
    return int(digits) if len(digits) <= 1000 else Decimal(digits)


def is_empty_text(value: Any) -> bool:
    """Whether a value is the text that stands for nothing in a CSV file."""
    return isinstance(value, str) and not value.strip()


def nests_too_deep(value: Any) -> bool:
    """Whether there are more arrays and objects within each other than ``DEEPEST``. Needs no recursion."""
    levels: list[Iterator[Any]] = []
    members = _members(value)
    while members is not None or levels:
        if members is not None:
            levels.append(members)
            if len(levels) > DEEPEST:
                return True
        members = None
        for member in levels[-1]:
            if (members := _members(member)) is not None:
                break
        else:
            levels.pop()
    return False


def _members(value: Any) -> Iterator[Any] | None:
    if isinstance(value, Mapping):
        return iter(value.values())
    return iter(value) if isinstance(value, list) else None
