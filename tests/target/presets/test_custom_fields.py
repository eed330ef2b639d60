"""Custom fields by label, and what type a missing one should have."""

from __future__ import annotations

from typing import Any

import pytest

from lightfield_api.definitions import FieldDefinition, ObjectDefinitions, Option, RelationshipDefinition
from target_lightfield.presets.conversion import Conventions
from target_lightfield.presets.custom_fields import CustomFields, can_become
from target_lightfield.presets.guesses import guess_type

ACCOUNT = CustomFields(
    ObjectDefinitions.of(
        "account",
        [
            FieldDefinition("$name", "TEXT", label="Name"),
            FieldDefinition("icp-score", "NUMBER", label="ICP Score"),
            FieldDefinition("tier", "SINGLE_SELECT", label="Tier", options=(Option("opt_1", "Enterprise"),)),
            FieldDefinition("phone", "TELEPHONE", label="Phone"),
            FieldDefinition("renewal-91264f6", "DATETIME", label="Renewal Date"),
            FieldDefinition("note", "TEXT", label="Note"),
            FieldDefinition("note-2", "MARKDOWN", label="note!"),
            FieldDefinition("summary", "TEXT", label="Summary", read_only=True),
            FieldDefinition("evenement", "TEXT", label="Événement"),
            FieldDefinition("arr-text", "TEXT", label="ARR"),
            FieldDefinition("arr", "NUMBER", label="Yearly"),
        ],
        [
            RelationshipDefinition("parent", "HAS_ONE", "account", label="Parent company"),
            RelationshipDefinition("$owner", "HAS_ONE", "member", label="Owner"),
        ],
    )
)


@pytest.mark.parametrize(
    ("column", "labels", "values", "key"),
    [
        ("ICP_Score__c", [], [87.0], "icp-score"),
        ("tier__c", ["Tier"], ["Mid"], "tier"),  # an option that is not there yet is a matter of its own
        ("phone", [], ["+49 30 901820", "(none)"], "phone"),
        ("mobilephone", ["Phone"], [], "phone"),
        ("renewal_date", [], ["2027-01-31"], "renewal-91264f6"),
        ("EVENEMENT", [], ["x"], "evenement"),
        ("ParentId", ["Parent company"], ["0015g00000HOLDIAA2"], "parent"),
        ("arr", [], ["a lot"], "arr-text"),  # of two fields the only one that takes its values
    ],
)
def test_a_column_means_the_one_field_called_like_it(
    column: str, labels: list[str], values: list[Any], key: str
) -> None:
    found = ACCOUNT.meant_by(column, labels, values)
    assert found.field is not None
    assert found.field.key == key


@pytest.mark.parametrize(
    ("column", "values", "why"),
    [
        ("name", ["x"], "no custom field has this label"),
        ("owner", ["1"], "no custom field has this label"),
        ("summary", ["x"], "no custom field has this label"),
        ("__c", ["x"], "no custom field has this label"),
        ("note", ["x"], "2 custom fields have this label: note, note-2"),
        ("icp_score", ["high", "low", "3"], "takes other values: icp-score (NUMBER)"),
        ("parent", [{"a": 1}], "takes other values: parent (relationship to account)"),
    ],
)
def test_none_and_two_are_none(column: str, values: list[Any], why: str) -> None:
    found = ACCOUNT.meant_by(column, [], values)

    assert found.field is None
    assert why in found.why


def test_a_value_can_become_what_its_field_takes() -> None:
    assert can_become(FieldDefinition("it", "NUMBER"), "87", Conventions())
    assert not can_become(FieldDefinition("it", "NUMBER"), "K-0001", Conventions())
    assert can_become(FieldDefinition("it", "CURRENCY", currency="USD"), "€5", Conventions())


@pytest.mark.parametrize(
    ("values", "value_type"),
    [
        (["true", "false", None], "CHECKBOX"),
        ([True, False], "CHECKBOX"),
        (["0", "1", "1"], "NUMBER"),
        ([87.0, 12], "NUMBER"),
        ([{"value": 48000.0, "currency": "EUR"}], "CURRENCY"),
        (["€5", "12 EUR"], "CURRENCY"),
        (["2027-01-31", "2026-12-31T00:00:00Z"], "DATETIME"),
        (["a@x.example", "b@y.example;c@y.example"], "EMAIL"),
        (["https://a.example", "b.example/x"], "URL"),
        (["+49 30 901820"] * 9 + ["(none)"], "TELEPHONE"),
        (["+49 30 901820", "(none)"], "TEXT"),
        ([{"street": "a", "city": "b"}], "ADDRESS"),
        (["<p>x</p>", "plain"], "MARKDOWN"),
        (["one", "two", "three"], "TEXT"),
        ([], "TEXT"),
        ([None, ""], "TEXT"),
        ([{"a": 1}], "TEXT"),
    ],
)
def test_the_values_say_what_type_to_create(values: list[Any], value_type: str) -> None:
    assert guess_type(values)[0] == value_type


def test_values_that_come_again_are_options_with_their_counts() -> None:
    single = guess_type(["Partner"] * 40 + ["Prospect"] * 1801)
    multi = guess_type(["a;b", "a", "b;a", ";a"], separator=";")

    assert single == ("SINGLE_SELECT", ["Prospect 1,801", "Partner 40"])
    assert multi == ("MULTI_SELECT", ["a 4", "b 2"])
    assert guess_type([["a", "b"], ["a"], ["b"]]) == ("MULTI_SELECT", ["a 2", "b 2"])


def test_many_different_values_are_text() -> None:
    assert guess_type(f"value {n % 60}" for n in range(10_000)) == ("TEXT", ())
    assert guess_type(f"value {n}" for n in range(10_000)) == ("TEXT", ())
