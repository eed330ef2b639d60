"""The `relationships` of a write: how they are read, checked and carried out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.schema.errors import RELATIONSHIPS, ApiError, against_rule, unlinkable
from lightfield_sandbox.schema.file_statuses import COMPLETED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from lightfield_sandbox.rules.edits import Draft, Edit
    from lightfield_sandbox.schema.definitions import ObjectDefinition, RelationshipDefinition
    from lightfield_sandbox.store.store import Store

WRITE_LIMIT = 25
_OPERATIONS = frozenset(("add", "remove", "replace"))


@dataclass(frozen=True)
class LinkChange:
    """What a write asks of one relationship. With `replaces`, all other links of it go."""

    relationship: RelationshipDefinition
    add: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()
    replaces: bool = False

    @property
    def referenced(self) -> int:
        """How many ids it names."""
        return len(self.add) + len(self.remove)

    @property
    def changes(self) -> int:
        """How many changes it counts as; clearing a relationship is one."""
        return max(self.referenced, int(self.replaces))


def read_creation(definition: ObjectDefinition, sent: Mapping[str, Any]) -> list[LinkChange]:
    """The changes of a create: each value is an id or an array of ids."""
    changes = [LinkChange(_known(definition, key), add=_ids(key, value)) for key, value in sent.items()]
    for change in changes:
        _check_one(change.relationship, change.add)
    return changes


def read_update(definition: ObjectDefinition, sent: Mapping[str, Any]) -> list[LinkChange]:
    """The changes of an update: each value is `{"add", "remove"}` or `{"replace"}`."""
    return [_operation(_known(definition, key), value) for key, value in sent.items()]


def check_limit(changes: Sequence[LinkChange]) -> None:
    """Refuse a write that names or changes more than 25 links in all."""
    if (
        max(sum(change.referenced for change in changes), sum(change.changes for change in changes))
        > WRITE_LIMIT
    ):
        raise unlinkable(
            f"One request names and changes at most {WRITE_LIMIT} links.", "relationship_write_limit_exceeded"
        )


def check_targets(store: Store, changes: Sequence[LinkChange]) -> None:
    """Refuse links to what is missing, of another type, trashed, or a file that is not uploaded."""
    for change in changes:
        key = change.relationship.key
        for record_id in change.add:
            record = store.get(change.relationship.object_type, record_id)
            if record is None:
                message = f"There is no {change.relationship.object_type} {record_id!r}."
                raise unlinkable(message, "relationship_entity_missing", key)
            if record.trashed:
                raise unlinkable(f"{record_id} is in the trash.", "relationship_entity_inactive", key)
            if record.object_type == "file" and record.fields["status"] != COMPLETED:
                message = f"The upload of {record_id} is not completed."
                raise unlinkable(message, "relationship_entity_inactive", key)


def apply(edit: Edit, draft: Draft, changes: Sequence[LinkChange]) -> None:
    """Change the links of the draft and of the records at the other ends.

    Args:
        edit: The write.
        draft: The record that is written.
        changes: What is asked of its relationships.
    """
    for change in changes:
        slot, *reverse = change.relationship.slots
        if change.replaces:
            for old in draft.links.get(slot.name, ()):
                if old not in change.add:
                    edit.unlink(draft, slot, old)
        for record_id in change.remove:
            for side in (slot, *reverse):
                edit.unlink(draft, side, record_id)
        for record_id in change.add:
            edit.link(draft, slot, record_id)


def check_required(definition: ObjectDefinition, draft: Draft) -> None:
    """Refuse a record that would be without a required relationship."""
    for key, relationship in definition.relationships.items():
        if relationship.required and not draft.links.get(key):
            message = f"A {definition.object_type} needs the relationship {key}."
            raise against_rule(message, "parameter_missing", key, RELATIONSHIPS)


def _known(definition: ObjectDefinition, key: str) -> RelationshipDefinition:
    relationship = definition.relationships.get(key)
    if relationship is None:
        message = f"{definition.object_type} has no relationship {key!r}."
        raise unlinkable(message, "unknown_relationship", key)
    if relationship.read_only:
        raise unlinkable(f"The relationship {key} is read-only.", "invalid_configuration", key)
    return relationship


def _operation(relationship: RelationshipDefinition, value: Any) -> LinkChange:
    key = relationship.key
    if not isinstance(value, dict) or not value or set(value) - _OPERATIONS:
        raise _invalid(key, 'takes {"add", "remove"} or {"replace"}')
    if "replace" not in value:
        change = LinkChange(relationship, _ids(key, value.get("add", [])), _ids(key, value.get("remove", [])))
        _check_one(relationship, change.add)
        return change
    if len(value) > 1:
        raise _invalid(key, "takes replace alone")
    if not relationship.slots[0].one:
        raise unlinkable(f"{key} is HAS_MANY: use add and remove.", "invalid_configuration", key)
    replacement = value["replace"]
    if replacement is not None and not isinstance(replacement, str):
        raise _invalid(key, "takes one id or null as replace")
    return LinkChange(relationship, add=() if replacement is None else (replacement,), replaces=True)


def _ids(key: str, value: Any) -> tuple[str, ...]:
    values = [value] if isinstance(value, str) else value
    if not isinstance(values, list) or not all(isinstance(item, str) for item in values):
        raise _invalid(key, "takes an id or an array of ids")
    return tuple(values)


def _check_one(relationship: RelationshipDefinition, ids: Sequence[str]) -> None:
    if relationship.slots[0].one and len(set(ids)) > 1:
        raise _invalid(relationship.key, "is HAS_ONE and takes one id")


def _invalid(key: str, expectation: str) -> ApiError:
    return unlinkable(f"The relationship {key} {expectation}.", "invalid_type", key)
