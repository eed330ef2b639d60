"""A full sweep into real Postgres: what a workspace has lost goes from the tables, and only then."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from lightfield import Lightfield

from demo.pipeline import REPOSITORY
from demo.postgres import Postgres
from lightfield_sandbox.http.server import Sandbox

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("meltano"),
    pytest.mark.usefixtures("installed_plugins"),
]

STREAMS = {
    "accounts": "account",
    "contacts": "contact",
    "members": "member",
    "object_subscription": "subscription",
}
_PLUGINS = REPOSITORY / ".demo" / "plugins"
_TARGET = _PLUGINS / "loaders" / "target-postgres" / "venv" / "bin" / "target-postgres"
_numbers = itertools.count(1)


class Warehouse:
    """A schema in Postgres, and the runs that fill it, each from the state of the one before."""

    def __init__(self, server: Postgres, crm: Sandbox, folder: Path) -> None:
        self._server, self._crm, self._folder = server, crm, folder
        self._schema = f"sweep_{next(_numbers)}"
        self._state: Any = {}

    def read(self, **settings: Any) -> list[str]:
        """What the tap writes."""
        (self._folder / "state.json").write_text(json.dumps(self._state))
        config = {"api_key": self._crm.key, "api_url": self._crm.url, "lookback_window": 0, **settings}
        tap = Path(sys.executable).with_name("tap-lightfield")
        return _run([tap, "--state", "state.json"], config, self._folder).splitlines(keepends=True)

    def load(self, lines: list[str]) -> None:
        """Load what the tap wrote, and keep the state."""
        config = {
            "sqlalchemy_url": self._server.sqlalchemy_url,
            "default_target_schema": self._schema,
            "hard_delete": True,
        }
        states = _run([_TARGET], config, self._folder, "".join(lines)).splitlines()
        self._state = json.loads(states[-1]) if states else self._state

    def column(self, table: str, column: str = "id") -> set[Any]:
        return {value for (value,) in self._server.rows(f"SELECT {column} FROM {self._schema}.{table}")}

    def equals(self, stream: str) -> bool:
        return self.column(stream) == {r["id"] for r in self._crm.records(STREAMS[stream])}


def test_what_was_merged_purged_or_trashed_goes_with_a_whole_sweep_and_with_nothing_else(
    start_sandbox: Callable[..., Sandbox], postgres_server: Postgres, tmp_path: Path
) -> None:
    crm = start_sandbox(accounts=60, contacts=60, opportunities=10, custom_objects=8, lists=3)
    warehouse = Warehouse(postgres_server, crm, tmp_path)
    warehouse.load(warehouse.read())
    assert all(map(warehouse.equals, STREAMS))

    gone = _lose_records(crm)
    warehouse.load(warehouse.read())  # a daily run
    for stream, lost in gone.items():
        assert lost <= warehouse.column(stream), stream

    sweep = [*STREAMS, "lists", "list_members"]
    lines = warehouse.read(full_sweep=sweep)
    end = next(n for n, line in enumerate(lines) if '"ACTIVATE_VERSION"' in line and '"accounts"' in line)
    warehouse.load(lines[:end])  # as far as it came that was killed before its end
    for stream, lost in gone.items():
        assert lost <= warehouse.column(stream), stream

    warehouse.load(lines)
    assert all(map(warehouse.equals, STREAMS))
    assert warehouse.column("list_members", "list_id || record_id") == _members_in(lines)
    assert warehouse.column("tasks") == {r["id"] for r in crm.records("task")}

    # What later runs bring belongs to the version too, until the next sweep: then it has to come again.
    contact = crm.records("contact")[3]["id"]
    api = Lightfield(api_key=crm.key, base_url=crm.url)
    api.contact.update(contact, fields={"$title": "Changed by day"})
    warehouse.load(warehouse.read())
    api.contact.delete(contact, body={})
    warehouse.load(warehouse.read(full_sweep=sweep))
    assert contact not in warehouse.column("contacts")
    assert all(map(warehouse.equals, STREAMS))


def _lose_records(crm: Sandbox) -> dict[str, set[str]]:
    """Trash an account, merge two contacts and purge a custom object; return what is no longer there."""
    api = Lightfield(api_key=crm.key, base_url=crm.url)
    account = crm.records("account")[5]["id"]
    api.account.delete(account, body={})
    primary, duplicate = (r["id"] for r in crm.records("contact")[:2])
    api.merge.merge_contacts(primary_id=primary, duplicate_id=duplicate)
    custom = crm.records("subscription")[2]["id"]
    api.object.delete(custom, entity_slug="subscription", body={})
    gone = {"accounts": {account}, "contacts": {duplicate}, "object_subscription": {custom}}
    for stream, ids in gone.items():
        assert not ids & {r["id"] for r in crm.records(STREAMS[stream])}
    return gone


def _members_in(lines: list[str]) -> set[str]:
    messages = [json.loads(line) for line in lines]
    rows = [m["record"] for m in messages if m["type"] == "RECORD" and m["stream"] == "list_members"]
    return {row["list_id"] + row["record_id"] for row in rows}


def _run(command: list[Any], config: dict[str, Any], folder: Path, feed: str = "") -> str:
    (folder / "config.json").write_text(json.dumps(config))
    done = subprocess.run(
        [*command, "--config", "config.json"],
        input=feed, cwd=folder, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout
