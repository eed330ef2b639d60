"""Streams of lists that grow at their head and whose records hardly ever change: emails and messages.

Such a list is by ``createdAt``, newest first, so a run reads it down to what the last one has seen. What
that leaves out, a change of an older record, a full sweep brings: the setting ``full_sweep``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from lightfield_api.columns import ENVELOPE, OPTIONAL_ENVELOPE, Columns, columns_of
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import NotFound
from lightfield_api.resources import Resource
from tap_lightfield.streams.incremental import BookmarkedStream, IncrementalStream, created_at
from tap_lightfield.workspace import Workspace

if TYPE_CHECKING:
    from singer_sdk.helpers import types


class HeadFirstStream(BookmarkedStream):
    """A stream of a list of which mostly only the head is read: the newest records."""

    def _head(self, path: tuple[str, ...], since: datetime | None) -> Iterator[dict[str, Any]]:
        """Yield the records created since then; all if ``since`` is None.

        What a run reads follows from the bookmark alone, which is at most the moment at which the last
        run began: a record that the lagging list did not show to it was created after that moment less
        the lag, and the lookback reaches further back than that.
        """
        with closing(self._swept(path, to_the_end=since is None)) as records:
            for record in records:
                if since is not None and created_at(record) < since:
                    return
                yield record


class AppendOnlyStream(HeadFirstStream, IncrementalStream):
    """Emails or messages: INCREMENTAL on ``updated_at``, read by ``createdAt``."""

    envelope = (*ENVELOPE, *OPTIONAL_ENVELOPE)

    def rows(self, context: types.Context | None) -> Iterator[dict[str, Any]]:
        """Yield the rows of the new records, or of all there are."""
        began = self._client.server_time()
        since = self._since(context)
        records = self._head(self._resource.path, None if self._sweeps_all else since)
        self._reached = self.get_starting_timestamp(context)
        for record in self._completed(self._changed(records, since)):
            yield self._reader.row(record)
        self._reach(self._reached, began, context)

    def _completed(self, records: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        """Yield the records, completed with what the list does not show."""
        return records


class EmailsStream(AppendOnlyStream):
    """Emails; with ``email_bodies`` each is retrieved for its body."""

    @classmethod
    def columns(cls, workspace: Workspace, resource: Resource, config: Mapping[str, Any]) -> Columns:
        """Return the columns of an email, the body only where the setting asks for it.

        Args:
            workspace: What the streams of the run share.
            resource: What is read.
            config: The settings.
        """
        found = workspace.definitions.get(resource.name) or ObjectDefinitions(resource.object_type)
        if not config.get("email_bodies"):
            found = replace(found, fields={k: v for k, v in found.fields.items() if k != _BODY})
        return columns_of(found, cls.envelope)

    def _completed(self, records: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
        body = next((column.name for column in self._columns if column.key == _BODY), None)
        if body is None or not self._has_column(body):
            return records
        return self._overlapped(self._with_body, records)

    def _with_body(self, record: dict[str, Any]) -> dict[str, Any]:
        try:
            return self._client.read(*self._resource.record_path, record["id"])
        except NotFound:
            self.logger.info("Email %s has gone since the list showed it: its body is null.", record["id"])
            return record


_BODY = "$body"
