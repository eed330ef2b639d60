"""Scopes: what each endpoint asks of a key."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

    from lightfield_sandbox.http.server import Sandbox

COLLECTIONS = ("accounts", "contacts", "opportunities", "tasks", "notes", "meetings")
ENDPOINTS = [
    *(
        (method, f"/v1/{name}{rest}", f"{name}:{scope}")
        for name in COLLECTIONS
        for method, rest, scope in (
            ("GET", "", "read"),
            ("GET", "/definitions", "read"),
            ("GET", "/some_id", "read"),
            ("POST", "", "create"),
            ("POST", "/some_id", "update"),
            ("DELETE", "/some_id", "delete"),
            ("POST", "/some_id/restore", "restore"),
        )
    ),
    ("GET", "/v1/members", "members:read"),
    ("GET", "/v1/members/some_id", "members:read"),
    *(
        (method, f"/v1/{path}", f"{path.partition('/')[0].replace('objects', 'custom_objects')}:{scope}")
        for method, scope, paths in (
            (
                "GET",
                "read",
                "emails emails/x messages messages/x channels channels/x lists lists/x "
                "files files/x files/x/url "
                "accounts/x/fields/arr/history contacts/x/fields/bio/history "
                "opportunities/x/fields/$stage/history "
                "objects objects/subscription objects/subscription/definitions objects/subscription/values/x "
                "objects/subscription/values/x/fields/seats/history",
            ),
            (
                "POST",
                "create",
                "emails/log emails/send emails/draft lists files files/x/complete files/x/cancel "
                "objects/subscription/values",
            ),
            ("POST", "update", "lists/x objects/subscription/values/x"),
            ("DELETE", "delete", "emails/x lists/x objects/subscription/values/x"),
            ("POST", "restore", "emails/x/restore objects/subscription/values/x/restore"),
        )
        for path in paths.split()
    ),
]
SCOPES = sorted({scope for _, _, scope in ENDPOINTS})


def test_a_key_needs_exactly_the_scope_of_the_endpoint(
    start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]
) -> None:
    keys = {scope: [scope] for scope in SCOPES}
    keys |= {f"not {scope}": [other for other in SCOPES if other != scope] for scope in SCOPES}
    sandbox = start_sandbox(empty=True, keys=keys)
    for method, path, scope in ENDPOINTS:
        allowed = connect(sandbox, sandbox.keys[scope]).call(method, path, {} if method == "POST" else None)
        assert allowed.status != 403, (method, path)
        refused = connect(sandbox, sandbox.keys[f"not {scope}"]).call(method, path)
        assert refused.error == (403, "forbidden", None, None), (method, path)


def test_validate_needs_no_scope(start_sandbox: Callable[..., Sandbox], connect: Callable[..., Any]) -> None:
    sandbox = start_sandbox(empty=True, keys={"mine": ["tasks:read"]})
    reply = connect(sandbox, sandbox.keys["mine"]).get("/v1/auth/validate")
    assert reply.body == {
        "active": True,
        "tokenType": "api_key",
        "subjectType": "workspace",
        "scopes": ["tasks:read"],
    }
