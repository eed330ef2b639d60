"""Keys as text: every number has one, ``1`` for 1, 1.0 and 1e0.

Releases before this rule read numbers as floats and spelled a key as Python does: ``1.0``, ``1e+16``. What id
maps of theirs hold under such a name is found by it, and renamed.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeGuard

from lightfield_api.numbers import exactly

LONGEST_KEY = 500
"""How many characters a key may have: Postgres indexes at most 2,704 bytes."""

_CONTENT = "row:"  # begins the keys of rows without one


class Key(str):
    """A key as text.

    Attributes:
        written: How hashes spell it where it is a part of what they are of: as the row does.
        former: What earlier releases may have called it, the likeliest first.
    """

    written: str
    former: tuple[str, ...]

    def __new__(cls, text: str, *, written: str | None = None, former: Sequence[str] = ()) -> Key:
        """Make a key of a text."""
        key = super().__new__(cls, text)
        key.written = text if written is None else written
        key.former = tuple(dict.fromkeys(name for name in former if name != text))
        return key


def former_names(key: str) -> Sequence[str]:
    """Return what earlier releases may have called a key."""
    return key.former if isinstance(key, Key) else ()


def written(key: str) -> str:
    """Return how hashes spell a key."""
    return key.written if isinstance(key, Key) else key


def is_key(value: object) -> TypeGuard[str | int | float | Decimal]:
    """Whether a value of a row is a key by itself: a text or a number."""
    return isinstance(value, (str, int, float, Decimal)) and not isinstance(value, bool)


def is_storable(key: str) -> bool:
    """Whether every database takes this as a key: valid Unicode without NUL, short enough for an index."""
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in key and len(key) <= LONGEST_KEY


def key_of(value: str | float | Decimal) -> Key:
    """Return the key that a text or a finite number is."""
    if isinstance(value, str):
        return Key(value)
    text = number_key(value)
    return Key(text, written=text if isinstance(value, Decimal) else str(value), former=_former(value))


def composite_key(values: Any) -> Key:
    """Return the key that several values, or one that is neither text nor number, are: their JSON."""
    return Key(_canonical_json(values), former=[json.dumps(values, sort_keys=True, default=float)])


def content_key(row: Mapping[str, Any]) -> Key:
    """Return the key of a row whose stream has none: the hash of what it holds."""
    data = {name: value for name, value in row.items() if not name.startswith("_sdc_")}
    try:
        text = json.dumps(data, sort_keys=True)
    except TypeError:  # there are numbers that no float holds
        text = _canonical_json(data)
    # NaN, which is null, was the word.
    former = [json.dumps(d, sort_keys=True, default=float) for d in (data, _with_word_for_null(data))]
    return Key(_hashed(text), former=[_hashed(name) for name in former])


def number_key(number: float | Decimal) -> str:
    """Return the one text of a finite number: plain digits, no zeros after the last digit that counts.

    It is cut off where it is too long for a key anyway.
    """
    exact = exactly(number)
    if not exact:
        return "0"
    if exact.adjusted() > LONGEST_KEY:
        return f"{exact:.{LONGEST_KEY}E}".replace(".", "")
    if exact.adjusted() < -LONGEST_KEY:
        return "0." + "0" * LONGEST_KEY
    text = f"{exact:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def respelled(former: str) -> str | None:
    """Return the key of what may be a number as earlier releases spelled it; None of anything else."""
    return number_key(float(former)) if _is_spelled_by_float(former) else None


def may_be_former(key: str) -> bool:
    """Whether a key of earlier releases may be another one now: it has floats, or is a hash."""
    if key.startswith(("[", "{")):
        try:
            return _canonical_json(json.loads(key)) != key
        except (ValueError, RecursionError):  # a text that begins like JSON
            return False
    return key.startswith(_CONTENT) or _is_spelled_by_float(key)


def _is_spelled_by_float(text: str) -> bool:
    try:
        number = float(text)
    except ValueError:
        return False
    return math.isfinite(number) and str(number) == text


def _former(number: float | Decimal) -> list[str]:
    """Return how the float was spelled that a number was read as."""
    try:
        held = float(number)
    except OverflowError:
        return []
    # An integer was read as one. But a column of them is one of floats while a value is missing.
    return [str(held)] if math.isfinite(held) and (isinstance(number, Decimal) or held == number) else []


def _canonical_json(value: Any) -> str:
    """Return JSON in which equal values are the same text: numbers as keys, members in order."""
    if isinstance(value, Mapping):
        members = (f"{json.dumps(name)}: {_canonical_json(value[name])}" for name in sorted(value))
        return "{" + ", ".join(members) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_canonical_json, value)) + "]"
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return number_key(value)
    return json.dumps(value)


def _with_word_for_null(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _with_word_for_null(member) for name, member in value.items()}
    if isinstance(value, list):
        return [_with_word_for_null(item) for item in value]
    return "NaN" if value is None else value


def _hashed(text: str) -> str:
    return f"{_CONTENT}{hashlib.sha256(text.encode()).hexdigest()}"
