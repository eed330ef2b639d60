"""The rejects file: the records that were refused, each with its reason, as Singer messages.

``target-lightfield < a-copy-of-the-file`` loads them again once the cause is gone: readers of Singer
messages pass over the members that say why.

A full disk or a power cut can leave half a line at the end of the file. No state speaks of its record,
which comes again with the next run: a write that fails takes back what it has written, and where that
could not be done the next run cuts the half line off before it appends. To end it with a line break instead
would leave a broken line in the middle of a feed, which no reader could tell from a damaged one.
"""

from __future__ import annotations

import json
import logging
import os
import stat
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from singer_sdk.singerlib.json import serialize_json

from target_lightfield.errors import TargetError, reason_of
from target_lightfield.files_of_runs import make_folder_of
from target_lightfield.reporting.output_path import check_output_path
from target_lightfield.reporting.rejection import Rejection

# What a RECORD message of this file has beside Singer's own members.
_WHY = ("key", "code", "param", "message")
MAPPED_FROM = "mapped_from"
"""What a message of this file says if stream maps have to do with it.

That is the stream of the source that they made the row from; null where they could not, and it is as it came.
"""
_BEGINNING = b'{"type":'
_PIECE = 1 << 16
_BINARY = getattr(os, "O_BINARY", 0)  # Windows alone has it: line breaks stay as they are written

_log = logging.getLogger("target-lightfield")


@dataclass(frozen=True)
class StreamSchema:
    """A stream as its SCHEMA message describes it.

    Attributes:
        stream: Its name, as stream maps call it.
        schema: The schema of its rows.
        key_properties: The columns of their key.
        source: What the source calls the stream; None where that is not known.
        marks: What else its messages in the rejects file say.
    """

    stream: str
    schema: Mapping[str, Any]
    key_properties: Sequence[str]
    source: str | None = None
    marks: Mapping[str, str | None] = field(default_factory=dict)


def is_reject(message: Mapping[str, Any]) -> bool:
    """Whether a RECORD message is one of a rejects file."""
    return all(name in message for name in _WHY)


class RejectsFile:
    """Appends rejected records as they happen. The first makes the file, readable by its owner only.

    Args:
        path: Where it is. What an earlier run rejected stays in it.
        source: What the target reads from.

    Raises:
        TargetError: As ``check_output_path``.
    """

    def __init__(self, path: str, source: IO[str] | None = None) -> None:
        self._path = Path(path)
        self._descriptor: int | None = None
        self._announced: dict[tuple[str, str | None], StreamSchema] = {}
        self._unsynced = False
        self._lock = threading.Lock()
        check_output_path(
            "rejects_path", path, source, is_ours=lambda line: "type" in line, beginning=_BEGINNING
        )

    def write(self, stream: StreamSchema, key: str, row: Mapping[str, Any], rejection: Rejection) -> None:
        """Append one record, after its stream's schema.

        Args:
            stream: The record's stream.
            key: Its source key.
            row: The record as it came.
            rejection: Why it is rejected.

        Raises:
            TargetError: The file can't be written.
        """
        values = (key, rejection.code, rejection.param, rejection.message)
        record = {
            "type": "RECORD",
            "stream": stream.stream,
            "record": row,
            **stream.marks,
            **dict(zip(_WHY, values, strict=True)),
        }
        with self._lock:
            name = stream.stream, stream.marks.get(MAPPED_FROM)
            known = self._announced.get(name) == stream
            with self._failures_in_one_sentence():
                self._append(_line(record) if known else _schema_line(stream) + _line(record))
            self._announced[name] = stream

    def sync(self) -> None:
        """Wait until a power cut can't take back what was written: then a state may speak of it.

        Raises:
            TargetError: The file can't be written.
        """
        with self._lock:
            if self._unsynced and self._descriptor is not None:
                with self._failures_in_one_sentence():
                    os.fsync(self._descriptor)
                self._unsynced = False

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._close()

    def _append(self, lines: bytes) -> None:
        """Append whole lines in one write, so that a run killed in between leaves none half written."""
        if self._descriptor is None:
            self._descriptor = self._opened()
        written = 0
        try:
            while written < len(lines):  # a disk that fills up takes a part first, and then says so
                written += os.write(self._descriptor, lines[written:])
        except OSError:
            if written:
                with suppress(OSError):
                    _take_back(self._descriptor, written)
            self._close()  # what could not be taken back is cut off when the file is opened again
            raise
        self._unsynced = stat.S_ISREG(
            os.fstat(self._descriptor).st_mode
        )  # a pipe or a terminal keeps nothing

    def _opened(self) -> int:
        make_folder_of(self._path)
        # For reading as well: an earlier run may have left half a line at its end.
        descriptor = os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_RDWR | _BINARY, 0o600)
        try:
            if stat.S_ISREG(os.fstat(descriptor).st_mode):
                self._end_on_a_whole_line(descriptor)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    def _end_on_a_whole_line(self, descriptor: int) -> None:
        """Cut off half a line at the end; give a whole one the line break that an editor left out."""
        size = os.fstat(descriptor).st_size
        tail = _last_line(descriptor, size)
        if not tail:
            return
        if _is_json(tail):
            os.write(descriptor, b"\n")
            return
        os.ftruncate(descriptor, size - len(tail))
        _log.warning(
            "The rejects file %s ended in half a line, which an earlier run could not write to its end: it "
            "is cut off. That run emitted no state for the record, which comes again.",
            self._path,
        )

    def _close(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            self._announced.clear()
            with self._failures_in_one_sentence():
                os.close(descriptor)

    @contextmanager
    def _failures_in_one_sentence(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as e:
            raise TargetError(
                f"The rejects file {str(self._path)!r} can't be written: {reason_of(e)}. Make room for it, "
                "or set rejects_path to another file, and run it again: the record that it lacks comes again."
            ) from e


def _take_back(descriptor: int, written: int) -> None:
    """Take back what has just been appended, unless another one has appended since."""
    end = os.lseek(descriptor, 0, os.SEEK_CUR)
    if os.fstat(descriptor).st_size == end:
        os.ftruncate(descriptor, end - written)


def _last_line(descriptor: int, size: int) -> bytes:
    """Return what follows the last line break of a file."""
    tail, start = b"", size
    while start and b"\n" not in tail:
        length = min(_PIECE, start)
        start -= length
        os.lseek(descriptor, start, os.SEEK_SET)
        tail = os.read(descriptor, length) + tail
    return tail.rpartition(b"\n")[2]


def _is_json(line: bytes) -> bool:
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        return False
    return True


def _schema_line(stream: StreamSchema) -> bytes:
    return _line(
        {
            "type": "SCHEMA",
            "stream": stream.stream,
            "schema": stream.schema,
            "key_properties": list(stream.key_properties),
            **stream.marks,
        }
    )


def _line(message: Mapping[str, Any]) -> bytes:
    # Half of a surrogate pair is no UTF-8, but as JSON's own escape it can be written.
    return (serialize_json(message, ensure_ascii=False) + "\n").encode(errors="backslashreplace")
