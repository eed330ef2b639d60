"""The sinks: what the SDK hands every record to, by what its stream is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol, cast

from singer_sdk import Target
from singer_sdk.exceptions import InvalidRecord
from singer_sdk.sinks import RecordSink

from target_lightfield.errors import TargetError
from target_lightfield.expressions import Failure
from target_lightfield.id_map.source import stream_and_origin
from target_lightfield.keys import is_storable
from target_lightfield.loading.sources import source_key
from target_lightfield.plain_rows import DEEPEST, TooDeep, is_empty_text, plain_row
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.rejection import RejectCode, Rejection
from target_lightfield.reporting.rejects_file import MAPPED_FROM, StreamSchema
from target_lightfield.reporting.report import Report
from target_lightfield.row_schemas import RowValidator
from target_lightfield.run.run import Run
from target_lightfield.stream_maps import Output
from target_lightfield.unwritten import unknown_stream, why_not_written


class LoadingTarget(Protocol):
    """What the sinks need of the target."""

    @property
    def run(self) -> Run:
        """The run."""

    @property
    def report(self) -> Report:
        """What becomes of the rows."""


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
        self._report = cast("LoadingTarget", target).report

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
        raise _batch_messages(self.stream_name)


class UnknownSink(IgnoredSink):
    """Takes a stream that nobody knows: its first record ends the run, unless the settings ignore it."""

    def setup(self) -> None:
        """Say that nothing of the stream is written; while it has no records, nothing is lost."""
        self.logger.info("Stream '%s' is none that target-lightfield knows", self.stream_name)

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:
        """Count one record.

        Raises:
            TargetError: ``unknown_streams`` is ``error``.
        """
        self._refuse()
        if not self._report.knows(self.stream_name):
            self.logger.warning(
                "Stream '%s' is none that target-lightfield knows: its records are ignored (unknown_streams)",
                self.stream_name,
            )
        super().process_record(record, context)

    def process_batch_files(self, encoding: Any, files: Sequence[str]) -> None:
        """Refuse a BATCH message. Raises TargetError."""
        self._refuse()
        super().process_batch_files(encoding, files)

    def _refuse(self) -> None:
        if self.config["unknown_streams"] == "error":
            raise TargetError(unknown_stream(self.stream_name))


class RemovedSink(IgnoredSink):
    """Takes what stream maps remove, without a word."""

    def setup(self) -> None:
        """Say nothing."""

    def process_batch_files(self, encoding: Any, files: Sequence[str]) -> None:
        """Do nothing."""


class LightfieldSink(RecordSink):
    """Loads the records of one stream, one at a time and in their order."""

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
                    "Rename them with stream_maps, or set unknown_columns to ignore."
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

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:  # noqa: ARG002
        """Load one record. One that can't be loaded is filed as rejected; the run goes on."""
        row = plain_row(record)
        self._warn_of_unannounced(row)
        try:
            self._check(row)
        except Rejection as e:
            self._loader.reject(self.stream, row, e)
            return
        if _is_nothing(row.pop("_sdc_deleted_at", None)):
            self._loader.load(self.stream, row)
        else:
            self._loader.delete(self.stream, row)

    def fail(self, output: Output, record: dict[str, Any], row: dict[str, Any], failure: Failure) -> None:
        """File a row that stream maps can't make as it came: once they can, a copy of the file brings it."""
        self._remove_sdc_metadata_from_record(row)
        known = row | {name: record.get(name) for name in self.key_properties if row.get(name) is None}
        as_it_came = StreamSchema(
            output.source,
            output.raw_schema,
            tuple(output.raw_key_properties or ()),
            marks={MAPPED_FROM: None},
        )
        rejection = Rejection(
            f"The expression of {failure.column!r} in stream_maps fails for this row of "
            f"{output.source!r}: {failure.reason}",
            code=RejectCode.EXPRESSION_FAILED,
            param=failure.column,
        )
        self._loader.reject(self.stream, plain_row(known), rejection, (as_it_came, plain_row(record)))

    def _warn_of_unannounced(self, row: Mapping[str, Any]) -> None:
        """Say once of a column that is in no SCHEMA message and matches no field that it is ignored."""
        new = row.keys() - self._announced
        if not new:
            return
        self._announced |= new
        if unknown := self._loader.columns.unknown(new):
            self._warn_of_ignored(", ".join(sorted(unknown)))

    def _check(self, row: Mapping[str, Any]) -> None:
        too_deep = [name for name, value in row.items() if isinstance(value, TooDeep)]
        if too_deep:
            raise Rejection(
                f"{too_deep[0]} nests more than {DEEPEST} levels",
                code=RejectCode.INVALID_VALUE,
                param=too_deep[0],
            )
        missing = [name for name in self.key_properties if _is_nothing(row.get(name))]
        if missing:
            raise Rejection(f"Its key {missing[0]} is missing", code=RejectCode.KEY_MISSING, param=missing[0])
        if not is_storable(source_key(self.stream, row)):
            raise Rejection(
                "Its key is too long or no valid text",
                code=RejectCode.KEY_INVALID,
                param=self.key_properties[0],
            )
        try:
            if self._validator is not None:
                self._validator.validate(dict(row))
        except InvalidRecord as e:
            path = [str(part) for part in getattr(e.__cause__, "absolute_path", ())]
            rule = getattr(e.__cause__, "validator", "schema")
            raise Rejection(
                f"{'.'.join(path) or 'The record'} breaks the stream's own schema ({rule})",
                code=RejectCode.INVALID_RECORD,
                param=path[0] if path else None,
            ) from e
        except RecursionError as e:
            raise Rejection(
                "It can't be held against the stream's own schema, which refers to itself without an end: "
                "correct that, or set validate_records to false",
                code=RejectCode.INVALID_RECORD,
            ) from e

    def get_validator(self) -> RowValidator | None:
        """Return what holds rows to the stream's own schema, unless ``validate_records`` is false."""
        return RowValidator(self.schema) if self.validate_schema else None

    def _validate_and_parse(self, record: dict[str, Any]) -> dict[str, Any]:
        # The SDK would end the run at the first invalid record; process_record rejects it instead.
        # Dates stay text: what the field takes is decided by its valueType.
        return record

    def _singer_validate_message(self, record: dict[str, Any]) -> None:
        """Leave a record without its key to process_record, which rejects it: the SDK would end the run."""

    def process_batch_files(self, encoding: Any, files: Sequence[str]) -> None:  # noqa: ARG002
        """Refuse a BATCH message: the SDK would pass its records over without a word.

        Raises:
            TargetError: Always.
        """
        raise _batch_messages(self.stream_name)

    def _remove_sdc_metadata_from_record(self, record: dict[str, Any]) -> None:
        # The SDK drops _sdc_deleted_at too, and a deleted record would be loaded as a live one.
        deleted_at = record.get("_sdc_deleted_at")
        super()._remove_sdc_metadata_from_record(record)
        if deleted_at is not None:
            record["_sdc_deleted_at"] = deleted_at


def _is_nothing(value: Any) -> bool:
    """Whether a value tells no row from others: it is null or empty, or has such parts."""
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return value is None or is_empty_text(value) or any(map(_is_nothing, parts))


def _column_and_nearest(name: str, nearest: Sequence[str]) -> str:
    return f"'{name}' (nearest: {', '.join(nearest)})" if nearest else f"'{name}'"


def _batch_messages(stream: str) -> TargetError:
    return TargetError(
        f"Stream '{stream}' comes as BATCH messages, which can't be loaded: take batch_config out of the "
        "tap's settings."
    )
