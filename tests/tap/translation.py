"""A record of the API as a row, written from the design alone: the tap's own code is not used."""

from __future__ import annotations

import re
from typing import Any

Json = dict[str, Any]

_PLURAL = ("EMAIL", "TELEPHONE", "URL")
_MEMBERS = {
    "FULL_NAME": ("firstName", "lastName"),
    "ADDRESS": ("street", "street2", "city", "state", "postalCode", "country", "latitude", "longitude"),
}


def snake(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", re.sub(r"([a-z0-9])([A-Z])", r"\1_\2", text).lower()).strip("_")


def column(key: str) -> str:
    return snake(key[1:]) if key.startswith("$") else "custom_" + snake(key)


def expected_row(record: Json, definitions: Json, *, private: bool = False) -> Json:
    """The row of a record, given the JSON of its definitions; ``private``: its access may be restricted."""
    row: Json = {
        "id": record["id"],
        "external_id": record.get("externalId"),
        "created_at": record["createdAt"],
        "updated_at": record.get("updatedAt"),
        "http_link": record.get("httpLink"),
    }
    if private:
        row |= {"access_level": record["accessLevel"], "object_type": record["objectType"]}
    for key, definition in definitions["fieldDefinitions"].items():
        value = record["fields"].get(key, {}).get("value")
        if (definition.get("typeConfiguration") or {}).get("multipleValues") is False:
            value = next(iter(value), None) if isinstance(value, list) else value
        if key == "$pipeline":
            value = value or _pipeline(record, definitions["fieldDefinitions"])
        row |= _field(column(key), definition, value)
    for key, definition in definitions["relationshipDefinitions"].items():
        found = record.get("relationships", {}).get(key, {})
        row |= _ids(column(key), definition["cardinality"], found.get("values"))
        for direction, told in (definition.get("directions") or {}).items():
            ids = (found.get("directions") or {}).get(direction, {}).get("values")
            row |= _ids(f"{column(key)}_{snake(direction)}", told["cardinality"], ids)
    return row


def _field(name: str, definition: Json, value: Any) -> Json:
    kind, configuration = definition["valueType"], definition.get("typeConfiguration") or {}
    labels = {option["id"]: option["label"] for option in configuration.get("options") or ()}
    if kind == "SINGLE_SELECT":
        return {name: value, f"{name}_label": labels.get(value)}
    if kind == "MULTI_SELECT":
        return {name: value, f"{name}_labels": None if value is None else [labels[v] for v in value]}
    if value is not None and kind in _MEMBERS:
        value = {snake(k): value.get(k) for k in _MEMBERS[kind]}
    if isinstance(value, str) and kind in _PLURAL and configuration.get("multipleValues") is not False:
        value = [value]
    return {name: value}


def _pipeline(record: Json, fields: Json) -> str | None:
    """The pipeline of a record: the one that its stage belongs to."""
    stages = fields["$stage"]["typeConfiguration"]["options"]
    held = record["fields"]["$stage"]["value"]
    return next((stage["parentId"] for stage in stages if stage["id"] == held), None)


def _ids(name: str, cardinality: str, values: list[str] | None) -> Json:
    if cardinality == "HAS_MANY":
        return {f"{name}_ids": values}
    return {f"{name}_id": values[0] if values else None}


MEMBER_DEFINITIONS: Json = {
    "fieldDefinitions": {
        "$name": {"valueType": "FULL_NAME"},
        "$email": {"valueType": "EMAIL", "typeConfiguration": {"multipleValues": False}},
        "$role": {"valueType": "TEXT"},
        "$profileImage": {"valueType": "URL", "typeConfiguration": {"multipleValues": False}},
    },
    "relationshipDefinitions": {"$user": {"cardinality": "HAS_ONE"}},
}


def _definitions(fields: dict[str, str], **cardinalities: str) -> Json:
    single = {"multipleValues": False}
    return {
        "fieldDefinitions": {
            key: {
                "valueType": kind.removesuffix("!"),
                "typeConfiguration": single if kind.endswith("!") else {},
            }
            for key, kind in fields.items()
        },
        "relationshipDefinitions": {
            f"${key}": {"cardinality": cardinality} for key, cardinality in cardinalities.items()
        },
    }


# What the API has no definitions endpoint for; an EMAIL with ! is a single one.
WITHOUT_ENDPOINT: dict[str, Json] = {
    "members": MEMBER_DEFINITIONS,
    "emails": _definitions(
        {
            "$subject": "TEXT", "$from": "EMAIL!", "$to": "EMAIL", "$cc": "EMAIL", "$bcc": "EMAIL",
            "$sentAt": "DATETIME", "$threadId": "TEXT", "$privacySetting": "TEXT",
        },
        attachment="HAS_MANY",
    ),
    "messages": _definitions(
        {
            "$text": "MARKDOWN", "$sentAt": "DATETIME", "$senderName": "TEXT", "$senderEmail": "EMAIL!",
            "$threadId": "TEXT",
        },
        channel="HAS_ONE", attachment="HAS_MANY",
    ),
    "channels": _definitions(
        {"$name": "TEXT", "$provider": "TEXT", "$isPrivate": "CHECKBOX"}, account="HAS_ONE"
    ),
    "lists": _definitions(
        {"$name": "TEXT", "$objectType": "TEXT", "$description": "TEXT", "$kind": "TEXT"}
    ),
}  # fmt: skip


def expected_file(file: Json) -> Json:
    """The row of a file."""
    keys = ("id", "createdAt", "filename", "mimeType", "sizeBytes", "status", "completedAt", "expiresAt")
    return {snake(key): file.get(key) for key in keys}
