"""Tap to loader, with the loaders' own code: docs/loaders.md says what arrives, and this is how it knows."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from demo.postgres import Postgres
from lightfield_sandbox.http.server import Sandbox
from lightfield_sandbox.settings import Settings
from tests.end_to_end.loaders import documented, loaders
from tests.end_to_end.loaders.feeds import AMOUNTS, NAME, Feed, Feeds, read_feeds
from tests.end_to_end.loaders.loaders import Loader, Table

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("loaders")]

SDK = ("target-postgres", "target-snowflake")
DATABASES = (*SDK, *(["target-duckdb"] if loaders.HAS_DUCKDB else []))
_schemas = itertools.count(1)

Make = Callable[[str], Loader]


@pytest.fixture(scope="module")
def feeds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Feeds]:
    with Sandbox(Settings(seed=1, rate_limit=0)) as crm:
        yield read_feeds(crm, tmp_path_factory.mktemp("feeds"))


@pytest.fixture
def make(postgres_server: Postgres, tmp_path: Path) -> Make:
    """Make a loader of a database that is empty."""
    return {
        "target-postgres": lambda: loaders.postgres(tmp_path, postgres_server, f"loaded_{next(_schemas)}"),
        "target-snowflake": lambda: loaders.snowflake(tmp_path),
        "target-duckdb": lambda: loaders.duckdb(tmp_path),
        "target-jsonl": lambda: loaders.jsonl(tmp_path),
    }.__getitem__  # type: ignore[return-value]


@pytest.mark.parametrize("name", DATABASES)
def test_every_stream_arrives_whole_and_is_kept_in_step(
    name: str, feeds: Feeds, make: Callable[[str], Any]
) -> None:
    loader: Loader = make(name)()
    tables = loader.loaded(feeds.everything.path)

    assert {stream: len(table.rows) for stream, table in tables.items()} == feeds.everything.counts()
    assert feeds.everything.counts() == documented.counts(name)
    _assert_arrived(name, feeds.everything, tables)
    assert NAME in {row["name"] for row in tables["accounts"].rows}

    before = {row["id"]: row for row in tables["accounts"].rows}
    assert before[feeds.trashed]["_sdc_deleted_at"] is None
    after = {row["id"]: row for row in loader.loaded(feeds.changes.path, hard_delete=True)["accounts"].rows}

    assert after[feeds.changed]["name"] == "Changed between the runs"
    marked = {id_ for id_, row in before.items() if row["_sdc_deleted_at"] is not None} | {feeds.trashed}
    if name == "target-duckdb":  # deletes what is marked, and passes ACTIVATE_VERSION over
        assert after.keys() == before.keys() - marked
        return
    assert after.keys() == before.keys()
    assert {id_ for id_, row in after.items() if row["_sdc_deleted_at"] is not None} == marked

    swept = {row["id"] for row in loader.loaded(feeds.sweep.path, hard_delete=True)["accounts"].rows}
    assert swept == before.keys() - marked


@pytest.mark.parametrize("name", DATABASES)
def test_flattened_columns_and_decimals(name: str, feeds: Feeds, make: Callable[[str], Any]) -> None:
    tables = make(name)().loaded(feeds.flat.path)

    _assert_arrived(name, feeds.flat, tables)
    assert "name__first_name" in tables["contacts"].columns
    exact = [row["amount"] for row in tables["opportunities"].rows if row["name"].startswith("Exactly")]
    assert sum(map(Decimal, map(str, exact))) == sum(map(Decimal, map(str, AMOUNTS)))


@pytest.mark.parametrize("name", SDK)
def test_batches_bring_the_same(name: str, feeds: Feeds, make: Callable[[str], Any]) -> None:
    tables = make(name)().loaded(feeds.batched.path, clean_up_batch_files=False)

    assert not feeds.batched.counts()
    live = {row["id"] for row in feeds.everything.rows("accounts") if row["_sdc_deleted_at"] is None}
    assert {row["id"] for row in tables["accounts"].rows} == live
    assert len(tables["list_members"].rows) == len(feeds.everything.rows("list_members"))


@pytest.mark.parametrize("name", [*DATABASES[2:], "target-jsonl"])
def test_loaders_that_know_no_batches_end_with_an_error(
    name: str, feeds: Feeds, make: Callable[[str], Any]
) -> None:
    assert make(name)().load(feeds.batched.path).status != 0


def test_files_of_jsonl_have_each_row_as_the_tap_wrote_it(feeds: Feeds, make: Callable[[str], Any]) -> None:
    loader: Loader = make("target-jsonl")()
    tables = loader.loaded(feeds.everything.path)

    assert {stream: len(table.rows) for stream, table in tables.items()} == documented.counts("target-jsonl")
    for stream, table in tables.items():
        assert table.rows == feeds.everything.rows(stream)

    again = loader.loaded(feeds.changes.path)["accounts"].rows  # it appends: the last row of a key is the one
    assert again == feeds.everything.rows("accounts") + feeds.changes.rows("accounts")


@pytest.mark.parametrize("name", DATABASES[2:])
def test_without_the_metadata_a_table_of_texts_loses_a_row_in_duckdb(
    name: str, feeds: Feeds, make: Callable[[str], Any]
) -> None:
    """The fault that docs/loaders.md names: once it is mended, the page can say so."""
    tables = make(name)().loaded(feeds.changes.path, add_metadata_columns=False)

    assert len(tables["list_members"].rows) == len(feeds.changes.rows("list_members")) - 1


@pytest.mark.parametrize(
    ("name", "requirements"),
    [
        ("target-postgres", loaders.POSTGRES),
        ("target-snowflake", loaders.SNOWFLAKE),
        ("target-duckdb", loaders.DUCKDB),
        ("target-jsonl", loaders.JSONL),
    ],
)
def test_the_page_names_the_versions_that_are_tested(name: str, requirements: Sequence[str]) -> None:
    assert documented.version(name) == ", ".join(requirements)


def _assert_arrived(name: str, feed: Feed, tables: Mapping[str, Table]) -> None:
    """Hold every column's type against the page, and every value against the feed."""
    types = documented.types(name)
    for stream, properties in feed.schemas().items():
        table, kinds = tables[stream], {column: _kind(said) for column, said in properties.items()}
        expected = {column: types[kind] for column, kind in kinds.items() if column != "_sdc_deleted_at"}
        assert {column: table.columns[column] for column in expected} == expected, stream
        arrived, sent = (
            sorted(_line(kinds, row) for row in rows) for rows in (table.rows, feed.rows(stream))
        )
        assert [pair for pair in zip(arrived, sent, strict=True) if pair[0] != pair[1]][:1] == [], stream


def _line(kinds: Mapping[str, str], row: Mapping[str, Any]) -> str:
    return json.dumps([_compared(kind, row.get(column)) for column, kind in kinds.items()], sort_keys=True)


def _kind(column: Mapping[str, Any]) -> str:
    """Return what a column holds, in the page's words."""
    formats = {"date-time": "date-time", "x-singer.decimal": "decimal"}
    json_type = next(name for name in column["type"] if name != "null")
    return formats.get(column.get("format", ""), "text" if json_type == "string" else json_type)


def _compared(kind: str, value: Any) -> Any:
    """Return what is equal where two spellings mean the same; an empty text is as good as none."""
    if value is None or value == "":
        return None
    if kind == "date-time":
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        return (
            moment.astimezone(timezone.utc).replace(tzinfo=None).isoformat()
            if moment.tzinfo
            else moment.isoformat()
        )
    if kind in ("number", "decimal", "integer"):
        return str(Decimal(str(value)).normalize())
    if kind in ("array", "object"):
        return json.loads(value) if isinstance(value, str) else value
    return value
