"""What became of rows: it is counted and logged, and rejected rows are filed."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.source import Source
from target_lightfield.keys import is_storable
from target_lightfield.loading.loader import Loaded
from target_lightfield.loading.sources import Sources, source_key
from target_lightfield.reporting.left_over import LeftOver
from target_lightfield.reporting.outcome import GoneRecord, Outcome
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.reporting.rejects_file import RejectsFile, StreamSchema
from target_lightfield.reporting.report import Report

_log = logging.getLogger("target-lightfield")

Filed = tuple[StreamSchema, Mapping[str, Any]]
"""A stream and one of its rows, as the rejects file has them."""


@dataclass(frozen=True)
class Outcomes:
    """Counts and logs what became of each row of a run, and files those that are rejected.

    Attributes:
        report: Counts it.
        rejects: Keeps the rejected rows; None in a dry run.
        id_map: Keeps the rows that wait.
        sources: Tells what the id map knows a row by.
    """

    report: Report
    rejects: RejectsFile | None
    id_map: IdMap
    sources: Sources

    def count(self, stream: str, outcome: Outcome) -> None:
        """Count a row. One that waits is counted at the end, when others have come."""
        if outcome is not Outcome.WAITING:
            self.report.count(stream, outcome)

    def take(self, stream: str, source: Source, loaded: Loaded) -> None:
        """Count what became of the row of a record.

        Args:
            stream: Its stream.
            source: What the id map knows it by.
            loaded: What became of it.

        Raises:
            TargetError: The id map fails.
        """
        if loaded.enriched:
            self.report.bill_enrichment(stream)
        if loaded.match:
            self.report.name_match(stream, loaded.match)
        if loaded.gone:
            self._name_gone(stream, loaded.gone)
        if loaded.outcome is Outcome.SKIPPED:
            self.skip(stream, source)
        elif loaded.outcome is Outcome.UPDATED:
            self.report.count(stream, loaded.outcome, loaded.changed)
        else:
            self.count(stream, loaded.outcome)

    def skip(self, stream: str, source: Source) -> None:
        """Count a row that is not to be written, and stop keeping it if it waited."""
        self.id_map.release(source)
        self.report.count(stream, Outcome.SKIPPED)

    def reject(
        self,
        stream: StreamSchema,
        row: Mapping[str, Any],
        rejection: Rejection,
        as_it_came: Filed | None = None,
    ) -> None:
        """File a rejected row, count it, and stop keeping it if it waited.

        Args:
            stream: Its stream.
            row: The row.
            rejection: Why it is rejected.
            as_it_came: The row of the source, filed instead where stream maps failed on it.

        Raises:
            TargetError: It can't be filed.
        """
        key = source_key(stream, row)
        if self.rejects:
            filed, content = as_it_came or (self.sources.marked(stream), row)
            self.rejects.write(filed, key, content, rejection)
        where = f" ({rejection.param})" if rejection.param else ""
        _log.warning("Rejected %s %r%s: %s", stream.stream, key, where, rejection.message)
        if is_storable(key):
            self.id_map.release(self.sources.of(stream, row))
        self.report.reject(stream.stream, key, rejection)

    def leave_over(self, stream: str, key: str, origin: str, left_over: Sequence[LeftOver]) -> None:
        """Keep what is left over of a row."""

    def _name_gone(self, stream: str, gone: GoneRecord) -> None:
        self.report.name_gone(stream, gone)
        what = f"merged into {gone.merged_into}" if gone.merged_into else "deleted"
        _log.warning(
            "%s %r: its record %s was %s in Lightfield, and stays so (on_deleted)",
            stream, gone.key, gone.record_id, what,
        )  # fmt: skip
