"""The members of lists: the accounts, contacts or opportunities on them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lightfield_sandbox.endpoints.calls import Call, Endpoint, page, read_page_query, refuse_parameters
from lightfield_sandbox.rules.lists import members_key
from lightfield_sandbox.schema.errors import bad_request, not_found
from lightfield_sandbox.schema.resources import BY_OBJECT_TYPE, SEARCH, Collection
from lightfield_sandbox.store.index import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lightfield_sandbox.store.records import Record

MEMBER_TYPES = ("account", "contact", "opportunity")


def list_endpoints() -> Iterator[Endpoint]:
    """One endpoint for each type of member."""
    for object_type in MEMBER_TYPES:
        collection = BY_OBJECT_TYPE[object_type]
        scopes = ("lists:read", collection.scope("read"))
        path = f"/v1/lists/{{id}}/{collection.path}"
        yield Endpoint("GET", path, SEARCH, scopes, _Members(collection).page)


@dataclass(frozen=True)
class _Members:
    collection: Collection

    def page(self, call: Call) -> bytes:
        """A page of the list's active members, newest first."""
        limit, offset, terms = read_page_query(call)
        refuse_parameters(terms)
        workspace = call.workspace
        record = workspace.store.get("list", call.path["id"])
        if record is None or record.trashed:
            raise not_found(call.path["id"])
        if members_key(record.fields["$objectType"]) != f"${self.collection.path}":
            message = f"{record.id} is a list of {record.fields['$objectType']}."
            raise bad_request(message, "invalid_configuration", "$objectType")
        # Like every list, this one is read from the search index, which may trail behind.
        lists = workspace.store.index.shelf("list", ACTIVE)
        known = lists.records.get(record.id)
        shelf = workspace.store.index.shelf(self.collection.object_type, ACTIVE)

        def members() -> list[Record]:
            ids = known.links.get(f"${self.collection.path}", ()) if known else ()
            held = [shelf.records[member] for member in ids if member in shelf.records]
            return sorted(held, key=lambda member: member.order, reverse=True)

        found = workspace.filtered.kept((id(shelf), shelf.version, record.id, lists.version), members)
        return page(call, found[offset : offset + limit], len(found))
