"""API key <-> column name: one rule, by which the tap names and the target finds.

``$lastFundingType`` is the column ``last_funding_type``; the custom ``renewalDate`` is
``custom_renewal_date``, so that a later system field never takes a customer's column; the relationship
``$owner`` is ``owner_id``. What a column is called depends only on its key and on the keys that would
otherwise have the same name, never on the order in which the API lists them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import Enum

from lightfield_api.definitions import Cardinality, FieldDefinition, ObjectDefinitions, RelationshipDefinition
from lightfield_api.distinct_names import Claim, distinct_names, short_hash
from lightfield_api.value_types import type_of

ENVELOPE: Mapping[str, str] = {
    "id": "id",
    "external_id": "externalId",
    "created_at": "createdAt",
    "updated_at": "updatedAt",
    "http_link": "httpLink",
}
"""The columns that every record has, with their keys in the API's envelope."""

OPTIONAL_ENVELOPE: Mapping[str, str] = {"access_level": "accessLevel", "object_type": "objectType"}
"""Envelope columns that only some resources have: meetings, emails and messages."""

CUSTOM_PREFIX = "custom_"


class Role(Enum):
    """Which part of a key's value a column holds."""

    ENVELOPE = ""
    FIELD = "field"
    LABEL = "label"
    RELATIONSHIP = "relationship"
    AS_SOURCE = "asSource"
    AS_DESTINATION = "asDestination"


@dataclass(frozen=True)
class Column:
    """One column, the key it stands for, and that key's definition."""

    name: str
    key: str
    role: Role
    field: FieldDefinition | None = None
    relationship: RelationshipDefinition | None = None

    @property
    def is_array(self) -> bool:
        """Whether the column of a relationship holds several ids."""
        return self.relationship is not None and _cardinality(self.relationship, self.role) == "HAS_MANY"


@dataclass(frozen=True)
class Columns:
    """The columns of one object type: the envelope, fields, relationships, each as the API orders them."""

    by_name: Mapping[str, Column]
    by_key: Mapping[tuple[str, Role], Column] = field(repr=False)

    def __iter__(self) -> Iterator[Column]:
        return iter(self.by_name.values())

    def find(self, key: str, role: Role) -> Column | None:
        """Return the column that holds this part of a key's value, or None."""
        return self.by_key.get((key, role))


def columns_of(definitions: ObjectDefinitions, envelope: Iterable[str] = tuple(ENVELOPE)) -> Columns:
    """Return the columns of an object type.

    Args:
        definitions: The object type's fields and relationships.
        envelope: The names of the envelope columns, of ``ENVELOPE`` and ``OPTIONAL_ENVELOPE``.
    """
    wanted = list(_wanted(definitions, envelope))
    claims = [Claim(column.name, f"{column.role.value}:{column.key}", _rank(column)) for column in wanted]
    named = [replace(column, name=name) for column, name in zip(wanted, distinct_names(claims), strict=True)]
    by_name = {column.name: column for column in named}
    return Columns(by_name, {(column.key, column.role): column for column in named})


def column_name(key: str) -> str:
    """Return the column name of a field's key where no other key claims it."""
    prefix = "" if key.startswith("$") else CUSTOM_PREFIX
    # Every run of what is neither letter nor digit is one underscore: `__` is the SDK's, for flattening.
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", key)
    return prefix + (re.sub(r"[\W_]+", "_", words).strip("_").lower() or short_hash(key, 8))


def _wanted(definitions: ObjectDefinitions, envelope: Iterable[str]) -> Iterator[Column]:
    known = {**ENVELOPE, **OPTIONAL_ENVELOPE}
    for name in envelope:
        yield Column(name, known[name], Role.ENVELOPE)
    for key, definition in definitions.fields.items():
        name = column_name(key)
        yield Column(name, key, Role.FIELD, field=definition)
        if suffix := type_of(definition).label_suffix:
            yield Column(name + suffix, key, Role.LABEL, field=definition)
    for key, relationship in definitions.relationships.items():
        name = column_name(key)
        for role, infix in _ROLE_INFIX.items():
            if role is Role.RELATIONSHIP or role.value in relationship.directions:
                suffix = "_id" if _cardinality(relationship, role) == "HAS_ONE" else "_ids"
                yield Column(name + infix + suffix, key, role, relationship=relationship)


_ROLE_INFIX = {Role.RELATIONSHIP: "", Role.AS_SOURCE: "_as_source", Role.AS_DESTINATION: "_as_destination"}


def _cardinality(relationship: RelationshipDefinition, role: Role) -> Cardinality:
    return relationship.directions.get(role.value, relationship.cardinality)


def _rank(column: Column) -> int | None:
    """Return the rank of a column's claim to its bare name, 0 first: the envelope's, a key spelled like it.

    Only one key can be spelled like the name of a system column, and one like that of a custom one;
    of those two the custom one keeps what the customer already has in the warehouse.
    """
    if column.role is Role.ENVELOPE:
        return 0
    if column.role is Role.FIELD:
        if column.name == CUSTOM_PREFIX + column.key:
            return 1
        if column.name == column.key.removeprefix("$") and column.key.startswith("$"):
            return 2
    return None
