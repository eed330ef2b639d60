"""The tap's streams of sequences and senders: nothing of them can be written, nothing of theirs is sent."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any

import pytest

from lightfield_sandbox.http.server import Sandbox
from tap_lightfield.tap import TapLightfield
from tests.target.target_runs import Setup, rows, write_requests

if TYPE_CHECKING:
    from collections.abc import Callable

STREAMS = (
    "sequences", "sequence_steps", "sequence_enrollments", "sequence_messages", "sequence_performance",
    "senders",
)  # fmt: skip


@pytest.fixture
def feed(sandbox: Sandbox) -> list[dict[str, Any]]:
    """What the tap writes of them."""
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with redirect_stdout(out):
        TapLightfield(config={"api_key": sandbox.key, "api_url": sandbox.url}).sync_all()
    out.seek(0)
    messages = [json.loads(line) for line in out]
    return [message for message in messages if message.get("stream") in STREAMS]


def test_they_are_ignored_and_what_can_be_written_is(
    feed: list[dict[str, Any]], empty: Sandbox, target_of: Callable[..., Setup]
) -> None:
    target = target_of(empty)
    outcome = target.loaded(feed, rows("accounts", {"id": "a", "name": "Acme"}))
    for stream in STREAMS:
        assert f"Stream '{stream}' is not one that can be written to Lightfield: ignored" in outcome.log
    assert write_requests(empty.stats()) == empty.stats()["writes"]["account"]["create"] == 1
    assert target.rejects() == []
