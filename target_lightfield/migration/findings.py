"""What became of a feed by a preset, counted: numbers, and a few examples of each."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from target_lightfield.reporting.left_over import LeftOver, LeftOverKind
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.rejection import Rejection

EXAMPLES = 3
LONGEST = 40
"""Characters of an example."""

OTHERS = "(other columns)"
WHOLE_ROW = "(whole row)"
MOST = 2000
"""Columns of a stream, and reasons, that are told apart: so memory stays flat."""


@dataclass
class Tally:
    """How often something came, and examples of it."""

    number: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, value: Any) -> None:
        """Count a value."""
        self.number += 1
        if len(self.examples) < EXAMPLES and (text := shown(value)) not in self.examples:
            self.examples.append(text)


class Reason(NamedTuple):
    """Why values of a column are left over: the column, the kind, and the field that would take them."""

    column: str
    kind: LeftOverKind
    about: str | None


@dataclass
class StreamFindings:
    """What became of the rows of one of the source's streams.

    Attributes:
        rows: How many came.
        is_named: Whether the preset says anything of it.
        called: What the source calls it, where the preset knows it by another name.
        headers: What the source calls columns, where the preset knows them by other names.
        became: How many records of which of Lightfield's streams were made.
        deleted: How many of them the source has deleted.
        outcomes: How many rows made none.
        columns: The values that came, by column.
        filled: For a column Lightfield's columns that its values went to.
        failures: The rows that can't be taken, by what is wrong.
    """

    rows: int = 0
    is_named: bool = True
    called: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    became: Counter[str] = field(default_factory=Counter)
    deleted: Counter[str] = field(default_factory=Counter)
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    columns: dict[str, Tally] = field(default_factory=dict)
    filled: dict[str, dict[str, None]] = field(default_factory=dict)
    failures: dict[str, Tally] = field(default_factory=dict)
    _left_over: dict[Reason, dict[str, Tally]] = field(default_factory=dict)
    _why: dict[Reason, str] = field(default_factory=dict)

    def see(self, column: str, value: Any) -> None:
        """Count a value that came."""
        if column not in self.columns and len(self.columns) >= MOST:
            column = OTHERS
        self.columns.setdefault(column, Tally()).add(value)

    def fail(self, key: str, rejection: Rejection) -> None:
        """Count a row that can't be taken."""
        what = rejection.message if len(self.failures) < MOST else "for other reasons"
        self.failures.setdefault(what, Tally()).add(key)

    def leave(self, origin: str, one: LeftOver) -> None:
        """Count what is left over of a row.

        Args:
            origin: The route by which: what several routes leave over of a row is counted once.
            one: What is left over.
        """
        reason = Reason(one.column or WHOLE_ROW, one.kind, one.about)
        if reason not in self._left_over and len(self._left_over) >= MOST:
            reason = Reason(OTHERS, one.kind, None)
        self._why.setdefault(reason, one.why)
        self._left_over.setdefault(reason, {}).setdefault(origin, Tally()).add(
            one.value if one.column else one.key
        )

    def left_over(self) -> Iterator[tuple[Reason, str, Tally]]:
        """Yield why values are left over, the same in words for the first of them, and how many."""
        for reason, by_origin in self._left_over.items():
            yield reason, self._why[reason], max(by_origin.values(), key=lambda tally: tally.number)


class Findings:
    """What became of a feed."""

    def __init__(self) -> None:
        self._streams: dict[str, StreamFindings] = {}

    def of(self, stream: str) -> StreamFindings:
        """Return what became of a stream's rows."""
        return self._streams.setdefault(stream, StreamFindings())

    def streams(self) -> Sequence[tuple[str, StreamFindings]]:
        """Return the streams that came, in the order of the feed."""
        return list(self._streams.items())

    @property
    def records(self) -> int:
        """How many records were made."""
        return sum(sum(one.became.values()) for one in self._streams.values())


def shown(value: Any) -> str:
    """Return a value on one line, cut."""
    return one_line(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def one_line(text: str, longest: int = LONGEST) -> str:
    """Return a text on one line, cut, and without what no terminal shows."""
    seen = "".join(letter if letter.isprintable() else " " for letter in text[: 10 * longest])
    line = " ".join(seen.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
