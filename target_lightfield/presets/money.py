"""Amounts of money in the currency of their field; a wrong amount is worse than none.

A field's currency is fixed by its definition, a source's by the row: EUR 48,500.50 is
no number for a USD field.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Any, NamedTuple

from lightfield_api.definitions import FieldDefinition
from lightfield_api.numbers import exactly
from target_lightfield.presets.converted import (
    NOTHING,
    Conventions,
    Converted,
    accepted,
    is_blank,
    nothing_taken,
    one_of,
)
from target_lightfield.presets.numerals import number_of
from target_lightfield.reporting.left_over import LeftOverKind

# The digits after the point, where they are not two. ISO 4217 has them, but no library that is here anyway
# (pycountry has names only), and they change once in a decade.
_WITHOUT_DIGITS = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
_DIGITS = {
    **dict.fromkeys(_WITHOUT_DIGITS.split(), 0),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}
_SIGNS = {"€": "EUR", "£": "GBP", "$": "USD", "US$": "USD", "₹": "INR", "₩": "KRW", "₺": "TRY", "zł": "PLN"}
_MARK = r"[A-Za-z]{3}|US\$|[€£$₹₩₺]|zł"
_AMOUNT = re.compile(
    rf"(?P<sign>[+-]?)(?P<before>{_MARK})?\s*"
    r"(?P<number>[+-]?[0-9.,][0-9.,' \u00a0\u2009\u202f\u2019]*(?:[eE][+-]?[0-9]+)?)"
    rf"\s*(?P<after>{_MARK})?"
)
_ROUNDING = Context(prec=400, rounding=ROUND_HALF_UP)


class Money(NamedTuple):
    """A number, and the code of its currency where the value says it."""

    number: Decimal
    currency: str | None


def money_of(value: Any) -> Money:
    """Return what a value says: a number, ``€1,234.50``, or an object of ``value`` and ``currency``.

    Raises:
        ValueError: It is no amount, or may be two. The value is not in the message.
    """
    value = one_of(value)
    if isinstance(value, Mapping):
        amount = value.get("value", value.get("amount"))
        if isinstance(amount, Mapping) or not set(value) <= {"value", "amount", "currency"}:
            raise ValueError("not an amount")
        number, own = money_of(amount)
        return Money(number, _code(value.get("currency")) or own)
    if not isinstance(value, str):
        return Money(number_of(value), None)
    match = _AMOUNT.fullmatch(value.strip())
    if match is None:
        raise ValueError("not an amount")
    marks = {_code(mark) for mark in (match["before"], match["after"]) if mark}
    if len(marks) > 1:
        raise ValueError("an amount in two currencies")
    return Money(number_of(match["sign"] + match["number"].strip()), next(iter(marks), None))


def amount(
    field: FieldDefinition,
    amount: Any,
    currency: Any,
    in_home_currency: Any,
    home_currency: str | None,
    rates: Mapping[str, float | Decimal],
) -> Converted:
    """Return an amount in the field's currency, or what is left over of it.

    In the field's currency it stays as it is. Else the amount in the home currency is taken, or the amount by
    its rate, rounded to the currency's digits; both only where the home currency is the field's. An amount
    without currency is in the home currency; where that is not said either, it is taken as it is.

    A field without currency is one of the home currency: else it would hold amounts of several side by side,
    and nothing would say of which. Where no home currency is said, it takes only amounts without one.

    Args:
        field: A CURRENCY or NUMBER field.
        amount: The amount.
        currency: The code of its currency, if the source says it.
        in_home_currency: The same amount in the home currency, if the source says it.
        home_currency: The source's own currency.
        rates: What one unit of a currency is in the home currency.
    """
    if is_blank(amount) and is_blank(in_home_currency):
        return NOTHING
    source = in_home_currency if is_blank(amount) else amount
    try:
        number, own = money_of(source)
        named = None if is_blank(currency) else _named(currency)
    except ValueError as e:
        return nothing_taken(source, str(e))
    if named and own and named != own:
        return nothing_taken(source, f"an amount in {own} on a record in {named}", LeftOverKind.NO_RATE)
    home = _code(home_currency)
    its = home if is_blank(amount) else named or own or home
    target = _code(field.currency) or home
    if its is None or its == target or not number:  # nothing is nothing in every currency
        return accepted(field, source, Converted(number))
    converted = _at_home(number, its, in_home_currency, home, rates) if home == target else None
    if converted is None:
        return nothing_taken(source, _no_rate(its, target, home), LeftOverKind.NO_RATE)
    return accepted(field, source, Converted(converted))


def to_number_field(_: FieldDefinition, value: Any, __: Conventions) -> Converted:
    """Return a number."""
    try:
        return Converted(number_of(one_of(value)))
    except ValueError as e:
        return nothing_taken(value, str(e))


def to_currency_field(field: FieldDefinition, value: Any, _: Conventions) -> Converted:
    """Return an amount of which nothing is known but what the value says."""
    found = amount(field, value, None, None, None, {})
    return Converted(found.value, [one._replace(value=value) for one in found.left_over])


def _at_home(
    number: Decimal,
    currency: str | None,
    in_home_currency: Any,
    home: str | None,
    rates: Mapping[str, float | Decimal],
) -> Decimal | None:
    """Return the amount in the home currency, None where nothing says it."""
    if not is_blank(in_home_currency):
        try:
            found = money_of(in_home_currency)
        except ValueError:
            pass
        else:
            if found.currency in (None, home):
                return found.number
    rate = next((rate for code, rate in rates.items() if currency and _code(code) == currency), None)
    if rate is None or not exactly(rate).is_finite() or rate <= 0:
        return None
    digit = Decimal(1).scaleb(-_DIGITS.get(home or "", 2))
    return (number * exactly(rate)).quantize(digit, context=_ROUNDING)


def _named(currency: Any) -> str:
    code = _code(currency)
    if code is None:
        raise ValueError("its currency is no code such as EUR")
    return code


def _code(currency: Any) -> str | None:
    """Return a currency's code in capitals; None for what is no text."""
    if not isinstance(currency, str) or not currency.strip():
        return None
    return _SIGNS.get(currency.strip()) or currency.strip().upper()


def _no_rate(currency: str | None, target: str | None, home: str | None) -> str:
    its = f"in {currency}" if currency else "without currency"
    if target is None:
        return f"an amount {its} for a field without currency: set home_currency in the preset"
    if home != target:
        advice = f"rates are to the home currency, {home or 'which is not set'}"
    else:
        advice = f"there is no rate of {currency}: set it in the preset's rates"
    return f"an amount {its} for a field in {target}, and {advice}"
