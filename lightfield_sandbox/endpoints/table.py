"""The table of all endpoints: what each one needs, and what answers it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lightfield_sandbox.endpoints.calls import Call, Endpoint, Terms, page, read_page_query, refuse_parameters
from lightfield_sandbox.endpoints.custom_objects import custom_object_endpoints, refused_endpoints
from lightfield_sandbox.endpoints.emails import email_endpoints
from lightfield_sandbox.endpoints.files import file_endpoints
from lightfield_sandbox.endpoints.filter_terms import parse_filters
from lightfield_sandbox.endpoints.history import history_endpoints
from lightfield_sandbox.endpoints.lists import list_endpoints
from lightfield_sandbox.endpoints.merges import merge_endpoints
from lightfield_sandbox.endpoints.outreach import outreach_endpoints
from lightfield_sandbox.endpoints.runs import run_endpoints
from lightfield_sandbox.limits import auth
from lightfield_sandbox.schema.errors import bad_request, not_found
from lightfield_sandbox.schema.resources import COLLECTIONS, READ, SEARCH, WRITE, Collection
from lightfield_sandbox.store.index import ACTIVE, TRASHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightfield_sandbox.store.records import Record


def endpoints(*, custom_objects: bool = True) -> Iterator[Endpoint]:
    """Every endpoint under `/v1`. A fixed path comes before one that has an id in the same place."""
    yield Endpoint("GET", "/v1/auth/validate", READ, (), _validate)
    yield from custom_object_endpoints() if custom_objects else refused_endpoints()
    yield from merge_endpoints(custom_objects=custom_objects)
    yield from run_endpoints()
    yield from outreach_endpoints()
    yield from email_endpoints()
    yield from file_endpoints()
    yield from list_endpoints()
    yield from history_endpoints(custom_objects=custom_objects)
    for collection in COLLECTIONS:
        if custom_objects or not collection.custom:
            yield from _collection_endpoints(collection)


def _collection_endpoints(collection: Collection) -> Iterator[Endpoint]:
    base, all_of_them = f"/v1/{collection.path}", f"/v1/{collection.records_path}"
    one = f"{all_of_them}/{{id}}"
    handlers = _Handlers(collection)
    read = (collection.scope("read"),)
    yield Endpoint("GET", base, SEARCH, read, handlers.list)
    if "definitions" in collection.operations:
        yield Endpoint("GET", f"{base}/definitions", READ, read, handlers.definitions)
    yield Endpoint("GET", one, READ, read, handlers.retrieve)
    for operation, method, path, handle in (
        ("create", "POST", all_of_them, handlers.create),
        ("update", "POST", one, handlers.update),
        ("delete", "DELETE", one, handlers.delete),
        ("restore", "POST", f"{one}/restore", handlers.restore),
    ):
        if operation in collection.operations:
            keyed = collection.idempotent and operation in ("create", "update")
            scopes = (collection.scope(operation),)
            key_scope = (collection.object_type, operation) if keyed else None
            yield Endpoint(method, path, WRITE, scopes, handle, key_scope)


def _validate(call: Call) -> bytes:
    document = {
        "active": True,
        "tokenType": "api_key",
        "subjectType": "workspace",
        "scopes": list(call.scopes),
    }
    return json.dumps(document).encode()


@dataclass(frozen=True)
class _Handlers:
    collection: Collection

    def list(self, call: Call) -> bytes:
        """A page of the list, newest first."""
        limit, offset, terms = read_page_query(call)
        status, terms = self._status(call, terms)
        if not self.collection.filterable:
            refuse_parameters(terms)
        shelf = call.workspace.store.index.shelf(self.collection.object_type, status)
        if terms:
            conditions = parse_filters(call.workspace.definitions[self.collection.object_type], terms)
            found = call.workspace.filtered.find(shelf, conditions, terms)
            return page(call, found[offset : offset + limit], len(found))
        return page(call, shelf.page(offset, limit), len(shelf))

    def definitions(self, call: Call) -> bytes:
        """The definitions of the object type."""
        return call.workspace.definitions[self.collection.object_type].body

    def retrieve(self, call: Call) -> bytes:
        """One active record as it is now."""
        record = call.workspace.retrieved(self.collection.object_type, call.path["id"])
        if record is None or record.trashed:
            raise not_found(call.path["id"])
        return self._shown(call, record)

    def create(self, call: Call) -> bytes:
        """A new record."""
        return self._shown(call, call.workspace.writer.create(self.collection, call.body))

    def update(self, call: Call) -> bytes:
        """The record after the changes of the body."""
        return self._shown(call, call.workspace.writer.update(self.collection, call.path["id"], call.body))

    def delete(self, call: Call) -> bytes:
        """The record, now in the trash."""
        return self._shown(call, call.workspace.writer.delete(self.collection, call.path["id"]))

    def restore(self, call: Call) -> bytes:
        """The record, active again."""
        return self._shown(call, call.workspace.writer.restore(self.collection, call.path["id"]))

    def _shown(self, call: Call, record: Record) -> bytes:
        return call.workspace.store.renderer.whole(record)

    def _status(self, call: Call, terms: Terms) -> tuple[str, Terms]:
        """The status that a query asks for, and its other terms."""
        if not self.collection.has_status:
            return ACTIVE, terms
        status = ACTIVE
        for key, value in terms:
            if key == "status":
                status = value
                if value not in (ACTIVE, TRASHED):
                    raise bad_request("status is active or trashed.", "invalid_type", "status")
        if status == TRASHED:
            auth.require(call.scopes, (self.collection.scope("restore"),))
        return status, [(key, value) for key, value in terms if key != "status"]
