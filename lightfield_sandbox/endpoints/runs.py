"""Background runs: workflows, whose ids no list gives, and enrichments."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.endpoints.calls import Call, Endpoint
from lightfield_sandbox.limits import auth
from lightfield_sandbox.rules.bodies import refuse_unknown
from lightfield_sandbox.schema.errors import bad_request, not_found
from lightfield_sandbox.schema.resources import BY_OBJECT_TYPE, READ, WRITE, Collection
from lightfield_sandbox.schema.timestamps import iso

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENRICHABLE = ("contact", "account")


def run_endpoints() -> Iterator[Endpoint]:
    """The status of a workflow run; the start and the state of an enrichment run."""
    yield Endpoint("GET", "/v1/workflowRun/{id}/status", READ, (), _workflow_status)
    yield Endpoint("GET", "/v1/enrichmentRun/{id}", READ, (), _enrichment)
    for object_type in _ENRICHABLE:
        collection = BY_OBJECT_TYPE[object_type]
        path = f"/v1/enrichmentRun/{collection.path}/{{id}}"
        handle = _Enrichment(collection).start
        yield Endpoint("POST", path, WRITE, (collection.scope("update"),), handle)


def _workflow_status(call: Call) -> bytes:
    status = call.workspace.workflow_runs.get(call.path["id"])
    if status is None:
        raise not_found(call.path["id"])
    return json.dumps({"status": status}).encode()


def _enrichment(call: Call) -> bytes:
    run = call.workspace.enrichment_runs.get(call.path["id"])
    if run is None:
        raise not_found(call.path["id"])
    auth.require(call.scopes, (BY_OBJECT_TYPE[run["entityType"]].scope("read"),))
    return json.dumps(run).encode()


@dataclass(frozen=True)
class _Enrichment:
    collection: Collection

    def start(self, call: Call) -> bytes:
        """A run that is over at once and has found nothing; it is metered like any other."""
        workspace = call.workspace
        refuse_unknown(call.body, ("fields",))
        targets = call.body.get("fields", ["title", "linkedIn"])
        if not isinstance(targets, list) or not all(isinstance(target, str) for target in targets):
            raise bad_request("fields is an array of strings.", "invalid_type", "fields")
        record = workspace.store.get(self.collection.object_type, call.path["id"])
        if record is None or record.trashed:
            raise not_found(call.path["id"])
        now = iso(workspace.store.tick())
        run: dict[str, Any] = {
            "id": workspace.writer.ids.new("enr_"),
            "entityType": self.collection.object_type,
            "entityId": record.id,
            "status": "completed",
            "trigger": "manual",
            "targetFields": targets,
            **dict.fromkeys(("createdAt", "updatedAt", "startedAt", "completedAt"), now),
        }
        workspace.enrichment_runs[run["id"]] = run
        workspace.stats.enrichments += 1
        return json.dumps({"status": "started", "reason": None, "enrichmentRun": run}).encode()
