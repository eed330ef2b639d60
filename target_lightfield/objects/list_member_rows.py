"""Rows that say who is on which list."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from target_lightfield.id_map.source import Source
from target_lightfield.keys import Key, is_key, is_storable, key_of
from target_lightfield.loading.unknown_columns import nearest_columns
from target_lightfield.objects.list_contents import LIST_MEMBER
from target_lightfield.objects.lists import object_type_of
from target_lightfield.plain_rows import is_empty_text
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.rejection import RejectCode, Rejection
from target_lightfield.reporting.rejects_file import StreamSchema

LIST_MEMBERS = "list_members"
"""The stream."""

_COLUMNS = ("list_id", "object_type", "record_id")
_LIST_NAME = "list_name"  # for people who read the rows: a list is told by its key


@dataclass(frozen=True)
class Membership:
    """What a row says: the source keys, or ids, of a list and of a record on it."""

    list_key: str
    object_type: str
    record_key: str


@dataclass(frozen=True)
class Entry:
    """A row on its way, and what it says; ``ended`` where the source has deleted it."""

    stream: StreamSchema
    source: Source
    row: Mapping[str, Any]
    membership: Membership
    ended: bool = False

    @property
    def tokens(self) -> Sequence[Hashable]:
        """Lock keys: batches that share one are never written at the same time."""
        return (LIST_MEMBERS, self.membership.list_key), (LIST_MEMBER, self.source.key)

    @property
    def follows(self) -> Sequence[Hashable]:
        """The tokens of work that must be finished before this row is written: on its list and its record."""
        row = self.membership
        return ("list", row.list_key), (row.object_type, row.record_key)


Result = tuple[Entry, Outcome | Rejection]
"""A row, and what became of it."""


class ListMemberReader:
    """Reads the rows of list_members."""

    def read(self, row: Mapping[str, Any]) -> Membership:
        """Return what the row says.

        Raises:
            Rejection: A column is missing or no key; ``param`` is the column.
        """
        object_type = object_type_of(row.get("object_type"))
        return Membership(_key(row, "list_id"), object_type, _key(row, "record_id"))

    def unknown(self, names: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """Return the columns that list_members does not have, each with the nearest that it has."""
        return nearest_columns((name for name in names if name != _LIST_NAME), _COLUMNS)

    def skipped(self, names: Iterable[str]) -> Sequence[str]:
        """Return the columns that are not written: the name of the list."""
        return [name for name in names if name == _LIST_NAME]


def list_key_of(row: Mapping[str, Any]) -> str | None:
    """Return the key by which a row names its list; None where it has none."""
    try:
        return _key(row, "list_id")
    except Rejection:
        return None


@dataclass(frozen=True)
class ListMembersPolicy:
    """What the settings say of list_members.

    Attributes:
        own_lists_only: Whether only lists that this target created are changed.
        exact: Whether members of the feed's lists that it has no row of are removed at its end.
        ends: Whether a row that the source has deleted ends the membership; else it is skipped.
    """

    own_lists_only: bool = False
    exact: bool = False
    ends: bool = False


def _key(row: Mapping[str, Any], column: str) -> Key:
    value = row.get(column)
    if not is_key(value) or is_empty_text(value):
        raise Rejection(f"{column} takes the key of a record", code=RejectCode.INVALID_VALUE, param=column)
    if not is_storable(key := key_of(value)):
        raise Rejection(f"{column} is too long or no valid text", code=RejectCode.INVALID_VALUE, param=column)
    return key
