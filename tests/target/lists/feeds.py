"""The rows of lists and of their members."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from tests.target.target_runs import Setup, row, rows, state
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    pass


Json = dict[str, Any]


KEY = ("list_id", "object_type", "record_id")


REPLACE: Json = {"relationship_mode": "replace"}


ENDS: Json = {"delete_mode": "trash", "relationship_mode": "replace"}


DELETED: Json = {"_sdc_deleted_at": "2026-01-01T00:00:00Z"}


def accounts(*keys: object) -> list[Json]:
    return rows("accounts", *({"id": key, "name": f"Account {key}"} for key in keys))


def a_list(key: object = "L", name: str = "Targets", object_type: str = "account", **columns: Any) -> Json:
    return {"id": key, "name": name, "object_type": object_type, **columns}


def lists(*made: Json) -> list[Json]:
    return rows("lists", *(made or (a_list(),)))


def member(record: object, list_id: object = "L", object_type: str = "account", **columns: Any) -> Json:
    return {"list_id": list_id, "object_type": object_type, "record_id": record, **columns}


def on_list(*members: object, key: Sequence[str] | None = KEY) -> list[Json]:
    """The rows of list_members; a key alone is that of an account on the list L."""
    return rows("list_members", *(m if isinstance(m, dict) else member(m) for m in members), key=key)


def member_row(record: object) -> Json:
    return row("list_members", **member(record))


def complete(*messages: Json | list[Json]) -> list[Json]:
    """These messages, and the state that says of their rows of list_members that they are all there are."""
    flat = [m for message in messages for m in (message if isinstance(message, list) else [message])]
    count = sum(m["type"] == "RECORD" and m["stream"] == "list_members" for m in flat)
    return [*flat, complete_state(count)]


def complete_state(count: object) -> Json:
    return state(bookmarks={"list_members": {"complete": {"rows": count}}})


def members(workspace: Workspace, list_id: str, kind: str = "accounts") -> set[str]:
    found: list[str] = []
    while len(found) % 25 == 0:
        page = workspace.call("GET", "lists", list_id, f"{kind}?limit=25&offset={len(found)}")["data"]
        found += [record["id"] for record in page]
        if not page:
            break
    assert len(set(found)) == len(found)
    return set(found)


def _kind(made: Json) -> str:
    return str(made["fields"]["$objectType"]["value"]).removeprefix("$")


def ids(target: Setup, keys: Iterable[object], stream: str = "accounts") -> set[str]:
    known = target.ids(stream)
    return {known[str(key)] for key in keys}
