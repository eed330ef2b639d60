"""The expressions of presets: simpleeval's, given a row's columns, a few functions, and nothing else."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from target_lightfield.presets.expressions import Expression, ExpressionError, compiled

NOW = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
ROW: dict[str, Any] = {
    "amount": Decimal("99.90"),
    "rate": 1.1,
    "name": "Kestrel GmbH",
    "start": "2026-06-01T13:30:00",
    "tags": ["a", "b"],
    "address": {"city": "Berlin", "geo": {"lat": 52.5}, "values": "mine"},
    "flag": "false",
    "empty": "",
    "secret": "s3cret",
}


def value(text: str, zone: str = "UTC") -> Any:
    return Expression(text).evaluate(ROW.get, now=NOW, time_zone=zone)


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("amount * 1.1", Decimal("109.890")),
        ("amount * rate == 109.89", True),
        ("nobody", None),
        ("nobody.at.all", None),
        ("address.city", "Berlin"),
        ("address.geo.lat", 52.5),
        ("address.values", "mine"),
        ("address.zip", None),
        ("address['city']", "Berlin"),
        ("address.city.upper()", "BERLIN"),
        ("address.get('city')", "Berlin"),
        ("name.lower()", "kestrel gmbh"),
        ("lower(name)", "kestrel gmbh"),
        ("lower(nobody)", ""),
        ("len(tags) + len(nobody)", 2),
        ("str(nobody) + str(1) + str(amount)", "199.90"),
        ("int('12') + int(1.9)", 13),
        ("int(float('0.125') * 10000 + 0.5) / 100", 12.5),
        ("float(empty)", None),
        ("int(nobody)", None),
        ("startswith(name, 'Kes') and not startswith(nobody, 'x')", True),
        ("contains(name, 'GmbH')", True),
        ("contains(tags, 'a')", True),
        ("contains(nobody, 'a')", False),
        ("name in ('Kestrel GmbH', 'x')", True),
        ("'x' if nobody else 'y'", "y"),
        ("nobody or name", "Kestrel GmbH"),
        ("[t.upper() for t in tags]", ["A", "B"]),
        ("now().lower() if False else 1", 1),
        ("datetime(nobody)", None),
        ("datetime(start) > now()", True),
        ("flag or 'x'", "false"),
    ],
)
def test_an_expression_comes_to(text: str, result: object) -> None:
    found = value(text)

    assert found == result
    assert type(found) is type(result)


def test_texts_without_a_zone_are_in_that_of_the_preset() -> None:
    assert value("datetime(start)", "Europe/Berlin") == datetime(2026, 6, 1, 11, 30, tzinfo=timezone.utc)
    assert value("datetime(start) <= now()", "Europe/Berlin") is True
    assert value("datetime('2026-06-01') <= now()") is True


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("flag", False),
        ("not flag", True),
        ("flag or name == 'Kestrel GmbH'", True),
        ("name and flag", False),
        ("name if flag else nobody", False),
        ("name", True),
        ("empty", False),
        ("nobody", False),
        ("tags", True),
    ],
)
def test_in_a_condition_the_text_false_is_no(text: str, *, holds: bool) -> None:
    assert Expression(text).holds(ROW.get, now=NOW) is holds


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("name + 1", "TypeError"),
        ("nobody < 3", "TypeError: '<' not supported between instances of 'NoneType' and 'int'"),
        ("datetime(secret)", r"datetime\(\) was given what is not a date or date-time"),
        ("float(secret)", r"float\(\) was given what is not a number"),
        ("int(secret)", r"int\(\) was given what is not a number"),
        ("secret.city", "what has no members was asked for 'city'"),
        ("tags[9]", "IndexError"),
        ("nobody.lower()", "attribute access not allowed"),
        ("9 ** 9 ** 9 ** 9", "NumberTooHigh"),
        ("'x' * 999999", "IterableTooLong"),
    ],
)
def test_one_that_fails_says_why_and_no_value(text: str, reason: str) -> None:
    with pytest.raises(ExpressionError, match=reason) as error:
        value(text)

    assert "s3cret" not in str(error.value)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "it can't be read"),
        ("a ==", "it can't be read"),
        ("a = 1", "it can't be read"),
        ("a; b", "it can't be read"),
        ("import os", "it can't be read"),
        ("(" * 500, "it can't be read"),
        ("\0", "it can't be read"),
        ("lambda: 1", "there is no Lambda in expressions"),
        ("(a := 1)", "there is no NamedExpr in expressions"),
        ("open('x')", "there is no function 'open'"),
        ("lowr(a)", "there is no function 'lowr'; nearest: 'lower'"),
        ("len(a)(b)", "there is no function ''"),
        ("a.__class__", "'__class__' is not allowed"),
        ("'{}'.format(a)", "'format' is not allowed"),
    ],
)
def test_one_that_can_not_be_read_is_said_when_the_file_is_read(text: str, why: str) -> None:
    with pytest.raises(ExpressionError, match=why):
        Expression(text)


def test_it_says_which_columns_it_names() -> None:
    assert Expression("datetime(a or b.c) <= now() and [x for x in d]").columns == {"a", "b", "d"}


def test_it_is_parsed_once() -> None:
    assert compiled("a + b") is compiled("a + b")


def test_a_failure_leaves_nothing_behind() -> None:
    expression = Expression("[t + 1 for t in tags]")

    for _ in range(2):
        with pytest.raises(ExpressionError, match="TypeError"):
            expression.evaluate(ROW.get, now=NOW)
    assert expression.evaluate({"tags": [1]}.get, now=NOW) == [2]


@settings(deadline=None, derandomize=True)
@given(st.text(max_size=30))
def test_whatever_stands_there_is_an_expression_or_refused_as_none(text: str) -> None:
    try:
        expression = Expression(text)
        expression.evaluate(ROW.get, now=NOW)
    except ExpressionError:
        pass
