"""Numbers as people and programs write them: ``1,234.50`` and ``1.234,50``, but not ``1,234``.

A number is read only where it can't be read otherwise: ``1,234`` is a thousand to one and less than two to
another.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from lightfield_api.numbers import exactly, numeric

_AMBIGUOUS = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_DECIMAL_COMMA = re.compile(r"[+-]?[0-9]+,[0-9]+")
_GROUPED = re.compile(
    r"[+-]?[1-9][0-9]{0,2}(?:"
    r"(?:,[0-9]{3})+(?:\.[0-9]+)?"
    r"|(?:\.[0-9]{3})+(?:,[0-9]+)?"
    r"|(?P<blank>[ '\u2019\u00a0\u2009\u202f])[0-9]{3}(?:(?P=blank)[0-9]{3})*(?:[.,][0-9]+)?)"
)


def number_of(value: Any) -> Decimal:
    """Return the number that a value is, with all its digits; NaN and infinity are none.

    Raises:
        ValueError: It is no number, or may be two. The value is not in the message.
    """
    if isinstance(value, str):
        return _read(value.strip())
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        raise ValueError("not a number")
    exact = exactly(value)
    if not exact.is_finite():
        raise ValueError("not a finite number")
    return exact


def _read(text: str) -> Decimal:
    if _AMBIGUOUS.fullmatch(text):
        raise ValueError("it may be thousands or a number with three decimals")
    if _DECIMAL_COMMA.fullmatch(text):
        return Decimal(text.replace(",", "."))
    if _GROUPED.fullmatch(text):
        return _without_groups(text)
    return numeric(text)


def _without_groups(text: str) -> Decimal:
    separators = re.sub(r"[0-9+-]", "", text)
    # the last separator begins decimals if it is another one than those before it
    decimals = separators[-1] if separators[-1] != separators[0] else ""
    whole, _, rest = text.rpartition(decimals) if decimals else (text, "", "")
    return Decimal(f"{re.sub(r'[^0-9+-]', '', whole)}.{rest or 0}")
