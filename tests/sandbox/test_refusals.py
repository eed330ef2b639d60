"""The shapes in which refusals come, of which the documented one is the default."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

REFUSED = {
    "rule": {"fields": {}},
    "field": {"fields": {"$name": "A", "arr": "much"}},
    "link": {"fields": {"$name": "A"}, "relationships": {"$owner": "mem_none"}},
    "taken": {"fields": {"$name": "A", "legacyId": "L"}},
    "body": {"fields": {"$name": "A"}, "skipEnrichment": "yes"},
}
MISSING = "relationship_entity_missing"


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        (
            "documented",
            {
                "rule": (422, None, "fields.name"),
                "field": (400, "invalid_type", "fields.arr"),
                "link": (400, MISSING, "relationships.$owner"),
                "taken": (409, None, None),
                "body": (400, "invalid_type", "skipEnrichment"),
            },
        ),
        (
            "bare-keys",
            {
                "rule": (422, "parameter_missing", "$name"),
                "field": (422, "invalid_type", "arr"),
                "link": (422, MISSING, "$owner"),
                "taken": (409, None, "legacyId"),
                "body": (400, "invalid_type", "skipEnrichment"),
            },
        ),
        (
            "without-param",
            {
                "rule": (422, None, None),
                "field": (400, "invalid_type", None),
                "link": (400, MISSING, None),
                "taken": (409, None, None),
                "body": (400, "invalid_type", None),
            },
        ),
    ],
)
def test_a_setting_chooses_the_shape(
    start_sandbox: Callable[..., Sandbox],
    connect: Callable[..., Any],
    shape: str,
    expected: dict[str, tuple[int, str | None, str | None]],
) -> None:
    api = connect(start_sandbox(empty=True, refusals=shape))
    api.create("/v1/accounts", {"$name": "A", "legacyId": "L"})

    replies = {name: api.post("/v1/accounts", body) for name, body in REFUSED.items()}

    types = {400: "bad_request", 409: "conflict", 422: "unprocessable_content"}
    assert {name: reply.error for name, reply in replies.items()} == {
        name: (status, types[status], code, param) for name, (status, code, param) in expected.items()
    }
