"""Amounts: a wrong one is worse than none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield_api.definitions import FieldDefinition
from target_lightfield.presets.money import amount

USD, JPY, NONE = (FieldDefinition("$amount", "CURRENCY", currency=code) for code in ("USD", "JPY", None))
RATES = {"EUR": 1.08, "JPY": 0.0067}


@pytest.mark.parametrize(
    ("field", "given_", "expected"),
    [
        (USD, ("48500.50", "USD", None, None, {}), "48500.50"),
        (USD, ("48500.50", "usd ", "1", "EUR", {}), "48500.50"),
        (USD, ("48500.50", "EUR", "52380.54", "USD", RATES), "52380.54"),
        (USD, ("48500.50", "EUR", None, "USD", RATES), "52380.54"),
        (USD, (950000, "JPY", None, "USD", RATES), "6365.00"),
        (JPY, ("100.50", "USD", None, "JPY", {"USD": 150}), "15075"),
        (USD, ("12", None, None, "USD", {}), "12"),
        (USD, ("12", None, None, None, {}), "12"),
        (USD, (None, None, "12", "USD", {}), "12"),
        (USD, ({"value": 5, "currency": "EUR"}, None, None, "USD", RATES), "5.40"),
        (USD, ("$1,234.50", None, None, None, {}), "1234.50"),
        (USD, (0, "JPY", None, None, {}), "0"),
        (NONE, ("12", "EUR", None, "EUR", {}), "12"),
        (NONE, ("12", "EUR", None, "USD", RATES), "12.96"),
        (NONE, ("12", None, None, None, {}), "12"),
    ],
)
def test_an_amount_comes_into_the_fields_currency(field: FieldDefinition, given_: Any, expected: str) -> None:
    found = amount(field, *given_)

    assert Decimal(str(found.value)) == Decimal(expected)
    assert not found.left_over


@pytest.mark.parametrize(
    ("field", "given_"),
    [
        (USD, (950000, "JPY", None, "USD", {"EUR": 1.08})),
        (USD, ("48500.50", "EUR", "52380.54", None, {})),
        (USD, ("48500.50", "EUR", "44000", "EUR", RATES)),
        (USD, ("48500.50", None, None, "EUR", {})),
        (USD, ("€5", None, None, None, {})),
        (USD, ("€5", "USD", None, None, {})),
        (USD, (5, "EUR", None, "USD", {"EUR": 0})),
        (USD, (5, "EUR", None, "USD", {"EUR": float("nan")})),
        (NONE, (5, "EUR", None, None, {})),
        (NONE, (5, "EUR", None, "USD", {})),
    ],
)
def test_without_a_rate_an_amount_is_left_over(field: FieldDefinition, given_: Any) -> None:
    found = amount(field, *given_)

    assert found.value is None
    assert [(one.value, one.kind) for one in found.left_over] == [(given_[0], "no_rate")]


@pytest.mark.parametrize("value", ["a lot", "1,234", [1, 2], {"a": 1}, True])
def test_what_is_no_amount_is_a_bad_value(value: Any) -> None:
    assert [one.kind for one in amount(USD, value, "USD", None, None, {}).left_over] == ["bad_value"]


def test_an_amount_that_the_field_refuses_is_left_over() -> None:
    found = amount(FieldDefinition("arr", "NUMBER"), "5.12345", None, None, "USD", {})
    assert [(one.value, one.kind) for one in found.left_over] == [("5.12345", "bad_value")]


def test_nothing_is_nothing() -> None:
    assert amount(USD, "", "EUR", None, "USD", {}).value is None
    assert not amount(USD, None, "EUR", " ", "USD", {}).left_over


CODES = st.sampled_from([None, "", "USD", "EUR", "JPY", "eur", "$", 5])
AMOUNTS = (
    st.sampled_from([None, "12", 12.5, "€5", "$7.20", "x", {"value": 5, "currency": "EUR"}]) | st.integers()
)


@settings(deadline=None, derandomize=True)
@given(AMOUNTS, CODES, AMOUNTS, st.sampled_from([None, "USD", "EUR"]), st.sampled_from([{}, RATES]))
def test_no_amount_is_written_in_a_wrong_currency(
    value: Any, code: Any, at_home: Any, home: str | None, rates: Any
) -> None:
    found = amount(USD, value, code, at_home, home, rates)

    if found.value is not None and found.value != 0:
        own = "EUR" if isinstance(value, dict) or value == "€5" else "USD" if value == "$7.20" else None
        named = {"": None, "eur": "EUR", "$": "USD"}.get(code, code)
        source = own or named or home
        if source not in ("USD", None) and value is not None:
            assert home == "USD"
            assert at_home is not None or source in rates
