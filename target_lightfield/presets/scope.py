"""Where a column is worked out: the row, what is known beside it, and what is left over on the way."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from target_lightfield.keys import is_key, key_of
from target_lightfield.presets.column import Column, column_of
from target_lightfield.presets.preset import Preset
from target_lightfield.presets.source_row import SourceRow
from target_lightfield.reporting.left_over import LeftOverKind


class Amount(NamedTuple):
    """An amount, before it is known in which currency the field has it.

    Attributes:
        number: The amount.
        currency: Its currency, as far as the row says so.
        in_home_currency: The same in the preset's home currency, as far as the row says so.
    """

    number: Any
    currency: str | None
    in_home_currency: Any


class Texts(NamedTuple):
    """Texts that become one: each may be HTML or plain, and is converted by itself.

    Attributes:
        parts: The texts.
        between: What stands between them.
        signature: What stands below them.
    """

    parts: Sequence[Any]
    between: str
    signature: str | None = None


class Knowledge(Protocol):
    """What is known beside the row."""

    def lookup(self, name: str, key: Sequence[str]) -> Sequence[Any]:
        """Return the values of a lookup's key: none, one, or those of rows that do not agree."""

    def reference(self, streams: str | list[str] | dict[str, str], key: str) -> str | None:
        """Return the reference that a key of one of these streams is; None where it is none of theirs."""

    def came(self, stream: str) -> bool:
        """Whether a stream of the source has come, now or in an earlier run."""

    def evaluate(self, expression: str, row: SourceRow) -> Any:
        """Return what an expression comes to. Raises Rejection where it fails."""


@dataclass
class Scope:
    """Where a column is worked out.

    Attributes:
        row: The row.
        preset: The preset.
        knowledge: What is known beside the row.
        work_out: Returns the value of a column within this scope.
        source: The name of the source's column that the value came from, as far as it is one.
        left_over: What could not be carried: the source's column, value, kind, why.
        is_unfinished: Whether a value of another stream has not come.
        awaits: Whether that is because its stream has never come: then it may still do.
        referred: The keys that became references: the source's column, and the key.
        unreferred: Those that are of no stream that the column takes; another column may.
        taken: The source's columns of which something is made, or nothing on purpose.
        passed: Those of which nothing is made here; another line may.
        dropped: Of those with several values, the ones that are passed over: column, value, why.
    """

    row: SourceRow
    preset: Preset
    knowledge: Knowledge
    work_out: Callable[[Column, Scope], Any]
    source: str | None = None
    left_over: list[tuple[str | None, Any, LeftOverKind, str]] = field(default_factory=list)
    is_unfinished: bool = False
    awaits: bool = False
    referred: set[tuple[str | None, str]] = field(default_factory=set)
    unreferred: set[tuple[str | None, str]] = field(default_factory=set)
    taken: dict[str, None] = field(default_factory=dict)
    passed: dict[str, None] = field(default_factory=dict)
    dropped: list[tuple[str | None, Any, str]] = field(default_factory=list)

    def value_of(self, spec: Column | str) -> Any:
        """Return the value of a column, or of what is made of several."""
        return self.work_out(column_of(spec), self)

    def may_come(self, stream: str) -> bool:
        """Whether a stream has never come, and is not left out: it may be in a later run."""
        return not self.knowledge.came(stream) and not self.preset.leaves_out(stream)

    def take(self, columns: Iterable[str]) -> None:
        """Take note of columns of which something is made."""
        self.taken.update(dict.fromkeys(columns))

    def give_back(self, taken_before: Collection[str]) -> Sequence[str]:
        """Return the columns that have been taken since, of which nothing was made after all."""
        given_back = [name for name in self.taken if name not in taken_before]
        self.taken = {name: None for name in self.taken if name in taken_before}
        return given_back

    def pass_over(self, columns: Iterable[str]) -> None:
        """Take note of columns of which nothing is made here, and it is not told why."""
        self.passed.update(dict.fromkeys(columns))

    def told(self) -> int:
        """Return how many values it has been told of why nothing comes of them."""
        return len(self.left_over) + len(self.unreferred) + len(self.dropped)

    def drop(self, value: Any, why: str) -> None:
        """Take note of a value of which nothing is made here; another line may."""
        self.dropped.append((self.source, value, why))

    def leave(self, value: Any, kind: LeftOverKind, why: str) -> None:
        """Take note of what could not be carried.

        Args:
            value: The value, or the part of it.
            kind: Why, in a word.
            why: Why, in a sentence without the value.
        """
        self.left_over.append((self.source, value, kind, why))


def key_text(value: Any) -> str:
    """Return a value as the text of a key: 1 and 1.0 are the same."""
    return str(key_of(value)) if is_key(value) else "" if value is None else str(value).strip()


def comparable(value: Any) -> str:
    """Return a value as it is compared with others: without case and runs of blanks."""
    return " ".join(key_text(value).split()).casefold()


def listed(value: Any) -> list[Any]:
    """Return one value, or several, or none, as a list."""
    return value if isinstance(value, list) else [] if value is None else [value]


def table_of(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return a table of values whose keys are compared without case and surrounding blanks."""
    known = _TABLES.get(id(given))
    if known is None or known[0] is not given:
        known = _TABLES[id(given)] = given, {name.strip().casefold(): v for name, v in given.items()}
    return known[1]


_TABLES: dict[int, tuple[Mapping[str, Any], dict[str, Any]]] = {}
