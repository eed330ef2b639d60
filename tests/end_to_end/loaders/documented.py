"""The tables of docs/loaders.md, which the tests hold true."""

from __future__ import annotations

from collections.abc import Mapping

from demo.pipeline import REPOSITORY

PAGE = REPOSITORY / "docs" / "loaders.md"


def table(first: str) -> list[dict[str, str]]:
    """Return the rows of the table whose first column is called so: cells by the name of their column."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {first} |"))
    names = _cells(lines[start])
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            break
        rows.append(dict(zip(names, _cells(line), strict=True)))
    return rows


def counts(loader: str) -> Mapping[str, int]:
    """Return the rows that a loader's database has, by stream."""
    return {row["stream"]: int(row[loader]) for row in table("stream") if row["stream"] != "all"}


def types(loader: str) -> Mapping[str, str]:
    """Return the type that a loader gives each kind of column."""
    return {row["column"]: row[loader] for row in table("column")}


def version(loader: str) -> str:
    """Return the version of a loader."""
    return next(row["version"] for row in table("loader") if row["loader"] == loader)


def _cells(line: str) -> list[str]:
    return [cell.strip().strip("`") for cell in line.strip("|").split(" | ")]
