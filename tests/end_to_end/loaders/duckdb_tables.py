"""Says as JSON what the tables of a DuckDB file hold, in the loader's environment: ``… FILE``."""

from __future__ import annotations

import json
import sys
from typing import Any

import duckdb

with duckdb.connect(sys.argv[1], read_only=True) as database:
    found: dict[str, Any] = {}
    for table, column, type_ in database.execute(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
    ).fetchall():
        found.setdefault(table, {"columns": {}})["columns"][column] = type_
    for table, said in found.items():
        said["rows"] = [
            dict(zip(said["columns"], row, strict=True))
            for row in database.execute(f'SELECT * FROM "{table}"').fetchall()
        ]
json.dump(found, sys.stdout, default=str)
