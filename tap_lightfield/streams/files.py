"""Files: what is known of them, and with ``file_download_dir`` their content. API page: "Files"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from lightfield_api.columns import Column, Columns, Role
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import Forbidden, NotFound
from lightfield_api.resources import Resource
from lightfield_api.values import parse_datetime
from lightfield_api.words import count
from tap_lightfield.downloads import DownloadError, Downloads, Saved
from tap_lightfield.schemas import INTEGER, table_schema
from tap_lightfield.streams.append_only import HeadFirstStream
from tap_lightfield.streams.incremental import created_at
from tap_lightfield.streams.records import RecordStream
from tap_lightfield.workspace import REFERENCES_READ, Workspace

if TYPE_CHECKING:
    from singer_sdk import Tap
    from singer_sdk.helpers import types

_AGAIN = "files_to_read_again"
_PENDING_FOR = timedelta(days=1)  # where a file does not say when its upload expires
_MOST_AGAIN = 1000  # ids in the state: if there are more, downloads fail altogether

_COLUMN_NAMES = {
    "filename": "filename",
    "mimeType": "mime_type",
    "sizeBytes": "size_bytes",
    "status": "status",
    "completedAt": "completed_at",
    "expiresAt": "expires_at",
}


@dataclass
class _Listing:
    """What a run has seen of the list."""

    newest: datetime | None
    oldest_pending: datetime | None = None
    seen: set[str] = field(default_factory=set)

    def reached(self, start: datetime | None) -> datetime | None:
        """Return the next bookmark: not past a file that may still be completed, nor before the last one."""
        if self.newest is None or self.oldest_pending is None:
            return self.newest
        return max(start or self.oldest_pending, self.oldest_pending)


class FilesStream(HeadFirstStream, RecordStream):
    """Files: INCREMENTAL on ``created_at``, and those that records refer to but no list shows.

    Args:
        tap: The tap.
        workspace: What the streams of the run share.
        resource: The files' row of the table of resources.
    """

    envelope = ("id", "created_at")
    refers_to_files = False

    def __init__(self, tap: Tap, workspace: Workspace, resource: Resource) -> None:
        super().__init__(tap, workspace, resource)
        self.replication_key = "created_at"
        self._downloads: Downloads | None = None
        self._again: set[str] = set()

    @classmethod
    def columns(cls, workspace: Workspace, resource: Resource, config: Mapping[str, Any]) -> Columns:  # noqa: ARG003
        """Return the columns of what the API tells of a file, all at the top level of its record.

        Args:
            workspace: What the streams of the run share.
            resource: What is read.
            config: The settings.
        """
        definitions = resource.builtin or ObjectDefinitions(resource.object_type)
        columns = [Column("id", "id", Role.ENVELOPE), Column("created_at", "createdAt", Role.ENVELOPE)]
        columns += [
            Column(_COLUMN_NAMES[key], key, Role.ENVELOPE, field=definition)
            for key, definition in definitions.fields.items()
        ]
        return Columns({c.name: c for c in columns}, {(c.key, c.role): c for c in columns})

    @classmethod
    def further_columns(cls, resource: Resource, config: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003
        """Return the column that holds a whole number, and those of the download if there is one."""
        described = _SIZE | (_DOWNLOAD if config.get("file_download_dir") else {})
        columns: dict[str, Any] = table_schema((), described)["properties"]
        return columns

    def rows(self, context: types.Context | None) -> Iterator[dict[str, Any]]:
        """Yield the rows of the new files, of those to be read again, and of those that records refer to."""
        folder = self.config.get("file_download_dir")
        if folder and not (self._has_column("file_path") or self._has_column("file_sha256")):
            self.logger.warning(
                "Stream 'files': nothing is downloaded, because neither the column file_path nor file_sha256 "
                "is selected. Where the catalog does not have them, run discovery again."
            )
        elif folder:
            self._downloads = Downloads(self._client, folder, self._concurrency)
        try:
            yield from self._rows(context)
        finally:
            if self._downloads is not None:
                self._downloads.close()

    def _rows(self, context: types.Context | None) -> Iterator[dict[str, Any]]:
        began = self._client.server_time()
        start = self.get_starting_timestamp(context)
        since = None if self._sweeps_all else self._since(context)
        listing = _Listing(newest=start)
        _ = self._reader  # made here, once, and not by the threads that use it
        yield from self._overlapped(self._row, self._listed(self._head(self._resource.path, since), listing))
        yield from self._overlapped(self._row, self._unlisted(listing))
        self._leave_out_unknown()
        if self._is_incremental:
            self._remember()
            self.stream_state[REFERENCES_READ] = True
        self._reach(listing.reached(start), began, context)

    def _listed(self, files: Iterator[dict[str, Any]], listing: _Listing) -> Iterator[dict[str, Any]]:
        """Yield the files of the list, and take note of where the next run has to begin."""
        for file in files:
            created = created_at(file)
            listing.seen.add(file["id"])
            listing.newest = max(listing.newest or created, created)
            if self._is_pending(file):
                listing.oldest_pending = min(listing.oldest_pending or created, created)
            yield file

    def _unlisted(self, listing: _Listing) -> Iterator[dict[str, Any]]:
        """Yield the files that the list did not show and that records, or the last run, ask for."""
        remembered = self.stream_state.get(_AGAIN) or () if self._is_incremental else ()
        ids = sorted({*self._workspace.file_references.ids, *remembered} - listing.seen)
        unreadable = 0
        for file in self._overlapped(self._retrieved, ids):
            if file is None:
                unreadable += 1
                continue
            if self._is_pending(file):
                self._again.add(file["id"])
            yield file
        if unreadable:
            self._full_sweep.leave_out("files that records refer to can't be read")
            self.logger.warning(
                "Stream '%s': %d of %s that records refer to can't be read: gone, or not for this key.",
                self.name, unreadable, count("file", len(ids)),
            )  # fmt: skip

    def _leave_out_unknown(self) -> None:
        """Take note of records that were not read: files that only they refer to are not known."""
        for name, stream in self._tap.streams.items():
            if isinstance(stream, RecordStream) and stream.refers_to_files and not stream.read_all_lists:
                self._full_sweep.leave_out(
                    f"'{name}' was not read to its end, and its records may refer to files that no list shows"
                )

    def _retrieved(self, file_id: str) -> dict[str, Any] | None:
        try:
            return self._client.read(*self._resource.record_path, file_id)
        except (Forbidden, NotFound):
            return None

    def _row(self, file: dict[str, Any]) -> dict[str, Any]:
        row = self._reader.row(file)
        if self._downloads is None:
            return row
        saved = Saved(None, None)
        if file.get("status") == "COMPLETED":
            try:
                saved = self._downloads.fetch(file)
            except DownloadError as e:
                self._again.add(file["id"])
                self.logger.warning(
                    "File %s could not be downloaded: %s. Its file_path is null; the next run tries again.",
                    file["id"], e,
                )  # fmt: skip
        saved_as = {"file_path": saved.path, "file_sha256": saved.sha256}
        return {**row, **{name: value for name, value in saved_as.items() if self._has_column(name)}}

    def _is_pending(self, file: Mapping[str, Any]) -> bool:
        """Whether a file may still be completed, or be so without the lagging list showing it yet.

        An upload that expired while pending stays as it is.
        """
        if file.get("status") != "PENDING":
            return False
        try:
            expires = parse_datetime(file["expiresAt"])
        except (KeyError, TypeError, ValueError):
            expires = created_at(file) + _PENDING_FOR
        return expires > self._client.server_time() - timedelta(seconds=self.config["lookback_window"])

    def _remember(self) -> None:
        """Put into the state which files the next run reads by their ids."""
        again = sorted(self._again)
        if len(again) > _MOST_AGAIN:
            self.logger.warning(
                "%d files are to be read again, more than the state can hold: run the stream with "
                "full_sweep when the downloads work.", len(again),
            )  # fmt: skip
        if again:
            self.stream_state[_AGAIN] = again[:_MOST_AGAIN]
        else:
            self.stream_state.pop(_AGAIN, None)


_SIZE = {"size_bytes": (INTEGER, "The size in bytes.")}
_DOWNLOAD = {
    "file_path": (
        "TEXT",
        "Where the file has been saved; null if it is not complete or could not be fetched.",
    ),
    "file_sha256": ("TEXT", "The SHA-256 of its content, in hexadecimal."),
}
