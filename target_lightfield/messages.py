"""Reading Singer messages: what is none ends the run with one sentence instead of a traceback.

The line itself is never shown: it may hold records.
"""

from __future__ import annotations

import json
import logging
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import IO, Any, cast

from singer_sdk.exceptions import RecordsWithoutSchemaException
from singer_sdk.io_base import SingerReader
from singer_sdk.singerlib.exceptions import InvalidInputLine
from singer_sdk.singerlib.json import deserialize_json, serialize_json

from target_lightfield.errors import TargetError, reason_of
from target_lightfield.plain_rows import DEEPEST, TooDeep, nests_too_deep, parsed_integer
from target_lightfield.reporting.rejects_file import is_reject

_log = logging.getLogger("target-lightfield")

_MEMBERS: Mapping[str, Mapping[str, type]] = {
    "SCHEMA": {"stream": str, "schema": dict},
    "RECORD": {"stream": str, "record": dict},
    "STATE": {"value": object},
    "ACTIVATE_VERSION": {"stream": str, "version": object},
    "BATCH": {"stream": str, "encoding": dict, "manifest": list},
}
"""What a message of each type must have."""


_BYTE_ORDER_MARK = "\ufeff"  # which some programs put before UTF-8


class MalformedMessage(TargetError, InvalidInputLine):
    """A line of the input is no Singer message."""


class _Stopped(BaseException):
    """Nothing more is to be read."""


class RecordBeforeSchema(TargetError, RecordsWithoutSchemaException):
    """A message is about a stream that no SCHEMA message has described."""


class MessageReader(SingerReader):
    """The SDK's reader, which counts lines so that an error can name one, and can be told to stop.

    Attributes:
        source: What is read from.
        on_failure: Called with the error when reading ends with one, before that goes on its way.
    """

    def __init__(self) -> None:
        super().__init__()
        self.source: IO[str] | None = None
        self.on_failure: Callable[[Exception], None] = lambda _: None
        self._line = 0
        self._described: set[str] = set()
        self._waiting = self._stopped = False
        self._is_rejects_file: bool | None = None  # not known before the first record

    def process_lines(
        self, file_input: IO[str] | None, callbacks: dict[str, Callable[[dict[str, Any]], None]]
    ) -> Counter[str]:
        """Hand every message to the callback of its type, until the input ends or ``stop`` is called.

        Raises:
            MalformedMessage: The input is not UTF-8, or a line is no Singer message.
        """
        self.source = file_input or sys.stdin
        try:
            # All that is asked of the file is to be iterated over.
            return super().process_lines(cast("IO[str]", self._lines(self.source)), callbacks)
        except Exception as e:
            self.on_failure(e)
            raise

    def stop(self) -> None:
        """End the input here, as if it had no more lines: between two messages, or while waiting for one.

        For a signal handler, which runs in the thread that reads.
        """
        self._stopped = True
        if self._waiting:
            raise _Stopped

    def _lines(self, source: IO[str]) -> Iterator[str]:
        while not self._stopped:
            try:
                try:
                    self._waiting = True
                    line = source.readline()
                finally:
                    self._waiting = False
            except _Stopped:
                return
            except UnicodeDecodeError as e:
                if e.reason == "unexpected end of data" and self._passes_over_torn_line():
                    return
                raise MalformedMessage(f"The input is not UTF-8 after line {self._line}.") from e
            except OSError as e:
                raise TargetError(
                    f"The input can't be read after line {self._line}: {reason_of(e)}. Run it again: what "
                    "was written is known."
                ) from e
            if not line:
                return
            if not line.endswith("\n") and not _is_json(line) and self._passes_over_torn_line():
                return
            if not self._line:
                line = line.removeprefix(_BYTE_ORDER_MARK)
            self._line += 1
            if line.strip():
                yield line

    def _passes_over_torn_line(self) -> bool:
        """Whether the last line, which breaks off, is passed over: that of a copy of a rejects file.

        The run that tore it has emitted no state for its record, which comes again by itself. The end of any
        other feed that breaks off is lost, and an error.
        """
        if self._is_rejects_file:
            _log.warning(
                "Line %d, the last one of this rejects file, breaks off and is passed over: the run that "
                "could not write it to its end emitted no state for its record, which comes again.",
                self._line + 1,
            )
        return bool(self._is_rejects_file)

    def deserialize_json(self, line: str) -> dict[str, Any]:
        """Read one line.

        Raises:
            MalformedMessage: It is no JSON object, or lacks what a message of its type has.
            RecordBeforeSchema: Its stream is not known yet.
        """
        try:
            message = deserialize_json(line, parse_int=parsed_integer)
            if isinstance(message, dict) and message.get("type") == "STATE":
                message = json.loads(line)  # it is passed on with Python's own JSON, which has no Decimal
        except (ValueError, RecursionError) as e:
            raise MalformedMessage(f"Line {self._line} of the input is no JSON: {type(e).__name__}.") from e
        if not isinstance(message, dict):
            raise MalformedMessage(
                f"Line {self._line} of the input is no Singer message but JSON of another kind."
            )
        self._check(message)
        if line.count("[") + line.count("{") > DEEPEST:
            self._bound(message)
        return message

    def _bound(self, message: dict[str, Any]) -> None:
        """Put text in place of a record's values that nest too deep: its sink rejects the record."""
        rest = message
        if message["type"] == "RECORD":
            rest, record = {**message, "record": None}, message["record"]
            for name, value in record.items():
                if nests_too_deep(value):
                    record[name] = self._set_apart(value)
        if nests_too_deep(rest):
            raise self._too_deep()

    def _set_apart(self, value: Any) -> TooDeep:
        try:
            return TooDeep(serialize_json(value))
        except RecursionError:
            raise self._too_deep() from None

    def _too_deep(self) -> MalformedMessage:
        return MalformedMessage(f"Line {self._line} of the input nests more than {DEEPEST} levels.")

    def _check(self, message: Mapping[str, Any]) -> None:
        kind = message.get("type")
        if not isinstance(kind, str) or kind not in _MEMBERS:
            raise MalformedMessage(f"Line {self._line} of the input is a message of no known type.")
        for name, expected in _MEMBERS[kind].items():
            if name not in message or not isinstance(message[name], expected):
                raise MalformedMessage(
                    f"Line {self._line} of the input, a {kind} message, has no valid {name}."
                )
        if kind != "SCHEMA":
            self._is_rejects_file = self._is_rejects_file is not False and is_reject(message)
        stream = message.get("stream")
        if kind == "SCHEMA":
            self._check_schema(message)
            self._described.add(message["stream"])
        elif stream is not None and stream not in self._described:
            raise RecordBeforeSchema(
                f"Line {self._line} of the input, a {kind} message, comes before the SCHEMA message of its "
                "stream."
            )

    def _check_schema(self, message: Mapping[str, Any]) -> None:
        properties = message["schema"].get("properties")
        keys = message.get("key_properties") or []
        if not isinstance(properties, dict) or not all(isinstance(p, dict) for p in properties.values()):
            raise MalformedMessage(
                f"Line {self._line} of the input, a SCHEMA message, has no valid properties."
            )
        if not isinstance(keys, list) or not all(isinstance(key, str) for key in keys):
            raise MalformedMessage(
                f"Line {self._line} of the input, a SCHEMA message, has no valid key_properties."
            )


def _is_json(line: str) -> bool:
    try:
        deserialize_json(line)
    except (ValueError, RecursionError):
        return False
    return True
