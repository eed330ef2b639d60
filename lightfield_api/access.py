"""What an API key gives access to: whether it is valid, what it may do, which definitions it can read.

API pages: "Authentication", "Scopes"; ``GET /v1/auth/validate``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lightfield_api.client import LightfieldClient
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import Unauthorized, UnexpectedAnswer
from lightfield_api.resources import Resource


@dataclass(frozen=True)
class Grant:
    """What an API key may do. No scopes at all means full access."""

    scopes: frozenset[str]

    def allows(self, scope: str) -> bool:
        """Whether the key has this scope, for example ``accounts:read``."""
        return not self.scopes or scope in self.scopes


def validate(client: LightfieldClient) -> Grant:
    """Ask what the key may do. Needs no scope.

    Raises:
        Unauthorized: The key is wrong or revoked.
        LightfieldError: There is no Lightfield at this URL, or it can't answer now.
    """
    answer = client.read("auth", "validate")
    scopes = answer.get("scopes")
    if not isinstance(scopes, list) or not all(isinstance(scope, str) for scope in scopes):
        raise UnexpectedAnswer("The answer to auth/validate has no list of scopes: is api_url right?")
    if answer.get("active") is False:
        raise Unauthorized("The API key is not active", status=200)
    return Grant(frozenset(scopes))


def read_definitions(
    client: LightfieldClient, resources: Iterable[Resource], *, max_concurrency: int = 32
) -> Mapping[str, ObjectDefinitions]:
    """Return the definitions of these resources, by resource name.

    Args:
        client: The client to ask.
        resources: The resources whose definitions are wanted.
        max_concurrency: How many requests may be under way at once.

    Raises:
        Forbidden: The key lacks the ``read`` scope of one of them.
    """
    wanted = list(resources)

    def one(resource: Resource) -> ObjectDefinitions:
        if resource.builtin is not None:
            return resource.builtin
        return ObjectDefinitions.from_json(client.read(*resource.path, "definitions"))

    with ThreadPoolExecutor(max_workers=min(max(len(wanted), 1), max_concurrency)) as pool:
        return dict(zip((resource.name for resource in wanted), pool.map(one, wanted), strict=True))
