"""`lightfield-migration check FILE --feed FEED`: what a preset would do with a feed."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from demo.pipeline import REPOSITORY
from lightfield_sandbox.http.server import Sandbox
from target_lightfield.migration.cli import main
from tests.migration.plain_crm import messages
from tests.target.target_runs import Json, Setup, feed, row, rows, schema

HUBSPOT = REPOSITORY / "examples" / "hubspot"
PRESET = """
preset: 1
separator: ";"
custom_fields: {match: label}
deleted_when: is_deleted
ignore: [created_at]
lookups:
  emails: {stream: people, key: id, value: email}
links:
  members: {of: deals, key: deal, column: evaluator_ids, record: people, is: person}
streams:
  crm_companies: {to: accounts, columns: {name: company_name, website: domain, industry: sector}}
  people:
    to: contacts
    skip_when: last_name == 'Weber'
    columns: {name__first_name: first_name, name__last_name: last_name, title: job_titel}
    custom: {Phone: {from: phone, type: TELEPHONE}}
  deals:
    to: opportunities
    columns: {name: deal_name, account_id: {from: company_id, record: crm_companies}}
  todos: {to: tasks, columns: {title: subject, status: {expression: "int(subject)"}}}
  comments: ignore
"""

Check = Callable[..., Result]


@pytest.fixture
def check(tmp_path: Path) -> Check:
    """Check a preset with a feed; a workspace of which nothing is said is not asked."""

    def call(preset: str, lines: Sequence[Json] | str, workspace: Sandbox | None = None) -> Result:
        (tmp_path / "my.yml").write_text(preset, encoding="utf-8")
        text = lines if isinstance(lines, str) else feed(lines)
        (tmp_path / "feed.jsonl").write_text(text, encoding="utf-8")
        arguments = ["check", str(tmp_path / "my.yml"), "--feed", str(tmp_path / "feed.jsonl")]
        if workspace:
            config = {
                "api_key": workspace.key,
                "api_url": workspace.url,
                "id_map": f"sqlite:///{tmp_path}/own.db",
            }
            (tmp_path / "config.json").write_text(json.dumps(config))
            arguments += ["--config", str(tmp_path / "config.json")]
        return CliRunner().invoke(main, arguments)

    return call


def sections(output: str) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """What the report says, by stream, table and column; ``""`` has the stream's own line."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    stream = table = ""
    for line in output.splitlines()[1:]:
        if re.match(r"\S.*: \d", line):
            stream, _, said = line.partition(": ")
            found[stream] = {"": {"": said}}
        elif line.startswith("    ") and stream:
            column, said = line.split(maxsplit=1)
            found[stream].setdefault(table, {})[column] = said
        elif line.startswith("  "):
            table = line.strip().rstrip(":")
        elif line:
            stream = ""
    return found


PLAIN = messages("ada@x.example", "bo@x.example")


def test_each_column_is_mapped_kept_read_ignored_or_none_of_these_with_counts_and_examples(
    check: Check,
) -> None:
    result = check(PRESET, PLAIN)
    found = sections(result.output)

    assert found["people"][""][""] == "2 rows → contacts 1, skipped 1"
    assert found["people"]["mapped"] == {
        "first_name": "2 → contacts.name__first_name  e.g. Maëlle · Jonas",
        "last_name": "2 → contacts.name__last_name  e.g. Le Goff · Weber",
    }
    assert found["people"]["kept for other records"] == {
        "id": "2 → the lookup emails  e.g. 11 · 12",
        "email": "2 → the lookup emails  e.g. maelle@kestrel.example; m.legoff@kestre… · "
        "jonas@harbor.example",
    }
    assert found["people"]["ignored"]["created_at"].startswith("2  e.g. 2024-01-01")
    custom = found["people"]["for custom fields, where the workspace has them"]
    assert custom["phone"] == "1 → Phone (TELEPHONE)  e.g. +33 2 97 00 00 01"
    assert custom["tshirt_size"] == "1 → tshirt size  e.g. XL"
    assert "named, and without a value here: job_titel" in result.output
    assert found["crm_companies"][""][""] == "3 rows → accounts 2, accounts (deleted) 1"
    assert found["crm_companies"]["read for keys and conditions only"]["is_deleted"].startswith(
        "3 → deleted_when"
    )
    assert found["comments"][""][""] == "1 row, left out"
    assert "Named by the preset, and not in the feed: members" in result.output


def test_rows_that_nothing_names_and_expressions_that_fail_end_it_with_1_and_counts(
    check: Check, caplog: pytest.LogCaptureFixture
) -> None:
    result = check(PRESET, PLAIN)
    found = sections(result.output)

    assert result.exit_code == 1
    assert found["sprockets"][""][""] == "2 rows, and the preset does not name it"
    assert found["sprockets"]["not mapped"]["teeth"] == "2  e.g. 12 · 14"
    assert found["todos"][""][""] == "1 row"
    assert "1 row can't be taken: The preset's expression 'int(subject)' fails for this row" in result.output
    assert caplog.messages[-1] == (
        "Not everything could be done: 1 stream is not named by the preset (2 rows), "
        "and 1 row can't be taken; see above."
    )


def test_a_stream_that_is_not_named_is_shown_with_the_nearest_and_without_rows_it_is_no_fault(
    check: Check,
) -> None:
    result = check(
        "preset: 1\nstreams: {companies: {to: accounts, columns: {name: name}}}\n", [schema("companys")]
    )

    assert (result.exit_code, "companys: 0 rows, and the preset does not name it (nearest: companies)") == (
        0,
        result.output.splitlines()[2],
    )


def test_without_a_config_no_workspace_is_asked(
    check: Check, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TARGET_LIGHTFIELD_API_URL", sandbox.url)
    before = sandbox.stats()["requests"]

    assert check(PRESET, PLAIN).exit_code == 1
    assert sandbox.stats()["requests"] == before


def test_with_a_config_the_workspace_decides_and_the_plan_is_shown(
    check: Check, sandbox: Sandbox, tmp_path: Path
) -> None:
    preset = PRESET.replace("columns: {name: company_name,", "columns: {naem: domain, name: company_name,")
    result = check(preset, PLAIN, sandbox)
    found = sections(result.output)

    assert (
        found["people"]["mapped"]["phone"] == "1 → contacts: the custom field 'Phone'  e.g. +33 2 97 00 00 01"
    )
    assert found["people"]["mapped"]["lead_score"] == "1 → contacts.custom_lead_score  e.g. 87"
    assert found["people"]["not mapped"]["tshirt_size"].startswith("1 no custom field has this label")
    assert found["crm_companies"]["not mapped"]["domain"].startswith("3 the workspace has no accounts.naem")
    assert "create options of 'Industry' of accounts: 'Robots' (1)" in result.output
    assert "create the field 'tshirt size' of contacts (TEXT, 1 value)" in result.output
    assert not (tmp_path / "own.db").exists()


def test_a_config_without_a_key_is_one_sentence(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "config.json").write_text("{}")
    (tmp_path / "feed.jsonl").write_text("")
    arguments = ["check", "hubspot", "--feed", str(tmp_path / "feed.jsonl")]

    result = CliRunner().invoke(main, [*arguments, "--config", str(tmp_path / "config.json")])

    assert result.exit_code == 1
    assert caplog.messages[-1].startswith("There is no API key")


def test_it_writes_nothing(check: Check, sandbox: Sandbox, tmp_path: Path) -> None:
    with Setup(sandbox, tmp_path / "target").counting() as seen:
        check(PRESET, PLAIN, sandbox)

    assert not any(seen["writes"].values())


def test_what_it_foresees_is_what_a_run_does(sandbox: Sandbox, tmp_path: Path) -> None:
    """The records that check counts, by stream, are those that the target then creates, or skips."""
    preset = tmp_path / "my.yml"
    plain = messages("ada@x.example", "bo@x.example")
    text = PRESET.replace(
        '  todos: {to: tasks, columns: {title: subject, status: {expression: "int(subject)"}}}\n', ""
    )
    preset.write_text(text + "  todos: ignore\n  sprockets: ignore\n", encoding="utf-8")
    target = Setup(sandbox, tmp_path / "target", preset=str(preset))
    outcome = target.loaded(plain)
    (tmp_path / "feed.jsonl").write_text(feed(plain), encoding="utf-8")

    result = CliRunner().invoke(main, ["check", str(preset), "--feed", str(tmp_path / "feed.jsonl")])

    found = sections(result.output)
    assert found["people"][""][""] == "2 rows → contacts 1, skipped 1"
    assert outcome.count("contacts") == {"created": 1, "skipped": 1}
    assert found["deals"][""][""] == "2 rows → opportunities 2"
    assert outcome.count("opportunities") == {"created": 2}


def test_patterns_and_custom_objects_need_no_workspace(check: Check) -> None:
    preset = 'preset: 1\nkey: Id\nstreams: {"*__c": {to: "object_*", columns: {name: Name}}}\n'
    result = check(preset, rows("Parcel__c", {"Id": "1", "Name": "One", "Weight__c": 4}, key=["Id"]))
    found = sections(result.output)

    assert result.exit_code == 0
    assert found["Parcel__c"][""][""] == "1 row → object_parcel 1"
    assert found["Parcel__c"]["mapped"]["Name"].startswith("1 → object_parcel.name")


def test_streams_and_columns_are_called_as_in_the_file_that_they_come_from(tmp_path: Path) -> None:
    people = [{"Vorname": "Maëlle", "Nachname": "Le Goff", "Kleidergröße": "S"}, {"Vorname": " "}]
    (tmp_path / "feed.jsonl").write_text(feed(rows("Kontakte", *people, key=[])), encoding="utf-8")

    result = CliRunner().invoke(main, ["check", "csv", "--feed", str(tmp_path / "feed.jsonl")])
    found = sections(result.output)

    assert result.exit_code == 0, result.output
    contacts = found["contacts (Kontakte)"]
    assert contacts[""][""] == "2 rows → contacts 1, skipped 1"
    assert contacts["mapped"]["Vorname"].endswith("contacts.name__first_name  e.g. Maëlle")
    assert "ignored" not in contacts
    assert contacts["for custom fields, where the workspace has them"]["Kleidergröße"].endswith("e.g. S")
    assert "(whole row) 1 None of name, email has a value" in result.output


def test_the_settings_stream_maps_apply_first(tmp_path: Path, sandbox: Sandbox) -> None:
    (tmp_path / "my.yml").write_text("preset: 1\nstreams: {firms: {to: accounts, columns: {name: called}}}\n")
    (tmp_path / "feed.jsonl").write_text(feed(rows("firms", {"id": 1, "title": "Kestrel"})))
    maps = {"firms": {"called": "title"}}
    config = {
        "api_key": sandbox.key,
        "api_url": sandbox.url,
        "preset": str(tmp_path / "my.yml"),
        "stream_maps": maps,
    }
    (tmp_path / "config.json").write_text(json.dumps(config))

    result = CliRunner().invoke(
        main, ["check", "--feed", str(tmp_path / "feed.jsonl"), "--config", str(tmp_path / "config.json")]
    )

    assert result.exit_code == 0, result.output
    assert sections(result.output)["firms"]["mapped"]["called"] == "1 → accounts.name  e.g. Kestrel"


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('{"type": "SCHEMA"\n', "Line 1 of the input is no JSON: JSONDecodeError."),
        (
            feed([row("people", id=1)]),
            "Line 1 of the input, a RECORD message, comes before the SCHEMA message",
        ),
        ("[1]\n", "Line 1 of the input is no Singer message but JSON of another kind."),
    ],
)
def test_a_line_that_is_no_message_is_one_sentence(
    check: Check, caplog: pytest.LogCaptureFixture, lines: str, said: str
) -> None:
    result = check(PRESET, lines)

    assert result.exit_code == 1
    assert caplog.messages[-1].startswith(said)


def test_a_feed_that_is_not_there_is_one_sentence(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    result = CliRunner().invoke(main, ["check", "hubspot", "--feed", str(tmp_path / "none.jsonl")])

    assert result.exit_code == 1
    assert caplog.messages == [f"The feed {tmp_path}/none.jsonl can't be read: No such file or directory."]


def test_rows_that_break_their_own_schema_are_counted(check: Check) -> None:
    properties = {"id": {"type": "integer"}, "deal_name": {"type": "string"}}
    result = check(
        PRESET, [schema("deals", **properties), row("deals", id=1, deal_name=7), row("deals", id=None)]
    )

    assert result.exit_code == 1
    assert "  1 row can't be taken: deal_name breaks the stream's own schema (type)  e.g. 1" in result.output
    assert "  1 row can't be taken: Its key id is missing" in result.output


def test_examples_are_cut_and_stay_on_their_line(check: Check) -> None:
    name = "One\nline\x1b[31m and " + "very " * 20 + "long"
    result = check(PRESET, rows("deals", {"id": 1, "deal_name": name}))

    assert sections(result.output)["deals"]["mapped"]["deal_name"].endswith(
        "e.g. One line [31m and very very very very v…"
    )


def test_the_recorded_feed_of_hubspot_is_mapped_but_for_what_its_readme_says(tmp_path: Path) -> None:
    result = CliRunner().invoke(
        main, ["check", str(HUBSPOT / "my_preset.yml"), "--feed", str(HUBSPOT / "feed.jsonl")]
    )
    found = sections(result.output)

    assert result.exit_code == 0, result.output
    assert found["companies"][""][""] == "6 rows → accounts 6"
    assert found["deal_company_associations"]["kept for other records"]["from_id"].startswith(
        "12 → deals.account_id"
    )
    assert found["deals"]["not mapped"]["dealstage"].startswith("1 stages has nothing for it")


def test_a_feed_from_standard_input(tmp_path: Path) -> None:
    program = Path(sys.executable).with_name("lightfield-migration")
    (tmp_path / "my.yml").write_text("preset: 1\nstreams: {firms: {to: accounts, columns: {name: called}}}\n")
    env = {name: value for name, value in os.environ.items() if not name.startswith("TARGET_LIGHTFIELD")}

    done = subprocess.run(
        [program, "check", "my.yml", "--feed", "-"],
        input=feed(rows("firms", {"id": 1, "called": "Kestrel"})),
        cwd=tmp_path, env=env, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr) == (0, "")
    assert "firms: 1 row → accounts 1" in done.stdout
