"""What a run costs in calls and minutes, computed from what docs/benchmarks.md measured."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

CONTACTS = 80_000
COLUMNS = ("run", "calls", "minutes")

_PER_SECOND = 25  # requests of each category, which Lightfield grants


def rows(benchmarks: str, contacts: int = CONTACTS) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of the table of runs.

    Args:
        benchmarks: The text of docs/benchmarks.md.
        contacts: How many contacts there are.
    """
    lists = math.ceil(contacts * _measured(benchmarks, r"has changed takes ([\d,]+) list calls") / 100_000)
    reading = _measured(benchmarks, r"\| tap-lightfield \| [\d.]+ \| [\d.]+ \| ([\d.]+) \|")
    writing = _measured(benchmarks, r"\| target-lightfield \| \d+ \| [\d,]+ \| ([\d.]+) \|")
    unchanged = _measured(benchmarks, r"\| the same again, unchanged \| ([\d,]+) \| 0 \| [\d.]+ \| \d+ \|")
    swept = f"{lists:,}", f"{lists / (_PER_SECOND * reading) / 60:.1f}"
    yield "the first one of the tap", *swept
    yield "each later one of the tap, if nothing has changed", *swept
    yield "the first load of the target", f"{contacts:,}", f"{contacts / (_PER_SECOND * writing) / 60:.1f}"
    yield "the same load again", "0", f"{contacts / unchanged / 60:.1f}"


def _measured(benchmarks: str, pattern: str) -> float:
    found = re.search(pattern, benchmarks)
    if found is None:
        raise ValueError(f"docs/benchmarks.md has nothing like {pattern}")
    return float(found[1].replace(",", ""))
