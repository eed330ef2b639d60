"""What a field makes of the values that HubSpot, Salesforce, Pipedrive and spreadsheets write."""

from __future__ import annotations

from typing import Any

import pytest

from lightfield_api.definitions import FieldDefinition, Option
from target_lightfield.presets.conversion import Conventions, Converted, convert
from target_lightfield.presets.durations import duration, plus

BERLIN = Conventions(separator=";", time_zone="Europe/Berlin", phone_country="Germany")
TIERS = tuple(
    Option(id_, label)
    for id_, label in [
        ("opt_1", "Expansion"),
        ("opt_2", "Event"),
        ("opt_3", "Other; see notes"),
        ("opt_4", "Legal, DPA"),
        ("opt_5", "Mid-Market"),
    ]
)
DASH = "\u2013"
HEADCOUNT = ("1-10", f"11{DASH}50", "51-200 employees", "201 to 1,000", f"1,001{DASH}5,000", "5000+")


def field(value_type: str, **more: Any) -> FieldDefinition:
    return FieldDefinition("it", value_type, **more)


def converted(value_type: str, value: Any, **more: Any) -> Converted:
    return convert(field(value_type, **more), value, BERLIN)


def left_values(found: Converted) -> list[Any]:
    return [one.value for one in found.left_over]


NUMBERS = [
    ("87", 87),
    ("0", 0),
    (0, 0),
    (87.0, 87),
    (" 48500.50 ", 48500.5),
    ("1,234.50", 1234.5),
    ("1.234,50", 1234.5),
    ("12,5", 12.5),
    ("1 234 567,5", 1234567.5),
    ("1'234.50", 1234.5),
    ("1,234,567", 1234567),
    ("-12", -12),
    ("0.9", 0.9),
    ("1e3", 1000),
    (["64"], 64),
]
CHECKBOXES = [
    ("true", True),
    ("false", False),
    ("yes", True),
    ("No", False),
    ("1", True),
    (0, False),
    ("TRUE", True),
    (False, False),
    ("x", True),
    ("Ja", True),
    ("nein", False),
]
DATETIMES = [
    ("2027-01-31", "2027-01-31T00:00:00+01:00"),
    ("2026-07-31", "2026-07-31T00:00:00+02:00"),
    ("2026-12-31T22:59:59.999Z", "2026-12-31T22:59:59.999Z"),
    ("2026-12-31T00:00:00.000000Z", "2026-12-31T00:00:00.000000Z"),
    ("2026-01-31 10:00", "2026-01-31T10:00:00+01:00"),
    ("2026-01-31 10:00:00 UTC", "2026-01-31T10:00:00+00:00"),
    ("1600000000000", "2020-09-13T12:26:40+00:00"),
]
EMAILS = [
    ("Chloe.Dubois@lightfield-demo.example", ["Chloe.Dubois@lightfield-demo.example"]),
    (
        "maelle@legoff.example;m.legoff@kestrel-holding.example",
        ["maelle@legoff.example", "m.legoff@kestrel-holding.example"],
    ),
    ("Ann <a@x.example>, b@y.example", ["a@x.example", "b@y.example"]),
    ('"Dubois, Chloé" <c@x.example>; Dubois, Ann <a@x.example>', ["c@x.example", "a@x.example"]),
    (["A@x.example", "a@X.example", ""], ["A@x.example"]),
    ("mailto:a@x.example", ["a@x.example"]),
]
TELEPHONES = [
    ("+49 30 901820", ["+4930901820"]),
    ("030/901820", ["+4930901820"]),
    ("030 901820 ext. 5", ["+4930901820;ext=5"]),
    ("+33 2 97 00 00 01 x12", ["+33297000001;ext=12"]),
    ("+33 2 97 00 00 01;030 901820", ["+33297000001", "+4930901820"]),
    ("030 1234567 / 030 9876543", ["+49301234567", "+49309876543"]),
    (4930901820, ["+4930901820"]),
]
URLS = [
    ("kestrel-robotics.example", ["https://kestrel-robotics.example"]),
    ("linkedin.com/in/x", ["https://linkedin.com/in/x"]),
    ("https://www.kestrel-robotics.example/de", ["https://www.kestrel-robotics.example/de"]),
    ("a.example;https://b.example", ["https://a.example", "https://b.example"]),
    ("https://x.example/a;b=1", ["https://x.example/a;b=1"]),
    ("//x.example/", ["https://x.example/"]),
]


@pytest.mark.parametrize(
    ("value_type", "value", "expected"),
    [
        (value_type, *pair)
        for value_type, pairs in {
            "NUMBER": NUMBERS,
            "CHECKBOX": CHECKBOXES,
            "DATETIME": DATETIMES,
            "EMAIL": EMAILS,
            "TELEPHONE": TELEPHONES,
            "URL": URLS,
        }.items()
        for pair in pairs
    ],
)
def test_a_value_is_taken(value_type: str, value: Any, expected: Any) -> None:
    found = converted(value_type, value)

    assert found.value == expected
    assert type(found.value) is type(expected)
    assert not found.left_over


@pytest.mark.parametrize(
    ("value_type", "value"),
    [
        *(
            ("NUMBER", value)
            for value in ["1,234", "1.234", "12 EUR", "NaN", "80%", True, [1, 2], {"a": 1}, "0.125"]
        ),
        *(("CURRENCY", value) for value in ["12.125", "1,234", "a lot", "€1 USD"]),
        *(("CHECKBOX", value) for value in ["maybe", 2, "unknown", {"a": True}]),
        *(
            ("DATETIME", value)
            for value in ["2026-02-30", "2026", "10:00", "02/03/2026", "20260102", 5, "now"]
        ),
        *(
            ("EMAIL", value)
            for value in ["(none)", "ann", "ann@localhost", "a..b@x.example", {"value": "a@x.example"}]
        ),
        *(("TELEPHONE", value) for value in ["(none)", "n/a", "12", 1.5]),
        *(
            ("URL", value)
            for value in ["n/a", "acme", "ann@x.example", "javascript:alert(1)", "see our site"]
        ),
        *(("TEXT", value) for value in [["a", "b"], {"a": 1}]),
        *(("FULL_NAME", value) for value in ["ann@acme.example", ["a", "b"]]),
        ("ADDRESS", ["a", "b"]),
        ("READONLY_MARKDOWN", "text"),
    ],
)
def test_what_is_none_is_left_over_and_never_guessed(value_type: str, value: Any) -> None:
    found = converted(value_type, value)

    assert found.value is None
    assert left_values(found) == [value]
    assert found.left_over[0].kind == "bad_value"
    assert found.left_over[0].why


def test_each_bad_one_of_several_is_left_over_by_itself() -> None:
    found = converted("EMAIL", "a@x.example;(none);b@y.example")
    assert (found.value, left_values(found)) == (["a@x.example", "b@y.example"], ["(none)"])

    found = converted("TELEPHONE", ["+49 30 901820", "(none)"])
    assert (found.value, left_values(found)) == (["+4930901820"], ["(none)"])


def test_of_several_a_field_of_one_takes_the_first() -> None:
    found = converted("URL", "n/a;a.example;b.example", multiple_values=False)

    assert found.value == "https://a.example"
    assert left_values(found) == ["n/a", "b.example"]


@pytest.mark.parametrize(
    ("country", "text", "expected"),
    [
        ("NO", "22 12 34 56", "+4722123456"),
        ("France", "06 12 34 56 78", "+33612345678"),
        (None, "22 12 34 56", "22123456"),
        ("Deutschland?", "415 555 2671", "+14155552671"),
        ("GB", "+1 415 555 2671", "+14155552671"),
    ],
)
def test_a_telephone_number_is_one_of_the_rows_country(country: str | None, text: str, expected: str) -> None:
    found = convert(field("TELEPHONE"), text, Conventions(phone_country=country))
    assert found.value == [expected]


def test_a_number_of_another_country_does_not_become_one_of_the_us() -> None:
    found = convert(field("TELEPHONE"), "415 555 2671", Conventions(phone_country="DK"))

    assert found.value is None
    assert left_values(found) == ["415 555 2671"]


def test_midnight_in_utc_is_a_date_where_the_caller_says_so() -> None:
    conventions = Conventions(time_zone="Europe/Berlin", midnight_is_date=True)
    dates = convert(field("DATETIME"), "2026-12-31T00:00:00.000000Z", conventions)
    times = convert(field("DATETIME"), "2026-12-31T10:00:00Z", conventions)

    assert dates.value == "2026-12-31T00:00:00+01:00"
    assert times.value == "2026-12-31T10:00:00+00:00"


@pytest.mark.parametrize(
    ("service", "text", "expected"),
    [
        ("TWITTER", "@kestrel", "https://x.com/kestrel"),
        ("TWITTER", "x.com/kestrel", "https://x.com/kestrel"),
        ("TWITTER", "https://x.com/kestrel?s=20", "https://x.com/kestrel"),
        ("LINKEDIN", "linkedin.com/company/kestrel", "https://www.linkedin.com/company/kestrel"),
        (None, "anything", "anything"),
    ],
)
def test_a_handle_becomes_the_profile_of_the_fields_service(
    service: str | None, text: str, expected: str
) -> None:
    assert converted("SOCIAL_HANDLE", text, handle_service=service).value == expected


def test_a_profile_on_another_service_is_left_over() -> None:
    found = converted("SOCIAL_HANDLE", "https://facebook.com/kestrel", handle_service="TWITTER")
    assert (found.value, left_values(found)) == (None, ["https://facebook.com/kestrel"])


@pytest.mark.parametrize(
    ("value", "expected", "left"),
    [
        (";event", ["opt_2"], []),
        ("expansion;EVENT", ["opt_1", "opt_2"], []),
        ("Other; see notes", ["opt_3"], []),
        ("Expansion;Other; see  notes;Nope", ["opt_1", "opt_3"], ["Nope"]),
        ("Legal, DPA;Event", ["opt_4", "opt_2"], []),
        (["opt_1", "event", "event", 5], ["opt_1", "opt_2"], [5]),
        ("Nope", None, ["Nope"]),
        ([{"a": 1}, "event"], ["opt_2"], [{"a": 1}]),
    ],
)
def test_the_options_that_there_are_are_taken(value: Any, expected: Any, left: list[Any]) -> None:
    found = converted("MULTI_SELECT", value, options=TIERS)

    assert found.value == expected
    assert left_values(found) == left


def test_an_unknown_option_is_left_over_as_one() -> None:
    found = converted("SINGLE_SELECT", "Small", options=TIERS)
    assert [(one.value, one.kind) for one in found.left_over] == [("Small", "no_option")]
    assert converted("SINGLE_SELECT", " mid-market ", options=TIERS).value == "opt_5"


def test_true_and_false_are_called_yes_and_no_as_well() -> None:
    options = (Option("opt_y", "Yes"), Option("opt_n", "No"))
    assert converted("SINGLE_SELECT", True, options=options).value == "opt_y"
    assert converted("SINGLE_SELECT", False, options=options).value == "opt_n"


def test_the_label_of_a_stage_waits_for_its_pipeline() -> None:
    stages = (Option("s1", "Won", parent_id="p1"), Option("s2", "Won", parent_id="p2"))
    stage = field("SINGLE_SELECT", parent_field_key="$pipeline", options=stages)

    assert convert(stage, "won", BERLIN).value == "won"
    assert convert(stage, "Lost", BERLIN).left_over[0].kind == "no_stage"


@pytest.mark.parametrize(
    ("value", "label"),
    [
        ("120", "51-200 employees"),
        (120, "51-200 employees"),
        (1, "1-10"),
        ("50", f"11{DASH}50"),
        ("1,000", "201 to 1,000"),
        (5000, f"1,001{DASH}5,000"),
        (5001.0, "5000+"),
        ("51-100", "51-200 employees"),
        ("10,001+", "5000+"),
        ("Over 10000", "5000+"),
        (f"11 {DASH} 50", f"11{DASH}50"),
    ],
)
def test_a_number_takes_the_option_whose_range_holds_it(value: Any, label: str) -> None:
    options = tuple(Option(f"id of {label}", label) for label in HEADCOUNT)
    assert converted("SINGLE_SELECT", value, options=options).value == f"id of {label}"


@pytest.mark.parametrize("value", ["0", 10.5, "40-300", "many", -3])
def test_a_number_in_no_range_is_left_over(value: Any) -> None:
    options = tuple(Option(label, label) for label in HEADCOUNT)
    assert [one.kind for one in converted("SINGLE_SELECT", value, options=options).left_over] == ["no_option"]


@pytest.mark.parametrize("label", ["10001+", "10,001+", "Over 10000", "> 10000", "10.001 or more", "10K+"])
def test_the_last_range_is_spelled_in_many_ways(label: str) -> None:
    options = (Option("small", "< 10"), Option("large", label))
    assert converted("SINGLE_SELECT", 20000, options=options).value == "large"
    assert converted("SINGLE_SELECT", 9, options=options).value == "small"
    assert converted("SINGLE_SELECT", 10, options=options).value is None


def test_a_number_takes_no_range_where_not_all_options_are_ranges() -> None:
    options = (Option("a", "1-10"), Option("b", "Unknown"))
    assert converted("SINGLE_SELECT", 5, options=options).value is None


ADDRESSES = [
    (
        {
            "street": "Köpenicker Straße 154\r\nAufgang B",
            "city": "Berlin",
            "state": "BE",
            "country": "Germany",
        },
        {
            "street": "Köpenicker Straße 154",
            "street2": "Aufgang B",
            "city": "Berlin",
            "state": "BE",
            "country": "DE",
        },
        [],
    ),
    ({"city": "Hamburg", "country": "Atlantis"}, {"city": "Hamburg"}, ["Atlantis"]),
    ({"city": "Paris", "country": "Allemagne"}, {"city": "Paris", "country": "DE"}, []),
    ({"country": "Deutschland"}, {"country": "DE"}, []),
    ({"country": "U.S.A."}, {"country": "US"}, []),
    ({"country": "DE", "postal_code": 10997}, {"country": "DE", "postal_code": "10997"}, []),
    (
        {"country": "Germany", "countryCode": "DE", "postalCode": "1"},
        {"country": "DE", "postal_code": "1"},
        [],
    ),
    ({"value": "Hafenstr. 1, Hamburg"}, {"street": "Hafenstr. 1, Hamburg"}, []),
    (
        {
            "value": "…",
            "route": "Köpenicker Straße",
            "street_number": "154",
            "locality": "Berlin",
            "admin_area_level_1": None,
        },
        {"street": "Köpenicker Straße 154", "city": "Berlin"},
        [],
    ),
    ({"street": "a", "latitude": "52.5", "longitude": "east"}, {"street": "a", "latitude": 52.5}, ["east"]),
    ({"street": "a", "floor": "3"}, {"street": "a"}, ["3"]),
    ("Hafenstr. 1\nHamburg", {"street": "Hafenstr. 1", "street2": "Hamburg"}, []),
]


@pytest.mark.parametrize(("value", "expected", "left"), ADDRESSES)
def test_an_address_keeps_what_can_be_kept(value: Any, expected: Any, left: list[Any]) -> None:
    found = converted("ADDRESS", value)
    assert (found.value, left_values(found)) == (expected, left)


@pytest.mark.parametrize(
    ("value", "expected", "left"),
    [
        (
            {"first_name": "Maëlle", "last_name": "Le Goff"},
            {"first_name": "Maëlle", "last_name": "Le Goff"},
            [],
        ),
        ("Ann Marie Smith", {"first_name": "Ann Marie", "last_name": "Smith"}, []),
        ("Dubois, Chloé", {"first_name": "Chloé", "last_name": "Dubois"}, []),
        ("Cher", {"last_name": "Cher"}, []),
        ("[not provided]", None, []),
        ({"first_name": "a@x.example", "last_name": "B"}, {"last_name": "B"}, ["a@x.example"]),
        ({"firstName": "[not provided]", "lastName": "B"}, {"last_name": "B"}, []),
        ({"first_name": "A", "salutation": "Dr"}, {"first_name": "A"}, ["Dr"]),
    ],
)
def test_a_name_has_a_first_and_a_last_one(value: Any, expected: Any, left: list[Any]) -> None:
    found = converted("FULL_NAME", value)
    assert (found.value, left_values(found)) == (expected, left)


@pytest.mark.parametrize("value", [None, "", " \n", [], {}, [None, ""], {"street": None}])
@pytest.mark.parametrize("value_type", ["TEXT", "NUMBER", "EMAIL", "ADDRESS", "SINGLE_SELECT", "NEW_TYPE"])
def test_nothing_is_nothing(value_type: str, value: Any) -> None:
    assert converted(value_type, value) == Converted(None)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("01:00:00", 3600),
        ("00:30", 1800),
        ("PT30M", 1800),
        ("P1DT1H", 90000),
        ("754000", 754),
        (754000, 754),
        (0, 0),
    ],
)
def test_a_duration_is_read(value: Any, seconds: int) -> None:
    assert duration(value).total_seconds() == seconds


@pytest.mark.parametrize("value", ["30", "an hour", None, True, -5, "10:75", float("nan"), [1], "P"])
def test_what_may_be_another_duration_is_none(value: Any) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        duration(value)


def test_an_end_is_a_start_and_a_duration_later() -> None:
    assert plus("2026-02-03T13:00:00Z", "01:00:00", BERLIN) == "2026-02-03T14:00:00+00:00"
    # over the night in which the clocks are put forward, an hour is an hour
    assert plus("2026-03-29T01:30:00+01:00", "PT1H", BERLIN) == "2026-03-29T02:30:00+01:00"
    assert plus("2026-03-29 01:30", "PT1H", BERLIN) == "2026-03-29T03:30:00+02:00"
    with pytest.raises(ValueError, match="calendar"):
        plus("9999-12-31T23:00:00Z", "PT2H", BERLIN)
