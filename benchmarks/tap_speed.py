"""The tap beside a sequential RESTStream tap and a plain requests loop, against the sandbox.

Run: python -m benchmarks.tap_speed [--json FILE] [--quick]

Every figure comes from this run, on this machine: what counts are the ratios.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import Server, Taken, run, sandbox, table

LIMIT = 25
_NOTHING_ELSE = {"accounts": 100, "opportunities": 0, "tasks": 0, "notes": 0, "meetings": 0}
_NONE = {"messages": 0, "channels": 0, "lists": 0, "files": 0, "custom_objects": 0, "trashed": 0}
NO_OTHERS = {"emails": 0, **_NOTHING_ELSE, **_NONE}
_TAP = [str(Path(sys.executable).with_name("tap-lightfield"))]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    parser.add_argument("--quick", action="store_true", help="a tenth of the records, no large workspaces")
    options = parser.parse_args()
    scale = 10 if options.quick else 1
    results: dict[str, Any] = {"limited": limited(10_000 // scale), "unlimited": unlimited(20_000 // scale)}
    results["incremental"] = incremental(100_000 // scale)
    results["emails"] = emails(20_000 // scale)
    if not options.quick:
        results["memory"] = memory([100_000, 1_000_000])
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


def limited(contacts: int) -> dict[str, Any]:
    """At the default limit and 200 ms latency."""
    with sandbox(contacts=contacts, latency_ms=200, **NO_OTHERS) as server:
        taken = _all_three(server)
    table(
        f"{contacts:,} contacts at {LIMIT} requests a second and 200 ms latency",
        [
            {
                "reader": name,
                "seconds": one.seconds,
                "pages/s": one.calls_per_second,
                "of the budget": one.calls_per_second / LIMIT,
                "429": one.refused,
                "times the sequential": taken["sequential tap"].seconds / one.seconds,
                "peak MiB": one.peak_mib,
            }
            for name, one in taken.items()
        ],
    )
    return {name: one.as_json() for name, one in taken.items()}


def unlimited(contacts: int) -> dict[str, Any]:
    """With limits and latency off: what the reader itself costs."""
    with sandbox(contacts=contacts, rate_limit=0, **NO_OTHERS) as server:
        taken = _all_three(server)
    table(
        f"{contacts:,} contacts without limit and latency",
        [
            {
                "reader": name,
                "records/s": contacts / one.seconds,
                "CPU s per 10,000": one.cpu_seconds / contacts * 10_000,
                "peak MiB": one.peak_mib,
            }
            for name, one in taken.items()
        ],
    )
    return {name: one.as_json() for name, one in taken.items()}


def incremental(contacts: int) -> dict[str, Any]:
    """A second run, with the first one's state, of a workspace in which nothing has changed."""
    with (
        sandbox(contacts=contacts, rate_limit=0, **NO_OTHERS) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        command = tap_command(server, Path(folder), "contacts")
        state = Path(folder, "state.json")
        state.write_text(_last_state(command))
        taken = run([*command, "--state", str(state)], server, category="search")
    _one_row(f"An incremental run of {contacts:,} unchanged contacts", taken)
    return taken.as_json()


def emails(count: int) -> dict[str, Any]:
    """An incremental run of an archive of emails, one in a hundred of them new."""
    with (
        sandbox(contacts=0, emails=count, rate_limit=0, **_NOTHING_ELSE, **_NONE) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        command = tap_command(server, Path(folder), "emails")
        full = run(command, server, category="search")
        state = Path(folder, "state.json")
        state.write_text(
            json.dumps({"bookmarks": {"emails": _bookmark_before_newest(command, count // 100)}})
        )
        taken = run([*command, "--state", str(state)], server, category="search")
    new = f"{count // 100:,} of them new ({full.calls:,} calls for all)"
    _one_row(f"An incremental run of {count:,} emails, {new}", taken)
    return taken.as_json() | {"calls_for_all": full.calls}


def memory(sizes: list[int]) -> dict[str, Any]:
    """Peak memory must not depend on the size of the list."""
    rows: list[dict[str, object]] = []
    for contacts in sizes:
        with (
            sandbox(contacts=contacts, rate_limit=0, **NO_OTHERS) as server,
            tempfile.TemporaryDirectory() as folder,
        ):
            taken = run(tap_command(server, Path(folder), "contacts"), server, category="search")
        rows.append({"contacts": contacts, "peak MiB": taken.peak_mib, "records/s": contacts / taken.seconds})
    table("Peak memory", rows)
    return {str(row["contacts"]): row["peak MiB"] for row in rows}


def _all_three(server: Server) -> dict[str, Taken]:
    with tempfile.TemporaryDirectory() as folder:
        tap = tap_command(server, Path(folder), "contacts")
        config, catalog = tap[2], tap[4]
        return {
            "tap-lightfield": run(tap, server, category="search"),
            "sequential tap": run(
                [sys.executable, "-m", "benchmarks.sequential_tap", config, catalog],
                server,
                category="search",
            ),
            "requests loop": run(
                [sys.executable, "-m", "benchmarks.requests_loop", config], server, category="search"
            ),
        }


def tap_command(server: Server, folder: Path, stream: str) -> list[str]:
    """Return the command that reads one stream."""
    config, catalog = folder / "config.json", folder / "catalog.json"
    config.write_text(json.dumps({"api_key": server.key, "api_url": server.url}))
    found = subprocess.run(
        [*_TAP, "--config", str(config), "--discover"],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    streams = [entry for entry in json.loads(found.stdout)["streams"] if entry["stream"] == stream]
    catalog.write_text(json.dumps({"streams": streams}))
    return [*_TAP, "--config", str(config), "--catalog", str(catalog)]


def _last_state(command: list[str]) -> str:
    last = b""
    for line in _lines(command):
        last = line if b'"type":"STATE"' in line else last
    return json.dumps(json.loads(last)["value"])


def _bookmark_before_newest(command: list[str], new: int) -> dict[str, str]:
    rows = (json.loads(line) for line in _lines(command) if b'"type":"RECORD"' in line)
    newest_first = sorted((row["record"]["created_at"] for row in rows), reverse=True)
    return {"replication_key": "updated_at", "replication_key_value": newest_first[new]}


def _lines(command: list[str]) -> Iterator[bytes]:
    # One by one: a process begins with the peak memory of the one that starts it.
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        yield from process.stdout


def _one_row(title: str, taken: Taken) -> None:
    table(
        title,
        [
            {
                "seconds": taken.seconds,
                "list calls": taken.calls,
                "records": taken.lines,
                "peak MiB": taken.peak_mib,
            }
        ],
    )


if __name__ == "__main__":
    main()
