"""What a dry run and a verification of many rows cost beside listing their records at the limit.

Run: python -m benchmarks.verify_speed [--contacts 100000] [--json FILE] [--quick]

The workspace is seeded, and its own contacts are the feed. A first load without limit takes them up into an
id map; then everything is done at the default limit.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from benchmarks.measure import Server, Taken, run, sandbox, table

LIMIT, PAGE = 25, 25
_TARGET = str(Path(sys.executable).with_name("target-lightfield"))
_COLUMNS = {"$name": "name", "$email": "email", "$title": "title"}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    parser.add_argument("--quick", action="store_true", help="2,500 contacts")
    options = parser.parse_args()
    results = measure(2_500 if options.quick else options.contacts)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


def measure(contacts: int) -> dict[str, Any]:
    """Verify all, then foresee that all change and that a hundredth does."""
    taken: dict[str, Taken] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with sandbox(contacts=contacts, trashed=0, rate_limit=0) as server:
            rows = list(_rows(server, contacts))
            feed = _feed(folder / "feed.jsonl", rows)
            run(_target(server, folder), server, category="search", stdin=feed)
        every = _feed(folder / "every.jsonl", rows, changed=1)
        some = _feed(folder / "some.jsonl", rows, changed=100)
        with sandbox(contacts=contacts, trashed=0, rate_limit=LIMIT) as server:
            for what, source, settings in (
                ("verification", feed, {"verify": True}),
                ("dry run, a hundredth changed", some, {"dry_run": True}),
                ("dry run, all changed", every, {"dry_run": True}),
            ):
                command = _target(server, folder, report_path=f"{folder}/report", **settings)
                taken[what] = run(command, server, category="search", stdin=source)
    listing = contacts / PAGE / LIMIT
    table(
        f"{contacts:,} rows against {contacts:,} contacts, whose list takes {listing:.0f} s at the limit",
        [
            {
                "what": what,
                "seconds": one.seconds,
                "times the listing": one.seconds / listing,
                "list calls": one.calls,
                "CPU seconds": one.cpu_seconds,
                "peak MiB": one.peak_mib,
            }
            for what, one in taken.items()
        ],
    )
    return {what: one.as_json() for what, one in taken.items()}


def _rows(server: Server, contacts: int) -> Iterator[dict[str, Any]]:
    """Yield the rows of all contacts, as Lightfield has them."""

    def page(offset: int) -> list[dict[str, Any]]:
        request = urllib.request.Request(f"{server.url}/v1/contacts?limit={PAGE}&offset={offset}")
        request.add_header("Authorization", f"Bearer {server.key}")
        request.add_header("Lightfield-Version", "2026-03-01")
        with urllib.request.urlopen(request) as answer:
            return list(json.load(answer)["data"])

    with ThreadPoolExecutor(4) as pool:
        for records in pool.map(page, range(0, contacts, PAGE)):
            for record in records:
                values = {column: record["fields"][key]["value"] for key, column in _COLUMNS.items()}
                name = values["name"] or {}
                values["name"] = {"first_name": name.get("firstName"), "last_name": name.get("lastName")}
                yield {"id": record["id"], **values}


def _feed(path: Path, rows: list[dict[str, Any]], changed: int = 0) -> Path:
    """Write the rows as a feed; every so manieth has another title."""
    with path.open("w") as file:
        properties: dict[str, Any] = {name: {} for name in ("id", *_COLUMNS.values())}
        schema = {"type": "SCHEMA", "stream": "contacts", "key_properties": ["id"]}
        print(json.dumps({**schema, "schema": {"properties": properties}}), file=file)
        for number, row in enumerate(rows):
            other = {"title": f"Changed {number}"} if changed and number % changed == 0 else {}
            print(json.dumps({"type": "RECORD", "stream": "contacts", "record": {**row, **other}}), file=file)
    return path


def _target(server: Server, folder: Path, **settings: Any) -> list[str]:
    path = folder / "config.json"
    own: dict[str, Any] = {
        "api_key": server.key,
        "api_url": server.url,
        "id_map": f"sqlite:///{folder}/id_map.db",
        "rejects_path": f"{folder}/rejects.jsonl",
        "left_over_path": f"{folder}/left_over.jsonl",
    }
    path.write_text(json.dumps({**own, **settings}))
    return [_TARGET, "--config", str(path)]


if __name__ == "__main__":
    main()
