"""Lists of accounts, contacts and opportunities: their members, their names, their type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lightfield
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield import Lightfield

    from lightfield_sandbox.http.server import Sandbox

PATHS = {"account": "accounts", "contact": "contacts", "opportunity": "opportunities"}


def _members(api: Any, list_id: str, path: str) -> list[str]:
    return [record["id"] for record in api.get(f"/v1/lists/{list_id}/{path}").body["data"]]


def test_a_list_shows_neither_members_nor_when_it_changed(sandbox: Sandbox, sdk: Lightfield) -> None:
    for row in sdk.list.list().data:
        seen = sdk.list.retrieve(row.id).to_dict(mode="json")
        assert set(seen) == {"id", "createdAt", "httpLink", "fields"}
        assert row.to_dict(mode="json") == seen
    assert {row["fields"]["$objectType"]["value"] for row in sandbox.records("list")} == {
        "$account", "$contact", "$opportunity", "account", "contact",
    }  # fmt: skip


def test_members_are_full_records_newest_first_page_by_page(sandbox: Sandbox, sdk: Lightfield) -> None:
    sizes = []
    for row in sandbox.records("list"):
        object_type = row["fields"]["$objectType"]["value"].removeprefix("$")
        read = getattr(sdk.list, f"list_{PATHS[object_type]}")
        found: list[Any] = []
        while len(found) < (total := read(row["id"], limit=1).total_count):
            found += read(row["id"], limit=25, offset=len(found)).data
        sizes.append(total)
        ids = [member.id for member in found]
        assert len(set(ids)) == total
        whole = [record for record in sandbox.records(object_type) if record["id"] in ids]
        assert [member.to_dict(mode="json") for member in found] == whole
    assert min(sizes) == 0
    assert max(sizes) > 25


def test_the_members_of_another_type_are_refused(sandbox: Sandbox, api: Any) -> None:
    for row in sandbox.records("list"):
        own = PATHS[row["fields"]["$objectType"]["value"].removeprefix("$")]
        for path in PATHS.values():
            reply = api.get(f"/v1/lists/{row['id']}/{path}")
            if path == own:
                assert reply.status == 200
            else:
                assert reply.error == (400, "bad_request", "invalid_configuration", "$objectType")
    assert api.get("/v1/lists/lst_none/accounts").status == 404
    assert api.get(f"/v1/lists/{row['id']}/{own}?status=trashed").error[2:] == ("unknown_field", "status")


def test_members_need_the_scopes_of_the_list_and_of_the_records(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    scopes = {"both": ["lists:read", "contacts:read"], "one": ["lists:read"], "other": ["contacts:read"]}
    sandbox = start_sandbox(keys=scopes)
    row = next(held for held in sandbox.records("list") if held["fields"]["$name"]["value"] == "Newsletter")
    path = f"/v1/lists/{row['id']}/contacts"
    status = {name: connect(sandbox, sandbox.keys[name]).get(path).status for name in scopes}
    assert status == {"both": 200, "one": 403, "other": 403}


@pytest.mark.parametrize("object_type", ["$contact", "contact"])
def test_a_list_is_made_with_members_and_changed(sdk: Lightfield, api: Any, object_type: str) -> None:
    ids = [contact.id for contact in sdk.contact.list().data[:4]]
    made = sdk.list.create(
        fields={"name": "VIP", "object_type": object_type, "description": "Best"},
        relationships={"contacts": ids[:2]},
    )
    assert made.fields["$objectType"].value == "$contact"
    assert set(_members(api, made.id, "contacts")) == set(ids[:2])
    renamed = sdk.list.update(
        made.id,
        fields={"name": "Very important", "description": None},
        relationships={"contacts": {"add": ids[2:], "remove": ids[0]}},
    )
    assert (renamed.fields["$name"].value, renamed.fields["$description"].value) == ("Very important", None)
    assert set(_members(api, made.id, "contacts")) == set(ids[1:])
    api.call("DELETE", f"/v1/contacts/{ids[1]}")
    assert set(_members(api, made.id, "contacts")) == set(ids[2:])
    assert sdk.list.delete(made.id).id == made.id
    assert sdk.list.delete(made.id).id == made.id
    with pytest.raises(lightfield.NotFoundError):
        sdk.list.retrieve(made.id)
    assert api.get(f"/v1/lists/{made.id}/contacts").status == 404
    assert api.get(f"/v1/contacts/{ids[2]}").status == 200


def test_a_list_that_makes_no_sense_is_refused(sandbox: Sandbox, api: Any) -> None:
    account = sandbox.records("account")[0]["id"]
    contacts = {"$name": "A", "$objectType": "$contact"}
    accounts = {"$name": "A", "$objectType": "$account"}
    for fields, links, code, param in (
        ({"$objectType": "$account"}, {}, None, "fields.name"),
        ({"$name": "A"}, {}, None, "fields.objectType"),
        ({"$name": "A", "$objectType": "$task"}, {}, "invalid_type", "fields.$objectType"),
        ({**accounts, "$kind": "x"}, {}, "invalid_type", "fields.$kind"),
        ({**accounts, "$kind": "target"}, {}, None, "fields.kind"),
        (contacts, {"$accounts": account}, None, "relationships.accounts"),
        (contacts, {"$contacts": account}, "relationship_entity_missing", "relationships.$contacts"),
        (contacts, {"$tasks": "x"}, "unknown_relationship", "relationships.$tasks"),
    ):
        refused = api.post("/v1/lists", {"fields": fields, "relationships": links})
        answer = (400, "bad_request") if code else (422, "unprocessable_content")
        assert refused.error == (*answer, code, param), fields
    row = sandbox.records("list")[0]["id"]
    refused = api.update(f"/v1/lists/{row}", {"$objectType": "$account"})
    assert refused.error[2:] == ("invalid_configuration", "fields.$objectType")
    assert len(sandbox.records("list")) == 6


def test_one_request_names_at_most_25_members(api: Any) -> None:
    ids = [
        record["id"] for offset in (0, 25) for record in api.get(f"/v1/contacts?offset={offset}").body["data"]
    ]
    body = {"fields": {"$name": "A", "$objectType": "$contact"}, "relationships": {"$contacts": ids[:26]}}
    assert api.post("/v1/lists", body).error[2] == "relationship_write_limit_exceeded"


def test_members_trail_behind_writes_like_every_list(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    sandbox = start_sandbox(index_lag=3600)
    api = connect(sandbox)
    row = next(held for held in sandbox.records("list") if held["fields"]["$name"]["value"] == "Newsletter")
    before = _members(api, row["id"], "contacts")
    api.update(f"/v1/lists/{row['id']}", _contacts={"remove": before[:3]})
    assert _members(api, row["id"], "contacts") == before
    fresh = api.create("/v1/lists", {"$name": "A", "$objectType": "$contact"}, _contacts=before[:3])
    assert _members(api, fresh["id"], "contacts") == []
