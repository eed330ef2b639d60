"""Sandboxes for every suite: real HTTP servers in this process, on free loopback ports."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_api import retries
from lightfield_sandbox.http.server import Sandbox
from lightfield_sandbox.schema.resources import CUSTOM_TYPES
from lightfield_sandbox.settings import MEMORY, Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

# What the SDK says of an old Python, in this process and in those that tests start, is none of our words.
os.environ.setdefault("PYTHONWARNINGS", "ignore:Python 3.10 reached its end of life")

_OBJECT_TYPES = {
    "accounts": "account",
    "contacts": "contact",
    "opportunities": "opportunity",
    "tasks": "task",
    "notes": "note",
    "meetings": "meeting",
    "members": "member",
    "emails": "email",
    "messages": "message",
    "channels": "channel",
    "lists": "list",
    "files": "file",
    "senders": "sender",
    "sequences": "sequence",
    "enrollments": "enrollment",
}


@pytest.fixture
def retry_policy(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let clients made from now on be more, or less, patient: ``retry_policy(max_tries=1)``.

    It is for tests that run a plugin in this process; others give their client a policy. ``patch`` is a
    monkeypatch that ends sooner than the test.
    """

    def change(*, patch: pytest.MonkeyPatch = monkeypatch, **changes: Any) -> None:
        patch.setattr(retries, "DEFAULT", replace(retries.DEFAULT, **changes))

    return change


@pytest.fixture
def start_sandbox() -> Iterator[Callable[..., Sandbox]]:
    """Start sandboxes in this process on free loopback ports; all are stopped at the end of the test."""
    started: list[Sandbox] = []

    def start(
        *,
        empty: bool = False,
        seed: int = 1,
        rate_limit: int = 0,
        retry_after: int = 1,
        latency_ms: float = 0,
        index_lag: float = 0,
        faults: str = "",
        keys: Mapping[str, Sequence[str]] | None = None,
        unique_status: int = 409,
        merged_answer: str = "not-found",
        refusals: str = "documented",
        readonly_markdown: bool = False,
        links_move: str = "both",
        data: str = MEMORY,
        trashed: int | None = None,
        plan_has_custom_objects: bool = True,
        custom_objects: int | None = None,
        url_seconds: float = 900,
        **counts: int,
    ) -> Sandbox:
        given = {_OBJECT_TYPES[name]: count for name, count in counts.items()}
        if custom_objects is not None:
            given |= dict.fromkeys(CUSTOM_TYPES, custom_objects)
        settings: dict[str, Any] = {
            "empty": empty,
            "seed": seed,
            "counts": given,
            "trashed": trashed,
            "custom_objects": plan_has_custom_objects,
            "url_seconds": url_seconds,
            "rate_limit": rate_limit,
            "retry_after": retry_after,
            "latency_ms": latency_ms,
            "index_lag": index_lag,
            "faults": faults,
            "keys": keys or {},
            "unique_status": unique_status,
            "merged_answer": merged_answer,
            "refusals": refusals,
            "readonly_markdown": readonly_markdown,
            "links_move": links_move,
            "data": str(data),
        }
        sandbox = Sandbox(Settings(**settings))
        started.append(sandbox)
        return sandbox

    yield start
    for sandbox in started:
        sandbox.stop()


@pytest.fixture
def sandbox(start_sandbox: Callable[..., Sandbox]) -> Sandbox:
    """A small workspace with limits off."""
    return start_sandbox()
