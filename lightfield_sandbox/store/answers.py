"""The answers that idempotency keys have been given."""

from __future__ import annotations

from dataclasses import dataclass

# Entity type, create or update, the client's key; the organization is the workspace itself.
KeyScope = tuple[str, str, str]


@dataclass(frozen=True)
class Answer:
    """A first answer as it was sent, and the unix time when."""

    at: float
    status: int
    body: bytes
