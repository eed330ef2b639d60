"""What a row asks for: values, and the records that it refers to."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from target_lightfield.id_map.source import Link
from target_lightfield.keys import written


@dataclass(frozen=True)
class Wanted:
    """What a row asks of a record.

    Attributes:
        id: The value of the ``id`` column: an id of this workspace or a foreign one.
        fields: API values by field key; None clears the field.
        references: By relationship key, what the row refers to: ids, source keys, member emails.
        assumed: The keys for which the row says nothing and a default is taken.
    """

    id: str | None
    fields: Mapping[str, Any]
    references: Mapping[str, Sequence[str]] = field(default_factory=dict)
    assumed: frozenset[str] = frozenset()

    def stated(self) -> Wanted:
        """Return what the row itself asks for, without defaults: those are for records that are created."""
        return Wanted(self.id, self._without_assumed(self.fields), self._without_assumed(self.references))

    def _without_assumed(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        return {key: value for key, value in members.items() if key not in self.assumed}

    def payload_hash(self, *, exactly: bool) -> str:
        """Return a hash that is the same whenever the same is wanted.

        Args:
            exactly: Whether links beyond the wanted ones are removed.
        """
        # A value that the row states is not the same wish as a default: a record that is there gets it, too.
        assumed = [{"assumed": sorted(self.assumed)}] if self.assumed else []
        references = {key: [written(key_) for key_ in keys] for key, keys in self.references.items()}
        return _hash([self.fields, references, *(["exactly"] if exactly else []), *assumed])

    def values_hash(self) -> str:
        """Return a hash of the values that a create would have; rows with the same one look alike."""
        return _hash({key: value for key, value in self.fields.items() if value is not None})


@dataclass
class Resolved:
    """What references mean: record ids by relationship key, and links whose record has not come yet."""

    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    waiting: list[Link] = field(default_factory=list)


def _hash(wanted: Any) -> str:
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
