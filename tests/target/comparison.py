"""Whether two workspaces hold the same records, ids aside; none of the connector's code is used."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import requests
from workspaces import OBJECT_TYPES

if TYPE_CHECKING:
    from lightfield_sandbox.server import Sandbox

Json = dict[str, Any]

STREAMS = {object_type: stream for stream, object_type in OBJECT_TYPES.items()}
_NEVER_WRITTEN = {"$howTheyMakeMoney", "$accountStatus", "$lastInteractionAt", "$opportunityStatus"}
_OF_OTHER_OBJECTS = {"meeting", "file"}


def content(sandbox: Sandbox) -> dict[str, Counter[str]]:
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
    }


def assert_same(one: Sandbox, other: Sandbox) -> None:
    left, right = content(one), content(other)
    for stream in OBJECT_TYPES:
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
    for key, entry in record["relationships"].items():
        if entry["objectType"] in _OF_OTHER_OBJECTS:
            continue
        sides = entry.get("directions") or {"": entry}
        for side, found in sides.items():
            shown[f"{key} {side}"] = sorted(fields[id_] for id_ in found["values"])
    return shown


def _definitions(sandbox: Sandbox, stream: str) -> Json:
    answer = requests.get(
        f"{sandbox.url}/v1/{stream}/definitions",
        headers={"Authorization": f"Bearer {sandbox.key}", "Lightfield-Version": "2026-03-01"},
        timeout=20,
    )
    found: Json = answer.json()
    return found
