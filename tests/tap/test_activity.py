"""Emails, chat, lists with their members, and workflow runs."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest
import requests

from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import MissingScope, StreamStopped
from tests.tap.scripted import Script, record
from tests.tap.tap_runs import discover, entry, metadata, only, run
from tests.tap.translation import WITHOUT_ENDPOINT, expected_row


def _config(sandbox: Sandbox, **settings: Any) -> dict[str, Any]:
    return {"api_key": sandbox.key, "api_url": sandbox.url, **settings}


def _get(sandbox: Sandbox, path: str) -> Any:
    headers = {"Authorization": f"Bearer {sandbox.key}", "Lightfield-Version": "2026-03-01"}
    return requests.get(f"{sandbox.url}/v1/{path}", headers=headers, timeout=300).json()


def test_a_redacted_text_is_told_from_an_empty_one(sandbox: Sandbox) -> None:
    output = run(_config(sandbox))
    for stream, column in (("emails", "subject"), ("messages", "text"), ("meetings", "description")):
        redacted = [row for row in output.rows(stream) if row["access_level"] == "METADATA"]
        assert redacted
        assert all(row[column] is None for row in redacted)
        assert {row["access_level"] for row in output.rows(stream)} == {"FULL", "METADATA"}


def test_without_email_bodies_there_is_no_such_column_and_no_email_is_retrieved(script: Script) -> None:
    script.records["emails"] = [record(1, accessLevel="FULL", objectType="email")]
    output = run(script.config())
    assert "body" not in output.schema("emails")["properties"]
    assert "/v1/emails/rec_1" not in script.requests


def test_email_bodies_are_those_of_the_retrieved_emails(sandbox: Sandbox) -> None:
    output = run(_config(sandbox, email_bodies=True))
    rows = output.rows("emails")
    assert [row["id"] for row in rows] == [r["id"] for r in sandbox.records("email")]
    definitions = WITHOUT_ENDPOINT["emails"]
    for row in rows:
        email = _get(sandbox, f"emails/{row['id']}")
        body = email["fields"].get("$body", {}).get("value")
        assert row == {**expected_row(email, definitions, private=True), "body": body}
        assert (body is None) == (row["access_level"] == "METADATA")


def test_a_deselected_body_costs_no_calls(script: Script) -> None:
    script.records["emails"] = [record(1, accessLevel="FULL", objectType="email")]
    config = script.config(email_bodies=True)
    catalog = only(discover(config), "emails")
    metadata(catalog, "emails", "properties", "body")["selected"] = False
    script.requests.clear()
    assert "body" not in run(config, catalog=catalog).rows("emails")[0]
    assert script.requests == ["/v1/auth/validate", "/v1/emails"]


def test_an_email_that_goes_before_its_body_is_read_keeps_its_row(script: Script) -> None:
    listed = [record(n, accessLevel="FULL", objectType="email") for n in range(3)]
    script.records["emails"] = listed
    script.answers["/v1/emails/rec_1"] = (404, {"error": {"type": "not_found"}})
    rows = run(script.config(email_bodies=True)).rows("emails")
    assert [row["id"] for row in rows] == ["rec_0", "rec_1", "rec_2"]


def test_bodies_are_retrieved_at_once_and_while_the_list_is_read(script: Script) -> None:
    script.records["emails"] = [record(n, accessLevel="FULL", objectType="email") for n in range(60)]
    under_way, most, changed = 0, 0, threading.Condition()

    def watch(path: str) -> None:
        nonlocal under_way, most
        if path.startswith("/v1/emails/"):
            with changed:
                under_way += 1
                most = max(most, under_way)
                changed.notify_all()
                changed.wait_for(lambda: most >= 4, timeout=300)
                under_way -= 1

    script.on_request = watch
    catalog = only(discover(script.config(email_bodies=True)), "emails")
    output = run(script.config(email_bodies=True, max_concurrency=4), catalog=catalog)
    assert most == 4
    assert [row["id"] for row in output.rows("emails")] == [f"rec_{n}" for n in range(60)]


@pytest.mark.parametrize("stream", ["emails", "messages", "channels", "lists"])
def test_fields_that_only_the_records_have_are_passed_over_with_one_warning(
    script: Script, stream: str, caplog: pytest.LogCaptureFixture
) -> None:
    unknown = {"$mood": {"value": {"odd": 1}, "valueType": "HOLOGRAM"}}
    script.records[stream] = [record(n, fields=unknown, accessLevel="FULL") for n in range(3)]
    assert len(run(script.config()).rows(stream)) == 3
    warnings = [r.getMessage() for r in caplog.records if r.levelno >= logging.WARNING]
    assert sum("$mood" in warning for warning in warnings) == 1


def _members(sandbox: Sandbox) -> set[tuple[str, str, str]]:
    found = set()
    for list_ in sandbox.records("list"):
        bare = list_["fields"]["$objectType"]["value"].removeprefix("$")
        plural = {"account": "accounts", "contact": "contacts", "opportunity": "opportunities"}[bare]
        offset = 0
        while page := _get(sandbox, f"lists/{list_['id']}/{plural}?offset={offset}")["data"]:
            found |= {(list_["id"], bare, member["id"]) for member in page}
            offset += 25
    return found


def test_the_members_of_every_list_come_old_bare_types_included(sandbox: Sandbox) -> None:
    rows = run(_config(sandbox)).rows("list_members")
    keys = [(row["list_id"], row["object_type"], row["record_id"]) for row in rows]
    assert set(keys) == _members(sandbox)
    assert len(keys) == len(set(keys)) > 25
    types = {r["fields"]["$objectType"]["value"] for r in sandbox.records("list")}
    assert {"account", "$account"} <= types


def test_members_come_without_the_lists_themselves(sandbox: Sandbox) -> None:
    output = run(_config(sandbox), catalog=only(discover(_config(sandbox)), "list_members"))
    assert output.streams == {"list_members"}
    assert len(output.rows("list_members")) == len(_members(sandbox))


def test_members_come_where_the_lists_types_are_deselected(sandbox: Sandbox) -> None:
    catalog = only(discover(_config(sandbox)), "lists", "list_members")
    metadata(catalog, "lists", "properties", "object_type")["selected"] = False
    output = run(_config(sandbox), catalog=catalog)
    assert len(output.rows("list_members")) == len(_members(sandbox))
    assert all("object_type" not in row for row in output.rows("lists"))


def test_lists_alone_cost_no_calls_for_their_members(sandbox: Sandbox) -> None:
    catalog = only(discover(_config(sandbox)), "lists")
    sandbox.reset()
    run(_config(sandbox), catalog=catalog)
    assert sandbox.stats()["requests"]["search"] == {"200": 1}


def test_the_schema_of_the_members_is_written_once_and_their_state_is_one_entry(sandbox: Sandbox) -> None:
    output = run(_config(sandbox))
    schemas = [m for m in output.messages if m["type"] == "SCHEMA" and m["stream"] == "list_members"]
    assert len(schemas) == 1
    assert "partitions" not in output.state["bookmarks"].get("list_members", {})


def test_members_that_the_key_may_not_read_are_named_in_one_warning(
    start_sandbox: Any, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox = start_sandbox(keys={"narrow": ["lists:read", "accounts:read"]})
    config = {"api_key": sandbox.keys["narrow"], "api_url": sandbox.url}
    rows = run(config).rows("list_members")
    assert {row["object_type"] for row in rows} == {"account"}
    warnings = [r.getMessage() for r in caplog.records if "without their members" in r.getMessage()]
    assert len(warnings) == 2
    assert any("contacts:read" in w for w in warnings)


def test_members_need_the_scope_of_the_lists(start_sandbox: Any) -> None:
    sandbox = start_sandbox(keys={"narrow": ["accounts:read"]})
    catalog = only(discover(_config(sandbox)), "list_members")
    with pytest.raises(MissingScope, match=r"'list_members'.*lists:read"):
        run({"api_key": sandbox.keys["narrow"], "api_url": sandbox.url}, catalog=catalog)


def _list(number: int, object_type: Any) -> dict[str, Any]:
    fields = {"$name": {"value": "A list"}, "$objectType": {"value": object_type}}
    made = record(number, fields=fields)
    del made["relationships"], made["updatedAt"]
    return made


def test_a_list_of_something_new_is_read_without_its_members_with_one_warning(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    script.records["lists"] = [_list(1, "$planet"), _list(2, "planet"), _list(3, None)]
    output = run(script.config())
    assert len(output.rows("lists")) == 3
    assert output.rows("list_members") == []
    assert sum("'planet'" in r.getMessage() for r in caplog.records) == 1


def test_a_list_that_goes_before_its_members_are_read_stops_nothing(script: Script) -> None:
    script.records["lists"] = [_list(1, "$account"), _list(2, "account")]
    script.answers["/v1/lists/rec_1/accounts"] = (404, {"error": {"type": "not_found"}})
    script.answers["/v1/lists/rec_2/accounts"] = (200, {"data": [record(7)], "totalCount": 1})
    rows = run(script.config()).rows("list_members")
    assert [(row["list_id"], row["record_id"]) for row in rows] == [("rec_2", "rec_7")]


def test_members_that_cannot_be_read_stop_the_stream_that_is_theirs(script: Script) -> None:
    script.records["lists"] = [_list(1, "$account")]
    script.answers["/v1/lists/rec_1/accounts"] = (400, {"error": {"type": "bad_request", "message": "no"}})
    with pytest.raises(StreamStopped, match=r"'list_members' stopped: no .*It has no bookmark: run again"):
        run(script.config())


def test_workflow_runs_are_those_of_the_settings(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    known = sandbox.workflow_runs()
    output = run(_config(sandbox, workflow_run_ids=[*known, "nobody's", next(iter(known))]))
    assert {row["id"]: row["status"] for row in output.rows("workflow_runs")} == known
    assert len(output.rows("workflow_runs")) == len(known)
    assert any("nobody's" in r.getMessage() for r in caplog.records if r.levelno == logging.WARNING)


def test_streams_that_a_setting_fills_are_there_only_with_it(sandbox: Sandbox) -> None:
    plain = {s["tap_stream_id"] for s in discover(_config(sandbox))["streams"]}
    settings = {"workflow_run_ids": ["a"], "field_history": {"accounts": ["tier"]}}
    catalog = discover(_config(sandbox, **settings))
    assert {s["tap_stream_id"] for s in catalog["streams"]} - plain == {"workflow_runs", "field_history"}
    assert entry(catalog, "workflow_runs")["key_properties"] == ["id"]
    # A catalog that has them is no trouble where the settings are gone.
    assert not {"workflow_runs", "field_history"} & run(_config(sandbox), catalog=catalog).streams
