"""What a record holds."""

from __future__ import annotations

import pytest

from lightfield_api.records import field_value, linked

RECORD = {
    "id": "acc_1",
    "fields": {"$name": {"valueType": "TEXT", "value": "Acme"}, "$website": None},
    "relationships": {
        "$owner": {"cardinality": "HAS_ONE", "values": ["mem_1"]},
        "$contact": {"cardinality": "HAS_MANY", "values": None},
        "partners": {
            "values": ["acc_2", "acc_3"],
            "directions": {"asSource": {"values": ["acc_2"]}, "asDestination": {"values": ["acc_3"]}},
        },
    },
}


@pytest.mark.parametrize(("key", "value"), [("$name", "Acme"), ("$website", None), ("$phone", None)])
def test_a_field_has_its_value_or_none(key, value):
    assert field_value(RECORD, key) == value


@pytest.mark.parametrize(
    ("key", "ids"),
    [("$owner", ["mem_1"]), ("$contact", []), ("$account", []), ("partners", ["acc_2"])],
)
def test_a_record_links_to_ids_as_the_source_where_there_are_directions(key, ids):
    assert linked(RECORD, key) == ids


def test_a_record_without_fields_and_relationships_holds_nothing():
    assert field_value({"id": "acc_1"}, "$name") is None
    assert linked({"id": "acc_1", "relationships": None}, "$owner") == []
