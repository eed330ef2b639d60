"""What every sink does with a row before it is loaded: it is checked, and rejected where it can't be."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any

from singer_sdk.exceptions import InvalidRecord
from singer_sdk.sinks import RecordSink

from target_lightfield.errors import TargetError
from target_lightfield.expressions import Failure
from target_lightfield.keys import is_storable
from target_lightfield.loading.outcomes import Filed
from target_lightfield.loading.sources import source_key
from target_lightfield.plain_rows import DEEPEST, TooDeep, is_empty_text, plain_row
from target_lightfield.reporting.rejection import RejectCode, Rejection
from target_lightfield.reporting.rejects_file import MAPPED_FROM, StreamSchema
from target_lightfield.row_schemas import RowValidator
from target_lightfield.stream_maps import Output


class CheckedSink(RecordSink):
    """Takes the rows of one stream, one at a time and in order, and rejects those that can't be loaded."""

    @property
    @abstractmethod
    def stream(self) -> StreamSchema:
        """The stream of the record that comes now."""

    @abstractmethod
    def take(self, row: dict[str, Any], *, deleted: bool) -> None:
        """Take a row that has passed the checks.

        Args:
            row: The row.
            deleted: Whether the source has deleted it.

        Raises:
            Rejection: It can't be loaded.
        """

    @abstractmethod
    def reject(self, row: Mapping[str, Any], rejection: Rejection, as_it_came: Filed | None = None) -> None:
        """File a row that can't be loaded.

        Args:
            row: The row.
            rejection: Why not.
            as_it_came: The row of the source, filed instead where stream maps failed on it.
        """

    def fail(self, output: Output, record: dict[str, Any], row: dict[str, Any], failure: Failure) -> None:
        """Reject a row on which a stream map failed.

        The file has it as the source sent it, so that a copy can be loaded once the expression is mended.

        Args:
            output: What its stream becomes by ``stream_maps``.
            record: The row as the source sent it.
            row: What the expressions that did not fail made of it.
            failure: The column whose expression failed, and why.
        """
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
        self.reject(plain_row(known), rejection, (as_it_came, plain_row(record)))

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:  # noqa: ARG002
        """Take one record. One that can't be loaded is filed as rejected; the run goes on."""
        row = plain_row(record)
        try:
            self._check(row)
            deleted = not is_nothing(row.pop("_sdc_deleted_at", None))
            self.take(row, deleted=deleted)
        except Rejection as e:
            self.reject(row, e)

    def _check(self, row: Mapping[str, Any]) -> None:
        too_deep = [name for name, value in row.items() if isinstance(value, TooDeep)]
        if too_deep:
            raise Rejection(
                f"{too_deep[0]} nests more than {DEEPEST} levels",
                code=RejectCode.INVALID_VALUE,
                param=too_deep[0],
            )
        if missing := self._missing_key(row):
            raise Rejection(f"Its key {missing} is missing", code=RejectCode.KEY_MISSING, param=missing)
        if not is_storable(source_key(self.stream, row)):
            raise Rejection(
                "Its key is too long or no valid text",
                code=RejectCode.KEY_INVALID,
                param=next(iter(self.key_properties), None),
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

    def _missing_key(self, row: Mapping[str, Any]) -> str | None:
        """Return the first column of its key that a row lacks."""
        return next((name for name in self.key_properties if is_nothing(row.get(name))), None)

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
        raise batch_messages(self.stream_name)

    def _remove_sdc_metadata_from_record(self, record: dict[str, Any]) -> None:
        # The SDK drops _sdc_deleted_at too, and a deleted record would be loaded as a live one.
        deleted_at = record.get("_sdc_deleted_at")
        super()._remove_sdc_metadata_from_record(record)
        if deleted_at is not None:
            record["_sdc_deleted_at"] = deleted_at


def is_nothing(value: Any) -> bool:
    """Whether a value tells no row from others: it is null or empty, or has such parts."""
    parts = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return value is None or is_empty_text(value) or any(map(is_nothing, parts))


def batch_messages(stream: str) -> TargetError:
    """Return that a stream comes as BATCH messages."""
    return TargetError(
        f"Stream '{stream}' comes as BATCH messages, which can't be loaded: take batch_config out of the "
        "tap's settings."
    )
