"""The empty cell of a CSV file, which is the empty text: it is nothing, wherever it comes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lightfield_api.columns import Role
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.resources import RESOURCES
from target_lightfield.loading.rows import RowReader
from tests.target.target_runs import Setup, row, rows, schema
from tests.target.workspaces import Workspace

STREAMS = ("accounts", "contacts", "opportunities", "tasks", "notes", "meetings")
TEXTS = ("TEXT", "MARKDOWN", "HTML")
MEMBERS = {"FULL_NAME": ("first_name", "last_name"), "ADDRESS": ("street", "country", "latitude")}
BLANKS = st.sampled_from(["", "", " ", "\t \r\n"])
FULL: dict[str, Any] = {
    "name": "A", "custom_industry": "Rockets", "custom_arr": 5, "custom_icp_score": 1.5,
    "custom_renewal_date": "2025-01-01", "custom_is_partner": True, "custom_tier": "SMB",
    "custom_tags": ["At risk"], "primary_address": {"city": "X"},
    "custom_exec_sponsor": {"first_name": "Ann"},
    "custom_support_phone": "+14155550100", "custom_billing_email": "a@x.example",
    "custom_status_page": "https://a.example", "website": ["https://a.example"],
}  # fmt: skip


def definitions(workspace: Workspace, stream: str) -> ObjectDefinitions:
    return ObjectDefinitions.from_json(workspace.call("GET", stream, "definitions"))


@pytest.mark.parametrize("stream", STREAMS)
@given(draw=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
def test_of_every_value_type_it_asks_for_what_null_asks_for(
    workspace: Workspace, stream: str, draw: st.DataObject
) -> None:
    reader = _reader(workspace, stream)
    row_of_blanks: dict[str, str] = {}
    for column in reader.columns:
        if column.role is Role.ENVELOPE or not draw.draw(st.booleans()):
            continue
        blank = draw.draw(BLANKS)
        if column.role is Role.FIELD and column.field is not None:
            if column.field.value_type in TEXTS:
                blank = ""
            elif column.field.value_type in MEMBERS and draw.draw(st.booleans()):
                members = MEMBERS[column.field.value_type]
                row_of_blanks |= {f"{column.name}__{member}": blank for member in members}
                continue
        row_of_blanks[column.name] = blank
    nulls = dict.fromkeys(row_of_blanks)

    read, expected = reader.read(row_of_blanks), reader.read(nulls)

    assert {k: v or None for k, v in read.fields.items()} == {
        k: v or None for k, v in expected.fields.items()
    }
    assert not any(read.references.values())


_READERS: dict[str, RowReader] = {}


def _reader(workspace: Workspace, stream: str) -> RowReader:
    if stream not in _READERS:
        _READERS[stream] = RowReader(RESOURCES[stream], definitions(workspace, stream))
    return _READERS[stream]


@pytest.mark.parametrize("blank", ["", "  "])
def test_it_clears_every_field(target: Setup, workspace: Workspace, blank: str) -> None:
    target.loaded(rows("accounts", {"id": "1", **FULL}))
    [before] = workspace.all("accounts")
    texts = {"name": "A", "custom_industry": ""}
    empty = {**dict.fromkeys(FULL, blank), **texts}

    target.loaded(rows("accounts", {"id": "1", **empty}))

    [after] = workspace.all("accounts")
    filled = [key for key, field in before["fields"].items() if field["value"] not in (None, [], "")]
    left = [key for key, field in after["fields"].items() if field["value"] not in (None, [], "")]
    assert len(filled) >= len(FULL)
    assert "arr" not in left
    assert set(left) <= {"$name", *(set(filled) - {key.removeprefix("custom_") for key in FULL})}


def test_flattened_members_may_be_empty(target: Setup, workspace: Workspace) -> None:
    target.loaded(
        rows(
            "contacts",
            {"id": 1, "email": "a@x.example", "name__first_name": "", "name__last_name": "  "},
            {"id": 2, "email": "b@x.example", "name__first_name": "Ann", "name__last_name": ""},
        )
    )

    assert target.values("contacts", "$name")["2"]["firstName"] == "Ann"


@pytest.mark.parametrize(
    ("columns", "tier", "tags"),
    [
        ({"custom_tier": "", "custom_tier_label": ""}, None, None),
        ({"custom_tier": "", "custom_tier_label": "SMB"}, "SMB", None),
        ({"custom_tier": "SMB", "custom_tier_label": " "}, "SMB", None),
        ({"custom_tags": "", "custom_tags_labels": ""}, None, None),
        ({"custom_tags": [""], "custom_tags_labels": ["At risk", ""]}, None, "At risk"),
    ],
)
def test_selects_and_their_labels_may_be_empty(
    target: Setup, workspace: Workspace, columns: dict[str, Any], tier: str | None, tags: str | None
) -> None:
    target.loaded(rows("accounts", {"id": 1, "name": "A", **columns}))

    [account] = workspace.all("accounts")
    tiers, all_tags = workspace.options("accounts", "tier"), workspace.options("accounts", "tags")
    assert account["fields"]["tier"]["value"] == (tier and tiers[tier])
    assert account["fields"]["tags"]["value"] in ([[all_tags[tags]]] if tags else [None, []])


def test_a_default_takes_its_place(target: Setup, workspace: Workspace) -> None:
    defaults = {"custom_industry": "Rockets", "custom_arr": 7, "custom_renewal_date": "2025-01-01"}

    target.loaded(
        rows(
            "accounts",
            {"id": 1, "name": "A", "custom_industry": "", "custom_arr": " ", "custom_renewal_date": ""},
        ),
        objects={"accounts": {"defaults": defaults}},
    )

    assert workspace.values("accounts", "industry") == ["Rockets"]
    assert workspace.values("accounts", "arr") == [7]


@pytest.mark.parametrize("mark", ["", " "])
def test_a_record_with_an_empty_time_of_deletion_is_not_deleted(
    target: Setup, workspace: Workspace, mark: str
) -> None:
    messages = rows("accounts", {"id": 1, "name": "A", "_sdc_deleted_at": mark})

    assert target.loaded(messages, delete_mode="trash").count("accounts") == {"created": 1}
    assert target.loaded(messages, delete_mode="trash").count("accounts") == {"unchanged": 1}


def test_an_empty_reference_is_none(target: Setup, workspace: Workspace) -> None:
    target.loaded(
        rows("contacts", {"id": 1, "email": "a@x.example", "account_ids": ["", " "]}),
        rows("contacts", {"id": 2, "email": "b@x.example", "account_ids": " "}),
    )

    target.loaded(rows("accounts", {"id": 1, "name": "A", "owner_id": " "}))

    assert target.table("lightfield_waiting_links") == []


@pytest.mark.parametrize("blank", ["", "  "])
def test_an_empty_key_is_missing(target: Setup, blank: str) -> None:
    members = schema("list_members", key=["list_id", "object_type", "record_id"])

    outcome = target.load(
        rows("notes", {"id": blank, "title": "T"}),
        members,
        row("list_members", list_id=1, object_type="account", record_id=blank),
    )

    assert outcome.count("notes") == {"rejected": 1}
    assert [reject["code"] for reject in target.rejects()] == ["key_missing"] * 2


@pytest.mark.parametrize(
    "rule",
    [
        {"type": ["null", "number"]},
        {"type": "integer"},
        {"type": ["null", "string"], "format": "date-time"},
        {"type": "string", "minLength": 1},
        {"enum": ["a", "b"]},
        {"anyOf": [{"type": "number"}, {"type": "null"}]},
        {"oneOf": [{"type": "array", "items": {"type": "number"}}, {"type": "null"}]},
    ],
    ids=str,
)
def test_it_breaks_no_schema(target: Setup, workspace: Workspace, rule: dict[str, Any]) -> None:
    typed = schema("accounts", "name", custom_arr=rule)

    target.loaded(
        typed, row("accounts", id=1, name="A", custom_arr=""), row("accounts", id=2, name="B", custom_arr=" ")
    )

    assert workspace.values("accounts", "arr") == [None, None]


def test_an_empty_cell_among_the_items_breaks_no_schema(target: Setup) -> None:
    items = {"anyOf": [{"type": "array", "items": {"type": "string", "minLength": 1}}, {"type": "null"}]}

    outcome = target.load(
        schema("contacts", email=items),
        row("contacts", id=1, email=["a@x.example", ""]),
        row("contacts", id=2, email=[5]),
    )

    assert outcome.count("contacts") == {"created": 1, "rejected": 1}


def test_files_take_empty_cells(target: Setup) -> None:
    (target.folder / "a.txt").write_text("content")
    cells = dict.fromkeys(["filename", "mime_type", "size_bytes", "file_sha256", "purpose", "status"], " ")

    outcome = target.loaded(
        rows("files", {"id": 1, "file_path": "a.txt", **cells}), file_upload_dir=str(target.folder)
    )

    assert outcome.count("files") == {"created": 1}
