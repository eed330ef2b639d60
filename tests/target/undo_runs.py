"""Loads and undos of one target, and what a workspace holds: all of it over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from unittest import mock

from click.testing import CliRunner, Result

from lightfield_api.exchange import Exchange
from target_lightfield.id_map.database import Database
from target_lightfield.migration.cli import main
from tests.target.target_runs import Setup, row, rows, schema
from tests.target.workspaces import Workspace

if TYPE_CHECKING:
    from lightfield_sandbox.http.server import Sandbox

Json = dict[str, Any]

KINDS = ("account", "contact", "opportunity", "task", "note", "meeting", "email", "list", "subscription")


def undo(target: Setup, *arguments: str, **config: Any) -> Result:
    """Run ``lightfield-migration undo``."""
    return command(target, "undo", *arguments, **config)


def command(target: Setup, name: str, *arguments: str, **config: Any) -> Result:
    settings = target.folder / "undo.json"
    settings.write_text(json.dumps({**target.config, **config}))
    return CliRunner().invoke(main, [name, *arguments, "--config", str(settings)])


def undone(target: Setup, *arguments: str, **config: Any) -> str:
    """Undo for good, which has to succeed; return what it said."""
    result = undo(target, *(arguments or ("latest",)), "--yes", **config)
    assert result.exit_code == 0, (result.output, result.exception)
    return str(result.output)


def runs(target: Setup) -> list[Json]:
    result = command(target, "runs", "--json")
    assert result.exit_code == 0, result.output
    found: list[Json] = json.loads(result.output)
    return found


def held(sandbox: Sandbox) -> Json:
    """All records by id: fields, links among those that are not in the trash, and who is on which list."""
    records = {record["id"]: record for kind in KINDS for record in sandbox.records(kind)}
    there = {*records, *(record["id"] for kind in ("member", "file") for record in sandbox.records(kind))}
    found: Json = {}
    for id_, record in records.items():
        fields = {key: entry["value"] for key, entry in record["fields"].items()}
        links = {}
        for key, entry in record.get("relationships", {}).items():
            for side, one in (entry.get("directions") or {"": entry}).items():
                links[f"{key} {side}"] = sorted(set(one["values"]) & there)
        found[id_] = {"fields": fields, "links": links}
    for record in sandbox.records("list"):
        kind = record["fields"]["$objectType"]["value"].removeprefix("$")
        stream = {"account": "accounts", "contact": "contacts", "opportunity": "opportunities"}[kind]
        page = Workspace(sandbox).call("GET", "lists", record["id"], stream)
        found[record["id"]]["members"] = sorted(member["id"] for member in page["data"])
    return found


class Killed(BaseException):
    """The process is no more."""


@contextmanager
def killed_at(write: int | None, *, before: bool) -> Iterator[None]:
    """Kill what runs in the block at its n-th write: from then on nothing is sent and nothing is kept.

    Args:
        write: Which write; None for never.
        before: Whether that one is not sent any more; else it is sent, and its answer not seen.
    """
    send, transaction = Exchange.send, Database.transaction
    lock, left, is_over = threading.Lock(), [write], threading.Event()

    def sending(self: Exchange, request: Any) -> Any:
        with lock:
            if is_over.is_set():
                raise Killed
            is_last = False
            if request.method != "GET" and left[0] is not None:
                left[0] -= 1
                is_last = not left[0]
            if is_last:
                is_over.set()
        if is_last:
            if not before:
                send(self, request)
            raise Killed
        return send(self, request)

    @contextmanager
    def committing(self: Database) -> Iterator[Any]:
        if is_over.is_set():
            raise Killed
        with transaction(self) as connection:
            yield connection

    with mock.patch.object(Exchange, "send", sending), mock.patch.object(Database, "transaction", committing):
        try:
            yield
        except Killed:
            assert is_over.is_set()


def of_all_kinds(member: str) -> list[Json]:
    """A feed that creates, matches, changes, links, unlinks, and puts on lists and takes off them."""
    return [
        *rows(
            "accounts",
            {"id": "a", "name": "Acme Inc", "website": ["https://acme.example"], "owner_id": member},
            {"id": "n", "name": "New"},
        ),
        schema("accounts", "_sdc_deleted_at"),
        *rows(
            "contacts",
            {"id": "1", "email": ["ann@acme.example"], "title": None, "account_ids": ["n"]},
            {"id": "2", "email": ["new@x.example"], "account_ids": ["a", "n"]},
            {"id": "3", "email": ["bob@beta.example"], "title": "CFO"},
        ),
        *rows("opportunities", {"id": "o", "name": "Deal", "account_id": "n", "champion_id": "1"}),
        *rows("tasks", {"id": "t", "title": "Call", "status": "TODO", "assigned_to_id": member}),
        *rows("notes", {"id": "x", "title": "Note", "account_ids": ["a", "n"]}),
        *rows("lists", {"id": "v", "name": "VIPs", "object_type": "contact", "description": "Very"}),
        *rows("lists", {"id": "w", "name": "Others", "object_type": "account"}),
        schema("list_members", key=("list_id", "object_type", "record_id")),
        row("list_members", list_id="v", object_type="contact", record_id="2"),
        row("list_members", list_id="v", object_type="contact", record_id="3"),
        row("list_members", list_id="w", object_type="account", record_id="a"),
        *rows("object_subscription", {"id": "s", "name": "Plan"}),
        {"type": "STATE", "value": {"bookmarks": {"list_members": {"complete": {"rows": 3}}}}},
    ]


REPLACE = {"relationship_mode": "replace", "delete_mode": "trash"}


def by_content(sandbox: Sandbox) -> list[str]:
    """What a workspace holds, with what records are called in place of their ids."""
    there = held(sandbox)

    def name(id_: str) -> str:
        fields = there[id_]["fields"] if id_ in there else {}
        return str(next((fields[key] for key in ("$name", "$email", "$title") if fields.get(key)), id_))

    return sorted(
        json.dumps(
            [
                sorted((key, str(value)) for key, value in record["fields"].items()),
                sorted((key, sorted(map(name, ids))) for key, ids in record["links"].items()),
                sorted(map(name, record.get("members", []))),
            ]
        )
        for record in there.values()
    )
