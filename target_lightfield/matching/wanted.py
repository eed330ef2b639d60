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
        assumed: The keys for which the row says nothing and a default stands.
    """

    id: str | None
    fields: Mapping[str, Any]
    references: Mapping[str, Sequence[str]] = field(default_factory=dict)
    assumed: frozenset[str] = frozenset()

    def stated(self) -> Wanted:
        """Return what the row itself asks for: defaults are for records that are created."""
        return Wanted(self.id, self._without_assumed(self.fields), self._without_assumed(self.references))

    def _without_assumed(self, members: Mapping[str, Any]) -> Mapping[str, Any]:
        return {key: value for key, value in members.items() if key not in self.assumed}

    def payload_hash(self, *, exactly: bool) -> str:
        """Return a hash that is the same whenever the same is wanted.

        Args:
            exactly: Whether links beyond the wanted ones end.
        """
        # The same value is another wish where the row states it: then a record that is there gets it too.
        assumed = [{"assumed": sorted(self.assumed)}] if self.assumed else []
        references = {key: [written(key_) for key_ in keys] for key, keys in self.references.items()}
        return _hash([self.fields, references, *(["exactly"] if exactly else []), *assumed])

    def values_hash(self) -> str:
        """Return a hash that is the same for all records that could be created with the same values."""
        return _hash({key: value for key, value in self.fields.items() if value is not None})


@dataclass
class Resolved:
    """References, sorted into ids by relationship key and those that wait."""

    ids: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    waiting: list[Link] = field(default_factory=list)


def _hash(wanted: Any) -> str:
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
