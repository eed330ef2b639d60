"""What holds for every field and every value: nothing is lost, nothing is refused later, nothing raises."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield_api.definitions import FieldDefinition, Option
from lightfield_api.value_types import VALUE_TYPES
from lightfield_api.values import write_value
from target_lightfield.presets.conversion import Conventions, convert
from target_lightfield.presets.numerals import number_of

OPTIONS = (
    Option("opt_1", "Won"),
    Option("opt_2", "In Progress"),
    Option("opt_3", "a;b"),
    Option("opt_4", "Won"),
)
RANGES = (Option("opt_1", "1-10"), Option("opt_2", "11-50"), Option("opt_3", "50+"))
FIELDS = [
    *(FieldDefinition("it", value_type, options=OPTIONS) for value_type in [*VALUE_TYPES, "NEW_TYPE"]),
    *(
        FieldDefinition("it", value_type, multiple_values=False)
        for value_type in ("EMAIL", "URL", "TELEPHONE")
    ),
    FieldDefinition("it", "SOCIAL_HANDLE", handle_service="LINKEDIN"),
    FieldDefinition("it", "SOCIAL_HANDLE", handle_service="TWITTER"),
    FieldDefinition("it", "SINGLE_SELECT", options=RANGES),
    FieldDefinition("it", "CURRENCY", currency="EUR"),
]
CONVENTIONS = st.builds(
    Conventions,
    separator=st.sampled_from([None, ";", ",", "|", " "]),
    time_zone=st.sampled_from(["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu"]),
    phone_country=st.sampled_from([None, "DE", "Norway", "US", "nowhere"]),
    midnight_is_date=st.booleans(),
    plain_text=st.booleans(),
)
AWKWARD = st.sampled_from(
    [
        *["87", "1,234", "1.234,50", "€5", "true", "2027-01-31", "2026-12-31T00:00:00.000000Z", "0001-01-01"],
        *["1600000000000", "9999-12-31", "won", "a;b;Won", "51-200", "a@x.example", "Ann <a@x.example>"],
        *["(none)", "+49 30 901820", "030 901820", "acme.example", "https://[", "@kestrel", "<p>x</p>"],
        *["<script>", "<p></p>", "a\0b", "\r\n", "[not provided]", "\ud800", "Infinity", "1e999", "00:00"],
        *["\u0663", "x" * 400, "<" * 50, '"' * 50, "a" * 70 + ".example", "-,-", "1-", "linkedin.com/in/x"],
    ]
)
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30) | AWKWARD
    | st.lists(AWKWARD, min_size=2, max_size=3).map(";".join)
)  # fmt: skip
MEMBERS = st.sampled_from(
    [
        "street",
        "city",
        "country",
        "latitude",
        "postalCode",
        "first_name",
        "last_name",
        "value",
        "currency",
        "x",
        "",
    ]
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(MEMBERS, inner, max_size=3),
    max_leaves=6,
)


def is_nothing(value: Any) -> bool:
    if isinstance(value, dict):
        return all(is_nothing(member) for member in value.values())
    if isinstance(value, list):
        return all(is_nothing(member) for member in value)
    # what is no value on purpose
    return value is None or (
        isinstance(value, str) and value.strip().casefold() in ("", "[not provided]", "<p></p>")
    )


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.value_type)
@settings(max_examples=50, deadline=None, derandomize=True)
@given(value=JSON, conventions=CONVENTIONS)
def test_every_value_is_taken_or_left_over(
    field: FieldDefinition, value: Any, conventions: Conventions
) -> None:
    found = convert(field, value, conventions)

    if found.value is None:
        assert found.left_over or is_nothing(value)
        return
    assert write_value(field, found.value) not in (None, [], {})
    if not conventions.plain_text:  # what is in Lightfield's form already stays as it is
        again = Conventions(separator=conventions.separator, time_zone=conventions.time_zone)
        twice = convert(field, found.value, again)
        assert (twice.value, [*twice.left_over]) == (found.value, [])


@settings(deadline=None, derandomize=True)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=2))
def test_a_number_is_the_same_in_every_spelling(number: Decimal) -> None:
    english = f"{number:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    for text in (f"{number:.2f}", english, german, english.replace(",", "\u202f"), english.replace(",", "'")):
        assert number_of(text) == number


@settings(deadline=None, derandomize=True)
@given(st.from_regex(r"-?[0-9]{1,7}([.,][0-9]{1,6})?", fullmatch=True))
def test_no_number_is_read_in_two_ways(text: str) -> None:
    try:
        found = number_of(text)
    except ValueError:
        assert len(text.partition("." if "." in text else ",")[2]) == 3  # thousands, or three decimals
    else:
        assert found == Decimal(text.replace(",", "."))
