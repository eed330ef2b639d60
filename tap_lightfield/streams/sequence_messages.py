"""What sequences sent and who replied: INCREMENTAL on ``changed_at``. API page: "Sequence messages".

The list can be filtered by seven times: ``sentAt``, ``openedAt``, ``readAt``, ``repliedAt``, ``bouncedAt``,
``acceptedAt`` and ``receivedAt``. They do not find every message that has changed:

- ``statusChangedAt`` has no filter. A message that is queued, skipped, cancelled or fails moves no other.
- Lists by ``status`` beside them would bring those, but not a status that this version does not know, nor a
  message whose ``statusChangedAt`` alone is past the bookmark: nothing says that ``sentAt`` is that moment.
- A reply passes ``receivedAt``. To ask for replies alone costs a call for each sequence, and saves no more
  than the first reply of each enrollment.

So the lists are read whole, and what has not changed is left out here, as for accounts: that saves the
target work, not the API. A message has changed by the newest of its times. Those say when something
happened, not when Lightfield learned of it: what it learns of later than the lookback (after a mailbox was
disconnected) lies before the bookmark. The setting ``full_sweep`` brings it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from lightfield_api.errors import NotFound, UnexpectedAnswer
from lightfield_api.values import parse_datetime
from tap_lightfield.documents import Shape
from tap_lightfield.streams import sequence_shapes as shapes
from tap_lightfield.streams.incremental import BookmarkedStream
from tap_lightfield.streams.sequences import SequencePartsStream
from tap_lightfield.workspace import Workspace

if TYPE_CHECKING:
    from singer_sdk import Tap
    from singer_sdk.helpers import types

_Json = dict[str, Any]

_CHANGED_AT = "changedAt"
_TIMES = tuple(
    key for key, member in shapes.MESSAGE.items() if member.kind == "DATETIME" and key != _CHANGED_AT
)


class SequenceMessagesStream(BookmarkedStream, SequencePartsStream):
    """Messages. With ``sequence_message_content`` each is retrieved, because only that shows its text."""

    stream_name = "sequence_messages"

    def __init__(self, tap: Tap, workspace: Workspace) -> None:
        super().__init__(tap, workspace)
        self.replication_key = "changed_at"

    @classmethod
    def shape(cls, config: Mapping[str, Any]) -> Shape:
        """Return what a message holds, its content only where the setting asks for it."""
        return {**shapes.MESSAGE, **(shapes.CONTENT if config.get("sequence_message_content") else {})}

    def rows(self, context: types.Context | None) -> Iterator[_Json]:
        """Yield the rows of the messages that have changed, and of those changed shortly before."""
        began = self._client.server_time()
        self._reached = self.get_starting_timestamp(context)
        since = self._since(context)
        for message in self._completed(self._changed(self._listed("messages"), since)):
            yield self._reader.row({**message, _CHANGED_AT: _newest_of(message)[1]})
        self._reach(self._reached, began, context)

    def _changed(self, messages: Iterator[_Json], since: datetime | None) -> Iterator[_Json]:
        """Yield the messages changed since then, and take note of the newest time."""
        for message in messages:
            changed, _ = _newest_of(message)
            if since is None or changed >= since:
                self._reached = max(self._reached or changed, changed)
                yield message

    def _completed(self, messages: Iterator[_Json]) -> Iterator[_Json]:
        """Yield the messages with what the list does not show of them."""
        if not ("content" in self._shape and self._has_column("content")):
            return messages
        return self._overlapped(self._with_content, messages)

    def _with_content(self, message: _Json) -> _Json:
        path = ("sequences", message["sequenceId"], "messages", message["id"])
        try:
            return {**self._client.read(*path), "sequenceId": message["sequenceId"]}
        except NotFound:
            self.logger.info(
                "Sequence message %s has gone since the list showed it: its content is null.", message["id"]
            )
            return message


def _newest_of(message: Mapping[str, Any]) -> tuple[datetime, str]:
    """Return the newest of a message's times, and as the API writes it.

    Raises:
        UnexpectedAnswer: It has none, or one is no date-time.
    """
    texts = [message[key] for key in _TIMES if message.get(key) is not None]
    try:
        return max((parse_datetime(text).astimezone(timezone.utc), text) for text in texts)
    except (OverflowError, TypeError, ValueError):
        raise UnexpectedAnswer(f"Sequence message {message.get('id')} does not say when it changed") from None
