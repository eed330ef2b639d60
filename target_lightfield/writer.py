"""Writing one record: what has changed, in how many requests, and each request at most once.

API pages: "Fields and relationships" (at most 25 links in one request), "Idempotency".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from lightfield_api.client import LightfieldClient
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.errors import IdempotencyConflict, LightfieldError, UnexpectedAnswer
from lightfield_api.resources import Resource
from lightfield_api.values import parse_datetime, same_value
from target_lightfield.criteria import Record
from target_lightfield.id_map import IdMap, Source, StartedCreate

LINKS_PER_REQUEST = 25

_REPLAYED_FOR = timedelta(hours=23)  # the API keeps a stored answer for 24; an hour is for its clock


@dataclass
class Changes:
    """What of a record has to be written: fields, the one link of a HAS_ONE, new ones of a HAS_MANY."""

    fields: Mapping[str, Any] = field(default_factory=dict)
    replace: dict[str, str] = field(default_factory=dict)
    add: dict[str, Sequence[str]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.fields or self.replace or self.add)

    def bodies(self) -> Iterator[Mapping[str, Any]]:
        """Yield the bodies of the updates that make these changes, none with too many links."""
        links = [(key, "replace", id_) for key, id_ in self.replace.items()]
        links += [(key, "add", id_) for key, ids in self.add.items() for id_ in ids]
        for start in range(0, max(len(links), 1), LINKS_PER_REQUEST):
            body: dict[str, Any] = {"fields": dict(self.fields)} if self.fields and not start else {}
            relationships: dict[str, Any] = {}
            for key, operation, id_ in links[start : start + LINKS_PER_REQUEST]:
                if operation == "replace":
                    relationships[key] = {"replace": id_}
                else:
                    relationships.setdefault(key, {"add": []})["add"].append(id_)
            yield body | ({"relationships": relationships} if relationships else {})


class Writer:
    """Writes the records of one object type.

    Args:
        client: The API client.
        id_map: Where a create is remembered before it is sent.
        resource: The object's entry in the table of resources.
        definitions: The workspace's definitions of it.
        skip_enrichment: Whether creating a record leaves out the metered enrichment.
    """

    def __init__(
        self,
        client: LightfieldClient,
        id_map: IdMap,
        resource: Resource,
        definitions: ObjectDefinitions,
        *,
        skip_enrichment: bool,
    ) -> None:
        self._client = client
        self._id_map = id_map
        self._resource = resource
        self._definitions = definitions
        self._options = {"skipEnrichment": skip_enrichment} if resource.enrichable else {}

    def changes(
        self, record: Record, fields: Mapping[str, Any], links: Mapping[str, Sequence[str]]
    ) -> Changes:
        """Return what differs between a record and what is wanted of it.

        Links that the record has beyond the wanted ones stay.
        """
        definitions = self._definitions.fields
        changes = Changes(
            {
                key: value
                for key, value in fields.items()
                if not same_value(definitions[key], value, _field_value(record, key))
            }
        )
        for key, ids in links.items():
            present, many = linked(record, key), self._is_many(key)
            missing = [id_ for id_ in ids if id_ not in present]
            if missing and many:
                changes.add[key] = missing
            elif missing:
                changes.replace[key] = missing[0]
        return changes

    def create(
        self,
        source: Source,
        fields: Mapping[str, Any],
        links: Mapping[str, Sequence[str]],
        *,
        instead_of: str | None = None,
    ) -> tuple[Record, bool]:
        """Create a record, with as many of its links as one request takes: the required ones first.

        Args:
            source: The source record.
            fields: API values by field key.
            links: Ids by relationship key.
            instead_of: The id of the deleted record that it takes the place of, so that the API does
                not answer with that one's create again.

        Returns:
            The record, and whether the answer is the stored one to a create of an earlier run.

        Raises:
            LightfieldError: The API refused, or did not answer: then the create stays in the id map.
        """
        wanted = {key: value for key, value in fields.items() if value is not None}
        body = {"fields": wanted, **self._options}
        if first := self._first_links(links):
            body["relationships"] = first
        key = self._idempotency_key("create", source, body, instead_of)
        self._id_map.start_create(source, key, body)
        asked_at = self._client.server_time()
        record = self._send_create(source, key, body)
        return record, _was_created_before(asked_at, record)

    def resume(self, source: Source, started: StartedCreate) -> Record | None:
        """Send a create whose answer was not seen once more; the API answers as it did the first time.

        Returns:
            The record; None if the API refuses it, which then was not created the first time either,
            or no longer keeps its answers from so long ago.
        """
        if datetime.now(timezone.utc) - started.started_at > _REPLAYED_FOR:
            self._id_map.drop_create(source)
            return None
        try:
            return self._send_create(source, started.idempotency_key, started.body)
        except LightfieldError as e:
            if not is_refusal(e):
                raise
            return None

    def update(self, source: Source, record: Record, changes: Changes) -> Record:
        """Write the changes of a record and return it as it is then."""
        for body in changes.bodies():
            # The time of the last change is in the key: the same change made again, after somebody
            # took it back, is another one, and must not get the first one's stored answer.
            key = self._idempotency_key("update", source, body, f"{record['id']} {record.get('updatedAt')}")
            answer = self._client.write(*self._resource.path, record["id"], body=body, idempotency_key=key)
            record = self._checked(answer)
        return record

    def _send_create(self, source: Source, key: str, body: Mapping[str, Any]) -> Record:
        try:
            answer = self._client.write(*self._resource.path, body=body, idempotency_key=key)
        except LightfieldError as e:
            if is_refusal(e):
                self._id_map.drop_create(source)
            raise
        return self._checked(answer)

    def _first_links(self, links: Mapping[str, Sequence[str]]) -> dict[str, Any]:
        ordered = sorted(links, key=lambda key: (key not in self._resource.required, self._is_many(key)))
        body: dict[str, Any] = {}
        left = LINKS_PER_REQUEST
        for key in ordered:
            if ids := list(links[key][:left]):
                body[key] = ids if self._is_many(key) else ids[0]
                left -= len(ids)
        return body

    def _is_many(self, key: str) -> bool:
        relationship = self._definitions.relationships[key]
        return relationship.directions.get("asSource", relationship.cardinality) == "HAS_MANY"

    def _idempotency_key(
        self, operation: str, source: Source, body: Mapping[str, Any], since: str | None
    ) -> str:
        parts = [operation, self._resource.name, source.stream, source.key, since, body]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    def _checked(self, answer: Mapping[str, Any]) -> Record:
        if not isinstance(answer.get("id"), str):
            raise UnexpectedAnswer(f"The answer to a write of {self._resource.name} holds no record")
        return answer


def is_refusal(error: LightfieldError) -> bool:
    """Whether the API refused this one record, and would take another."""
    if isinstance(error, IdempotencyConflict) or error.code == "version_header":
        return False  # the first request with the key is still under way: what becomes of it is not known
    return error.status in {400, 404, 409, 413, 422}


def _was_created_before(instant: datetime, record: Record) -> bool:
    try:
        return parse_datetime(str(record.get("createdAt"))) < instant
    except ValueError:
        return False


def _field_value(record: Record, key: str) -> Any:
    return ((record.get("fields") or {}).get(key) or {}).get("value")


def linked(record: Record, key: str) -> Sequence[str]:
    """Return the ids that a record links to; as the source, where a relationship has directions."""
    relationship = (record.get("relationships") or {}).get(key) or {}
    source = (relationship.get("directions") or {}).get("asSource") or relationship
    return source.get("values") or []
