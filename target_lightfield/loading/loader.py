"""One row's way: which record it means, what of that is to be written, and what became of the row."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import LightfieldError
from lightfield_api.records import Record
from lightfield_api.resources import Resource
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Link, Mapped, Source, State
from target_lightfield.loading.creation import Creation
from target_lightfield.loading.deletion import Deletion
from target_lightfield.loading.references import References
from target_lightfield.loading.refusals import Refusals
from target_lightfield.loading.rows import RowReader
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.finder import Finder, Found, Gone, Origin
from target_lightfield.matching.policy import Policy
from target_lightfield.matching.wanted import Resolved, Wanted
from target_lightfield.reporting.outcome import DoubtfulMatch, GoneRecord, Outcome
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.writing.changes import Changes
from target_lightfield.writing.writer import Writer


@dataclass(frozen=True)
class Loaded:
    """What became of a row.

    Attributes:
        outcome: Whether it was created, updated, unchanged and so on.
        changed: The columns that an update changed.
        enriched: Whether creating it started the enrichment that Lightfield bills.
        match: The record that it was matched with, where a field that tells records apart differs.
        gone: The record that it meant, which a person has deleted or merged.
    """

    outcome: Outcome
    changed: Sequence[str] = ()
    enriched: bool = False
    match: DoubtfulMatch | None = None
    gone: GoneRecord | None = None


class StreamColumns(Protocol):
    """Knows the columns of one stream."""

    def unknown(self, names: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """Return the columns that match no field, each with the nearest that there are."""

    def skipped(self, names: Iterable[str]) -> Sequence[str]:
        """Return the columns that the API lets nobody write."""


class Reader(StreamColumns, Protocol):
    """Reads the rows of one stream."""

    def read(self, row: Mapping[str, Any]) -> Wanted:
        """Return what a row asks for. Raises Rejection where it can't."""


class RecordLoader(Protocol):
    """Loads the records of one stream; ``Loader`` says what each method does."""

    @property
    def reader(self) -> Reader:
        """Reads the rows."""

    def load(self, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Loaded:
        """Write a row, unless nothing of it has changed or it has to wait."""

    def trash(self, source: Source, wanted_id: str | None) -> Outcome:
        """Move a record to the trash because the source has deleted its row."""

    def tokens(self, source: Source, wanted: Wanted) -> Iterator[Hashable]:
        """Yield lock keys: rows that share one are never loaded at the same time."""

    def follows(self, wanted: Wanted) -> Iterator[Hashable]:
        """Yield the tokens of work that must be finished before this row is loaded."""

    def write_links(self, source: Source, links: Sequence[Link]) -> None:
        """Write those waiting links of a row whose records have come."""


@dataclass(frozen=True)
class Loader:
    """Loads the rows of one object type: finds the record of each, creates it, writes what differs."""

    resource: Resource
    definitions: ObjectDefinitions
    reader: RowReader
    references: References
    finder: Finder
    directory: Directory
    creation: Creation
    deletion: Deletion
    writer: Writer
    refusals: Refusals
    id_map: IdMap
    policy: Policy

    def load(self, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Loaded:
        """Write a row, unless nothing of it has changed or it has to wait.

        Args:
            source: The source record.
            row: The row, kept in the id map should it have to wait.
            wanted: What the row asks for, as ``reader`` reads it.

        Raises:
            Rejection: It can't be written.
            LightfieldError: The API did not answer as it should, which is not the record's fault.
        """
        with self.refusals.as_rejections():
            while True:
                mapped = self.id_map.get(source)
                if mapped and mapped.payload_hash == self._payload_hash(wanted):
                    return Loaded(Outcome.UNCHANGED)
                links = self._resolve(wanted.references)
                try:
                    return self._load(source, row, mapped, wanted, links)
                except LightfieldError as e:
                    if not self.refusals.leads_nowhere(e, wanted, links):
                        raise
                    # Again, without links to what was deleted: somebody may delete one more record meanwhile.

    def trash(self, source: Source, wanted_id: str | None) -> Outcome:
        """Move a record to the trash because the source has deleted its row. As ``Deletion.trash``."""
        return self.deletion.trash(source, wanted_id)

    def tokens(self, source: Source, wanted: Wanted) -> Iterator[Hashable]:
        """Yield lock keys: rows that share one are never loaded at the same time."""
        return self.finder.tokens(source, wanted)

    def follows(self, wanted: Wanted) -> Iterator[Hashable]:
        """Yield the tokens of work that must be finished before this row is loaded."""
        return self.finder.follows(wanted)

    def write_links(self, source: Source, links: Sequence[Link]) -> None:
        """Write those waiting links of a row whose records have come.

        Raises:
            Rejection: The API refuses them.
            LightfieldError: As in ``load``.
        """
        try:
            self._write_links(source, links)
        except Rejection:
            if len(links) == 1:
                raise
            refusal = None
            for link in links:  # one that is refused does not keep the others waiting
                try:
                    self._write_links(source, [link])
                except Rejection as e:
                    refusal = e
            if refusal:
                raise refusal from None

    def _write_links(self, source: Source, links: Sequence[Link]) -> None:
        mapped = self.id_map.get(source)
        references: dict[str, list[str]] = {}
        for key, reference in links:
            if key in self.definitions.relationships:
                references.setdefault(key, []).append(reference)
        resolved = self._resolve(references)
        if mapped is None or not any(resolved.ids.values()):
            return
        with self.refusals.as_rejections():
            record = self.directory.current(mapped.record_id)
            if record is not None:
                if record["id"] == mapped.record_id or not self.finder.owner(source, record):
                    self._write(source, record, self.writer.changes(record, {}, resolved.ids))
                # Else it was merged into another row's record, which has the links of that row.
                written = [link for link in links if link not in resolved.waiting]
                self.id_map.waiting.release_links(source, written)

    def _load(
        self,
        source: Source,
        row: Mapping[str, Any],
        mapped: Mapped | None,
        wanted: Wanted,
        links: Resolved,
    ) -> Loaded:
        meant = self._meant(source, mapped, wanted, links)
        if meant is None:
            if self.policy.mode == "update_only":
                return Loaded(Outcome.SKIPPED)
            meant = self.creation.create(source, mapped, wanted, links)
        if meant is None:
            self.id_map.waiting.keep(source, row)
            return Loaded(Outcome.WAITING)
        if isinstance(meant, Gone):
            self.id_map.settle(source, self.resource.object_type, meant.mapped)
            return Loaded(Outcome.GONE, gone=GoneRecord(source.key, meant.record_id, meant.merged_into))
        return self._load_into(meant, source, mapped, wanted, links)

    def _resolve(self, references: Mapping[str, Sequence[str]]) -> Resolved:
        try:
            return self.references.resolve(self.definitions, references)
        except Rejection as e:
            raise Rejection(e.message, code=e.code, param=self.refusals.column_name(e.param or "")) from e

    def _meant(
        self, source: Source, mapped: Mapped | None, wanted: Wanted, links: Resolved
    ) -> Found | Gone | None:
        """Return the record that a row means, just retrieved if it is to be written; None if it is new."""
        meant = self.creation.resume(source) or self.finder.find(source, mapped, wanted, links)
        if isinstance(meant, Found) and not meant.is_current:
            return self._as_it_is_now(source, meant, wanted, links)
        return meant

    def _as_it_is_now(
        self, source: Source, found: Found, wanted: Wanted, links: Resolved
    ) -> Found | Gone | None:
        """Return a record from a list, retrieved anew if it is to be written: lists lag behind."""
        if not self._changes(found.record, wanted.stated(), links):
            return found
        record = self.directory.current(found.record["id"])
        if record and record["id"] != found.record["id"] and self.finder.owner(source, record):
            # It was merged, which the list does not show yet, and into another row's record.
            return Gone(found.record["id"], Mapped(record["id"], State.MERGED, created=False))
        return replace(found, record=record, is_current=True) if record else None

    def _load_into(
        self, found: Found, source: Source, mapped: Mapped | None, wanted: Wanted, links: Resolved
    ) -> Loaded:
        """Write what a row asks for into the record that it means."""
        match = self._doubtful_match(source, found)
        same = mapped is not None and mapped.record_id == found.record["id"]
        ours = not found.origin.was_there or (same and mapped is not None and mapped.created)
        known = Mapped(found.record["id"], State.ADOPTED, ours)
        object_type = self.resource.object_type
        if found.origin.was_there and self.policy.mode == "create_only":
            if not same:  # remembered, so that links find it, though nothing of the row is written
                self.id_map.settle(source, object_type, known)
            return Loaded(Outcome.SKIPPED, match=match)
        asked = wanted
        if found.origin.was_there and wanted.assumed:  # defaults are for records that are created
            asked = wanted.stated()
            links = self._resolve(asked.references)
        changes = self._changes(found.record, asked, links)
        if changes and not (same and found.origin is Origin.KNOWN):
            # Once changed, a rerun might no longer find the record by its values: remember it before.
            state = State.ADOPTED if found.origin.was_there else State.UNFINISHED
            self.id_map.adopt(source, object_type, replace(known, state=state))
        self._write(source, found.record, changes)
        written = replace(known, state=State.WRITTEN, payload_hash=self._payload_hash(wanted))
        self.id_map.settle(source, object_type, written, links.waiting)
        return replace(self._loaded(found.origin, changes), match=match)

    def _loaded(self, origin: Origin, changes: Changes) -> Loaded:
        if origin is Origin.CREATED:
            return Loaded(Outcome.CREATED, enriched=self.writer.enriches)
        changed = [self.refusals.column_name(key) for key in changes.keys]
        return Loaded(Outcome.UPDATED if changed else Outcome.UNCHANGED, changed)

    def _doubtful_match(self, source: Source, found: Found) -> DoubtfulMatch | None:
        if not found.disagreements:
            return None
        return DoubtfulMatch(
            source.key,
            found.record["id"],
            found.record.get("httpLink"),
            [(self.refusals.column_name(one.key), one.there, one.here) for one in found.disagreements],
        )

    def _payload_hash(self, wanted: Wanted) -> str:
        return wanted.payload_hash(exactly=self.policy.exact_links)

    def _changes(self, record: Record, wanted: Wanted, links: Resolved) -> Changes:
        return self.writer.changes(record, wanted.fields, links.ids, exactly=self.policy.exact_links)

    def _write(self, source: Source, record: Record, changes: Changes) -> None:
        if changes:
            self.directory.note(self.writer.update(source, record, changes))
