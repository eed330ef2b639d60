"""What waits is read in pieces: a run takes no more memory for more of it."""

from __future__ import annotations

import json
import sqlite3
import tracemalloc
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.target.target_runs import Setup, rows

MIB = 1 << 20
MOST = 20 * MIB
MANY = 1500
PADDING = "x" * 20_000  # of each row: all of them together are 30 MB


def held(stream: str, key: list[str], rows: Iterable[dict[str, Any]]) -> list[tuple[str, ...]]:
    """Rows of the id map's table of records that wait."""
    kept = []
    for one in rows:
        values = [one[name] for name in key]
        source_key = str(values[0]) if len(values) == 1 else json.dumps(values)
        kept.append((stream, source_key, json.dumps(key), json.dumps({**one, "padding": PADDING})))
    return kept


OPPORTUNITIES = held("opportunities", ["id"], ({"id": n, "account_id": "never"} for n in range(MANY)))
LIST_MEMBERS = held(
    "list_members",
    ["list_id", "object_type", "record_id"],
    ({"list_id": f"never {n % 7}", "object_type": "account", "record_id": n} for n in range(MANY)),
)
# Each of a record and with a member of its own.
LINKS = [("accounts", f"a{n}", "$owner", f"{n:05} {PADDING[:4000]}") for n in range(5 * MANY)]


def keep(target: Setup, table: str, kept: Iterable[tuple[str, ...]]) -> None:
    """Let the id map have rows that wait, as earlier runs leave them."""
    target.loaded(rows("accounts", {"id": "a", "name": "A"}))
    with closing(sqlite3.connect(target.id_map_path)) as database, database:
        database.executemany(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", kept)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "kept"),
    [
        ("lightfield_waiting_records", OPPORTUNITIES),
        ("lightfield_waiting_records", LIST_MEMBERS),
        ("lightfield_waiting_links", LINKS),
    ],
    ids=["records", "list members", "links"],
)
def test_a_run_takes_no_more_memory_for_what_waits(
    target: Setup, tmp_path: Path, table: str, kept: list[tuple[str, ...]]
) -> None:
    keep(target, table, kept)

    tracemalloc.start()
    try:
        before, _ = tracemalloc.get_traced_memory()
        outcome = target.loaded(
            rows("accounts", {"id": "a", "name": "A"}),
            max_concurrency=1,
            relationship_mode="replace",
            report_path=str(tmp_path / "report.json"),
        )
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak - before < MOST
    report: dict[str, Any] = json.loads((tmp_path / "report.json").read_text())
    if table == "lightfield_waiting_links":
        assert report["waiting_links"]["count"] == report["missing_members_count"] == len(kept)
        assert len(report["missing_members"]) == 1000
    else:
        assert outcome.count(kept[0][0]) == {"waiting": len(kept)}
    assert len(target.table(table)) == len(kept)
