"""Custom objects: types that the workspace has made for itself, and plans without them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import lightfield
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield import Lightfield

    from lightfield_sandbox.http.server import Sandbox

TYPES = ("office-location", "subscription")


def test_the_types_are_listed_by_their_slug(sdk: Lightfield) -> None:
    types = sdk.object.list_definitions().data
    assert [held.object_type for held in types] == list(TYPES)
    assert [held.label for held in types] == ["Office location", "Subscription"]


@pytest.mark.parametrize("slug", TYPES)
def test_definitions_and_records_are_what_the_sdk_describes(
    sandbox: Sandbox, sdk: Lightfield, slug: str
) -> None:
    definitions = sdk.object.definitions(slug)
    assert definitions.object_type == slug
    assert len({field.value_type for field in definitions.field_definitions.values()}) > 6
    assert "account" in {held.object_type for held in definitions.relationship_definitions.values()}
    page = sdk.object.list(slug)
    assert page.total_count == 20
    assert [row.to_dict(mode="json") for row in page.data] == sandbox.records(slug)
    for row in page.data:
        assert set(row.fields) == set(definitions.field_definitions) - {"$pipeline"}
        assert sdk.object.retrieve(row.id, entity_slug=slug).id == row.id


def test_a_record_lives_through_create_update_trash_and_restore(sandbox: Sandbox, sdk: Lightfield) -> None:
    account = sandbox.records("account")[0]["id"]
    made = sdk.object.create(
        "subscription",
        fields={"$name": "Acme", "$stage": "Trial", "plan": "Team", "mrr": 12.5, "modules": ["Core", "SSO"]},
        relationships={"account": account},
    )
    assert made.relationships["account"].values == [account]
    options = sdk.object.definitions("subscription").field_definitions["$stage"].type_configuration.options
    stage = {option.label: option.id for option in options or ()}
    assert made.fields["$stage"].value == stage["Trial"]
    changed = sdk.object.update(
        made.id,
        entity_slug="subscription",
        fields={"$stage": "Past due"},
        relationships={"account": {"replace": None}},
    )
    assert (changed.fields["$stage"].value, changed.relationships["account"].values) == (
        stage["Past due"],
        [],
    )
    assert sdk.object.list("subscription", limit=1).data[0].id == made.id
    for _ in range(2):
        assert sdk.object.delete(made.id, entity_slug="subscription").id == made.id
    with pytest.raises(lightfield.NotFoundError):
        sdk.object.retrieve(made.id, entity_slug="subscription")
    with pytest.raises(lightfield.NotFoundError):
        sdk.object.restore(made.id, entity_slug="office-location")
    assert sdk.object.restore(made.id, entity_slug="subscription").id == made.id


def test_filters_work_and_status_does_not(sandbox: Sandbox, api: Any) -> None:
    row = sandbox.records("subscription")[3]
    account = row["relationships"]["account"]["values"][0]
    query = urlencode({"account": account, "$name": row["fields"]["$name"]["value"]})
    found = api.get(f"/v1/objects/subscription?{query}")
    assert row["id"] in [held["id"] for held in found.body["data"]]
    assert api.get("/v1/objects/subscription?status=trashed").error[2:] == ("unknown_field", "status")


def test_what_the_definitions_do_not_take_is_refused(api: Any) -> None:
    for slug, body, code, param in (
        ("subscription", {"fields": {}}, None, "fields.name"),
        ("subscription", {"fields": {"$name": "A", "seats": "5"}}, "invalid_type", "fields.seats"),
        (
            "subscription",
            {"fields": {"$name": "A", "plan": "Huge"}},
            "referenced_resource_missing",
            "fields.plan",
        ),
        ("office-location", {"fields": {"$name": "A"}}, None, "relationships.company"),
    ):
        assert api.post(f"/v1/objects/{slug}/values", body).error[2:] == (code, param)


def test_an_idempotency_key_does_not_count(api: Any) -> None:
    body = {"fields": {"$name": "A"}}
    ids = [
        api.post("/v1/objects/subscription/values", body, Idempotency_Key="k").body["id"] for _ in range(2)
    ]
    assert len(set(ids)) == 2


def test_a_type_that_does_not_exist_is_not_found(steady: Any) -> None:
    assert steady.get("/v1/objects/nothing").status == 404
    assert steady.get("/v1/objects/account").status == 404


def test_a_plan_without_custom_objects_refuses_them(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    sandbox = start_sandbox(plan_has_custom_objects=False)
    api = connect(sandbox)
    for path in ("", "/subscription", "/subscription/definitions", "/subscription/values/x", "/nothing"):
        assert api.get(f"/v1/objects{path}").error[:2] == (403, "forbidden")
    assert api.post("/v1/objects/subscription/values", {"fields": {}}).status == 403
    assert sandbox.stats()["records"]["subscription"] == 0
