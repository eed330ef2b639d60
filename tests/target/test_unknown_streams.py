"""Streams that nothing takes: no row vanishes without a word, and no state says that it was loaded."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tap_lightfield.streams.table import STREAM_KINDS
from target_lightfield.unwritten import READ_ONLY
from tests.target.target_runs import Setup, feed, row, rows, schema, state
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]


def version(stream: str) -> Json:
    return {"type": "ACTIVATE_VERSION", "stream": stream, "version": 1}


@pytest.mark.parametrize(
    ("stream", "said"),
    [
        ("account", ["nearest: accounts"]),
        ("Contacts", ["nearest: contacts"]),
        ("companies", ["preset hubspot moves"]),
        ("calls", ["preset hubspot moves"]),
        ("Account", ["preset salesforce moves"]),
        ("Whatever__c", ["preset salesforce moves"]),
        ("activities", ["pipedrive"]),
        ("line_items", ["preset hubspot moves"]),
        ("acounts", ["nearest: accounts"]),
        ("zzz", ["stream_maps"]),
    ],
)
def test_one_with_records_ends_the_run_before_any_state_and_says_what_to_set(
    target: Setup, workspace: Workspace, stream: str, said: list[str]
) -> None:
    outcome = target.load(
        rows(stream, *({"Id": n} for n in range(54)), key=["Id"]), state(bookmarks={stream: {"at": 1}})
    )

    for words in (f"'{stream}'", "unknown_streams", *said):
        assert words in outcome.error
    assert outcome.stdout == ""


def test_what_came_before_it_is_written_and_its_state_stands(target: Setup, workspace: Workspace) -> None:
    before, covering = state(bookmarks={"accounts": 1}), state(bookmarks={"accounts": 1, "companies": 1})

    outcome = target.load(
        rows("accounts", {"id": "1", "name": "Acme"}),
        before,
        schema("companies", "name"),
        before,
        row("companies", id="1", name="Vanished"),
        covering,
        rows("contacts", {"id": "1", "email": "a@x.example"}),
        covering,
    )

    assert "'companies'" in outcome.error
    assert all(emitted == before["value"] for emitted in outcome.states)
    assert workspace.values("accounts", "$name") == ["Acme"]
    assert workspace.all("contacts") == []


def test_one_without_records_is_no_error(target: Setup) -> None:
    outcome = target.loaded(schema("companies", "name"), version("companies"), state(done=1))

    assert outcome.state == {"done": 1}
    assert "WARNING" not in outcome.log


@pytest.mark.parametrize("maps", [{"companies": None}, {"companies": {"__filter__": "name != 'x'"}}])
def test_rows_that_the_stream_maps_take_away_are_no_error(target: Setup, maps: Json) -> None:
    typed = schema("companies", id={"type": "string"}, name={"type": "string"})

    target.loaded(typed, row("companies", id="1", name="x"), stream_maps=maps)


def test_ignored_ones_are_counted_and_named_once(target: Setup) -> None:
    outcome = target.loaded(
        rows("companies", *({"id": n} for n in range(54))),
        rows("companies", {"id": 55, "name": "another schema"}),
        rows("accounts", {"id": "1", "name": "Acme"}),
        state(done=1),
        unknown_streams="ignore",
        report_path=str(target.folder / "report"),
    )

    assert outcome.state == {"done": 1}
    assert outcome.count("companies") == {"skipped": 55}
    assert target.report("report")["objects"]["companies"]["skipped"] == 55
    assert len([line for line in outcome.log.splitlines() if "WARNING" in line]) == 1
    assert "companies" in (target.folder / "report.html").read_text()


def test_a_feed_of_nothing_else_has_its_report_too(target: Setup) -> None:
    outcome = target.loaded(
        rows("companies", {"id": 1}),
        unknown_streams="ignore",
        report_path=str(target.folder / "report"),
    )

    assert outcome.count("companies") == {"skipped": 1}
    assert target.report("report")["objects"]["companies"]["skipped"] == 1


def test_batches_of_one_are_an_error_too(target: Setup) -> None:
    batch = {
        "type": "BATCH",
        "stream": "companies",
        "encoding": {"format": "jsonl"},
        "manifest": ["file:///x"],
    }

    assert "'companies' has records" in target.load(schema("companies"), batch).error
    assert "BATCH" in target.load(schema("companies"), batch, unknown_streams="ignore").error


def test_what_tap_lightfield_reads_and_nobody_can_write_is_counted_and_no_error(target: Setup) -> None:
    streams = sorted({*READ_ONLY, "files"})

    outcome = target.loaded(
        *(rows(stream, {"id": 1}, {"id": 2}) for stream in streams),
        rows("accounts", {"id": "1", "name": "Acme"}),
        state(done=1),
    )

    assert outcome.state == {"done": 1}
    assert {stream: outcome.count(stream) for stream in streams} == {s: {"skipped": 2} for s in streams}


def test_every_stream_of_the_tap_is_known(target: Setup) -> None:
    messages = [rows(stream, {"id": 1}) for stream in STREAM_KINDS]

    outcome = target.load(*messages, max_rejects=100, unknown_columns="ignore")

    assert "unknown_streams" not in outcome.log


def test_activate_version_is_no_reason_for_a_warning(target: Setup) -> None:
    streams = ("accounts", "messages", "companies")
    outcome = target.loaded(
        *([schema(stream, "name"), version(stream)] for stream in streams),
        row("accounts", id="1", name="Acme"),
        *(version(stream) for stream in streams),
    )

    assert "ACTIVATE_VERSION" not in outcome.log


@pytest.mark.parametrize("setting", ["unknown_streams", "unknown_columns"])
def test_a_custom_object_that_the_workspace_lacks_is_ignored_by_setting_and_counted(
    target: Setup, setting: str
) -> None:
    outcome = target.loaded(rows("object_invoice", {"id": 1}, {"id": 2}), **{setting: "ignore"})

    assert outcome.count("object_invoice") == {"skipped": 2}


def test_a_log_line_about_a_column_names_its_stream(target_of: Callable[..., Setup], empty: Sandbox) -> None:
    outcome = target_of(empty).loaded(
        rows("accounts", {"id": "1", "name": "Acme", "headcont": "1-10", "contact_ids": []}),
        rows("contacts", {"id": "1", "email": "a@x.example", "opportunity_ids": []}),
        row("accounts", id="2", name="Bcme", surprise=1),
        unknown_columns="ignore",
    )

    lines = [line.rpartition(" | ")[2] for line in outcome.log.splitlines()]
    about = {word: [line for line in lines if f"'{word}'" in line or f" {word}" in line]
             for word in ("headcont", "surprise", "opportunity_ids")}  # fmt: skip
    assert all("stream 'accounts'" in line for word in ("headcont", "surprise") for line in about[word])
    assert all("stream 'contacts'" in line for line in about["opportunity_ids"])
    assert all(about.values())


def test_in_a_structured_log_as_meltano_asks_for_it_each_line_of_the_end_names_its_stream(
    target: Setup, tmp_path: Path
) -> None:
    (tmp_path / "logging.yaml").write_text(STRUCTURED)
    messages = [*rows("notes", {"id": "1", "title": "T", "account_ids": ["a"]}), *rows("messages", {"id": 1})]

    outcome = target.run(feed([messages]), env={"SINGER_SDK_LOG_CONFIG": str(tmp_path / "logging.yaml")})

    lines = [json.loads(line) for line in outcome.log.splitlines() if line.startswith("{")]
    metrics = [line for line in lines if line["logger_name"] == "singer_sdk.metrics"]
    assert {line["message"] for line in metrics} == {
        "METRIC of stream 'notes'", "METRIC of stream 'messages'"
    }  # fmt: skip
    assert {line["extra"]["metric_info"]["tags"]["stream"] for line in metrics} == {"notes", "messages"}
    shown = [line["message"] for line in lines]
    assert "notes: 1 created, 0 updated, 0 unchanged, 0 rejected, 0 waiting" in shown
    assert "messages: 1 skipped" in shown
    assert "notes: 1 link waits for a record that has not come yet" in shown


STRUCTURED = """
version: 1
disable_existing_loggers: false
formatters: {structured: {"()": singer_sdk.logging.StructuredFormatter}}
handlers: {stderr: {class: logging.StreamHandler, formatter: structured, stream: "ext://sys.stderr"}}
root: {handlers: [stderr], level: INFO}
"""
