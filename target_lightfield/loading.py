"""One record's way: which record is meant, what of it is to be written, and what became of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import Conflict, LightfieldError, UnexpectedAnswer, Unprocessable
from lightfield_api.resources import Resource
from target_lightfield.criteria import Record
from target_lightfield.id_map import IdMap, Mapped, Source
from target_lightfield.incoming import RowReader, Wanted
from target_lightfield.links import References, Resolved
from target_lightfield.matching import Directory
from target_lightfield.rejects import Rejection
from target_lightfield.report import Outcome
from target_lightfield.writer import Writer, is_refusal, linked

Mode = Literal["upsert", "create_only", "update_only"]
OnAmbiguous = Literal["reject", "first"]


@dataclass(frozen=True)
class Policy:
    """What the settings say of one object type."""

    mode: Mode = "upsert"
    on_ambiguous: OnAmbiguous = "reject"


class _Origin(Enum):
    """Where a row's record comes from."""

    FOUND = "it was there"
    CREATED = "this run created it, or finished its creation"
    STORED = "an earlier run created it: the API gave that answer again"


_MOST_STORED = 10  # creates of one record, each deleted again, that a day can have seen


@dataclass(frozen=True)
class Loader:
    """Loads the records of one object type: the parts of a record's way, put together."""

    resource: Resource
    definitions: ObjectDefinitions
    reader: RowReader
    directory: Directory
    references: References
    writer: Writer
    id_map: IdMap
    policy: Policy

    def load(self, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Outcome:
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
            return self._load(source, row, wanted)

    def holds(self, source: Source, wanted: Wanted) -> Iterator[Hashable]:
        """Yield what no other record that has any of it may be loaded with at the same time."""
        yield self.resource.object_type, source.key
        if wanted.id:
            yield self.resource.object_type, wanted.id
        yield from self.directory.tokens(wanted.fields)

    def after(self, wanted: Wanted) -> Iterator[Hashable]:
        """Yield what has to be loaded before, if it is on its way: the records that are referred to."""
        for key, references in wanted.references.items():
            for reference in references:
                yield self.definitions.relationships[key].object_type, reference

    def write_waiting(self, source: Source, links: Sequence[tuple[str, str]]) -> None:
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

    def _write_links(self, source: Source, links: Sequence[tuple[str, str]]) -> None:
        mapped = self.id_map.get(source)
        references: dict[str, list[str]] = {}
        for key, reference in links:
            if key in self.definitions.relationships:
                references.setdefault(key, []).append(reference)
        resolved = self.references.resolve(self.definitions, references)
        if mapped is None or not resolved.ids:
            return
        with self._refusals_as_rejections():
            record = self.directory.current(mapped.record_id)
            if record is not None:
                self._update(source, record, {}, resolved.ids)
                self.id_map.linked(source, [link for link in links if link not in resolved.waiting])

    def _load(self, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Outcome:
        payload_hash = wanted.payload_hash()
        mapped = self.id_map.get(source)
        if mapped and mapped.payload_hash == payload_hash:
            return Outcome.UNCHANGED
        links = self.references.resolve(self.definitions, wanted.references)
        record, origin = self._resumed(source), _Origin.CREATED
        if record is None:
            record, origin = self._existing(source, mapped, wanted, links), _Origin.FOUND
        if record is None:
            if self.policy.mode == "update_only":
                return Outcome.SKIPPED
            if self._needs_one_that_waits(links):
                self.id_map.hold(source, row)
                return Outcome.WAITING
            record, origin = self._create(source, mapped, wanted, links)
        same = mapped is not None and mapped.record_id == record["id"]
        ours = origin is not _Origin.FOUND or (same and mapped is not None and mapped.created)
        if self.policy.mode == "create_only" and origin is not _Origin.CREATED:
            if not same:  # known from now on, so that links find it; of the row nothing is written
                self._settle(source, Mapped(record["id"], "", ours))
            return Outcome.SKIPPED
        record, changed = self._update(source, record, wanted.fields, links.ids)
        self._settle(source, Mapped(record["id"], payload_hash, ours), links.waiting)
        if origin is _Origin.CREATED:
            return Outcome.CREATED
        return Outcome.UPDATED if changed else Outcome.UNCHANGED

    def _settle(self, source: Source, mapped: Mapped, waiting: Sequence[tuple[str, str]] = ()) -> None:
        self.id_map.settle(source, self.resource.object_type, mapped, waiting)

    def _resumed(self, source: Source) -> Record | None:
        """Return the record of a create whose answer an earlier run did not see; None if there is none."""
        started = self.id_map.started_create(source)
        answer = self.writer.resume(source, started) if started else None
        # The answer shows the record as it was created: what became of it since, the record itself says.
        return self.directory.current(answer["id"]) if answer else None

    def _existing(
        self, source: Source, mapped: Mapped | None, wanted: Wanted, links: Resolved
    ) -> Record | None:
        """Return the record that is meant: by the id map, by its id, by what it matches; else None."""
        if mapped:
            if record := self.directory.current(mapped.record_id):
                return record
            self.id_map.forget(source)
        found = self.directory.get(wanted.id) if wanted.id else None
        if found is None:
            found = self._only_one(
                source, self.directory.match(wanted.fields, self._acceptable(source, links))
            )
        if found and self.writer.changes(found, wanted.fields, links.ids):
            # Lists lag: what is about to be written is compared with the record itself.
            found = self.directory.current(found["id"])
        return found

    def _only_one(self, source: Source, found: Sequence[Record]) -> Record | None:
        """Return the record that is meant of those that match, or None without any.

        Raises:
            Rejection: Several match, or the one is another record of the stream already, and
                ``on_ambiguous`` does not say to take it all the same.
        """
        if not found:
            return None
        if self.policy.on_ambiguous == "reject":
            if len(found) > 1:
                ids = ", ".join(record["id"] for record in found)
                raise Rejection(
                    f"It matches {len(found)} records ({ids}): merge them, or set on_ambiguous to first",
                    code="ambiguous",
                )
            owner = self._other_owner(source, found[0])
            claimant = owner[0] if owner else self.directory.claim(found[0]["id"], source)
            if claimant != source:
                raise Rejection(
                    f"It matches {found[0]['id']}, which is {claimant.key!r} of the same stream already: "
                    "merge the two in the source, or set on_ambiguous to first",
                    code="ambiguous",
                )
        return found[0]

    def _other_owner(self, source: Source, record: Record) -> tuple[Source, bool] | None:
        return self.id_map.other_owner(source, self.resource.object_type, record["id"])

    def _acceptable(self, source: Source, links: Resolved) -> Callable[[Record], bool]:
        """Return what a match has to fulfil besides.

        A record that this target created from another record of the stream is that one: to the
        source the two are different, however alike. An opportunity's name counts within its account.
        """
        accounts = set(links.ids.get("$account", ()))

        def acceptable(record: Record) -> bool:
            if self.resource.object_type == "opportunity" and not accounts & set(linked(record, "$account")):
                return False
            owner = self._other_owner(source, record)
            return owner is None or not owner[1]

        return acceptable

    def _needs_one_that_waits(self, links: Resolved) -> bool:
        return any(key in self.resource.required and not links.ids.get(key) for key, _ in links.waiting)

    def _create(
        self, source: Source, mapped: Mapped | None, wanted: Wanted, links: Resolved
    ) -> tuple[Record, _Origin]:
        """Create the record; where the API refuses that for a unique value, return who holds it."""
        instead_of = mapped.record_id if mapped else None
        try:
            for _ in range(_MOST_STORED):
                record, stored = self.writer.create(source, wanted.fields, links.ids, instead_of=instead_of)
                if not stored:
                    self.directory.note(record)
                    return record, _Origin.CREATED
                # The API answers a create that it did within a day as it did then, even if the record
                # was deleted since.
                if current := self.directory.current(record["id"]):
                    return current, _Origin.STORED
                instead_of = record["id"]
            raise UnexpectedAnswer("Creates are answered with records that do not exist")
        except (Conflict, Unprocessable) as e:
            holder = self._holder(source, e, wanted)
            if holder is None:
                raise
            return holder, _Origin.FOUND

    def _holder(self, source: Source, error: LightfieldError, wanted: Wanted) -> Record | None:
        """Return the record that holds the unique value for which a create was refused."""
        definition = self.definitions.fields.get(error.param or "")
        if definition is None or not definition.unique or wanted.fields.get(definition.key) is None:
            return None
        found = self._only_one(source, self.directory.holder_of(definition, wanted.fields[definition.key]))
        return self.directory.current(found["id"]) if found else None

    def _update(
        self,
        source: Source,
        record: Record,
        fields: Mapping[str, Any],
        links: Mapping[str, Sequence[str]],
    ) -> tuple[Record, bool]:
        changes = self.writer.changes(record, fields, links)
        if not changes:
            return record, False
        record = self.writer.update(source, record, changes)
        self.directory.note(record)
        return record, True

    @contextmanager
    def _refusals_as_rejections(self) -> Iterator[None]:
        try:
            yield
        except LightfieldError as e:
            if not is_refusal(e):
                raise
            raise self._rejection(e) from e

    def _rejection(self, error: LightfieldError) -> Rejection:
        names = {column.key: column.name for column in self.reader.columns}
        param = names.get(error.param or "", error.param)
        code = error.code or error.type or str(error.status)
        return Rejection(f"Lightfield refused it: {error.message}", code=code, param=param)
