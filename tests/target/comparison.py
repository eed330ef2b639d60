"""Whether two workspaces hold the same records, ids aside; none of the connector's code is used."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import requests

from tests.target.workspaces import OBJECT_TYPES

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

STREAMS = {object_type: stream for stream, object_type in OBJECT_TYPES.items()}
_FURTHER = ("meeting", "email", "list", "subscription", "office-location")
_NEVER_WRITTEN = {"$howTheyMakeMoney", "$accountStatus", "$lastInteractionAt", "$opportunityStatus"}
_OF_OTHER_OBJECTS = {"meeting", "file"}


def content(sandbox: Sandbox, *, further: bool = False) -> dict[str, Counter[str]]:
    """Every record of the five objects as text, by object, with how often it is there.

    An option is shown as its label, a linked record as its own fields, a member as its email.
    """
    definitions = {stream: _definitions(sandbox, stream) for stream in OBJECT_TYPES}
    records = {stream: sandbox.records(object_type) for stream, object_type in OBJECT_TYPES.items()}
    fields = {
        record["id"]: _fields(record, definitions[stream])
        for stream, found in records.items()
        for record in found
    } | {m["id"]: m["fields"]["$email"]["value"] for m in sandbox.records("member")}
    return {
        stream: Counter(
            json.dumps([fields[record["id"]], _links(record, fields)], sort_keys=True, indent=1)
            for record in found
        )
        for stream, found in records.items()
    } | (_further(sandbox, fields) if further else {})


def _further(sandbox: Sandbox, fields: Json) -> dict[str, Counter[str]]:
    """The records of the other objects, the files that are there whole, and who is on which list."""
    fields = {file["id"]: file["filename"] for file in sandbox.records("file")} | fields
    found = {kind: sandbox.records(kind) for kind in _FURTHER}
    values = {
        record["id"]: json.dumps(
            {k: v["value"] for k, v in record["fields"].items() if v["value"] is not None}, sort_keys=True
        )
        for records in found.values()
        for record in records
    }
    shown = {
        kind: Counter(json.dumps([values[r["id"]], _links(r, fields | values)]) for r in records)
        for kind, records in found.items()
    }
    shown["file"] = Counter(
        f"{file['filename']}: {sandbox.content(file['id'])!r}"
        for file in sandbox.records("file")
        if file["status"] == "COMPLETED"
    )
    shown["list members"] = Counter(
        f"{values[record['id']]}: {fields[member]}"
        for record in found["list"]
        for member in _members(sandbox, record)
    )
    return shown


def _members(sandbox: Sandbox, record: Json) -> list[str]:
    kind = record["fields"]["$objectType"]["value"].removeprefix("$")
    path = f"lists/{record['id']}/{STREAMS[kind]}"
    ids: list[str] = []
    while True:
        page = _get(sandbox, f"{path}?offset={len(ids)}")["data"]
        ids += [member["id"] for member in page]
        if len(page) < 25:
            return ids


def assert_same(one: Sandbox, other: Sandbox, *, further: bool = False) -> None:
    """Compare the five objects, and ``further`` all that is written besides."""
    left, right = content(one, further=further), content(other, further=further)
    for stream in left:
        lost, made_up = left[stream] - right[stream], right[stream] - left[stream]
        assert (sorted(lost), sorted(made_up)) == ([], []), stream
    assert sum(map(Counter.total, left.values())) > 0


def _fields(record: Json, definitions: Json) -> str:
    shown = {}
    for key, entry in record["fields"].items():
        labels = (
            definitions["fieldDefinitions"].get(key, {}).get("typeConfiguration", {}).get("options") or []
        )
        by_id = {option["id"]: option["label"] for option in labels}
        value = entry["value"]
        if key in _NEVER_WRITTEN or value is None:
            continue
        shown[key] = [by_id.get(v, v) for v in value] if isinstance(value, list) else _label(value, by_id)
    return json.dumps(shown, sort_keys=True)


def _label(value: Any, by_id: Json) -> Any:
    return by_id.get(value, value) if isinstance(value, str) else value


def _links(record: Json, fields: Json) -> Json:
    shown: Json = {}
    for key, entry in record.get("relationships", {}).items():
        if entry["objectType"] in _OF_OTHER_OBJECTS and key != "$transcript":
            continue
        sides = entry.get("directions") or {"": entry}
        for side, found in sides.items():
            shown[f"{key} {side}"] = sorted(fields.get(id_, "") for id_ in found["values"])
    return shown


def _definitions(sandbox: Sandbox, stream: str) -> Json:
    return _get(sandbox, f"{stream}/definitions")


def _get(sandbox: Sandbox, path: str) -> Json:
    answer = requests.get(
        f"{sandbox.url}/v1/{path}",
        headers={"Authorization": f"Bearer {sandbox.key}", "Lightfield-Version": "2026-03-01"},
        timeout=300,
    )
    assert answer.ok, answer.text
    found: Json = answer.json()
    return found
