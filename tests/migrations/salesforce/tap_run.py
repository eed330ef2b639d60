"""Running the real tap against the stand-in, and recording its feed.

To record it again: ``python -m tests.migrations.salesforce.tap_run``.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from demo.pipeline import REPOSITORY
from tests.migrations.environments import environment, stand_ins
from tests.migrations.salesforce.stand_in import CLIENT, HOST, REFRESH_TOKEN, SECRET, Org, StandIn

Json = dict[str, Any]

TAP = "tap-salesforce==2.8.1"
EXAMPLE = REPOSITORY / "examples" / "salesforce"
RECORDED = Path(__file__).with_name("feed.jsonl")
CONFIG: Json = {
    "client_id": CLIENT,
    "client_secret": SECRET,
    "refresh_token": REFRESH_TOKEN,
    "start_date": "2019-01-01T00:00:00Z",
    "api_type": "REST",
    "select_fields_by_default": True,
}
_EXTRACTED, _VERSION = "2026-11-01T00:00:00.000000Z", 1793491200000


class Tap:
    """The tap with its configuration, which it rewrites where the refresh token is another one."""

    def __init__(self, stand_in: StandIn, folder: Path) -> None:
        self._stand_in = stand_in
        self._folder = folder
        self.config_path = folder / "config.json"
        self.config_path.write_text(json.dumps(CONFIG))

    def discover(self) -> Json:
        """Return the catalog, its streams in the order of this discovery."""
        catalog: Json = json.loads(self._run("--discover"))
        return catalog

    def sync(self, catalog: Json, state: Mapping[str, Any] | None = None) -> list[Json]:
        """Return what it writes, with the times of this run fixed."""
        for name, content in (("catalog", catalog), ("state", state or {})):
            (self._folder / f"{name}.json").write_text(json.dumps(content))
        options = ("--properties", self._folder / "catalog.json", "--state", self._folder / "state.json")
        return [_fixed(json.loads(line)) for line in self._run(*options).splitlines()]

    def _run(self, *options: str | Path) -> str:
        done = subprocess.run(
            [environment(TAP) / "tap-salesforce", "--config", self.config_path, *options],
            env={**os.environ, **stand_ins(**{HOST: self._stand_in.url})},
            capture_output=True, text=True, timeout=240, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-3000:]
        return done.stdout


def selected(catalog: Json, order: Callable[[str], Any] | None = None) -> Json:
    """Return a catalog of which every stream is selected, incremental where it can be.

    Args:
        catalog: The catalog.
        order: What the streams are sorted by; as discovered without it.
    """
    streams = catalog["streams"]
    for stream in streams:
        own = next(entry["metadata"] for entry in stream["metadata"] if not entry["breadcrumb"])
        keys = own.get("valid-replication-keys")
        own |= {"selected": True, "replication-method": "INCREMENTAL" if keys else "FULL_TABLE"}
        own |= {"replication-key": keys[0]} if keys else {}
    return {"streams": streams if order is None else sorted(streams, key=lambda s: order(s["stream"]))}


def run_tap(
    org: Org, order: Callable[[str], Any] | None = str, state: Mapping[str, Any] | None = None
) -> list[Json]:
    """Discover and sync all streams; return the messages.

    Args:
        org: The org.
        order: What the streams are sorted by: their names; None for the order of the discovery.
        state: The state of an earlier run.
    """
    with StandIn(org) as stand_in, tempfile.TemporaryDirectory() as folder:
        tap = Tap(stand_in, Path(folder))
        return tap.sync(selected(tap.discover(), order), state)


def recorded() -> list[Json]:
    """Return the recorded feed."""
    return [json.loads(line) for line in RECORDED.read_text(encoding="utf-8").splitlines()]


def record() -> None:
    """Run the tap, and keep what it writes."""
    lines = (json.dumps(message, ensure_ascii=False) + "\n" for message in run_tap(Org()))
    RECORDED.write_text("".join(lines), encoding="utf-8")


def _fixed(message: Json) -> Json:
    """Return a message with the times of the run in it replaced."""
    if "time_extracted" in message:
        message["time_extracted"] = _EXTRACTED
    if "version" in message:
        message["version"] = _VERSION
    if message["type"] == "SCHEMA":  # whose order is that of describe, but for unsupported columns
        message["schema"]["properties"] = dict(sorted(message["schema"]["properties"].items()))
    if message["type"] == "STATE":
        for bookmark in message["value"].get("bookmarks", {}).values():
            if "version" in bookmark:
                bookmark["version"] = _VERSION
        versions = message["value"].get("versions") or {}
        message["value"] |= {"versions": dict.fromkeys(versions, _VERSION)} if versions else {}
    return message


if __name__ == "__main__":
    record()
