"""Snowflake without an account: target-snowflake's own code, unchanged, into fakesnow.

fakesnow answers Snowflake's connector with DuckDB. What it lacks is the user's stage, so that PUT, reading
staged files, COPY and REMOVE are done here. What loads here proves names, types and the target's DDL, casts
and MERGE; it is no evidence about a real account.

It is a program of the loader's environment: ``python fake_snowflake.py DATABASE_FOLDER TABLES_FILE
[SETTINGS OF THE TARGET]`` loads standard input and writes what the tables hold to a file.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock
from urllib.parse import urlparse
from urllib.request import url2pathname

import fakesnow
import snowflake.connector
from fakesnow.cursor import FakeSnowflakeCursor
from target_snowflake.target import TargetSnowflake

_STAGE = re.compile(r"'@~/([^']+)'")
_SOURCE = re.compile(r"\(select (.*) from '@~/[^']+'\s*(?:\(file_format => [^)]*\))?", re.DOTALL)
_real_execute = FakeSnowflakeCursor.execute


@contextmanager
def fake_snowflake(folder: Path) -> Iterator[None]:
    """Let ``snowflake.connector`` connect to the databases of a folder, with a stage of its user."""
    stage = Path(tempfile.mkdtemp(prefix="user_stage_"))

    def execute(self: Any, command: str, params: Any = None, *args: Any, **kwargs: Any) -> Any:
        def run(sql: str) -> Any:
            return _real_execute(self, sql, None, *args, **kwargs)

        verb, staged = command.split(None, 1)[0].lower(), _STAGE.search(command)
        if not staged:
            if verb == "create":  # Snowflake does not enforce primary keys, DuckDB does
                return run(re.sub(r",\s*PRIMARY KEY \([^)]*\)", "", command))
            if command.lower().startswith("drop file format"):
                return run("select 'ok' as status")
            return _real_execute(self, command, params, *args, **kwargs)
        place = stage / staged[1].rstrip("/")
        if verb == "put":
            place.mkdir(parents=True, exist_ok=True)
            shutil.copy(url2pathname(urlparse(params["file_uri"]).path), place)
        elif verb == "remove":
            shutil.rmtree(place, ignore_errors=True)
        else:
            return run(_loaded(self, run, verb, command, sorted(map(str, place.iterdir()))))
        return run("select 'ok' as status")

    with fakesnow.patch(db_path=folder), mock.patch.object(FakeSnowflakeCursor, "execute", execute):
        try:
            yield
        finally:
            shutil.rmtree(stage, ignore_errors=True)


def _loaded(cursor: Any, run: Any, verb: str, command: str, files: list[str]) -> str:
    """Do a MERGE or COPY from staged files, and return a query that answers as Snowflake would."""
    table = re.search(r"into (\S+)", command)[1]  # type: ignore[index]
    schema = table.rsplit(".", 1)[0]
    raw = f"{schema}.STAGED_{uuid.uuid4().hex}".upper()
    casts = _SOURCE.search(command)[1].replace("$1:", "RAW__:")  # type: ignore[index]
    run(f"use schema {schema}")  # fakesnow's MERGE wants a current schema
    cursor._duck_conn.execute(
        f"create table {raw} as select row_number() over () SEQ__, json RAW__ "
        "from read_json_objects(?, format='newline_delimited')",
        [files],
    )
    run(f"create table {raw}_SRC as select SEQ__, {casts} from {raw}")
    if verb == "merge":
        sql = _SOURCE.sub(lambda _: f"(select * from {raw}_SRC", command).replace("SEQ8()", "SEQ__")
    else:
        columns = re.search(r"\((.*?)\) from", command, re.DOTALL)[1]  # type: ignore[index]
        sql = f"insert into {table} ({columns}) select {columns} from {raw}_SRC"
    run(sql)
    said = [sum(cursor.fetchone())] if verb == "merge" else ["'f'", "'LOADED'", *[cursor.rowcount] * 2]
    run(f"drop table {raw}")
    run(f"drop table {raw}_SRC")
    return "select " + ", ".join(f"{value} as c{number}" for number, value in enumerate(said))


def _tables() -> dict[str, Any]:
    """What the schema LIGHTFIELD holds, under the names that a query can give without quotes."""
    cursor = snowflake.connector.connect(database="CRM", schema="LIGHTFIELD").cursor()
    columns = cursor.execute(
        "select table_name, column_name, data_type, numeric_precision, numeric_scale "
        "from information_schema.columns where table_schema = 'LIGHTFIELD'"
    ).fetchall()
    found: dict[str, Any] = {}
    for table, column, type_, precision, scale in columns:
        shown = f"NUMBER({precision},{scale})" if type_ == "NUMBER" else type_
        found.setdefault(table.lower(), {"columns": {}})["columns"][column.lower()] = shown
    for table, said in found.items():
        names = ", ".join(f'"{name.upper()}"' for name in said["columns"])
        rows = cursor.execute(f"select {names} from {table}").fetchall()
        said["rows"] = [dict(zip(said["columns"], row, strict=True)) for row in rows]
    return found


def main() -> None:
    """Load, then write down what the tables hold."""
    folder, tables = Path(sys.argv[1]), Path(sys.argv[2])
    sys.argv[1:3] = []
    with fake_snowflake(folder):
        TargetSnowflake.max_parallelism = 1  # fakesnow's one connection can't be used side by side
        TargetSnowflake.cli(standalone_mode=False)
        tables.write_text(json.dumps(_tables(), default=str))


if __name__ == "__main__":
    main()
