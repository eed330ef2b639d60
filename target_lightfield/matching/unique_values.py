"""Unique values: which record has one that a row wants, and whose that record is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lightfield_api.definitions import FieldDefinition, ObjectDefinitions
from lightfield_api.errors import LightfieldError
from lightfield_api.records import Record, field_value, record_name
from lightfield_api.refusals import key_at_fault, may_be_taken, names_nothing
from lightfield_api.resources import Resource
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Source
from target_lightfield.matching.criteria import Criterion
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.lag import once_listed
from target_lightfield.matching.policy import Policy
from target_lightfield.matching.wanted import Wanted
from target_lightfield.reporting.rejection import Candidate, RejectCode, Rejection


def candidate(record: Record) -> Candidate:
    """Return a record as people tell it from others."""
    return Candidate(record["id"], record_name(record), record.get("httpLink"))


class Taken(Rejection):
    """A record that a row matches, or that has a unique value of it, is another row's already.

    Attributes:
        record: The record.
        owner: The other row.
        own: The id of the record that the row has itself; None if it has none.
        is_refused: Whether Lightfield refused a value; else the two have the very same one.
    """

    def __init__(
        self, record: Record, owner: Source, own: str | None = None, *, is_refused: bool = False
    ) -> None:
        super().__init__(
            f"It matches {record['id']}, which is {owner.key!r} of the same stream already: merge the two in "
            "the source, or let them differ in what they are matched on",
            code=RejectCode.AMBIGUOUS,
            candidates=[candidate(record)],
        )
        self.record = record
        self.owner = owner
        self.own = own
        self.is_refused = is_refused


@dataclass(frozen=True)
class UniqueValues:
    """Whose the unique values of the rows of one object type are."""

    resource: Resource
    definitions: ObjectDefinitions
    directory: Directory
    id_map: IdMap
    policy: Policy

    def owner(self, source: Source, record: Record) -> Source | None:
        """Return the other row of the stream that a record belongs to, as far as the id map knows."""
        owner = self.id_map.other_owner(source, self.resource.object_type, record["id"])
        return owner.source if owner else None

    def shared(
        self, wanted: Wanted, record: Record, *, is_refused: bool = False
    ) -> Mapping[str, tuple[Any, Sequence[Any]]]:
        """Return what of a row's unique values a record does not have, and what it has, by field key.

        Args:
            wanted: What the row asks for.
            record: The record.
            is_refused: Whether Lightfield refused a value: then what matches one counts, else only the same.
        """
        found = {
            key: _split(self.definitions.fields[key], value, record, is_refused=is_refused)
            for key, value in wanted.fields.items()
            if value is not None and self.definitions.fields[key].unique
        }
        return {key: parts for key, parts in found.items() if parts[1]}

    def check_is_not_taken(self, source: Source, fields: Mapping[str, Any], own: str | None = None) -> None:
        """Check unique values before they are written, unless a row with a taken one is rejected anyhow.

        Args:
            source: The row.
            fields: API values by field key.
            own: The row's record; None if it has none yet. Then lists have been searched for its values.

        Raises:
            Taken: Another row's record has one of them.
            LightfieldError: A list can't be read.
        """
        if self.policy.taken == "reject":
            return
        for record in self.directory.holders_known(fields, ask=own is not None):
            if record["id"] != own and (owner := self.owner(source, record)):
                raise Taken(record, owner, own)

    def others_with(self, error: LightfieldError, wanted: Wanted, own: str) -> Record | None:
        """Return another record that has a unique value for which an update may have been refused.

        Args:
            error: The refusal, which mostly does not say what it is for.
            wanted: What the row asks for.
            own: The row's record.
        """
        unique = self.maybe_taken(error, wanted)

        def look(_: bool) -> Record | None:
            return next((record for record in self.holders(unique, wanted) if record["id"] != own), None)

        client = self.directory.client
        return once_listed(client, client.server_time(), look) if unique else None

    def holders(self, fields: Iterable[FieldDefinition], wanted: Wanted) -> Iterator[Record]:
        """Yield the records, as they are now, that hold what a row asks for in some unique fields.

        Raises:
            LightfieldError: The API did not answer as it should.
        """
        for field in fields:
            yield from self.directory.holders_of(field, wanted.fields[field.key])

    def maybe_taken(self, error: LightfieldError, wanted: Wanted) -> Sequence[FieldDefinition]:
        """Return the unique fields of a row for one of which its write may have been refused."""
        if not may_be_taken(error):
            return []
        key = key_at_fault(error.param, self.definitions.fields, self.definitions.relationships)
        return [
            field
            for field in self.definitions.fields.values()
            if field.unique
            and (field.key == key or names_nothing(error.param))
            and Criterion(field).keys(wanted.fields.get(field.key))  # else no record can be found by it
        ]


def _split(
    definition: FieldDefinition, value: Any, record: Record, *, is_refused: bool
) -> tuple[Any, Sequence[Any]]:
    """Return what of a unique field's API value a record does not have, and what it has.

    Of ``["ann@x.example", "bo@x.example"]``, where the record has Ann's: ``["bo@x.example"]`` and
    ``["ann@x.example"]``. None for nothing.
    """
    criterion = Criterion(definition)
    keys = criterion.keys if is_refused else criterion.exact_keys
    held = keys(field_value(record, definition.key))
    items = value if isinstance(value, list) else [value]
    taken = [item for item in items if keys(item) & held]
    if not taken:
        return value, []
    free = [item for item in items if item not in taken]
    return (free or None) if isinstance(value, list) else None, taken
