"""Looking at a workspace, and changing it as its users do: over HTTP, with none of the connector's code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import requests

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

OBJECT_TYPES = {
    "accounts": "account",
    "contacts": "contact",
    "opportunities": "opportunity",
    "tasks": "task",
    "notes": "note",
}


class Workspace:
    """A workspace in the hands of a user."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._headers = {"Authorization": f"Bearer {sandbox.key}", "Lightfield-Version": "2026-03-01"}

    def call(self, method: str, *path: str, body: Any = None) -> Json:
        url = "/".join([self._sandbox.url, "v1", *path])
        answer = requests.request(method, url, json=body, headers=self._headers, timeout=300)
        assert answer.ok, answer.text
        found: Json = answer.json()
        return found

    def create(self, stream: str, fields: Json, relationships: Json | None = None) -> str:
        body: Json = {"fields": fields, "relationships": relationships or {}}
        return str(self.call("POST", stream, body=body)["id"])

    def account(self, name: str, **fields: Any) -> str:
        return self.create("accounts", {"$name": name, **_keys(fields)})

    def contact(self, *emails: str, **fields: Any) -> str:
        return self.create("contacts", {"$email": list(emails), **_keys(fields)})

    def update(self, stream: str, record_id: str, fields: Json, relationships: Json | None = None) -> None:
        body: Json = {"fields": fields, "relationships": relationships or {}}
        self.call("POST", stream, record_id, body=body)

    def delete(self, stream: str, record_id: str) -> None:
        self.call("DELETE", stream, record_id)

    def get(self, stream: str, record_id: str) -> Json:
        return self.call("GET", stream, record_id)

    def value(self, stream: str, record_id: str, key: str) -> Any:
        return self.get(stream, record_id)["fields"][key]["value"]

    def links(self, stream: str, record_id: str, key: str, side: str | None = None) -> set[str]:
        relationship = self.get(stream, record_id)["relationships"][key]
        found = relationship["directions"][side] if side else relationship
        return set(found["values"])

    def all(self, stream: str) -> list[Json]:
        return self._sandbox.records(OBJECT_TYPES.get(stream, stream.removesuffix("s")))

    def values(self, stream: str, key: str) -> list[Any]:
        """The values of a field, oldest record first."""
        return [record["fields"][key]["value"] for record in reversed(self.all(stream))]

    def members(self) -> dict[str, str]:
        """Member ids by email, in the workspace's order."""
        return {r["fields"]["$email"]["value"]: r["id"] for r in reversed(self.all("members"))}

    def options(self, stream: str, key: str) -> dict[str, str]:
        """Option ids by label."""
        definitions = self.call("GET", stream, "definitions")["fieldDefinitions"]
        return {o["label"]: o["id"] for o in definitions[key]["typeConfiguration"]["options"]}


def _keys(fields: Mapping[str, Any]) -> Json:
    return {f"${name}": value for name, value in fields.items()}
