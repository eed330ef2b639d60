"""What of a row the lines of a route make something of, and what they pass over."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from target_lightfield.presets.fields import Meant
from target_lightfield.presets.scope import Scope
from target_lightfield.presets.source_row import SourceRow, says_nothing
from target_lightfield.reporting.left_over import LeftOver, LeftOverKind

_NO_RECORD = "It is the key of nothing that is carried"
_NOTHING_MADE = "Nothing is made of it in this row"


class Accounts:
    """Takes note of what becomes of the columns of a row, line by line.

    Args:
        row: The source's row.
    """

    def __init__(self, row: SourceRow) -> None:
        self._row = row
        self._taken: Counter[str] = Counter()  # by how many lines
        self._passed: dict[str, tuple[LeftOverKind, str]] = {}
        self._dropped: list[tuple[str, Any, str, bool]] = []

    def take(self, scope: Scope, lacking: Meant | None) -> None:
        """Take note of a line that has been worked out.

        Args:
            scope: Where that was.
            lacking: What is said of its field, where the workspace lacks that.
        """
        kind, why = LeftOverKind.NOTHING_MADE, _NOTHING_MADE
        if lacking is not None:
            kind, why = lacking.kind, f"{_NOTHING_MADE}, and {lacking.why}"
        self._taken.update(scope.taken.keys())
        for column in scope.passed:
            self._passed.setdefault(column, (kind, why))
        for source, item, why_not in scope.dropped:
            self._dropped.append((source or "", item, why_not, (source or "") in scope.taken))

    @property
    def taken(self) -> Collection[str]:
        """The columns that lines have made something of, or nothing on purpose."""
        return self._taken.keys()

    def passed_over(
        self, left_over: Sequence[LeftOver], unreferred: Sequence[tuple[str | None, str]]
    ) -> Iterator[LeftOver]:
        """Yield what no line made anything of, by the preset's name for the column.

        Args:
            left_over: What the row has left over, with the reason.
            unreferred: The keys that refer to nothing, each with its column.
        """
        told = {one.column for one in left_over}
        for source, key in unreferred:
            told.add(self._row.header(source or ""))
            yield self._left(source or "", key, LeftOverKind.NO_RECORD, _NO_RECORD)
        for column, item, why, by_this_line in self._dropped:
            if self._taken[column] <= by_this_line:
                told.add(self._row.header(column))
                yield self._left(column, item, LeftOverKind.BAD_VALUE, why)
        for column, (kind, why) in self._passed.items():
            value = self._row.get(column)
            if says_nothing(value) or is_in(column, self._taken):
                continue
            if self._row.header(column) not in told:
                yield self._left(column, value, kind, why)

    def _left(self, column: str, value: Any, kind: LeftOverKind, why: str) -> LeftOver:
        return LeftOver(self._row.stream, self._row.key, column, value, why, kind)


def is_in(column: str, taken: Collection[str]) -> bool:
    """Whether a column is among those that were taken, or one that it is in, or one in it."""
    return (
        column in taken
        or column.partition(".")[0] in taken
        or any(one.startswith(f"{column}.") for one in taken)
    )
