"""Records, and their JSON as the API shows it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.schema.definitions import AS_DESTINATION, AS_SOURCE
from lightfield_sandbox.schema.resources import BY_OBJECT_TYPE
from lightfield_sandbox.schema.timestamps import iso

if TYPE_CHECKING:
    from lightfield_sandbox.schema.definitions import (
        FieldDefinition,
        ObjectDefinition,
        RelationshipDefinition,
    )

FULL, METADATA = "FULL", "METADATA"
# How a record came to be: by the seed (for an email: synced), over the API, by an upload in the app.
SEED, API, APP = "seed", "api", "app"
Links = dict[str, tuple[str, ...]]


@dataclass(eq=False, slots=True)
class Record:
    """One version of a record. Once stored it is never changed: a write stores a new version.

    So a list that trails behind can go on showing the old one, at no cost.

    Attributes:
        fields: The values by key; what is null is left out.
        links: The ids of linked records, by slot.
        access: What every key sees of it: `FULL` or `METADATA`.
        origin: How it came to be: `SEED`, `API` or `APP`.
        body: Its JSON as lists show it, once that has been asked for.
    """

    object_type: str
    id: str
    created_ms: int
    updated_ms: int | None
    fields: dict[str, Any]
    links: Links
    external_id: str | None = None
    trashed: bool = False
    access: str = FULL
    origin: str = API
    body: bytes | None = None

    @property
    def order(self) -> tuple[int, str]:
        """What lists sort by. Records of the same instant are sorted by id."""
        return (self.created_ms, self.id)

    @property
    def listed(self) -> bool:
        """Whether lists show it. Files that were uploaded in the app can only be retrieved by id."""
        return self.origin != APP


@dataclass
class Renderer:
    """Makes the JSON of records, and keeps that of the latest ones for lists."""

    definitions: dict[str, ObjectDefinition]
    keep: int = 200_000
    _kept: list[Record] = field(default_factory=list)
    _next: int = 0

    def body(self, record: Record) -> bytes:
        """The record's JSON as lists show it."""
        if record.body is None:
            record.body = _dump(self.document(record))
            self._remember(record)
        return record.body

    def whole(self, record: Record) -> bytes:
        """The record's JSON as its own URL shows it."""
        if self.definitions[record.object_type].shown_alone:
            return _dump(self.document(record, alone=True))
        return self.body(record)

    def _remember(self, record: Record) -> None:
        # A ring buffer: for a million records, the JSON would take more memory than the records.
        if len(self._kept) < self.keep:
            self._kept.append(record)
            return
        self._kept[self._next].body = None
        self._kept[self._next] = record
        self._next = (self._next + 1) % self.keep

    def document(self, record: Record, *, alone: bool = False) -> dict[str, Any]:
        """The record as the JSON object that clients see; `alone` adds what lists leave out."""
        definition = self.definitions[record.object_type]
        collection = BY_OBJECT_TYPE[record.object_type]
        envelope = collection.envelope
        get = record.fields.get
        shown: dict[str, Any] = {"id": record.id, "createdAt": iso(record.created_ms)}
        if not envelope:
            return shown | {key: get(key) for key in definition.shown}
        if "updatedAt" in envelope:
            shown["updatedAt"] = None if record.updated_ms is None else iso(record.updated_ms)
        if "externalId" in envelope:
            shown["externalId"] = record.external_id
        shown["httpLink"] = f"https://app.lightfield.app/crm/{record.object_type}/{record.id}"
        specs = {**definition.shown, **definition.shown_alone} if alone else definition.shown
        hidden = record.access == METADATA
        if hidden and collection.drops_hidden and ord(record.id[-1]) % 2:
            specs = {key: spec for key, spec in specs.items() if not spec.private}
        shown["fields"] = {
            key: {
                "value": None if hidden and spec.private else _shown(spec, get(key)),
                "valueType": spec.value_type,
            }
            for key, spec in specs.items()
        }
        if "relationships" in envelope:
            shown["relationships"] = {
                key: _relationship({} if hidden and spec.private else record.links, spec)
                for key, spec in definition.relationships.items()
            }
        if "accessLevel" in envelope:
            shown["accessLevel"] = record.access
        if "objectType" in envelope:
            shown["objectType"] = record.object_type
        return shown


def _shown(spec: FieldDefinition, value: Any) -> Any:
    if not spec.as_array or isinstance(value, list):
        return value
    return [] if value is None else [value]


def _dump(document: dict[str, Any]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()


def _relationship(links: Links, spec: RelationshipDefinition) -> dict[str, Any]:
    shown: dict[str, Any] = {"cardinality": spec.cardinality, "objectType": spec.object_type}
    if spec.directions is None:
        shown["values"] = links.get(spec.key, ())
        return shown
    ends = {end: links.get(f"{spec.key}:{end}", ()) for end in (AS_SOURCE, AS_DESTINATION)}
    shown["values"] = list(dict.fromkeys(ends[AS_SOURCE] + ends[AS_DESTINATION]))
    shown["directions"] = {
        end: {"cardinality": spec.directions[end]["cardinality"], "values": values}
        for end, values in ends.items()
    }
    return shown
