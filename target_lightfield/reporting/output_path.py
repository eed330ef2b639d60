"""Whether a file that a run writes may be where a setting has it: nobody else's file is changed."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from target_lightfield.errors import TargetError


def check_output_path(
    setting: str,
    path: str,
    source: IO[str] | None,
    *,
    is_ours: Callable[[Mapping[str, Any]], bool],
    beginning: bytes | None = None,
) -> None:
    """Refuse a path at which there is something else.

    Args:
        setting: The setting that has the path.
        path: The path.
        source: What the target reads from, if that may be a file.
        is_ours: Tells from the first line of a file of JSON lines whether it is one of this kind.
        beginning: How each line begins of a file that is appended to: a power cut can leave half of the
            first, and a pipe or a terminal will do too, while a folder says itself that it takes nothing.
            None of a file that is replaced.

    Raises:
        TargetError: There is a file of another kind, or the one that the target reads from, which would never
            end.
    """
    place = Path(path)
    try:
        mode = place.stat().st_mode
        if source is not None and _is_read_from(source, place):
            raise TargetError(f"{path} is both read from and written to: move it away and read that copy.")
        if stat.S_ISREG(mode):
            with place.open("rb") as file:
                first = next((line for line in file if line.strip()), None)
            if first is None or _is_first_line(first, is_ours, beginning):
                return
        elif beginning is not None:
            return
    except (OSError, ValueError):
        return  # nothing is there; or it says itself what is wrong when it is to be written
    raise TargetError(
        f"{setting} is {path}, and there is something else of that name: set it to another file."
    )


def _is_first_line(
    line: bytes, is_ours: Callable[[Mapping[str, Any]], bool], beginning: bytes | None
) -> bool:
    with suppress(ValueError, RecursionError):
        found = json.loads(line)
        return isinstance(found, Mapping) and is_ours(found)
    if beginning is None or line.endswith(b"\n"):
        return False
    return line.startswith(beginning) or beginning.startswith(line)  # half a line


def _is_read_from(source: IO[str], path: Path) -> bool:
    try:
        status = os.fstat(source.fileno())
        return stat.S_ISREG(status.st_mode) and os.path.samestat(status, path.stat())
    except (OSError, ValueError, AttributeError):
        return False
