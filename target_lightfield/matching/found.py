"""What was found of the record that a row means: where it comes from, or what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from lightfield_api.records import Record
from target_lightfield.id_map.source import Mapped, State
from target_lightfield.matching.criteria import Disagreement


class Origin(Enum):
    """Where a row's record comes from."""

    KNOWN = "the id map or the row's own id says so"
    MATCHED = "it was there, and is like the row"
    CREATED = "this run created it, or finished its creation"
    STORED = "an earlier run created it: the API gave that answer again"

    @property
    def was_there(self) -> bool:
        """Whether the record was found, not made by a create that this run sends or finishes."""
        return self in {Origin.KNOWN, Origin.MATCHED}


@dataclass(frozen=True)
class Found:
    """The record that a row means.

    Attributes:
        record: The record.
        origin: Where it comes from.
        is_current: Whether it was just retrieved; one from a list may be outdated.
        disagreements: Where it was matched: the fields in which it differs from the row all the same.
    """

    record: Record
    origin: Origin
    is_current: bool = True
    disagreements: Sequence[Disagreement] = ()


@dataclass(frozen=True)
class Gone:
    """The record that a row means was deleted or merged in Lightfield, and stays so.

    Attributes:
        record_id: Its id.
        mapped: What the id map is to have of the row: the record that links to it lead to, if any.
    """

    record_id: str
    mapped: Mapped

    @property
    def merged_into(self) -> str | None:
        """The id of the record that it was merged into, None if it was deleted."""
        return self.mapped.record_id if self.mapped.state is State.MERGED else None
