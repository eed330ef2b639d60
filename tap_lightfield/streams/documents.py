"""Streams of plain documents, whose columns a table names. See ``tap_lightfield/documents.py``."""

from __future__ import annotations

import abc
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar

from singer_sdk.helpers.conform import TypeConformanceLevel

from tap_lightfield.documents import DocumentReader, Shape, document_schema
from tap_lightfield.streams.base import LightfieldStream
from tap_lightfield.workspace import Workspace

if TYPE_CHECKING:
    from singer_sdk import Tap


class DocumentStream(LightfieldStream, abc.ABC):
    """A stream of documents of one shape."""

    # Rows are read into their schema's types, and have its columns only: the SDK need not do it again.
    TYPE_CONFORMANCE_LEVEL = TypeConformanceLevel.NONE

    stream_name: ClassVar[str]
    scope: ClassVar[str]
    """The scope without which it can't be read."""

    def __init__(self, tap: Tap, workspace: Workspace) -> None:
        self._shape = self.shape(tap.config)
        schema = document_schema(self._shape, self.key_properties)
        super().__init__(tap, workspace, self.stream_name, schema, (self.scope,))

    @classmethod
    @abc.abstractmethod
    def shape(cls, config: Mapping[str, Any]) -> Shape:
        """Return what a document holds."""

    def _has_column(self, name: str) -> bool:
        """Whether a column is in the catalog and selected."""
        return name in self.effective_schema.get("properties", {}) and self.mask["properties", name]

    @cached_property
    def _reader(self) -> DocumentReader:
        """The reader of the selected columns: made when the catalog has been applied."""
        return DocumentReader(
            self.name,
            self._shape,
            self.key_properties,
            {name for name in self.schema["properties"] if self._has_column(name)},
            self.logger.warning,
            flattened=bool(self.config.get("flattening_enabled") and self.config.get("flattening_max_depth")),
        )
