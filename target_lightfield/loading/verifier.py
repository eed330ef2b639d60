"""One row's verification: which record it means, and whether that is as the row asks, as it is now.

Nothing that was remembered of a load is taken for true. The id map says which record a row means, and that
record is looked at; its hash of the row says only who is the reason for a difference. Where the load wrote
this very row, whole, somebody has changed the record since.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lightfield_api.records import Record
from target_lightfield.id_map.source import Link, Mapped, Source, State
from target_lightfield.loading.comparison import Comparison
from target_lightfield.loading.interfaces import Loaded
from target_lightfield.loading.loader import Loader
from target_lightfield.loading.rows import RowReader
from target_lightfield.matching.found import Found
from target_lightfield.matching.unique_values import Taken
from target_lightfield.matching.wanted import Resolved, Wanted
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.verification import Verdict, Verification
from target_lightfield.writing.changes import Changes


@dataclass(frozen=True)
class Verifier:
    """Compares the rows of one object type with their records, in the place of a ``Loader``.

    Attributes:
        loader: Whose parts find the records.
        comparison: Compares a row with its record.
        verification: Takes what is found.
    """

    loader: Loader
    comparison: Comparison
    verification: Verification

    @property
    def reader(self) -> RowReader:
        """Reads the rows."""
        return self.loader.reader

    def load(self, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Loaded:
        """Compare a row with its record.

        Args:
            source: The source record.
            row: The row, kept for this run should it have to wait.
            wanted: What the row asks for, as ``reader`` reads it.

        Raises:
            Rejection: It could not be loaded.
            LightfieldError: The API did not answer as it should.
        """
        loader = self.loader
        with loader.refusals.as_rejections():
            mapped = loader.id_map.get(source)
            links = loader.refusals.resolve(wanted.references)
            while True:
                try:
                    return self._load(source, row, mapped, wanted, links)
                except Taken as e:
                    if loader.leaving_out.becomes_the_first(e, mapped, wanted):
                        return loader.become(e, source, row, wanted)
                    less = loader.leaving_out.without_taken(e, wanted)
                    if less is None:
                        raise
                    wanted = less

    def trash(self, source: Source, wanted_id: str | None) -> Loaded:
        """Compare a row that the source has deleted: its record is not there any more."""
        loader = self.loader
        mapped = loader.id_map.get(source)
        record_id = mapped.record_id if mapped and not mapped.state.is_merged else wanted_id
        record = None
        if record_id and not loader.id_map.other_owner(source, loader.resource.object_type, record_id):
            shown = loader.finder.shown if mapped else lambda id_: (loader.directory.get(id_), False)
            record = shown(record_id)[0]
        if record is None or record["id"] != record_id:
            return self._found(source, {}, None, Changes())
        is_back = mapped is not None and mapped.state.is_trashed
        why = (
            "The source has deleted it: somebody has restored it" if is_back else "The source has deleted it"
        )
        return self._found(
            source, {}, record, Changes(), Verdict.CHANGED if is_back else Verdict.DIFFERING, why
        )

    def tokens(self, source: Source, wanted: Wanted) -> Iterator[Hashable]:
        """Yield lock keys: rows that share one are never compared at the same time."""
        return self.loader.tokens(source, wanted)

    def follows(self, wanted: Wanted) -> Iterator[Hashable]:
        """Yield the tokens of work that must be finished before this row is compared."""
        return self.loader.follows(wanted)

    def write_links(self, source: Source, links: Sequence[Link]) -> None:
        """Compare those links of a row whose records came after it."""
        loader = self.loader
        mapped = loader.id_map.get(source)
        references: dict[str, list[str]] = {}
        for key, reference in links:
            if key in loader.refusals.definitions.relationships:
                references.setdefault(key, []).append(reference)
        resolved = loader.refusals.resolve(references)
        if mapped is None or not any(resolved.ids.values()):
            return
        record = loader.finder.current(mapped.record_id)
        if record is None:
            return
        changes = self.comparison.there_to_link(loader.writer.differences(record, {}, resolved.ids))
        if changes:
            verdict = Verdict.CHANGED if mapped.payload_hash else Verdict.DIFFERING
            self._found(source, {}, record, changes, verdict, columns=list(references))
        loader.id_map.waiting.release_links(source, [link for link in links if link not in resolved.waiting])

    def _load(
        self,
        source: Source,
        row: Mapping[str, Any],
        mapped: Mapped | None,
        wanted: Wanted,
        links: Resolved,
    ) -> Loaded:
        loader = self.loader
        meant = loader.finder.find(source, mapped, wanted, links)
        if isinstance(meant, Found):
            return self._compare(meant, source, row, mapped, wanted, links)
        if meant is None:
            return self._missing(source, row, mapped, wanted, links)
        loader.id_map.settle(source, loader.resource.object_type, meant.mapped)
        if meant.merged_into:
            return self._merged(source, row, meant.record_id, meant.merged_into)
        return self._gone(source, row, meant.record_id)

    def _merged(self, source: Source, row: Mapping[str, Any], record_id: str, survivor: str) -> Loaded:
        why = f"Merged into {survivor} in Lightfield"
        return self._found(source, row, {"id": record_id}, Changes(), Verdict.CHANGED, why)

    def _gone(self, source: Source, row: Mapping[str, Any], record_id: str) -> Loaded:
        why = "Its record was deleted in Lightfield"
        return self._found(source, row, {"id": record_id}, Changes(), Verdict.MISSING, why)

    def _missing(
        self,
        source: Source,
        row: Mapping[str, Any],
        mapped: Mapped | None,
        wanted: Wanted,
        links: Resolved,
    ) -> Loaded:
        loader = self.loader
        if loader.policy.mode == "update_only":
            return Loaded(Outcome.SKIPPED)
        if loader.creation.needs_one_that_waits(links):
            loader.id_map.waiting.keep(source, row)
            return Loaded(Outcome.WAITING)
        if mapped is None:
            loader.creation.checks.check(wanted, links)
        why = "Its record was deleted in Lightfield" if mapped else "No record is known, or found, to be it"
        return self._found(source, row, None, Changes(), Verdict.MISSING, why)

    def _compare(
        self,
        found: Found,
        source: Source,
        row: Mapping[str, Any],
        mapped: Mapped | None,
        wanted: Wanted,
        links: Resolved,
    ) -> Loaded:
        loader, object_type = self.loader, self.loader.resource.object_type
        record = found.record
        same = mapped is not None and mapped.record_id == record["id"]
        is_ours = same and mapped is not None and mapped.payload_hash == loader.payload_hash(wanted)
        known = mapped if same and mapped else Mapped(record["id"], State.ADOPTED, created=False)
        if loader.policy.mode == "create_only" and not (is_ours and known.created):
            loader.id_map.settle(source, object_type, known)
            return Loaded(Outcome.SKIPPED)
        if record.keys() <= {"id"}:  # an email of which only the Message-ID is known: no list shows those
            return Loaded(Outcome.SKIPPED)
        asked = wanted.stated()
        if wanted.assumed:
            links = loader.refusals.resolve(asked.references)
        changes = self.comparison.differences(record, asked, links)
        if changes and not found.is_current:
            current = loader.directory.current(record["id"])
            if current is None:
                return self._gone(source, row, record["id"])
            if current["id"] != record["id"]:
                return self._merged(source, row, record["id"], current["id"])
            record, changes = current, self.comparison.differences(current, asked, links)
        loader.finder.unique.check_is_not_taken(source, changes.fields, own=record["id"])
        left_out = [*wanted.left_out, *self.comparison.left_out_before(source, row, record, changes)]
        loader.leaving_out.keep(source, row, left_out)
        if known is not mapped or wanted.references:  # else nothing of it waits, or has waited
            loader.id_map.settle(source, object_type, known, links.waiting)
        columns = [*wanted.fields, *wanted.references]
        verdict, why = self.comparison.verdict(record, changes, wanted, links, is_ours=is_ours)
        return self._found(source, row, record, changes, verdict, why, columns)

    def _found(
        self,
        source: Source,
        row: Mapping[str, Any],
        record: Record | None,
        changes: Changes,
        verdict: Verdict = Verdict.EQUAL,
        why: str | None = None,
        columns: Sequence[str] | None = None,
    ) -> Loaded:
        """Take what was found of a row.

        Args:
            source: What the id map knows it by.
            row: The row.
            record: Its record, None if there is none.
            changes: In what the two differ.
            verdict: What that means.
            why: What else there is to say.
            columns: The keys of what the row says something of; None for the record as a whole.
        """
        found = None
        if verdict is not Verdict.EQUAL:
            found = self.loader.telling.change(str(verdict), source, row, record, changes, why)
        names = None if columns is None else [self.loader.refusals.column_name(key) for key in columns]
        self.verification.take(self.loader.resource.name, source.name, source.key, found, names)
        return Loaded(Outcome.UNCHANGED, is_counted=False)
