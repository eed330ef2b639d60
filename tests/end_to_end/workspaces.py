"""Two workspaces compared field by field and link by link, though every id in them differs.

A record is shown by its own values, selects by their labels, and by what it is linked to, which is named
by its own values in turn. Two workspaces are the same when each such record is there as often in one as
in the other.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import requests

from lightfield_sandbox.http.server import Sandbox

# What a copy can't have the same: ids and times are given by the server, access is that of who looks.
_OWN = ("id", "createdAt", "updatedAt", "httpLink", "externalId", "accessLevel", "fields", "relationships")

_WITHOUT_DEFINITIONS = ("members", "lists", "emails")

_Json = Mapping[str, Any]


def differences(
    one: Sandbox, other: Sandbox, object_types: Mapping[str, str], without: frozenset[str] = frozenset()
) -> dict[str, list[str]]:
    """Return what each side has that the other lacks, by object type; empty where they are the same.

    Args:
        one: A workspace.
        other: Another.
        object_types: What is compared: the object type of each collection.
        without: Field and relationship keys that are left out, like ``note.$meeting``.
    """
    sides = [_shown(sandbox, object_types, without) for sandbox in (one, other)]
    found = {}
    for object_type in object_types.values():
        missing = [json.loads(text) for text in (sides[0][object_type] - sides[1][object_type]).elements()]
        added = [json.loads(text) for text in (sides[1][object_type] - sides[0][object_type]).elements()]
        if missing or added:
            found[object_type] = list(_told(missing, added))
    return found


def _told(missing: list[_Json], added: list[_Json]) -> Iterator[str]:
    """Yield a sentence for each record that only one side has, next to the one that it is most like."""
    for record in missing:
        name = _name(record)
        if not added:
            yield f"{name} is missing"
            continue
        other = max(added, key=lambda candidate: sum(candidate.get(key) == record[key] for key in record))
        added.remove(other)
        changes = [key for key in {**record, **other} if record.get(key) != other.get(key)]
        yield f"{name}: " + "; ".join(f"{key} {record.get(key)} became {other.get(key)}" for key in changes)
    yield from (f"{_name(record)} is new" for record in added)


def _shown(
    sandbox: Sandbox, object_types: Mapping[str, str], without: frozenset[str]
) -> dict[str, Counter[str]]:
    """Return the records of each type as texts that don't depend on ids."""
    records = {object_type: sandbox.records(object_type) for object_type in object_types.values()}
    values: dict[str, dict[str, Any]] = {}
    for collection, object_type in object_types.items():
        fields = _field_definitions(sandbox, collection)
        for record in records[object_type]:
            values[record["id"]] = dict(_values(record, fields, without, object_type))
    names = {id_: _name(own) for id_, own in values.items()}
    return {
        object_type: Counter(
            json.dumps(values[record["id"]] | _links(record, names, without, object_type), ensure_ascii=False)
            for record in of_type
        )
        for object_type, of_type in records.items()
    }


def _field_definitions(sandbox: Sandbox, collection: str) -> _Json:
    if collection in _WITHOUT_DEFINITIONS:
        return {}
    headers = {"Authorization": f"Bearer {sandbox.key}", "Lightfield-Version": "2026-03-01"}
    answer = requests.get(f"{sandbox.url}/v1/{collection}/definitions", headers=headers, timeout=300)
    answer.raise_for_status()
    fields: _Json = answer.json()["fieldDefinitions"]
    return fields


def _values(
    record: _Json, definitions: _Json, without: frozenset[str], object_type: str
) -> Iterator[tuple[str, Any]]:
    yield from ((key, value) for key, value in record.items() if key not in _OWN)
    for key, held in record["fields"].items():
        definition = definitions.get(key) or {}
        if definition.get("readOnly") or f"{object_type}.{key}" in without or held["value"] is None:
            continue
        options = (definition.get("typeConfiguration") or {}).get("options") or []
        yield key, _labelled(held["value"], {option["id"]: option["label"] for option in options})


def _labelled(value: Any, labels: Mapping[str, str]) -> Any:
    """Return a value with labels for option ids; 24862 and 24862.0 are the same number."""
    if isinstance(value, dict):
        return {key: _labelled(item, labels) for key, item in sorted(value.items())}
    if isinstance(value, list):
        return [_labelled(item, labels) for item in value]
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return float(value)
    return labels.get(value, value) if isinstance(value, str) else value


def _name(values: _Json) -> str:
    """Return what a linked record is called: what a person would look for, and a digest of all of it."""
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:8]
    return f"{values.get('$name') or values.get('$title')} {digest}"


def _links(
    record: _Json, names: Mapping[str, str], without: frozenset[str], object_type: str
) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for key, relationship in record.get("relationships", {}).items():
        if f"{object_type}.{key}" in without:
            continue
        for direction, linked in (relationship.get("directions") or {"": relationship}).items():
            if linked["values"]:
                found[f"links {key} {direction}".strip()] = sorted(
                    names.get(id_, "?") for id_ in linked["values"]
                )
    return found
