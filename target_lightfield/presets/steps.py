"""What is done with a value that needs nothing but its own row."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from target_lightfield.presets.column import Column, Signature
from target_lightfield.presets.converted import Conventions
from target_lightfield.presets.durations import plus as later
from target_lightfield.presets.html import is_html, to_text
from target_lightfield.presets.references import each
from target_lightfield.presets.scope import Amount, Scope, Texts, key_text, listed, table_of
from target_lightfield.presets.source_row import is_empty
from target_lightfield.presets.times import moment
from target_lightfield.reporting.left_over import LeftOverKind

_LOOKS = {
    "url": re.compile(r"(https?://)?([\w-]+\.)+[a-z]{2,}(:\d+)?([/?#]\S*)?", re.IGNORECASE),
    "email": re.compile(r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+"),
    "phone": re.compile(r"\+?[\d\s()./-]{5,}(\s*(ext\.?|x)\s*\d+)?", re.IGNORECASE),
    "number": re.compile(r"[+-]?\d+([.,]\d+)*"),
}
_SAID = {
    "url": "a URL",
    "email": "an email address",
    "phone": "a telephone number",
    "number": "a number",
}
_IS_DURATION = re.compile(r"\d|P[\dT]")  # as opposed to the name of a column
_IS_CURRENCY = re.compile(r"[A-Z]{3}")


def pick(value: Any, column: Column, scope: Scope) -> Any:
    """Return one member of each object in a list."""
    picked = []
    for item in listed(value):
        if isinstance(item, Mapping) and column.pick not in item:
            scope.drop(item, f"It has no {column.pick!r}")
        else:
            picked.append(item[column.pick] if isinstance(item, Mapping) else item)
    return [item for item in picked if not is_empty(item)]


def split(value: Any, column: Column, scope: Scope) -> Any:
    """Return the values in a text."""
    separator = scope.preset.separator if column.split is True else column.split
    if not separator:
        return value
    parts = [part.strip() for text in listed(value) for part in str(text).split(str(separator))]
    return [part for part in parts if part]


def only(value: Any, column: Column, scope: Scope) -> Any:
    """Return what looks like it should."""
    look = column.only or "url"

    def found(item: Any) -> Any:
        if _LOOKS[look].fullmatch(str(item).strip()):
            return item
        scope.drop(item, f"It does not look like {_SAID[look]}")
        return None

    return each(value, found)


def map_(value: Any, column: Column, scope: Scope) -> Any:  # noqa: ARG001
    """Return what a table has for a value; what is not in it stays."""
    table = table_of(column.map or {})
    return each(value, lambda item: table.get(key_text(item).casefold(), item))


def join(value: Any, column: Column, scope: Scope) -> Any:  # noqa: ARG001
    """Return several texts as one."""
    return Texts(value, column.join or "") if isinstance(value, list) else value


def first_line(value: Any, column: Column, scope: Scope) -> Any:  # noqa: ARG001
    """Return the first line of a text, cut to a length."""
    parts = value.parts if isinstance(value, Texts) else listed(value)
    texts = [to_text(str(part)) if is_html(str(part)) else str(part) for part in parts]
    lines = (line.strip() for text in texts for line in text.splitlines())
    line = next((line for line in lines if line), "")
    length = column.first_line or 80
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"


def at(value: Any, column: Column, scope: Scope) -> Any:
    """Return a date with the time of day of another column."""
    time = scope.row.get(column.at or "")
    return value if time is None else f"{str(value).strip()[:10]}T{str(time).strip()}"


def zone(value: Any, column: Column, scope: Scope) -> Any:
    """Return a date as the midnight with which it begins in a time zone."""
    source, taken = scope.source, dict(scope.taken)
    name = scope.value_of(column.zone) if column.zone is not None else None
    scope.source, scope.taken = source, taken  # it says only how the date is meant
    if name is None:
        return value
    try:
        return moment(value, Conventions(time_zone=str(name), midnight_is_date=True)).isoformat()
    except ValueError as e:
        scope.leave(value, LeftOverKind.BAD_VALUE, str(e))
        return None


def plus(value: Any, column: Column, scope: Scope) -> Any:
    """Return the time that is a duration later; nothing where there is no duration."""
    length: Any = column.plus
    if isinstance(length, str) and not _IS_DURATION.match(length):
        length = scope.row.get(length)
    if length is None:
        return None
    try:
        return later(value, length, Conventions(time_zone=scope.preset.time_zone))
    except ValueError as e:
        scope.leave(value, LeftOverKind.BAD_VALUE, str(e))
        return None


def amount(value: Any, column: Column, scope: Scope) -> Amount:
    """Return an amount with its currency, and with itself in the home currency."""
    if isinstance(value, Amount):
        return value
    currency = scope.row.get(column.currency) if column.currency else None
    if currency is None and column.currency and _IS_CURRENCY.fullmatch(column.currency):
        currency = column.currency
    home = scope.row.get(column.in_home_currency) if column.in_home_currency else None
    return Amount(value, None if currency is None else str(currency), home)


def signed(value: Any, column: Column, scope: Scope) -> Any:
    """Return a text that is signed: by whom, and when."""
    signature = column.signed or Signature()
    source = scope.source
    said = [key_text(scope.value_of(spec)) for spec in (signature.by, signature.at) if spec is not None]
    scope.source = source
    text = ", ".join(part for part in said if part)
    if not text:
        return value
    parts = value if isinstance(value, Texts) else Texts(listed(value), "\n\n")
    return Texts(parts.parts, parts.between, f"— {text}")
