"""The values and links that the primary record of a merge ends up with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lightfield_sandbox.schema.errors import taken, unprocessable
from lightfield_sandbox.schema.values import check_value, unique_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lightfield_sandbox.rules.edits import Draft, Edit
    from lightfield_sandbox.rules.writes import Writer
    from lightfield_sandbox.schema.definitions import FieldDefinition, Slot
    from lightfield_sandbox.store.store import Store


def merge_fields(
    writer: Writer, drafts: tuple[Draft, Draft], resolutions: Mapping[str, Any], *, union: bool
) -> int:
    """Set the primary record to the values of the merge: its own, and where it has none, the duplicate's.

    Args:
        writer: Knows which values are taken, and how to refuse them.
        drafts: The primary record and its duplicate.
        resolutions: By field key, whose value wins (`primary` or `duplicate`), or `{"value": …}`.
        union: Whether its MULTI_SELECT fields get the options of both.

    Returns:
        How many fields of the primary have changed.

    Raises:
        ApiError: For a resolution that the definitions refuse, or a value that a third record holds.
    """
    primary, duplicate = drafts
    fields = writer.store.definitions[primary.object_type].fields
    for key in resolutions:
        if key not in fields or fields[key].read_only:
            raise unprocessable(f"{key!r} can't be resolved.", "unknown_field", key)
    for key, field in fields.items():
        value = _resolved(field, resolutions.get(key), drafts, union=union)
        for token in unique_tokens(field, value) if field.unique else ():
            holder = writer.store.holder(primary.object_type, key, token)
            if holder not in (None, primary.id, duplicate.id):
                raise taken(writer.unique_status, f"{key} is taken.", key)
        primary.set_field(key, value)
    return sum(primary.fields.get(key) != primary.origin.fields.get(key) for key in fields)


def _resolved(field: FieldDefinition, resolution: Any, drafts: tuple[Draft, Draft], *, union: bool) -> Any:
    kept, given = (draft.fields.get(field.key) for draft in drafts)
    if isinstance(resolution, dict):
        return check_value(field, resolution["value"])
    if resolution is not None:
        return kept if resolution == "primary" else given
    if union and field.value_type == "MULTI_SELECT":
        return list(dict.fromkeys([*(kept or ()), *(given or ())]))
    return given if kept is None else kept


def move_links(store: Store, edit: Edit, primary: Draft, duplicate: Draft) -> tuple[int, list[str]]:
    """Give the links of the duplicate to the primary record.

    Args:
        store: The records of the workspace.
        edit: The write.
        primary: The record that stays.
        duplicate: The record that goes.

    Returns:
        How many links were moved, and a warning for each that was not: a HAS_ONE relationship of the
        primary had one already.
    """
    moved, warnings = 0, []
    for slot in store.definitions[primary.object_type].slots.values():
        for other_id in duplicate.links.get(slot.name, ()):
            edit.unlink(duplicate, slot, other_id)
            if other_id == primary.id:
                continue
            if slot.one and primary.links.get(slot.name):
                warnings.append(f"{slot.name}: {other_id} was not transferred")
                continue
            edit.link(primary, slot, other_id)
            moved += 1
    for slot, holder in _pointing(store, edit, primary.object_type, duplicate.id):
        edit.unlink(holder, slot, duplicate.id)
        if holder.id != primary.id:
            edit.link(holder, slot, primary.id)
            moved += 1
    return moved, warnings


def _pointing(store: Store, edit: Edit, object_type: str, record_id: str) -> Iterator[tuple[Slot, Draft]]:
    """The records that link to a record by relationships that have no end at the record itself."""
    for definition in store.definitions.values():
        for slot in definition.slots.values():
            if slot.object_type != object_type or slot.inverse is not None:
                continue
            for record in list(store.all_records(definition.object_type)):
                if record_id in record.links.get(slot.name, ()):
                    yield slot, edit.open(record)
