"""The official SDK, with strict response validation, through every endpoint that the sandbox has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import lightfield
import pytest
from lightfield import Lightfield

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield_sandbox.http.server import Sandbox

RESOURCES = ("account", "contact", "opportunity", "task", "note", "meeting")


@pytest.mark.parametrize("resource", [*RESOURCES, "member", "email", "message", "channel", "list", "file"])
def test_every_seeded_record_is_what_the_sdk_describes(sdk: Lightfield, resource: str) -> None:
    endpoint = getattr(sdk, resource)
    seen: list[str] = []
    total = endpoint.list(limit=1).total_count
    while len(seen) < total:
        page = endpoint.list(limit=25, offset=len(seen))
        assert page.data
        seen += [record.id for record in page.data]
    assert len(set(seen)) == total
    for record_id in seen[:: max(1, total // 5)]:
        assert endpoint.retrieve(record_id).id == record_id


@pytest.mark.parametrize("resource", RESOURCES)
def test_definitions_are_what_the_sdk_describes(sdk: Lightfield, resource: str) -> None:
    definitions = getattr(sdk, resource).definitions()
    assert definitions.object_type == resource
    assert definitions.field_definitions
    assert definitions.relationship_definitions


def test_the_full_access_key_has_no_scopes_and_the_read_only_key_reads(
    sandbox: Sandbox, sdk: Lightfield
) -> None:
    assert sdk.auth.validate().scopes == []
    with Lightfield(
        api_key=sandbox.read_only_key, base_url=sandbox.url, max_retries=0, _strict_response_validation=True
    ) as reader:
        scopes = reader.auth.validate().scopes
        assert scopes
        assert all(scope.endswith(":read") for scope in scopes)
        assert reader.email.list().data
        assert reader.object.list_definitions().data
        assert reader.account.list().data
        with pytest.raises(lightfield.PermissionDeniedError):
            reader.account.create(fields={"$name": "Acme"})


def _creations(sdk: Lightfield) -> dict[str, dict[str, Any]]:
    account, member = sdk.account.list().data[0].id, sdk.member.list().data[0].id
    return {
        "account": {"fields": {"$name": "Ünique & Søn"}, "skip_enrichment": True},
        "contact": {
            "fields": {"$name": {"first_name": "Ann", "last_name": None}, "$email": ["ann@new.example"]},
            "relationships": {"$account": account},
        },
        "opportunity": {"fields": {"$name": "Deal"}, "relationships": {"$account": [account]}},
        "task": {"fields": {"title": "Call", "status": "TODO"}, "relationships": {"$assignedTo": member}},
        "note": {"fields": {"title": "Call", "content": "# Long"}, "relationships": {"$account": [account]}},
        "meeting": {
            "fields": {
                "title": "Demo",
                "start_date": "2025-01-01T10:00:00+01:00",
                "end_date": "2025-01-01T11:00:00+01:00",
                "attendee_emails": ["ann@x.example"],
                "organizer_email": "ann@x.example",
                "privacy_setting": "FULL",
            },
            "auto_create_records": False,
        },
    }


@pytest.mark.parametrize("resource", RESOURCES)
def test_a_record_lives_through_create_update_trash_and_restore(sdk: Lightfield, resource: str) -> None:
    endpoint = getattr(sdk, resource)
    trash = {record.id for record in endpoint.list(status="trashed").data}
    made = endpoint.create(**_creations(sdk)[resource])
    assert made.id == endpoint.list(limit=1).data[0].id
    changes = {
        "account": {"$name": "Renamed"},
        "contact": {"$title": "CEO"},
        "opportunity": {"$name": "Renamed"},
        "task": {"title": "Renamed"},
        "note": {"title": "Renamed"},
        "meeting": {"meeting_prep": "# Prepare"},
    }
    updated = endpoint.update(made.id, fields=changes[resource])
    assert updated.updated_at > made.updated_at
    assert endpoint.delete(made.id).id == made.id
    with pytest.raises(lightfield.NotFoundError):
        endpoint.retrieve(made.id)
    assert {record.id for record in endpoint.list(status="trashed").data} == {*trash, made.id}
    assert endpoint.restore(made.id).id == made.id
    assert endpoint.retrieve(made.id).to_dict()["fields"] == updated.to_dict()["fields"]
    assert {record.id for record in endpoint.list(status="trashed").data} == trash


def test_each_refusal_is_the_sdks_own_error_class(
    sdk: Lightfield, start_sandbox: Callable[..., Sandbox]
) -> None:
    taken = next(record for record in sdk.contact.list().data if record.fields["$email"].value)
    with pytest.raises(lightfield.BadRequestError):
        sdk.account.list(limit=26)
    with pytest.raises(lightfield.AuthenticationError):
        sdk.with_options(api_key="sk_lf_wrong").auth.validate()
    with pytest.raises(lightfield.NotFoundError):
        sdk.account.retrieve("acc_none")
    with pytest.raises(lightfield.ConflictError):
        sdk.contact.create(fields={"$email": taken.fields["$email"].value})  # type: ignore[dict-item]
    with pytest.raises(lightfield.UnprocessableEntityError):
        sdk.account.create(fields={})
    with pytest.raises(lightfield.RateLimitError):
        _with_fault(start_sandbox, "429:1").auth.validate()
    for status in (500, 502, 503, 504):
        with pytest.raises(lightfield.InternalServerError):
            _with_fault(start_sandbox, f"{status}:1").auth.validate()
    with pytest.raises(lightfield.APIConnectionError):
        _with_fault(start_sandbox, "reset:1").auth.validate()


def _with_fault(start_sandbox: Callable[..., Sandbox], fault: str) -> Lightfield:
    faulty = start_sandbox(empty=True, faults=fault)
    return Lightfield(
        api_key=faulty.key, base_url=faulty.url, max_retries=0, _strict_response_validation=True
    )
