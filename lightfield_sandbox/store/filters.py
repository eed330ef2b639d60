"""Finds the records of a list that pass the filters of a query."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from lightfield_sandbox.store.records import Record
    from lightfield_sandbox.store.shelf import Shelf, Tokens

EQUAL, CONTAINS = "equal", "contains"


@dataclass(frozen=True)
class Condition:
    """One filter, ready to run.

    Attributes:
        name: What the index of its tokens is called.
        operator: For example `equal`.
        negated: Whether it finds the records that do not pass.
        token: The value to look for.
        tokens: Gives the values of a record, in the form in which they are compared.
        holds: Whether one of these values passes.
    """

    name: str
    operator: str
    negated: bool
    token: str
    tokens: Tokens
    holds: Callable[[str], bool]

    def matches(self, record: Record) -> bool:
        """Whether a record passes. One without a value passes negated filters only."""
        return any(map(self.holds, self.tokens(record))) != self.negated

    def candidates(self, shelf: Shelf) -> set[str] | None:
        """The ids that an index finds, or None where every record has to be read."""
        if self.negated or self.operator not in (EQUAL, CONTAINS):
            return None
        column = shelf.column(self.name, self.tokens)
        return column.containing(self.token) if self.operator == CONTAINS else column.having(self.token)


class FilteredLists:
    """Runs filters. Keeps the latest results, so that the next page needs no new search."""

    def __init__(self, keep: int = 64) -> None:
        self._keep = keep
        self._results: OrderedDict[Hashable, list[Record]] = OrderedDict()

    def find(
        self, shelf: Shelf, conditions: Sequence[Condition], terms: Sequence[tuple[str, str]]
    ) -> list[Record]:
        """The records of a shelf that pass every condition, newest first.

        Args:
            shelf: The records of a list.
            conditions: The filters.
            terms: The same as they were sent, by which the result is kept.
        """
        question = (id(shelf), shelf.version, tuple(terms))
        return self.kept(question, lambda: run(shelf, conditions))

    def kept(self, question: Hashable, answer: Callable[[], list[Record]]) -> list[Record]:
        """The answer to a question, kept from the last time. The question has to hold all that decides it."""
        found = self._results.get(question)
        if found is None:
            found = self._results[question] = answer()
            if len(self._results) > self._keep:
                self._results.popitem(last=False)
        return found


def run(shelf: Shelf, conditions: Sequence[Condition]) -> list[Record]:
    """The records of a shelf that pass every condition, newest first."""
    for condition in conditions:
        ids = condition.candidates(shelf)
        if ids is not None:
            held = [record for record in map(shelf.records.__getitem__, ids) if _passes(record, conditions)]
            return sorted(held, key=lambda record: record.order, reverse=True)
    return [record for record in shelf.newest_first() if _passes(record, conditions)]


def _passes(record: Record, conditions: Sequence[Condition]) -> bool:
    return all(condition.matches(record) for condition in conditions)
