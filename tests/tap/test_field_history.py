"""The history of the fields that the settings name."""

from __future__ import annotations

import logging
import threading
from typing import Any

import pytest
import requests
from lightfield import Lightfield

from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import ConfigError, MissingScope, StreamStopped
from tests.tap.scripted import Script, record
from tests.tap.tap_runs import Output, discover, only, run
from tests.tap.validity import assert_valid

PATHS = {"opportunities": "opportunities", "object_subscription": "objects/subscription/values"}


def _config(sandbox: Sandbox, **settings: Any) -> dict[str, Any]:
    return {"api_key": sandbox.key, "api_url": sandbox.url, **settings}


def _history(sandbox: Sandbox, path: str, record_id: str, key: str) -> list[Any]:
    headers = {"Authorization": f"Bearer {sandbox.key}", "Lightfield-Version": "2026-03-01"}
    url = f"{sandbox.url}/v1/{path}/{record_id}/fields/{key}/history"
    found: list[Any] = []
    cursor = ""
    while True:
        page = requests.get(url, params={"limit": 2, **({"after": cursor} if cursor else {})},
                            headers=headers, timeout=300).json()  # fmt: skip
        found += page["data"]
        if not page["hasMore"]:
            return found
        cursor = page["nextCursor"]


def _history_of(script: Script, *entries: dict[str, Any], of: int = 1, key: str = "$stage") -> None:
    page = {"data": list(entries), "hasMore": False, "nextCursor": None}
    script.answers[f"/v1/opportunities/rec_{of}/fields/{key}/history"] = (200, page)


def _entry(recorded: str, value: Any = "opt_1") -> dict[str, Any]:
    return {
        "value": value, "displayValue": str(value), "recordedAt": recorded, "isCreate": False,
        "valueType": "SINGLE_SELECT",
    }  # fmt: skip


def _run(script: Script, state: Any = None, keys: Any = ("$stage",), **settings: Any) -> Output:
    config = script.config(field_history={"opportunities": list(keys)}, **settings)
    return run(config, catalog=only(discover(config), "field_history"), state=state)


def test_every_value_of_the_named_fields_is_a_row(sandbox: Sandbox) -> None:
    fields = {"opportunities": ["$stage", "$amount"], "object_subscription": ["plan"]}
    output = run(_config(sandbox, field_history=fields))
    rows = {
        tuple(row[key] for key in ("object_type", "record_id", "field_key", "recorded_at")): row
        for row in output.rows("field_history")
    }
    expected = 0
    for stream, object_type in (("opportunities", "opportunity"), ("object_subscription", "subscription")):
        for key in fields[stream]:
            for held in sandbox.records(object_type):
                for told in _history(sandbox, PATHS[stream], held["id"], key):
                    expected += 1
                    row = rows[object_type, held["id"], key, told["recordedAt"]]
                    assert row["display_value"] == told["displayValue"]
                    assert row["value_type"] == told["valueType"]
                    assert row["value"] == (None if told["value"] is None else str(told["value"]))
    assert len(rows) == len(output.rows("field_history")) == expected > 100
    for row in rows.values():
        assert_valid(row, output.schema("field_history"))


def test_a_value_that_is_no_text_comes_as_json(script: Script) -> None:
    script.records["opportunities"] = [record(1)]
    _history_of(
        script,
        *(_entry(f"2025-01-0{n + 1}T00:00:00Z", v) for n, v in enumerate([1.5, ["a"], {"b": 1}, None])),
    )
    values = [row["value"] for row in _run(script).rows("field_history")]
    assert values == ["1.5", '["a"]', '{"b": 1}', None]


def test_a_long_history_is_read_to_its_end(script: Script) -> None:
    script.records["opportunities"] = [record(1)]
    pages = iter([
        {"data": [_entry("2025-03-01T00:00:00Z")], "hasMore": True, "nextCursor": "2"},
        {"data": [_entry("2025-02-01T00:00:00Z")], "hasMore": False, "nextCursor": None},
    ])  # fmt: skip
    script.on_request = lambda path: (
        script.answers.update({path: (200, next(pages))}) if path.endswith("history") else None
    )
    assert len(_run(script).rows("field_history")) == 2


@pytest.mark.parametrize("cursors", [[None], [""], ["2", "2"], ["2", "3", "2"]])
def test_a_history_that_says_there_is_more_and_not_where_stops_the_stream(
    script: Script, cursors: list[str | None]
) -> None:
    script.records["opportunities"] = [record(1)]
    pages = iter({"data": [], "hasMore": True, "nextCursor": cursor} for cursor in cursors)
    script.on_request = lambda path: (
        script.answers.update({path: (200, next(pages))}) if path.endswith("history") else None
    )
    with pytest.raises(StreamStopped, match=r"'field_history'.*has more than it shows"):
        _run(script)


def test_a_history_that_does_not_say_whether_there_is_more_is_followed_by_its_cursor(script: Script) -> None:
    script.records["opportunities"] = [record(1)]
    pages = iter([
        {"data": [_entry("2025-03-01T00:00:00Z")], "nextCursor": "2"},
        {"data": [_entry("2025-02-01T00:00:00Z")]},
    ])  # fmt: skip
    script.on_request = lambda path: (
        script.answers.update({path: (200, next(pages))}) if path.endswith("history") else None
    )
    assert len(_run(script).rows("field_history")) == 2


def test_a_field_without_a_history_is_named_once_and_the_others_go_on(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    fields = {"opportunities": ["$name", "$stage"], "accounts": ["$nonsense"]}
    output = run(_config(sandbox, field_history=fields))
    assert {row["field_key"] for row in output.rows("field_history")} == {"$stage"}
    warnings = [r.getMessage() for r in caplog.records if "no history" in r.getMessage()]
    assert sum("$name" in w for w in warnings) == 1
    assert sum("$nonsense" in w for w in warnings) == 1
    refused = sandbox.stats()["requests"]["read"].get("400", 0)
    assert refused <= 2 * 32  # no more than were under way when the first answer came


def test_a_record_that_goes_before_its_history_is_read_stops_nothing(script: Script) -> None:
    script.records["opportunities"] = [record(1), record(2)]
    _history_of(script, _entry("2025-01-01T00:00:00Z"), of=2)
    assert [row["record_id"] for row in _run(script).rows("field_history")] == ["rec_2"]


def test_a_field_that_no_record_has_is_given_up(script: Script, caplog: pytest.LogCaptureFixture) -> None:
    script.records["opportunities"] = [record(n) for n in range(100)]
    assert _run(script, max_concurrency=2).rows("field_history") == []
    assert sum("no history" in r.getMessage() for r in caplog.records) == 1
    assert sum(path.endswith("/history") for path in script.requests) < 20


@pytest.mark.parametrize("status", [400, 409, 422])
def test_a_record_whose_history_is_refused_stops_no_other_and_is_asked_for_again(
    script: Script, caplog: pytest.LogCaptureFixture, status: int
) -> None:
    at = "2024-06-01T00:00:00Z"
    script.records["opportunities"] = [record(n, at, createdAt=at) for n in range(1, 10)]
    for number in range(1, 10):
        _history_of(script, _entry("2025-01-01T00:00:00Z"), of=number)
        _history_of(script, _entry("2025-01-01T00:00:00Z"), of=number, key="tier")
    locked = "/v1/opportunities/rec_4/fields/$stage/history"
    page = script.answers[locked]
    script.answers[locked] = (status, {"error": {"type": "x", "message": "It is locked"}})
    keys = ("$stage", "tier")

    first = _run(script, keys=keys, max_concurrency=1)
    stages = [row["record_id"] for row in first.rows("field_history") if row["field_key"] == "$stage"]
    assert len(stages) == 8
    assert "rec_4" not in stages
    said = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert sum("of $stage of 1 record of opportunities; first that of rec_4" in line for line in said) == 1
    assert not any("no history" in line for line in said)

    script.answers[locked] = page
    script.requests.clear()
    second = _run(script, first.state, keys=keys)
    assert "rec_4" in {row["record_id"] for row in second.rows("field_history")}
    asked = [path for path in script.requests if path.endswith("/history")]
    assert len(asked) == 9
    assert not any("tier" in path for path in asked)
    script.requests.clear()
    assert _run(script, second.state, keys=keys).rows("field_history") == []


def test_a_single_record_that_is_refused_leaves_the_field_to_be_read(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    script.records["opportunities"] = [record(1, "2025-01-01T00:00:00Z")]
    path = "/v1/opportunities/rec_1/fields/$stage/history"
    script.answers[path] = (409, {"error": {"type": "x", "message": "It is locked"}})
    first = _run(script)
    assert sum("no history of $stage" in r.getMessage() for r in caplog.records) == 1
    _history_of(script, _entry("2024-06-01T00:00:00Z"))
    assert len(_run(script, first.state).rows("field_history")) == 1


def test_a_failing_history_stops_the_stream_and_moves_nothing(script: Script, impatient: None) -> None:
    script.records["opportunities"] = [record(1), record(2)]
    _history_of(script, _entry("2025-01-01T00:00:00Z"))
    script.answers["/v1/opportunities/rec_2/fields/$stage/history"] = (500, {"error": {"type": "x"}})
    with pytest.raises(StreamStopped, match="'field_history'") as caught:
        _run(script)
    assert "replication_key_value" not in str(caught.value.written)  # type: ignore[attr-defined]


def test_the_next_run_asks_for_changed_records_and_brings_new_values_only(script: Script) -> None:
    script.records["opportunities"] = [
        record(n, updated) for n, updated in enumerate(["2025-06-02T00:00:00Z", "2025-03-01T00:00:00Z"], 1)
    ]
    old = _entry("2025-01-01T00:00:00Z")
    _history_of(script, _entry("2025-06-01T00:00:00Z"), old)
    _history_of(script, _entry("2025-03-01T00:00:00Z"), old, of=2)
    first = _run(script)
    assert first.bookmark("field_history") == "2025-06-01T00:00:00.000000+00:00"

    _history_of(script, _entry("2025-06-02T00:00:00Z"), _entry("2025-06-01T00:00:00Z"), old)
    script.requests.clear()
    second = _run(script, first.state)
    assert {row["recorded_at"] for row in second.rows("field_history")} == {
        "2025-06-02T00:00:00Z", "2025-06-01T00:00:00Z"
    }  # fmt: skip
    assert [path for path in script.requests if path.endswith("/history")] == [
        "/v1/opportunities/rec_1/fields/$stage/history"
    ]
    script.requests.clear()
    _run(script, second.state, full_sweep=["field_history"])
    assert sum(path.endswith("/history") for path in script.requests) == 2


def test_a_field_named_later_has_its_whole_history_read(script: Script) -> None:
    script.records["opportunities"] = [record(1, "2025-01-01T00:00:00Z")]
    _history_of(script, _entry("2025-06-01T00:00:00Z"))
    _history_of(script, _entry("2024-01-01T00:00:00Z"), key="tier")
    first = _run(script)
    second = _run(script, first.state, keys=("$stage", "tier"))
    assert {row["field_key"] for row in second.rows("field_history")} == {"tier"}
    assert _run(script, second.state, keys=("$stage", "tier")).rows("field_history") == []


def test_the_state_is_one_bookmark_whatever_the_number_of_records(sandbox: Sandbox) -> None:
    output = run(_config(sandbox, field_history={"opportunities": ["$stage"]}))
    assert output.state["bookmarks"]["field_history"].keys() == {
        "replication_key", "replication_key_value", "fields_read"
    }  # fmt: skip


def test_a_change_of_the_sandbox_comes_with_the_next_run(sandbox: Sandbox) -> None:
    config = _config(sandbox, field_history={"opportunities": ["$nextStep"]}, lookback_window=0)
    catalog = only(discover(config), "field_history")
    first = run(config, catalog=catalog)
    changed = sandbox.records("opportunity")[7]["id"]
    api = Lightfield(api_key=sandbox.key, base_url=sandbox.url)
    api.opportunity.update(changed, fields={"$nextStep": "Call again"})
    second = run(config, catalog=catalog, state=first.state)
    assert (changed, "Call again") in {(r["record_id"], r["value"]) for r in second.rows("field_history")}
    assert len(second.rows("field_history")) < 5


def test_histories_are_read_at_once(script: Script) -> None:
    script.records["opportunities"] = [record(n) for n in range(40)]
    for n in range(40):
        _history_of(script, _entry("2025-01-01T00:00:00Z"), of=n)
    under_way, most, changed = 0, 0, threading.Condition()

    def watch(path: str) -> None:
        nonlocal under_way, most
        if path.endswith("/history"):
            with changed:
                under_way += 1
                most = max(most, under_way)
                changed.notify_all()
                changed.wait_for(lambda: most >= 4, timeout=300)
                under_way -= 1

    script.on_request = watch
    assert len(_run(script, max_concurrency=4).rows("field_history")) == 40
    assert most == 4


def test_an_object_without_histories_is_refused_by_name(script: Script) -> None:
    with pytest.raises(ConfigError, match=r"field_history names 'tasks'.*accounts, contacts, opportunities"):
        run(script.config(field_history={"tasks": ["$title"]}))


def test_a_custom_object_that_is_gone_is_named_and_stops_nothing(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    script.records["accounts"] = [record(1)]
    assert run(script.config(field_history={"object_gone": ["x"]})).ids("accounts") == {"rec_1"}
    assert any("object_gone" in r.getMessage() for r in caplog.records if r.levelno == logging.WARNING)


def test_the_history_needs_the_scope_of_its_object(start_sandbox: Any) -> None:
    sandbox = start_sandbox(keys={"narrow": ["accounts:read"]})
    history = {"accounts": ["tier"], "opportunities": ["$stage"]}
    catalog = only(discover(_config(sandbox, field_history=history)), "field_history")
    config = {"api_key": sandbox.keys["narrow"], "api_url": sandbox.url, "field_history": history}
    with pytest.raises(MissingScope, match=r"'field_history'.*opportunities:read"):
        run(config, catalog=catalog)
