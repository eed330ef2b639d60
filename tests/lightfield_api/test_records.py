"""What a record holds."""

from __future__ import annotations

import pytest

from lightfield_api.answers import array_of
from lightfield_api.errors import UnexpectedAnswer
from lightfield_api.records import field_value, is_record, linked

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


@pytest.mark.parametrize("found", [None, [], "acc_1", {}, {"id": None}, {"id": 7}, {"id": ""}])
def test_what_has_no_id_is_no_record_and_belongs_in_no_list_of_them(found):
    assert not is_record(found)
    with pytest.raises(UnexpectedAnswer, match="no array of records"):
        array_of([RECORD, found], is_record, "It is no array of records")


@pytest.mark.parametrize("found", [None, {}, "acc_1", {"data": [RECORD]}])
def test_what_is_no_array_is_no_list(found):
    with pytest.raises(UnexpectedAnswer, match="no array of records"):
        array_of(found, is_record, "It is no array of records")


def test_a_list_may_be_empty():
    assert is_record(RECORD)
    assert array_of([], is_record, "") == []
