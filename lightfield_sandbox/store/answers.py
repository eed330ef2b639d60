"""The stored answer to an idempotency key."""

from __future__ import annotations

from dataclasses import dataclass

# What an answer is stored under: entity type, operation (such as `create`), and the client's key.
KeyScope = tuple[str, str, str]


@dataclass(frozen=True)
class Answer:
    """An answer as it was sent first, and the unix time of that."""

    at: float
    status: int
    body: bytes
