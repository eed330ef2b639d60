"""Custom objects whose slugs have hyphens, loaded by others' targets: each type is a table of its own.

The loaders split a stream's name at ``-``: they would take ``object_partner-accounts`` for ``accounts``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import duckdb
import pytest

from demo.pipeline import Project
from demo.postgres import Postgres
from tests.tap.scripted import Script, field, record, serving

SLUGS = ("office-location", "partner-accounts", "partner-contacts")
TABLES = {
    "accounts": "account",
    "contacts": "contact",
    **{f"object_{slug.replace('-', '_')}": slug for slug in SLUGS},
}


@pytest.fixture
def crm() -> Iterator[Script]:
    """A workspace in which each record says by its name what type it is of, and shares its id with others."""
    with serving(Script()) as script:
        script.objects = [{"objectType": slug, "label": slug} for slug in SLUGS]
        for collection, kind in [
            ("accounts", "account"),
            ("contacts", "contact"),
            *((slug, slug) for slug in SLUGS),
        ]:
            script.fields[collection] = {"$name": field("TEXT")}
            script.records[collection] = [record(n, fields={"$name": {"value": kind}}) for n in range(3)]
        yield script


def rows_of(kind: str) -> list[tuple[str, str]]:
    return [(f"rec_{n}", kind) for n in range(3)]


@pytest.mark.slow
@pytest.mark.xdist_group("meltano")
def test_each_type_has_a_table_in_postgres(
    crm: Script,
    postgres_server: Postgres,
    meltano_project: Callable[[Mapping[str, str]], Project],
    tmp_path: Path,
) -> None:
    schema = "stream_names"
    project = meltano_project(
        {
            "TAP_LIGHTFIELD_API_URL": crm.url,
            "TAP_LIGHTFIELD_API_KEY": crm.config()["api_key"],
            "TARGET_POSTGRES_SQLALCHEMY_URL": postgres_server.sqlalchemy_url,
            "TARGET_POSTGRES_DEFAULT_TARGET_SCHEMA": schema,
        }
    )

    project.run("tap-lightfield", "target-postgres", log=tmp_path / "run.log")

    assert _named_like_types(
        postgres_server.rows(
            f"SELECT table_name FROM information_schema.tables WHERE table_schema = '{schema}'"
        )
    ) == {*TABLES}
    for table, kind in TABLES.items():
        found = postgres_server.rows(f"SELECT id, name FROM {schema}.{table} ORDER BY id")
        assert found == rows_of(kind), table


def test_each_type_has_a_table_in_duckdb(crm: Script, tmp_path: Path) -> None:
    (tmp_path / "tap.json").write_text(json.dumps(crm.config()))
    database = tmp_path / "warehouse.duckdb"
    (tmp_path / "target.json").write_text(
        json.dumps({"filepath": str(database), "default_target_schema": "lightfield"})
    )

    feed = _run("tap-lightfield", tmp_path / "tap.json")
    _run("target-duckdb", tmp_path / "target.json", feed)

    with duckdb.connect(str(database)) as warehouse:
        tables = warehouse.execute(
            "SELECT table_name FROM information_schema.tables WHERE table_schema = 'lightfield'"
        ).fetchall()
        assert _named_like_types(tables) == {*TABLES}
        for table, kind in TABLES.items():
            found = warehouse.execute(f"SELECT id, name FROM lightfield.{table} ORDER BY id").fetchall()
            # With today's DuckDB, target-duckdb 0.8 takes the first row for a header where all is text.
            assert found in (rows_of(kind), rows_of(kind)[1:]), table


def _named_like_types(tables: list[tuple[Any, ...]]) -> set[str]:
    """The tables that could be those of the types, whatever they are called."""
    words = {word for slug in SLUGS for word in slug.split("-")}
    return {name for (name,) in tables if words & {*name.split("_")}}


def _run(program: str, config: Path, feed: str = "") -> str:
    command = [str(Path(sys.executable).with_name(program)), "--config", str(config)]
    ended = subprocess.run(
        command, input=feed, capture_output=True, text=True, timeout=300, check=False, cwd=config.parent
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout
