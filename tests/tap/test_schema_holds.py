"""Any definitions, any values: a row is valid against its schema, or the stream says what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lightfield_api import value_types
from lightfield_api.columns import columns_of
from lightfield_api.definitions import FieldDefinition, ObjectDefinitions
from lightfield_api.resources import Resource
from lightfield_api.value_reading import read_text
from lightfield_api.value_types import Shape, ValueType
from lightfield_api.value_writing import text_only
from tap_lightfield.errors import UnreadableValue
from tap_lightfield.record import RowReader
from tap_lightfield.schemas import schema_of
from tests.tap.validity import assert_valid

VALUE_TYPES = (
    "TEXT", "MARKDOWN", "READONLY_MARKDOWN", "HTML", "SOCIAL_HANDLE", "NUMBER", "CURRENCY", "CHECKBOX",
    "DATETIME", "EMAIL", "TELEPHONE", "URL", "ADDRESS", "FULL_NAME", "SINGLE_SELECT",
    "MULTI_SELECT", "HOLOGRAM",
)  # fmt: skip

keys = st.builds(
    lambda system, slug: ("$" if system else "") + slug,
    st.booleans(),
    st.sampled_from(
        ["name", "Name", "na-me", "stage", "stageLabel", "id", "custom_name", "ownerId", "é", "owner"]
    ),
)
cardinalities = st.sampled_from(["HAS_ONE", "HAS_MANY", "has_one", "has_many"])
options = st.lists(
    st.fixed_dictionaries({"id": st.sampled_from(["opt_1", "opt_2"]), "label": st.text(max_size=5)})
)
fields = st.dictionaries(
    keys,
    st.fixed_dictionaries(
        {
            "label": st.none() | st.text(max_size=5),
            "description": st.none() | st.text(max_size=5),
            "valueType": st.sampled_from(VALUE_TYPES),
            "typeConfiguration": st.fixed_dictionaries(
                {}, optional={"multipleValues": st.booleans(), "options": options}
            ),
        }
    ),
    max_size=8,
)
directions = st.none() | st.fixed_dictionaries(
    {},
    optional={
        d: st.fixed_dictionaries({"cardinality": cardinalities}) for d in ("asSource", "asDestination")
    },
)
relationships = st.dictionaries(
    keys,
    st.fixed_dictionaries(
        {"label": st.text(max_size=5), "cardinality": cardinalities, "objectType": st.just("account"),
         "directions": directions}
    ),
    max_size=5,
)  # fmt: skip

plain = (
    st.none() | st.booleans() | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8) | st.sampled_from(["2025-01-31T10:00:00Z", "2025-01-31", "opt_1", "12.5", "true"])
)  # fmt: skip
likely = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("firstName", "lastName", "street", "country", "latitude"), plain)
)
values = (
    plain | st.lists(plain, max_size=3) | likely | st.dictionaries(st.text(max_size=3), plain, max_size=2)
)
ids = st.none() | st.lists(st.sampled_from(["a", "b", "c"]), max_size=3) | st.just("a")
links = st.none() | st.fixed_dictionaries(
    {"values": ids},
    optional={
        "directions": st.fixed_dictionaries(
            {}, optional={d: st.fixed_dictionaries({"values": ids}) for d in ("asSource", "asDestination")}
        )
    },
)


@settings(max_examples=200, deadline=None)
@given(fields=fields, relationships=relationships, data=st.data())
def test_a_row_is_valid_against_its_schema_or_refused_by_name(
    fields: dict[str, Any], relationships: dict[str, Any], data: st.DataObject
) -> None:
    columns = columns_of(
        ObjectDefinitions.from_json(
            {"objectType": "x", "fieldDefinitions": fields, "relationshipDefinitions": relationships}
        )
    )
    schema = json.loads(json.dumps(schema_of(columns)))
    assert all(c["title"] and c["description"] for c in schema["properties"].values())
    record = {
        "id": "rec_1",
        "createdAt": "2025-01-01T00:00:00Z",
        "fields": {
            key: data.draw(st.none() | st.fixed_dictionaries({"value": values}), label=key) for key in fields
        },
        "relationships": {key: data.draw(links, label=key) for key in relationships},
    }
    names = {column.name for column in columns}
    try:
        row = RowReader("xs", columns, names, lambda *_: None).row(record)
    except UnreadableValue as e:
        refused = e.message
    else:
        assert row.keys() == names
        assert_valid(json.loads(json.dumps(row)), schema)
        return
    assert "'xs', record rec_1" in refused
    assert any(f"the column '{name}'" in refused for name in names)


def test_the_table_of_types_is_all_that_says_what_a_column_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    size = ValueType(read_text, text_only, Shape.OBJECT, {"shoe": "shoeSize", "hat": "hatSize"})
    monkeypatch.setitem(value_types.VALUE_TYPES, "SIZE", size)  # type: ignore[arg-type]
    columns = columns_of(ObjectDefinitions.of("contact", [FieldDefinition("$size", "SIZE")]), ())
    assert list(schema_of(columns)["properties"]["size"]["properties"]) == ["shoe", "hat"]
    resource = Resource("contacts", "contact", has_relationships=False)
    reader = RowReader("contacts", columns, ["size"], print, resource=resource, flattened=True)
    assert reader.row({"id": "con_1", "fields": {}}) == {"size": {"shoe": None, "hat": None}}
