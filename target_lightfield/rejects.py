"""The rejects file: the records that were refused, each with its reason, as Singer messages.

``target-lightfield < a-copy-of-the-file`` loads them again once the cause is gone: readers of Singer
messages pass over the members that say why.
"""

from __future__ import annotations

import os
import stat
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from singer_sdk.singerlib.json import serialize_json

from lightfield_api.errors import LightfieldError
from target_lightfield.errors import TargetError


class Rejection(Exception):
    """A record that can't be written, and why.

    Attributes:
        message: What is wrong and what to do, without the record's values.
        code: The API's code where it refused, else one of ours.
        param: The column, field or relationship at fault, or None.
    """

    def __init__(self, message: str, *, code: str, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param


def refused(error: LightfieldError, param: str | None) -> Rejection:
    """Return the rejection of a record that the API refuses.

    Args:
        error: The API's answer.
        param: The column at fault, or None.
    """
    code = error.code or error.type or str(error.status)
    return Rejection(f"Lightfield refused it: {error.message}", code=code, param=param)


@dataclass(frozen=True)
class StreamSchema:
    """A stream as its SCHEMA message describes it."""

    stream: str
    schema: Mapping[str, Any]
    key_properties: Sequence[str]


class RejectsFile:
    """Appends rejected records as they happen; the file is made with the first, with mode 600.

    Args:
        path: Where it is. What an earlier run rejected stays in it.
        source: What the target reads from.

    Raises:
        TargetError: The file is also what the target reads from, which would never end.
    """

    def __init__(self, path: str, source: IO[str] | None = None) -> None:
        self._path = Path(path)
        self._file: IO[bytes] | None = None
        self._announced: dict[str, StreamSchema] = {}
        self._lock = threading.Lock()
        if source is not None and _is_same_file(source, self._path):
            raise TargetError(f"{path} is both read from and written to: move it away and read that copy.")

    def write(self, stream: StreamSchema, key: str, row: Mapping[str, Any], rejection: Rejection) -> None:
        """Append one record, behind its stream's schema.

        Raises:
            TargetError: The file can't be written.
        """
        record = {
            "type": "RECORD",
            "stream": stream.stream,
            "record": row,
            "key": key,
            "code": rejection.code,
            "param": rejection.param,
            "message": rejection.message,
        }
        with self._lock:
            known = self._announced.get(stream.stream) == stream
            try:
                self._append(_line(record) if known else _schema_line(stream) + _line(record))
            except OSError as e:
                raise TargetError(
                    f"The rejects file {self._path} can't be written: {e.strerror}. The record that it lacks "
                    "comes again with the next run."
                ) from e
            self._announced[stream.stream] = stream

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                self._file.close()
                self._file = None

    def _append(self, lines: bytes) -> None:
        """Append whole lines in one write, so that a run killed in between leaves none half written."""
        if self._file is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, 0o600)
            self._file = os.fdopen(descriptor, "wb")
        self._file.write(lines)
        self._file.flush()


def _schema_line(stream: StreamSchema) -> bytes:
    return _line(
        {
            "type": "SCHEMA",
            "stream": stream.stream,
            "schema": stream.schema,
            "key_properties": list(stream.key_properties),
        }
    )


def _line(message: Mapping[str, Any]) -> bytes:
    # Half of a surrogate pair is no UTF-8, but as JSON's own escape it can be written.
    return (serialize_json(message, ensure_ascii=False) + "\n").encode(errors="backslashreplace")


def _is_same_file(source: IO[str], path: Path) -> bool:
    try:
        status = os.fstat(source.fileno())
        return stat.S_ISREG(status.st_mode) and os.path.samestat(status, path.stat())
    except (OSError, ValueError, AttributeError):
        return False
