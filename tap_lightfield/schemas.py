"""The JSON Schema of columns: a table by the shape of their values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from singer_sdk import typing as th

from lightfield_api.columns import Column, Columns, Role
from lightfield_api.definitions import FieldDefinition
from lightfield_api.value_reading import COORDINATES
from lightfield_api.value_types import VALUE_TYPES, Shape, shape_of
from lightfield_api.value_types import type_of as value_type_of

_Type = th.JSONTypeHelper[Any]

KEY_PROPERTIES = ("id",)

ENVELOPE_FIELDS: Mapping[str, FieldDefinition] = {
    "id": FieldDefinition("id", "TEXT", "ID", "The record's id in Lightfield."),
    "external_id": FieldDefinition(
        "externalId", "TEXT", "External ID", "The id that another system gave the record."
    ),
    "created_at": FieldDefinition("createdAt", "DATETIME", "Created at", "When the record was created."),
    "updated_at": FieldDefinition(
        "updatedAt", "DATETIME", "Updated at", "When the record was last changed; null if never."
    ),
    "http_link": FieldDefinition("httpLink", "TEXT", "Link", "The record's page in the Lightfield app."),
    "access_level": FieldDefinition(
        "accessLevel",
        "TEXT",
        "Access level",
        "FULL, or METADATA where privacy hides the content: a null is then not the same as empty.",
    ),
    "object_type": FieldDefinition("objectType", "TEXT", "Object type", "What kind of record it is."),
}
"""The envelope's columns, described in the way that the API describes fields."""


def schema_of(columns: Columns, *, decimals: bool = False) -> dict[str, Any]:
    """Return the JSON Schema of a stream with these columns, of which the envelope's id is the key.

    Args:
        columns: The columns.
        decimals: Whether their numbers are decimals, spelled as text.
    """
    return th.PropertiesList(
        *(
            _property(column, _DECIMAL if decimals and is_number(column) else _type(column))
            for column in columns
        )
    ).to_dict()


def is_number(column: Column) -> bool:
    """Whether a column holds the number of a field.

    Those of an address are none: the object holds them.
    """
    return column.role is Role.FIELD and column.field is not None and shape_of(column.field) is Shape.NUMBER


def table_schema(keys: Sequence[str], columns: Mapping[str, tuple[str, str]]) -> dict[str, Any]:
    """Return the JSON Schema of a stream whose columns no definitions give.

    Args:
        keys: The key columns.
        columns: Each column's value type and description, by its name.
    """
    return th.PropertiesList(
        *(
            th.Property(
                name,
                type_of(value_type),
                required=name in keys,
                title=name.replace("_", " ").strip().capitalize(),
                description=description,
            )
            for name, (value_type, description) in columns.items()
        )
    ).to_dict()


def type_of(value_type: str) -> th.JSONTypeHelper[Any]:
    """Return the type of a column that holds values of this valueType, or of ``INTEGER``."""
    return th.IntegerType() if value_type == INTEGER else _TYPES[VALUE_TYPES[value_type].shape]


def _property(column: Column, column_type: _Type) -> th.Property[Any]:
    return th.Property(
        column.name,
        column_type,
        required=column.role is Role.ENVELOPE and column.name in KEY_PROPERTIES,
        title=_label(column) + _TITLE_SUFFIX.get(column.role, ""),
        description=_description(column),
    )


_TITLE_SUFFIX = {
    Role.LABEL: " (label)",
    Role.AS_SOURCE: " (as source)",
    Role.AS_DESTINATION: " (as destination)",
}


def _label(column: Column) -> str:
    described = definition_of(column) or column.relationship
    return (described and described.label) or column.key


def _description(column: Column) -> str:
    """Return the definition's description; where it has none, what the column stands for."""
    if column.relationship is not None:
        relationship = column.relationship
        return (
            relationship.description
            or f"The Lightfield relationship {column.key} to {relationship.object_type} records."
        )
    definition = definition_of(column)
    kind = definition.value_type if definition else "unknown"
    return (definition and definition.description) or f"The Lightfield field {column.key} ({kind})."


def definition_of(column: Column) -> FieldDefinition | None:
    """Return the definition by which a column's values are read; None for a relationship."""
    return column.field or (ENVELOPE_FIELDS[column.name] if column.role is Role.ENVELOPE else None)


def _type(column: Column) -> _Type:
    if column.relationship is not None:
        return _TYPES[Shape.TEXTS if column.is_array else Shape.TEXT]
    definition = definition_of(column)
    if definition is None:
        return _STRING
    members = value_type_of(definition).members
    # A select's labels have the shape of its options' ids.
    return _object(members) if members else _TYPES[shape_of(definition)]


def _object(keys: Mapping[str, str]) -> _Type:
    return th.ObjectType(
        *(
            th.Property(
                name,
                _NUMBER if name in COORDINATES else _STRING,
                title=name.replace("_", " ").capitalize(),
            )
            for name in keys
        )
    )


INTEGER = "INTEGER"
"""A whole number. The API has no such valueType, but some of its values are whole numbers."""

_STRING, _NUMBER = th.StringType(), th.NumberType()

DECIMAL_FORMAT = "x-singer.decimal"
"""The format of a text that spells a decimal, as the SDK's SQL connectors know it."""

_DECIMAL = th.CustomType({"type": ["string"], "format": DECIMAL_FORMAT})

_TYPES: Mapping[Shape, _Type] = {
    Shape.TEXT: _STRING,
    Shape.TEXTS: th.ArrayType(th.StringType),
    Shape.NUMBER: _NUMBER,
    Shape.BOOLEAN: th.BooleanType(),
    Shape.DATETIME: th.DateTimeType(),
}
