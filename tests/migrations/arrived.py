"""What a workspace holds, in names: options by their labels, links by what they lead to.

Read over HTTP and from the sandbox's controls, with none of the connector's code.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

# Only the end that is written: the other one, and what Lightfield derives, is the sandbox's to hold.
_LINKS: Mapping[str, Sequence[str]] = {
    "account": ("$owner", "parent asSource", "billing-contact"),
    "contact": ("$account",),
    "opportunity": ("$account", "$owner", "$champion", "$evaluator", "partners"),
    "task": ("$assignedTo", "$account", "$opportunity"),
    "note": ("$account", "$contact", "$opportunity"),
    "meeting": ("$contact",),
    "email": (),
    "subscription": ("account", "billing-contacts"),
}
_COLLECTIONS = {
    "account": "accounts",
    "contact": "contacts",
    "opportunity": "opportunities",
    "task": "tasks",
    "note": "notes",
    "meeting": "meetings",
    "subscription": "objects/subscription",
}
_DERIVED = {"email": ("$privacySetting",), "meeting": ("$privacySetting",)}
_TAG = re.compile(r"</?[a-z]+[^>]*>|&[a-z]+;")


@dataclass(frozen=True)
class Text:
    """A text of Markdown: what is in it, in this order, and by whom and when it is signed at its end."""

    parts: Sequence[str]
    by: str = ""
    at: str = ""

    def is_met_by(self, text: Any) -> bool:
        if not isinstance(text, str) or _TAG.search(text):
            return False
        place = 0
        for part in self.parts:
            place = text.find(part, place) + len(part)
            if place < len(part):
                return False
        signature = text.strip().splitlines()[-1]
        if not (self.by or self.at):
            return "—" not in signature
        return "—" in signature and self.by in signature and self.at in signature


def text(*parts: str, by: str = "", at: str = "") -> Text:
    """A text that has these parts in this order."""
    return Text(parts, by, at)


def arrived(sandbox: Sandbox) -> dict[str, dict[str, Json]]:
    """Return each object type's records by name, each with the values and links that it has."""
    records = {object_type: sandbox.records(object_type) for object_type in _LINKS}
    names = {
        record["id"]: _name(record)
        for group in [*records.values(), sandbox.records("member")]
        for record in group
    }
    return {
        object_type: {_name(record): dict(_shown(sandbox, object_type, record, names)) for record in group}
        for object_type, group in _with_fields(sandbox, records).items()
    }


def differences(
    expected: Mapping[str, Mapping[str, Json]], found: Mapping[str, Mapping[str, Json]]
) -> list[str]:
    """Return a sentence for all that is not as expected; nothing where everything is."""
    told = []
    for object_type, records in expected.items():
        others = found.get(object_type, {})
        told += [f"{object_type} {name!r} is missing" for name in records if name not in others]
        told += [f"{object_type} {name!r} is too many" for name in others if name not in records]
        for name in records.keys() & others.keys():
            wanted, held = records[name], others[name]
            told += [
                f"{object_type} {name!r}: {key} is {held.get(key)!r}, not {wanted.get(key)!r}"
                for key in {**wanted, **held}
                if not _equal(wanted.get(key), held.get(key))
            ]
    return told


def _equal(wanted: Any, held: Any) -> bool:
    if isinstance(wanted, Text):
        return wanted.is_met_by(held)
    return bool(_plain(wanted) == _plain(held))


def _plain(value: Any) -> Any:
    """Return a value so that what Lightfield takes for the same is the same."""
    if isinstance(value, dict):
        return {key: _plain(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, str):
        return value
    try:
        moment = datetime.fromisoformat(value.replace("Z", "+00:00"))
    except ValueError:
        bare = value.removeprefix("https://")
        return bare.casefold() if "@" in bare and " " not in bare else bare
    return moment.astimezone(timezone.utc)


def _with_fields(sandbox: Sandbox, records: Mapping[str, list[Json]]) -> dict[str, list[Json]]:
    """Emails show their bodies at their own URLs only."""
    return {**records, "email": [_call(sandbox, f"emails/{record['id']}") for record in records["email"]]}


def _shown(
    sandbox: Sandbox, object_type: str, record: Json, names: Mapping[str, str]
) -> Iterator[tuple[str, Any]]:
    definitions = _definitions(sandbox, object_type)
    for key, field in record["fields"].items():
        value = field["value"]
        definition = definitions.get(key, {})
        if value in (None, [], "") or definition.get("readOnly") or key in _DERIVED.get(object_type, ()):
            continue
        configuration = definition.get("typeConfiguration") or {}
        labels = {option["id"]: option["label"] for option in configuration.get("options") or ()}
        yield key, [labels.get(v, v) for v in value] if isinstance(value, list) else _label(labels, value)
        if key == "$stage":
            parents = {option["id"]: option.get("parentId") for option in configuration["options"]}
            pipelines = definitions["$pipeline"]["typeConfiguration"]["options"]
            yield "in pipeline", next(o["label"] for o in pipelines if o["id"] == parents[value])
    for link in _LINKS[object_type]:
        key, _, side = link.partition(" ")
        relationship = record["relationships"].get(key) or {"values": []}
        held = relationship["directions"][side] if side else relationship
        if held["values"]:
            yield key, sorted(names[id_] for id_ in held["values"])


def _label(labels: Mapping[str, str], value: Any) -> Any:
    return labels.get(value, value) if isinstance(value, str) else value


def _name(record: Json) -> str:
    """Return what a person would call the record."""
    fields = {key: field["value"] for key, field in record["fields"].items()}
    name = fields.get("$name")
    if record["id"].startswith("mem_"):
        return str(fields["$email"])
    if isinstance(name, dict):
        name = " ".join(part for part in (name.get("firstName"), name.get("lastName")) if part)
    return str(name or fields.get("$title") or fields.get("$subject") or (fields.get("$email") or ["?"])[0])


def _definitions(sandbox: Sandbox, object_type: str) -> Json:
    collection = _COLLECTIONS.get(object_type)
    return _call(sandbox, f"{collection}/definitions")["fieldDefinitions"] if collection else {}


def _call(sandbox: Sandbox, path: str) -> Json:
    headers = {"Authorization": f"Bearer {sandbox.key}", "Lightfield-Version": "2026-03-01"}
    answer = requests.get(f"{sandbox.url}/v1/{path}", headers=headers, timeout=30)
    answer.raise_for_status()
    found: Json = answer.json()
    return found
