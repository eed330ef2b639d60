"""One line of a preset: where a value comes from, and what is done with it.

``None`` where a key is absent. docs/presets.md says what each key means.
"""

from __future__ import annotations

from functools import cache
from typing import Literal, TypeAlias

import msgspec

Scalar: TypeAlias = str | int | float | bool


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who and when a text is signed with, since Lightfield keeps neither for notes.

    Attributes:
        by: The author's name.
        at: The time.
    """

    by: Column | str | None = None
    at: Column | str | None = None


class Column(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"from_": "from", "else_": "else"}
):
    """Where the value of one of Lightfield's columns comes from, and what is done with it, in this order.

    Attributes:
        from_: The source's column; dots go into objects: ``address.locality``.
        first_of: The first of these that has a value.
        all_of: All of these that have one, as a list, each value once.
        value: A constant.
        template: A text with ``{column}`` in it, left out where all of its columns are empty. Of a column
            with several values commas stand between them.
        expression: simpleeval, with the row's columns for names.
        pick: The member that is taken of each object in a list.
        split: The separator of a text with several values; true for the preset's own.
        lookup: The lookup that the value is a key of.
        within: The source's column with the value by which that lookup is divided.
        record: The stream whose key the value is: a reference. Of several the first that knows it; by
            the first characters of the id where it is a mapping of these to streams.
        record_by: The stream, and its column, whose value this is: a reference that is no key.
        map: A table of values, without regard to case and surrounding blanks; what is not in it stays.
        join: The text between several values.
        first_line: At most so many characters of the first line of text.
        signed: By whom and when the text is signed, at its end.
        range: Whether a number is to become the option in whose range it lies. Selects of which all options
            are ranges are known by themselves.
        at: The source's column with the time of day of a date.
        zone: The time zone in which a date begins at midnight, where it is not the preset's.
        plus: A column with a duration, or the duration itself: ``00:30:00``, ``PT30M``, milliseconds.
        currency: The source's column with the amount's currency, or the currency itself: ``EUR``.
        plain: Whether the text is plain, whatever it looks like: no HTML, and no Markdown either.
        in_home_currency: The source's column with the same amount in the preset's ``home_currency``.
        only: What a value must look like; another one is nothing.
        else_: What stands where there is no value: a constant, or another column.
    """

    from_: str | None = None
    first_of: list[Column | str] | None = None
    all_of: list[Column | str] | None = None
    value: Scalar | None = None
    template: str | None = None
    expression: str | None = None
    pick: str | None = None
    split: str | bool | None = None
    lookup: str | None = None
    within: str | None = None
    record: str | list[str] | dict[str, str] | None = None
    record_by: dict[str, str] | None = None
    map: dict[str, Scalar | None] | None = None
    join: str | None = None
    first_line: int | None = None
    signed: Signature | None = None
    range: bool = False
    at: str | None = None
    zone: Column | str | None = None
    plus: str | int | None = None
    currency: str | None = None
    in_home_currency: str | None = None
    plain: bool = False
    only: Literal["url", "email", "phone", "number"] | None = None
    else_: Column | Scalar | None = None


class CustomColumn(Column, frozen=True, forbid_unknown_fields=True):
    """A value for a custom field, which each workspace calls as it likes.

    Without a source it only says how a field is called that links fill, or of which other lines fill the
    members: ``Home address__city``.

    Attributes:
        labels: What the field is usually called. The name that the preset has it under counts too.
        type: The valueType that it should have, for who has to create it.
    """

    labels: list[str] = []
    type: str | None = None


def column_of(spec: Column | Scalar) -> Column:
    """Return the long form of a column."""
    return spec if isinstance(spec, Column) else _made_of(spec)


@cache  # what is worked out of a column is kept by the column
def _made_of(spec: Scalar) -> Column:
    return Column(from_=spec) if isinstance(spec, str) else Column(value=spec)
