"""No two files of a run are one: what is written last would replace the other, and the id map with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import click
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from target_lightfield.errors import TargetError
from target_lightfield.reporting.record_changes import changes_path
from target_lightfield.reporting.report_files import files_of
from target_lightfield.run.findings import CONFIG_FILES

_BESIDE_SQLITE = ("", "-wal", "-shm", "-journal")


def check_own_files(config: Mapping[str, Any]) -> None:
    """Look whether each file that the settings name is one of its own.

    Args:
        config: The target's settings.

    Raises:
        TargetError: Two of them are one file.
    """
    for (setting, file), (other, other_file) in combinations(_files(config), 2):
        if setting != other and _is_one_file(file, other_file):
            raise TargetError(f"{setting} is {file}, which is the file of {other} too: change one of them.")


def _files(config: Mapping[str, Any]) -> Iterator[tuple[str, Path]]:
    """Yield each file with the name of its setting."""
    for setting in ("left_over_path", "rejects_path"):
        yield setting, Path(config[setting])
    if report := config.get("report_path"):
        for file in (*files_of(report), changes_path(report)):
            yield "report_path", file
    if database := _sqlite_file(config["id_map"]):
        for suffix in _BESIDE_SQLITE:
            yield "id_map", Path(database + suffix)
    if config.get("preset"):
        yield "preset", Path(config["preset"])
    context = click.get_current_context(silent=True)
    for name in context.meta.get(CONFIG_FILES, ()) if context else ():
        yield "--config", Path(name)


def _sqlite_file(url: str) -> str | None:
    try:
        parsed = make_url(url)
    except (SQLAlchemyError, ValueError):  # which is said when the id map is opened
        return None
    path = parsed.database if parsed.get_backend_name() == "sqlite" else None
    return path.removeprefix("file:") if path and path != ":memory:" else None


def _is_one_file(one: Path, other: Path) -> bool:
    try:
        return one.resolve() == other.resolve() or one.samefile(other)
    except (OSError, ValueError):
        return False
