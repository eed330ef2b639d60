"""The file that has every value of the source which went nowhere."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any, Protocol

from singer_sdk.singerlib.json import serialize_json

from target_lightfield.errors import TargetError, reason_of
from target_lightfield.files_of_runs import make_folder_of
from target_lightfield.reporting.output_path import check_output_path


class _Value(Protocol):
    """What the file says of a value; ``LeftOver`` says what each attribute is."""

    @property
    def stream(self) -> str: ...
    @property
    def key(self) -> str: ...
    @property
    def column(self) -> str: ...
    @property
    def value(self) -> Any: ...
    @property
    def why(self) -> str: ...
    @property
    def kind(self) -> str: ...


_MEMBERS = ("stream", "key", "column", "value", "why", "kind")
# JSON lets these stand in a text, and many a reader ends a line at them.
_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}


class LeftOverFile:
    """The file that has all values which went nowhere, as JSON lines. It is written anew by each run.

    Args:
        path: Where it is.
        source: What the target reads from.

    Raises:
        TargetError: As ``check_output_path``.
    """

    def __init__(self, path: str, source: IO[str] | None = None) -> None:
        self.path = Path(path)
        check_output_path("left_over_path", path, source, is_ours=lambda line: line.keys() >= set(_MEMBERS))

    def write(self, values: Iterator[_Value]) -> bool:
        """Replace the file, or leave what was there: a run can be killed at any moment.

        Args:
            values: All values that went nowhere. Without any there is no file afterwards.

        Returns:
            Whether there are any.

        Raises:
            TargetError: It can't be written.
        """
        try:
            return self._write(values)
        except (OSError, ValueError) as e:
            raise TargetError(
                f"The file {str(self.path)!r} of what is left over can't be written: {reason_of(e)}. Make "
                "room for it, or set left_over_path to another file, and run it again: the id map has them."
            ) from e

    def _write(self, values: Iterator[_Value]) -> bool:
        first = next(values, None)
        if first is None:
            self.path.unlink(missing_ok=True)
            return False
        make_folder_of(self.path)
        descriptor, temporary = tempfile.mkstemp(
            prefix=f".{self.path.name}.", dir=self.path.parent
        )  # mode 600
        try:
            with os.fdopen(descriptor, "wb") as opened:
                opened.write(_line(first))
                for value in values:
                    opened.write(_line(value))
            Path(temporary).replace(self.path)
        except BaseException:
            with suppress(OSError):
                Path(temporary).unlink()
            raise
        return True


def _line(value: _Value) -> bytes:
    line = serialize_json({name: getattr(value, name) for name in _MEMBERS}, ensure_ascii=False)
    # Half of a surrogate pair is no UTF-8, but as JSON's own escape it can be written.
    return (line.translate(_LINE_ENDS) + "\n").encode(errors="backslashreplace")
