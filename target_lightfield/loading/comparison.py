"""A row beside its record: in what the two differ, and whose doing that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lightfield_api.records import Record, field_value
from lightfield_api.values import same_value
from target_lightfield.id_map.source import Source
from target_lightfield.loading.history import FieldHistory
from target_lightfield.loading.loader import Loader
from target_lightfield.loading.outcomes import key_in_source
from target_lightfield.loading.references import References
from target_lightfield.matching.wanted import LeftOut, Resolved, Wanted
from target_lightfield.reporting.left_over import LeftOverKind
from target_lightfield.reporting.provenance import provenance_of
from target_lightfield.reporting.verification import Verdict
from target_lightfield.writing.changes import Changes


@dataclass(frozen=True)
class Comparison:
    """Compares the rows of one object type with their records.

    Attributes:
        loader: Whose parts compare.
        references: Finds the records that references mean.
        history: What Lightfield says of the past of fields.
    """

    loader: Loader
    references: References
    history: FieldHistory

    def verdict(
        self, record: Record, changes: Changes, wanted: Wanted, links: Resolved, *, is_ours: bool
    ) -> tuple[Verdict, str | None]:
        """Return what the differences between a row and its record mean, and what else there is to say.

        Args:
            record: The record as it is now.
            changes: In what the row differs from it.
            wanted: What the row asks for.
            links: The records that it refers to.
            is_ours: Whether the id map says that this very row was written whole into this record.
        """
        if not changes:
            return Verdict.EQUAL, None
        if other := self._one_that_is_alike(record, wanted, links):
            return Verdict.DIFFERING, f"The id map leads to it, and {other} is like the row"
        if is_ours and (lost := self._never_there(record, changes)):
            return Verdict.DIFFERING, f"Lightfield says that it never had {' and '.join(lost)}"
        return Verdict.CHANGED if is_ours else Verdict.DIFFERING, None

    def _never_there(self, record: Record, changes: Changes) -> Sequence[str]:
        """Return the columns of which Lightfield says that they never had what the load has written."""
        return [
            self.loader.refusals.column_name(key)
            for key, value in changes.fields.items()
            if self.history.never_had(record, key, value)
        ]

    def _one_that_is_alike(self, record: Record, wanted: Wanted, links: Resolved) -> str | None:
        """Return a record that a row matches, where it has nothing in common with the one it should be."""
        loader = self.loader
        if not loader.directory.disagreements(wanted.fields, record):
            return None
        matching = loader.directory.match(
            wanted.fields, lambda one: loader.finder.is_among(one, wanted, links)
        )
        ids = [one["id"] for one in matching]
        return ids[0] if ids and record["id"] not in ids else None

    def differences(self, record: Record, asked: Wanted, links: Resolved) -> Changes:
        """Return in what a record differs from what is asked of it, as far as it shows that.

        Args:
            record: The record as it is now.
            asked: What the row asks for.
            links: What its references mean; links that wait for their records are no difference.
        """
        loader = self.loader
        fields = asked.fields
        if record.get("accessLevel") == "METADATA":  # what it does not show is not empty
            shown = {key for key, one in (record.get("fields") or {}).items() if one.get("value") is not None}
            fields = {key: value for key, value in fields.items() if key in shown}
        changes = loader.writer.differences(record, fields, links.ids, exactly=loader.policy.exact_links)
        for key, _ in links.waiting:  # which of the record's links are meant is not known yet
            changes.remove.pop(key, None)
            if key in changes.replace and changes.replace[key] is None:
                del changes.replace[key]
        return self.there_to_link(changes)

    def there_to_link(self, changes: Changes) -> Changes:
        """Return changes without links to records that are not there: that is told of those."""
        relationships = self.loader.refusals.definitions.relationships

        def there(key: str, ids: Sequence[str]) -> Sequence[str]:
            return [id_ for id_ in ids if self.references.is_there(relationships[key].object_type, id_)]

        changes.add = {key: own for key, ids in changes.add.items() if (own := there(key, ids))}
        changes.replace = {
            key: id_ for key, id_ in changes.replace.items() if id_ is None or there(key, [id_])
        }
        return changes

    def left_out_before(
        self, source: Source, row: Mapping[str, Any], record: Record, changes: Changes
    ) -> Sequence[LeftOut]:
        """Take out of the differences what a load left over, and return that.

        Args:
            source: What the id map knows the row by.
            row: The row, which says where it is from.
            record: The record as it is now.
            changes: In what the row differs from it; fields are taken out of these.
        """
        definitions, provenance = self.loader.refusals.definitions, provenance_of(row)
        whose, key = self.loader.resource.name, source.key
        if provenance:
            whose, key = provenance.stream, key_in_source(provenance)
        left_out: list[LeftOut] = []
        kept = self.loader.id_map.left_over.of_loader(whose, key) if changes.fields else ()
        for field, value in list(changes.fields.items()):
            name = self.loader.refusals.column_name(field)
            names = {name, provenance.column(name) if provenance else name}
            own = [one for one in kept if one.column in names]
            rest = _without(value, [one.value for one in own])
            if own and (
                rest is None or same_value(definitions.fields[field], rest, field_value(record, field))
            ):
                left_out += [LeftOut(name, o.value, o.why, LeftOverKind(o.kind), o.about) for o in own]
                changes.fields = {other: v for other, v in changes.fields.items() if other != field}
        return left_out


def _without(value: Any, items: Sequence[Any]) -> Any:
    """Return what is left of a value without some of its items or members; None for nothing."""
    if isinstance(value, Mapping):
        return {name: one for name, one in value.items() if one not in items} or None
    return [one for one in value if one not in items] or None if isinstance(value, list) else None
