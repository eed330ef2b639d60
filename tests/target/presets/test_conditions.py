"""Expressions and templates of a preset in a run: what they decide, and which columns they account for."""

from __future__ import annotations

from pathlib import Path

from lightfield_sandbox.http.server import Sandbox
from target_lightfield.presets.mentions import mentioned
from target_lightfield.presets.preset import routes_of
from tests.target.presets.preset_files import read
from tests.target.target_runs import Setup, rows

PRESET = """\
preset: 1
streams:
  notes:
    to: notes
    skip_when: archived or status == 'lost'
    columns:
      title: {template: "{{{kind}}} {text.short}"}
      content: {expression: "body if len(body) else 'now'"}
"""


def test_a_row_that_says_false_as_a_text_is_no_row_to_skip(
    target: Setup, empty: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "preset.yml").write_text(PRESET)
    feed = rows(
        "notes",
        {
            "id": "1",
            "archived": "false",
            "status": "won",
            "kind": "Call",
            "text": {"short": "Hi"},
            "body": "x",
        },
        {
            "id": "2",
            "archived": "true",
            "status": "won",
            "kind": "Call",
            "text": {"short": "No"},
            "body": "x",
        },
        {
            "id": "3",
            "archived": "false",
            "status": "lost",
            "kind": "Call",
            "text": {"short": "No"},
            "body": "x",
        },
    )

    outcome = target.loaded(feed, preset=str(tmp_path / "preset.yml"))

    assert outcome.count("notes") == {"created": 1, "skipped": 2}
    assert [note["fields"]["$title"]["value"] for note in empty.records("note")] == ["{Call} Hi"]


def test_the_texts_and_functions_of_an_expression_are_no_columns_that_it_names(tmp_path: Path) -> None:
    preset = read(tmp_path, PRESET)
    named = set(mentioned(preset, "notes", routes_of(preset, "notes")))

    assert named == {"id", "archived", "status", "kind", "text.short", "text", "body"}
