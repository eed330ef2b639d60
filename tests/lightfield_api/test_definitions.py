"""Reading the answer of a definitions endpoint."""

from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lightfield_api.columns import columns_of
from lightfield_api.definitions import FieldDefinition, ObjectDefinitions, Option, RelationshipDefinition
from lightfield_api.errors import UnexpectedAnswer

FULL = {
    "objectType": "opportunity",
    "fieldDefinitions": {
        "$stage": {
            "id": "ad_1",
            "label": "Stage",
            "description": "Where the deal is",
            "valueType": "SINGLE_SELECT",
            "readOnly": True,
            "typeConfiguration": {
                "currency": "EUR", "handleService": "LINKEDIN", "multipleValues": False, "unique": True,
                "parentFieldKey": "$pipeline",
                "options": [
                    {"id": "opt_1", "label": "Won", "description": "Signed", "parentId": "opt_9"},
                    {"id": "opt_2", "label": "Lost"},
                ],
            },
        },
        "icp-score": {"valueType": "NUMBER"},
    },
    "relationshipDefinitions": {
        "$account": {"id": "rd_1", "label": "Account", "description": "Who buys", "cardinality": "has_one",
                     "objectType": "account"},
        "$parent": {"cardinality": "HAS_MANY", "objectType": "opportunity",
                    "directions": {"asSource": {"cardinality": "HAS_ONE", "label": "Parent"},
                                   "asDestination": {"cardinality": "has_many", "label": "Children"}}},
    },
}  # fmt: skip


def test_everything_the_api_says_is_read():
    definitions = ObjectDefinitions.from_json(FULL)
    assert definitions.object_type == "opportunity"
    assert definitions.fields["$stage"] == FieldDefinition(
        "$stage", "SINGLE_SELECT", "Stage", "Where the deal is", "ad_1", read_only=True, unique=True,
        multiple_values=False, currency="EUR", handle_service="LINKEDIN", parent_field_key="$pipeline",
        options=(Option("opt_1", "Won", "Signed", "opt_9"), Option("opt_2", "Lost")),
    )  # fmt: skip
    assert definitions.fields["$stage"].labels == {"opt_1": "Won", "opt_2": "Lost"}
    assert definitions.relationships["$account"] == RelationshipDefinition(
        "$account", "HAS_ONE", "account", "Account", "Who buys", "rd_1"
    )
    assert definitions.relationships["$parent"].directions == {
        "asSource": "HAS_ONE",
        "asDestination": "HAS_MANY",
    }


def test_what_is_optional_may_be_missing():
    score = ObjectDefinitions.from_json(FULL).fields["icp-score"]
    assert score == FieldDefinition("icp-score", "NUMBER", label="icp-score")
    assert score.multiple_values is None
    assert score.labels == {}


def test_what_is_optional_may_be_null():
    nothing = dict.fromkeys(("id", "label", "description", "readOnly", "typeConfiguration"))
    body = {
        "objectType": "x",
        "fieldDefinitions": {
            "a": {**nothing, "valueType": "TEXT"},
            "b": {"valueType": "SINGLE_SELECT", "typeConfiguration": {"options": None, "unique": None}},
        },
        "relationshipDefinitions": {
            "$r": {**nothing, "directions": None, "cardinality": "HAS_ONE", "objectType": "y"}
        },
    }
    definitions = ObjectDefinitions.from_json(body)
    assert definitions.fields["a"].label == "a"
    assert definitions.fields["b"].options == ()
    assert definitions.relationships["$r"].label == "$r"


def test_what_nobody_can_write_is_read_only_whatever_the_definition_says():
    body = {"label": "Status", "valueType": "READONLY_MARKDOWN", "readOnly": False}
    answer = {"objectType": "x", "fieldDefinitions": {"a": body}, "relationshipDefinitions": {}}
    assert ObjectDefinitions.from_json(answer).fields["a"].read_only


def test_what_is_new_in_the_api_is_passed_over():
    body = copy.deepcopy(FULL)
    body["new"] = 1
    body["fieldDefinitions"]["$stage"]["new"] = {}
    body["fieldDefinitions"]["$stage"]["typeConfiguration"]["new"] = []
    assert ObjectDefinitions.from_json(body) == ObjectDefinitions.from_json(FULL)


def _without(path: tuple) -> object:
    body = copy.deepcopy(FULL)
    *parents, last = path
    part = body
    for name in parents:
        part = part[name]
    del part[last]
    return body


def _with(path: tuple, value: object) -> object:
    body = copy.deepcopy(FULL)
    *parents, last = path
    part = body
    for name in parents:
        part = part[name]
    part[last] = value
    return body


STAGE, CONFIG = ("fieldDefinitions", "$stage"), ("fieldDefinitions", "$stage", "typeConfiguration")
OPTION, ACCOUNT = (*CONFIG, "options", 0), ("relationshipDefinitions", "$account")


@pytest.mark.parametrize(
    "path",
    [("objectType",), ("fieldDefinitions",), ("relationshipDefinitions",), (*STAGE, "valueType"),
    (*OPTION, "id"),
     (*OPTION, "label"), (*ACCOUNT, "cardinality"), (*ACCOUNT, "objectType"),
     ("relationshipDefinitions", "$parent", "directions", "asSource", "cardinality")],
)  # fmt: skip
def test_an_answer_that_lacks_what_every_definition_has_is_unexpected(path):
    with pytest.raises(UnexpectedAnswer):
        ObjectDefinitions.from_json(_without(path))


TEXT_PLACES = [
    ("objectType",), (*STAGE, "valueType"), (*OPTION, "id"), (*OPTION, "label"), (*ACCOUNT, "cardinality"),
    (*ACCOUNT, "objectType"),
]  # fmt: skip
OBJECT_PLACES = [
    ("fieldDefinitions",), STAGE, OPTION, ("relationshipDefinitions",), ACCOUNT,
    ("relationshipDefinitions", "$parent", "directions"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("path", "value"),
    [(path, value) for path in TEXT_PLACES for value in (1, True, None, [1], ["ab"], {"x": 1})]
    + [(path, value) for path in OBJECT_PLACES for value in (1, True, [1], ["ab"], {"x": 1}, "text")]
    + [(CONFIG, value) for value in (1, [1], "text")]
    + [((*CONFIG, "options"), value) for value in (1, [1], ["ab"], [None], {"x": 1}, "text")],
)
def test_an_answer_of_another_shape_is_unexpected(path, value):
    with pytest.raises(UnexpectedAnswer):
        ObjectDefinitions.from_json(_with(path, value))


@pytest.mark.parametrize("body", [{}, {"data": []}, {"objectType": None}, {"error": {}}])
def test_another_endpoints_answer_is_unexpected(body):
    with pytest.raises(UnexpectedAnswer):
        ObjectDefinitions.from_json(body)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
PATHS = st.sampled_from([
    ("objectType",), ("fieldDefinitions",), ("relationshipDefinitions",), STAGE, CONFIG, OPTION, ACCOUNT,
    *((*STAGE, name) for name in ("id", "label", "description", "valueType", "readOnly")),
    *((*CONFIG, name) for name in FULL["fieldDefinitions"]["$stage"]["typeConfiguration"]),
    *((*OPTION, name) for name in ("id", "label", "description", "parentId")),
    *((*ACCOUNT, name) for name in ("id", "label", "description", "cardinality", "objectType", "directions")),
])  # fmt: skip


@given(path=PATHS, value=JSON)
def test_whatever_the_answer_it_is_read_or_unexpected_and_what_was_read_has_columns(path, value):
    try:
        definitions = ObjectDefinitions.from_json(_with(path, value))
    except UnexpectedAnswer:
        return
    assert all(isinstance(column.name, str) for column in columns_of(definitions))
