"""The definitions of fields and relationships."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import Any

HAS_ONE = "HAS_ONE"
AS_SOURCE = "asSource"
AS_DESTINATION = "asDestination"


@dataclass(frozen=True)
class Option:
    """An option of a select field. A stage's `parent_id` is the option of its pipeline."""

    id: str
    label: str
    parent_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """As `typeConfiguration.options` shows it."""
        shown: dict[str, Any] = {"id": self.id, "label": self.label, "description": None}
        if self.parent_id is not None:
            shown["parentId"] = self.parent_id
        return shown


@dataclass(frozen=True)
class FieldDefinition:
    """One field of an object type.

    Attributes:
        writable: The operations (`create`, `update`) that accept it.
        multiple: What `multipleValues` says, None where the type has no such setting.
        private: Whether METADATA access hides its value.
        hidden: Whether no answer shows it.
        alone: Whether lists leave it out, so that only the record's own URL shows it.
        column: Whether it is column-backed, and so has no history.
        as_array: Whether it is shown as an array even if it holds one value or none.
        parent_field_key: Of `$stage`, the field whose options its own belong to: `$pipeline`.
        choices: The values that a text may have, if they are limited.
    """

    key: str
    id: str
    label: str
    value_type: str
    description: str | None = None
    required: bool = False
    read_only: bool = False
    writable: frozenset[str] = frozenset({"create", "update"})
    multiple: bool | None = None
    unique: bool = False
    private: bool = False
    hidden: bool = False
    alone: bool = False
    column: bool = False
    as_array: bool = False
    currency: str | None = None
    handle_service: str | None = None
    parent_field_key: str | None = None
    options: tuple[Option, ...] = ()
    choices: tuple[str, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Option]:
        """Options by id."""
        return {option.id: option for option in self.options}

    def labelled(self, label: str) -> list[Option]:
        """Options with that label: several where two pipelines have a stage of the same name."""
        return [option for option in self.options if option.label == label]

    def as_json(self) -> dict[str, Any]:
        """As the definitions endpoint shows it."""
        configuration: dict[str, Any] = {}
        if self.currency:
            configuration["currency"] = self.currency
        if self.handle_service:
            configuration["handleService"] = self.handle_service
        if self.multiple is not None:
            configuration["multipleValues"] = self.multiple
        if self.unique:
            configuration["unique"] = True
        if self.parent_field_key:
            configuration["parentFieldKey"] = self.parent_field_key
        if self.options:
            configuration["options"] = [option.as_json() for option in self.options]
        return {
            "id": self.id,
            "label": self.label,
            "description": self.description,
            "valueType": self.value_type,
            "readOnly": self.read_only,
            "typeConfiguration": configuration,
        }


@dataclass(frozen=True)
class Slot:
    """Where a record keeps links. A relationship has one slot; a self-referential one has two.

    Attributes:
        name: The relationship's key, such as `$account`; of a self-referential one, `parent:asSource`.
        object_type: The type of the linked records.
        one: Whether it holds at most one link.
        inverse: The slot at the other end of each link, None where the other end shows none.
    """

    name: str
    object_type: str
    one: bool
    inverse: str | None


@dataclass(frozen=True)
class RelationshipDefinition:
    """One relationship of an object type.

    Attributes:
        inverse: The slot at the other end, None where the other end shows none.
        private: Whether METADATA access hides its links.
        default: `key_owner` where a create without it links to the member who owns the key.
        slug: What filters call it, where that does not follow from its key.
        directions: Of a self-referential one, the cardinality of each end.
    """

    key: str
    id: str
    label: str
    cardinality: str
    object_type: str
    inverse: str | None = None
    required: bool = False
    read_only: bool = False
    private: bool = False
    default: str | None = None
    slug: str | None = None
    directions: dict[str, dict[str, str]] | None = None

    @cached_property
    def slots(self) -> tuple[Slot, ...]:
        """The slots of the relationship. A write sets the first."""
        if self.directions is None:
            return (Slot(self.key, self.object_type, self.cardinality == HAS_ONE, self.inverse),)
        source, destination = f"{self.key}:{AS_SOURCE}", f"{self.key}:{AS_DESTINATION}"
        return (
            Slot(source, self.object_type, self.directions[AS_SOURCE]["cardinality"] == HAS_ONE, destination),
            Slot(
                destination,
                self.object_type,
                self.directions[AS_DESTINATION]["cardinality"] == HAS_ONE,
                source,
            ),
        )

    def as_json(self) -> dict[str, Any]:
        """As the definitions endpoint shows it."""
        shown: dict[str, Any] = {
            "id": self.id,
            "label": self.label,
            "description": None,
            "cardinality": self.cardinality,
            "objectType": self.object_type,
        }
        if self.directions is not None:
            shown["directions"] = self.directions
        return shown


@dataclass(frozen=True)
class ObjectDefinition:
    """All definitions of one object type."""

    object_type: str
    fields: dict[str, FieldDefinition]
    relationships: dict[str, RelationshipDefinition]
    label: str = ""

    @cached_property
    def shown(self) -> dict[str, FieldDefinition]:
        """The fields that every answer shows."""
        return {
            key: field
            for key, field in self.fields.items()
            if not (field.hidden or field.alone or key in self.hints)
        }

    @cached_property
    def hints(self) -> dict[str, str]:
        """Fields that only say whose options another field means, with that field: `$pipeline: $stage`."""
        return {
            field.parent_field_key: key
            for key, field in self.fields.items()
            if field.parent_field_key is not None
        }

    @cached_property
    def shown_alone(self) -> dict[str, FieldDefinition]:
        """The fields that only a record's own URL shows."""
        return {key: field for key, field in self.fields.items() if field.alone}

    @cached_property
    def slots(self) -> dict[str, Slot]:
        """All slots of the type by name."""
        return {slot.name: slot for rel in self.relationships.values() for slot in rel.slots}

    @cached_property
    def filterable(self) -> dict[str, RelationshipDefinition]:
        """Relationships by the name that filters have for them: a slug that both ends share."""
        found = {
            _slug(self.object_type, relationship): relationship
            for relationship in self.relationships.values()
        }
        if self.object_type == "opportunity":
            # Newer texts of the SDK show the key as well.
            found["$account"] = self.relationships["$account"]
        return found

    @cached_property
    def unique_keys(self) -> tuple[str, ...]:
        """Keys of the fields whose values must be unique among active records."""
        return tuple(key for key, definition in self.fields.items() if definition.unique)

    @cached_property
    def body(self) -> bytes:
        """The JSON document of the definitions endpoint."""
        document = {
            "objectType": self.object_type,
            "fieldDefinitions": {key: field.as_json() for key, field in self.fields.items()},
            "relationshipDefinitions": {key: rel.as_json() for key, rel in self.relationships.items()},
        }
        return json.dumps(document, ensure_ascii=False).encode()


def _slug(object_type: str, relationship: RelationshipDefinition) -> str:
    """`$task-account` at both ends of what tasks write as `$account`; a custom relationship's own key."""
    if relationship.slug or not relationship.key.startswith("$"):
        return relationship.slug or relationship.key
    if relationship.read_only and relationship.inverse:
        return f"${relationship.object_type}-{relationship.inverse.removeprefix('$')}"
    return f"${object_type}-{relationship.key.removeprefix('$')}"
