"""Lists of accounts, contacts or opportunities: who is on them, and what their writes may say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.endpoints.calls import Call, Endpoint, page, read_page_query, refuse_parameters
from lightfield_sandbox.schema.errors import RELATIONSHIPS, against_rule, bad_request, not_found
from lightfield_sandbox.schema.resources import BY_OBJECT_TYPE, SEARCH, Collection
from lightfield_sandbox.store.index import ACTIVE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from lightfield_sandbox.rules.edits import Draft, Edit
    from lightfield_sandbox.rules.relationships import LinkChange
    from lightfield_sandbox.store.records import Record
    from lightfield_sandbox.store.store import Store

MEMBER_TYPES = ("account", "contact", "opportunity")


def list_endpoints() -> Iterator[Endpoint]:
    """The members of a list, by type."""
    for object_type in MEMBER_TYPES:
        collection = BY_OBJECT_TYPE[object_type]
        scopes = ("lists:read", collection.scope("read"))
        path = f"/v1/lists/{{id}}/{collection.path}"
        yield Endpoint("GET", path, SEARCH, scopes, _Members(collection).page)


def check_fields(store: Store, written: Mapping[str, Any], draft: Draft) -> None:
    """Name the type as new lists do, and refuse a second target list and members of another type."""
    bare = str(draft.fields.get("$objectType", "")).removeprefix("$")
    if "$objectType" in written and bare:
        draft.set_field("$objectType", f"${bare}")
    if written.get("$kind") is not None:
        if bare == "opportunity":
            message = "Only lists of accounts or contacts can be the target list."
            raise against_rule(message, "invalid_configuration", "$kind")
        if any(held.fields.get("$kind") and held.id != draft.id for held in store.records("list")):
            raise against_rule("There is a target list already.", "invalid_configuration", "$kind")


def check_members(_: Store, __: Edit, draft: Draft, changes: Sequence[LinkChange]) -> None:
    """Refuse members of another type than the list's."""
    own = members_key(draft.fields["$objectType"])
    for change in changes:
        if change.relationship.key != own:
            message = f"A list of {draft.fields['$objectType']} takes {own} only."
            raise against_rule(message, "invalid_configuration", change.relationship.key, RELATIONSHIPS)


def members_key(object_type: str) -> str:
    """The relationship that holds the members of a list."""
    return f"${BY_OBJECT_TYPE[object_type.removeprefix('$')].path}"


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
        # Like every list, this one comes from the index: it may show the list as it was.
        lists = workspace.store.index.shelf("list", ACTIVE)
        known = lists.records.get(record.id)
        shelf = workspace.store.index.shelf(self.collection.object_type, ACTIVE)

        def members() -> list[Record]:
            ids = known.links.get(f"${self.collection.path}", ()) if known else ()
            held = [shelf.records[member] for member in ids if member in shelf.records]
            return sorted(held, key=lambda member: member.order, reverse=True)

        found = workspace.filtered.kept((id(shelf), shelf.version, record.id, lists.version), members)
        return page(call, found[offset : offset + limit], len(found))
