"""What giving memory back to the system brings: the tap's peak over a long list, with and without it.

Run: python -m benchmarks.sweep_memory [--contacts N] [--json FILE]

The peak is the kernel's figure for the whole process, at its highest.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import run, sandbox, table
from benchmarks.tap_speed import NO_OTHERS, tap_command

_WITHOUT = "import lightfield_api.paging as p; p.trim = lambda: None; "
_READ = "from tap_lightfield.tap import TapLightfield; TapLightfield.cli()"


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--contacts", type=int, default=100_000)
    parser.add_argument("--json", type=Path, help="write the results to this file too")
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    with (
        sandbox(contacts=options.contacts, rate_limit=0, **NO_OTHERS) as server,
        tempfile.TemporaryDirectory() as folder,
    ):
        arguments = tap_command(server, Path(folder), "contacts")[1:]
        for name, code in (("given back", _READ), ("left to glibc", _WITHOUT + _READ)) * 2:
            taken = run([sys.executable, "-c", code, *arguments], server, category="search")
            rows.append(
                {
                    "memory is": name,
                    "peak MiB": taken.peak_mib,
                    "seconds": taken.seconds,
                    "CPU seconds": taken.cpu_seconds,
                }
            )
    table(f"A sweep of {options.contacts:,} contacts", rows)
    if options.json:
        options.json.write_text(json.dumps(rows, indent=2) + "\n")


if __name__ == "__main__":
    main()
