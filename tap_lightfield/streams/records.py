"""Streams of CRM records: objects with definitions, in the API's common envelope."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from singer_sdk.helpers.conform import TypeConformanceLevel

from lightfield_api.columns import ENVELOPE, Columns, columns_of
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.resources import Resource
from lightfield_api.value_types import VALUE_TYPES
from tap_lightfield.record import RowReader
from tap_lightfield.schemas import schema_of
from tap_lightfield.streams.base import LightfieldStream
from tap_lightfield.workspace import Workspace

if TYPE_CHECKING:
    from singer_sdk import Tap
    from singer_sdk.helpers import types


class RecordStream(LightfieldStream):
    """All records of one object type, FULL_TABLE.

    Args:
        tap: The tap.
        workspace: What the streams of the run share; where it lacks the resource's definitions the
            stream has the envelope's columns only.
        resource: What is read.
    """

    # Rows are read into their schema's types, and have its columns only: the SDK need not do it again.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    envelope: tuple[str, ...] = tuple(ENVELOPE)
    """The names of the envelope's columns."""

    refers_to_files = True
    """Whether its records may refer to files."""

    def __init__(self, tap: Tap, workspace: Workspace, resource: Resource) -> None:
        self._resource = resource
        self._columns = self.columns(workspace, resource, tap.config)
        schema = schema_of(self._columns, decimals=tap.config["use_singer_decimal"])
        schema["properties"] |= self.further_columns(resource, tap.config)
        super().__init__(tap, workspace, resource.name, schema, (resource.scope("read"),))
        self._warn_of_unknown_types()

    @classmethod
    def columns(
        cls,
        workspace: Workspace,
        resource: Resource,
        config: Mapping[str, Any],  # noqa: ARG003 - for those whose columns follow from a setting
    ) -> Columns:
        """Return the columns that the API's values are read into.

        Args:
            workspace: What the streams of the run share.
            resource: What is read.
            config: The settings.
        """
        definitions = workspace.definitions.get(resource.name) or ObjectDefinitions(resource.object_type)
        return columns_of(definitions, cls.envelope)

    @classmethod
    def further_columns(cls, resource: Resource, config: Mapping[str, Any]) -> dict[str, Any]:  # noqa: ARG003
        """Return the JSON Schema of columns whose values are not the record's own."""
        return {}

    def rows(self, context: types.Context | None) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Yield the row of every record."""
        for record in self._swept(self._resource.path):
            self._workspace.file_references.note(record, changed=True)
            yield self._reader.row(record)

    def _has_column(self, name: str) -> bool:
        """Whether a column is in the catalog and selected."""
        return name in self.effective_schema.get("properties", {}) and self.mask["properties", name]

    def _wanted(self) -> set[str]:
        """The names of the columns that are read."""
        return {name for name in self._columns.by_name if self._has_column(name)}

    @cached_property
    def _reader(self) -> RowReader:
        """The reader of the selected columns: made when the catalog has been applied."""
        fresh = sorted(self._columns.by_name.keys() - self.effective_schema.get("properties", {}).keys())
        if fresh:
            self.logger.warning(
                "Stream '%s': not in the catalog, and so not read, are the columns %s. Run discovery "
                "again to have them.",
                self.name,
                ", ".join(fresh),
            )
        return RowReader(
            self.name,
            self._columns,
            self._wanted(),
            self.logger.warning,
            resource=self._resource,
            flattened=bool(self.config.get("flattening_enabled") and self.config.get("flattening_max_depth")),
            decimals=self.config["use_singer_decimal"],
        )

    def _warn_of_unknown_types(self) -> None:
        for column in self._columns:
            if column.field and column.field.value_type not in VALUE_TYPES:
                self.logger.warning(
                    "Stream '%s', column '%s': this version does not know the value type %s of %s; "
                    "its values pass as text.",
                    self.name, column.name, column.field.value_type, column.key,
                )  # fmt: skip
