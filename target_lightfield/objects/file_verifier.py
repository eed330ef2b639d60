"""The verification of files: whether the workspace has each, by what its list says of them.

Lightfield tells no checksum of a file: name, type and size are compared.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lightfield_api.records import Record
from target_lightfield.id_map.source import Link, Mapped, Source
from target_lightfield.loading.interfaces import Loaded
from target_lightfield.matching.wanted import Wanted
from target_lightfield.objects.file_content import content_of
from target_lightfield.objects.file_rows import FileReader
from target_lightfield.objects.files import FileLoader
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.record_changes import ChangedField, RecordChange
from target_lightfield.reporting.verification import Verdict, Verification

_FILES = "files"
_KNOWN_AS = {"filename": "filename", "mime_type": "mimeType", "size_bytes": "sizeBytes"}


@dataclass(frozen=True)
class FileVerifier:
    """Compares the rows of files with the workspace, in the place of a ``FileLoader``.

    Attributes:
        loader: Whose parts find the files.
        verification: Takes what is found.
    """

    loader: FileLoader
    verification: Verification

    @property
    def reader(self) -> FileReader:
        """Reads the rows."""
        return self.loader.reader

    def load(self, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Loaded:  # noqa: ARG002
        """Compare a row with its file.

        Raises:
            Rejection: It could not be uploaded.
            LightfieldError: The API did not answer as it should.
        """
        mapped = self.loader.id_map.get(source)
        record = self._record(mapped, wanted)
        if record is None:
            return self._missing(source, mapped, wanted)
        fields = {
            column: ChangedField(record.get(key), value)
            for column, key in _KNOWN_AS.items()
            if (value := wanted.fields[column]) is not None and value != record.get(key)
        }
        if wanted.fields["purpose"] in {"knowledge_user", "knowledge_workspace"}:
            fields.pop("filename", None)  # Lightfield puts the time after it
        if record.get("status") != "COMPLETED":
            fields["status"] = ChangedField(record.get("status"), "COMPLETED")
        is_ours = False
        if wanted.fields["file_path"] is not None and mapped and mapped.payload_hash:
            with self.loader.folder.opened(wanted.fields["file_path"]) as local:
                is_ours = content_of(local, wanted).payload_hash == mapped.payload_hash
                if not is_ours:
                    fields.setdefault("file_path", ChangedField(None, wanted.fields["file_path"]))
                if local.size != record.get("sizeBytes"):
                    fields["size_bytes"] = ChangedField(record.get("sizeBytes"), local.size)
        if not fields:
            return self._found(source, None)
        verdict = Verdict.CHANGED if is_ours else Verdict.DIFFERING
        return self._found(source, self._told(source, verdict, wanted, record, fields))

    def trash(self, source: Source, wanted_id: str | None) -> Loaded:
        """Leave a file that the source has deleted. As ``FileLoader.trash``."""
        return self.loader.trash(source, wanted_id)

    def tokens(self, source: Source, wanted: Wanted) -> Iterator[Hashable]:
        """Yield lock keys. As ``FileLoader.tokens``."""
        return self.loader.tokens(source, wanted)

    def follows(self, wanted: Wanted) -> Iterator[Hashable]:
        """Yield nothing: files refer to no records."""
        return self.loader.follows(wanted)

    def write_links(self, source: Source, links: Sequence[Link]) -> None:
        """Do nothing: files have no links of their own."""

    def _record(self, mapped: Mapped | None, wanted: Wanted) -> Record | None:
        directory = self.loader.directory
        if mapped:
            return directory.shown(mapped.record_id)[0]
        return directory.get(wanted.id) if wanted.id else None

    def _missing(self, source: Source, mapped: Mapped | None, wanted: Wanted) -> Loaded:
        if wanted.fields["file_path"] is None:
            if mapped is None:
                return self.loader.load(source, {}, wanted)  # skips it, or rejects it
        elif self.loader.mode == "update_only":
            return Loaded(Outcome.SKIPPED)
        elif mapped is None:
            with self.loader.folder.opened(wanted.fields["file_path"]) as local:
                content_of(local, wanted)
        return self._found(source, self._told(source, Verdict.MISSING, wanted))

    def _told(
        self,
        source: Source,
        verdict: Verdict,
        wanted: Wanted,
        record: Record | None = None,
        fields: Mapping[str, ChangedField] | None = None,
    ) -> RecordChange:
        return RecordChange(
            object=_FILES,
            stream=_FILES,
            key=source.key,
            action=str(verdict),
            record_id=record["id"] if record else None,
            name=wanted.fields["filename"] or wanted.fields["file_path"],
            fields=fields or {},
        )

    def _found(self, source: Source, found: RecordChange | None) -> Loaded:
        self.verification.take(_FILES, source.name, source.key, found, None)
        return Loaded(Outcome.UNCHANGED, is_counted=False)
