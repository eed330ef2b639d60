"""What a conversion is told, and what it says: the value that a field takes, and what it could not take.

``"a@x.example;(none)"`` for an EMAIL is ``Converted(["a@x.example"], [Untaken("(none)", BAD_VALUE, …)])``.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple, TypeAlias

from lightfield_api.definitions import FieldDefinition
from lightfield_api.numbers import exactly, spelled
from lightfield_api.values import ValueConversionError, write_value
from target_lightfield.reporting.left_over import LeftOverKind


@dataclass(frozen=True)
class Conventions:
    """How the source writes the values of a row.

    Attributes:
        separator: What stands between several values in one text.
        time_zone: Of dates and times without one, an IANA name.
        phone_country: Of telephone numbers without one: a country's code or name.
        midnight_is_date: Whether a midnight in UTC is a date. Salesforce and Pipedrive send dates so.
        day_first: Whether 03/04/2026 is the third of April; None where nobody knows.
        plain_text: Whether texts are no HTML, whatever they look like, and mean no Markdown either.
    """

    separator: str | None = None
    time_zone: str = "UTC"
    phone_country: str | None = None
    midnight_is_date: bool = False
    day_first: bool | None = None
    plain_text: bool = False


class Untaken(NamedTuple):
    """A value, or the part of one, that its field could not take.

    ``reporting.left_over.LeftOver`` is what comes of it, once it is known which row and column it is of.

    Attributes:
        value: The source's value, or the part of it.
        kind: Why, in a word.
        why: Why, in a sentence without the value.
    """

    value: Any
    kind: LeftOverKind
    why: str


@dataclass(frozen=True)
class Converted:
    """What became of a value.

    Attributes:
        value: What ``lightfield_api.values.write_value`` takes for the field; None for nothing.
        left_over: What could not be taken.
    """

    value: Any
    left_over: Sequence[Untaken] = ()


Conversion: TypeAlias = Callable[[FieldDefinition, Any, Conventions], Converted]

NOTHING = Converted(None)
_WRITTEN = frozenset({"NUMBER", "CURRENCY"})  # of which the API's value is the column's
# Of which every text or option that their conversion makes is one that the field takes.
_SURE = frozenset(
    {
        "TEXT",
        "MARKDOWN",
        "HTML",
        "SOCIAL_HANDLE",
        "CHECKBOX",
        "EMAIL",
        "TELEPHONE",
        "URL",
        "SINGLE_SELECT",
        "MULTI_SELECT",
    }
)


def is_blank(value: Any) -> bool:
    """Whether a value is none: null, blanks, an empty list or object, or one of nothing but these."""
    if isinstance(value, str):
        return not value or value.isspace()
    within = [value]
    while within:
        one = within.pop()
        if isinstance(one, dict):
            within.extend(one.values())
        elif isinstance(one, (list, tuple)):
            within.extend(one)
        elif one is not None and not (isinstance(one, str) and (not one or one.isspace())):
            return False
    return True


def nothing_taken(value: Any, why: str, kind: LeftOverKind = LeftOverKind.BAD_VALUE) -> Converted:
    """Return that nothing of a value was taken."""
    return Converted(None, (Untaken(value, kind, why),))


def accepted(field: FieldDefinition, value: Any, converted: Converted) -> Converted:
    """Return what was converted if the field takes it; else the value is left over with the field's reason.

    Args:
        field: The field.
        value: The source's value.
        converted: What became of it.
    """
    if converted.value is None or field.value_type in _SURE:
        return converted
    try:
        written = write_value(field, converted.value)
    except ValueConversionError as e:
        return Converted(None, [*converted.left_over, Untaken(value, LeftOverKind.BAD_VALUE, str(e))])
    if written is None:
        none_of_it = Untaken(value, LeftOverKind.BAD_VALUE, f"{field.key} takes none of it")
        return Converted(None, [*converted.left_over, none_of_it])
    return Converted(written, converted.left_over) if field.value_type in _WRITTEN else converted


def items_of(value: Any) -> Sequence[Any]:
    """Return the values of a list that are any, or the value alone."""
    if isinstance(value, (list, tuple)):
        return [item for item in value if not is_blank(item)]
    return (value,)


def one_of(value: Any) -> Any:
    """Return the only value of a list of one, anything else as it is."""
    items = items_of(value)
    return items[0] if len(items) == 1 else value


def text_of(value: Any) -> str:
    """Return a value as text: a number with its digits, 87.0 as 87; true and false as words.

    Raises:
        ValueError: It is a list or an object.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float, Decimal)):
        exact = exactly(value)
        is_whole = exact.is_finite() and abs(exact.adjusted()) < 40 and exact == exact.to_integral_value()
        return f"{exact.to_integral_value():f}" if is_whole else spelled(value)
    raise ValueError(f"{'a list' if isinstance(value, (list, tuple)) else 'an object'} where a text belongs")


def clean(text: str) -> tuple[str, Sequence[Untaken]]:
    """Return a text with line feeds for its line ends and without NULs, which no database of texts takes."""
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" not in text:
        return text, ()
    taken_out = Untaken(text, LeftOverKind.BAD_VALUE, "NUL characters in it were taken out")
    return text.replace("\0", ""), [taken_out]


@lru_cache(maxsize=4096)  # names of columns and members, mostly
def compared(text: str) -> str:
    """Return the letters and digits by which names are compared: ``Événement (2)`` as ``evenement2``."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in letters if letter.isalnum())
