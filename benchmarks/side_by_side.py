"""What the tap and the target do to each other's rate budget: each alone, and both at once in one workspace.

Run: python -m benchmarks.side_by_side [--json FILE] [--quick]

The limit is the organization's: one key or two, there is one budget of each category. What counts is how long
each takes beside the other, to how long it takes alone, and how many requests are refused.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from benchmarks.costs import write_feed
from benchmarks.measure import Server, sandbox, table

CONTACTS = 20_000
WRITTEN = 800
_PROGRAMS = Path(sys.executable).parent
_LIMIT = 25


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    parser.add_argument("--quick", action="store_true", help="a tenth of the records")
    options = parser.parse_args()
    share = 10 if options.quick else 1
    results = measure(CONTACTS // share, WRITTEN // share)
    if options.json:
        options.json.write_text(json.dumps(results, indent=2) + "\n")


def measure(contacts: int, written: int) -> Sequence[Mapping[str, object]]:
    """Run the tap over so many contacts and the target with so many records, alone and together."""
    rows = []
    for running, ceiling in (
        (("tap",), None),
        (("target",), None),
        (("tap", "target"), None),
        (("tap", "target"), 12),
    ):
        with (
            tempfile.TemporaryDirectory() as folder,
            sandbox(empty=True, contacts=contacts, rate_limit=_LIMIT, latency_ms=100) as server,
            ThreadPoolExecutor() as threads,
        ):
            commands = {name: _command(name, Path(folder), server, written, ceiling) for name in running}
            server.reset()
            taken = {name: threads.submit(_seconds, *command) for name, command in commands.items()}
            seconds = {name: future.result() for name, future in taken.items()}
            answers = server.stats()["requests"]
        rows.append(
            {
                "running": " and ".join(running),
                "requests_per_second": ceiling or "",
                "tap, s": seconds.get("tap", ""),
                "target, s": seconds.get("target", ""),
                **{name: sum(answers.get(name, {}).values()) for name in ("search", "read", "write")},
                "429": sum(statuses.get("429", 0) for statuses in answers.values()),
            }
        )
    table(f"{contacts:,} contacts read, {written:,} records written, {_LIMIT} requests a second", rows)
    return rows


def _command(
    name: str, folder: Path, server: Server, written: int, ceiling: float | None
) -> tuple[Sequence[str | Path], Path | None]:
    config = folder / f"{name}.json"
    settings = {"api_key": server.key, "api_url": server.url}
    if ceiling:
        settings |= {"requests_per_second": ceiling}
    if name == "target":
        settings |= {
            "id_map": f"sqlite:///{folder}/id_map.db",
            "rejects_path": f"{folder}/rejects.jsonl",
            "left_over_path": f"{folder}/left_over.jsonl",
        }
        write_feed(folder / "feed.jsonl", written)
    config.write_text(json.dumps(settings))
    program = [_PROGRAMS / f"{name}-lightfield", "--config", config]
    if name == "target":
        return program, folder / "feed.jsonl"
    found = subprocess.run([*program, "--discover"], stdout=subprocess.PIPE, check=True, text=True)
    catalog = json.loads(found.stdout)
    catalog["streams"] = [stream for stream in catalog["streams"] if stream["stream"] == "contacts"]
    (folder / "catalog.json").write_text(json.dumps(catalog))
    return [*program, "--catalog", folder / "catalog.json"], None


def _seconds(command: Sequence[str | Path], feed: Path | None) -> float:
    began = time.monotonic()
    with (feed or Path("/dev/null")).open() as source:
        subprocess.run(
            command, stdin=source, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True
        )
    return time.monotonic() - began


if __name__ == "__main__":
    main()
