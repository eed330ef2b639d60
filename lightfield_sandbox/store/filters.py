"""Filters at work: which records of a shelf pass the conditions of a query."""

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
    """One filter term, ready to run.

    `tokens` and `token` let an index find the records of an unnegated `equal` or `contains`; other terms are
    answered by reading every record.
    """

    name: str
    operator: str
    negated: bool
    token: str
    tokens: Tokens
    holds: Callable[[str], bool]

    def matches(self, record: Record) -> bool:
        """Whether the record passes; a record without the value passes only a negated term."""
        return any(map(self.holds, self.tokens(record))) != self.negated

    def candidates(self, shelf: Shelf) -> set[str] | None:
        """Ids that an index finds for the term, or None where it takes a scan."""
        if self.negated or self.operator not in (EQUAL, CONTAINS):
            return None
        column = shelf.column(self.name, self.tokens)
        return column.containing(self.token) if self.operator == CONTAINS else column.having(self.token)


class FilteredLists:
    """Runs conditions over shelves; recent results are kept, so that paging does not search again."""

    def __init__(self, keep: int = 64) -> None:
        self._keep = keep
        self._results: OrderedDict[Hashable, list[Record]] = OrderedDict()

    def find(
        self, shelf: Shelf, conditions: Sequence[Condition], terms: Sequence[tuple[str, str]]
    ) -> list[Record]:
        """The shelf's records that pass every condition, newest first."""
        question = (id(shelf), shelf.version, tuple(terms))
        return self.kept(question, lambda: run(shelf, conditions))

    def kept(self, question: Hashable, answer: Callable[[], list[Record]]) -> list[Record]:
        """The answer to a question, worked out once; the question holds all that the answer rests on."""
        found = self._results.get(question)
        if found is None:
            found = self._results[question] = answer()
            if len(self._results) > self._keep:
                self._results.popitem(last=False)
        return found


def run(shelf: Shelf, conditions: Sequence[Condition]) -> list[Record]:
    """The shelf's records that pass every condition, newest first."""
    for condition in conditions:
        ids = condition.candidates(shelf)
        if ids is not None:
            held = [record for record in map(shelf.records.__getitem__, ids) if _passes(record, conditions)]
            return sorted(held, key=lambda record: record.order, reverse=True)
    return [record for record in shelf.newest_first() if _passes(record, conditions)]


def _passes(record: Record, conditions: Sequence[Condition]) -> bool:
    return all(condition.matches(record) for condition in conditions)
