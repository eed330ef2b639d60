"""Creates whose answer was not seen: whether the record is there all the same.

Where the API takes no Idempotency-Key, or no longer keeps its answers, the only way to know is to look for
a record that is like the one that was sent. API pages: "Idempotency", "List endpoints" (lists lag).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from lightfield_api.client import LightfieldClient
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.records import Record, field_value, linked
from lightfield_api.resources import Resource
from lightfield_api.values import parse_datetime, same_value
from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import StartedCreate
from target_lightfield.matching.directory import Directory
from target_lightfield.matching.lag import once_listed

_UNDER_WAY = timedelta(minutes=10)  # a request that is repeated is given up long before
_CLOCKS = timedelta(seconds=5)  # the server's clock is known to a second or two


@dataclass(frozen=True)
class UnseenCreates:
    """Finds the records of creates whose answer was not seen, among the newest of an object."""

    client: LightfieldClient
    id_map: IdMap
    directory: Directory
    resource: Resource
    definitions: ObjectDefinitions

    def find(self, create: StartedCreate) -> Record | None:
        """Return the record that a create made, or None if it made none.

        Waits until lists show what was created, if it was.

        Raises:
            LightfieldError: The list can't be read.
        """
        return once_listed(
            self.client, create.started_at, lambda is_last: self._listed(create, is_last=is_last)
        )

    def changed_since(self, create: StartedCreate) -> Sequence[Record]:
        """Return the records that a create may have made and that somebody changed since.

        They were made in the minutes after it was sent, are no row's, and are not as they were made.

        Raises:
            LightfieldError: The list can't be read.
        """
        latest = create.started_at + _UNDER_WAY
        return [
            record
            for record in self._since(create)
            if parse_datetime(record["createdAt"]) <= latest
            and record.get("updatedAt") != record["createdAt"]
            and not self.id_map.knows(self.resource.object_type, record["id"])
        ]

    def _listed(self, create: StartedCreate, *, is_last: bool) -> Record | None:
        """Return the record that a create made, if lists show it.

        Another create that was not answered, or not yet, may have made a record that looks like this one's.
        Such a record is returned at the last look only, when records are shared out among the creates:
        those that ask for more values choose first.
        """
        listed = self._since(create)
        if not any(_is_like(self.definitions, record, create) for record in listed):
            return None
        others = [
            other
            for other in self.id_map.begun.started_creates(self.resource.lasting_name)
            if other.idempotency_key != create.idempotency_key
        ]
        # Read after the other creates: one that was answered in between has its record in the id map.
        unknown = [r for r in listed if not self.id_map.knows(self.resource.object_type, r["id"])]
        choices = {
            started.idempotency_key: [
                record["id"] for record in unknown if _is_like(self.definitions, record, started)
            ]
            for started in sorted([create, *others], key=_size, reverse=True)
        }
        own = choices[create.idempotency_key]
        contested = {id_ for key, ids in choices.items() if key != create.idempotency_key for id_ in ids}
        found = next((id_ for id_ in own if id_ not in contested), None)
        if found is None and is_last:
            found = next(
                (id_ for id_, key in _shared_out(choices).items() if key == create.idempotency_key), None
            )
        return next((record for record in unknown if record["id"] == found), None)

    def _since(self, create: StartedCreate) -> Sequence[Record]:
        """Return the records made since a create was sent, as lists show them, the oldest first."""
        found: list[Record] = []
        for record in self.directory.newest():
            if parse_datetime(record["createdAt"]) < create.started_at - _CLOCKS:
                break
            found.insert(0, record)
        return found


def _is_like(definitions: ObjectDefinitions, record: Record, create: StartedCreate) -> bool:
    """Whether a record has all that a create asks for."""
    return all(
        same_value(definitions.fields[key], value, field_value(record, key))
        for key, value in create.body["fields"].items()
        # The workspace may have lost a field since, and it keeps no hints such as a pipeline.
        if key in definitions.fields and key not in definitions.hints
    ) and all(set(ids) <= set(linked(record, key)) for key, ids in _links(create).items())


def _links(create: StartedCreate) -> Mapping[str, Sequence[str]]:
    relationships: Mapping[str, Any] = create.body.get("relationships", {})
    return {key: [ids] if isinstance(ids, str) else ids for key, ids in relationships.items()}


def _size(create: StartedCreate) -> int:
    """Return how much a create asks for."""
    return len(create.body["fields"]) + sum(map(len, _links(create).values()))


def _shared_out(choices: Mapping[str, Sequence[str]]) -> Mapping[str, str]:
    """Return which create gets which record, so that as many as can get one: a bipartite matching.

    By augmenting paths (Kuhn's algorithm): a create whose choices are all taken gets one of them where its
    holder can take another. The creates that come first keep theirs.

    Args:
        choices: The records that each create may have made, by the create's key.

    Returns:
        The create's key, by record.
    """
    takers: dict[str, str] = {}

    def give(create: str, tried: set[str]) -> bool:
        for record in choices[create]:
            if record not in tried:
                tried.add(record)
                if record not in takers or give(takers[record], tried):
                    takers[record] = create
                    return True
        return False

    for create in choices:
        give(create, set())
    return takers
