"""The table of collections. A new collection is a new row."""

from __future__ import annotations

from dataclasses import dataclass

READ, WRITE, SEARCH = "read", "write", "search"
CATEGORIES = (READ, WRITE, SEARCH)

CRUD = frozenset(("definitions", "create", "update", "delete", "restore"))
_READ_ONLY: frozenset[str] = frozenset()
_RECORD = frozenset(("updatedAt", "externalId", "httpLink", "fields", "relationships"))
_SHARED = _RECORD | {"accessLevel", "objectType"}


@dataclass(frozen=True)
class Collection:
    """One collection under `/v1`.

    Attributes:
        path: The plural in the URL.
        object_type: The singular, as in `objectType`.
        prefix: What ids of its records begin with.
        operations: Its operations beside list and retrieve.
        envelope: The members of a record beside `id` and `createdAt`; empty if its fields are members, too.
        has_status: Whether its list takes `status`.
        filterable: Whether its list takes field filters.
        idempotent: Whether `Idempotency-Key` counts on its writes.
        enriched: Whether a create starts an enrichment, which is metered, and takes `skipEnrichment`.
        delete_repeats: Whether deleting a trashed record does nothing, instead of being a 404.
        history: Whether the values of its fields have a history.
        drops_hidden: Whether fields that METADATA access hides may be absent, instead of null.
        custom: Whether it is a custom object type.
    """

    path: str
    object_type: str
    prefix: str
    operations: frozenset[str] = CRUD
    envelope: frozenset[str] = _RECORD
    has_status: bool = True
    filterable: bool = False
    idempotent: bool = True
    enriched: bool = False
    delete_repeats: bool = True
    history: bool = False
    drops_hidden: bool = False
    custom: bool = False

    @property
    def records_path(self) -> str:
        """The path of the records."""
        return f"{self.path}/values" if self.custom else self.path

    def scope(self, operation: str) -> str:
        """The scope that an operation needs."""
        return f"{'custom_objects' if self.custom else self.path}:{operation}"


def _custom(slug: str, prefix: str) -> Collection:
    return Collection(
        f"objects/{slug}",
        slug,
        prefix,
        has_status=False,
        filterable=True,
        idempotent=False,
        history=True,
        custom=True,
    )


COLLECTIONS = (
    Collection("accounts", "account", "acc_", filterable=True, enriched=True, history=True),
    Collection("contacts", "contact", "con_", filterable=True, enriched=True, history=True),
    Collection("opportunities", "opportunity", "opp_", filterable=True, history=True),
    Collection("tasks", "task", "tsk_", filterable=True),
    Collection("notes", "note", "not_"),
    Collection("meetings", "meeting", "mtg_", delete_repeats=False, envelope=_SHARED),
    Collection("members", "member", "mem_", _READ_ONLY, envelope=_RECORD - {"externalId"}, has_status=False),
    Collection(
        "emails",
        "email",
        "eml_",
        frozenset(("delete", "restore")),
        envelope=_SHARED,
        has_status=False,
        drops_hidden=True,
    ),
    Collection("messages", "message", "msg_", _READ_ONLY, envelope=_SHARED, has_status=False),
    Collection(
        "channels", "channel", "chn_", _READ_ONLY, envelope=_RECORD | {"objectType"}, has_status=False
    ),
    Collection(
        "lists",
        "list",
        "lst_",
        frozenset(("create", "update", "delete")),
        envelope=frozenset(("httpLink", "fields")),
        has_status=False,
    ),
    Collection("files", "file", "fil_", _READ_ONLY, envelope=frozenset(), has_status=False),
    _custom("office-location", "obv_"),
    _custom("subscription", "obv_"),
)

BY_OBJECT_TYPE = {collection.object_type: collection for collection in COLLECTIONS}
CUSTOM_TYPES = tuple(collection.object_type for collection in COLLECTIONS if collection.custom)
# The types that the seed puts records of into the trash.
TRASHABLE = tuple(collection.object_type for collection in COLLECTIONS if collection.has_status)

READ_SCOPES = tuple(
    dict.fromkeys(
        (*(collection.scope("read") for collection in COLLECTIONS), "sequences:read", "senders:read")
    )
)
