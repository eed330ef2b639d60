"""Whether the input proves that it has all rows of a stream.

A feed that breaks off looks like one that ends, with or without states. So it has to say how many rows there
are: ``{"bookmarks": {"list_members": {"complete": {"rows": 60}}}}`` in a STATE message after 60 rows of
list_members, with none after it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any


class Completeness:
    """Counts the rows of each stream, and notes what states say of them. For the thread that reads."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._stated: dict[str, tuple[int, int]] = {}  # rows stated, rows that had come

    def count_row(self, stream: str) -> None:
        """Count a row as the feed has it, whatever stream maps make of it and whatever becomes of it."""
        self._rows[stream] += 1

    def note_state(self, state: object) -> None:
        """Take note of what a state says of the rows before it."""
        bookmarks = _member(state, "bookmarks")
        for stream in bookmarks if isinstance(bookmarks, Mapping) else ():
            rows = _member(_member(_member(bookmarks, stream), "complete"), "rows")
            if isinstance(rows, int) and not isinstance(rows, bool):
                self._stated[stream] = rows, self._rows[stream]

    def why_not_proven(self, stream: str) -> str | None:
        """Return in what the feed may lack rows of a stream; None if it has proven that it has all."""
        rows = self._rows[stream]
        if not rows:
            return "it has no stream of this name before stream maps"
        if stream not in self._stated:
            return "no STATE message says how many there are"
        stated, came = self._stated[stream]
        if stated != came:
            return f"the STATE message after {came} of them says that there are {stated}"
        if came != rows:
            return f"{rows - came} came after the STATE message that says how many there are"
        return None


def _member(value: object, name: Any) -> object:
    return value.get(name) if isinstance(value, Mapping) else None
