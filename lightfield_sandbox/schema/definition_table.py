"""Makes the definitions of a workspace from `definitions.json`."""

from __future__ import annotations

import json
from importlib import resources
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.schema.definitions import (
    FieldDefinition,
    ObjectDefinition,
    Option,
    RelationshipDefinition,
)

if TYPE_CHECKING:
    from lightfield_sandbox.schema.ids import IdSource


def load_definitions(ids: IdSource, *, readonly_markdown: bool = False) -> dict[str, ObjectDefinition]:
    """The definitions of every object type. Seeds differ in the ids, and not in keys and labels.

    Args:
        ids: Gives the definitions and options their ids.
        readonly_markdown: Whether generated texts have the valueType READONLY_MARKDOWN.
    """
    table = json.loads(resources.files(__package__).joinpath("definitions.json").read_text(encoding="utf-8"))
    for row in (row for rows in table.values() for row in rows["fields"] if readonly_markdown):
        if row.get("readOnly") and row["valueType"] == "MARKDOWN":
            row["valueType"] = "READONLY_MARKDOWN"
    return {object_type: _object_definition(object_type, rows, ids) for object_type, rows in table.items()}


def _object_definition(object_type: str, rows: dict[str, Any], ids: IdSource) -> ObjectDefinition:
    fields: dict[str, FieldDefinition] = {}
    for row in rows["fields"]:
        parent = fields.get(row.get("parentFieldKey", ""))
        fields[row["key"]] = _field(row, parent, ids)
    relationships = {
        row["key"]: RelationshipDefinition(
            key=row["key"],
            id=ids.new("rd_"),
            label=row["label"],
            cardinality=row["cardinality"],
            object_type=row["objectType"],
            inverse=row.get("inverse"),
            required=row.get("required", False),
            read_only=row.get("readOnly", False),
            private=row.get("private", False),
            default=row.get("default"),
            slug=row.get("slug"),
            directions=row.get("directions"),
        )
        for row in rows["relationships"]
    }
    return ObjectDefinition(object_type, fields, relationships, rows.get("label", ""))


def _field(row: dict[str, Any], parent: FieldDefinition | None, ids: IdSource) -> FieldDefinition:
    prefix = row.get("idPrefix", "opt_")
    options = []
    for entry in row.get("options", ()):
        if isinstance(entry, str):
            options.append(Option(ids.new(prefix), entry))
        else:
            owner = parent.labelled(entry["parent"])[0].id if parent else None
            options.append(Option(ids.new(prefix), entry["label"], owner))
    read_only = row.get("readOnly", False)
    return FieldDefinition(
        key=row["key"],
        id=ids.new("ad_"),
        label=row["label"],
        value_type=row["valueType"],
        description=row.get("description"),
        required=row.get("required", False),
        read_only=read_only,
        writable=frozenset() if read_only else frozenset(row.get("writable", ("create", "update"))),
        multiple=row.get("multiple"),
        unique=row.get("unique", False),
        private=row.get("private", False),
        hidden=row.get("hidden", False),
        alone=row.get("alone", False),
        column=row.get("column", False),
        as_array=row.get("asArray", False),
        currency=row.get("currency"),
        handle_service=row.get("handleService"),
        parent_field_key=row.get("parentFieldKey"),
        options=tuple(options),
        choices=tuple(row.get("choices", ())),
    )
