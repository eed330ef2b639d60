"""What of a write an error is about, however the API spells it."""

from __future__ import annotations

import pytest

from lightfield_api.errors import error_from_answer
from lightfield_api.refusals import (
    is_refusal,
    key_at_fault,
    may_be_about_a_link,
    may_be_incomplete,
    may_be_taken,
    names_nothing,
)

FIELDS = ("$name", "$primaryAddress", "$email", "industry", "$industry", "icp-score")
RELATIONSHIPS = ("$owner", "$account", "parent", "gpu-type-91264f6")


@pytest.mark.parametrize(
    ("param", "key"),
    [
        ("fields.$name", "$name"),
        ("fields.name", "$name"),
        ("$name", "$name"),
        ("name", "$name"),
        ("fields.icp-score", "icp-score"),
        ("icp-score", "icp-score"),
        ("fields.industry", "industry"),
        ("fields.$industry", "$industry"),
        ("fields.$primaryAddress.zip", "$primaryAddress"),
        ("fields.primaryAddress.zip", "$primaryAddress"),
        ("$primaryAddress.zip", "$primaryAddress"),
        ("fields.$email[0]", "$email"),
        ("relationships.$owner", "$owner"),
        ("relationships.owner", "$owner"),
        ("relationships.$owner.replace", "$owner"),
        ("relationships.$account.add[3]", "$account"),
        ("owner", "$owner"),
        ("parent:asSource", "parent"),
        ("relationships.gpu-type-91264f6", "gpu-type-91264f6"),
        ("fields.$owner", "$owner"),
        ("fields.$nope", None),
        ("Idempotency-Key", None),
        ("fields", None),
        ("relationships.", None),
        ("", None),
        (None, None),
    ],
)
def test_every_spelling_of_a_place_is_the_key_that_it_means(param: str | None, key: str | None) -> None:
    assert key_at_fault(param, FIELDS, RELATIONSHIPS) == key


def test_a_key_that_is_a_field_and_a_relationship_goes_by_the_section() -> None:
    assert key_at_fault("fields.owner", ["owner"], ["$owner"]) == "owner"
    assert key_at_fault("relationships.owner", ["owner"], ["$owner"]) == "$owner"
    assert key_at_fault("fields.owner", ["$owner"], ["owner"]) == "$owner"


@pytest.mark.parametrize(
    ("param", "nothing"), [(None, True), ("fields", True), ("fields.$name", False), ("limit", False)]
)
def test_a_section_alone_names_nothing(param: str | None, nothing: bool) -> None:
    assert names_nothing(param) is nothing


@pytest.mark.parametrize(
    ("status", "code", "taken", "incomplete"),
    [
        (409, None, True, False),
        (422, None, True, True),
        (400, None, True, True),
        (400, "duplicate_value", True, False),
        (422, "parameter_missing", False, True),
        (400, "parameter_missing", False, True),
        (400, "invalid_type", False, False),
        (409, "idempotency_conflict", False, False),
        (404, None, False, False),
        (500, None, False, False),
    ],
)
def test_what_a_refusal_may_be_about(status: int, code: str | None, taken: bool, incomplete: bool) -> None:
    error = error_from_answer(status, {"error": {"type": "not_found", "message": "No", "code": code}})
    assert may_be_taken(error) is taken
    assert may_be_incomplete(error) is incomplete


@pytest.mark.parametrize(
    ("status", "code", "refused", "about_a_link"),
    [
        (400, "unknown_field", True, False),
        (400, "relationship_entity_missing", True, True),
        (404, None, True, True),
        (409, None, True, False),
        (413, None, True, True),
        (422, None, True, True),
        (400, "version_header", False, False),
        (409, "idempotency_conflict", False, False),
        (401, None, False, False),
        (403, None, False, False),
        (429, None, False, False),
        (500, None, False, False),
    ],
)
def test_what_refuses_one_record_only_and_what_may_be_about_its_links(status, code, refused, about_a_link):
    error = error_from_answer(status, {"error": {"type": "not_found", "code": code}})
    assert is_refusal(error) is refused
    assert may_be_about_a_link(error) is about_a_link
