"""The target beside a sequential writer, against the sandbox.

Run: python -m benchmarks.target_speed [--json FILE] [--quick]

Every figure comes from this run, on this machine: what counts are the ratios.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.measure import Server, Taken, run, sandbox, table

LIMIT = 25
_TARGET = [str(Path(sys.executable).with_name("target-lightfield"))]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    parser.add_argument("--quick", action="store_true", help="a tenth of the records")
    options = parser.parse_args()
    scale = 10 if options.quick else 1
    results = {
        "limited": limited(5_000 // scale),
        "latencies": latencies(5_000 // scale),
        "unlimited": unlimited(100_000 // scale),
    }
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


def limited(contacts: int) -> dict[str, Any]:
    """At the default limit and 200 ms latency: a load, and the same load again."""
    with tempfile.TemporaryDirectory() as folder:
        feed = _feed(Path(folder), contacts)
        taken: dict[str, Taken] = {}
        with sandbox(empty=True, latency_ms=200) as server:
            command = _target(server, Path(folder))
            taken["target-lightfield"] = run(command, server, category="write", stdin=feed)
            taken["the same again"] = run(command, server, category="write", stdin=feed)
        with sandbox(empty=True, latency_ms=200) as server:
            config = _config(server, Path(folder))
            writer = [sys.executable, "-m", "benchmarks.sequential_writer", str(config)]
            taken["sequential writer"] = run(writer, server, category="write", stdin=feed)
    table(
        f"{contacts:,} contacts and their accounts at {LIMIT} writes a second and 200 ms latency",
        [
            {
                "writer": name,
                "seconds": one.seconds,
                "writes": one.calls,
                "of the budget": one.calls_per_second / LIMIT,
                "429": one.refused,
                "times the sequential": taken["sequential writer"].seconds / one.seconds,
                "peak MiB": one.peak_mib,
            }
            for name, one in taken.items()
        ],
    )
    return {name: one.as_json() for name, one in taken.items()}


def latencies(contacts: int) -> dict[str, Any]:
    """At the default limit and a short and a long round trip: how much of the budget is used."""
    taken: dict[str, Taken] = {}
    for latency_ms in (20, 1000):
        with tempfile.TemporaryDirectory() as folder, sandbox(empty=True, latency_ms=latency_ms) as server:
            feed = _feed(Path(folder), contacts)
            taken[f"{latency_ms} ms"] = run(
                _target(server, Path(folder)), server, category="write", stdin=feed
            )
    table(
        f"{contacts:,} contacts and their accounts at {LIMIT} writes a second",
        [
            {
                "latency": name,
                "seconds": one.seconds,
                "writes": one.calls,
                "of the budget": one.calls_per_second / LIMIT,
                "429": one.refused,
            }
            for name, one in taken.items()
        ],
    )
    return {name: one.as_json() for name, one in taken.items()}


def unlimited(records: int) -> dict[str, Any]:
    """With limits and latency off: what the target itself costs, and what an unchanged rerun does."""
    with tempfile.TemporaryDirectory() as folder, sandbox(empty=True, rate_limit=0) as server:
        feed = _feed(Path(folder), records)
        command = _target(server, Path(folder))
        taken = {
            name: run(command, server, category="write", stdin=feed)
            for name in ("first load", "unchanged rerun")
        }
    table(
        f"{records:,} contacts and their accounts without limit and latency",
        [
            {
                "load": name,
                "records/s": records / one.seconds,
                "writes": one.calls,
                "CPU s per 10,000": one.cpu_seconds / records * 10_000,
                "peak MiB": one.peak_mib,
            }
            for name, one in taken.items()
        ],
    )
    return {name: one.as_json() for name, one in taken.items()}


def _feed(folder: Path, contacts: int) -> Path:
    """Write a feed of contacts, ten of them to an account."""
    path = folder / "feed.jsonl"
    text = {"type": ["string", "null"]}
    texts = {"type": "array", "items": {"type": "string"}}
    name = {"type": "object", "properties": {"first_name": text, "last_name": text}}
    schemas = {
        "accounts": {"id": text, "name": text, "website": texts},
        "contacts": {"id": text, "name": name, "email": texts, "account_ids": texts},
    }
    with path.open("w") as file:
        for stream, properties in schemas.items():
            message = {"type": "SCHEMA", "stream": stream, "key_properties": ["id"]}
            print(json.dumps({**message, "schema": {"properties": properties}}), file=file)
            for n in range(contacts // 10 if stream == "accounts" else contacts):
                record = _account(n) if stream == "accounts" else _contact(n)
                print(json.dumps({"type": "RECORD", "stream": stream, "record": record}), file=file)
    return path


def _account(n: int) -> dict[str, Any]:
    return {"id": f"a{n}", "name": f"Company {n}", "website": [f"https://company-{n}.example"]}


def _contact(n: int) -> dict[str, Any]:
    return {
        "id": f"c{n}",
        "name": {"first_name": f"First {n}", "last_name": f"Last {n}"},
        "email": [f"person-{n}@company-{n // 10}.example"],
        "account_ids": [f"a{n // 10}"],
    }


def _config(server: Server, folder: Path) -> Path:
    path = folder / "config.json"
    settings: dict[str, Any] = {
        "api_key": server.key,
        "api_url": server.url,
        "id_map": f"sqlite:///{folder}/id_map.db",
        "rejects_path": f"{folder}/rejects.jsonl",
    }
    path.write_text(json.dumps(settings))
    return path


def _target(server: Server, folder: Path) -> list[str]:
    return [*_TARGET, "--config", str(_config(server, folder))]


if __name__ == "__main__":
    main()
