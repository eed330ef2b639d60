"""What of a record has to be written so that it is as it was before a write."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import eq
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


def before_both(older: Before, newer: Before) -> Before:
    """Return what was there before two writes, the older one counting where both wrote the same."""
    added = {key: set(ids) for key, ids in newer.added.items()}
    removed = {key: set(ids) for key, ids in newer.removed.items()}
    for ids_of, others, taken in ((added, removed, older.added), (removed, added, older.removed)):
        for key, ids in taken.items():
            ids_of[key] = ids_of.get(key, set()) | set(ids)
            others[key] = others.get(key, set()) - set(ids)
    return Before(
        {**newer.fields, **older.fields},
        {**newer.replaced, **older.replaced},
        {key: sorted(ids) for key, ids in added.items()},
        {key: sorted(ids) for key, ids in removed.items()},
    )


@dataclass(frozen=True)
class Backwards:
    """Finds what takes the writes of one object back.

    Attributes:
        resource: The object.
        definitions: Its definitions.
        force: Whether to take back also what was changed after a write.
    """

    resource: Resource
    definitions: ObjectDefinitions
    force: bool

    def changes(
        self, record: Record, before: Before, first: Before, olds: Mapping[str, Sequence[Any]]
    ) -> tuple[Changes, list[Differing]]:
        """Return what takes a write back, and what of it is left since it was changed after the write.

        A write whose answer was not seen may not have been done, and an undo that broke off may have taken
        it back: then there is nothing to do.

        Args:
            record: The record as it is now.
            before: What the write changed.
            first: What older writes of the same run changed of the record.
            olds: By key the values that these found, and replaced: an undo that broke off may have gone
                back as far as any of them.
        """
        changes, left = Changes(), []
        fields: dict[str, Any] = {}
        for key, (old, new) in before.fields.items():
            now = field_value(record, key)
            is_same = self._compared(key)
            if any(is_same(now, one) for one in (old, *olds.get(key, ()))):
                continue
            if self._may_write(key) and (self.force or is_same(now, new)):
                fields[key] = [] if old is None and key in self.resource.never_null else old
            else:
                left.append(Differing(key, new, now))
        changes.fields = fields
        for key, (old, new) in before.replaced.items():
            now = next(iter(linked(record, key)), None)
            if now in (old, *olds.get(key, ())):
                continue
            if self.force or now == new:
                changes.replace[key] = old
            else:
                left.append(Differing(key, new, now))
        now_linked = {key: linked(record, key) for key in {**before.added, **before.removed}}
        changes.remove, changes.add = links_back(before, first, now_linked)
        return changes, left

    def _compared(self, key: str) -> Callable[[Any, Any], bool]:
        definition = self.definitions.fields.get(key)
        return partial(same_value, definition) if definition else eq

    def _may_write(self, key: str) -> bool:
        return key in self.definitions.fields


def links_back(
    before: Before, first: Before, present: Mapping[str, Container[str]]
) -> tuple[dict[str, Sequence[str]], dict[str, Sequence[str]]]:
    """Return which links are to be removed and which added, by key, so that they are as before a write.

    Args:
        before: What the write added and removed.
        first: What older writes of the same run added and removed.
        present: The ids that are linked now. Of a key that it lacks nobody knows: nothing counts as done.
    """
    off: dict[str, Sequence[str]] = {}
    on: dict[str, Sequence[str]] = {}
    for key, ids in before.added.items():
        had, there = first.removed.get(key, ()), present.get(key, ids)
        if too_many := [id_ for id_ in ids if id_ in there and id_ not in had]:
            off[key] = too_many
    for key, ids in before.removed.items():
        had_not, there = first.added.get(key, ()), present.get(key, ())
        if missing := [id_ for id_ in ids if id_ not in there and id_ not in had_not]:
            on[key] = missing
    return off, on
