"""Options that are ranges of numbers, such as headcounts: ``1-10``, ``1,001 to 5,000``, ``10,001+``.

120 employees are in ``51-200``; so are the 51-100 of another CRM.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from lightfield_api.definitions import FieldDefinition, Option
from lightfield_api.numbers import exactly

_LONGEST_LABEL = 60
_NUMBER = (
    r"[$€£]?\s?(?P<{0}>[1-9][0-9]{{0,2}}(?:[.,' \u2019\u00a0\u202f][0-9]{{3}})+|[0-9]+(?:[.,][0-9]+)?)"
    r"\s?(?P<{0}_unit>[kKmMbB](?![a-z]))?"
)
_ABOVE = r">|over|more\s+than|above|über|mehr\s+als|plus\s+de|más\s+de"
_FROM = r"≥|>=|from|at\s+least|ab|mindestens"
_BELOW = r"<|under|less\s+than|below|fewer\s+than|unter|weniger\s+als|moins\s+de|menos\s+de"
_UP_TO = r"≤|<=|up\s+to|bis(?:\s+zu)?|jusqu'à|hasta"
_OR_MORE = r"\+|(?:or|and|&)\s+(?:more|above|over|up)|und\s+mehr|oder\s+mehr|et\s+plus|ou\s+plus"
_RANGE = re.compile(
    rf"(?:(?P<above>{_ABOVE})|(?P<from>{_FROM})|(?P<below>{_BELOW})|(?P<up_to>{_UP_TO}))?\s*{_NUMBER.format('one')}"
    rf"(?:\s?(?:[-\u2010-\u2015\u2212]|to|bis|à|a|\.\.|…|and|und)\s?{_NUMBER.format('other')}|\s?(?P<more>{_OR_MORE}))?"
    r"(?:\s(?P<unit>[^\W\d_][^\d]*))?",
    re.IGNORECASE,
)
_UNITS = {"k": 3, "m": 6, "b": 9}
_ENDLESS = Decimal("Infinity")


@dataclass(frozen=True)
class Range:
    """The numbers from ``low`` to ``high``, both of them in it unless it is open there."""

    low: Decimal
    high: Decimal
    open_low: bool = False
    open_high: bool = False

    @property
    def width(self) -> Decimal:
        """How far it goes; endlessly, if it has no end."""
        return self.high - self.low

    def holds(self, other: Range) -> bool:
        """Whether every number of another range is in this one."""
        low_in = self.low < other.low or (self.low == other.low and (other.open_low or not self.open_low))
        high_in = self.high > other.high or (
            self.high == other.high and (other.open_high or not self.open_high)
        )
        return low_in and high_in


def range_of(value: Any) -> Range | None:
    """Return the range that a label or a number says; a number is one with itself alone in it.

    Digits in threes are thousands here, ``1,001`` and ``1.001``: nobody counts in thousandths.
    """
    if isinstance(value, str):
        return _range(value) if len(value) <= _LONGEST_LABEL else None
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal)):
        return None
    exact = exactly(value)
    return Range(exact, exact) if exact.is_finite() and exact >= 0 else None


def option_in_range(field: FieldDefinition, value: Any, *, all_ranges: bool = False) -> str | None:
    """Return the id of the option in whose range a number, or a whole range, lies; the narrowest one.

    Args:
        field: The select.
        value: The number, or a label that is a range.
        all_ranges: Whether it counts only where every option is a range, and not each a single number.
    """
    wanted = range_of(value)
    if wanted is None:
        return None
    ranges = _ranges(field.options)
    if all_ranges and (len(ranges) < len(field.options) or not any(range_.width for _, range_ in ranges)):
        return None
    holding = [(range_.width, range_.low, option_id) for option_id, range_ in ranges if range_.holds(wanted)]
    return min(holding)[2] if holding else None


@lru_cache(maxsize=256)
def _ranges(options: Sequence[Option]) -> Sequence[tuple[str, Range]]:
    """Return the options that are ranges, each by its id."""
    found = ((option.id, range_of(option.label)) for option in options)
    return [(option_id, range_) for option_id, range_ in found if range_ is not None]


@lru_cache(maxsize=1024)
def _range(text: str) -> Range | None:
    match = _RANGE.fullmatch(" ".join(text.split()))
    if match is None:
        return None
    one = _number(match["one"], match["one_unit"])
    if match["other"]:
        if match["above"] or match["from"] or match["below"] or match["up_to"]:
            return None
        high = _number(match["other"], match["other_unit"])
        shared = _number(match["one"], match["one_unit"] or match["other_unit"])  # 10-50K
        low = shared if shared <= high else one
        return Range(low, high) if low <= high else None
    if match["above"] or match["from"] or match["more"]:
        return Range(one, _ENDLESS, open_low=bool(match["above"]))
    if match["below"] or match["up_to"]:
        return Range(Decimal(0), one, open_high=bool(match["below"]))
    return Range(one, one)


def _number(digits: str, unit: str | None) -> Decimal:
    if re.fullmatch(r"[1-9][0-9]{0,2}(?:[^0-9][0-9]{3})+", digits):
        digits = re.sub(r"[^0-9]", "", digits)
    return Decimal(digits.replace(",", ".")).scaleb(_UNITS.get((unit or "").lower(), 0))
