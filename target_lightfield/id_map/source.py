"""What the id map is asked about and answers: rows, what became of them, and what has been begun for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

_FROM = " < "


def stream_from(stream: str, origin: str | None) -> str:
    """Return the name of what one of the source's streams feeds into a stream: ``notes < calls``."""
    return f"{stream}{_FROM}{origin}" if origin else stream


def stream_and_origin(name: str) -> tuple[str, str | None]:
    """Return the two parts of such a name; None where it names no stream of the source."""
    stream, _, origin = name.partition(_FROM)
    return stream, origin or None


@dataclass(frozen=True)
class Source:
    """A record as the source knows it: what the id map knows a row by.

    Attributes:
        stream: Its stream, as stream maps call it.
        key: Its key as text.
        key_properties: The columns of that key.
        origin: The source's own name of the stream, where its keys are kept apart from those of other
            streams that feed this one.
    """

    stream: str
    key: str
    key_properties: tuple[str, ...] = field(default=(), compare=False)
    origin: str | None = None

    @property
    def name(self) -> str:
        """What its stream is called in the id map."""
        return stream_from(self.stream, self.origin)

    @classmethod
    def named(cls, name: str, key: str, key_properties: tuple[str, ...] = ()) -> Source:
        """Return the source record of an entry of the id map.

        Args:
            name: The stream's name there: ``notes``, or ``notes < calls``.
            key: The key as text.
            key_properties: The columns of that key, where they matter.
        """
        stream, origin = stream_and_origin(name)
        return cls(stream, key, key_properties, origin)


class State(str, Enum):
    """How far a row is with the record that it became."""

    WRITTEN = "written"
    """All of the row is written; the hash says what that was."""
    ADOPTED = "adopted"
    """The record is the row's, but of the row nothing was written, or not all."""
    UNFINISHED = "unfinished"
    """The record was made for the row, but of the row not all is written yet."""
    TRASHED = "trashed"
    """The record is in the trash, and the row gets a new one if it comes: the source had deleted the row, and
    this target the record; or a person the record, with ``on_deleted: recreate``.
    """
    TRASHING = "trashing"
    """As TRASHED, but the record may be there yet: a run was about to move it to the trash, and broke off."""
    GONE = "gone"
    """A person has deleted the record in Lightfield."""
    MERGED = "merged"
    """The record is another row's. A person has merged this row's into it; or, with a hash, both rows have
    one unique value (``taken: first``).
    """
    MERGED_AND_GONE = "merged, gone"
    """As MERGED, and a person has deleted that other row's record, too."""

    # Of a row of list_members:
    ON = "on"
    """The record is on the list."""
    LEAVING = "leaving"
    """A request to remove it, or to put it there, has been sent or is about to be: it may be on it or not."""
    OFF = "off"
    """It was removed."""

    @property
    def is_trashed(self) -> bool:
        """Whether the row gets a new record if it comes and the record is not there."""
        return self in {State.TRASHED, State.TRASHING}

    @property
    def is_merged(self) -> bool:
        """Whether the record that the row leads to is another row's."""
        return self in {State.MERGED, State.MERGED_AND_GONE}


MERGED = [state.value for state in State if state.is_merged]
TRASHED = [state.value for state in State if state.is_trashed]
GONE = [State.GONE.value, State.MERGED_AND_GONE.value]
"""These states, as the tables have them."""


@dataclass(frozen=True)
class Mapped:
    """What a row became.

    Attributes:
        record_id: The record's id. For an email that Lightfield has without saying under which id, its
            Message-ID; for a membership, the ids of list and record.
        state: How far the row is with it.
        created: Whether this target created the record for the row; else it was there before.
        payload_hash: The hash of what was last written, where the state is WRITTEN.
    """

    record_id: str
    state: State
    created: bool
    payload_hash: str = ""


class Owner(NamedTuple):
    """Another row that a record belongs to, and whether the record was created for it."""

    source: Source
    created: bool


class Link(NamedTuple):
    """A link that a row asks for: the key of the relationship, and what the row calls the other record."""

    relationship: str
    reference: str


@dataclass(frozen=True)
class StartedCreate:
    """A create that is about to be sent, or was sent unanswered; ``started_at`` by the server's clock."""

    idempotency_key: str
    body: Mapping[str, Any]
    started_at: datetime


@dataclass(frozen=True)
class StartedUpload:
    """An upload that was begun and may be complete: the file's id, and the hash of what is uploaded."""

    file_id: str
    payload_hash: str
