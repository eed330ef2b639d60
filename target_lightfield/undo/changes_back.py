"""What of a record has to be written so that it is as it was before a write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.records import Record, field_value, linked
from lightfield_api.resources import Resource
from lightfield_api.values import same_value
from target_lightfield.id_map.journal_entries import Before
from target_lightfield.writing.changes import Changes


@dataclass(frozen=True)
class Differing:
    """A field or relationship that is neither as it was before a write nor as it was written."""

    key: str
    written: Any
    now: Any


def changes_back(
    resource: Resource, definitions: ObjectDefinitions, record: Record, before: Before, *, force: bool
) -> tuple[Changes, list[Differing]]:
    """Return what takes a write back, and what of it is left since it was changed after the write.

    A write whose answer was not seen may not have been done: then there is nothing to take back.

    Args:
        resource: The record's object.
        definitions: Its definitions.
        record: The record as it is now.
        before: What the write changed.
        force: Whether to take back also what was changed after the write.
    """
    changes = Changes()
    left = [*_fields_back(changes, resource, definitions, record, before, force=force)]
    for key, (old, new) in before.replaced.items():
        now = next(iter(linked(record, key)), None)
        if now != old and (force or now == new):
            changes.replace[key] = old
        elif now != old:
            left.append(Differing(key, new, now))
    for key, ids in before.added.items():
        if there := [id_ for id_ in ids if id_ in linked(record, key)]:
            changes.remove[key] = there
    for key, ids in before.removed.items():
        if missing := [id_ for id_ in ids if id_ not in linked(record, key)]:
            changes.add[key] = missing
    return changes, left


def _fields_back(
    changes: Changes,
    resource: Resource,
    definitions: ObjectDefinitions,
    record: Record,
    before: Before,
    *,
    force: bool,
) -> Iterator[Differing]:
    fields: dict[str, Any] = {}
    for key, (old, new) in before.fields.items():
        now, definition = field_value(record, key), definitions.fields.get(key)
        if definition is None:
            yield Differing(key, new, now)
        elif not same_value(definition, now, old):
            if force or same_value(definition, now, new):
                fields[key] = [] if old is None and key in resource.never_null else old
            else:
                yield Differing(key, new, now)
    changes.fields = fields
