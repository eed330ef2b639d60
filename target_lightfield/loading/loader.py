"""One row's way: which record it means, what of that is to be written, and what became of the row."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lightfield_api.errors import LightfieldError
from lightfield_api.records import Record
from lightfield_api.resources import Resource
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Link, Mapped, Source, State
from target_lightfield.loading.creation import Creation
from target_lightfield.loading.deletion import Deletion
from target_lightfield.loading.interfaces import Loaded, TooEarly
from target_lightfield.loading.late_links import LateLinks
from target_lightfield.loading.leaving_out import LeavingOut
from target_lightfield.loading.refusals import Refusals
from target_lightfield.loading.rows import RowReader
from target_lightfield.loading.telling import Telling
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.finder import Finder
from target_lightfield.matching.found import Found, Gone, Origin
from target_lightfield.matching.policy import Policy
from target_lightfield.matching.unique_values import Taken
from target_lightfield.matching.wanted import Resolved, Wanted
from target_lightfield.reporting.outcome import DoubtfulMatch, GoneRecord, Outcome
from target_lightfield.writing.changes import Changes
from target_lightfield.writing.writer import Writer


@dataclass(frozen=True)
class Loader:
    """Loads the rows of one object type: finds the record of each, creates it, writes what differs."""

    resource: Resource
    reader: RowReader
    finder: Finder
    directory: Directory
    creation: Creation
    deletion: Deletion
    late_links: LateLinks
    writer: Writer
    refusals: Refusals
    leaving_out: LeavingOut
    id_map: IdMap
    policy: Policy
    telling: Telling
    earlier_is_under_way: Callable[[Hashable], bool]

    def load(self, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Loaded:
        """Write a row, unless nothing of it has changed or it has to wait.

        Args:
            source: The source record.
            row: The row, kept in the id map should it have to wait.
            wanted: What the row asks for, as ``reader`` reads it.

        Raises:
            Rejection: It can't be written.
            LightfieldError: The API did not answer as it should, which is not the record's fault.
            TooEarly: It matches another row's record, of which an earlier row under way may let go.
        """
        with self.refusals.as_rejections():
            done: Loaded | None = None
            is_last = False
            while True:
                mapped = self.id_map.get(source)
                if mapped and mapped.payload_hash == self.payload_hash(wanted):
                    return Loaded(Outcome.UNCHANGED)
                links = self.refusals.resolve(wanted.references)
                try:
                    loaded = self._load(source, row, mapped, wanted, links)
                except (Taken, LightfieldError) as e:
                    if self._may_be_free(e, source, wanted, is_last=is_last):
                        is_last = True
                        continue
                    if isinstance(e, Taken) and self.leaving_out.becomes_the_first(e, mapped, wanted):
                        return self.become(e, source, row, wanted)
                    wanted = self._less(e, source, wanted, links)
                    continue
                done = loaded.after(done)
                if not wanted.is_partial or not loaded.outcome.is_written:
                    return done
                wanted = self.leaving_out.next_of(wanted)

    def trash(self, source: Source, wanted_id: str | None) -> Loaded:
        """Move a record to the trash because the source has deleted its row. As ``Deletion.trash``."""
        return Loaded(self.deletion.trash(source, wanted_id))

    def tokens(self, source: Source, wanted: Wanted) -> Iterator[Hashable]:
        """Yield lock keys: rows that share one are never loaded at the same time."""
        return self.finder.tokens(source, wanted)

    def follows(self, wanted: Wanted) -> Iterator[Hashable]:
        """Yield the tokens of work that must be finished before this row is loaded."""
        return self.finder.follows(wanted)

    def write_links(self, source: Source, links: Sequence[Link]) -> None:
        """Write those waiting links of a row whose records have come. As ``LateLinks.write``."""
        self.late_links.write(source, links)

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
                self.leaving_out.keep(source, row, ())
                return Loaded(Outcome.SKIPPED)
            self.finder.unique.check_is_not_taken(source, wanted.fields)
            meant = self.creation.create(source, mapped, wanted, links)
        if meant is None:
            self.leaving_out.keep(source, row, wanted.left_out)
            self.id_map.waiting.keep(source, row)
            return Loaded(Outcome.WAITING)
        if isinstance(meant, Gone):
            self.id_map.settle(source, self.resource.object_type, meant.mapped)
            return Loaded(Outcome.GONE, gone=GoneRecord(source.key, meant.record_id, meant.merged_into))
        return self._load_into(meant, source, row, mapped, wanted, links)

    def _meant(
        self, source: Source, mapped: Mapped | None, wanted: Wanted, links: Resolved
    ) -> Found | Gone | None:
        """Return the record that a row means, just retrieved if it is to be written; None if it is new."""
        meant = self.creation.resume(source) or self.finder.find(source, mapped, wanted, links)
        if isinstance(meant, Found) and not (meant.is_current or self.directory.believes_lists):
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
        self,
        found: Found,
        source: Source,
        row: Mapping[str, Any],
        mapped: Mapped | None,
        wanted: Wanted,
        links: Resolved,
    ) -> Loaded:
        """Write what a row asks for into the record that it means."""
        match = self._doubtful_match(source, found)
        same = mapped is not None and mapped.record_id == found.record["id"]
        ours = not found.origin.was_there or (same and mapped is not None and mapped.created)
        known = Mapped(found.record["id"], State.ADOPTED, ours)
        object_type = self.resource.object_type
        if found.origin.was_there and self.policy.mode == "create_only":
            self.leaving_out.keep(source, row, ())
            if not same:  # remembered, so that links find it, though nothing of the row is written
                self.id_map.settle(source, object_type, known)
            return Loaded(Outcome.SKIPPED, match=match)
        asked = wanted
        if found.origin.was_there and wanted.assumed:  # defaults are for records that are created
            asked = wanted.stated()
            links = self.refusals.resolve(asked.references)
        changes = self._changes(found.record, asked, links)
        self.finder.unique.check_is_not_taken(source, changes.fields, own=found.record["id"])
        begun = replace(known, state=State.ADOPTED if found.origin.was_there else State.UNFINISHED)
        if wanted.is_partial or changes:
            # Before: after a kill the record might no longer be found by its values, and a row that goes back
            # to what was last written must not count as unchanged.
            self.id_map.adopt(source, object_type, begun)
        if found.origin is Origin.CREATED:
            self.telling.created(source, row, asked, links)
        else:
            self.telling.updated(source, row, found.record, changes)
        self._write(source, found.record, changes, adopted=found.origin.was_there and not same)
        if not wanted.is_partial:
            # What is left out is kept before: a row that is settled is not looked at again.
            self.leaving_out.keep(source, row, wanted.left_out)
            written = replace(known, state=State.WRITTEN, payload_hash=self.payload_hash(wanted))
            self.id_map.settle(source, object_type, written, links.waiting)
        return replace(self._loaded(found.origin, changes), match=match)

    def _may_be_free(
        self, error: Taken | LightfieldError, source: Source, wanted: Wanted, *, is_last: bool
    ) -> bool:
        """Whether the unique value that an update was refused for has become free.

        (Creates: ``Creation`` has looked already.)

        Raises:
            TooEarly: It is another row's, which is on its way and may let go of it.
            LightfieldError: The API did not answer as it should.
        """
        if isinstance(error, Taken):
            self._check_that_none_is_under_way([error.owner], error)
            return False
        owners = None if is_last else self._others_holding(error, source, wanted)
        if owners is None:
            return False
        self._check_that_none_is_under_way(owners, error)
        # One that was may have let go, and ended between the two questions.
        return not owners or not self._others_holding(error, source, wanted)

    def _check_that_none_is_under_way(self, owners: Sequence[Source | None], error: Exception) -> None:
        tokens = [(self.resource.object_type, owner.key) for owner in owners if owner]
        if any(self.earlier_is_under_way(token) for token in tokens):
            raise TooEarly from error

    def _others_holding(
        self, error: LightfieldError, source: Source, wanted: Wanted
    ) -> list[Source | None] | None:
        """Return whose the records are, None of nobody's, that hold what an update may have been refused for.

        None if the refusal is for something else, or the row has no record yet.
        """
        unique, own = self.finder.unique, self.id_map.get(source)
        fields = unique.maybe_taken(error, wanted)
        if not fields or own is None:
            return None
        others = (record for record in unique.holders(fields, wanted) if record["id"] != own.record_id)
        return [self.finder.owner(source, record) for record in others]

    def _less(
        self, error: Taken | LightfieldError, source: Source, wanted: Wanted, links: Resolved
    ) -> Wanted:
        """Return what is to be asked for after an error; raise that again if it has to be as it is."""
        if isinstance(error, Taken):
            less = self.leaving_out.without_taken(error, wanted)
        elif self.refusals.note_gone_links(error, wanted, links):
            return wanted  # without links to what was deleted: somebody may delete one more meanwhile
        else:
            own = self.id_map.get(source)
            less = self.leaving_out.without_refused(error, wanted, own.record_id if own else None)
        if less is None:
            raise error
        return less

    def become(self, taken: Taken, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Loaded:
        """Let a row be ``taken.record``, which keeps the other row's values. Args as in ``load``."""
        self.leaving_out.keep(source, row, self.leaving_out.of_the_second(taken, wanted))
        known = Mapped(taken.record["id"], State.MERGED, False, self.payload_hash(wanted))
        self.id_map.settle(source, self.resource.object_type, known)
        return Loaded(Outcome.SKIPPED)

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

    def payload_hash(self, wanted: Wanted) -> str:
        """Return the hash by which the id map tells whether a row is as it was when it was written."""
        return wanted.payload_hash(exactly=self.policy.exact_links)

    def _changes(self, record: Record, wanted: Wanted, links: Resolved) -> Changes:
        return self.writer.changes(record, wanted.fields, links.ids, exactly=self.policy.exact_links)

    def _write(self, source: Source, record: Record, changes: Changes, *, adopted: bool) -> None:
        if changes:
            self.directory.note(self.writer.update(source, record, changes, adopted=adopted))
