"""Keys as text, and the hashes by which a run knows what it has seen."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_lightfield.keys import is_storable, key_of, respelled
from target_lightfield.loading.sources import source_key
from target_lightfield.matching.wanted import Wanted
from target_lightfield.plain_rows import dumped, loaded
from target_lightfield.reporting.rejects_file import StreamSchema

NUMBERS = (
    st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False)
    | st.floats(allow_nan=False, allow_infinity=False).map(repr).map(Decimal)
)
JSON_ROWS = st.dictionaries(
    st.text(),
    st.recursive(
        st.none() | st.booleans() | st.text() | NUMBERS,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
        max_leaves=8,
    ),
    max_size=4,
)


def key(text: str, *columns: str) -> str:
    return source_key(StreamSchema("x", {}, columns), loaded(text))


def as_json(number: int | Decimal) -> str:
    return str(number)


@given(NUMBERS, NUMBERS)
def test_equal_numbers_are_one_key_and_others_are_two(one: int | Decimal, other: int | Decimal) -> None:
    for columns in (["id"], ["id", "other"]):
        keys = [key(f'{{"id": {as_json(number)}, "other": "x"}}', *columns) for number in (one, other)]
        if all(map(is_storable, keys)):
            assert (keys[0] == keys[1]) == (one == other)


@given(st.decimals(allow_nan=False, allow_infinity=False), st.integers(0, 9))
def test_how_a_number_is_written_makes_no_difference(number: Decimal, zeros: int) -> None:
    exponent = number.as_tuple().exponent
    assert isinstance(exponent, int)
    padded = Decimal((number.is_signed(), (*number.as_tuple().digits, *[0] * zeros), exponent - zeros))
    name = key(f'{{"id": {number}}}', "id")

    assert key(f'{{"id": {padded}}}', "id") == name
    if is_storable(name):
        assert Decimal(name) == number
        assert "e" not in name.lower()
        assert not ("." in name and name.endswith(("0", ".")))


@given(st.text())
def test_a_text_is_its_own_key(text: str) -> None:
    assert key_of(text) == text


@pytest.mark.parametrize(
    ("number", "name"),
    [
        ("1", "1"), ("1.0", "1"), ("1e0", "1"), ("100E-2", "1"), ("-0.0", "0"), ("1e16", "10000000000000000"),
        ("12345678901234567.0", "12345678901234567"), ("1e-7", "0.0000001"), ("2.50", "2.5"),
        ('"1.0"', "1.0"),
    ],
)  # fmt: skip
def test_a_number_has_one_canonical_text(number: str, name: str) -> None:
    assert key(f'{{"id": {number}}}', "id") == name


@pytest.mark.parametrize("number", ["1e999999", "-1e999999", "1e-999999", "9" * 5000, "0." + "9" * 5000])
def test_a_number_of_too_many_digits_is_no_key(number: str) -> None:
    assert not is_storable(key(f'{{"id": {number}}}', "id"))


@given(JSON_ROWS)
def test_what_waits_reads_back_as_it_was(row: dict[str, Any]) -> None:
    plain = loaded(dumped(row))

    assert loaded(dumped(plain)) == plain
    for name, value in row.items():
        if isinstance(value, (int, Decimal)):
            held = plain[name]
            assert Decimal(repr(held) if isinstance(held, float) else held) == value


@pytest.mark.parametrize(
    ("row", "digest"),
    [
        ('{"title": "T", "n": 1, "f": 1.0, "g": 0.1, "h": 1e22, "i": 12345678.25, "j": [1.50, {"k": -0.0}], '
         '"z": null, "e": ""}', "cd1b0ed52ac346d3954c40dee78fd3809414136ea764992334bee3e910b4ebae"),
        ('{"title": "T"}', "26968d132481bc09e3ab7fdb716952c9de136194573c23a5fe97f4b99a91b6a3"),
        ('{"title":"T","content":5.0}', "b4121592a6e0ffc076fd6081b73cf403bb79c5eaf55785813ed9f4bc6f757999"),
        ('{"title":"T","content":null}', "30256b8f3270a70990508e8a85cad68fe423450428d36b698089217addc4db5b"),
        ('{"title":"Gr\u00fc\u00dfe","content":0.1}',
         "6bb6fefcf5f84842bb4d1937a2a17b22a9c5ccf27e8cf0ea3e408644ec741348"),
    ],
)  # fmt: skip
def test_a_row_without_a_key_keeps_the_hash_that_earlier_releases_gave_it(row: str, digest: str) -> None:
    assert key(row) == f"row:{digest}"


@pytest.mark.parametrize(
    ("row", "digest"),
    [
        ('{"title":"T","content":NaN}', "16cbbbff0d5b9fef83d8f59c52ac5532f8cc91a71719beb76cdced11f442cbcf"),
        ('{"title":"T","content":12345678901234567.8}',
         "fe16a710c70ef4c44e6fabf8a0396e41c665f526d6a23279fd7f30057e7e1bde"),
    ],
)  # fmt: skip
def test_where_the_hash_is_another_one_the_former_is_known(row: str, digest: str) -> None:
    found = source_key(StreamSchema("x", {}, ()), loaded(row))

    assert found != f"row:{digest}"
    assert f"row:{digest}" in found.former


def test_what_is_wanted_keeps_the_hash_that_earlier_releases_gave_it() -> None:
    references = {"$account": [key_of(1.0)], "$contact": [key_of(1), key_of(1e16), "x"]}
    wanted = Wanted(None, {"$amount": 1.1, "$n": 5, "t": "5.0", "b": 10**22}, references)

    assert (
        wanted.payload_hash(exactly=False)
        == "e51afafde47bad2ee822003923db70880891eba9673de4a6543448387a87b54a"
    )


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_what_earlier_releases_called_a_float_leads_to_its_key(number: float) -> None:
    name = key(f'{{"id": {json.dumps(number)}}}', "id")

    assert respelled(str(number)) == name
