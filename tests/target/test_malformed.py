"""Input that is not as it should be: a line ends the run in one sentence, a record is rejected alone."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest

from target_lightfield.messages import MalformedMessage, MessageReader
from tests.target.target_runs import Setup, feed, row, rows, schema, state
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    pass


SECRET = "confidential"


@pytest.mark.parametrize(
    "line",
    [
        SECRET,
        f'["{SECRET}"]',
        f'"{SECRET}"',
        "5",
        "null",
        "[" * 100_000,
        f'{{"type": "NOPE", "stream": "{SECRET}"}}',
        f'{{"stream": "accounts", "record": {{"id": "{SECRET}"}}}}',
        '{"type": ["RECORD"], "stream": "accounts", "record": {}}',
        f'{{"type": "RECORD", "record": {{"id": "{SECRET}"}}}}',
        f'{{"type": "RECORD", "stream": 5, "record": {{"id": "{SECRET}"}}}}',
        f'{{"type": "RECORD", "stream": "accounts", "id": "{SECRET}"}}',
        f'{{"type": "RECORD", "stream": "accounts", "record": ["{SECRET}"]}}',
        f'{{"type": "RECORD", "stream": "contacts", "record": {{"id": "{SECRET}"}}}}',
        f'{{"type": "RECORD", "stream": "accounts", "record": {{"id": "{SECRET}"}}}} {{}}',
        '{"type": "SCHEMA", "stream": "accounts"}',
        '{"type": "SCHEMA", "stream": "accounts", "schema": {"type": "object"}, "key_properties": []}',
        '{"type": "SCHEMA", "stream": "accounts", "schema": {"properties": ["name"]}}',
        '{"type": "SCHEMA", "stream": "accounts", "schema": {"properties": {"name": "string"}}}',
        '{"type": "SCHEMA", "stream": "accounts", "schema": {"properties": {}}, "key_properties": "id"}',
        '{"type": "SCHEMA", "stream": "accounts", "schema": {"properties": {}}, "key_properties": [1]}',
        '{"type": "SCHEMA", "stream": "accounts", "schema": {"properties": {"name": {"type": "text"}}}}',
        '{"type": "STATE"}',
        '{"type": "ACTIVATE_VERSION", "stream": "contacts", "version": 1}',
        '{"type": "BATCH", "stream": "accounts", "encoding": {"format": "jsonl"}, "manifest": ["file:///x"]}',
    ],
    ids=lambda line: line[:60],
)
def test_a_line_that_is_no_valid_message_ends_the_run_in_one_sentence_without_state(
    target: Setup, workspace: Workspace, line: str
) -> None:
    outcome = target.load(rows("accounts", {"id": "1", "name": "Acme"}), line, state(done=1))

    assert outcome.error
    assert outcome.states == []
    assert SECRET not in outcome.log
    assert workspace.values("accounts", "$name") == ["Acme"]  # what came before is written, and known
    assert set(target.ids("accounts")) == {"1"}


def test_input_that_is_not_utf_8_ends_the_run_in_one_sentence(target: Setup) -> None:
    path = target.folder / "latin1.jsonl"
    path.write_bytes(feed([rows("accounts", {"id": "1", "name": "X"})]).replace("X", "é").encode("latin-1"))

    outcome = target.load(source=path)

    assert "UTF-8" in outcome.error


def test_a_signal_while_a_run_ends_on_such_input_changes_nothing_about_how_it_ends() -> None:
    reader = MessageReader()
    reader.on_failure = lambda _: reader.stop()  # as the handler of a signal calls it
    with pytest.raises(MalformedMessage, match="not UTF-8 after line 0"):
        reader.process_lines(io.TextIOWrapper(io.BytesIO(b"\xff\n"), encoding="utf-8"), {})


def test_the_message_names_the_line(target: Setup) -> None:
    outcome = target.load(rows("accounts", {"id": "1", "name": "Acme"}), "{")

    assert "Line 3 " in outcome.error


def test_activate_version_and_streams_that_are_not_written_are_ignored(target: Setup) -> None:
    typed = schema("messages", text={"type": "string"})
    version = {"type": "ACTIVATE_VERSION", "stream": "accounts", "version": 1}

    outcome = target.loaded(
        typed,
        row("messages", id=1, text=5),
        row("messages", text="no key"),
        rows("accounts", {"id": "1", "name": "Acme"}),
        version,
        state(done=1),
    )

    assert "'messages'" in outcome.log
    assert outcome.state == {"done": 1}


@pytest.mark.parametrize(
    ("record", "code", "param"),
    [
        ({"title": "T"}, "key_missing", "id"),
        ({"id": None, "title": "T"}, "key_missing", "id"),
        ({"id": "", "title": "T"}, "key_missing", "id"),
        ({"id": "\ud800", "title": "T"}, "key_invalid", "id"),
        ({"id": "nul\x00", "title": "T"}, "key_invalid", "id"),
        ({"id": "x" * 10_000, "title": "T"}, "key_invalid", "id"),
        ({"id": "k", "title": {"a": 1}}, "invalid_value", "title"),
        ({"id": "k", "title": True}, "invalid_value", "title"),
        ({"id": "k", "title": "half \ud800 pair"}, "invalid_type", "title"),
        ({"id": "k", "title": "nul \x00"}, "invalid_type", "title"),
        ({"id": "k"}, "parameter_missing", "title"),
        ({"id": "k", "title": None}, "parameter_missing", "title"),
        ({"id": "k", "title": ""}, "parameter_missing", "title"),
    ],
    ids=lambda value: repr(value)[:40],
)
def test_a_bad_record_is_rejected_alone(
    target: Setup, workspace: Workspace, record: dict[str, Any], code: str, param: str
) -> None:
    outcome = target.load(
        schema("notes", "title"), row("notes", **record), row("notes", id="good", title="Good"), state(done=1)
    )

    assert "1 record was rejected" in outcome.error
    assert [(r["code"], r["param"]) for r in target.rejects()] == [(code, param)]
    assert target.rejects()[0]["record"] == record
    assert workspace.values("notes", "$title") == ["Good"]
    assert outcome.state == {"done": 1}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("custom_renewal_date", "2025-13-45"),
        ("custom_renewal_date", "tomorrow"),
        ("custom_renewal_date", "now"),
        ("custom_renewal_date", 20250101),
        ("custom_renewal_date", ["2025-01-01"]),
        ("custom_arr", "12 EUR"),
        ("custom_arr", "1_0"),
        ("custom_arr", "\u0663"),
        ("custom_arr", True),
        ("custom_icp_score", 1.234),
        ("custom_is_partner", "perhaps"),
        ("custom_is_partner", 2),
        ("custom_tier", "No such tier"),
        ("custom_tier", {"a": 1}),
        ("custom_tier", ["SMB"]),
        ("custom_tags", ["No such tag"]),
        ("custom_tags", [{"a": 1}]),
        ("primary_address", "Main Street"),
        ("primary_address", {"planet": "Mars"}),
        ("primary_address", {"country": "Atlantis"}),
        ("primary_address", {"latitude": "north"}),
        ("custom_exec_sponsor", ["Ann"]),
        ("custom_support_phone", "none"),
        ("custom_billing_email", [{"a": 1}]),
        ("custom_status_page", ["https://a.example", "https://b.example"]),
        ("linked_in", "https://example.com/me"),
    ],
    ids=lambda value: repr(value)[:30],
)
def test_a_value_that_its_field_cannot_take_rejects_the_record_and_names_the_column(
    target: Setup, workspace: Workspace, column: str, value: object
) -> None:
    outcome = target.load(
        rows("accounts", {"id": "1", "name": "Bad", column: value}, {"id": "2", "name": "Good"})
    )

    assert outcome.count("accounts") == {"created": 1, "rejected": 1}
    assert [reject["param"] for reject in target.rejects()] == [column]
    assert workspace.values("accounts", "$name") == ["Good"]


@pytest.mark.parametrize("column", ["custom_tier", "custom_tags"])
def test_junk_beside_a_label_is_ignored_for_the_label(
    target: Setup, workspace: Workspace, column: str
) -> None:
    label = {"custom_tier": {"custom_tier_label": "SMB"}, "custom_tags": {"custom_tags_labels": ["At risk"]}}

    target.loaded(rows("accounts", {"id": "1", "name": "A", column: {"a": 1}, **label[column]}))

    assert workspace.values("accounts", column.removeprefix("custom_")) != [None]


def test_a_record_that_breaks_its_own_schema_is_rejected_with_the_column(
    target: Setup, workspace: Workspace
) -> None:
    typed = schema("accounts", name={"type": "string"}, custom_arr={"type": ["number", "null"]})
    bad = [{"id": "1", "name": 5}, {"id": "2", "name": "B", "custom_arr": "n/a"}]

    outcome = target.load(
        typed, *(row("accounts", **r) for r in bad), row("accounts", id="3", name="Good"), max_rejects=2
    )

    assert outcome.status == 0
    assert [(r["code"], r["param"]) for r in target.rejects()] == [
        ("invalid_record", "name"), ("invalid_record", "custom_arr")
    ]  # fmt: skip
    assert workspace.values("accounts", "$name") == ["Good"]


def test_validate_records_false_leaves_it_to_the_field(target: Setup, workspace: Workspace) -> None:
    target.loaded(
        schema("accounts", name={"type": "string"}), row("accounts", id="1", name=5), validate_records=False
    )

    assert workspace.values("accounts", "$name") == ["5"]


def test_ten_megabytes_of_text_arrive_whole(target: Setup, workspace: Workspace) -> None:
    content = "läng " * 2_000_000

    target.loaded(rows("notes", {"id": "1", "title": "Long", "content": content}))

    assert workspace.values("notes", "$content") == [content]


def test_a_deeply_nested_value_is_rejected_alone(target: Setup, workspace: Workspace) -> None:
    nested: Any = "x"
    for _ in range(400):
        nested = [nested]

    outcome = target.load(
        rows("notes", {"id": "1", "title": nested, "contact_ids": nested}, {"id": "2", "title": "Good"})
    )

    assert outcome.count("notes") == {"created": 1, "rejected": 1}


def test_a_schema_may_change_in_the_middle(target: Setup, workspace: Workspace) -> None:
    target.loaded(
        rows("accounts", {"id": "1", "name": "A"}),
        rows("accounts", {"id": "1", "name": "B", "custom_arr": 1}, {"id": "2", "name": "C"}),
        rows("accounts", {"id": "1", "custom_industry": "Rockets"}),
    )

    assert target.values("accounts", "$name") == {"1": "B", "2": "C"}
    assert target.values("accounts", "industry") == {"1": "Rockets", "2": None}
    assert len(workspace.all("accounts")) == 2


def test_two_streams_may_share_a_sink(target: Setup, workspace: Workspace) -> None:
    maps = {
        source: {"__alias__": "accounts", "id": "id", "name": name, "__else__": None}
        for source, name in (("companies", "title"), ("partners", "label"))
    }

    target.loaded(
        schema("companies", "title"),
        schema("partners", "label"),
        row("companies", id="c1", title="Company"),
        row("partners", id="p1", label="Partner"),
        row("companies", id="c1", title="Company 2"),
        stream_maps=maps,
    )

    assert target.values("accounts", "$name") == {"c1": "Company 2", "p1": "Partner"}
    assert len(workspace.all("accounts")) == 2


def test_a_map_that_does_not_fit_ends_the_run_in_one_sentence(target: Setup) -> None:
    maps = {"companies": {"__alias__": "accounts", "name": "no_such_column + 1"}}

    outcome = target.load(schema("companies", "title"), row("companies", id="1", title="x"), stream_maps=maps)

    assert outcome.error


def test_an_unknown_column_is_an_error_that_names_the_nearest_before_a_write(
    target: Setup, workspace: Workspace
) -> None:
    outcome = target.load(rows("accounts", {"id": "1", "name": "Acme", "headcont": "1-10"}))

    assert "'headcont' (nearest: headcount" in outcome.error
    assert workspace.all("accounts") == []


def test_unknown_columns_can_be_ignored_with_a_warning(target: Setup, workspace: Workspace) -> None:
    outcome = target.loaded(
        rows("accounts", {"id": "1", "name": "Acme", "headcont": "1-10"}), unknown_columns="ignore"
    )

    assert "'headcont'" in outcome.log
    assert workspace.values("accounts", "$name") == ["Acme"]


def test_a_key_column_and_sdc_columns_need_be_no_fields(target: Setup) -> None:
    target.loaded(rows("accounts", {"crm_key": "1", "name": "Acme", "_sdc_batched_at": "x"}, key=["crm_key"]))


def test_a_column_that_no_schema_announced_is_named_once(target: Setup) -> None:
    outcome = target.loaded(
        schema("accounts", "name"), *(row("accounts", id=n, name=f"N{n}", surprise=n) for n in range(3))
    )

    assert outcome.log.count("surprise") == 1
