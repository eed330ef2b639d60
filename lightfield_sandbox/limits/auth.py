"""API keys and their scopes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightfield_sandbox.schema.errors import ApiError
from lightfield_sandbox.schema.ids import IdSource
from lightfield_sandbox.schema.resources import READ_SCOPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FULL_ACCESS, READ_ONLY = "full_access", "read_only"


class Keys:
    """The workspace's API keys. A key without scopes has full access."""

    def __init__(self, seed: int, extra: Mapping[str, Sequence[str]]) -> None:
        scopes = {
            FULL_ACCESS: (),
            READ_ONLY: READ_SCOPES,
            **{name: tuple(given) for name, given in extra.items()},
        }
        # Each name has ids of its own: a further key does not change the others.
        self.by_name = {name: IdSource(seed, f"key:{name}").new("sk_lf_", 32) for name in scopes}
        self._scopes: dict[str, tuple[str, ...]] = {
            self.by_name[name]: given for name, given in scopes.items()
        }

    def revoke(self, key: str) -> bool:
        """Make a key invalid; returns whether there was such a key."""
        return self._scopes.pop(key, None) is not None

    def scopes(self, authorization: str | None) -> tuple[str, ...]:
        """The scopes of the key in an `Authorization` header.

        Raises:
            ApiError: 401 where there is no key, or it is unknown or revoked.
        """
        scheme, _, key = (authorization or "").partition(" ")
        scopes = self._scopes.get(key.strip()) if scheme.lower() == "bearer" else None
        if scopes is None:
            raise ApiError(401, "The API key is missing or not valid.")
        return scopes


def require(scopes: Sequence[str], needed: Iterable[str]) -> None:
    """Refuse a key that lacks a scope.

    Raises:
        ApiError: 403 naming the missing scope.
    """
    for scope in needed:
        if scopes and scope not in scopes:
            raise ApiError(403, f"The API key lacks the scope {scope}.")
