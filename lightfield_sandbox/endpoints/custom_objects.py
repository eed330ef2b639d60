"""The list of custom object types. Their records have the same endpoints as those of other types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NoReturn

from lightfield_sandbox.endpoints.calls import Call, Endpoint
from lightfield_sandbox.schema.errors import ApiError
from lightfield_sandbox.schema.resources import CUSTOM_TYPES, READ, SEARCH, WRITE

if TYPE_CHECKING:
    from collections.abc import Iterator

_PATHS = (
    "/{slug}",
    "/{slug}/definitions",
    "/{slug}/merge",
    "/{slug}/values",
    "/{slug}/values/{id}",
    "/{slug}/values/{id}/restore",
    "/{slug}/values/{id}/fields/{key}/history",
)


def custom_object_endpoints() -> Iterator[Endpoint]:
    """The endpoint that lists the types."""
    yield Endpoint("GET", "/v1/objects", SEARCH, ("custom_objects:read",), _list_types)


def refused_endpoints() -> Iterator[Endpoint]:
    """Every path under `/v1/objects`, refused: the plan has no custom objects."""
    yield Endpoint("GET", "/v1/objects", SEARCH, (), _refuse)
    for path in _PATHS:
        for method in ("GET", "POST", "DELETE"):
            yield Endpoint(method, f"/v1/objects{path}", READ if method == "GET" else WRITE, (), _refuse)


def _list_types(call: Call) -> bytes:
    rows = [
        {"objectType": slug, "label": call.workspace.definitions[slug].label} for slug in sorted(CUSTOM_TYPES)
    ]
    return json.dumps({"data": rows}).encode()


def _refuse(_: Call) -> NoReturn:
    raise ApiError(403, "Custom objects are available on the plans Pro and Growth.")
