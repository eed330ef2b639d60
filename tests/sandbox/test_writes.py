"""What a write may say, and what it leaves behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield_sandbox.http.server import Sandbox

ADDRESS = {"street": "1 High Street", "city": "Köln", "country": "DE", "latitude": 50.9, "longitude": 6.9}

# Field of an account, what is written, what is read.
ACCEPTED = [
    ("industry", "日本 🚀 \n", "日本 🚀 \n"),
    ("account-plan", "# Plan", "# Plan"),
    ("welcomePage", "<p>&nbsp;</p>", "<p>&nbsp;</p>"),
    ("billingEmail", ["o'brien+crm@x.example"], ["o'brien+crm@x.example"]),
    ("icp-score", 12.34, 12.34),
    ("icp-score", 0, 0),
    ("icp-score", -5, -5),
    ("arr", 1234.567, 1234.567),
    ("isPartner", False, False),
    ("renewalDate", "2026-02-28T23:30:00+02:00", "2026-02-28T21:30:00.000Z"),
    ("renewalDate", "2026-02-28T21:30:00.123456Z", "2026-02-28T21:30:00.123Z"),
    ("$website", ["https://a.example/x?y=1", "b.example"], ["https://a.example/x?y=1", "b.example"]),
    ("$website", ["a.example", "a.example"], ["a.example"]),
    ("$website", [], None),
    ("billingEmail", ["Ann@X.example"], ["Ann@X.example"]),
    ("statusPage", "https://status.example", "https://status.example"),
    ("supportPhone", ["+49 (30) 123-4567"], ["+49301234567"]),
    ("supportPhone", ["(512) 555-0100 ext. 100"], ["+15125550100;ext=100"]),
    ("supportPhone", ["1-512-555-0100"], ["+15125550100"]),
    ("supportPhone", ["123 4567"], ["1234567"]),
    ("shippingAddress", ADDRESS, ADDRESS),
    ("shippingAddress", {"city": None}, {"city": None}),
    ("execSponsor", {"firstName": "Zoë"}, {"firstName": "Zoë", "lastName": None}),
    ("$linkedIn", "https://uk.linkedin.com/company/acme", "https://uk.linkedin.com/company/acme"),
    ("$twitter", "https://x.com/acme", "https://x.com/acme"),
    ("industry", None, None),
]  # fmt: skip

REFUSED = [
    ("$name", 5, "invalid_type"),
    ("$name", None, "parameter_missing"),
    ("$name", "", "parameter_missing"),
    ("industry", "a\x00b", "invalid_type"),
    ("icp-score", "12", "invalid_type"),
    ("icp-score", True, "invalid_type"),
    ("icp-score", 1.234, "invalid_type"),
    ("arr", 1e300, "invalid_type"),
    ("isPartner", "true", "invalid_type"),
    ("isPartner", 1, "invalid_type"),
    ("renewalDate", "2026-02-28", "invalid_type"),
    ("renewalDate", "2026-02-28T10:00:00", "invalid_type"),
    ("renewalDate", "2026-02-30T10:00:00Z", "invalid_type"),
    ("renewalDate", "0001-01-01T00:00:00+10:00", "invalid_type"),
    ("renewalDate", 1700000000, "invalid_type"),
    ("$website", "https://a.example", "invalid_type"),
    ("$website", ["not a url"], "invalid_type"),
    ("$website", ["ftp://a.example"], "invalid_type"),
    ("statusPage", ["https://status.example"], "invalid_type"),
    ("billingEmail", ["ann"], "invalid_type"),
    ("billingEmail", ['"ann"@x.example'], "invalid_type"),
    ("billingEmail", ["ann@localhost"], "invalid_type"),
    ("supportPhone", ["12"], "invalid_type"),
    ("supportPhone", ["+0 123 456 789"], "invalid_type"),
    ("supportPhone", ["call me"], "invalid_type"),
    ("shippingAddress", {"country": "Germany"}, "invalid_type"),
    ("shippingAddress", {"country": "DEU"}, "invalid_type"),
    ("shippingAddress", {"latitude": 91}, "invalid_type"),
    ("shippingAddress", "Berlin", "invalid_type"),
    ("execSponsor", "Zoë", "invalid_type"),
    ("$linkedIn", "acme", "invalid_type"),
    ("$linkedIn", "https://x.com/acme", "invalid_type"),
    ("tier", "Gigantic", "referenced_resource_missing"),
    ("tier", ["SMB"], "invalid_type"),
    ("tags", "At risk", "invalid_type"),
    ("tags", ["At risk", "No such tag"], "referenced_resource_missing"),
    ("$nothing", "x", "unknown_field"),
    ("name", "x", "unknown_field"),
    ("$accountStatus", "x", "invalid_configuration"),
]


@pytest.mark.parametrize(("key", "written", "read"), ACCEPTED)
def test_a_value_is_read_back_as_it_was_written(api: Any, key: str, written: Any, read: Any) -> None:
    created = api.create("/v1/accounts", {"$name": "Acme", key: written})
    assert created["fields"][key]["value"] == read
    other = api.create("/v1/accounts", {"$name": "Acme"})["id"]
    if key != "$website":
        assert api.update(f"/v1/accounts/{other}", {key: written}).body["fields"][key]["value"] == read
    assert api.get(f"/v1/accounts/{created['id']}").body == created


@pytest.mark.parametrize(("key", "written", "code"), REFUSED)
def test_a_value_that_the_definition_does_not_take_is_refused(
    steady: Any, key: str, written: Any, code: str
) -> None:
    expected = (400, "bad_request", code, f"fields.{key}")
    if code == "parameter_missing":
        expected = (422, "unprocessable_content", None, f"fields.{key.removeprefix('$')}")
    assert steady.post("/v1/accounts", {"fields": {"$name": "Acme", key: written}}).error == expected
    record = steady.get("/v1/accounts?limit=1").body["data"][0]
    assert (
        steady.update(f"/v1/accounts/{record['id']}", {"industry": "changed", key: written}).error == expected
    )
    assert steady.get(f"/v1/accounts/{record['id']}").body == record


def test_an_address_part_that_does_not_exist_is_named(steady: Any) -> None:
    reply = steady.post("/v1/accounts", {"fields": {"$name": "Acme", "$primaryAddress": {"zip": "1"}}})
    assert reply.error == (400, "bad_request", "unknown_field", "fields.$primaryAddress.zip")


def test_options_are_written_by_id_or_label_and_read_as_ids(api: Any) -> None:
    fields = api.get("/v1/accounts/definitions").body["fieldDefinitions"]
    tier = {option["label"]: option["id"] for option in fields["tier"]["typeConfiguration"]["options"]}
    tags = {option["label"]: option["id"] for option in fields["tags"]["typeConfiguration"]["options"]}
    created = api.create(
        "/v1/accounts", {"$name": "A", "tier": "SMB", "tags": ["Événement", tags["At risk"]]}
    )
    assert created["fields"]["tier"]["value"] == tier["SMB"]
    assert created["fields"]["tags"]["value"] == [tags["Événement"], tags["At risk"]]
    updated = api.update(f"/v1/accounts/{created['id']}", {"tier": tier["Enterprise"]}).body
    assert updated["fields"]["tier"]["value"] == tier["Enterprise"]


@pytest.mark.parametrize(
    ("body", "code", "param"),
    [
        ({}, "parameter_missing", "fields"),
        ({"fields": []}, "invalid_type", "fields"),
        ({"fields": {"$name": "A"}, "relationships": []}, "invalid_type", "relationships"),
        ({"fields": {"$name": "A"}, "skipEnrichment": "yes"}, "invalid_type", "skipEnrichment"),
        ({"fields": {"$name": "A"}, "autoCreateRecords": True}, "unknown_field", "autoCreateRecords"),
        ({"fields": {"$name": "A"}, "externalId": "1"}, "unknown_field", "externalId"),
    ],
)
def test_a_malformed_body_is_a_bad_request(steady: Any, body: Any, code: str, param: str) -> None:
    assert steady.post("/v1/accounts", body).error == (400, "bad_request", code, param)


@pytest.mark.parametrize(
    ("path", "body", "param"),
    [
        ("accounts", {"fields": {}}, "fields.name"),
        ("opportunities", {"fields": {"$name": "Deal"}}, "relationships.account"),
        (
            "opportunities",
            {"fields": {"$name": "Deal"}, "relationships": {"$account": []}},
            "relationships.account",
        ),
        ("tasks", {"fields": {"$title": "Call"}}, "fields.status"),
        ("tasks", {"fields": {"$status": "TODO"}}, "fields.title"),
        ("tasks", {"fields": {"$title": "Call", "$status": "TODO"}}, "relationships.assignedTo"),
        ("notes", {"fields": {"$content": "x"}}, "fields.title"),
        ("meetings", {"fields": {"$title": "x", "$startDate": "2025-01-01T10:00:00Z"}}, "fields.endDate"),
    ],
)
def test_what_is_required_on_create_is_named_when_missing(
    steady: Any, path: str, body: Any, param: str
) -> None:
    assert steady.post(f"/v1/{path}", body).error == (422, "unprocessable_content", None, param)


def test_a_required_relationship_can_be_replaced_but_not_cleared(api: Any) -> None:
    one, two = (api.create("/v1/accounts", {"$name": name})["id"] for name in "AB")
    deal = api.create("/v1/opportunities", {"$name": "Deal"}, _account=one)["id"]
    for change in ({"replace": None}, {"remove": one}):
        reply = api.update(f"/v1/opportunities/{deal}", _account=change)
        assert reply.error == (422, "unprocessable_content", None, "relationships.account")
    assert api.update(f"/v1/opportunities/{deal}", _account={"replace": two}).status == 200
    assert api.get(f"/v1/accounts/{one}").body["relationships"]["$opportunity"]["values"] == []
    assert api.get(f"/v1/accounts/{two}").body["relationships"]["$opportunity"]["values"] == [deal]


def test_a_link_shows_at_both_ends_and_moves_both_updated_at(api: Any) -> None:
    contact = api.create("/v1/contacts", {"$name": {"firstName": "Ann"}})
    account = api.create("/v1/accounts", {"$name": "Acme"}, _contact=contact["id"])
    seen = api.get(f"/v1/contacts/{contact['id']}").body
    assert seen["relationships"]["$account"]["values"] == [account["id"]]
    assert seen["updatedAt"] > contact["updatedAt"]
    api.update(f"/v1/contacts/{contact['id']}", _account={"remove": [account["id"]]})
    after = api.get(f"/v1/accounts/{account['id']}").body
    assert after["relationships"]["$contact"]["values"] == []
    assert after["updatedAt"] > account["updatedAt"]


def test_a_has_one_end_gives_up_what_it_held(api: Any) -> None:
    ann, bob = (api.create("/v1/contacts", {"$name": {"firstName": name}})["id"] for name in ("Ann", "Bob"))
    account = api.create("/v1/accounts", {"$name": "Acme"}, **{"billing-contact": ann})["id"]
    api.update(f"/v1/contacts/{bob}", **{"pays-for": {"add": account}})
    assert api.get(f"/v1/accounts/{account}").body["relationships"]["billing-contact"]["values"] == [bob]
    assert api.get(f"/v1/contacts/{ann}").body["relationships"]["pays-for"]["values"] == []


def test_a_self_referential_link_has_a_source_and_a_destination(api: Any) -> None:
    parent = api.create("/v1/accounts", {"$name": "Parent"})["id"]
    child = api.create("/v1/accounts", {"$name": "Child"}, parent=parent)["id"]
    grandchild = api.create("/v1/accounts", {"$name": "Grandchild"}, parent=child)["id"]
    seen = api.get(f"/v1/accounts/{child}").body["relationships"]["parent"]
    assert seen["directions"] == {
        "asSource": {"cardinality": "HAS_ONE", "values": [parent]},
        "asDestination": {"cardinality": "HAS_MANY", "values": [grandchild]},
    }
    assert seen["values"] == [parent, grandchild]
    api.update(f"/v1/accounts/{grandchild}", parent={"replace": parent})
    directions = api.get(f"/v1/accounts/{parent}").body["relationships"]["parent"]["directions"]
    assert directions["asDestination"]["values"] == [child, grandchild]


def test_relationships_that_make_no_sense_are_refused(api: Any) -> None:
    account = api.create("/v1/accounts", {"$name": "Acme"})["id"]
    contact = api.create("/v1/contacts", {})["id"]
    for change, code in (
        ({"$nothing": {"add": "x"}}, "unknown_relationship"),
        ({"$opportunity": {"add": "opp_1"}}, "invalid_configuration"),
        ({"$contact": {"replace": contact}}, "invalid_configuration"),
        ({"$contact": {"add": "con_none"}}, "relationship_entity_missing"),
        ({"$contact": {"add": account}}, "relationship_entity_missing"),
        ({"$contact": {"add": 5}}, "invalid_type"),
        ({"$contact": {"put": contact}}, "invalid_type"),
        ({"$contact": contact}, "invalid_type"),
        ({"$contact": {}}, "invalid_type"),
        ({"$owner": {"replace": None, "add": "x"}}, "invalid_type"),
        ({"$owner": {"add": ["mem_1", "mem_2"]}}, "invalid_type"),
        ({"$owner": {"replace": account}}, "relationship_entity_missing"),
    ):
        reply = api.post(f"/v1/accounts/{account}", {"relationships": change})
        assert reply.error == (400, "bad_request", code, f"relationships.{next(iter(change))}"), change
    assert api.get(f"/v1/contacts/{contact}").body["relationships"]["$account"]["values"] == []


def test_a_trashed_record_can_not_be_linked_to(api: Any) -> None:
    contact = api.create("/v1/contacts", {})["id"]
    api.call("DELETE", f"/v1/contacts/{contact}")
    reply = api.post("/v1/accounts", {"fields": {"$name": "A"}, "relationships": {"$contact": contact}})
    assert reply.error == (400, "bad_request", "relationship_entity_inactive", "relationships.$contact")


def test_one_request_names_at_most_25_links_in_all(api: Any) -> None:
    contacts = [record["id"] for record in api.get("/v1/contacts").body["data"]]
    owner = api.get("/v1/members").body["data"][0]["id"]
    created = api.create("/v1/accounts", {"$name": "Full"}, _contact=contacts)
    assert len(created["relationships"]["$contact"]["values"]) == 25
    body = {"fields": {"$name": "Too full"}, "relationships": {"$contact": contacts, "$owner": owner}}
    assert api.post("/v1/accounts", body).error[2] == "relationship_write_limit_exceeded"
    change = {"$contact": {"add": contacts[:13], "remove": contacts[12:]}}
    reply = api.post(f"/v1/accounts/{created['id']}", {"relationships": change})
    assert reply.error == (400, "bad_request", "relationship_write_limit_exceeded", None)


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (409, "conflict", None),
        (422, "unprocessable_content", None),
        (400, "bad_request", "duplicate_value"),
    ],
)
def test_a_second_holder_of_a_unique_value_is_refused(
    start_sandbox: Callable[..., Sandbox],
    connect: Callable[..., Any],
    status: int,
    kind: str,
    code: str | None,
) -> None:
    api = connect(start_sandbox(empty=True, unique_status=status))
    first = api.create("/v1/contacts", {"$email": ["ann@x.example", "a@x.example"]})
    refused = (status, kind, code, None if status == 409 else "fields.$email")
    assert api.post("/v1/contacts", {"fields": {"$email": ["A@X.example"]}}).error == refused
    second = api.create("/v1/contacts", {"$email": ["joann@x.example"]})
    assert api.update(f"/v1/contacts/{second['id']}", {"$email": ["ann@x.example"]}).error == refused
    assert api.update(f"/v1/contacts/{first['id']}", {"$email": ["ann@x.example"]}).status == 200
    assert api.update(f"/v1/contacts/{second['id']}", {"$email": ["a@x.example"]}).status == 200
    api.create("/v1/accounts", {"$name": "A", "$website": ["https://www.Acme.example/"]})
    reply = api.post("/v1/accounts", {"fields": {"$name": "B", "$website": ["acme.example"]}})
    assert reply.error == (status, kind, code, None if status == 409 else "fields.$website")


def test_a_trashed_record_frees_its_unique_values_until_it_is_restored(api: Any) -> None:
    first = api.create("/v1/contacts", {"$email": ["ann@x.example"]})["id"]
    api.call("DELETE", f"/v1/contacts/{first}")
    second = api.create("/v1/contacts", {"$email": ["ann@x.example"]})["id"]
    assert api.post(f"/v1/contacts/{first}/restore").error == (409, "conflict", None, None)
    api.call("DELETE", f"/v1/contacts/{second}")
    assert api.post(f"/v1/contacts/{first}/restore").status == 200
    assert api.post("/v1/contacts", {"fields": {"$email": ["ann@x.example"]}}).status == 409


def test_enrichment_is_counted_unless_it_is_skipped(sandbox: Sandbox, api: Any) -> None:
    api.post("/v1/accounts", {"fields": {"$name": "A"}, "skipEnrichment": True})
    api.post("/v1/contacts", {"fields": {}, "skipEnrichment": True})
    assert sandbox.stats()["enrichments"] == 0
    api.post("/v1/accounts", {"fields": {"$name": "B"}, "skipEnrichment": False})
    api.post("/v1/contacts", {"fields": {}})
    assert sandbox.stats()["enrichments"] == 2


def test_a_write_that_changes_nothing_leaves_updated_at(api: Any) -> None:
    created = api.create("/v1/accounts", {"$name": "Acme"})
    for body in ({}, {"fields": {"$name": "Acme"}}, {"relationships": {"$contact": {"remove": "con_none"}}}):
        assert api.post(f"/v1/accounts/{created['id']}", body).body == created


def test_updated_at_rises_with_every_write(api: Any) -> None:
    record = api.create("/v1/accounts", {"$name": "Acme"})
    seen = [record["updatedAt"]]
    seen += [api.update(f"/v1/accounts/{record['id']}", {"arr": n}).body["updatedAt"] for n in range(30)]
    assert seen == sorted(set(seen))


def test_the_trash_and_its_repetitions(api: Any) -> None:
    account = api.create("/v1/accounts", {"$name": "Acme"})
    path = f"/v1/accounts/{account['id']}"
    assert api.post(f"{path}/restore").body == account
    trashed = api.call("DELETE", path)
    assert trashed.body["id"] == account["id"]
    assert api.call("DELETE", path).body == trashed.body
    assert api.get(path).status == 404
    assert api.update(path, {"$name": "B"}).status == 404
    assert api.post(f"{path}/restore").status == 200
    assert api.get(path).status == 200
    meeting = api.get("/v1/meetings?limit=1").body["data"][0]["id"]
    assert api.call("DELETE", f"/v1/meetings/{meeting}").status == 200
    assert api.call("DELETE", f"/v1/meetings/{meeting}").error[:2] == (404, "not_found")


def test_created_by_defaults_to_the_owner_of_the_key(api: Any) -> None:
    members = api.get("/v1/members").body["data"]
    task = api.create("/v1/tasks", {"$title": "Call", "$status": "TODO"}, _assignedTo=members[0]["id"])
    assert task["relationships"]["$createdBy"]["values"] == [members[-1]["id"]]
    given = api.create(
        "/v1/tasks",
        {"$title": "C", "$status": "TODO"},
        _assignedTo=members[0]["id"],
        _createdBy=members[1]["id"],
    )
    assert given["relationships"]["$createdBy"]["values"] == [members[1]["id"]]


@pytest.mark.parametrize(("links_move", "moved"), [("both", True), ("written", False)])
def test_a_setting_says_whether_a_link_moves_the_other_end(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any], links_move: str, moved: bool
) -> None:
    api = connect(start_sandbox(empty=True, links_move=links_move))
    account = api.create("/v1/accounts", {"$name": "A"})
    contact = api.create("/v1/contacts", {"$email": ["a@x.example"]})

    linked = api.update(f"/v1/contacts/{contact['id']}", _account={"add": account["id"]}).body

    assert linked["updatedAt"] > contact["updatedAt"]
    other = api.get(f"/v1/accounts/{account['id']}").body
    assert other["relationships"]["$contact"]["values"] == [contact["id"]]
    assert (other["updatedAt"] > account["updatedAt"]) is moved
