"""Earlier values of fields: those of written records are kept, those of seeded ones are made up."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.schema.resources import BY_OBJECT_TYPE
from lightfield_sandbox.store.records import SEED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lightfield_sandbox.schema.definitions import FieldDefinition
    from lightfield_sandbox.store.persistence import Journal
    from lightfield_sandbox.store.records import Record

# The time in milliseconds since 1970 at which a value was written, and the value.
Entry = tuple[int, Any]
# In milliseconds. A seeded record that was changed sooner than this has had one value only:
# its values would share their time.
_LEAST_LIFE = 1000
# The key of an entry that tells when a seeded record was last changed before its first write.
_SEEDED = ""
# The value types of which seeded records have had earlier values.
_CHANGING = ("SINGLE_SELECT", "NUMBER", "CURRENCY", "CHECKBOX")


class History:
    """The values that fields had before and after each write, oldest first."""

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal
        self._entries: dict[tuple[str, str], list[Entry]] = {}
        if journal is not None:
            for record_id, key, at, value in journal.load_history():
                self._entries.setdefault((record_id, key), []).append((at, value))

    def note(self, old: Record, new: Record, keys: Sequence[str]) -> None:
        """Keep what a write changes.

        Args:
            old: The record before the write.
            new: The record after it.
            keys: The fields that have a history.
        """
        if keys and old.origin == SEED and (old.id, _SEEDED) not in self._entries:
            self._add(old.id, _SEEDED, [(_last_change(old), None)])
        for key in keys:
            before, after = old.fields.get(key), new.fields.get(key)
            if before == after:
                continue
            # Begin with the value that the field had before its first write.
            first = [] if (old.id, key) in self._entries else [(0, before)]
            self._add(old.id, key, [*first, (_last_change(new), after)])

    def of(self, record: Record, field: FieldDefinition) -> list[Entry]:
        """Every value that a field has had, oldest first."""
        (_, first), *written = self._entries.get((record.id, field.key)) or [
            (0, record.fields.get(field.key))
        ]
        entries = [(record.created_ms, first)]
        if record.origin == SEED:
            seeded = self._entries.get((record.id, _SEEDED))
            entries = _seeded(record, field, first, seeded[0][0] if seeded else _last_change(record))
        if entries[0][1] is None:
            # A field that was empty at first has no entry for that.
            entries = entries[1:]
        return [*entries, *written]

    def _add(self, record_id: str, key: str, entries: Sequence[Entry]) -> None:
        self._entries.setdefault((record_id, key), []).extend(entries)
        if self._journal is not None:
            self._journal.save_history((record_id, key, at, value) for at, value in entries)


def _last_change(record: Record) -> int:
    return record.created_ms if record.updated_ms is None else record.updated_ms


def _seeded(record: Record, field: FieldDefinition, value: Any, until: int) -> list[Entry]:
    """Invented values of a seeded record up to its last change; the last of them is the seeded one."""
    born = record.created_ms
    before: list[Any]
    chance = random.Random(f"history:{record.id}:{field.key}")
    if value is None or field.value_type not in _CHANGING or until - born < _LEAST_LIFE:
        return [(born, value)]
    if field.parent_field_key is not None:
        options = [option.id for option in field.options if option.parent_id == field.by_id[value].parent_id]
        before = options[: options.index(value)]
    elif field.value_type == "SINGLE_SELECT":
        before = chance.sample([option.id for option in field.options], k=min(2, len(field.options)))
    elif field.value_type == "CHECKBOX":
        before = [not value] if chance.random() < 0.3 else []
    else:
        before = [round(value * share / 4, 2) for share in range(1, 4) if chance.random() < 0.4]
    values = [
        earlier for earlier, after in zip(before, [*before, value][1:], strict=True) if earlier != after
    ]
    step = (until - born) // max(1, len(values))
    return [(born + place * step, held) for place, held in enumerate([*values, value])]


def kept_keys(object_type: str, fields: dict[str, FieldDefinition]) -> tuple[str, ...]:
    """The keys of the fields of a type that have a history."""
    if not BY_OBJECT_TYPE[object_type].history:
        return ()
    return tuple(key for key, field in fields.items() if not field.column)
