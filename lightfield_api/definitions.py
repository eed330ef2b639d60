"""What a workspace says of its object types: fields, select options and relationships.

API page: "Fields and relationships"; endpoints ``GET /v1/{collection}/definitions``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from lightfield_api.errors import UnexpectedAnswer

Cardinality = Literal["HAS_ONE", "HAS_MANY"]

PIPELINE = "$pipeline"

READ_ONLY_TYPES = frozenset({"READONLY_MARKDOWN"})
"""The valueTypes that nobody can write, whatever else a definition says."""


@dataclass(frozen=True)
class Option:
    """One option of a select field. ``parent_id`` is the option of the parent field that owns it."""

    id: str
    label: str
    description: str | None = None
    parent_id: str | None = None


@dataclass(frozen=True)
class FieldDefinition:
    """One field of an object type. ``key`` is ``$name`` for a system field, a bare slug for a custom one.

    ``multiple_values`` is None where the API says nothing; ``parent_field_key`` names the field whose
    option decides which options of this one apply (``$stage`` within ``$pipeline``).
    """

    key: str
    value_type: str
    label: str = ""
    description: str | None = None
    id: str | None = None
    read_only: bool = False
    unique: bool = False
    multiple_values: bool | None = None
    currency: str | None = None
    handle_service: str | None = None
    parent_field_key: str | None = None
    options: tuple[Option, ...] = ()

    @cached_property
    def labels(self) -> Mapping[str, str]:
        """The labels of a select's options, by option id."""
        return {option.id: option.label for option in self.options}

    def options_named(self, text: str) -> Sequence[Option]:
        """Return the option with this id, else those with this label, without case and runs of blanks."""
        option = self._by_id.get(text)
        return self._by_label.get(_comparable(text), ()) if option is None else (option,)

    @cached_property
    def _by_id(self) -> Mapping[str, Option]:
        return {option.id: option for option in self.options}

    @cached_property
    def _by_label(self) -> Mapping[str, Sequence[Option]]:
        found: dict[str, list[Option]] = {}
        for option in self.options:
            found.setdefault(_comparable(option.label), []).append(option)
        return found


@dataclass(frozen=True)
class RelationshipDefinition:
    """One relationship of an object type.

    ``directions`` is there for a self-referential one: the cardinality by ``asSource`` and
    ``asDestination``.
    """

    key: str
    cardinality: Cardinality
    object_type: str
    label: str = ""
    description: str | None = None
    id: str | None = None
    directions: Mapping[str, Cardinality] = field(default_factory=dict)

    @property
    def links_many(self) -> bool:
        """Whether a record has several of these links; as the source, where there are directions."""
        return self.directions.get("asSource", self.cardinality) == "HAS_MANY"


@dataclass(frozen=True)
class ObjectDefinitions:
    """The fields and relationships of one object type, by key."""

    object_type: str
    fields: Mapping[str, FieldDefinition] = field(default_factory=dict)
    relationships: Mapping[str, RelationshipDefinition] = field(default_factory=dict)

    @cached_property
    def hints(self) -> Mapping[str, str]:
        """The keys of fields that are written only beside another and not stored, with the other's key.

        ``{"$pipeline": "$stage"}``: the pipeline says in which one the stage's label is meant, and a record's
        pipeline is the one that its stage belongs to. API page: "Pipelines and stages".
        """
        stages = [key for key, field in self.fields.items() if field.parent_field_key == PIPELINE]
        return {PIPELINE: stages[0] if stages else "$stage"} if PIPELINE in self.fields else {}

    @classmethod
    def of(
        cls,
        object_type: str,
        fields: Iterable[FieldDefinition] = (),
        relationships: Iterable[RelationshipDefinition] = (),
    ) -> ObjectDefinitions:
        """Return the definitions of an object type that has no definitions endpoint.

        Args:
            object_type: What the API calls one record of it.
            fields: Its fields.
            relationships: Its relationships.
        """
        return cls(object_type, {f.key: f for f in fields}, {r.key: r for r in relationships})

    @classmethod
    def from_json(cls, body: Mapping[str, Any]) -> ObjectDefinitions:
        """Read the answer of a definitions endpoint.

        Raises:
            UnexpectedAnswer: It lacks what every definition has.
        """
        try:
            return cls(
                object_type=_text(body["objectType"]),
                fields={key: _field(key, value) for key, value in body["fieldDefinitions"].items()},
                relationships={
                    key: _relationship(key, value) for key, value in body["relationshipDefinitions"].items()
                },
            )
        except (KeyError, TypeError, AttributeError) as e:
            raise UnexpectedAnswer(f"A definitions answer of an unknown shape: {type(e).__name__} {e}") from e


def cardinality(text: str) -> Cardinality:
    """Return the cardinality; the API also writes it in lower case."""
    return "HAS_ONE" if text.upper() == "HAS_ONE" else "HAS_MANY"


def _comparable(label: str) -> str:
    return " ".join(label.split()).casefold()


def _field(key: str, body: Mapping[str, Any]) -> FieldDefinition:
    configuration = body.get("typeConfiguration") or {}
    return FieldDefinition(
        key=key,
        value_type=_text(body["valueType"]),
        label=_text_or_none(body.get("label")) or key,
        description=_text_or_none(body.get("description")),
        id=_text_or_none(body.get("id")),
        read_only=bool(body.get("readOnly")) or body["valueType"] in READ_ONLY_TYPES,
        unique=bool(configuration.get("unique")),
        multiple_values=configuration.get("multipleValues"),
        currency=_text_or_none(configuration.get("currency")),
        handle_service=_text_or_none(configuration.get("handleService")),
        parent_field_key=_text_or_none(configuration.get("parentFieldKey")),
        options=tuple(_option(option) for option in configuration.get("options") or ()),
    )


def _option(body: Mapping[str, Any]) -> Option:
    return Option(
        id=_text(body["id"]),
        label=_text(body["label"]),
        description=_text_or_none(body.get("description")),
        parent_id=_text_or_none(body.get("parentId")),
    )


def _relationship(key: str, body: Mapping[str, Any]) -> RelationshipDefinition:
    return RelationshipDefinition(
        key=key,
        cardinality=cardinality(body["cardinality"]),
        object_type=_text(body["objectType"]),
        label=_text_or_none(body.get("label")) or key,
        description=_text_or_none(body.get("description")),
        id=_text_or_none(body.get("id")),
        directions={
            name: cardinality(direction["cardinality"])
            for name, direction in (body.get("directions") or {}).items()
        },
    )


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("no text where one belongs")
    return value


def _text_or_none(value: object) -> str | None:
    return value if isinstance(value, str) else None
