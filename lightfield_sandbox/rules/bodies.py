"""What holds for the body of every request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lightfield_sandbox.schema.errors import bad_request

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


def refuse_unknown(body: Iterable[str], known: Collection[str]) -> None:
    """Refuse a body with a parameter that its endpoint does not have.

    Raises:
        ApiError: 400 `unknown_field`.
    """
    for key in body:
        if key not in known:
            raise bad_request(f"The body has no parameter {key!r}.", "unknown_field", key)
