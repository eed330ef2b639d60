"""Numbers with all their digits: what text is one, and how one is spelled.

``numeric("1.50")`` is ``Decimal("1.50")``, ``spelled(Decimal("1E+3"))`` is ``"1000"``.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal, InvalidOperation

_NUMERIC = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_LONGEST = 400  # digits: more than any number that a float can hold has before or after its point


def numeric(text: str) -> Decimal:
    """Return the number that a text spells: in ASCII digits, maybe with an exponent, between blanks.

    ``Decimal`` alone also takes ``1_0`` for 10, the digits of every script, and words such as NaN.

    Raises:
        ValueError: It spells none. The text is not in the message.
    """
    if _NUMERIC.fullmatch(stripped := text.strip()):
        try:
            return Decimal(stripped)
        except InvalidOperation:  # its exponent is larger than Decimal takes
            pass
    raise ValueError("not a number")


def exactly(number: float | Decimal) -> Decimal:
    """Return a number with the digits that it shows: 0.1 is one tenth, not the float that is next to it."""
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def held_by_float(number: Decimal) -> float | None:
    """Return the float with the same digits as the number; None where a float would lose some."""
    if not number.is_finite():
        return None
    held = float(number)
    return held if math.isfinite(held) and exactly(held) == number else None


def spelled(number: float | Decimal) -> str:
    """Return a number as text, without an exponent unless that would take hundreds of digits."""
    text = str(number)
    if "e" not in text and "E" not in text:
        return text
    exact = exactly(number)
    return f"{exact:f}" if abs(exact.adjusted()) <= _LONGEST else text
