"""Files: uploaded in three steps, each file once. API page: "File uploads".

An upload that is never completed expires by itself and harms nobody; a completed file can be neither changed
nor deleted. So an upload's id is in the id map before its first byte is sent, and what became of it is asked
for before another one begins.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import (
    BadRequest,
    Conflict,
    LightfieldError,
    NoAnswer,
    NotFound,
    ServerError,
    UnexpectedAnswer,
    Unprocessable,
)
from lightfield_api.refusals import is_refusal, key_at_fault
from lightfield_api.retries import retried
from lightfield_api.uploads import UploadFailed
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.journal_entries import Write, WriteKind
from target_lightfield.id_map.source import Link, Mapped, Source, StartedUpload, State
from target_lightfield.loading.interfaces import Loaded
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.policy import Mode
from target_lightfield.matching.wanted import Wanted
from target_lightfield.objects.file_content import Content, FileChanged, changed, content_of
from target_lightfield.objects.file_rows import FileReader
from target_lightfield.objects.local_files import LocalFile, UploadFolder
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.record_changes import ChangedField, RecordChange
from target_lightfield.reporting.rejection import RejectCode, Rejection, refused

_WITHOUT_CONTENT = frozenset({"PENDING", "CANCELLED", "EXPIRED"})
_COLUMN_OF = {
    "filename": "filename",
    "mimeType": "mime_type",
    "sizeBytes": "size_bytes",
    "purpose": "purpose",
}


@dataclass(frozen=True)
class FileLoader:
    """Uploads files, as a ``RecordLoader``.

    Attributes:
        reader: Reads the rows.
        folder: Where the files are.
        client: The API client.
        id_map: Where an upload is remembered before it begins.
        directory: What is known of the workspace's files.
        mode: Whether files are uploaded at all: under ``update_only`` they are not.
        tell: Takes what a dry run would upload; None in any other run.
    """

    reader: FileReader
    folder: UploadFolder
    client: LightfieldClient
    id_map: IdMap
    directory: Directory
    mode: Mode
    tell: Callable[[RecordChange], None] | None = None

    def load(self, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Loaded:  # noqa: ARG002
        """Upload a file, unless the workspace has it.

        A file whose content or name has changed is uploaded as a new one, since no file can be changed;
        from then on the source key means that one.

        Args:
            source: The source record.
            row: Not used: a file's row never waits.
            wanted: What the row asks for.

        Raises:
            Rejection: There is no such file, it is not what the row says, or the API refuses it.
            LightfieldError: The API or the storage did not answer as it should.
        """
        try:
            return self._load(source, wanted)
        except LightfieldError as e:
            if not is_refusal(e):
                raise
            raise _refused(e) from e

    def trash(self, source: Source, wanted_id: str | None) -> Loaded:  # noqa: ARG002
        """Leave a file that the source has deleted as it is: the API deletes none."""
        return Loaded(Outcome.SKIPPED)

    def tokens(self, source: Source, wanted: Wanted) -> Iterator[Hashable]:
        """Yield the file's key and id."""
        yield "file", source.key
        if wanted.id:
            yield "file", wanted.id

    def follows(self, wanted: Wanted) -> Iterator[Hashable]:  # noqa: ARG002
        """Yield nothing: files refer to no records."""
        return iter(())

    def write_links(self, source: Source, links: Sequence[Link]) -> None:
        """Do nothing: files have no links of their own."""

    def _load(self, source: Source, wanted: Wanted) -> Loaded:
        mapped = self.id_map.get(source)
        if self._adopted(source, mapped, wanted):
            return Loaded(Outcome.UNCHANGED)
        path = wanted.fields["file_path"]
        if path is None:
            return _without_content(mapped, wanted)
        if self.mode == "update_only":
            return Loaded(Outcome.SKIPPED)
        with self.folder.opened(path) as local:
            content = content_of(local, wanted)
            if mapped and mapped.payload_hash == content.payload_hash:
                return Loaded(Outcome.UNCHANGED)
            if mapped and self.mode == "create_only":
                return Loaded(Outcome.SKIPPED)
            file_id = self._resumed(source, content) or self._uploaded(source, local, content)
        self.id_map.journal.resume(source, file_id)
        self._settle(source, Mapped(file_id, State.WRITTEN, True, content.payload_hash))
        if self.tell:
            fields = {_COLUMN_OF[name]: ChangedField(None, value) for name, value in content.body.items()}
            name = content.body["filename"]
            self.tell(RecordChange("files", "files", source.key, "created", name=name, fields=fields))
        return Loaded(Outcome.CREATED)

    def _adopted(self, source: Source, mapped: Mapped | None, wanted: Wanted) -> bool:
        """Return whether the row means a file that this target did not upload.

        A file that its ``id`` names is adopted: from then on the id map has it.
        """
        if mapped:
            return not mapped.created
        if not wanted.id or not self.directory.get(wanted.id):
            return False
        self._settle(source, Mapped(wanted.id, State.ADOPTED, created=False))
        return True

    def _settle(self, source: Source, mapped: Mapped) -> None:
        self.id_map.settle(source, "file", mapped)

    # The three steps

    def _uploaded(self, source: Source, local: LocalFile, content: Content) -> str:
        """Upload a file and return its id. An upload that breaks off is begun anew, a few times."""
        return retried(
            lambda: self._upload_or_resume(source, local, content),
            "Uploading a file",
            self.client.retry_policy.of_files,
            on=_BROKEN_OFF,
            is_final=lambda error: isinstance(error, FileChanged),
        )()

    def _upload_or_resume(self, source: Source, local: LocalFile, content: Content) -> str:
        try:
            return self._upload(source, local, content)
        except _BROKEN_OFF:
            if file_id := self._resumed(source, content):
                return file_id
            if local.digests("md5")["md5"] != content.md5:
                raise changed("while it was uploaded") from None
            raise

    def _upload(self, source: Source, local: LocalFile, content: Content) -> str:
        session = self.client.write_once("files", body=content.body)
        file_id, url, headers = (session.get(key) for key in ("id", "uploadUrl", "uploadHeaders"))
        if not isinstance(file_id, str) or not isinstance(url, str) or not _is_headers(headers):
            raise UnexpectedAnswer("The answer to POST files names no upload")
        write = Write(WriteKind.CREATED, "files", file_id, source)
        self.id_map.begun.start_upload(source, StartedUpload(file_id, content.payload_hash), write)
        self.client.upload(url, headers, local.file)
        self._complete(file_id, content)
        return file_id

    def _complete(self, file_id: str, content: Content) -> None:
        try:
            file = self.client.write("files", file_id, "complete", body={"md5": content.md5})
        except Conflict:  # it has expired, or it is complete and that answer was lost
            raise UploadFailed("it was not open any more when its bytes had arrived") from None
        except (BadRequest, Unprocessable) as e:
            raise _refused(e) from e
        if file.get("status") != "COMPLETED":  # ``_resumed`` asks for the file itself
            raise UploadFailed("the answer does not say that it is complete")

    # An upload whose end was not seen

    def _resumed(self, source: Source, content: Content) -> str | None:
        """Return the file id of an upload begun before, if that is complete and the same; else forget it."""
        started = self.id_map.begun.started_upload(source)
        if started is None:
            return None
        if self._is_complete(started.file_id) and started.payload_hash == content.payload_hash:
            return started.file_id
        self.id_map.begun.drop_upload(source)
        return None

    def _is_complete(self, file_id: str) -> bool:
        """Whether an upload is complete. One that could still become so is cancelled."""
        status = self._status(file_id)
        if status == "PENDING":
            try:
                self.client.write("files", file_id, "cancel", body={})
            except (Conflict, NotFound):  # it is settled by now, one way or the other
                status = self._status(file_id)
        return status == "COMPLETED"

    def _status(self, file_id: str) -> str | None:
        try:
            return str(self.client.read("files", file_id).get("status"))
        except NotFound:
            return None


_BROKEN_OFF = (UploadFailed, NoAnswer, ServerError, Rejection)
"""The errors after which an upload is begun anew, since it may then succeed."""


def _is_headers(headers: Any) -> TypeGuard[Mapping[str, str]]:
    return isinstance(headers, dict) and all(isinstance(value, str) for value in headers.values())


def _without_content(mapped: Mapped | None, wanted: Wanted) -> Loaded:
    if mapped:
        return Loaded(Outcome.UNCHANGED)
    if str(wanted.fields["status"]).upper() in _WITHOUT_CONTENT:
        return Loaded(Outcome.SKIPPED)
    raise Rejection(
        "It has no file_path: set file_download_dir in tap-lightfield, so that it fetches the content",
        code=RejectCode.FILE_PATH_MISSING,
        param="file_path",
    )


def _refused(error: LightfieldError) -> Rejection:
    key = key_at_fault(error.param, _COLUMN_OF)
    return refused(error, _COLUMN_OF[key] if key else error.param)
