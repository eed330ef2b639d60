"""The seeded workspace: the same for the same seed, like a real one, and valid."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_sandbox.schema.definition_table import load_definitions
from lightfield_sandbox.schema.ids import IdSource
from lightfield_sandbox.schema.values import check_value, unique_tokens
from lightfield_sandbox.seed.records import seed_records
from lightfield_sandbox.settings import DEFAULT_COUNTS, Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield_sandbox.http.server import Sandbox
    from lightfield_sandbox.schema.definitions import ObjectDefinition
    from lightfield_sandbox.store.records import Record

VALUE_TYPES = {
    "ADDRESS", "CHECKBOX", "CURRENCY", "DATETIME", "EMAIL", "FULL_NAME", "MARKDOWN", "MULTI_SELECT", "NUMBER",
    "SINGLE_SELECT", "SOCIAL_HANDLE", "TELEPHONE", "TEXT", "URL", "HTML",
}  # fmt: skip


@pytest.fixture(scope="module")
def definitions() -> dict[str, ObjectDefinition]:
    return load_definitions(IdSource(1, "definitions"))


@pytest.fixture(scope="module")
def records(definitions: dict[str, ObjectDefinition]) -> dict[str, Record]:
    return {record.id: record for record in seed_records(Settings(), definitions)}


def test_the_same_seed_makes_the_same_workspace_and_another_seed_other_ids(
    start_sandbox: Callable[..., Sandbox],
) -> None:
    one, same, other = start_sandbox(seed=5), start_sandbox(seed=5), start_sandbox(seed=6)
    assert one.keys == same.keys
    assert one.key != other.key
    for object_type in DEFAULT_COUNTS:
        assert one.records(object_type) == same.records(object_type)
        ids = [{record["id"] for record in sandbox.records(object_type)} for sandbox in (one, other)]
        assert not ids[0] & ids[1]


def test_two_seeds_share_their_people_definition_keys_and_labels_but_no_ids(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    one, other = (connect(start_sandbox(seed=seed, empty=True)) for seed in (1, 2))
    emails = [
        [member["fields"]["$email"]["value"] for member in api.get("/v1/members").body["data"]]
        for api in (one, other)
    ]
    assert emails[0] == emails[1]
    assert len(emails[0]) == 8
    for path in ("accounts", "contacts", "opportunities", "tasks", "notes", "meetings"):
        shown = [json.dumps(api.get(f"/v1/{path}/definitions").body) for api in (one, other)]
        ids: list[set[str]] = [set(), set()]
        stripped = [
            json.loads(text, object_hook=lambda part, seen=ids[at]: _without_ids(part, seen))
            for at, text in enumerate(shown)
        ]
        assert stripped[0] == stripped[1]
        assert ids[0]
        assert not ids[0] & ids[1]


def _without_ids(part: dict[str, Any], seen: set[str]) -> dict[str, Any]:
    seen.update(part[key] for key in ("id", "parentId") if isinstance(part.get(key), str))
    return {key: value for key, value in part.items() if key not in ("id", "parentId")}


def test_an_empty_workspace_has_members_and_definitions_only(start_sandbox: Callable[..., Sandbox]) -> None:
    counts = start_sandbox(empty=True).stats()["records"]
    assert counts == {**dict.fromkeys(DEFAULT_COUNTS, 0), "member": 8}
    assert start_sandbox(empty=True, contacts=3, members=20).stats()["records"]["contact"] == 3


def test_the_trash_holds_records_of_each_type_that_lists_it_beside_the_counts(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    for options, count in (({}, 3), ({"trashed": 30}, 30), ({"empty": True}, 0)):
        sandbox = start_sandbox(seed=4, **options)
        api = connect(sandbox)
        for path in ("accounts", "contacts", "opportunities", "tasks", "notes", "meetings"):
            trashed = api.get(f"/v1/{path}?status=trashed").body
            assert trashed["totalCount"] == count
            for record in trashed["data"]:
                assert api.get(f"/v1/{path}/{record['id']}").status == 404
        assert sandbox.stats()["records"]["account"] == (0 if options.get("empty") else 60)


def test_files_and_the_trash_leave_the_other_records_as_they_are(
    start_sandbox: Callable[..., Sandbox],
) -> None:
    plain = start_sandbox(trashed=0, emails=0, messages=0, channels=0, lists=0, files=0, custom_objects=0)
    full, more = start_sandbox(files=0), start_sandbox(trashed=50, emails=200, custom_objects=50, files=0)
    for object_type in ("account", "contact", "opportunity", "task", "note", "meeting", "member"):
        assert plain.records(object_type) == full.records(object_type) == more.records(object_type)


def test_without_counts_a_workspace_has_the_default_ones(sandbox: Sandbox) -> None:
    assert sandbox.stats()["records"] == DEFAULT_COUNTS


def test_every_value_type_has_a_field_and_a_value(
    definitions: dict[str, ObjectDefinition], records: dict[str, Record]
) -> None:
    used = {
        definitions[record.object_type].fields[key].value_type
        for record in records.values()
        for key in record.fields
    }
    assert used == VALUE_TYPES


def test_every_seeded_value_is_one_that_a_write_would_keep(
    definitions: dict[str, ObjectDefinition], records: dict[str, Record]
) -> None:
    for record in records.values():
        for key, value in record.fields.items():
            field = definitions[record.object_type].fields[key]
            checked = check_value(field, value)
            assert checked == value, (record.id, key)


def test_every_link_has_its_other_end_and_every_has_one_at_most_one(
    definitions: dict[str, ObjectDefinition], records: dict[str, Record]
) -> None:
    for record in records.values():
        for name, linked in record.links.items():
            slot = definitions[record.object_type].slots[name]
            assert len(set(linked)) == len(linked)
            assert not slot.one or len(linked) == 1
            if slot.object_type == "user":
                continue
            for other in linked:
                assert records[other].object_type == slot.object_type
                assert slot.inverse is None or record.id in records[other].links[slot.inverse]


def test_required_values_are_there_and_unique_ones_are_unique(
    definitions: dict[str, ObjectDefinition], records: dict[str, Record]
) -> None:
    taken: dict[tuple[str, str, str], str] = {}
    for record in records.values():
        definition = definitions[record.object_type]
        assert all(record.fields.get(key) for key, field in definition.fields.items() if field.required)
        assert all(record.links.get(key) for key, link in definition.relationships.items() if link.required)
        for key in definition.unique_keys:
            for token in unique_tokens(definition.fields[key], record.fields.get(key)):
                assert taken.setdefault((record.object_type, key, token), record.id) == record.id


def test_the_data_look_like_those_of_a_workspace_in_use(records: dict[str, Record]) -> None:
    held = list(records.values())
    assert {None} < {record.updated_ms for record in held}
    assert all(record.updated_ms is None or record.updated_ms >= record.created_ms for record in held)
    created = [record.created_ms for record in held if record.object_type == "contact"]
    assert max(created) - min(created) > 5 * 365 * 86_400_000
    contacts = [record for record in held if record.object_type == "contact"]
    assert any(len(record.fields.get("$email", ())) > 1 for record in contacts)
    assert any("$email" not in record.fields for record in contacts)
    assert any(len(record.links.get("$account", ())) > 1 for record in contacts)
    assert any("$account" not in record.links for record in contacts)
    assert any(not str(record.fields.get("$name")).isascii() for record in contacts)
    assert any(
        len(record.fields.get("$content", "")) > 1_000 for record in held if record.object_type == "note"
    )
    assert any(record.external_id for record in held)
