"""What can become of a row, and what else a run has to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

LONGEST_SHOWN = 200
"""How many characters of a key, an id, a name or a value a report shows."""


class Outcome(Enum):
    """What became of one record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    TRASHED = "trashed"
    REMOVED = "removed"
    REJECTED = "rejected"
    GONE = "gone"
    WAITING = "waiting"
    SKIPPED = "skipped"
    KEPT = "kept"  # for the rows of other streams, by a preset

    @property
    def is_written(self) -> bool:
        """Whether the record is as the row wants it."""
        return self in {Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED}


@dataclass(frozen=True)
class WaitingLink:
    """A link whose other side has not come.

    Attributes:
        stream: The stream of the record that has it.
        key: That record's source key.
        relationship: The column that asks for it, for example ``account_id``.
        reference: What the column refers to.
    """

    stream: str
    key: str
    relationship: str
    reference: str


@dataclass(frozen=True)
class DoubtfulMatch:
    """A record that a row was matched with, although a name or a website of the two differs.

    Attributes:
        key: The row's source key.
        record_id: The record.
        link: Where people see it, or None.
        differences: Each column in which they differ, with what the record said and what the row says.
    """

    key: str
    record_id: str
    link: str | None
    differences: Sequence[tuple[str, str, str]]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "key": clip(self.key),
            "record_id": clip(self.record_id),
            "link": self.link,
            "differences": [
                {"column": clip(column), "before": clip(there), "after": clip(here)}
                for column, there, here in self.differences
            ],
        }


@dataclass(frozen=True)
class GoneRecord:
    """A record that a row meant, and that a person has deleted or merged.

    Attributes:
        key: The row's source key.
        record_id: The record.
        merged_into: The record that it was merged into; None if it was deleted, or nothing says so.
    """

    key: str
    record_id: str
    merged_into: str | None

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        merged_into = None if self.merged_into is None else clip(self.merged_into)
        return {"key": clip(self.key), "record_id": clip(self.record_id), "merged_into": merged_into}


@dataclass(frozen=True)
class Calls:
    """The requests of a run, by the API's rate-limit category.

    Attributes:
        read: Requests of the category read.
        search: Requests of the category search.
        write: Requests of the category write.
        throttled: How many of all these were answered with 429.
    """

    read: int = 0
    search: int = 0
    write: int = 0
    throttled: int = 0


def clip(text: str, longest: int = LONGEST_SHOWN) -> str:
    """Return the beginning of a text that is longer than a report shows."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"
