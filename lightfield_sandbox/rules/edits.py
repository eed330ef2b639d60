"""A write before it is stored: drafts of all records that it changes, at both ends of every link."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.settings import BOTH
from lightfield_sandbox.store.records import Record

if TYPE_CHECKING:
    from lightfield_sandbox.schema.definitions import Slot
    from lightfield_sandbox.store.store import Store


class Draft:
    """A record that is being changed or created; `origin` is its stored version."""

    def __init__(self, origin: Record, *, is_new: bool) -> None:
        self.origin = origin
        self.is_new = is_new
        self.fields: dict[str, Any] = dict(origin.fields)
        self.links: dict[str, tuple[str, ...]] = dict(origin.links)
        self.trashed = origin.trashed

    @property
    def id(self) -> str:
        """The record's id."""
        return self.origin.id

    @property
    def object_type(self) -> str:
        """The record's type."""
        return self.origin.object_type

    @property
    def changed(self) -> bool:
        """Whether there is anything to store."""
        origin = self.origin
        return self.is_new or (self.fields, self.links, self.trashed) != (
            origin.fields,
            origin.links,
            origin.trashed,
        )

    def set_field(self, key: str, value: Any) -> None:
        """Set a field, or clear it with None or an empty array."""
        if value is None or value == []:
            self.fields.pop(key, None)
        else:
            self.fields[key] = value

    def set_links(self, slot: str, ids: tuple[str, ...]) -> None:
        """Set the related ids of a slot."""
        if ids:
            self.links[slot] = ids
        else:
            self.links.pop(slot, None)


class Edit:
    """The drafts of one write. Nothing is stored before `commit`, so a refused write leaves no trace."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._drafts: dict[str, Draft] = {}
        self._other_ends: set[str] = set()

    def open(self, record: Record) -> Draft:
        """The draft of a stored record, the same one each time."""
        return self._drafts.setdefault(record.id, Draft(record, is_new=False))

    def create(self, object_type: str, record_id: str) -> Draft:
        """The draft of a record that does not exist yet."""
        draft = Draft(Record(object_type, record_id, 0, None, {}, {}), is_new=True)
        self._drafts[record_id] = draft
        return draft

    def drafted(self, record_id: str) -> Draft:
        """A draft that this write has opened or created."""
        return self._drafts[record_id]

    def link(self, draft: Draft, slot: Slot, other_id: str) -> None:
        """Link a draft to another record, at both ends. A HAS_ONE end lets go of the link that it had.

        Args:
            draft: The record to link.
            slot: Where the draft keeps the link.
            other_id: The id of the record at the other end.
        """
        held = draft.links.get(slot.name, ())
        if other_id in held:
            return
        if slot.one:
            for old in held:
                self.unlink(draft, slot, old)
        other = self._other(slot, other_id)
        inverse = self._inverse(slot)
        if other is not None and inverse is not None:
            if inverse.one:
                for old in other.links.get(inverse.name, ()):
                    self.unlink(other, inverse, old)
            other.set_links(inverse.name, (*other.links.get(inverse.name, ()), draft.id))
        draft.set_links(slot.name, (*draft.links.get(slot.name, ()), other_id))

    def unlink(self, draft: Draft, slot: Slot, other_id: str) -> None:
        """Remove a link at both ends, if there is one.

        Args:
            draft: The record at one end.
            slot: Where the draft keeps the link.
            other_id: The id of the record at the other end.
        """
        draft.set_links(slot.name, tuple(held for held in draft.links.get(slot.name, ()) if held != other_id))
        other = self._other(slot, other_id)
        inverse = self._inverse(slot)
        if other is not None and inverse is not None:
            kept = tuple(held for held in other.links.get(inverse.name, ()) if held != draft.id)
            other.set_links(inverse.name, kept)

    def commit(self) -> None:
        """Store every draft that changed, with a new `updatedAt`.

        Whether the records at the other ends of links get one, too, is up to the settings.
        """
        changed = [draft for draft in self._drafts.values() if draft.changed]
        if not changed:
            return
        now = self._store.tick()
        stay = set() if self._store.links_move == BOTH else self._other_ends
        self._store.put(
            replace(
                draft.origin,
                created_ms=now if draft.is_new else draft.origin.created_ms,
                updated_ms=draft.origin.updated_ms if draft.id in stay else now,
                fields=draft.fields,
                links=draft.links,
                trashed=draft.trashed,
                body=None,
            )
            for draft in changed
        )

    def _inverse(self, slot: Slot) -> Slot | None:
        if slot.inverse is None:
            return None
        return self._store.definitions[slot.object_type].slots[slot.inverse]

    def _other(self, slot: Slot, other_id: str) -> Draft | None:
        if slot.inverse is None:
            return None
        known = self._drafts.get(other_id)
        if known is not None:
            return known
        record = self._store.get(slot.object_type, other_id)
        if record is None:
            return None
        self._other_ends.add(other_id)
        return self.open(record)
