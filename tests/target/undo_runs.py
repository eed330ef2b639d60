"""Loads and undos of one target, and what a workspace holds: all of it over HTTP."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from click.testing import CliRunner, Result

from target_lightfield.migration.cli import main
from tests.target.target_runs import Setup
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
