"""Which record of the workspace a row means: the one that is known, the one that it matches, or none."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from lightfield_api.definitions import FieldDefinition, ObjectDefinitions
from lightfield_api.errors import LightfieldError
from lightfield_api.records import Record, linked
from lightfield_api.refusals import key_at_fault, may_be_taken, names_nothing
from lightfield_api.resources import RESOURCES, Resource
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Mapped, Source, State
from target_lightfield.matching.criteria import Criterion, Disagreement
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.lag import once_listed
from target_lightfield.matching.policy import Policy
from target_lightfield.matching.wanted import Resolved, Wanted
from target_lightfield.reporting.rejection import RejectCode, Rejection

_CONTACT = RESOURCES["contacts"].object_type


class Origin(Enum):
    """Where a row's record comes from."""

    KNOWN = "the id map or the row's own id says so"
    MATCHED = "it was there, and is like the row"
    CREATED = "this run created it, or finished its creation"
    STORED = "an earlier run created it: the API gave that answer again"

    @property
    def was_there(self) -> bool:
        """Whether the record is older than what is known of the row's creates."""
        return self in {Origin.KNOWN, Origin.MATCHED}


@dataclass(frozen=True)
class Found:
    """The record that a row means.

    Attributes:
        record: The record.
        origin: Where it comes from.
        is_current: Whether it is as the API shows it now; a list lags behind.
        disagreements: Where it was matched: what tells the two apart all the same.
    """

    record: Record
    origin: Origin
    is_current: bool = True
    disagreements: Sequence[Disagreement] = ()


@dataclass(frozen=True)
class Gone:
    """The record that a row means was deleted or merged in Lightfield, and stays so.

    Attributes:
        record_id: Its id.
        mapped: What the row means from now on: to which record links to it lead, if to any.
    """

    record_id: str
    mapped: Mapped

    @property
    def merged_into(self) -> str | None:
        """The id of the record that it was merged into, None if it was deleted."""
        return self.mapped.record_id if self.mapped.state is State.MERGED else None


@dataclass(frozen=True)
class Finder:
    """Finds the records that the rows of one object type mean."""

    resource: Resource
    definitions: ObjectDefinitions
    directory: Directory
    id_map: IdMap
    policy: Policy

    def find(
        self, source: Source, mapped: Mapped | None, wanted: Wanted, links: Resolved
    ) -> Found | Gone | None:
        """Return the record that is meant: by the id map, by its id, by what it matches; None if it is new.

        Args:
            source: The row's source record.
            mapped: What the id map says of it.
            wanted: What the row asks for.
            links: The records that it refers to.

        Raises:
            Rejection: Several records match, or one that is another row's.
            LightfieldError: The API did not answer as it should.
        """
        if mapped:
            found = self._mapped(source, mapped, wanted, links)
            if found is not None:
                return found
            self.id_map.forget(source)
        if wanted.id:
            if record := self.directory.get(wanted.id):
                return Found(record, Origin.KNOWN, is_current=False)
            stays = mapped is None and self.policy.on_deleted == "leave"
            if stays and self.directory.is_trashed(wanted.id):
                return Gone(wanted.id, Mapped(wanted.id, State.GONE, created=False))
        return self._matched(source, wanted, links)

    def tokens(self, source: Source, wanted: Wanted) -> Iterator[Hashable]:
        """Yield what two rows share that may mean the same record: neither is loaded beside the other."""
        yield self.resource.object_type, source.key
        if wanted.id:
            yield self.resource.object_type, wanted.id
        if not self.resource.repeatable:
            # What a create made whose answer was lost is known by what it is like: by that alone.
            yield self.resource.object_type, wanted.values_hash()
        yield from self.directory.tokens(wanted.fields)

    def follows(self, wanted: Wanted) -> Iterator[Hashable]:
        """Yield the tokens of the rows that a row comes after: of what it refers to, of whom it addresses.

        Lightfield itself links a meeting or an email to the contacts whom it has when that is created.
        """
        for key, references in wanted.references.items():
            for reference in references:
                yield self.definitions.relationships[key].object_type, reference
        for key, value in wanted.fields.items():
            field = self.definitions.fields.get(key)
            if field and field.value_type == "EMAIL":
                for address in Criterion(field).keys(value):
                    yield _CONTACT, "$email", address

    def current(self, record_id: str) -> Record | None:
        """Return a record as it is now, None if there is none of that id."""
        return self.directory.current(record_id)

    def deleted(self, record_id: str) -> Gone | None:
        """Return that a record which this target made was deleted; None if another is to take its place."""
        if self.policy.on_deleted == "recreate":
            return None
        return Gone(record_id, Mapped(record_id, State.GONE, created=True))

    def holder(
        self, source: Source, error: LightfieldError, wanted: Wanted, *, comes_again: Callable[[], bool]
    ) -> Found | None:
        """Return the record that holds a unique value for which a create may have been refused.

        Args:
            source: The row's source record.
            error: The refusal, which mostly does not say what it is for.
            wanted: What the row asks for.
            comes_again: Returns whether the row will be tried again anyhow: then one look is enough, which
                else is repeated for as long as lists may not show the record yet.

        Returns:
            The record; None if none holds one of the values, or the refusal is for something else.

        Raises:
            Rejection: As in ``find``.
        """
        unique = _maybe_taken(self.definitions, error, wanted)
        if not unique:
            return None

        def look(_: bool) -> Found | None:
            held = [r for field in unique for r in self.directory.holders_of(field, wanted.fields[field.key])]
            holder = self._only_one(source, list({record["id"]: record for record in held}.values()), wanted)
            return self._match(holder, wanted, is_current=True) if holder else None

        client = self.directory.client
        return look(True) if comes_again() else once_listed(client, client.server_time(), look)

    # What is known already

    def _mapped(self, source: Source, mapped: Mapped, wanted: Wanted, links: Resolved) -> Found | Gone | None:
        """Return the record that the id map names, or what became of it; None if the row is to be new."""
        record = self.current(mapped.record_id)
        if record is not None and record["id"] == mapped.record_id:
            if mapped.state.is_merged and self.owner(source, record):
                return Gone(mapped.record_id, replace(mapped, state=State.MERGED))
            # A create that was broken off is gone on with, whatever the mode says of records that were there.
            return Found(record, Origin.CREATED if mapped.state is State.UNFINISHED else Origin.KNOWN)
        # What the source deleted and brings back is a new record: no person has decided otherwise.
        if mapped.state is State.TRASHED or self.policy.on_deleted == "recreate":
            return None
        survivor = record or self._survivor(wanted, links)
        if survivor is None:
            # Should it come back, it is the other row's still.
            state = State.MERGED_AND_GONE if mapped.state.is_merged else State.GONE
            return Gone(mapped.record_id, Mapped(mapped.record_id, state, mapped.created))
        if self.owner(source, survivor):
            # The values of the row whose record it is stay; links to this one lead there too.
            return Gone(mapped.record_id, Mapped(survivor["id"], State.MERGED, created=False))
        return self._match(survivor, wanted, is_current=record is not None)

    def _survivor(self, wanted: Wanted, links: Resolved) -> Record | None:
        """Return the one record that now holds a unique value of a row whose own record has gone."""
        found = self.directory.match(
            wanted.fields, lambda record: self.is_among(record, wanted, links), unique_only=True
        )
        return found[0] if len(found) == 1 else None

    # What is alike

    def _matched(self, source: Source, wanted: Wanted, links: Resolved) -> Found | None:
        candidates = self.directory.match(wanted.fields, self._acceptable(source, wanted, links))
        record = self._only_one(source, candidates, wanted)
        return self._match(record, wanted, is_current=False) if record else None

    def _match(self, record: Record, wanted: Wanted, *, is_current: bool) -> Found:
        disagreements = self.directory.disagreements(wanted.fields, record)
        return Found(record, Origin.MATCHED, is_current, disagreements)

    def _acceptable(self, source: Source, wanted: Wanted, links: Resolved) -> Callable[[Record], bool]:
        """Return what a match has to fulfil besides.

        A record that this target created from another record of the stream is that one: to the
        source the two are different, however alike.
        """

        def acceptable(record: Record) -> bool:
            if not self.is_among(record, wanted, links):
                return False
            owner = self.id_map.other_owner(source, self.resource.object_type, record["id"])
            return owner is None or not owner.created

        return acceptable

    def is_among(self, record: Record, wanted: Wanted, links: Resolved) -> bool:  # noqa: ARG002
        """Whether a record is among those that may match: an opportunity among those of its account."""
        within = self.resource.matched_within
        return within is None or bool(set(links.ids.get(within, ())) & set(linked(record, within)))

    def _only_one(self, source: Source, found: Sequence[Record], wanted: Wanted) -> Record | None:
        """Return the record that is meant of those that match, or None without any.

        Of several, the one whose name agrees too is meant.

        Raises:
            Rejection: Several match and ``on_ambiguous`` does not say to take the oldest, or the one is
                another record of the stream already.
        """
        if not found:
            return None
        if len(found) > 1:
            named = [record for record in found if not self.directory.disagreements(wanted.fields, record)]
            found = named if len(named) == 1 else found
        if len(found) > 1 and self.policy.on_ambiguous == "reject":
            ids = ", ".join(record["id"] for record in found)
            raise Rejection(
                f"It matches {len(found)} records ({ids}): merge them, or set on_ambiguous to first",
                code=RejectCode.AMBIGUOUS,
            )
        self._check_is_free(source, found[0], wanted)
        return found[0]

    def _check_is_free(self, source: Source, record: Record, wanted: Wanted) -> None:
        """Raise Rejection if a record is another row's: no row takes over what another one has.

        ``on_ambiguous: first`` makes two rows one record only where nothing tells them apart.
        """
        owner = self.owner(source, record)
        if owner is None:
            return
        if self.policy.on_ambiguous == "first" and not self.directory.disagreements(wanted.fields, record):
            return
        raise Rejection(
            f"It matches {record['id']}, which is {owner.key!r} of the same stream already: merge the two in "
            "the source, or let them differ in what they are matched on",
            code=RejectCode.AMBIGUOUS,
        )

    def owner(self, source: Source, record: Record) -> Source | None:
        """Return the other record of the stream that a record is already taken for, in this run or before."""
        owner = self.id_map.other_owner(source, self.resource.object_type, record["id"])
        if owner:
            return owner.source
        claimant = self.directory.claim(record["id"], source)
        return claimant if claimant != source else None


def _maybe_taken(
    definitions: ObjectDefinitions, error: LightfieldError, wanted: Wanted
) -> Sequence[FieldDefinition]:
    """Return the unique fields of a row for one of which its create may have been refused."""
    if not may_be_taken(error):
        return []
    key = key_at_fault(error.param, definitions.fields, definitions.relationships)
    return [
        field
        for field in definitions.fields.values()
        if field.unique
        and (field.key == key or names_nothing(error.param))
        and Criterion(field).keys(wanted.fields.get(field.key))  # else nobody is to be found by it
    ]
