"""What loads the rows of one stream, and what it says of each."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from target_lightfield.id_map.source import Link, Source
from target_lightfield.matching.wanted import Wanted
from target_lightfield.reporting.outcome import DoubtfulMatch, GoneRecord, Outcome


class TooEarly(Exception):
    """An earlier row that is not done yet may still change what this row has found."""


@dataclass(frozen=True)
class Loaded:
    """What became of a row.

    Attributes:
        outcome: Whether it was created, updated, unchanged and so on.
        changed: The columns that an update changed.
        enriched: Whether creating it started the enrichment that Lightfield bills.
        match: The record that it was matched with, where a field that tells records apart differs.
        gone: The record that it meant, which a person has deleted or merged.
        is_counted: Whether it is counted now; else at the end, by what a verification has found.
    """

    outcome: Outcome
    changed: Sequence[str] = ()
    enriched: bool = False
    match: DoubtfulMatch | None = None
    gone: GoneRecord | None = None
    is_counted: bool = True

    def after(self, earlier: Loaded | None) -> Loaded:
        """Return what became of a row of which a part was written before."""
        if earlier is None:
            return self
        changed = list(dict.fromkeys([*earlier.changed, *self.changed]))
        outcome = Outcome.UPDATED if self.outcome is Outcome.UNCHANGED and changed else self.outcome
        return replace(
            self,
            outcome=Outcome.CREATED if earlier.outcome is Outcome.CREATED else outcome,
            changed=changed,
            enriched=self.enriched or earlier.enriched,
            match=self.match or earlier.match,
        )


class StreamColumns(Protocol):
    """Knows the columns of one stream."""

    def unknown(self, names: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """Return the columns that match no field, each with the nearest that there are."""

    def skipped(self, names: Iterable[str]) -> Sequence[str]:
        """Return the columns that the API lets nobody write."""


class Reader(StreamColumns, Protocol):
    """Reads the rows of one stream."""

    def read(self, row: Mapping[str, Any]) -> Wanted:
        """Return what a row asks for. Raises Rejection where it can't."""


class RecordLoader(Protocol):
    """Loads the records of one stream; ``Loader`` says what each method does."""

    @property
    def reader(self) -> Reader:
        """Reads the rows."""

    def load(self, source: Source, row: Mapping[str, Any], wanted: Wanted) -> Loaded:
        """Write a row, unless nothing of it has changed or it has to wait.

        Args:
            source: What the id map knows the row by.
            row: The row, kept in the id map should it have to wait.
            wanted: What the row asks for, as ``reader`` reads it.

        Raises:
            Rejection: It can't be written.
            LightfieldError: The API did not answer as it should, which is not the record's fault.
        """

    def trash(self, source: Source, wanted_id: str | None) -> Loaded:
        """Move a record to the trash because the source has deleted its row."""

    def tokens(self, source: Source, wanted: Wanted) -> Iterator[Hashable]:
        """Yield lock keys: rows that share one are never loaded at the same time."""

    def follows(self, wanted: Wanted) -> Iterator[Hashable]:
        """Yield the tokens of work that must be finished before this row is loaded."""

    def write_links(self, source: Source, links: Sequence[Link]) -> None:
        """Write those waiting links of a row whose records have come."""
