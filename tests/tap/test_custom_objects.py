"""Custom object types, and what the workspace says of its fields."""

from __future__ import annotations

import logging
import re
from typing import Any

import pytest
import requests

from lightfield_api.custom_objects import ObjectType, named_object_types
from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import DiscoveryFailed, MissingScope
from tests.tap.scripted import Script, field, record
from tests.tap.tap_runs import Output, discover, entry, only, run

STANDARD = ("accounts", "contacts", "opportunities", "tasks", "notes", "meetings")


def _config(sandbox: Sandbox, **settings: Any) -> dict[str, Any]:
    return {"api_key": sandbox.key, "api_url": sandbox.url, **settings}


def _get(sandbox: Sandbox, path: str) -> Any:
    headers = {"Authorization": f"Bearer {sandbox.key}", "Lightfield-Version": "2026-03-01"}
    return requests.get(f"{sandbox.url}/v1/{path}", headers=headers, timeout=300).json()


def _all_definitions(sandbox: Sandbox) -> list[Any]:
    slugs = [kind["objectType"] for kind in _get(sandbox, "objects")["data"]]
    return [_get(sandbox, f"{path}/definitions") for path in (*STANDARD, *(f"objects/{s}" for s in slugs))]


def test_a_stream_is_named_after_its_slug_whatever_characters_that_has() -> None:
    slugs = ["subscription", "office-location", "Ünïcode type", "a/../b", "types", "Deal", "deal", "x" * 300]
    named = named_object_types([ObjectType(slug, slug) for slug in slugs])
    assert {kind.slug for kind in named.values()} == set(slugs)
    assert {"object_subscription", "object_office_location"} <= named.keys()
    assert all(re.fullmatch(r"object_[A-Za-z0-9_]{1,56}", name) for name in named)
    assert len({name.casefold() for name in named} | {"object_types"}) == len(slugs) + 1
    backwards = named_object_types([ObjectType(slug, slug) for slug in reversed(slugs)])
    assert named == backwards


def test_an_odd_slug_is_asked_for_as_it_is(script: Script) -> None:
    script.objects = [{"objectType": "wild card", "label": "Wild"}]
    script.fields["wild%20card"] = {"$name": field("TEXT")}
    script.records["wild%20card"] = [record(1, fields={"$name": {"value": "Joker"}})]
    output = run(script.config())
    (stream,) = (s for s in output.streams if s.startswith("object_wild_card_"))
    assert output.rows(stream)[0]["name"] == "Joker"
    assert output.rows("object_types") == [{"object_type": "wild card", "label": "Wild", "stream": stream}]


def test_the_object_types_are_those_of_the_workspace(sandbox: Sandbox) -> None:
    rows = run(_config(sandbox)).rows("object_types")
    assert {(row["object_type"], row["label"]) for row in rows} == {
        (kind["objectType"], kind["label"]) for kind in _get(sandbox, "objects")["data"]
    }
    assert {row["stream"] for row in rows} == {"object_subscription", "object_office_location"}


def test_a_plan_without_custom_objects_has_no_streams_of_them(
    start_sandbox: Any, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    sandbox = start_sandbox(plan_has_custom_objects=False)
    catalog = discover(_config(sandbox))
    names = {stream["tap_stream_id"] for stream in catalog["streams"]}
    assert not {name for name in names if name.startswith("object_")} - {"object_types"}
    notes = [r for r in caplog.records if "no custom objects" in r.getMessage()]
    assert [r.levelno for r in notes] == [logging.INFO]
    assert run(_config(sandbox)).rows("object_types") == []


@pytest.mark.parametrize("more", [{"totalCount": 2}, {"hasMore": True}])
def test_types_that_are_counted_and_not_shown_are_an_error(script: Script, more: dict[str, Any]) -> None:
    script.answers["/v1/objects"] = (200, {"data": [{"objectType": "plan", "label": "Plan"}], **more})
    with pytest.raises(DiscoveryFailed, match="says that there are more"):
        run(script.config())


def test_a_404_means_the_same(script: Script) -> None:
    script.answers["/v1/objects"] = (404, {"error": {"type": "not_found"}})
    assert run(script.config()).rows("object_types") == []


def test_a_selected_custom_object_needs_its_scope(start_sandbox: Any) -> None:
    sandbox = start_sandbox(keys={"narrow": ["accounts:read"]})
    catalog = only(discover(_config(sandbox)), "object_subscription")
    with pytest.raises(MissingScope, match=r"'object_subscription'.*custom_objects:read"):
        run({"api_key": sandbox.keys["narrow"], "api_url": sandbox.url}, catalog=catalog)


def test_an_object_type_made_after_discovery_breaks_nothing(script: Script) -> None:
    script.objects = [{"objectType": "plan", "label": "Plan"}]
    script.records["plan"] = [record(1)]
    catalog = discover(script.config())
    script.objects.insert(0, {"objectType": "invoice", "label": "Invoice"})
    script.records["invoice"] = [record(2)]
    script.requests.clear()
    output = run(script.config(), catalog=catalog)
    assert output.ids("object_plan") == {"rec_1"}
    assert "object_invoice" not in output.streams
    assert "/v1/objects/invoice" not in script.requests


def test_an_object_type_removed_after_discovery_breaks_nothing(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    script.objects = [{"objectType": "plan", "label": "Plan"}]
    script.records["accounts"] = [record(1)]
    catalog = discover(script.config())
    script.objects = []
    assert run(script.config(), catalog=catalog).ids("accounts") == {"rec_1"}
    assert any("'object_plan'" in r.getMessage() for r in caplog.records)


def test_object_types_are_not_asked_for_where_nobody_needs_them(script: Script) -> None:
    catalog = only(discover(script.config()), "accounts")
    script.requests.clear()
    run(script.config(), catalog=catalog)
    assert "/v1/objects" not in script.requests


def test_custom_objects_are_read_incrementally(script: Script) -> None:
    script.objects = [{"objectType": "plan", "label": "Plan"}]
    script.records["plan"] = [record(1, "2025-06-01T00:00:00Z"), record(2, "2025-01-01T00:00:00Z")]
    first = run(script.config())
    assert run(script.config(), state=first.state).ids("object_plan") == {"rec_1"}
    assert entry(discover(script.config()), "object_plan")["replication_key"] == "updated_at"


def _rows(output: Output, stream: str) -> dict[tuple[Any, ...], Any]:
    keys = {"field_options": ("object_type", "field_key", "id")}.get(stream, ("object_type", "key"))
    return {tuple(row[key] for key in keys): row for row in output.rows(stream)}


def test_every_field_definition_is_a_row(sandbox: Sandbox) -> None:
    output = run(_config(sandbox))
    expected = {
        (told["objectType"], key): (told["objectType"], key, field)
        for told in _all_definitions(sandbox)
        for key, field in told["fieldDefinitions"].items()
    }
    rows = _rows(output, "field_definitions")
    assert rows.keys() == expected.keys()
    assert len(rows) == len(output.rows("field_definitions"))
    for key, (object_type, name, told) in expected.items():
        row, configuration = rows[key], told["typeConfiguration"]
        assert (row["object_type"], row["key"], row["id"]) == (object_type, name, told["id"])
        assert (row["label"], row["value_type"]) == (told["label"], told["valueType"])
        assert row["description"] == told["description"]
        assert row["read_only"] == bool(told.get("readOnly"))
        assert row["unique"] == bool(configuration.get("unique"))
        assert row["multiple_values"] == configuration.get("multipleValues")
        assert row["currency"] == configuration.get("currency")
        assert row["handle_service"] == configuration.get("handleService")
        assert row["parent_field_key"] == configuration.get("parentFieldKey")
        assert row["column"] in output.schema(row["stream"])["properties"]


def test_every_relationship_definition_is_a_row(sandbox: Sandbox) -> None:
    output = run(_config(sandbox))
    rows = _rows(output, "relationship_definitions")
    expected = {
        (told["objectType"], key): relationship
        for told in _all_definitions(sandbox)
        for key, relationship in told["relationshipDefinitions"].items()
    }
    assert rows.keys() == expected.keys()
    for key, told in expected.items():
        directions = told.get("directions") or {}
        row = rows[key]
        assert (row["id"], row["label"]) == (told["id"], told["label"])
        assert (row["cardinality"], row["related_object_type"]) == (told["cardinality"], told["objectType"])
        assert row["as_source_cardinality"] == directions.get("asSource", {}).get("cardinality")
        assert row["as_destination_cardinality"] == directions.get("asDestination", {}).get("cardinality")
        assert row["column"] in output.schema(row["stream"])["properties"]


def test_every_option_is_a_row_in_its_order(sandbox: Sandbox) -> None:
    rows = _rows(run(_config(sandbox)), "field_options")
    expected = {
        (told["objectType"], key, option["id"]): (position, option)
        for told in _all_definitions(sandbox)
        for key, field in told["fieldDefinitions"].items()
        for position, option in enumerate(field["typeConfiguration"].get("options") or ())
    }
    assert rows.keys() == expected.keys()
    for key, (position, option) in expected.items():
        assert rows[key]["position"] == position
        assert rows[key]["label"] == option["label"]
        assert rows[key]["parent_id"] == option.get("parentId")
    assert any(row["parent_id"] for row in rows.values())


def test_definitions_alone_are_those_of_all_object_types_and_cost_no_list(sandbox: Sandbox) -> None:
    full = run(_config(sandbox))
    catalog = only(discover(_config(sandbox)), "field_definitions")
    sandbox.reset()
    alone = run(_config(sandbox), catalog=catalog)
    assert alone.rows("field_definitions") == full.rows("field_definitions")
    assert sandbox.stats()["requests"]["search"] == {"200": 1}  # the object types
    assert sandbox.stats()["requests"]["read"] == {"200": 1 + 6 + 2}


def test_definitions_are_those_that_the_key_may_read(start_sandbox: Any) -> None:
    sandbox = start_sandbox(keys={"narrow": ["accounts:read"]})
    rows = run({"api_key": sandbox.keys["narrow"], "api_url": sandbox.url}).rows("field_definitions")
    assert {row["object_type"] for row in rows} == {"account"}
