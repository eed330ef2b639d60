"""The rows of files: the columns of tap-lightfield's ``files``, and ``purpose``. API page: "File uploads"."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from target_lightfield.loading.rows import id_of
from target_lightfield.loading.unknown_columns import nearest_columns
from target_lightfield.matching.wanted import Wanted
from target_lightfield.plain_rows import is_empty_text
from target_lightfield.reporting.rejection import RejectCode, Rejection

_READ = ("file_path", "filename", "mime_type", "size_bytes", "file_sha256", "purpose", "status")
_COLUMNS = frozenset({*_READ, "id", "created_at", "completed_at", "expires_at"})


class FileReader:
    """Reads the rows of files.

    Args:
        defaults: Column values for rows that have none.
    """

    def __init__(self, defaults: Mapping[str, Any]) -> None:
        self._defaults = defaults

    def read(self, row: Mapping[str, Any]) -> Wanted:
        """Return what the row asks for: its values by column, None for each that it lacks.

        Raises:
            Rejection: A value is of the wrong kind; ``param`` is the column.
        """
        values = {name: _given(row.get(name), self._defaults.get(name)) for name in _READ}
        for name, value in values.items():
            if name == "size_bytes":
                values[name] = _whole_number(value)
            elif value is not None and not isinstance(value, str):
                raise Rejection(f"{name} takes text", code=RejectCode.INVALID_VALUE, param=name)
        sha256 = values["file_sha256"]
        if sha256 is not None and not re.fullmatch(r"[0-9a-fA-F]{64}", sha256):
            raise Rejection(
                "file_sha256 takes a SHA-256 in hexadecimal",
                code=RejectCode.INVALID_VALUE,
                param="file_sha256",
            )
        return Wanted(id_of(row), values)

    def unknown(self, names: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """Return the columns that files do not have, each with the nearest that they have."""
        return nearest_columns(names, _COLUMNS)

    def skipped(self, names: Iterable[str]) -> Sequence[str]:  # noqa: ARG002
        """Return nothing: nobody expects ``created_at`` and the like, which the tap adds, to be written."""
        return []


def _given(value: Any, default: Any) -> Any:
    return default if value is None or is_empty_text(value) else value


def _whole_number(value: Any) -> int | None:
    """Return a number of bytes; text counts too, since a feed made from a CSV file has only text."""
    if value is None or (isinstance(value, int) and not isinstance(value, bool)):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,18}", value.strip()):
        return int(value)
    raise Rejection("size_bytes takes a whole number", code=RejectCode.INVALID_VALUE, param="size_bytes")
