"""Merging two records into one: the primary keeps its id, the duplicate goes to the trash."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.endpoints.calls import Call, Endpoint
from lightfield_sandbox.rules import merges
from lightfield_sandbox.rules.bodies import refuse_unknown
from lightfield_sandbox.rules.edits import Draft, Edit
from lightfield_sandbox.schema.errors import against_rule, bad_request, not_found
from lightfield_sandbox.schema.resources import COLLECTIONS, READ, WRITE, Collection
from lightfield_sandbox.schema.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Iterator


_PARAMETERS = ("primaryId", "duplicateId", "fieldResolutions", "options")


def merge_endpoints(*, custom_objects: bool) -> Iterator[Endpoint]:
    """`merge` for each type that has it, and the retrieval of a merge by its id."""
    yield Endpoint("GET", "/v1/merges/{id}", READ, (), _retrieve)
    for collection in COLLECTIONS:
        if collection.history and (custom_objects or not collection.custom):
            scopes = (collection.scope("update"), collection.scope("delete"))
            handle = _Merge(collection).merge
            yield Endpoint("POST", f"/v1/{collection.path}/merge", WRITE, scopes, handle)


def _retrieve(call: Call) -> bytes:
    merge = call.workspace.merges.get(call.path["id"])
    if merge is None:
        raise not_found(call.path["id"])
    return json.dumps(merge).encode()


@dataclass(frozen=True)
class _Merge:
    collection: Collection

    def merge(self, call: Call) -> bytes:
        """Merge the records that a body names."""
        workspace, body = call.workspace, call.body
        resolutions, union = _read(body)
        edit = Edit(workspace.store)
        primary, duplicate = (self._open(call, edit, key) for key in ("primaryId", "duplicateId"))
        if primary.id == duplicate.id:
            raise against_rule(
                "A record can't be merged into itself.", "invalid_configuration", "duplicateId"
            )
        if self.collection.object_type == "opportunity" and primary.links.get(
            "$account"
        ) != duplicate.links.get("$account"):
            raise against_rule(
                "The opportunities are of two accounts.", "invalid_configuration", "duplicateId"
            )
        written = merges.merge_fields(workspace.writer, (primary, duplicate), resolutions, union=union)
        moved, warnings = merges.move_links(workspace.store, edit, primary, duplicate)
        duplicate.trashed = True
        edit.commit()
        workspace.stats.wrote(self.collection.object_type, "update")
        workspace.stats.wrote(self.collection.object_type, "delete")
        merge = self._keep(call, primary, duplicate)
        shown = json.loads(workspace.store.renderer.whole(workspace.writer.stored(primary)))
        summary = {"fieldWriteCount": written, "syncRepointedCount": moved, "warnings": warnings}
        return json.dumps({"merge": merge, "primary": shown, "summary": summary}).encode()

    def _open(self, call: Call, edit: Edit, key: str) -> Draft:
        record_id = call.body.get(key)
        if not isinstance(record_id, str):
            code = "parameter_missing" if record_id is None else "invalid_type"
            raise bad_request(f"The body needs {key}, an id.", code, key)
        record = call.workspace.store.get(self.collection.object_type, record_id)
        if record is None or record.trashed:
            raise not_found(record_id)
        return edit.open(record)

    def _keep(self, call: Call, primary: Draft, duplicate: Draft) -> dict[str, str]:
        now = iso(call.workspace.store.tick())
        merge_id = call.workspace.writer.ids.new("mrg_")
        call.workspace.merges[merge_id] = {
            "id": merge_id,
            "createdAt": now,
            "updatedAt": now,
            "entityType": self.collection.object_type,
            "primaryId": primary.id,
            "duplicateId": duplicate.id,
            "status": "done",
        }
        return {"id": merge_id, "status": "done"}


def _read(body: dict[str, Any]) -> tuple[dict[str, Any], bool]:
    refuse_unknown(body, _PARAMETERS)
    resolutions, options = body.get("fieldResolutions", {}), body.get("options", {})
    for key, value in (("fieldResolutions", resolutions), ("options", options)):
        if not isinstance(value, dict):
            raise bad_request(f"{key} is an object.", "invalid_type", key)
    for key, value in resolutions.items():
        if value not in ("primary", "duplicate") and not (
            isinstance(value, dict) and value.keys() == {"value"}
        ):
            raise bad_request('A resolution is primary, duplicate or {"value"}.', "invalid_type", key)
    union = options.get("multiSelectUnion", False)
    if not isinstance(union, bool):
        raise bad_request("multiSelectUnion is true or false.", "invalid_type", "options.multiSelectUnion")
    return resolutions, union
