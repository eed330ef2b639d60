"""Rejected records: each in the rejects file with its reason, and the run goes on."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.target.target_runs import Setup, feed, row, rows, schema, state
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    pass


GOOD, BAD = {"id": "good", "name": "Good"}, {"id": "bad", "name": "Bad", "custom_arr": "a lot"}


def test_a_rejected_record_is_filed_with_its_reason_and_the_others_are_written(
    target: Setup, workspace: Workspace
) -> None:
    outcome = target.load(rows("accounts", BAD, GOOD), max_rejects=1)

    assert outcome.status == 0
    assert outcome.count("accounts") == {"created": 1, "rejected": 1}
    assert workspace.values("accounts", "$name") == ["Good"]
    [reject] = target.rejects()
    assert reject.pop("message")
    assert reject == {
        "type": "RECORD",
        "stream": "accounts",
        "record": BAD,
        "key": "bad",
        "code": "invalid_value",
        "param": "custom_arr",
    }


def test_what_the_api_refuses_is_filed_with_its_code_and_the_column(target: Setup) -> None:
    target.load(rows("accounts", {"id": "1", "name": "A", "custom_status_page": "no address"}))

    [reject] = target.rejects()
    assert (reject["code"], reject["param"]) == ("invalid_type", "custom_status_page")
    assert "web addresses" in reject["message"]


def test_more_rejects_than_allowed_fail_the_run_after_its_state(target: Setup) -> None:
    messages = [*rows("accounts", BAD, GOOD, {**BAD, "id": "bad2"}), state(done=1)]

    failed = target.load(messages, max_rejects=1)
    assert "2 records were rejected" in failed.error
    assert failed.state == {"done": 1}

    assert target.load(messages, max_rejects=2).status == 0


def test_the_rejects_file_is_private_and_earlier_rejects_stay_in_it(target: Setup) -> None:
    target.load(rows("accounts", BAD))
    target.load(rows("accounts", {**BAD, "id": "bad2"}))

    assert [reject["key"] for reject in target.rejects()] == ["bad", "bad2"]
    assert stat.S_IMODE(target.rejects_path.stat().st_mode) == 0o600


def test_a_run_without_rejects_makes_no_file(target: Setup) -> None:
    target.loaded(rows("accounts", GOOD))

    assert not target.rejects_path.exists()


def test_the_rejects_load_again_once_the_cause_is_gone(target: Setup, workspace: Workspace) -> None:
    taken = workspace.create("contacts", {"$email": ["x@x.example"]})
    typed = {"custom_lead_score": {"type": ["number", "null"]}, "id": {"type": "integer"}}
    contact = {"id": 1, "email": "x@x.example", "custom_lead_score": 2.5, "title": "Zoë \ud800 “quoted”"}
    target.load(schema("contacts", "email", "title", **typed), row("contacts", **contact))
    [reject] = target.rejects()
    copy = target.rejects_path.read_text().replace("\\ud800", "")
    target.rejects_path.unlink()

    target.loaded(copy.rstrip())

    assert not target.rejects_path.exists()
    assert reject["record"] == contact
    assert workspace.value("contacts", taken, "$title") == "Zoë  “quoted”"
    assert workspace.value("contacts", taken, "leadScore") == 2.5


def test_a_second_sink_of_a_stream_files_its_own_schema(target: Setup) -> None:
    target.load(
        rows("accounts", BAD, {**BAD, "id": "b2"}),
        rows("accounts", {**BAD, "id": "b3", "twitter": "x"}),
        rows("contacts", {"id": "c", "custom_lead_score": "x"}),
        max_concurrency=1,
    )

    kinds = [(m["type"], m["stream"]) for m in target.rejects_messages()]
    assert kinds == [
        ("SCHEMA", "accounts"),
        ("RECORD", "accounts"),
        ("RECORD", "accounts"),
        ("SCHEMA", "accounts"),
        ("RECORD", "accounts"),
        ("SCHEMA", "contacts"),
        ("RECORD", "contacts"),
    ]


@pytest.mark.parametrize("option", [False, True], ids=["stdin", "--input"])
def test_the_rejects_file_is_not_read_and_written_at_once(target: Setup, option: bool) -> None:
    text = feed([rows("accounts", BAD)])
    target.rejects_path.write_text(text)

    outcome = (
        target.load(options=["--input", str(target.rejects_path)])
        if option
        else target.load(source=target.rejects_path)
    )

    assert "both read from and written to" in outcome.error
    assert target.rejects_path.read_text() == text


def test_a_rejects_file_that_cannot_be_written_ends_the_run_without_state(
    target: Setup, tmp_path: Path
) -> None:
    outcome = target.load(rows("accounts", BAD), state(done=1), rejects_path=str(tmp_path))

    assert str(tmp_path) in outcome.error
    assert outcome.states == []


def test_the_folder_of_the_rejects_file_is_made(target: Setup, tmp_path: Path) -> None:
    path = tmp_path / "new" / "rejects.jsonl"

    target.load(rows("accounts", BAD), rejects_path=str(path))

    assert json.loads(path.read_text().splitlines()[1])["key"] == "bad"


def test_the_log_names_the_record_and_the_column_but_no_value(target: Setup) -> None:
    outcome = target.load(rows("accounts", {"id": "k-17", "name": "A", "custom_arr": "confidential"}))

    [line] = [line for line in outcome.log.splitlines() if "WARNING" in line]
    assert "'k-17'" in line
    assert "custom_arr" in line
    assert "confidential" not in outcome.log


def test_of_a_key_of_any_length_the_log_has_the_beginning_and_the_file_the_whole(target: Setup) -> None:
    key = "k" * 100_000
    outcome = target.load(rows("accounts", {"id": key, "name": "A", "custom_arr": "none"}))

    assert "Rejected accounts 'kkk" in outcome.log
    assert len(outcome.log) < len(key)
    assert key in target.rejects_path.read_text()


@pytest.mark.parametrize(
    "text",
    ['{\n  "api_url": "https://x.example"\n}', "# Notes\n\n- call Ann", '{"bookmarks": {}}', "my diary\n"],
)
def test_a_file_of_something_else_is_left_as_it_is(target: Setup, workspace: Workspace, text: str) -> None:
    target.rejects_path.write_text(text)
    for settings in ({}, {"dry_run": True}):
        outcome = target.load(rows("accounts", GOOD, BAD), **settings)
        assert "rejects_path is" in outcome.error
        assert "there is something else of that name" in outcome.error
    assert target.rejects_path.read_text() == text
    assert workspace.all("accounts") == []


@pytest.mark.parametrize("text", ["", "{", '{"type":"SCH', '{"type":"SCHEMA","stream":"accounts","sch'])
def test_half_of_a_first_line_is_one_of_its_own(target: Setup, text: str) -> None:
    target.rejects_path.write_text(text)
    target.loaded(rows("accounts", BAD), max_rejects=1)
    assert [reject["key"] for reject in target.rejects()] == ["bad"]


def test_the_rejects_may_go_into_a_pipe_that_is_there(target: Setup, tmp_path: Path) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        target.loaded(rows("accounts", BAD), rejects_path=str(pipe), max_rejects=1)
        assert b'"key":"bad"' in os.read(reader, 1 << 16)
    finally:
        os.close(reader)
