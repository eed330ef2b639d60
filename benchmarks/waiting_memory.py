"""What waits in the id map, and what a run needs for it in memory.

Run: python -m benchmarks.waiting_memory [--json FILE] [--quick]

A run with nothing that waits, one with some, one with ten times as many, each in a process of its own: what
counts is the ratio of the last two.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

from benchmarks.measure import Server, Taken, run, sandbox, table

FEW = 20_000
_TARGET = str(Path(sys.executable).with_name("target-lightfield"))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    parser.add_argument("--quick", action="store_true", help="a tenth of the records")
    options = parser.parse_args()
    few = FEW // 10 if options.quick else FEW
    results = {name: measure(name, rows, few) for name, rows in _WAITING.items()}
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


def measure(name: str, statement: str, few: int) -> dict[str, Any]:
    """What a run takes while none, few and ten times as many of something wait."""
    taken: dict[int, Taken] = {}
    for number in (0, few, few * 10):
        with tempfile.TemporaryDirectory() as folder, sandbox(empty=True, rate_limit=0) as server:
            command = [_TARGET, "--config", str(_config(server, Path(folder)))]
            feed = Path(folder) / "feed.jsonl"
            feed.write_text(_FEED)
            run(command, server, category="write", stdin=feed)  # which makes the id map
            with closing(sqlite3.connect(Path(folder) / "id_map.db")) as database, database:
                database.executemany(statement, _rows(name, number))
            taken[number] = run(command, server, category="write", stdin=feed)
    table(
        f"{name} that wait",
        [
            {
                "waiting": number,
                "seconds": one.seconds,
                "peak MiB": one.peak_mib,
                "times the fewer": one.peak_mib / taken[few].peak_mib,
            }
            for number, one in taken.items()
        ],
    )
    return {str(number): one.as_json() for number, one in taken.items()}


def _rows(name: str, number: int) -> Iterator[tuple[str, ...]]:
    for n in range(number):
        if name == "opportunities":
            row = {"id": f"d{n}", "name": f"Deal {n}", "account_id": f"never {n % 1000}", "amount": n}
            yield name, f"d{n}", '["id"]', json.dumps(row)
        elif name == "list_members":
            row = {"list_id": f"never {n % 10}", "object_type": "account", "record_id": f"a{n}"}
            yield name, json.dumps(list(row.values())), json.dumps(list(row)), json.dumps(row)
        else:
            yield "accounts", f"a{n}", "$owner", f"never-{n % 1000}@example.com"


_RECORD = "INSERT INTO lightfield_waiting_records VALUES (?, ?, ?, ?)"
_WAITING = {
    "opportunities": _RECORD,
    "list_members": _RECORD,
    "links": "INSERT INTO lightfield_waiting_links VALUES (?, ?, ?, ?)",
}
_FEED = """\
{"type": "SCHEMA", "stream": "accounts", "schema": {"properties": {"name": {}}}, "key_properties": ["id"]}
{"type": "RECORD", "stream": "accounts", "record": {"id": "a", "name": "A"}}
"""


def _config(server: Server, folder: Path) -> Path:
    path = folder / "config.json"
    settings: dict[str, Any] = {
        "api_key": server.key,
        "api_url": server.url,
        "id_map": f"sqlite:///{folder}/id_map.db",
        "rejects_path": f"{folder}/rejects.jsonl",
        "report_path": f"{folder}/report",
    }
    path.write_text(json.dumps(settings))
    return path


if __name__ == "__main__":
    main()
