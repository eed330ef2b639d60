"""Reading and writing a value by its valueType."""

from __future__ import annotations

import json
import math
import traceback
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lightfield_api.definitions import READ_ONLY_TYPES, FieldDefinition, Option
from lightfield_api.value_types import VALUE_TYPES
from lightfield_api.value_writing import write_nothing
from lightfield_api.values import (
    ValueConversionError,
    is_empty,
    parse_datetime,
    read_labels,
    read_value,
    same_value,
    write_option,
    write_value,
)

OPTIONS = (Option("opt_1", "Won"), Option("opt_2", "In Progress"), Option("opt_3", "Straße"))
PIPELINES = (
    Option("opt_a1", "Won", parent_id="opt_a"), Option("opt_b1", "Won", parent_id="opt_b"),
    Option("opt_a2", "New", parent_id="opt_a"),
)  # fmt: skip
TEXTS = ("TEXT", "MARKDOWN", "HTML", "SOCIAL_HANDLE")
CONTACT_POINTS = ("EMAIL", "TELEPHONE", "URL")
ONE, OTHER = "0123456", "+14155550100"  # which any contact point takes
MARKER = "s3cr3t-m4rker"
ADDRESS, FULL_NAME = VALUE_TYPES["ADDRESS"].members, VALUE_TYPES["FULL_NAME"].members


def field(value_type: str, **more) -> FieldDefinition:
    if value_type.endswith("SELECT"):
        more.setdefault("options", OPTIONS)
    return FieldDefinition("$it", value_type, **more)


DEFINITIONS = st.sampled_from(
    [field(value_type) for value_type in sorted(VALUE_TYPES)]
    + [field(value_type, multiple_values=False) for value_type in CONTACT_POINTS]
    + [field("SOCIAL_HANDLE", handle_service=service) for service in ("TWITTER", "LINKEDIN")]
    + [field("BRAND_NEW")]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.decimals() | st.datetimes()
    | st.sampled_from(["opt_1", "Won", "", "2024-01-01", "2024-01-01T10:00:00+02:00", "1", "1.0", "true",
                       1, 1.0, True]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from([*ADDRESS, *ADDRESS.values(), *FULL_NAME.values(),
    "x"]), inner,
                      max_size=3),
    max_leaves=6,
)  # fmt: skip

API_VALUES = {
    **dict.fromkeys(TEXTS, st.text()),
    "NUMBER": st.integers(-(10**12), 10**12) | st.integers(-(10**9), 10**9).map(lambda cents: cents / 100),
    "CURRENCY": st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False),
    "CHECKBOX": st.booleans(),
    "DATETIME": st.datetimes().map(lambda at: f"{at.isoformat()}Z"),
    **dict.fromkeys(("EMAIL", "URL"), st.lists(st.text().map(str.strip).filter(bool), unique=True)),
    "TELEPHONE": st.lists(st.from_regex(r"\+1415[2-9][02-8][0-9]{5}(;ext=[0-9]{1,7})?|0[2-9][0-9]{5,13}",
    fullmatch=True), unique=True),
    "ADDRESS": st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("street", "street2", "city", "state", "postalCode"), st.none() | st.text()),
            "country": st.none() | st.from_regex(r"[A-Z]{2}", fullmatch=True),
            **dict.fromkeys(("latitude", "longitude"), st.none() | st.floats(-180, 180)),
        },
    ),
    "FULL_NAME": st.fixed_dictionaries({}, optional=dict.fromkeys(("firstName", "lastName"),
    st.none() | st.text())),
    "SINGLE_SELECT": st.sampled_from([option.id for option in OPTIONS]),
    "MULTI_SELECT": st.lists(st.sampled_from([option.id for option in OPTIONS]), unique=True),
}  # fmt: skip


def has_the_schemas_type(definition: FieldDefinition, value: object) -> bool:  # noqa: PLR0911
    """Whether a column value is of the type that the design gives its column."""
    kind = definition.value_type
    if value is None:
        return True
    if kind in ("NUMBER", "CURRENCY"):
        return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
    if kind == "CHECKBOX":
        return isinstance(value, bool)
    if kind == "MULTI_SELECT" or (kind in CONTACT_POINTS and definition.multiple_values is not False):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if kind in ("ADDRESS", "FULL_NAME"):
        keys = VALUE_TYPES[kind].members
        return list(value) == list(keys) and all(
            member is None or isinstance(member, (int, float) if name in ("latitude", "longitude") else str)
            for name, member in value.items()
        )
    if kind == "DATETIME":
        return (
            isinstance(value, str) and datetime.fromisoformat(value.replace("Z", "+00:00")[:19]) is not None
        )
    return isinstance(value, str)


class TestBothDirections:
    def test_every_value_type_is_tested_here(self):
        assert set(API_VALUES) == set(VALUE_TYPES) - READ_ONLY_TYPES

    def test_the_types_that_nobody_can_write_are_those_of_which_definitions_say_so(self):
        refusing = {name for name, value_type in VALUE_TYPES.items() if value_type.write is write_nothing}
        assert refusing == READ_ONLY_TYPES

    @pytest.mark.parametrize("value_type", sorted(READ_ONLY_TYPES))
    def test_what_nobody_can_write_is_read_as_text_and_refused(self, value_type):
        definition = field(value_type)
        assert read_value(definition, "# Status") == "# Status"
        assert same_value(definition, "# Status", "# Status")
        assert not same_value(definition, "# Status", "# Other")
        with pytest.raises(ValueConversionError, match="nobody can write it"):
            write_value(definition, "# Status")

    @pytest.mark.parametrize("value_type", sorted(API_VALUES))
    @given(draw=st.data())
    def test_what_was_read_and_is_written_back_means_the_same(self, value_type, draw):
        definition, value = field(value_type), draw.draw(API_VALUES[value_type])
        read = read_value(definition, value)
        assert has_the_schemas_type(definition, read)
        written = write_value(definition, read)
        json.dumps(written, allow_nan=False)
        assert same_value(definition, written, value)
        if value_type in ("NUMBER", "CURRENCY"):  # in the digits that the float shows
            assert float(written) == float(value)
        elif value_type not in ("ADDRESS", "FULL_NAME"):
            assert written == (None if is_empty(definition, value) else value)

    @given(DEFINITIONS, JSON)
    def test_whatever_is_read_has_the_type_of_its_schema(self, definition, value):
        try:
            read = read_value(definition, value)
        except ValueConversionError:
            return
        assert has_the_schemas_type(definition, read)

    @given(DEFINITIONS, JSON)
    def test_whatever_is_written_is_json(self, definition, value):
        try:
            written = write_value(definition, value)
        except ValueConversionError:
            return
        json.dumps(written, allow_nan=False)

    @given(DEFINITIONS, st.sampled_from(["", " ", "\t", "\r\n"]))
    def test_an_empty_text_is_nothing_and_blanks_too_where_no_text_belongs(self, definition, blank):
        if blank and definition.value_type in TEXTS[:3]:
            assert write_value(definition, blank) == blank
        else:
            assert write_value(definition, blank) in (None, [])
        if definition.value_type == "MULTI_SELECT":
            assert write_value(definition, [blank, "Won"]) == ["opt_1"]

    @given(DEFINITIONS)
    def test_nothing_is_nothing(self, definition):
        assert read_value(definition, None) is None
        assert write_value(definition, None) is None
        assert read_labels(definition, None) is None


class TestErrors:
    @given(DEFINITIONS, JSON, st.sampled_from([read_value, write_value]), st.randoms(use_true_random=False))
    def test_an_error_names_field_and_type_and_never_the_value(self, definition, value, convert, randomly):
        value = _marked(value, randomly)
        error = _error_of(convert, definition, value)
        if error is None:
            return
        said = "".join(traceback.format_exception(type(error), error, error.__traceback__))
        assert MARKER not in said
        assert "7654321" not in said
        assert str(error).startswith(f"$it is {definition.value_type} and can't take a")
        assert error.key == "$it"

    @pytest.mark.parametrize(
        ("value_type", "value", "shape"),
        [
            ("NUMBER", True, "a boolean"), ("NUMBER", "abc", "a string of 3 characters: not a number"),
            ("TEXT", [1, 2], "an array of 2"), ("TEXT", {"a": 1}, "an object of 1 member"),
            ("CHECKBOX", 7, "a number"),
            ("DATETIME", datetime(2024, 1, 1).time(), "a time"), ("CHECKBOX", Decimal(7), "a number"),
            ("EMAIL", [{}], "an object of 0 members"),
            ("FULL_NAME", "Ada L.",
             "a string of 6 characters: it takes an object of first_name, last_name"),
        ],
    )  # fmt: skip
    def test_an_error_tells_the_shape_of_the_value(self, value_type, value, shape):
        with pytest.raises(ValueConversionError) as raised:
            write_value(field(value_type), value)
        assert str(raised.value) == f"$it is {value_type} and can't take {shape}"

    @pytest.mark.parametrize(
        ("value_type", "value"),
        [
            ("FULL_NAME", {MARKER: "x"}), ("FULL_NAME", {"first_name": {"x": MARKER}}),
            ("ADDRESS", {"latitude": MARKER}),
            ("ADDRESS", {"country": MARKER}), ("SINGLE_SELECT", MARKER), ("MULTI_SELECT", ["Won", MARKER]),
            ("DATETIME", MARKER), ("DATETIME", f"2024-01-01 {MARKER}"), ("NUMBER", MARKER),
            ("CHECKBOX", MARKER),
            ("BRAND_NEW", {"x": [MARKER, float("nan")]}), ("EMAIL", [MARKER, {MARKER: MARKER}]),
            ("TELEPHONE", [MARKER]), ("TELEPHONE", f"+1 {MARKER}"),
            ("SOCIAL_HANDLE", MARKER), ("SOCIAL_HANDLE", f"https://[{MARKER}]/"),
        ],
    )  # fmt: skip
    def test_no_error_of_a_write_repeats_what_it_refuses(self, value_type, value):
        with pytest.raises(ValueConversionError) as raised:
            write_value(field(value_type, handle_service="LINKEDIN"), value)
        error: BaseException | None = raised.value
        while error:
            assert MARKER not in f"{error} {error.args}"
            error = error.__cause__ or error.__context__

    def test_an_ambiguous_label_is_not_repeated_either(self):
        stage = field("SINGLE_SELECT", options=PIPELINES, parent_field_key="$pipeline")
        with pytest.raises(
            ValueConversionError, match=r"2 options have this label; \$pipeline must say"
        ) as raised:
            write_value(stage, "wOn")
        assert "won" not in str(raised.value).lower()


def _error_of(call, *args):
    """Return the error of a call, None where it has none."""
    try:
        call(*args)
    except ValueError as e:
        return e
    return None


def _marked(value, randomly):
    """Put the marker into every text and member name, and another into every number."""
    if isinstance(value, str):
        return value if value in ("opt_1", "Won") and randomly.random() < 0.5 else MARKER + value
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return 7654321.12345
    if isinstance(value, list):
        return [_marked(item, randomly) for item in value]
    if isinstance(value, dict):
        return {
            key if randomly.random() < 0.8 else MARKER: _marked(item, randomly) for key, item in value.items()
        }
    return value


class TestNumbers:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            (5, 5), (5.0, 5), ("5", 5), (" 5.50 ", 5.5), (Decimal("5.25"), 5.25),
            (Decimal("1E+3"), 1000), (-0.0, 0),
            (0.1, 0.1), (1e22, 10**22), (10**300, 10**300), (10**30, 10**30), (1e30, 10**30),
            (Decimal("-0.10"), -0.1),
            (Decimal("99999999999.99"), 99999999999.99), ("1e2", 100), (Decimal("1.000"), 1),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("value_type", ["NUMBER", "CURRENCY"])
    def test_a_number_is_a_number_however_it_comes(self, value_type, value, expected):
        for convert in (read_value, write_value):
            found = convert(field(value_type), value)
            assert (found, type(found)) == (expected, type(expected))

    @pytest.mark.parametrize(
        "value",
        [math.nan, math.inf, -math.inf, "NaN", "sNaN", "Infinity", "-inf", "1e999", Decimal("NaN"),
        Decimal("sNaN"),
         Decimal("Infinity"), Decimal("1e400"), 10**400, 10**5000, "9" * 5000, "1e99999999999999999999",
         "1,5", "1_0", "1__0", "\u0663", "\uff11", "1e\u0663", "+-1", "1e", ".", "1.2.3", "9" * 100_000 + "x",
         "$5", "five", "0x10", True, False, [], {}, [1], None],
        ids=lambda value: repr(value)[:20] if not isinstance(value, int) or value < 10**9 else "huge",
    )  # fmt: skip
    @pytest.mark.parametrize("value_type", ["NUMBER", "CURRENCY"])
    def test_what_is_no_finite_number_is_refused(self, value_type, value):
        for convert in (read_value, write_value):
            if value is None:
                assert convert(field(value_type), value) is None
                continue
            with pytest.raises(ValueConversionError):
                convert(field(value_type), value)

    @pytest.mark.parametrize("value", [0.001, 1.005, "1.234", Decimal("0.125"), Decimal("1E-30"),
                                       "0." + "0" * 500 + "1",
                                       "0.1000000000000000000000001", Decimal("1234567890123456789.123"),
                                       0.1 + 0.2])  # fmt: skip
    def test_more_than_two_decimals_are_refused_rather_than_rounded(self, value):
        with pytest.raises(ValueConversionError, match="2 decimals"):
            write_value(field("NUMBER"), value)
        read_value(field("NUMBER"), value)

    @pytest.mark.parametrize(
        ("definition", "value"),
        [
            (field("NUMBER"), Decimal("1234567890123456789.12")),
            (field("CURRENCY"), Decimal("123456789012345.678")),
            (field("CURRENCY"), "0.1000000000000000000000001"),
            (field("CURRENCY"), "0." + "0" * 500 + "1"),
            (field("CURRENCY"), Decimal("1E-999999")),
            (field("ADDRESS"), {"latitude": Decimal("52.520006599999999999")}),
            (field("TELEPHONE"), Decimal("14155550100.00000000000001")),
            (field("BRAND_NEW"), [{"x": Decimal("123456789012345.678")}]),
        ],
    )
    def test_digits_that_a_json_number_would_lose_are_refused_rather_than_rounded(self, definition, value):
        with pytest.raises(ValueConversionError, match=r"more digits|JSON can't carry it"):
            write_value(definition, value)

    @pytest.mark.parametrize("value", [0.001, "1.234", Decimal("1E-30"), 0.1 + 0.2, Decimal("1.10")])
    def test_a_currency_has_as_many_decimals_as_there_are(self, value):
        assert write_value(field("CURRENCY"), value) == float(value)

    @pytest.mark.parametrize(
        ("value", "text"),
        [
            (5, "5"), (5.0, "5.0"), (0.1, "0.1"), (1e22, "10000000000000000000000"), (1e-7, "0.0000001"),
            (Decimal("12345678901234567.0"), "12345678901234567.0"),
            (Decimal("123456789012345.678"), "123456789012345.678"),
            (Decimal("1E+18"), "1000000000000000000"), (Decimal("1E+999999"), "1E+999999"),
        ],
    )  # fmt: skip
    @pytest.mark.parametrize("value_type", ["TEXT", "MARKDOWN", "HTML", "SOCIAL_HANDLE"])
    def test_a_number_in_a_text_keeps_its_digits(self, value_type, value, text):
        assert write_value(field(value_type), value) == text

    def test_a_whole_number_is_a_telephone_number_by_all_its_digits(self):
        assert write_value(field("TELEPHONE"), Decimal("12345678901234.0")) == ["12345678901234"]

    @given(
        st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**12), max_value=10**12)
    )
    def test_two_decimals_are_written_as_they_are(self, value):
        assert Decimal(str(write_value(field("NUMBER"), value))) == value

    @given(st.integers(-(10**300), 10**300))
    def test_no_integer_loses_a_digit(self, value):
        assert write_value(field("NUMBER"), value) == value
        assert read_value(field("CURRENCY"), value) == value

    @given(st.floats(allow_nan=False, allow_infinity=False))
    def test_no_float_loses_a_digit(self, value):
        assert float(read_value(field("NUMBER"), value)) == value
        assert float(write_value(field("CURRENCY"), value)) == value


class TestCheckboxes:
    @pytest.mark.parametrize(("value", "expected"), [(True, True), (False, False), (1, True), (0, False),
                                                     ("TRUE", True), (1.0, True), ("0.0", False),
                                                     (" false ", False), ("1", True),
                                                     ("0", False)])  # fmt: skip
    def test_what_clearly_is_a_boolean_is_one(self, value, expected):
        assert write_value(field("CHECKBOX"), value) is expected
        assert read_value(field("CHECKBOX"), value) is expected

    @pytest.mark.parametrize("value", [2, -1, "yes", "t", "\uff11", "1_0", [], {}, [True], 0.5])
    def test_what_does_not_is_refused(self, value):
        with pytest.raises(ValueConversionError):
            write_value(field("CHECKBOX"), value)


class TestDatetimes:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("2024-02-29T10:00:00Z", "2024-02-29T10:00:00Z"),
            ("2024-02-29T10:00:00.123Z", "2024-02-29T10:00:00.123Z"),
            ("2024-02-29T10:00:00.123456789+05:30", "2024-02-29T10:00:00.123456789+05:30"),
            ("2024-02-29T10:00:00", "2024-02-29T10:00:00+00:00"),
            ("2024-02-29", "2024-02-29T00:00:00+00:00"),
            ("2024-02-29 10:00", "2024-02-29T10:00:00+00:00"),
            ("2024-02-29T10:00:00.000+0000", "2024-02-29T10:00:00+00:00"),
            ("2024-02-29t10:00:00,5z", "2024-02-29T10:00:00.500000+00:00"),
            ("2024-02-29 10:00:00 -05", "2024-02-29T10:00:00-05:00"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("9999-12-31T23:59:59Z", "9999-12-31T23:59:59Z"),
            (date(2024, 2, 29), "2024-02-29T00:00:00+00:00"),
            (datetime(2024, 2, 29, 10), "2024-02-29T10:00:00+00:00"),
            (datetime(2024, 2, 29, 10, tzinfo=timezone(timedelta(hours=2))), "2024-02-29T10:00:00+02:00"),
        ],
    )
    def test_a_datetime_has_an_offset_when_it_is_written(self, value, expected):
        assert write_value(field("DATETIME"), value) == expected
        assert read_value(field("DATETIME"), value) == expected
        assert parse_datetime(expected).utcoffset() is not None

    @pytest.mark.parametrize(
        "value",
        ["now", "today", "10:00", "T10:00", "2024", "2024-02", "2024-02-30",
        "2023-02-29T00:00:00Z", "2024-13-01",
         "2024-00-01", "0000-01-01", "10000-01-01", "-2024-01-01", "2024-06-30T23:59:60Z",
         "2024-01-01T24:00:00Z",
         "2024-01-01T25:00:00Z", "2024-01-01T10:60:00Z", "2024-01-01T10:00:00+25:00",
         "2024-01-01T10:00:00+05:99",
         "2024-01-01T10:00:00+00:00:30", "2024-01-01T10:00:00 Europe/Paris", "2024-01-01/P1D",
         "2024-01-01/2024-01-02",
         "2024-W05-1", "2024-001", "01/02/2024", "1706745600", "\uff12\uff10\uff12\uff14-01-01T00:00:00Z",
         "2024-01-01T00:00:00Z\n",
         "2024-01-01T00:00:00.Z", "2024-01-01TZ", "2024-01-01T10:00:00z+01:00", 1706745600, 1.5, True, [],
         {}, b"2024-01-01"],
    )  # fmt: skip
    def test_what_names_no_instant_is_refused(self, value):
        for convert in (read_value, write_value):
            with pytest.raises(ValueConversionError):
                convert(field("DATETIME"), value)

    @given(
        st.datetimes(
            timezones=st.none() | st.integers(-1439, 1439).map(lambda m: timezone(timedelta(minutes=m)))
        )
    )
    def test_every_instant_survives_in_every_way_to_write_it(self, moment):
        instant = moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)
        for value in (moment, moment.isoformat(), moment.isoformat(" "), f"{moment.isoformat(' ')}".lower()):
            assert parse_datetime(write_value(field("DATETIME"), value)) == instant

    @given(st.text() | st.from_regex(r"\d{4}-\d\d-\d\d.{0,20}", fullmatch=True))
    def test_any_text_is_an_instant_or_an_error_without_the_text(self, text):
        error = _error_of(parse_datetime, text)
        if error is None:
            assert parse_datetime(text).utcoffset() is not None
        else:
            assert str(error) == "not an ISO 8601 date-time"
            assert error.__context__ is None

    def test_the_same_instant_written_differently_is_the_same(self):
        assert same_value(field("DATETIME"), "2024-01-01T12:00:00Z", "2024-01-01T14:00:00.000+02:00")
        assert not same_value(field("DATETIME"), "2024-01-01T12:00:00Z", "2024-01-01T12:00:01Z")


class TestTexts:
    @pytest.mark.parametrize("value_type", TEXTS)
    @given(st.text())
    def test_a_text_is_left_alone(self, value_type, text):
        assert read_value(field(value_type), text) == text
        kept = text.strip() if value_type == "SOCIAL_HANDLE" else text
        assert write_value(field(value_type), text) == (text if kept else None)

    @pytest.mark.parametrize(("value", "text"), [(5, "5"), (1.5, "1.5"), (Decimal("1.50"), "1.50")])
    def test_a_number_becomes_text(self, value, text):
        assert write_value(field("TEXT"), value) == text

    def test_a_value_of_another_shape_is_read_as_json(self):
        assert read_value(field("TEXT"), {"b": ["é"], "a": None}) == '{"a": null, "b": ["é"]}'

    @pytest.mark.parametrize("value", [True, [], {}, ["x"], {"x": "y"}])
    def test_a_value_of_another_shape_is_not_written(self, value):
        with pytest.raises(ValueConversionError):
            write_value(field("TEXT"), value)


class TestContactPoints:
    @pytest.mark.parametrize("value_type", CONTACT_POINTS)
    @pytest.mark.parametrize("multiple", [None, True])
    def test_one_or_many_are_an_array(self, value_type, multiple):
        definition = field(value_type, multiple_values=multiple)
        for convert in (read_value, write_value):
            assert convert(definition, ONE) == [ONE]
            assert convert(definition, [ONE, None, OTHER]) == [ONE, OTHER]
            assert convert(definition, []) == []

    @pytest.mark.parametrize("value_type", CONTACT_POINTS)
    def test_a_field_that_takes_one_has_a_string(self, value_type):
        definition = field(value_type, multiple_values=False)
        for convert in (read_value, write_value):
            assert convert(definition, ONE) == ONE
            assert convert(definition, [ONE]) == ONE
            assert convert(definition, []) is None
            with pytest.raises(ValueConversionError, match="one value"):
                convert(definition, [ONE, OTHER])

    @pytest.mark.parametrize("value_type", CONTACT_POINTS)
    def test_blank_items_and_surrounding_blanks_are_not_written(self, value_type):
        definition = field(value_type)
        assert write_value(definition, ["", f" {ONE}\n", " ", None, OTHER, ONE]) == [ONE, OTHER]
        assert write_value(definition, " ") == []
        assert write_value(field(value_type, multiple_values=False), "") is None
        assert same_value(definition, [f" {ONE}", ""], [ONE])

    @pytest.mark.parametrize("value_type", CONTACT_POINTS)
    def test_they_are_read_as_they_are(self, value_type):
        assert read_value(field(value_type), ["", " a", "a", "a"]) == ["", " a", "a", "a"]

    @pytest.mark.parametrize("website", ["acme.example", "http://ACME.example/a?b#c"])
    def test_a_url_is_left_to_the_api(self, website):
        assert write_value(field("URL"), website) == [website]


class TestObjects:
    def test_a_full_name_is_written_from_either_spelling(self):
        assert write_value(field("FULL_NAME"), {"first_name": "A", "last_name": "B"}) == {
            "firstName": "A",
            "lastName": "B",
        }
        assert write_value(field("FULL_NAME"), {"firstName": "A"}) == {"firstName": "A"}

    def test_an_address_keeps_all_its_members(self):
        address = {"street": "1 Main St", "street2": "Apt", "city": "X", "state": "CA", "postalCode": "94000",
                   "country": "US", "latitude": 37.5, "longitude": -122}  # fmt: skip
        assert write_value(field("ADDRESS"), read_value(field("ADDRESS"), address)) == address

    @pytest.mark.parametrize("empty", [None, "", " "])
    def test_an_empty_member_is_left_out(self, empty):
        value = {"city": "X", "country": empty, "street": empty, "latitude": empty}
        assert write_value(field("ADDRESS"), value) == {"city": "X"}
        assert write_value(field("ADDRESS"), {"country": empty}) is None

    @pytest.mark.parametrize("value", [{"city": "X", "planet": "Y"}, {1: "a", "x": "b", None: "c"}])
    def test_an_unknown_member_is_refused_with_the_known_ones(self, value):
        with pytest.raises(ValueConversionError, match="street, street2, city, state, postal_code"):
            write_value(field("ADDRESS"), value)

    @pytest.mark.parametrize("member", ["north", True, [1], "1,5", math.inf])
    def test_a_coordinate_is_a_number(self, member):
        for convert in (read_value, write_value):
            with pytest.raises(ValueConversionError):
                convert(field("ADDRESS"), {"latitude": member})


class TestSelects:
    @pytest.mark.parametrize(("value", "option"), [("opt_1", "opt_1"), ("Won", "opt_1"), ("wON ", "opt_1"),
                                                   (" in progress", "opt_2"),
                                                   ("STRASSE", "opt_3")])  # fmt: skip
    def test_an_option_is_named_by_id_or_by_label_in_any_case(self, value, option):
        assert write_value(field("SINGLE_SELECT"), value) == option
        assert write_value(field("MULTI_SELECT"), value) == [option]
        assert write_value(field("MULTI_SELECT"), ["opt_2", value, None]) == list(
            dict.fromkeys(["opt_2", option])
        )

    def test_a_label_may_be_a_number(self):
        assert write_value(field("SINGLE_SELECT", options=(Option("opt_5", "5"),)), 5) == "opt_5"

    def test_id_and_label_of_one_option_are_one_choice(self):
        assert write_value(field("MULTI_SELECT"), ["Won", "opt_1", "won"]) == ["opt_1"]

    def test_an_id_comes_before_a_label(self):
        options = (Option("a", "b"), Option("b", "a"))
        assert write_value(field("SINGLE_SELECT", options=options), "b") == "b"

    @pytest.mark.parametrize("value", ["Lost", "OPT_1", "opt_99", True, [], {}, ["Won"]])
    def test_what_names_no_option_is_refused(self, value):
        with pytest.raises(ValueConversionError):
            write_value(field("SINGLE_SELECT"), value)

    def test_the_error_lists_the_labels_there_are(self):
        with pytest.raises(ValueConversionError, match=r"there are: Won, In Progress, Straße$"):
            write_value(field("SINGLE_SELECT"), "Lost")
        with pytest.raises(ValueConversionError, match=r"there are: none$"):
            write_value(field("SINGLE_SELECT", options=()), "Lost")

    def test_a_label_under_two_pipelines_needs_the_pipeline(self):
        stage = field("SINGLE_SELECT", options=PIPELINES, parent_field_key="$pipeline")
        assert write_option(stage, "won", parent_id="opt_a") == "opt_a1"
        assert write_option(stage, "won", parent_id="opt_b") == "opt_b1"
        assert write_option(stage, "opt_b1", parent_id="opt_a") == "opt_b1"
        assert write_option(stage, "new") == "opt_a2"
        assert write_option(stage, None, parent_id="opt_a") is None
        for parent_id in (None, "opt_c"):
            with pytest.raises(ValueConversionError):
                write_option(stage, "won", parent_id=parent_id)

    def test_a_label_that_one_pipeline_has_twice_stays_ambiguous(self):
        twice = field("SINGLE_SELECT", options=(*PIPELINES, Option("opt_a3", "won", parent_id="opt_a")))
        with pytest.raises(
            ValueConversionError, match="2 options have this label; its parent field must say"
        ):
            write_option(twice, "won", parent_id="opt_a")

    def test_the_labels_are_read_by_id(self):
        assert read_labels(field("SINGLE_SELECT"), "opt_2") == "In Progress"
        assert read_labels(field("MULTI_SELECT"), ["opt_2", "opt_1"]) == ["In Progress", "Won"]
        assert read_labels(field("SINGLE_SELECT"), "opt_archived") == "opt_archived"

    @given(JSON)
    def test_labels_have_the_type_of_their_schema_whatever_the_value(self, value):
        single, multi = read_labels(field("SINGLE_SELECT"), value), read_labels(field("MULTI_SELECT"), value)
        assert single is None or isinstance(single, str)
        assert multi is None or all(isinstance(label, str) for label in multi)
        if isinstance(multi, list):
            assert len(multi) == len(read_value(field("MULTI_SELECT"), value))


class TestUnknownTypes:
    @given(st.text().filter(str.strip))
    def test_text_of_an_unknown_type_passes_through_both_ways(self, text):
        assert read_value(field("BRAND_NEW"), text) == text
        assert write_value(field("BRAND_NEW"), text) == text

    @given(
        st.recursive(
            st.booleans() | st.integers() | st.text(),
            lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
        )
    )
    def test_anything_else_is_read_as_its_json_text_and_written_as_it_is(self, value):  # fmt: skip
        read = read_value(field("BRAND_NEW"), value)
        assert isinstance(read, str)
        assert isinstance(value, str) or json.loads(read) == value
        kept = value.strip() if isinstance(value, str) else True
        assert write_value(field("BRAND_NEW"), value) == (value if kept else None)
        assert same_value(field("BRAND_NEW"), write_value(field("BRAND_NEW"), read), value)

    def test_a_decimal_of_the_sdks_json_reader_is_a_number_again(self):
        assert write_value(field("BRAND_NEW"), {"x": [Decimal("1.5")]}) == {"x": [1.5]}

    @pytest.mark.parametrize("value", [math.nan, [math.inf], {"x": Decimal("NaN")}, {(1, 2): 3}])
    def test_what_json_cannot_carry_is_refused(self, value):
        with pytest.raises(ValueConversionError):
            write_value(field("BRAND_NEW"), value)


class TestSameValue:
    @given(DEFINITIONS, JSON)
    def test_every_value_is_the_same_as_itself(self, definition, value):
        assert same_value(definition, value, value)

    @given(DEFINITIONS, JSON, JSON)
    @example(field("ADDRESS"), [False], [Decimal("sNaN")])
    def test_it_does_not_matter_which_comes_first(self, definition, one, other):
        assert same_value(definition, one, other) is same_value(definition, other, one)

    def test_nothing_and_empty_are_the_same_but_false_and_zero_are_not(self):
        assert same_value(field("TEXT"), "", None)
        assert not same_value(field("CHECKBOX"), False, None)
        assert not same_value(field("NUMBER"), 0, None)
        assert same_value(field("EMAIL"), [], None)
        assert same_value(field("MULTI_SELECT"), [], None)
        assert same_value(field("ADDRESS"), {"city": "", "street": None}, None)
        assert same_value(field("FULL_NAME"), {"firstName": "A", "lastName": ""}, {"firstName": "A"})

    @pytest.mark.parametrize(
        ("definition", "one", "other"),
        [
            (field("CURRENCY"), 10, 10.0), (field("CURRENCY"), 10, "10.00"), (field("EMAIL"), "a@x", ["a@x"]),
            (field("URL", multiple_values=False), "u", ["u"]),
            (field("MULTI_SELECT"), ["opt_1", "opt_2"], ["opt_2", "opt_1"]),
            (field("CHECKBOX"), True, "true"),
            (field("ADDRESS"), {"latitude": 1}, {"latitude": "1.0", "city": None}),
        ],
    )  # fmt: skip
    def test_what_means_the_same_is_the_same(self, definition, one, other):
        assert same_value(definition, one, other)

    @pytest.mark.parametrize(
        ("definition", "one", "other"),
        [
            (field("TEXT"), "a", "A"), (field("EMAIL"), ["a", "b"], ["b", "a"]), (field("NUMBER"), 1, True),
            (field("MULTI_SELECT"), ["opt_1"], ["opt_1", "opt_2"]), (field("CHECKBOX"), False, None),
            (field("NUMBER"), "abc", "abd"),
            (field("EMAIL", multiple_values=False), '["a", "b"]', ["a", "b"]),
        ],
    )  # fmt: skip
    def test_what_does_not_is_not(self, definition, one, other):
        assert not same_value(definition, one, other)
