"""Streams that read what has changed since the last run.

The API has neither a filter on ``updatedAt`` nor an order by it. So the whole list is read, and what has not
changed is left out here: that saves the target work, not the API.
"""

from __future__ import annotations

import abc
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from singer_sdk.singerlib.catalog import REPLICATION_INCREMENTAL

from lightfield_api.errors import UnexpectedAnswer
from lightfield_api.resources import Resource
from lightfield_api.values import parse_datetime
from tap_lightfield.errors import ConfigError, MissingScope
from tap_lightfield.schemas import table_schema
from tap_lightfield.state import bookmark_text
from tap_lightfield.streams.base import LightfieldStream
from tap_lightfield.streams.records import RecordStream
from tap_lightfield.workspace import Workspace

if TYPE_CHECKING:
    from singer_sdk import Tap
    from singer_sdk.helpers import types

UPDATED_AT = "updated_at"
DELETED_AT = "_sdc_deleted_at"

_EARLIEST = datetime.min.replace(tzinfo=timezone.utc)


class BookmarkedStream(LightfieldStream, abc.ABC):
    """A stream with a bookmark that moves when the stream has been read to its end, not before."""

    def _since(self, context: types.Context | None) -> datetime | None:
        """Return the moment from which on changes are read; None for all there is."""
        if self._sweeps_all:
            if self._start_date:
                self._full_sweep.leave_out("what was last changed before start_date is not read")
            return self._start_date
        return self._less_lookback(self.get_starting_timestamp(context))

    def _less_lookback(self, start: datetime | None) -> datetime | None:
        if start is None:
            return None
        # The lookback covers Lightfield's search index: a change that it did not show yet when the
        # last run read the list is older than that run's bookmark, by the index's lag at most.
        lookback = timedelta(seconds=self.config["lookback_window"])
        since = start - lookback if start - _EARLIEST > lookback else _EARLIEST
        return max(since, self._start_date) if self._start_date else since

    @property
    def _start_date(self) -> datetime | None:
        text = self.config.get("start_date")
        return parse_datetime(text) if text else None

    @property
    def _is_incremental(self) -> bool:
        return self.replication_method == REPLICATION_INCREMENTAL

    def _reach(self, reached: datetime | None, began: datetime, context: types.Context | None) -> None:
        """Move the bookmark: the stream has been read to its end.

        Args:
            reached: The newest time seen, None if there is nothing to bookmark.
            began: The moment at which the reading began, by the server's clock; no bookmark goes past it.
                A record can be changed after its page was read. Were the bookmark a later record's time,
                that change would lie before it, and once the lookback has passed nobody would read it.
                By the server's clock, because the records' times are: with ours a few minutes fast, all
                of them would get through.
            context: The SDK's.
        """
        is_new = "replication_key_value" not in self.stream_state
        if is_new and reached == self._start_date:
            return  # no record was seen, and start_date becomes no bookmark: the setting may be changed
        if reached is not None and self.replication_key:
            text = bookmark_text(min(reached, began))
            super()._increment_stream_state({self.replication_key: text}, context=context)

    def _increment_stream_state(
        self, latest_record: types.Record, *, context: types.Context | None = None
    ) -> None:
        """Leave the bookmark where it is: in a list by ``createdAt`` a row says nothing of those to come."""

    # The rows are not sorted. But to the SDK this only says that a bookmark counts once it is written, and no
    # row writes one: no run leaves a bookmark that it could not be resumed from.
    is_sorted = True
    check_sorted = False

    def get_replication_key_signpost(
        self,
        context: types.Context | None = None,  # noqa: ARG002
    ) -> None:
        """Return None: ``_reach`` knows how far the bookmark may go."""
        return


class IncrementalStream(BookmarkedStream, RecordStream):
    """The records of one object type, INCREMENTAL on ``updated_at``.

    Args:
        tap: The tap.
        workspace: What the streams of the run share.
        resource: What is read.
    """

    def __init__(self, tap: Tap, workspace: Workspace, resource: Resource) -> None:
        super().__init__(tap, workspace, resource)
        self.replication_key = UPDATED_AT

    @classmethod
    def further_columns(cls, resource: Resource, config: Mapping[str, Any]) -> dict[str, Any]:
        """Return the column of trashed records, if they are wanted."""
        described = _TRASH_COLUMNS if resource.trashable and config.get("include_trashed") else {}
        columns: dict[str, Any] = table_schema((), described)["properties"]
        return columns

    def rows(self, context: types.Context | None) -> Iterator[dict[str, Any]]:
        """Yield the rows of the records that have changed, and of those changed shortly before."""
        with_trash = bool(self._resource.trashable and self.config["include_trashed"])
        if with_trash:
            self._check_trash()
        # It begins with the old bookmark: where the newest record has been deleted, the newest of the rest
        # would move the bookmark back.
        began = self._client.server_time()
        self._reached = self.get_starting_timestamp(context)
        since = self._since(context)
        for record in self._changed(self._swept(self._resource.path), since):
            row = self._reader.row(record)
            if with_trash:
                row[DELETED_AT] = None
            yield row
        if with_trash:
            # What was trashed before these runs began to ask for it lies before the bookmark.
            asked_before = self.stream_state.get(_TRASH_READ)
            trash = self._swept(self._resource.path, {"status": "trashed"})
            for record in self._changed(trash, since if asked_before else self._start_date):
                yield {**self._reader.row(record), DELETED_AT: bookmark_text(changed_at(record))}
            if self._is_incremental:
                self.stream_state[_TRASH_READ] = True
        elif self._is_incremental:  # what is trashed while nobody asks for it lies before the bookmark, too
            self.stream_state.pop(_TRASH_READ, None)
        self._reach(self._reached, began, context)

    def _reach(self, reached: datetime | None, began: datetime, context: types.Context | None) -> None:
        """Move the bookmark, as ``BookmarkedStream`` does, past the files that the records refer to."""
        if self.refers_to_files:
            self._workspace.file_references.are_unread(self.tap_state.get("bookmarks", {}).get("files", {}))
        super()._reach(reached, began, context)

    def _changed(self, records: Iterator[dict[str, Any]], since: datetime | None) -> Iterator[dict[str, Any]]:
        """Yield the records changed since then, and take note of the newest time."""
        for record in records:
            changed = changed_at(record)
            is_changed = since is None or changed >= since
            self._workspace.file_references.note(record, changed=is_changed)
            if is_changed:
                self._reached = max(self._reached or changed, changed)
                yield record

    def _check_trash(self) -> None:
        scope = self._resource.scope("restore")
        if not self._workspace.grant.allows(scope):
            raise MissingScope(self.name, scope, needed_for="include_trashed")
        if not self._has_column(DELETED_AT):
            raise ConfigError(
                f"Stream '{self.name}' has no column {DELETED_AT} selected, without which trashed records "
                "would pass for live ones: run discovery again and select it, or set include_trashed "
                "to false."
            )


_TRASH_READ = "trash_read"
_TRASH_COLUMNS = {
    DELETED_AT: ("DATETIME", "When the record was moved to the trash; null if it was not."),
}


def changed_at(record: Mapping[str, Any]) -> datetime:
    """Return when a record was last changed: ``updatedAt``, or ``createdAt`` where that is null or later.

    A record that was brought in with the dates of another program may be older by its change than it is.

    Raises:
        UnexpectedAnswer: It has neither, or it is no date-time.
    """
    changed = _moment(record, record.get("updatedAt") or record.get("createdAt"))
    try:
        return max(changed, created_at(record))
    except UnexpectedAnswer:
        return changed


def created_at(record: Mapping[str, Any]) -> datetime:
    """Return when a record was created.

    Raises:
        UnexpectedAnswer: It does not say so.
    """
    return _moment(record, record.get("createdAt"))


def _moment(record: Mapping[str, Any], text: Any) -> datetime:
    try:
        return parse_datetime(text).astimezone(timezone.utc)
    except (OverflowError, TypeError, ValueError):
        raise UnexpectedAnswer(f"Record {record.get('id')} does not say when it was created") from None
