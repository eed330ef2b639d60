"""The real tap on the files; ``python -m tests.migrations.csv.tap_run`` records the feeds."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.migrations.environments import environment

Json = dict[str, Any]

TAP = "tap-spreadsheets==1.1.2"
FILES = Path(__file__).with_name("files")
_WRITTEN = 1_780_000_000  # when, so that the feed says the same of it wherever it was checked out
# How each product writes its files: what stands between values, and the encoding.
FORMATS: Mapping[str, tuple[str, str]] = {
    "hubspot": (",", "utf-8"), "salesforce": (",", "utf-8"), "pipedrive": (",", "utf-8"),
    "attio": (",", "utf-8"), "google": (",", "utf-8"), "german": (";", "cp1252"), "french": (";", "utf-8"),
}  # fmt: skip
RECORDED = ("hubspot", "german")


def files_of(product: str) -> Sequence[Path]:
    """The files that a product exported."""
    return sorted(FILES.joinpath(product).glob("*.csv"))


def rows_of(product: str, path: Path) -> list[dict[str, str]]:
    """The rows of a file under its headers as they are, which is what tap-csv makes of it."""
    separator, encoding = FORMATS[product]
    with path.open(encoding=encoding, newline="") as file:
        return list(csv.DictReader(file, delimiter=separator))


def run_tap(product: str) -> list[Json]:
    """Run the tap on a product's files, a stream each, and return its messages.

    It reads UTF-8 alone: a file that Excel wrote in the encoding of Windows is saved anew before.
    """
    separator, encoding = FORMATS[product]
    with tempfile.TemporaryDirectory() as folder:
        files = []
        for path in files_of(product):
            copy = Path(folder, path.name)
            copy.write_bytes(path.read_bytes().decode(encoding).encode())
            os.utime(copy, (_WRITTEN, _WRITTEN))
            files.append(
                {"path": str(copy), "format": "csv", "table_name": path.stem, "delimiter": separator}
            )
        config = Path(folder, "config.json")
        config.write_text(json.dumps({"files": files}))
        command = [environment(TAP) / "tap-spreadsheets", "--config", config]
        env = {**os.environ, "PYTHONUTF8": "1"}
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stderr[-3000:]
        messages = [json.loads(line) for line in done.stdout.replace(folder, "/files").splitlines()]
    for message in messages:
        if "time_extracted" in message:
            message["time_extracted"] = "2026-11-01T00:00:00+00:00"
    return messages


def feed_of(product: str) -> Path:
    """Where the feed of a product's files is kept."""
    return Path(__file__).with_name(f"{product}.jsonl")


def record() -> None:
    """Run the tap, and keep what it writes."""
    for product in RECORDED:
        lines = (json.dumps(message, ensure_ascii=False) + "\n" for message in run_tap(product))
        feed_of(product).write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    record()
