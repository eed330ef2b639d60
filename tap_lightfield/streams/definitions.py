"""What the workspace says of its object types, as rows: types, fields, relationships, select options.

They come with discovery, which has read them already; no stream here costs a call of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from lightfield_api.columns import Columns, Role, columns_of
from lightfield_api.custom_objects import CUSTOM_OBJECTS_READ
from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.resources import RESOURCES
from tap_lightfield.schemas import INTEGER, table_schema
from tap_lightfield.streams.base import LightfieldStream
from tap_lightfield.workspace import Workspace

if TYPE_CHECKING:
    from singer_sdk import Tap
    from singer_sdk.helpers import types


class ObjectTypesStream(LightfieldStream):
    """The custom object types."""

    key_properties = ("object_type",)

    def __init__(self, tap: Tap, workspace: Workspace) -> None:
        super().__init__(tap, workspace, "object_types", _OBJECT_TYPES, (CUSTOM_OBJECTS_READ,))

    def rows(self, context: types.Context | None) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Yield a row for each custom object type."""
        for stream, kind in self._workspace.object_types.items():
            yield {"object_type": kind.slug, "label": kind.label, "stream": stream}


class DefinitionsStream(LightfieldStream):
    """What the definitions say of every object type that has them and that the key may read."""

    def rows(self, context: types.Context | None) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Yield the rows of every object type."""
        if not self._workspace.is_defined:
            self._full_sweep.leave_out("the API key does not read the definitions of all object types")
        for stream, definitions in self._workspace.definitions.items():
            if stream not in RESOURCES or RESOURCES[stream].builtin is None:
                yield from self.rows_of(stream, definitions)

    def rows_of(self, stream: str, definitions: ObjectDefinitions) -> Iterator[dict[str, Any]]:
        """Yield the rows of one object type."""
        raise NotImplementedError


class FieldDefinitionsStream(DefinitionsStream):
    """The fields."""

    key_properties = ("object_type", "key")

    def __init__(self, tap: Tap, workspace: Workspace) -> None:
        super().__init__(tap, workspace, "field_definitions", _FIELDS)

    def rows_of(self, stream: str, definitions: ObjectDefinitions) -> Iterator[dict[str, Any]]:
        """Yield a row for each field."""
        columns = columns_of(definitions)
        for key, field in definitions.fields.items():
            yield {
                "object_type": definitions.object_type,
                "key": key,
                "id": field.id,
                "label": field.label,
                "description": field.description,
                "value_type": field.value_type,
                "read_only": field.read_only,
                "unique": field.unique,
                "multiple_values": field.multiple_values,
                "currency": field.currency,
                "handle_service": field.handle_service,
                "parent_field_key": field.parent_field_key,
                "stream": stream,
                "column": _column(columns, key, Role.FIELD),
            }


class RelationshipDefinitionsStream(DefinitionsStream):
    """The relationships."""

    key_properties = ("object_type", "key")

    def __init__(self, tap: Tap, workspace: Workspace) -> None:
        super().__init__(tap, workspace, "relationship_definitions", _RELATIONSHIPS)

    def rows_of(self, stream: str, definitions: ObjectDefinitions) -> Iterator[dict[str, Any]]:
        """Yield a row for each relationship."""
        columns = columns_of(definitions)
        for key, relationship in definitions.relationships.items():
            yield {
                "object_type": definitions.object_type,
                "key": key,
                "id": relationship.id,
                "label": relationship.label,
                "description": relationship.description,
                "cardinality": relationship.cardinality,
                "related_object_type": relationship.object_type,
                "as_source_cardinality": relationship.directions.get("asSource"),
                "as_destination_cardinality": relationship.directions.get("asDestination"),
                "stream": stream,
                "column": _column(columns, key, Role.RELATIONSHIP),
            }


class FieldOptionsStream(DefinitionsStream):
    """The options of select fields."""

    key_properties = ("object_type", "field_key", "id")

    def __init__(self, tap: Tap, workspace: Workspace) -> None:
        super().__init__(tap, workspace, "field_options", _OPTIONS)

    def rows_of(self, stream: str, definitions: ObjectDefinitions) -> Iterator[dict[str, Any]]:  # noqa: ARG002
        """Yield a row for each option."""
        for key, field in definitions.fields.items():
            for position, option in enumerate(field.options):
                yield {
                    "object_type": definitions.object_type,
                    "field_key": key,
                    "id": option.id,
                    "label": option.label,
                    "description": option.description,
                    "parent_id": option.parent_id,
                    "position": position,
                }


def _column(columns: Columns, key: str, role: Role) -> str | None:
    column = columns.find(key, role)
    return column.name if column else None


_OBJECT_TYPES = table_schema(
    ObjectTypesStream.key_properties,
    {
        "object_type": ("TEXT", "The slug by which the API knows the type."),
        "label": ("TEXT", "What the workspace calls it."),
        "stream": ("TEXT", "The stream of its records."),
    },
)

_FIELDS = table_schema(
    FieldDefinitionsStream.key_properties,
    {
        "object_type": ("TEXT", "The object type that has the field."),
        "key": ("TEXT", "The field's key: with a $ for a system field."),
        "id": ("TEXT", "The definition's id, which differs between workspaces."),
        "label": ("TEXT", "What the workspace calls it."),
        "description": ("TEXT", "What it is for."),
        "value_type": ("TEXT", "The type of its values."),
        "read_only": ("CHECKBOX", "Whether the API refuses to write it."),
        "unique": ("CHECKBOX", "Whether no two records may have the same value."),
        "multiple_values": ("CHECKBOX", "Whether it takes several values; null where nothing is said."),
        "currency": ("TEXT", "The currency of its amounts."),
        "handle_service": ("TEXT", "The service of its handles."),
        "parent_field_key": ("TEXT", "The field whose option decides which options of this one apply."),
        "stream": ("TEXT", "The stream that has its values."),
        "column": ("TEXT", "The column that has its values."),
    },
)

_RELATIONSHIPS = table_schema(
    RelationshipDefinitionsStream.key_properties,
    {
        "object_type": ("TEXT", "The object type that has the relationship."),
        "key": ("TEXT", "The relationship's key: with a $ for a system one."),
        "id": ("TEXT", "The definition's id, which differs between workspaces."),
        "label": ("TEXT", "What the workspace calls it."),
        "description": ("TEXT", "What it is for."),
        "cardinality": ("TEXT", "HAS_ONE or HAS_MANY."),
        "related_object_type": ("TEXT", "The object type that it leads to."),
        "as_source_cardinality": (
            "TEXT",
            "The cardinality where the record is the source, if self-referential.",
        ),
        "as_destination_cardinality": (
            "TEXT",
            "The cardinality where the record is the destination, if self-referential.",
        ),
        "stream": ("TEXT", "The stream that has its ids."),
        "column": ("TEXT", "The column that has its ids."),
    },
)

_OPTIONS = table_schema(
    FieldOptionsStream.key_properties,
    {
        "object_type": ("TEXT", "The object type that has the field."),
        "field_key": ("TEXT", "The field's key."),
        "id": ("TEXT", "The option's id, which is what records hold."),
        "label": ("TEXT", "What the workspace calls it."),
        "description": ("TEXT", "What it means."),
        "parent_id": ("TEXT", "The option of the parent field to which it belongs."),
        "position": (INTEGER, "Its place among the field's options, from 0."),
    },
)
