"""What the rows of a stream are."""

from __future__ import annotations

import logging
from typing import Any

import pytest
import requests

from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import StreamStopped, UnreadableValue
from tests.tap.scripted import Script, field, record
from tests.tap.tap_runs import discover, entry, metadata, only, run
from tests.tap.translation import WITHOUT_ENDPOINT, expected_row
from tests.tap.validity import assert_valid

OBJECT_TYPES = {
    "accounts": "account",
    "contacts": "contact",
    "opportunities": "opportunity",
    "tasks": "task",
    "notes": "note",
    "meetings": "meeting",
    "members": "member",
    "emails": "email",
    "messages": "message",
    "channels": "channel",
    "lists": "list",
    "object_subscription": "subscription",
    "object_office_location": "office-location",
}
PRIVATE = ("meetings", "emails", "messages")
OTHERS = {
    "files", "list_members", "object_types", "field_definitions", "relationship_definitions", "field_options",
    "sequences", "sequence_steps", "sequence_enrollments", "sequence_messages", "sequence_performance",
    "senders",
}  # fmt: skip


def _config(sandbox: Sandbox, **settings: Any) -> dict[str, Any]:
    return {"api_key": sandbox.key, "api_url": sandbox.url, **settings}


def _get(sandbox: Sandbox, path: str) -> Any:
    headers = {"Authorization": f"Bearer {sandbox.key}", "Lightfield-Version": "2026-03-01"}
    return requests.get(f"{sandbox.url}/v1/{path}", headers=headers, timeout=300).json()


def _path(stream: str) -> str:
    return f"objects/{OBJECT_TYPES[stream]}" if stream.startswith("object_") else stream


def test_the_rows_are_the_workspace_record_for_record(sandbox: Sandbox) -> None:
    output = run(_config(sandbox))

    assert output.streams == OBJECT_TYPES.keys() | OTHERS
    for stream, object_type in OBJECT_TYPES.items():
        path = _path(stream)
        definitions = WITHOUT_ENDPOINT.get(stream) or _get(sandbox, f"{path}/definitions")
        records = sandbox.records(object_type)
        expected = [expected_row(r, definitions, private=stream in PRIVATE) for r in records]
        assert output.rows(stream) == expected
        assert len(expected) == _get(sandbox, path)["totalCount"] > 0


def test_every_row_is_valid_against_its_schema(sandbox: Sandbox) -> None:
    output = run(_config(sandbox))
    for stream in OBJECT_TYPES.keys() | OTHERS:
        assert output.rows(stream)
        for row in output.rows(stream):
            assert_valid(row, output.schema(stream))
            assert row.keys() == output.schema(stream)["properties"].keys()


def test_every_column_has_a_title_and_a_description(sandbox: Sandbox) -> None:
    for stream in discover(_config(sandbox))["streams"]:
        for name, column in stream["schema"]["properties"].items():
            assert column.get("title"), name
            assert column.get("description"), name


def test_title_and_description_are_the_definitions_own(script: Script) -> None:
    script.fields["accounts"] = {
        "$stage": {**field("SINGLE_SELECT", "Phase", options=[]), "description": "Where it stands"},
        "nameless": {**field("TEXT"), "label": None},
    }
    script.relationships["accounts"] = {
        "parent": {
            "label": "Parent company", "description": "Who owns it", "cardinality": "HAS_MANY",
            "objectType": "account", "directions": {"asSource": {"cardinality": "HAS_ONE"}},
        }
    }  # fmt: skip
    columns = entry(discover(script.config()), "accounts")["schema"]["properties"]

    told = {name: (c["title"], c["description"]) for name, c in columns.items()}
    assert told["stage"] == ("Phase", "Where it stands")
    assert told["stage_label"] == ("Phase (label)", "Where it stands")
    assert told["custom_parent_ids"] == ("Parent company", "Who owns it")
    assert told["custom_parent_as_source_id"] == ("Parent company (as source)", "Who owns it")
    assert told["custom_nameless"] == ("nameless", "The Lightfield field nameless (TEXT).")


def test_only_the_key_is_not_nullable(sandbox: Sandbox) -> None:
    for stream in discover(_config(sandbox))["streams"]:
        solid = {n for n, c in stream["schema"]["properties"].items() if "null" not in c["type"]}
        assert solid == set(stream["key_properties"]) == set(stream["schema"]["required"])


def test_access_level_is_a_column_of_what_privacy_may_hide(sandbox: Sandbox) -> None:
    for stream in discover(_config(sandbox))["streams"]:
        assert ("access_level" in stream["schema"]["properties"]) == (stream["tap_stream_id"] in PRIVATE)


def test_a_meeting_without_its_content_has_nulls(script: Script) -> None:
    script.fields["meetings"] = {"$title": field("TEXT")}
    hidden = record(1, accessLevel="METADATA", objectType="meeting")
    del hidden["fields"], hidden["relationships"]
    script.records["meetings"] = [hidden]

    (row,) = run(script.config()).rows("meetings")
    assert (row["title"], row["access_level"]) == (None, "METADATA")


@pytest.mark.parametrize("part", ["fields", "relationships"])
def test_a_record_without_its_content_is_an_error_elsewhere(script: Script, part: str) -> None:
    broken = record(7)
    del broken[part]
    script.records["accounts"] = [broken]
    with pytest.raises(StreamStopped, match=f"'accounts'.*rec_7.*{part}"):
        run(script.config())


def test_envelope_keys_that_are_missing_are_null(script: Script) -> None:
    bare = {"id": "a", "createdAt": "2025-01-01T00:00:00Z", "fields": {}, "relationships": {}}
    script.records["accounts"] = [bare]
    (row,) = run(script.config()).rows("accounts")
    assert row == {
        "id": "a", "created_at": "2025-01-01T00:00:00Z",
        "external_id": None, "updated_at": None, "http_link": None,
    }  # fmt: skip


def test_several_values_of_a_has_one_give_the_first_and_one_warning(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    script.relationships["accounts"] = {
        "$owner": {"label": "Owner", "cardinality": "has_one", "objectType": "member"}
    }
    link = {"cardinality": "has_one", "objectType": "member", "values": ["mem_1", "mem_2"]}
    script.records["accounts"] = [record(n, relationships={"$owner": link}) for n in range(3)]

    rows = run(script.config()).rows("accounts")
    assert [row["owner_id"] for row in rows] == ["mem_1"] * 3
    assert sum("owner_id" in r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING) == 1


def test_cardinality_in_lower_case_makes_the_same_columns(script: Script) -> None:
    script.relationships["accounts"] = {
        "$owner": {"label": "Owner", "cardinality": "has_one", "objectType": "member"},
        "$contact": {"label": "Contacts", "cardinality": "has_many", "objectType": "contact"},
    }
    script.records["accounts"] = [record(1, relationships={"$contact": {"values": ["con_1", "con_2"]}})]
    (row,) = run(script.config()).rows("accounts")
    assert (row["owner_id"], row["contact_ids"]) == (None, ["con_1", "con_2"])


def test_a_relationship_that_holds_no_ids_is_an_error(script: Script) -> None:
    script.relationships["accounts"] = {
        "$owner": {"label": "Owner", "cardinality": "HAS_ONE", "objectType": "member"}
    }
    script.records["accounts"] = [record(3, relationships={"$owner": {"values": [{"id": "x"}]}})]
    with pytest.raises(StreamStopped, match=r"'accounts'.*rec_3.*\$owner"):
        run(script.config())


def test_a_value_its_column_cannot_hold_stops_the_stream_naming_where_it_is(script: Script) -> None:
    script.fields["accounts"] = {"$arr": field("CURRENCY")}
    script.records["accounts"] = [record(5, fields={"$arr": {"value": "a secret", "valueType": "TEXT"}})]
    with pytest.raises(UnreadableValue) as caught:
        run(script.config())

    message = caught.value.message
    for part in ("'accounts'", "rec_5", "$arr", "CURRENCY", "a string of 8 characters", "column 'arr'"):
        assert part in message
    assert "a secret" not in message
    assert not any("replication_key_value" in str(m) for m in caught.value.written)  # type: ignore[attr-defined]


def test_a_deselected_column_is_neither_written_nor_read(script: Script) -> None:
    script.fields["accounts"] = {"$arr": field("CURRENCY"), "$name": field("TEXT")}
    values = {"$arr": {"value": "no number"}, "$name": {"value": "Acme"}}
    script.records["accounts"] = [record(1, fields=values)]
    catalog = discover(script.config())
    metadata(catalog, "accounts", "properties", "arr")["selected"] = False

    output = run(script.config(), catalog=catalog)
    (row,) = output.rows("accounts")
    assert row["name"] == "Acme"
    assert "arr" not in row
    assert "arr" not in output.schema("accounts")["properties"]


def test_an_unknown_value_type_passes_as_text_with_one_warning_at_discovery(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    script.fields["accounts"] = {"mood": field("HOLOGRAM")}
    script.records["accounts"] = [
        record(1, fields={"mood": {"value": {"b": 1, "a": [2]}}}),
        record(2, fields={"mood": {"value": "fine"}}),
    ]
    output = run(script.config())
    assert [row["custom_mood"] for row in output.rows("accounts")] == ['{"a": [2], "b": 1}', "fine"]
    assert sum("HOLOGRAM" in r.getMessage() for r in caplog.records) == 1


def test_fields_that_came_after_discovery_break_nothing(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    script.fields["accounts"] = {"$name": field("TEXT")}
    catalog = discover(script.config())
    script.fields["accounts"]["$arr"] = field("CURRENCY")
    values = {"$name": {"value": "Acme"}, "$arr": {"value": 5}}
    script.records["accounts"] = [record(n, fields=values) for n in range(3)]

    output = run(script.config(), catalog=catalog)
    assert all("arr" not in row and row["name"] == "Acme" for row in output.rows("accounts"))
    assert len(output.rows("accounts")) == 3
    warnings = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert sum("arr" in w for w in warnings) == 1


def test_fields_without_a_definition_are_ignored_with_one_warning(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    unknown = {"fields": {"later": {"value": 1}}, "relationships": {"friend": {"values": ["x"]}}}
    script.records["accounts"] = [record(n, **unknown) for n in range(3)]
    output = run(script.config())
    assert len(output.rows("accounts")) == 3
    warnings = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert sum("later" in w and "friend" in w for w in warnings) == 1


def test_a_column_whose_field_is_gone_is_absent_from_the_rows(script: Script) -> None:
    script.fields["accounts"] = {"$name": field("TEXT"), "$arr": field("CURRENCY")}
    catalog = discover(script.config())
    del script.fields["accounts"]["$arr"]
    script.records["accounts"] = [record(1, fields={"$name": {"value": "Acme"}})]
    output = run(script.config(), catalog=catalog)
    (row,) = output.rows("accounts")
    assert row["name"] == "Acme"
    assert "arr" not in row
    assert_valid(row, output.schema("accounts"))


def test_a_stream_is_read_alone(sandbox: Sandbox) -> None:
    output = run(_config(sandbox), catalog=only(discover(_config(sandbox)), "tasks"))
    assert output.streams == {"tasks"}


def test_what_the_log_says_of_a_column_names_its_stream(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    script.relationships["accounts"] = {
        "$owner": {"label": "Owner", "cardinality": "HAS_ONE", "objectType": "member"}
    }
    script.records["accounts"] = [
        record(
            1,
            fields={"$late": {"value": "x", "valueType": "TEXT"}},
            relationships={"$owner": {"cardinality": "HAS_ONE", "values": ["mem_1", "mem_2"]}},
        )
    ]
    catalog = only(discover(script.config()), "accounts")
    script.fields["accounts"] = {"$odd": field("HOLOGRAM")}
    run(script.config(), catalog=catalog)
    said = [r.getMessage() for r in caplog.records]
    for about in ("HOLOGRAM", "not in the catalog", "$late", "promises one"):
        [line] = [line for line in said if about in line]
        assert line.startswith("Stream 'accounts'"), line
