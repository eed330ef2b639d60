"""Which record of the workspace a row means: the one that is known, the one that it matches, or none."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import LightfieldError
from lightfield_api.records import Record, linked
from lightfield_api.resources import RESOURCES, Resource
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Mapped, Source, State
from target_lightfield.matching.criteria import Criterion
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.found import Found, Gone, Origin
from target_lightfield.matching.lag import once_listed
from target_lightfield.matching.policy import Policy
from target_lightfield.matching.unique_values import Taken, UniqueValues, candidate
from target_lightfield.matching.wanted import Resolved, Wanted
from target_lightfield.reporting.rejection import RejectCode, Rejection

_CONTACT = RESOURCES["contacts"].object_type


@dataclass(frozen=True)
class Finder:
    """Finds the records that the rows of one object type mean."""

    resource: Resource
    definitions: ObjectDefinitions
    directory: Directory
    id_map: IdMap
    policy: Policy

    @cached_property
    def unique(self) -> UniqueValues:
        """Whose the unique values of a row are."""
        return UniqueValues(self.resource, self.definitions, self.directory, self.id_map, self.policy)

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
            self._let_go(source, mapped)
        if wanted.id:
            if record := self.directory.get(wanted.id):
                return Found(record, Origin.KNOWN, is_current=False)
            stays = mapped is None and self.policy.on_deleted == "leave"
            if stays and self.directory.is_trashed(wanted.id):
                return Gone(wanted.id, Mapped(wanted.id, State.GONE, created=False))
        return self._matched(source, wanted, links)

    def tokens(self, source: Source, wanted: Wanted) -> Iterator[Hashable]:
        """Yield lock keys: rows that share one may mean the same record, and are not loaded at once."""
        yield self.resource.object_type, source.key
        if wanted.id:
            yield self.resource.object_type, wanted.id
        if not self.resource.repeatable:
            # After a lost answer the record that a create made can be found by its values alone.
            yield self.resource.object_type, wanted.values_hash()
        yield from self.directory.tokens(wanted.fields)

    def follows(self, wanted: Wanted) -> Iterator[Hashable]:
        """Yield the tokens of work that must be finished before this row is loaded.

        That is the work on the records it refers to and on the contacts it addresses: Lightfield links a
        new meeting or email only to contacts that it already has.
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

    def shown(self, record_id: str) -> tuple[Record | None, bool]:
        """Return a record, and whether it is as it is now. As ``Directory.shown``."""
        return self.directory.shown(record_id)

    def deleted(self, record_id: str) -> Gone | None:
        """Return ``Gone`` for a deleted record; None with ``on_deleted: recreate``, which creates it anew."""
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
            comes_again: Returns whether the row will be tried again anyhow: then the lists are searched
                once, else again and again for as long as they may lag behind.

        Returns:
            The record; None if none holds one of the values, or the refusal is for something else.

        Raises:
            Rejection: As in ``find``.
        """
        unique = self.unique.maybe_taken(error, wanted)
        if not unique:
            return None

        def look(_: bool) -> Found | None:
            records = list({record["id"]: record for record in self.unique.holders(unique, wanted)}.values())
            try:
                holder = self._only_one(source, records, wanted)
            except Taken as e:
                raise Taken(e.record, e.owner, is_refused=True) from None
            return self._match(holder, wanted, is_current=True) if holder else None

        client = self.directory.client
        return look(True) if comes_again() else once_listed(client, client.server_time(), look)

    # Which record the id map names

    def _mapped(self, source: Source, mapped: Mapped, wanted: Wanted, links: Resolved) -> Found | Gone | None:
        """Return the record that the id map names, or what became of it; None if the row is to be new."""
        record, is_current = self.shown(mapped.record_id)
        if record is not None and record["id"] == mapped.record_id:
            if mapped.state.is_merged and (owner := self.owner(source, record)):
                return self._merged(mapped, record, owner)
            # A create that broke off is finished, whatever the mode says of records that were there.
            origin = Origin.CREATED if mapped.state is State.UNFINISHED else Origin.KNOWN
            return Found(record, origin, is_current)
        # A row that the source deleted and brings back gets a new record: nobody deleted it in Lightfield.
        if mapped.state.is_trashed or self.policy.on_deleted == "recreate":
            return None
        survivor = record or self._survivor(wanted, links)
        if survivor is None:
            # Should a merged record come back, it still is the other row's.
            state = State.MERGED_AND_GONE if mapped.state.is_merged else State.GONE
            return Gone(mapped.record_id, Mapped(mapped.record_id, state, mapped.created))
        if self.owner(source, survivor):
            # The survivor keeps the values of the row that it belongs to; links to this row lead to it, too.
            return Gone(mapped.record_id, Mapped(survivor["id"], State.MERGED, created=False))
        return self._match(survivor, wanted, is_current=record is not None)

    def _let_go(self, source: Source, mapped: Mapped) -> None:
        """Take note that a row is to have a new record.

        Which one it had is kept until then: within a day Lightfield answers the same create with that.
        """
        if mapped.state.is_merged:  # it never was the row's own
            self.id_map.forget(source)
        elif not mapped.state.is_trashed:
            let_go = replace(mapped, state=State.TRASHED, payload_hash="")
            self.id_map.adopt(source, self.resource.object_type, let_go)

    def _merged(self, mapped: Mapped, record: Record, owner: Source) -> Gone | None:
        """Return what became of a row whose record is another row's; None if it is to have its own.

        Raises:
            Taken: It became that record since it has a unique value of it, which ``taken`` still says.
        """
        if not mapped.payload_hash:
            return Gone(mapped.record_id, replace(mapped, state=State.MERGED))
        if self.policy.taken == "first":
            raise Taken(record, owner)
        return None

    def _survivor(self, wanted: Wanted, links: Resolved) -> Record | None:
        """Return the one record that now holds a unique value of a row whose own record has gone."""
        found = self.directory.match(
            wanted.fields, lambda record: self.is_among(record, wanted, links), unique_only=True
        )
        return found[0] if len(found) == 1 else None

    # Which record matches

    def _matched(self, source: Source, wanted: Wanted, links: Resolved) -> Found | None:
        candidates = self.directory.match(wanted.fields, self._acceptable(source, wanted, links))
        record = self._only_one(source, candidates, wanted)
        return self._match(record, wanted, is_current=False) if record else None

    def _match(self, record: Record, wanted: Wanted, *, is_current: bool) -> Found:
        disagreements = self.directory.disagreements(wanted.fields, record)
        return Found(record, Origin.MATCHED, is_current, disagreements)

    def _acceptable(self, source: Source, wanted: Wanted, links: Resolved) -> Callable[[Record], bool]:
        """Return the check that a match must pass.

        A record that this target created for another row of the stream fails it: the source keeps the
        two rows apart, however alike they are. Where ``taken`` says what becomes of unique values, so does
        any other row's record that has none of these.
        """

        def acceptable(record: Record) -> bool:
            if not self.is_among(record, wanted, links):
                return False
            owner = self.id_map.other_owner(source, self.resource.object_type, record["id"])
            if owner is None or owner.created:
                return owner is None
            return self.policy.taken == "reject" or bool(self.unique.shared(wanted, record))

        return acceptable

    def is_among(self, record: Record, wanted: Wanted, links: Resolved) -> bool:  # noqa: ARG002
        """Whether a record may match, given the row's links: an opportunity only one of its account."""
        within = self.resource.matched_within
        return within is None or bool(set(links.ids.get(within, ())) & set(linked(record, within)))

    def _only_one(self, source: Source, found: Sequence[Record], wanted: Wanted) -> Record | None:
        """Return which of the records that match is meant; None if there are none.

        Of several, it is the one whose name agrees too.

        Raises:
            Rejection: Several match and ``on_ambiguous`` does not say to take the oldest, or the one
                belongs to another row already.
        """
        if not found:
            return None
        if self.policy.taken != "reject":  # what another row has is left to it
            found = [record for record in found if not self.unique.owner(source, record)] or found[:1]
        if len(found) > 1:
            named = [record for record in found if not self.directory.disagreements(wanted.fields, record)]
            found = named if len(named) == 1 else found
        if len(found) > 1 and self.policy.on_ambiguous == "reject":
            ids = ", ".join(record["id"] for record in found)
            raise Rejection(
                f"It matches {len(found)} records ({ids}): merge them, or set on_ambiguous to first",
                code=RejectCode.AMBIGUOUS,
                candidates=[candidate(record) for record in found],
            )
        self._check_is_free(source, found[0], wanted)
        return found[0]

    def _check_is_free(self, source: Source, record: Record, wanted: Wanted) -> None:
        """Raise Taken if a record is another row's: no row takes over what another one has.

        ``on_ambiguous: first`` makes two rows one record only where nothing tells them apart.
        """
        owner = self.owner(source, record)
        if owner is None:
            return
        if self.policy.on_ambiguous == "first" and not self.directory.disagreements(wanted.fields, record):
            return
        raise Taken(record, owner)

    def owner(self, source: Source, record: Record) -> Source | None:
        """Return the other row of the stream that a record belongs to, from this run or an earlier one."""
        owner = self.id_map.other_owner(source, self.resource.object_type, record["id"])
        if owner:
            return owner.source
        claimant = self.directory.claim(record["id"], source)
        return claimant if claimant != source else None
