"""What the journal has: runs, and each of their writes with what was there before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any

from target_lightfield.id_map.source import Source


class RunKind(str, Enum):
    """What a run did."""

    LOAD = "load"
    UNDO = "undo"


class WriteKind(str, Enum):
    """What was done to a record."""

    CREATED = "created"
    CHANGED = "changed"
    TRASHED = "trashed"
    RESTORED = "restored"
    LISTED = "listed"
    """Records were put on the list, or taken off it."""


@dataclass(frozen=True)
class Before:
    """What a write changes, with what was there before.

    Attributes:
        fields: The old and the new API value, by the key of a field.
        replaced: The old and the new id or None, by the key of a HAS_ONE.
        added: The ids that are added, by the key of a HAS_MANY; by an object type, of a list.
        removed: The ids that are removed, likewise.
    """

    fields: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    replaced: Mapping[str, Sequence[str | None]] = field(default_factory=dict)
    added: Mapping[str, Sequence[str]] = field(default_factory=dict)
    removed: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def linked(self) -> set[str]:
        """The ids of the other records that are linked, or were."""
        ids = {id_ for pair in self.replaced.values() for id_ in pair if id_}
        return ids.union(*self.added.values(), *self.removed.values())


NOTHING = Before()


@dataclass(frozen=True)
class Write:
    """One write.

    Attributes:
        kind: What was done.
        object: The lasting name of the resource: ``accounts``.
        record_id: The record; None of a create whose answer was not seen.
        source: The row for which it was done; None where it was done for no single one.
        before: What it changes; of a create the links that it makes.
        adopted: Whether the row was matched with the record just then: no earlier run knew it.
        answered: Whether its answer was seen. If not, it may have been done or not.
        number: Its place in the order of its run.
    """

    kind: WriteKind
    object: str
    record_id: str | None
    source: Source | None = None
    before: Before = NOTHING
    adopted: bool = False
    answered: bool = False
    number: int = 0


@dataclass(frozen=True)
class KeptRun:
    """One run.

    Attributes:
        id: Its number.
        kind: What it did.
        undone: Of an undo: the number of the run that it takes back.
        workspace: What tells its workspace.
        settings: Its settings, without secrets.
        started_at: When it began.
        ended_at: When it ended; None while it runs, and where it broke off.
        outcome: Why it failed; None if it did not, or broke off.
        writes: How many writes of it there are.
    """

    id: int
    kind: RunKind
    undone: int | None
    workspace: str
    settings: Mapping[str, Any]
    started_at: datetime
    ended_at: datetime | None
    outcome: str | None
    writes: int
