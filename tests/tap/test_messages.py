"""How messages are written."""

from __future__ import annotations

import io
import sys
from datetime import datetime, timezone
from typing import Any

import pytest
from singer_sdk.singerlib import Message, RecordMessage, SchemaMessage, StateMessage
from singer_sdk.singerlib.encoding import SimpleSingerWriter

from tap_lightfield.messages import RowsTogetherWriter

NOW = datetime(2026, 1, 1, 12, 30, 0, 5, tzinfo=timezone.utc)
ROW = {
    "text": 'é \u2028 \ud83d\ude00 \ud800 "quoted" \\ / \x00',
    "numbers": [1, -2.5, 1e300, 0.1, 10**18, True, None],
    "object": {"first": "a", "last": None},
    "empty": [[], {}],
}
MESSAGES = [
    RecordMessage("a", ROW, time_extracted=NOW),
    SchemaMessage("a", {"properties": {"ü": {"type": ["string", "null"]}}}, ["id"]),
    StateMessage({"bookmarks": {"a": {"replication_key_value": "x"}}}),
]


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_is_byte_for_byte_what_the_sdk_would_write(message: Message) -> None:
    assert RowsTogetherWriter().format_message(message) == SimpleSingerWriter().format_message(message)


class _Pipe(io.StringIO):
    """Standard output, of which the reader has what was flushed."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived = ""

    def flush(self) -> None:
        self.arrived = self.getvalue()


def test_whatever_is_no_row_arrives_at_once_with_the_rows_before_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pipe: Any = _Pipe()
    monkeypatch.setattr(sys, "stdout", pipe)
    clock = [0.0]
    monkeypatch.setattr("tap_lightfield.messages.time.monotonic", lambda: clock[0])
    writer = RowsTogetherWriter()
    for _ in range(3):
        writer.write_message(MESSAGES[0])
    assert pipe.arrived == ""
    writer.write_message(MESSAGES[2])
    assert pipe.arrived.count("\n") == 4

    writer.write_message(MESSAGES[0])
    assert pipe.arrived.count("\n") == 4
    clock[0] = 1.0  # rows do not wait for long either
    writer.write_message(MESSAGES[0])
    assert pipe.arrived.count("\n") == 6
