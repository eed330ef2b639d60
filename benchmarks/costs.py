"""What runs cost in calls and minutes: computed, by rules that a test holds to counted runs.

Run: python -m benchmarks.costs

Of N records a tenth are accounts, the others contacts that refer to one. Lightfield grants 25 requests a
second in each category, of which the plugins use 24.5.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

SIZES = (10_000, 100_000, 1_000_000)
RUNS = ("read whole", "read incrementally", "first load", "the same again")
PER_SECOND = 24.5
UNCHANGED_PER_SECOND = 2_400
"""Unchanged records that the target passes over in a second: measured, docs/benchmarks.md."""

_PAGE = 25
_OVERLAP = 1
_DISCOVERY = {"read": 9, "search": 1}
_OF_THE_TAP = {"read": 3}
_OF_A_FIRST_LOAD = {"read": 17, "search": 4}
_OF_A_RERUN = {"read": 7}
_TITLES = ("run", "records", "lists", "other reads", "writes", "minutes")


def calls(run: str, records: int) -> Mapping[str, int]:
    """Return the calls of a run by their rate-limit category.

    Args:
        run: One of ``RUNS``.
        records: How many records are in the workspace, or in the feed.
    """
    if run == "first load":
        return {**_OF_A_FIRST_LOAD, "write": records}
    if run == "the same again":
        return {"search": 0, **_OF_A_RERUN, "write": 0}
    # No list has a filter on the time of change: an incremental run reads what a whole one reads.
    accounts = records // 10
    lists = pages(accounts) + pages(records - accounts) + _DISCOVERY["search"]
    return {"search": lists, "read": _DISCOVERY["read"] + _OF_THE_TAP["read"], "write": 0}


def pages(records: int) -> int:
    """Return the calls that reading a list takes: each page begins with the last record of the one before."""
    return max(records - 1, 0) // (_PAGE - _OVERLAP) + 1


def minutes(run: str, records: int) -> float:
    """Return how long a run takes where Lightfield's budget is what it waits for."""
    if run == "the same again":
        return records / UNCHANGED_PER_SECOND / 60
    return max(calls(run, records).values()) / PER_SECOND / 60  # the categories have budgets of their own


def lines() -> Iterator[str]:
    """Yield the table of docs/operations.md."""
    yield _row(_TITLES)
    yield "|---" * len(_TITLES) + "|"
    for run in RUNS:
        for records in SIZES:
            found = calls(run, records)
            counts = [f"{found[kind]:,}" for kind in ("search", "read", "write")]
            yield _row([run, f"{records:,}", *counts, _duration(minutes(run, records))])


def write_feed(path: Path, records: int) -> None:
    """Write a Singer feed of so many accounts and contacts."""
    with path.open("w", encoding="utf-8") as feed:
        for message in _messages(records):
            feed.write(json.dumps(message) + "\n")


def _messages(records: int) -> Iterator[Mapping[str, Any]]:
    accounts = records // 10
    yield _schema("accounts", "name", "website")
    for n in range(accounts):
        website = f"https://company-{n}.example"
        yield _record("accounts", id=f"a{n}", name=f"Company {n}", website=[website])
    yield _schema("contacts", "name", "email", "account_ids")
    for n in range(records - accounts):
        company = n % max(accounts, 1)
        yield _record(
            "contacts",
            id=f"c{n}",
            name={"first_name": "Maëlle", "last_name": f"Le Goff {n}"},
            email=[f"person-{n}@company-{company}.example"],
            account_ids=[f"a{company}"] if accounts else [],
        )


def _schema(stream: str, *columns: str) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = {name: {} for name in ("id", *columns)}
    schema = {"properties": properties}
    return {"type": "SCHEMA", "stream": stream, "schema": schema, "key_properties": ["id"]}


def _record(stream: str, **columns: object) -> Mapping[str, Any]:
    return {"type": "RECORD", "stream": stream, "record": columns}


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _duration(amount: float) -> str:
    if amount < 1:
        return "under 1"
    if amount < 90:
        return str(math.ceil(amount))
    return f"{math.ceil(amount):,} ({amount / 60:.1f} h)"


if __name__ == "__main__":
    print("\n".join(lines()))
