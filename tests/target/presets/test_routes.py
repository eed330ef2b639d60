"""Which routes a row takes, and what becomes of it and of what it left over when they change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lightfield_sandbox.http.server import Sandbox
from tests.target.target_runs import Json, Setup, rows, state, writes

PRESET = """\
preset: 1
streams:
  users: {to: members, columns: {email: email}}
  firms: {to: accounts, needs_any: [name], columns: {name: name, website: site}}
  todos: {to: tasks, columns: {title: title, status: {from: state, else: TODO}}}
  events:
  - to: meetings
    when: datetime(end) <= now()
    columns: {title: title, start_date: start, end_date: end, meeting_url: link}
  - to: tasks
    when: datetime(end) > now()
    when_left: {status: {value: COMPLETE}}
    columns: {title: title, status: {value: TODO}, due_at: start, description: agenda}
  mails:
  - to: notes
    when: logged != 'yes'
    after: [messages]
    columns: {title: subject, account_ids: {from: firm, record: {"f": firms}}}
  messages: {to: emails, when: "False", columns: {}}
"""


@pytest.fixture
def preset(tmp_path: Path) -> str:
    path = tmp_path / "preset.yml"
    path.write_text(PRESET)
    return str(path)


@pytest.fixture
def load(target: Setup, empty: Sandbox, preset: str) -> Any:
    def load(*feed: Any, **config: Any) -> Any:
        return target.loaded(*feed, state(read=1), preset=preset, default_assignee=member(empty), **config)

    return load


def member(sandbox: Sandbox) -> str:
    return str(sandbox.records("member")[0]["fields"]["$email"]["value"])


def told(target: Setup, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(one[name] for name in names or ("column", "value", "kind")) for one in target.left_over()]


def event(end: str, **columns: Any) -> list[Json]:
    start = end.replace("T11", "T10")
    return rows("events", {"id": "1", "title": "Fair", "start": start, "end": end, **columns})


PLANNED, OVER = "2099-05-01T11:00:00Z", "2024-05-01T11:00:00Z"


def test_columns_of_a_route_that_is_not_taken_are_left_over(load: Any, target: Setup) -> None:
    load(event(OVER, agenda="Prices", link="https://meet.example/1"))
    assert told(target) == [("agenda", "Prices", "no_column")]


def test_a_planned_event_that_took_place_is_routed_anew_and_lists_nothing_of_its_former_route(
    load: Any, target: Setup, empty: Sandbox
) -> None:
    load(event(PLANNED, agenda="Prices", link="https://meet.example/1"))
    assert told(target) == [("link", "https://meet.example/1", "no_column")]

    outcome = load(event(OVER, agenda="Prices", link="https://meet.example/1"))
    assert outcome.count("meetings") == {"created": 1}
    assert outcome.count("tasks") == {"updated": 1}
    assert [record["fields"]["$title"]["value"] for record in empty.records("meeting")] == ["Fair"]
    assert told(target) == [("agenda", "Prices", "no_column")]

    with target.counting() as seen:
        load(event(OVER, agenda="Prices", link="https://meet.example/1"))
    assert writes(seen) == 0


def test_what_lightfield_refused_of_a_record_is_not_listed_once_the_row_is_none_of_it(
    load: Any, target: Setup
) -> None:
    firms = [{"id": "f1", "name": "Acme", "site": "acme.example"}, {"id": "f2", "name": "Acme 2"}]
    load(rows("firms", firms[0], {**firms[1], "site": "acme.example"}))
    assert told(target, "key", "kind") == [("f2", "taken")]
    load(rows("firms", {"id": "f2", "name": None, "site": "acme.example"}))
    assert told(target, "key", "kind") == [("f2", "incomplete")]


def test_an_id_of_no_stream_is_left_over(load: Any, target: Setup) -> None:
    mail = {"id": "1", "subject": "Hi", "firm": "x9"}
    load(rows("messages"), rows("mails", mail, {**mail, "id": "2", "firm": ["f1", "x8"]}))
    assert told(target, "key", "value", "kind") == [("1", "x9", "no_record"), ("2", "x8", "no_record")]


def test_a_row_without_what_it_is_known_by_is_left_over_whole_and_its_links_wait(
    load: Any, target: Setup
) -> None:
    outcome = load(rows("firms", {"id": "f1", "name": None, "site": "acme.example"}))
    assert outcome.count("accounts") == {"skipped": 1}
    assert told(target) == [("", None, "incomplete")]
    load(rows("firms", {"id": "f1", "name": "Acme", "site": "acme.example"}))
    assert told(target) == []


def test_else_fills_a_select_that_a_record_needs(load: Any, target: Setup, empty: Sandbox) -> None:
    todos = [{"id": "1", "title": "A", "state": None}, {"id": "2", "title": "B", "state": "no such"}]
    assert load(rows("todos", *todos)).count("tasks") == {"created": 2}
    states = {record["fields"]["$status"]["value"] for record in empty.records("task")}
    assert len(states) == 1
    assert None not in states
    assert told(target, "key", "value", "kind") == [("2", "no such", "no_option")]


def test_rows_wait_until_a_stream_that_they_come_after_has_come_once(
    load: Any, target: Setup, empty: Sandbox
) -> None:
    mails = rows("mails", {"id": "1", "subject": "Hi"})
    assert load(mails).count("notes") == {"waiting": 1}
    assert empty.records("note") == []
    assert load(rows("messages")).count("notes") == {"created": 1}
    assert len(empty.records("note")) == 1
    assert load(rows("mails", {"id": "2", "subject": "Ho"})).count("notes") == {"created": 1}
