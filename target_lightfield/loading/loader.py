"""One record's way: which record is meant, what of it is to be written, and what became of it."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from lightfield_api.columns import Role
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import LightfieldError, UnexpectedAnswer
from lightfield_api.refusals import key_at_fault, may_be_incomplete, names_nothing
from lightfield_api.resources import Resource
from lightfield_api.values import parse_datetime
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Link, Mapped, Source, State
from target_lightfield.loading.references import References
from target_lightfield.loading.rows import RowReader
from target_lightfield.matching.criteria import Record
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.finder import Finder, Found, Gone, Origin
from target_lightfield.matching.policy import Policy
from target_lightfield.matching.wanted import Resolved, Wanted
from target_lightfield.reporting.rejects_file import Rejection, refused
from target_lightfield.reporting.report import DoubtfulMatch, GoneRecord, Outcome
from target_lightfield.writing.changes import Changes
from target_lightfield.writing.writer import Writer, is_refusal, may_be_about_a_link


@dataclass(frozen=True)
class Loaded:
    """What became of a row.

    Attributes:
        outcome: What became of it.
        changed: The columns that an update changed.
        enriched: Whether creating it started the enrichment that Lightfield bills.
        match: The record that it was matched with, where something tells the two apart all the same.
        gone: The record that it meant, which a person has deleted or merged.
    """

    outcome: Outcome
    changed: Sequence[str] = ()
    enriched: bool = False
    match: DoubtfulMatch | None = None
    gone: GoneRecord | None = None


_CLOCKS = timedelta(minutes=1)  # nearer to the present than this the API decides by its own clock
_MOST_STORED = 10  # creates of one record, each deleted again, that a day can have seen


class Reader(Protocol):
    """Reads the rows of one stream."""

    def read(self, row: Mapping[str, Any]) -> Wanted:
        """Return what a row asks for. Raises Rejection where it can't."""

    def unknown(self, names: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """Return the columns that match no field, each with the nearest that there are."""

    def skipped(self, names: Iterable[str]) -> Sequence[str]:
        """Return the columns that the API lets nobody write."""


class RecordLoader(Protocol):
    """Loads the records of one stream; ``Loader`` says what each method does."""

    @property
    def reader(self) -> Reader:
        """Reads the rows."""

    def load(self, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Loaded:
        """Write a record, unless nothing of it has changed or it has to wait."""

    def trash(self, source: Source, wanted_id: str | None) -> Outcome:
        """Move a record to the trash that the source has deleted."""

    def holds(self, source: Source, wanted: Wanted) -> Iterator[Hashable]:
        """Yield what no other record that has any of it may be loaded with at the same time."""

    def after(self, wanted: Wanted) -> Iterator[Hashable]:
        """Yield what has to be loaded before, if it is on its way."""

    def write_waiting(self, source: Source, links: Sequence[Link]) -> None:
        """Write those of a record's waiting links whose other side is here."""


@dataclass(frozen=True)
class Loader:
    """Loads the records of one object type: the parts of a record's way, put together."""

    resource: Resource
    definitions: ObjectDefinitions
    reader: RowReader
    finder: Finder
    directory: Directory
    references: References
    writer: Writer
    id_map: IdMap
    policy: Policy

    def load(self, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Loaded:
        """Write a record, unless nothing of it has changed or it has to wait.

        Args:
            source: The source record.
            row: Its row, kept should it have to wait.
            wanted: What the row asks for, as ``reader`` reads it.

        Raises:
            Rejection: It can't be written.
            LightfieldError: The API did not answer as it should, which is not the record's fault.
        """
        with self._refusals_as_rejections():
            try:
                return self._load(source, row, wanted)
            except LightfieldError as e:
                if not self._leads_nowhere(e, wanted):
                    raise
                return self._load(source, row, wanted)

    def trash(self, source: Source, wanted_id: str | None) -> Outcome:
        """Move a record to the trash that the source has deleted, and forget it.

        Only one that the id map knows or that the row names by its id: a record that merely looks like
        the deleted one is not it.

        Args:
            source: The source record.
            wanted_id: The value of the row's ``id`` column, or None.

        Raises:
            Rejection: The API refuses it.
            LightfieldError: As in ``load``.
        """
        mapped = self.id_map.get(source)
        if mapped and mapped.state is State.TRASHED:
            return Outcome.UNCHANGED
        if mapped and mapped.state.is_merged:  # what is there is another row's
            self.id_map.drop(source)
            return Outcome.UNCHANGED
        with self._refusals_as_rejections():
            record_id = self._known_id(source, mapped, wanted_id)
            if record_id is None or self._is_anothers_too(source, record_id):
                self.id_map.drop(source)
                return Outcome.UNCHANGED
            record = self.finder.current(record_id)
            if record is not None and record["id"] != record_id:  # merged: what is there now is another one
                self.id_map.drop(source)
                return Outcome.UNCHANGED
            trashed = record is not None and self.writer.trash(record_id)
            self.directory.forget(record_id)
            # Still known: should it come back, the API must not answer with this one's create again.
            self._settle(source, Mapped(record_id, State.TRASHED, created=bool(mapped and mapped.created)))
            return Outcome.TRASHED if trashed else Outcome.UNCHANGED

    def _known_id(self, source: Source, mapped: Mapped | None, wanted_id: str | None) -> str | None:
        resumed = self._resumed(source)
        if isinstance(resumed, Found):
            return str(resumed.record["id"])
        if mapped:
            return mapped.record_id
        found = self.directory.get(wanted_id) if wanted_id else None
        return str(found["id"]) if found else None

    def _is_anothers_too(self, source: Source, record_id: str) -> bool:
        """Whether another row has a record, which the source has not deleted with this one."""
        return self.id_map.other_owner(source, self.resource.object_type, record_id) is not None

    def holds(self, source: Source, wanted: Wanted) -> Iterator[Hashable]:
        """Yield what no other record that has any of it may be loaded with at the same time."""
        yield self.resource.object_type, source.key
        if wanted.id:
            yield self.resource.object_type, wanted.id
        if not self.resource.repeatable:
            # What a create made whose answer was lost is known by what it is like: by that alone.
            yield self.resource.object_type, wanted.values_hash()
        yield from self.directory.tokens(wanted.fields)

    def after(self, wanted: Wanted) -> Iterator[Hashable]:
        """Yield what has to be loaded before, if it is on its way: the records that are referred to."""
        for key, references in wanted.references.items():
            for reference in references:
                yield self.definitions.relationships[key].object_type, reference

    def write_waiting(self, source: Source, links: Sequence[Link]) -> None:
        """Write those of a record's waiting links, relationship and reference, whose other side is here.

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
        resolved = self.references.resolve(self.definitions, references)
        if mapped is None or not any(resolved.ids.values()):
            return
        with self._refusals_as_rejections():
            record = self.directory.current(mapped.record_id)
            if record is not None:
                if record["id"] == mapped.record_id or not self.finder.owner(source, record):
                    self._write(source, record, self.writer.changes(record, {}, resolved.ids))
                # Else it was merged into another row's record, whose links stay that row's.
                written = [link for link in links if link not in resolved.waiting]
                self.id_map.waiting.release_links(source, written)

    def _load(self, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Loaded:
        mapped = self.id_map.get(source)
        if mapped and mapped.payload_hash == self._payload_hash(wanted):
            return Loaded(Outcome.UNCHANGED)
        links = self.references.resolve(self.definitions, wanted.references)
        meant = self._meant(source, mapped, wanted, links)
        if meant is None:
            if self.policy.mode == "update_only":
                return Loaded(Outcome.SKIPPED)
            meant = self._create_or_hold(source, row, mapped, wanted, links)
        if meant is None:
            return Loaded(Outcome.WAITING)
        if isinstance(meant, Gone):
            self._settle(source, meant.mapped)
            return Loaded(Outcome.GONE, gone=GoneRecord(source.key, meant.record_id, meant.merged_into))
        return self._load_into(meant, source, mapped, wanted, links)

    def _meant(
        self, source: Source, mapped: Mapped | None, wanted: Wanted, links: Resolved
    ) -> Found | Gone | None:
        """Return the record that a row means, as it is now if it is to be written; None if it is new."""
        meant = self._resumed(source) or self.finder.find(source, mapped, wanted, links)
        if isinstance(meant, Found) and not meant.is_current:
            return self._as_it_is_now(source, meant, wanted, links)
        return meant

    def _load_into(
        self, found: Found, source: Source, mapped: Mapped | None, wanted: Wanted, links: Resolved
    ) -> Loaded:
        """Write what a row asks for into the record that it means."""
        match = self._doubtful_match(source, found)
        same = mapped is not None and mapped.record_id == found.record["id"]
        ours = not found.origin.was_there or (same and mapped is not None and mapped.created)
        known = Mapped(found.record["id"], State.ADOPTED, ours)
        if found.origin.was_there and self.policy.mode == "create_only":
            if not same:  # known from now on, so that links find it; of the row nothing is written
                self._settle(source, known)
            return Loaded(Outcome.SKIPPED, match=match)
        asked = wanted
        if found.origin.was_there and wanted.assumed:  # defaults are for records that are created
            asked = wanted.stated()
            links = self.references.resolve(self.definitions, asked.references)
        changes = self._changes(found.record, asked, links)
        if changes and not (same and found.origin is Origin.KNOWN):
            # What a create made is known by what it was like, and that is about to change.
            state = State.ADOPTED if found.origin.was_there else State.UNFINISHED
            self.id_map.adopt(source, self.resource.object_type, replace(known, state=state))
        self._write(source, found.record, changes)
        written = replace(known, state=State.WRITTEN, payload_hash=self._payload_hash(wanted))
        self._settle(source, written, links.waiting)
        return replace(self._loaded(found.origin, changes), match=match)

    def _payload_hash(self, wanted: Wanted) -> str:
        return wanted.payload_hash(exactly=self.policy.exact_links)

    def _as_it_is_now(
        self, source: Source, found: Found, wanted: Wanted, links: Resolved
    ) -> Found | Gone | None:
        """Return a record as the API shows it, if it is about to be written: lists lag behind."""
        if not self._changes(found.record, wanted.stated(), links):
            return found
        record = self.directory.current(found.record["id"])
        if record and record["id"] != found.record["id"] and self.finder.owner(source, record):
            # It was merged, which the list does not show yet, and into another row's record.
            return Gone(found.record["id"], Mapped(record["id"], State.MERGED, created=False))
        return replace(found, record=record, is_current=True) if record else None

    def _doubtful_match(self, source: Source, found: Found) -> DoubtfulMatch | None:
        if not found.disagreements:
            return None
        return DoubtfulMatch(
            source.key,
            found.record["id"],
            found.record.get("httpLink"),
            [(self._column_name(one.key), one.there, one.here) for one in found.disagreements],
        )

    def _create_or_hold(
        self, source: Source, row: Mapping[str, Any], mapped: Mapped | None, wanted: Wanted, links: Resolved
    ) -> Found | Gone | None:
        """Create the record; keep its row and return None where it needs another that has not come."""
        if not self._needs_one_that_waits(links):
            try:
                return self._create(source, mapped, wanted, links)
            except LightfieldError as e:
                if not self._lacks_one_that_waits(e, links):
                    raise
        self.id_map.waiting.keep(source, row)
        return None

    def _loaded(self, origin: Origin, changes: Changes) -> Loaded:
        if origin is Origin.CREATED:
            return Loaded(Outcome.CREATED, enriched=self.writer.enriches)
        changed = [self._column_name(key) for key in changes.keys]
        return Loaded(Outcome.UPDATED if changed else Outcome.UNCHANGED, changed)

    def _settle(self, source: Source, mapped: Mapped, waiting: Sequence[Link] = ()) -> None:
        self.id_map.settle(source, self.resource.object_type, mapped, waiting)

    def _resumed(self, source: Source) -> Found | Gone | None:
        """Return the record of a create whose answer an earlier run did not see; None if there is none."""
        started = self.id_map.started_create(source)
        answer = self.writer.resume(source, started) if started else None
        if answer is None:
            return None
        # The answer shows the record as it was created: what became of it since, the record itself says.
        record = self.finder.current(answer["id"])
        return Found(record, Origin.CREATED) if record else self.finder.deleted(answer["id"])

    def _needs_one_that_waits(self, links: Resolved) -> bool:
        return any(key in self.writer.required and not links.ids.get(key) for key, _ in links.waiting)

    def _lacks_one_that_waits(self, error: LightfieldError, links: Resolved) -> bool:
        """Whether a create was refused for a relationship whose other side has not come; remember that."""
        waiting = {key for key, _ in links.waiting}
        if not waiting or not may_be_incomplete(error):
            return False
        key = self._key_at_fault(error.param)
        if key in waiting:
            self.writer.required.add(key)
        # What names nothing may be about another thing: that shows once the other side is here.
        return key in waiting or names_nothing(error.param)

    def _create(self, source: Source, mapped: Mapped | None, wanted: Wanted, links: Resolved) -> Found | Gone:
        """Create the record; where the API refuses that for a unique value, return who holds it."""
        self._check_is_complete(wanted, links)
        self._check_is_over(wanted)
        instead_of = mapped.record_id if mapped else None
        try:
            for _ in range(_MOST_STORED):
                record, stored = self.writer.create(source, wanted.fields, links.ids, instead_of=instead_of)
                if not stored:
                    self.directory.note(record)
                    return Found(record, Origin.CREATED)
                # The API answers a create that it did within a day as it did then, even if the record
                # was deleted since.
                if current := self.directory.current(record["id"]):
                    return Found(current, Origin.STORED)
                if gone := self.finder.deleted(record["id"]):
                    return gone
                instead_of = record["id"]
            raise UnexpectedAnswer("Creates are answered with records that do not exist")
        except LightfieldError as e:
            refusal = e

            def comes_again() -> bool:
                return self._lacks_one_that_waits(refusal, links) or self._leads_nowhere(refusal, wanted)

            holder = self.finder.holder(source, e, wanted, comes_again=comes_again)
            if holder is None:
                raise
            return holder

    def _leads_nowhere(self, error: LightfieldError, wanted: Wanted) -> bool:
        """Whether a record was refused, as far as the answer tells, for a link to one that is not there."""
        return (
            may_be_about_a_link(error)
            and self._key_at_fault(error.param) not in self.definitions.fields
            and self.references.note_gone(self.definitions, wanted.references)
        )

    def _check_is_complete(self, wanted: Wanted, links: Resolved) -> None:
        missing = [
            self._column_name(key)
            for key in sorted(self.writer.required)
            if wanted.fields.get(key) in (None, "") and not links.ids.get(key)
        ]
        if missing:
            raise Rejection(
                f"{' and '.join(missing)} must be there to create it: give it in the row, or as a default in "
                f"objects.{self.resource.name}",
                code="parameter_missing",
                param=missing[0],
            )

    def _check_is_over(self, wanted: Wanted) -> None:
        latest = self.writer.server_time() + _CLOCKS
        for key in self.resource.in_the_past:
            value = wanted.fields.get(key)
            if value is not None and parse_datetime(value) > latest:
                name = self._column_name(key)
                raise Rejection(
                    f"{name} is in the future: Lightfield takes {self.resource.name} once they are over",
                    code="in_the_future",
                    param=name,
                )

    def _changes(self, record: Record, wanted: Wanted, links: Resolved) -> Changes:
        return self.writer.changes(record, wanted.fields, links.ids, exactly=self.policy.exact_links)

    def _write(self, source: Source, record: Record, changes: Changes) -> None:
        if changes:
            self.directory.note(self.writer.update(source, record, changes))

    @contextmanager
    def _refusals_as_rejections(self) -> Iterator[None]:
        try:
            yield
        except LightfieldError as e:
            if not is_refusal(e):
                raise
            raise self._rejection(e) from e

    def _rejection(self, error: LightfieldError) -> Rejection:
        key = self._key_at_fault(error.param)
        return refused(error, self._column_name(key) if key else error.param)

    def _key_at_fault(self, param: str | None) -> str | None:
        return key_at_fault(param, self.definitions.fields, self.definitions.relationships)

    def _column_name(self, key: str) -> str:
        roles = (Role.FIELD, Role.AS_SOURCE, Role.RELATIONSHIP)
        return next((column.name for role in roles if (column := self.reader.columns.find(key, role))), key)
