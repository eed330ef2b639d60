"""Sequences, what each of them has, and senders."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.errors import StreamStopped, UnreadableValue
from tests.tap.scripted import Script
from tests.tap.tap_runs import Output, discover, entry, metadata, only, run
from tests.tap.validity import assert_valid

STREAMS = {
    "sequences": ["id"],
    "sequence_steps": ["sequence_id", "id"],
    "sequence_enrollments": ["id"],
    "sequence_messages": ["id"],
    "sequence_performance": ["sequence_id", "sequence_step_id"],
    "senders": ["id"],
}
TIMES = (
    "createdAt", "statusChangedAt", "sentAt", "openedAt", "readAt", "repliedAt", "bouncedAt", "acceptedAt",
    "receivedAt",
)  # fmt: skip

Json = dict[str, Any]


class Tap:
    """Runs of a sandbox's sequences, one after the other, each with the state of the one before."""

    def __init__(self, sandbox: Sandbox, *streams: str, **settings: Any) -> None:
        self.sandbox = sandbox
        self.config = {"api_key": sandbox.key, "api_url": sandbox.url, **settings}
        self.catalog = only(discover(self.config), *(streams or STREAMS))
        self.state: Json | None = None

    def run(self, **settings: Any) -> Output:
        self.sandbox.reset()
        output = run({**self.config, **settings}, catalog=self.catalog, state=self.state)
        self.state = output.state
        return output

    @property
    def calls(self) -> Json:
        return {kind: sum(of.values()) for kind, of in self.sandbox.stats()["requests"].items()}


def _now(**before: float) -> str:
    moment = datetime.now(timezone.utc) - timedelta(**before)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _sequence_of(sandbox: Sandbox, message: Json) -> str:
    """The sequence whose step a message was sent by."""
    return next(
        sequence["id"]
        for sequence in sandbox.records("sequence")
        for step in (sequence["definition"] or {}).get("steps", ())
        if step["id"] == message["sequenceStepId"]
    )


def _change(sandbox: Sandbox, message: Json, **changes: Any) -> None:
    sandbox.set_outreach("sequence_message", {"id": message["id"], **changes}, _sequence_of(sandbox, message))


def _message(sandbox: Sandbox, **holding: Any) -> Json:
    """The oldest message that holds these values."""
    return next(
        m
        for m in reversed(sandbox.records("sequence_message"))
        if all(m.get(key) == value for key, value in holding.items())
    )


def test_everything_is_read_once_and_is_what_the_schema_says(sandbox: Sandbox) -> None:
    tap = Tap(sandbox)
    output = tap.run()
    for stream, keys in STREAMS.items():
        assert entry(tap.catalog, stream)["key_properties"] == keys
        rows = output.rows(stream)
        assert len({tuple(row[key] for key in keys) for row in rows}) == len(rows) > 0
        for row in rows:
            assert_valid(row, output.schema(stream))
            assert row.keys() == output.schema(stream)["properties"].keys()
        for column in output.schema(stream)["properties"].values():
            assert column["title"]
            assert column["description"]
    for stream, kind in (
        ("sequences", "sequence"), ("senders", "sender"), ("sequence_enrollments", "enrollment"),
        ("sequence_messages", "sequence_message"),
    ):  # fmt: skip
        assert output.ids(stream) == {document["id"] for document in sandbox.records(kind)}
    assert tap.calls["write"] == 0


def test_a_value_is_in_the_column_that_its_key_names(sandbox: Sandbox) -> None:
    output = Tap(sandbox).run()
    sequence = next(s for s in sandbox.records("sequence") if s["name"].startswith("Événement"))
    row = next(row for row in output.rows("sequences") if row["id"] == sequence["id"])
    assert row["first_activated_at"] == sequence["firstActivatedAt"]
    assert row["senders"] == [sender["id"] for sender in sequence["senders"]]
    assert row["definition"]["send_window"]["days_of_week"] == [1, 2, 3, 4, 5]
    assert row["definition"]["pacing"]["linkedin_message"] == {"daily_limit": 25}
    assert "steps" not in row["definition"]

    steps = [step for step in output.rows("sequence_steps") if step["sequence_id"] == sequence["id"]]
    assert [step["id"] for step in sorted(steps, key=lambda step: step["position"])] == [
        step["id"] for step in sequence["definition"]["steps"]
    ]
    assert [step["duration"] for step in steps if step["type"] == "WAIT_FOR_CONNECTION"] == [14]
    assert {step["template"]["body"] for step in steps if step["template"]} == {
        "Bonjour {{ {first_name} }} !"
    }

    draft = next(row for row in output.rows("sequences") if row["status"] == "DRAFT")
    assert draft["definition"] is None
    message = _message(sandbox, status="SENT")
    found = next(row for row in output.rows("sequence_messages") if row["id"] == message["id"])
    assert found["sequence_id"] == _sequence_of(sandbox, message)
    assert found["sent_at"] == message["sentAt"]
    assert found["changed_at"] == max(message[key] for key in TIMES if message.get(key))


def test_performance_is_counted_by_step(sandbox: Sandbox) -> None:
    output = Tap(sandbox, "sequence_performance").run()
    sent = [message for message in sandbox.records("sequence_message") if message.get("sentAt")]
    assert sum(row["sent"] or 0 for row in output.rows("sequence_performance")) == len(sent)
    waits = [r for r in output.rows("sequence_performance") if r["sequence_step_type"].startswith("WAIT")]
    assert {row["sent"] for row in waits} == {None}


def test_flattened_rows_have_a_column_for_each_member(sandbox: Sandbox) -> None:
    output = Tap(sandbox, flattening_enabled=True, flattening_max_depth=4).run()
    for stream in STREAMS:
        for row in output.rows(stream):
            assert row.keys() == output.schema(stream)["properties"].keys()
            assert_valid(row, output.schema(stream))
    window = {row["definition__send_window__start_hour"] for row in output.rows("sequences")}
    assert window == {8, None}


def test_a_list_longer_than_a_page_is_read_to_its_end(start_sandbox: Any) -> None:
    sandbox = start_sandbox(sequences=40, enrollments=400)
    tap = Tap(sandbox, "sequence_enrollments")
    assert len(tap.run().ids("sequence_enrollments")) == 400
    # Two pages of sequences, the head of each one's list, and the pages of the one that is long.
    in_the_first = max(
        len([e for e in sandbox.records("enrollment") if e["currentStepId"] in steps])
        for steps in (
            {s["id"] for s in (q["definition"] or {}).get("steps", ())} for q in sandbox.records("sequence")
        )
    )
    assert in_the_first > 100
    assert tap.calls["search"] <= 2 + 40 + 400 // 24 + 1


@pytest.mark.parametrize("time", TIMES)
def test_each_of_a_messages_times_brings_it_again(sandbox: Sandbox, time: str) -> None:
    tap = Tap(sandbox, "sequence_messages")
    first = tap.run()
    known = tap.run().ids("sequence_messages")
    message = _message(sandbox, direction="INBOUND" if time == "receivedAt" else "OUTBOUND")
    assert message["id"] not in known
    if time == "createdAt":  # which stays what it was: another message
        message = {**message, "id": "sqm_new", "createdAt": _now()}
        sandbox.set_outreach("sequence_message", message, _sequence_of(sandbox, message))
    else:
        _change(sandbox, message, **{time: _now()})
    second = tap.run()
    assert second.ids("sequence_messages") == known | {message["id"]}
    assert second.bookmark("sequence_messages") > first.bookmark("sequence_messages")


@pytest.mark.parametrize("status", ["QUEUED", "SKIPPED", "CANCELLED", "FAILED", "HELD_BY_A_LATER_VERSION"])
def test_a_status_that_no_filter_finds_is_not_lost(sandbox: Sandbox, status: str) -> None:
    tap = Tap(sandbox, "sequence_messages")
    tap.run()
    message = _message(sandbox, status="SCHEDULED")
    _change(sandbox, message, status=status, statusChangedAt=_now())
    rows = {row["id"]: row for row in tap.run().rows("sequence_messages")}
    assert rows[message["id"]]["status"] == status


def test_a_pause_that_moves_no_time_is_not_lost(sandbox: Sandbox) -> None:
    tap = Tap(sandbox, "sequence_enrollments", "sequences")
    first = tap.run()
    enrolled = first.rows("sequence_enrollments")[0]
    sandbox.set_outreach("enrollment", {"id": enrolled["id"], "status": "PAUSED"}, enrolled["sequence_id"])
    sandbox.set_outreach("sequence", {"id": enrolled["sequence_id"], "name": "Renamed"})
    second = tap.run()
    rows = {row["id"]: row for row in second.rows("sequence_enrollments")}
    assert rows[enrolled["id"]]["status"] == "PAUSED"
    assert len(rows) == len(first.rows("sequence_enrollments"))
    assert "Renamed" in {row["name"] for row in second.rows("sequences")}


def test_what_lightfield_learns_of_late_comes_with_a_full_sweep(sandbox: Sandbox) -> None:
    tap = Tap(sandbox, "sequence_messages")
    newest = max(m["statusChangedAt"] for m in sandbox.records("sequence_message") if "statusChangedAt" in m)
    _change(sandbox, _message(sandbox, statusChangedAt=newest), openedAt=_now(minutes=1))
    tap.run()
    message = _message(sandbox, status="SENT", bouncedAt=None, openedAt=None)
    _change(sandbox, message, bouncedAt=_now(days=3))
    assert message["id"] not in tap.run().ids("sequence_messages")
    swept = tap.run(full_sweep=["sequence_messages"])
    assert swept.ids("sequence_messages") == {m["id"] for m in sandbox.records("sequence_message")}
    assert {row["id"] for row in swept.rows("sequence_messages") if row["bounced_at"]} >= {message["id"]}


def test_nothing_changed_before_start_date_is_read(sandbox: Sandbox) -> None:
    start = sorted(m["createdAt"] for m in sandbox.records("sequence_message"))[50]
    changed = {
        m["id"]
        for m in sandbox.records("sequence_message")
        if max(m[key] for key in TIMES if m.get(key)) >= start
    }
    tap = Tap(sandbox, "sequence_messages", start_date=start)
    assert tap.run().ids("sequence_messages") == changed != set()
    assert tap.run(full_sweep=["sequence_messages"]).ids("sequence_messages") == changed


def test_content_is_retrieved_for_changed_messages_only(sandbox: Sandbox) -> None:
    without = Tap(sandbox, "sequence_messages")
    assert "content" not in without.run().schema("sequence_messages")["properties"]
    assert without.calls["read"] == 1  # the key's validation

    tap = Tap(sandbox, "sequence_messages", sequence_message_content=True)
    rows = tap.run().rows("sequence_messages")
    held = {m["id"]: m["content"] for m in sandbox.records("sequence_message")}
    assert {row["id"]: row["content"] for row in rows} == held
    assert tap.calls["read"] == 1 + len(held)
    again = tap.run().rows("sequence_messages")
    assert tap.calls["read"] == 1 + len(again) < 10

    metadata(tap.catalog, "sequence_messages", "properties", "content")["selected"] = False
    tap.state = None
    assert len(tap.run().rows("sequence_messages")) == len(held)
    assert tap.calls["read"] == 1


def test_a_key_reads_what_its_scopes_allow(start_sandbox: Any) -> None:
    sandbox = start_sandbox(keys={"senders": ["senders:read"], "sequences": ["sequences:read"]})
    for name, key in sandbox.keys.items():
        if name not in ("senders", "sequences"):
            continue
        config = {"api_key": key, "api_url": sandbox.url}
        readable = {"senders"} if name == "senders" else STREAMS.keys() - {"senders"}
        catalog = discover(config)
        for stream in STREAMS:
            root = metadata(catalog, stream)
            assert root["selected"] is (stream in readable)
            assert root["inclusion"] == ("available" if stream in readable else "unsupported")
        assert run(config).streams & STREAMS.keys() == readable


def test_what_this_version_does_not_know_is_passed_over_with_one_warning(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    for sender in sandbox.records("sender"):
        pacing = {**sender["pacing"], "SMS": {"dailyLimit": 3}}
        sandbox.set_outreach("sender", {"id": sender["id"], "warmth": 7, "pacing": pacing, "owner": {"n": 1}})
    output = Tap(sandbox, "senders").run()
    for row in output.rows("senders"):
        assert_valid(row, output.schema("senders"))
        assert row["owner"] == '{"n": 1}'
    warnings = [r.getMessage() for r in caplog.records if r.levelno == logging.WARNING]
    assert [w for w in warnings if "warmth" in w] == [
        "Stream 'senders': records hold warmth, which this version does not know: ignored."
    ]
    assert [w for w in warnings if "pacing.SMS" in w] == [
        "Stream 'senders': records hold pacing.SMS, which this version does not know: ignored."
    ]


def test_a_value_that_its_column_cannot_hold_is_named(sandbox: Sandbox) -> None:
    enrolled = sandbox.records("enrollment")[0]
    sequence_id = next(
        row["sequence_id"]
        for row in Tap(sandbox, "sequence_enrollments").run().rows("sequence_enrollments")
        if row["id"] == enrolled["id"]
    )
    sandbox.set_outreach("enrollment", {"id": enrolled["id"], "remainingSends": 1.5}, sequence_id)
    with pytest.raises(UnreadableValue, match=f"{enrolled['id']}.*'remaining_sends'"):
        Tap(sandbox, "sequence_enrollments").run()


def _scripted(script: Script, *sequence_ids: str) -> None:
    script.records["sequences"] = [
        {"id": id_, "createdAt": "2026-01-01T00:00:00Z", "definition": None} for id_ in sequence_ids
    ]
    for id_ in sequence_ids:
        message = {"id": f"sqm_{id_}", "createdAt": "2026-01-02T00:00:00Z", "direction": "INBOUND"}
        page = {"object": "list", "data": [message], "totalCount": 1}
        script.answers[f"/v1/sequences/{id_}/messages"] = (200, page)


def test_a_sequence_that_goes_during_the_run_takes_nothing_else_with_it(
    script: Script, caplog: pytest.LogCaptureFixture
) -> None:
    _scripted(script, "one", "two", "three")
    gone = {"error": {"type": "not_found", "message": "gone"}}
    script.answers["/v1/sequences/two/messages"] = (404, gone)
    catalog = only(discover(script.config()), "sequence_messages")
    output = run(script.config(), catalog=catalog)
    assert output.ids("sequence_messages") == {"sqm_one", "sqm_three"}
    assert any("Sequence two has gone" in r.getMessage() for r in caplog.records)


def test_a_run_that_breaks_in_the_middle_moves_no_bookmark(script: Script, impatient: None) -> None:
    _scripted(script, "one", "two")
    catalog = only(discover(script.config()), "sequence_messages")
    first = run(script.config(), catalog=catalog)
    _scripted(script, "one", "two", "three")
    script.answers["/v1/sequences/three/messages"] = (500, {"error": {"type": "internal_server_error"}})
    with pytest.raises(StreamStopped, match="sequence_messages") as caught:
        run(script.config(), catalog=catalog, state=first.state)
    states = [m["value"]["bookmarks"] for m in caught.value.written if m["type"] == "STATE"]  # type: ignore[attr-defined]
    before = first.bookmark("sequence_messages")
    assert all(s["sequence_messages"]["replication_key_value"] == before for s in states)


def test_a_message_without_any_time_ends_the_stream(script: Script) -> None:
    _scripted(script, "one")
    page = {"object": "list", "data": [{"id": "sqm_x"}], "totalCount": 1}
    script.answers["/v1/sequences/one/messages"] = (200, page)
    catalog = only(discover(script.config()), "sequence_messages")
    with pytest.raises(StreamStopped, match="sqm_x does not say when"):
        run(script.config(), catalog=catalog)
