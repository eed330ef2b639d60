"""stream_maps before a preset: what they make of a row is mapped once, also where it is rejected."""

from __future__ import annotations

from pathlib import Path

import pytest

from lightfield_sandbox.http.server import Sandbox
from tests.target.target_runs import Json, Setup, rows

PRESET = """
preset: 1
streams:
  firms: {to: accounts, columns: {name: name, headcount: size}}
  todos: {to: tasks, columns: {title: title, status: {value: TODO}}}
links: {todo_firms: {of: todos, key: todo, column: account_id, record: firms, is: firm}}
"""
MAPS = {"firms": {"name": "name + ' Ltd'"}, "todos": {"title": "title + '!'", "state": "str(1 / count)"}}


@pytest.fixture
def config(tmp_path: Path) -> Json:
    path = tmp_path / "preset.yml"
    path.write_text(PRESET)
    return {"preset": str(path), "stream_maps": MAPS}


def test_a_reject_that_is_loaded_again_is_not_mapped_a_second_time(
    target: Setup, empty: Sandbox, tmp_path: Path, config: Json
) -> None:
    # Two rows that can't be taken: one by Lightfield's part of the run, one before it.
    feed = [
        rows("todos", {"id": "1", "title": "Call", "count": 1}),  # nobody to whom it is assigned
        rows("firms", {"id": None, "name": "Acme"}),
    ]
    target.load(*feed, **config)
    assert [reject["record"].get("title", reject["record"].get("name")) for reject in target.rejects()] == [
        "Acme Ltd", "Call!",
    ]  # fmt: skip

    again = tmp_path / "again.jsonl"
    again.write_text(
        target.rejects_path.read_text().replace('"id":null', '"id":"1"').replace('"id": null', '"id": "1"')
    )
    member = empty.records("member")[0]["fields"]["$email"]["value"]
    target.load(source=again, **config, default_assignee=member)
    assert [r["fields"]["$title"]["value"] for r in empty.records("task")] == ["Call!"]
    assert [r["fields"]["$name"]["value"] for r in empty.records("account")] == ["Acme Ltd"]


def test_a_row_on_which_a_map_fails_is_rejected_as_it_came(
    target: Setup, empty: Sandbox, tmp_path: Path, config: Json
) -> None:
    member = empty.records("member")[0]["fields"]["$email"]["value"]
    target.load(rows("todos", {"id": "1", "title": "Call", "count": 0}), **config, default_assignee=member)
    assert empty.records("task") == []
    [reject] = target.rejects()
    assert (reject["code"], reject["record"]["title"]) == ("expression_failed", "Call")

    again = tmp_path / "again.jsonl"
    again.write_text(
        target.rejects_path.read_text().replace('"count":0', '"count":2').replace('"count": 0', '"count": 2')
    )
    target.load(source=again, **config, default_assignee=member)
    assert [r["fields"]["$title"]["value"] for r in empty.records("task")] == ["Call!"]


def test_the_error_for_a_stream_like_one_of_links_says_where_its_line_belongs(
    target: Setup, config: Json
) -> None:
    outcome = target.load(rows("todo_firm", {"id": "1", "todo": "1"}), preset=config["preset"])
    assert "nearest: todo_firms" in outcome.error
    assert "Give it a line under links in a preset" in outcome.error
    other = target.load(rows("orders", {"id": "1"}), preset=config["preset"])
    assert "under streams, or under links if its rows are pairs of records" in other.error
