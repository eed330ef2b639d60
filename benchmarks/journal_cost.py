"""What the journal costs a load, and how fast an undo is.

Run: python -m benchmarks.journal_cost [--json FILE] [--quick]

The same loads with a journal and without one, one after the other and several times: what counts is the ratio
of the CPU time. The undo is measured against Lightfield's limit.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.measure import Server, Taken, run, sandbox, table

RECORDS = 3_000
ROUNDS = 3
_PROGRAMS = Path(sys.executable).parent


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    parser.add_argument("--quick", action="store_true", help="a tenth of the records")
    options = parser.parse_args()
    scale = 10 if options.quick else 1
    results = {"cost": cost(RECORDS // scale), "undo": undo(1_000 // scale)}
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


def cost(records: int) -> dict[str, Any]:
    """Contacts that are created, and contacts that are changed: with a journal and without one."""
    taken: dict[tuple[str, int], list[float]] = {}
    for _ in range(ROUNDS):
        for days in (90, 0):
            with tempfile.TemporaryDirectory() as folder, sandbox(empty=True, rate_limit=0) as server:
                for what, title in (("created", "CTO"), ("changed", "CEO")):
                    feed = _feed(Path(folder), records, title)
                    one = run(_target(server, Path(folder), days), server, category="write", stdin=feed)
                    assert one.calls == records
                    taken.setdefault((what, days), []).append(one.cpu_seconds)
    results = {}
    for what in ("created", "changed"):
        with_one, without = (statistics.median(taken[what, days]) for days in (90, 0))
        results[what] = {
            "with": with_one / records * 10_000,
            "without": without / records * 10_000,
            "more": with_one / without - 1,
        }
    table(
        f"{records:,} contacts without limit and latency, the middle of {ROUNDS} rounds",
        [
            {
                "contacts": what,
                "CPU s per 10,000 with a journal": one["with"],
                "without one": one["without"],
                "% more": 100 * one["more"],
            }
            for what, one in results.items()
        ],
    )
    return results


def undo(records: int) -> dict[str, Any]:
    """A load of contacts undone at the usual limit and 200 ms latency, beside the load."""
    taken: dict[str, Taken] = {}
    with tempfile.TemporaryDirectory() as folder, sandbox(empty=True, latency_ms=200) as server:
        for what, title in (("created", "CTO"), ("changed", "CEO")):
            feed = _feed(Path(folder), records, title)
            command = _target(server, Path(folder), 90)
            taken[f"load, {what}"] = run(command, server, category="write", stdin=feed)
        program = str(_PROGRAMS / "lightfield-migration")
        config = ["--config", str(Path(folder) / "config.json")]
        for number, what in ((2, "changed"), (1, "created")):
            command = [program, "undo", str(number), "--yes", *config]
            taken[f"undo, {what}"] = run(command, server, category="write")
    table(
        f"{records:,} contacts at 25 requests a second and 200 ms latency",
        [
            {
                "run": name,
                "seconds": one.seconds,
                "writes": one.calls,
                "of the budget": one.calls / one.seconds / 25,
                "429": one.refused,
            }
            for name, one in taken.items()
        ],
    )
    return {name: one.as_json() for name, one in taken.items()}


def _feed(folder: Path, records: int, title: str) -> Path:
    path = folder / "feed.jsonl"
    with path.open("w") as file:
        for message in _messages(records, title):
            print(json.dumps(message), file=file)
    return path


def _messages(records: int, title: str) -> Iterator[dict[str, Any]]:
    names = ("id", "name", "email", "title")
    schema = {"properties": {name: {} for name in names}}
    yield {"type": "SCHEMA", "stream": "contacts", "key_properties": ["id"], "schema": schema}
    for n in range(records):
        record = {
            "id": f"c{n}",
            "name": {"first_name": f"First {n}", "last_name": f"Last {n}"},
            "email": [f"person-{n}@x.example"],
            "title": title,
        }
        yield {"type": "RECORD", "stream": "contacts", "record": record}


def _target(server: Server, folder: Path, days: int) -> list[str]:
    path = folder / "config.json"
    settings: dict[str, Any] = {
        "api_key": server.key,
        "api_url": server.url,
        "id_map": f"sqlite:///{folder}/id_map.db",
        "rejects_path": f"{folder}/rejects.jsonl",
        "left_over_path": f"{folder}/left_over.jsonl",
        "keep_journal_days": days,
    }
    path.write_text(json.dumps(settings))
    return [str(_PROGRAMS / "target-lightfield"), "--config", str(path)]


if __name__ == "__main__":
    main()
