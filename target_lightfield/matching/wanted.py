"""What a row asks for: values, and the records that it refers to."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from target_lightfield.id_map.source import Link
from target_lightfield.keys import written
from target_lightfield.reporting.left_over import LeftOverKind


@dataclass(frozen=True)
class LeftOut:
    """A value of a row that is not written.

    Attributes:
        column: The row's column.
        value: The value, or the one of several.
        why: Why, in a sentence without the value.
        kind: Why, in a word.
        about: What people call the field.
    """

    column: str
    value: Any
    why: str
    kind: LeftOverKind
    about: str | None = None


@dataclass(frozen=True)
class Wanted:
    """What a row asks of a record.

    Attributes:
        id: The value of the ``id`` column: an id of this workspace or a foreign one.
        fields: API values by field key; None clears the field.
        references: By relationship key, what the row refers to: ids, source keys, member emails.
        assumed: The keys for which the row says nothing and a default is taken.
        left_out: What of the row is not asked of the record, since it can't be written.
        untried: By field or relationship key, values of a list that are asked for once the others are
            written: one of the list was refused, and Lightfield does not say which.
        whole: What the row asked before Lightfield refused a part of it.
    """

    id: str | None
    fields: Mapping[str, Any]
    references: Mapping[str, Sequence[str]] = field(default_factory=dict)
    assumed: frozenset[str] = frozenset()
    left_out: tuple[LeftOut, ...] = ()
    untried: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    whole: Wanted | None = None

    @property
    def is_partial(self) -> bool:
        """Whether there are values that are not asked for yet."""
        return any(self.untried.values())

    def stated(self) -> Wanted:
        """Return what the row itself asks for, without defaults: those are for records that are created."""
        fields, references = self._without_assumed(self.fields), self._without_assumed(self.references)
        return replace(self, fields=fields, references=references, assumed=frozenset())

    def less(
        self, key: str, value: Any, left_out: Sequence[LeftOut], untried: Sequence[Any] | None
    ) -> Wanted:
        """Return what is asked for once a part of a field's value, or of a relationship's links, is left out.

        Args:
            key: The field's or the relationship's key.
            value: What is left of its API value, or of its references; None for nothing.
            left_out: What is not.
            untried: What is asked for afterwards; None where it is not asked for one by one.
        """
        of_links = key in self.references
        members = {n: own for n, own in (self.references if of_links else self.fields).items() if n != key}
        if value is not None:
            members[key] = value
        rest = {name: items for name, items in self.untried.items() if name != key}
        if untried is not None:
            rest[key] = untried
        return replace(
            self,
            fields=self.fields if of_links else members,
            references=members if of_links else self.references,
            left_out=(*self.left_out, *left_out),
            untried=rest,
            whole=self.whole or self,
        )

    def _without_assumed(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        return {key: value for key, value in members.items() if key not in self.assumed}

    def payload_hash(self, *, exactly: bool) -> str:
        """Return a hash that is the same whenever the same is wanted.

        Args:
            exactly: Whether links beyond the wanted ones are removed.
        """
        if self.whole:
            return self.whole.payload_hash(exactly=exactly)
        # A value that the row states is not the same wish as a default: a record that is there gets it, too.
        assumed = [{"assumed": sorted(self.assumed)}] if self.assumed else []
        references = {key: [written(key_) for key_ in keys] for key, keys in self.references.items()}
        # What can't be written is listed anew only if it is not what it was.
        left_out = [{"left out": [[one.column, one.value] for one in self.left_out]}] if self.left_out else []
        return _hash([self.fields, references, *(["exactly"] if exactly else []), *assumed, *left_out])

    def values_hash(self) -> str:
        """Return a hash of the values that a create would have; rows with the same one look alike."""
        return _hash({key: value for key, value in self.fields.items() if value is not None})


@dataclass
class Resolved:
    """What references mean: record ids by relationship key, and links whose record has not come yet."""

    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    waiting: list[Link] = field(default_factory=list)


def _hash(wanted: Any) -> str:
    return hashlib.sha256(json.dumps(wanted, sort_keys=True, default=str).encode()).hexdigest()
