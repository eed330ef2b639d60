"""Sequences and senders are read and never written: what is written there ends in mail to strangers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import NotFound

# Every operation of the API on them that is no GET, by its name in the official SDK.
WRITES = {
    "sender.update": "senders/snd_1",
    "sender.mark_healthy": "senders/snd_1/mark_healthy",
    "sequence.create": "sequences",
    "sequence.activate": "sequences/seq_1/activate",
    "sequence.deactivate": "sequences/seq_1/deactivate",
    "sequence.discard_draft": "sequences/seq_1/draft/discard",
    "sequence.publish_draft": "sequences/seq_1/draft/publish",
    "sequence.start_test": "sequences/seq_1/tests",
    "sequence.update_draft": "sequences/seq_1/draft",
    "sequence.update_enrollments": "sequences/seq_1/enrollments",
}
SPELLINGS = {
    "in capitals": "Sequences/seq_1/activate",
    "encoded": "%2573equences/seq_1/activate",
    "from elsewhere": "accounts|../sequences/seq_1/activate",
    "from elsewhere, encoded": "accounts|..%252Fsenders%252Fsnd_1",
}
READS = (
    "sequences", "sequences/seq_1", "sequences/seq_1/enrollments", "sequences/seq_1/enrollments/enl_1",
    "sequences/seq_1/messages", "sequences/seq_1/messages/sqm_1", "sequences/seq_1/performance", "senders",
    "senders/snd_1",
)  # fmt: skip


def _segments(path: str) -> list[str]:
    return path.split("|" if "|" in path else "/")


@pytest.mark.parametrize("path", [*WRITES.values(), *SPELLINGS.values()], ids=[*WRITES, *SPELLINGS])
def test_no_write_leaves_this_machine(
    path: str, serve: Callable[..., Any], connect: Callable[..., LightfieldClient]
) -> None:
    server = serve()
    client = connect(server)
    for write in (client.write, client.write_once):
        with pytest.raises(NotFound, match="nothing is sent"):
            write(*_segments(path), body={})
    with pytest.raises(NotFound, match="nothing is sent"):
        client.delete(*_segments(path))
    assert server.requests == []


def test_reading_them_is_left_alone(
    serve: Callable[..., Any], connect: Callable[..., LightfieldClient]
) -> None:
    server = serve()
    client = connect(server)
    for path in READS:
        client.read(*_segments(path))
    assert [request.target for request in server.requests] == [f"/v1/{path}" for path in READS]


def test_what_is_written_elsewhere_is_left_alone(
    serve: Callable[..., Any], connect: Callable[..., LightfieldClient]
) -> None:
    server = serve()
    client = connect(server)
    client.write("accounts", body={})
    client.write("emails", "log", body={})
    client.write("emails", "eml_1", "restore", body={})
    client.delete("emails", "eml_1")
    assert len(server.requests) == 4
