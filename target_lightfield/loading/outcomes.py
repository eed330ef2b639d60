"""What became of rows: it is counted and logged, and rejected rows are filed."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from target_lightfield.id_map.id_map import IdMap
from target_lightfield.id_map.left_over import LOADER
from target_lightfield.id_map.source import Source
from target_lightfield.keys import is_storable
from target_lightfield.loading.interfaces import Loaded
from target_lightfield.loading.sources import Sources, source_key
from target_lightfield.matching.wanted import LeftOut
from target_lightfield.reporting.left_over import LeftOver
from target_lightfield.reporting.outcome import GoneRecord, Outcome, clip
from target_lightfield.reporting.provenance import Provenance, provenance_of
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
        if not loaded.is_counted:
            return
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
        provenance = provenance_of(row)
        said = _in_words_of(provenance, rejection)
        if self.rejects:
            filed, content = as_it_came or (self.sources.marked(stream), row)
            filed_key: str = key
            if provenance and as_it_came is None:
                (filed, content), filed_key = _as_it_came(provenance), key_in_source(provenance)
                filed = replace(filed, marks=self.sources.maps.marks(filed.stream))
            self.rejects.write(filed, filed_key, content, said)
        where = f" ({said.param})" if said.param else ""
        _log.warning("Rejected %s %r%s: %s", stream.stream, clip(key), where, said.message)
        if is_storable(key):
            source = self.sources.of(stream, row)
            self.id_map.release(source)
            self.leave_out(stream.stream, source, row, ())
        self.report.reject(stream.stream, key, said, _rejected_value(provenance, rejection, row))

    def take_anew(self, stream: str, key: str) -> None:
        """Forget what the preset has left over of a row of the source, which comes anew.

        Raises:
            TargetError: The id map fails.
        """
        self.id_map.left_over.forget(stream, key)

    def leave_over(self, stream: str, key: str, origin: str, left_over: Sequence[LeftOver]) -> None:
        """Keep what is left over of a row of the source.

        Args:
            stream: The source's stream.
            key: The row's key in it.
            origin: What of the preset left it over: each replaces only what it left over before.
            left_over: The values; none for most rows.

        Raises:
            TargetError: The id map fails.
        """
        self.id_map.left_over.replace(stream, key, origin, left_over)

    def leave_out(
        self, stream: str, source: Source, row: Mapping[str, Any], left_out: Sequence[LeftOut]
    ) -> None:
        """Keep what of a row is not written into its record, in the words of the source.

        Args:
            stream: The row's stream.
            source: What the id map knows it by.
            row: The row.
            left_out: The values; none for most rows.

        Raises:
            TargetError: The id map fails.
        """
        provenance = provenance_of(row)
        whose, key = (provenance.stream, key_in_source(provenance)) if provenance else (stream, source.key)
        # One row of the source may become several records.
        record = hashlib.sha256(json.dumps([source.name, source.key]).encode()).hexdigest()[:16]
        items = [
            LeftOver(
                whose,
                key,
                provenance.column(one.column) if provenance else one.column,
                provenance.value(one.column, one.value, row.get(one.column)) if provenance else one.value,
                provenance.in_its_words(one.why, one.column) if provenance else one.why,
                one.kind,
                one.about,
            )
            for one in left_out
        ]
        self.id_map.left_over.replace(whose, key, f"{LOADER} {record}", items, at_once=True)

    def _name_gone(self, stream: str, gone: GoneRecord) -> None:
        self.report.name_gone(stream, gone)
        what = f"merged into {gone.merged_into}" if gone.merged_into else "deleted"
        _log.warning(
            "%s %r: its record %s was %s in Lightfield, and stays so (on_deleted)",
            stream, gone.key, gone.record_id, what,
        )  # fmt: skip


def _in_words_of(provenance: Provenance | None, rejection: Rejection) -> Rejection:
    """Return a rejection in the words of the source: with its column, and Lightfield's in parentheses."""
    if provenance is None or rejection.param is None:
        return rejection
    return Rejection(
        provenance.in_its_words(rejection.message, rejection.param),
        code=rejection.code,
        param=provenance.named(rejection.param),
        candidates=rejection.candidates,
    )


def _rejected_value(provenance: Provenance | None, rejection: Rejection, row: Mapping[str, Any]) -> Any:
    """Return the value for which a row is rejected, as the source has it; None where it is for none."""
    value = row.get(rejection.param) if rejection.param else None
    if provenance is None or rejection.param is None:
        return value
    return provenance.value(rejection.param, value, value)


def _as_it_came(provenance: Provenance) -> Filed:
    """Return the source's row, as it passes through the preset again. Its schema has held it before."""
    return _stream_of(provenance), provenance.row


def key_in_source(provenance: Provenance) -> str:
    """Return the key of the source's row that a preset made a row of."""
    return source_key(_stream_of(provenance), provenance.row)


def _stream_of(provenance: Provenance) -> StreamSchema:
    return StreamSchema(provenance.stream, {"properties": {}}, tuple(provenance.key_properties))
