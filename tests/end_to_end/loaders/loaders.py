"""The loaders, each in an environment of its own, and what the tables hold that they have filled."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from demo.postgres import Postgres
from tests.migrations.environments import environment

Json = dict[str, Any]

POSTGRES = ("meltanolabs-target-postgres==0.8.1",)
SNOWFLAKE = ("meltanolabs-target-snowflake==0.20.4", "fakesnow==0.12.1")
DUCKDB = ("target-duckdb==0.8.0", "duckdb==1.2.2")
JSONL = ("target-jsonl==0.1.4",)

_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Table:
    """A table as its database shows it: the type of each column, and its rows."""

    columns: Mapping[str, str]
    rows: list[Json]


@dataclass(frozen=True)
class Load:
    """What a load came to."""

    status: int
    log: str
    tables: Mapping[str, Table]


@dataclass
class Loader:
    """A loader and the database that it fills.

    Args:
        command: The program with its arguments, but for ``--config``.
        folder: Where it runs.
        settings: Its settings.
        read: Reads the tables.
        env: Further variables of the environment.
    """

    command: list[str | Path]
    folder: Path
    settings: Json
    read: Callable[[], Json]
    env: Mapping[str, str] = field(default_factory=dict)

    def load(self, feed: Path, **settings: Any) -> Load:
        """Load a feed, which may fail."""
        (self.folder / "config.json").write_text(json.dumps({**self.settings, **settings}))
        with feed.open() as lines:
            done = subprocess.run(
                [*self.command, "--config", "config.json"],
                stdin=lines, cwd=self.folder, env=dict(self.env) or None,
                capture_output=True, text=True, timeout=600, check=False,
            )  # fmt: skip
        tables = {} if done.returncode else self.read()
        return Load(done.returncode, done.stderr, {name: Table(**said) for name, said in tables.items()})

    def loaded(self, feed: Path, **settings: Any) -> Mapping[str, Table]:
        """Load a feed, and return what the tables hold then."""
        load = self.load(feed, **settings)
        assert load.status == 0, load.log[-3000:]
        return load.tables


def postgres(folder: Path, server: Postgres, schema: str) -> Loader:
    def read() -> Json:
        found: Json = {}
        for table, column, type_, of, precision, scale in server.rows(
            "SELECT table_name, column_name, data_type, udt_name, numeric_precision, numeric_scale "
            f"FROM information_schema.columns WHERE table_schema = '{schema}' ORDER BY ordinal_position"
        ):
            shown = f"{of.lstrip('_')}[]" if type_ == "ARRAY" else type_
            shown += f"({precision},{scale})" if type_ == "numeric" and precision else ""
            found.setdefault(table, {"columns": {}})["columns"][column] = shown
        for table, said in found.items():
            said["rows"] = [
                dict(zip(said["columns"], row, strict=True))
                for row in server.rows(f'SELECT * FROM {schema}."{table}"')
            ]
        return found

    settings = {"sqlalchemy_url": server.sqlalchemy_url, "default_target_schema": schema}
    return Loader([environment(*POSTGRES) / "target-postgres"], folder, settings, read)


def snowflake(folder: Path, schema: str = "LIGHTFIELD") -> Loader:
    programs, tables = environment(*SNOWFLAKE), folder / "tables.json"
    (folder / "database").mkdir()
    (folder / "tmp").mkdir()
    settings = {
        "account": "none",
        "user": "nobody",
        "password": "none",
        "database": "CRM",
        "default_target_schema": schema,
        "batch_config": {
            "encoding": {"format": "jsonl", "compression": "gzip"},
            "storage": {"root": f"file://{folder / 'tmp'}"},
        },
    }
    command = [programs / "python", _HERE / "fake_snowflake.py", folder / "database", tables]
    return Loader(
        command, folder, settings, lambda: json.loads(tables.read_text()), {"TMPDIR": str(folder / "tmp")}
    )


def duckdb(folder: Path) -> Loader:
    programs = environment(*DUCKDB)

    def read() -> Json:
        command = [programs / "python", _HERE / "duckdb_tables.py", folder / "crm.duckdb"]
        found: Json = json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        return found

    settings = {
        "path": str(folder / "crm.duckdb"),
        "default_target_schema": "main",
        "add_metadata_columns": True,
    }
    return Loader([programs / "target-duckdb"], folder, settings, read)


def jsonl(folder: Path) -> Loader:
    def read() -> Json:
        return {
            path.stem: {"columns": {}, "rows": [json.loads(line) for line in path.read_text().splitlines()]}
            for path in (folder / "out").iterdir()
        }

    settings = {"destination_path": str(folder / "out"), "do_timestamp_file": False}
    return Loader([environment(*JSONL) / "target-jsonl"], folder, settings, read)


# Beyond 3.13 there is no wheel of the DuckDB with which target-duckdb loses nothing.
HAS_DUCKDB = sys.version_info < (3, 14)
