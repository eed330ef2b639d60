"""The sinks: what the SDK hands every record to, by what its stream is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast

from singer_sdk import Target
from singer_sdk.sinks import RecordSink

from target_lightfield.checked_sink import CheckedSink, batch_messages
from target_lightfield.errors import TargetError
from target_lightfield.id_map.source import stream_and_origin
from target_lightfield.loading.outcomes import Filed
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.provenance import RESERVED
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.reporting.rejects_file import StreamSchema
from target_lightfield.reporting.report import Report
from target_lightfield.run.run import Run
from target_lightfield.unwritten import why_not_written


class LoadingTarget(Protocol):
    """What the sinks need of the target."""

    @property
    def run(self) -> Run:
        """The run."""

    @property
    def report(self) -> Report:
        """What becomes of the rows."""

    def why_unknown(self, stream: str) -> str:
        """Return what is wrong with a record of a stream that nobody knows, and what to do."""


class IgnoredSink(RecordSink):
    """Counts the records of a stream that can't be written, and says so once."""

    def __init__(
        self,
        target: Target,
        stream_name: str,
        schema: dict[str, Any],
        key_properties: Sequence[str] | None,
    ) -> None:
        super().__init__(target, stream_and_origin(stream_name)[0], schema, key_properties)
        self._target_loads = cast("LoadingTarget", target)
        self._report = self._target_loads.report

    def setup(self) -> None:
        """Say that the stream is ignored."""
        self.logger.warning("Stream '%s' %s: ignored", self.stream_name, why_not_written(self.stream_name))

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:  # noqa: ARG002
        """Count one record."""
        self._report.count(self.stream_name, Outcome.SKIPPED)

    def get_validator(self) -> None:
        """Return none: whether an ignored record is valid is no concern of ours."""

    def _validate_and_parse(self, record: dict[str, Any]) -> dict[str, Any]:
        return record

    def _singer_validate_message(self, record: dict[str, Any]) -> None:
        """Take a record without its key too."""

    def process_batch_files(self, encoding: Any, files: Sequence[str]) -> None:  # noqa: ARG002
        """Refuse a BATCH message, whose records would not be counted. Raises TargetError."""
        raise batch_messages(self.stream_name)


class UnknownSink(IgnoredSink):
    """Takes a stream that nobody knows: its first record ends the run, unless the settings ignore it."""

    def setup(self) -> None:
        """Say that nothing of the stream is written; while it has no records, nothing is lost."""
        self.logger.info("target-lightfield does not know the stream '%s'", self.stream_name)

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Count one record.

        Raises:
            TargetError: ``unknown_streams`` is ``error``.
        """
        self._refuse()
        if not self._report.knows(self.stream_name):
            self.logger.warning(
                "target-lightfield does not know the stream '%s': its records are ignored (unknown_streams)",
                self.stream_name,
            )
        super().process_record(record, context)

    def process_batch_files(self, encoding: Any, files: Sequence[str]) -> None:
        """Refuse a BATCH message. Raises TargetError."""
        self._refuse()
        super().process_batch_files(encoding, files)

    def _refuse(self) -> None:
        if self.config["unknown_streams"] == "error":
            raise TargetError(self._target_loads.why_unknown(self.stream_name))


class RemovedSink(IgnoredSink):
    """Takes what stream maps remove, without a word."""

    def setup(self) -> None:
        """Say nothing."""

    def process_batch_files(self, encoding: Any, files: Sequence[str]) -> None:
        """Do nothing."""


class LightfieldSink(CheckedSink):
    """Loads the records of one of Lightfield's streams."""

    def __init__(
        self,
        target: Target,
        stream_name: str,
        schema: dict[str, Any],
        key_properties: Sequence[str] | None,
    ) -> None:
        run = cast("LoadingTarget", target).run
        stream, origin = stream_and_origin(stream_name)
        super().__init__(target, run.workspace.stream_name(stream), schema, key_properties)
        self.run = run
        self._loader = run.loader(self.stream_name)
        self.run.report.begin(self.stream_name)
        keys = tuple(self.key_properties)
        self._stream = StreamSchema(self.stream_name, self.original_schema, keys, origin or stream)
        self._announced = {*self.schema["properties"], *self.key_properties}
        self._check_columns()

    @property
    def stream(self) -> StreamSchema:
        """The stream of the record that comes now."""
        if self.run.replays and self._stream.source == self.stream_name:
            return replace(self._stream, source=None)
        return self._stream

    def _check_columns(self) -> None:
        """Check the stream's columns against the workspace.

        Raises:
            TargetError: A column matches no field, unless ``unknown_columns`` is ``ignore``.
        """
        columns = self._loader.columns
        names = [name for name in self.schema["properties"] if name not in self.key_properties]
        if unknown := columns.unknown(names):
            said = "; ".join(_column_and_nearest(name, nearest) for name, nearest in unknown.items())
            if self.config["unknown_columns"] == "error":
                raise TargetError(
                    f"Columns of stream '{self.stream_name}' match no field of the workspace: {said}. "
                    "Rename them with stream_maps, set preset for another CRM's feed, or set unknown_columns "
                    "to ignore."
                )
            self._warn_of_ignored(said)
        for name in columns.skipped(names):
            self.logger.info(
                "Column '%s' of stream '%s' can't be written through the API: skipped", name, self.stream_name
            )

    def _warn_of_ignored(self, columns: str) -> None:
        self.logger.warning(
            "Columns of stream '%s' that match no field are ignored: %s", self.stream_name, columns
        )

    def take(self, row: dict[str, Any], *, deleted: bool) -> None:
        """Load a row, or do with one that the source has deleted what the settings say."""
        if deleted:
            self._loader.delete(self.stream, row)
        else:
            self._loader.load(self.stream, row)

    def reject(self, row: Mapping[str, Any], rejection: Rejection, as_it_came: Filed | None = None) -> None:
        """File a row that can't be loaded."""
        self._loader.reject(self.stream, row, rejection, as_it_came)

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Load one record. One that can't be loaded is filed as rejected; the run goes on."""
        record.pop(RESERVED, None)  # what a preset alone says of a row
        self._warn_of_unannounced(record)
        super().process_record(record, context)

    def _warn_of_unannounced(self, row: Mapping[str, Any]) -> None:
        """Say once of a column that is in no SCHEMA message and matches no field that it is ignored."""
        new = row.keys() - self._announced
        if not new:
            return
        self._announced |= new
        if unknown := self._loader.columns.unknown(new):
            self._warn_of_ignored(", ".join(sorted(unknown)))


def _column_and_nearest(name: str, nearest: Sequence[str]) -> str:
    return f"'{name}' (nearest: {', '.join(nearest)})" if nearest else f"'{name}'"
