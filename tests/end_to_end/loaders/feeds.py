"""What tap-lightfield writes of one workspace, read once for all loaders."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightfield_sandbox.http.server import Sandbox
from tests.tap import tap_runs
from tests.target.workspaces import Workspace

Json = dict[str, Any]

SOME = ("accounts", "contacts", "emails", "opportunities", "list_members")
"""The streams of the feeds that need not have all."""

AMOUNTS = (0.1, 0.2, 99999999.99)
"""What a float adds up to something else."""

NAME = 'Ünïcode & "quotes", commas,\nlines, \\N back\\slashes, 漢字 🙂'


@dataclass(frozen=True)
class Feed:
    """A file of Singer messages, and what is in it."""

    path: Path

    @property
    def messages(self) -> list[Json]:
        return [json.loads(line) for line in self.path.read_text().splitlines()]

    def schemas(self) -> Mapping[str, Json]:
        """The properties of each stream."""
        return {m["stream"]: m["schema"]["properties"] for m in self.messages if m["type"] == "SCHEMA"}

    def rows(self, stream: str) -> list[Json]:
        return [m["record"] for m in self.messages if m["type"] == "RECORD" and m["stream"] == stream]

    def counts(self) -> Mapping[str, int]:
        return Counter(m["stream"] for m in self.messages if m["type"] == "RECORD")

    def state(self) -> Json:
        return next(m["value"] for m in reversed(self.messages) if m["type"] == "STATE")  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Feeds:
    """The feeds of a workspace.

    Attributes:
        everything: Every stream that there can be, the trash included.
        flat: Some streams, flattened and with decimals.
        batched: The same streams in BATCH messages, unflattened.
        changes: What a later run brings, of some streams: an account was changed, another one trashed.
        sweep: A full sweep of the accounts after that, without the trash.
        changed: The id of the changed account.
        trashed: The id of the trashed one.
    """

    everything: Feed
    flat: Feed
    batched: Feed
    changes: Feed
    sweep: Feed
    changed: str
    trashed: str


def read_feeds(crm: Sandbox, folder: Path) -> Feeds:
    """Read a workspace, in every form, with records that are hard to load."""
    workspace = Workspace(crm)
    account = workspace.account(NAME)
    stage = next(iter(workspace.options("opportunities", "$stage").values()))
    for number, amount in enumerate(AMOUNTS):
        fields = {"$name": f"Exactly {number}", "$stage": stage, "$amount": amount}
        workspace.create("opportunities", fields, {"$account": account})
    everything = _read(
        crm, folder / "everything.jsonl",
        include_trashed=True, full_sweep=["accounts"], email_bodies=True, sequence_message_content=True,
        field_history={"opportunities": ["$stage"]}, workflow_run_ids=list(crm.workflow_runs()),
        file_download_dir=str(folder / "files"),
    )  # fmt: skip
    flat = _read(
        crm, folder / "flat.jsonl",
        flattening_enabled=True, flattening_max_depth=3, use_singer_decimal=True, only=SOME,
    )  # fmt: skip
    storage = {"root": f"file://{folder / 'batches'}", "prefix": "b-"}
    (folder / "batches").mkdir()
    encoding = {"format": "jsonl", "compression": "gzip"}
    batch_config = {"encoding": encoding, "storage": storage}
    batched = _read(crm, folder / "batched.jsonl", batch_config=batch_config, only=SOME)

    changed, trashed = (record["id"] for record in crm.records("account")[5:7])
    workspace.update("accounts", changed, {"$name": "Changed between the runs"})
    workspace.delete("accounts", trashed)
    changes = _read(
        crm, folder / "changes.jsonl", state=everything.state(), only=("accounts", "list_members"),
        include_trashed=True, lookback_window=0,
    )  # fmt: skip
    sweep = _read(
        crm, folder / "sweep.jsonl", state=changes.state(), only=("accounts",), full_sweep=["accounts"]
    )
    return Feeds(everything, flat, batched, changes, sweep, changed, trashed)


def _read(
    crm: Sandbox, path: Path, *, only: Sequence[str] = (), state: Json | None = None, **settings: Any
) -> Feed:
    config = {"api_key": crm.key, "api_url": crm.url, **settings}
    catalog = tap_runs.only(tap_runs.discover(config), *only) if only else None
    output = tap_runs.run(config, catalog=catalog, state=state)
    path.write_text("".join(json.dumps(message) + "\n" for message in output.messages))
    return Feed(path)
