"""Lists of accounts, contacts or opportunities. API page: "Lists"."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lightfield_api.records import Record, field_value
from lightfield_api.resources import ON_LISTS
from target_lightfield.loading.rows import RowReader
from target_lightfield.matching.finder import Finder
from target_lightfield.matching.wanted import Resolved, Wanted
from target_lightfield.reporting.rejection import RejectCode, Rejection
from target_lightfield.writing.changes import Changes
from target_lightfield.writing.writer import Writer

_OBJECT_TYPE = "$objectType"


class ListReader(RowReader):
    """Reads the rows of lists. Their object type may come with or without its ``$``."""

    def read(self, row: Mapping[str, Any]) -> Wanted:
        """Return what the row asks for; a null object type asks for nothing, since it can't be cleared.

        Raises:
            Rejection: As RowReader does, or there are no lists of the object type.
        """
        wanted = super().read(row)
        fields = {key: value for key, value in wanted.fields.items() if key != _OBJECT_TYPE}
        if (value := wanted.fields.get(_OBJECT_TYPE)) is not None:
            fields[_OBJECT_TYPE] = f"${object_type_of(value)}"
        return replace(wanted, fields=fields)


@dataclass(frozen=True)
class ListFinder(Finder):
    """Finds lists. Two of different object types are different lists, even with the same name."""

    def is_among(self, record: Record, wanted: Wanted, links: Resolved) -> bool:
        """Whether a list may match: one of the same object type. Args as in ``Finder``."""
        object_type = wanted.fields.get(_OBJECT_TYPE)
        same = object_type is None or field_value(_in_new_words(record), _OBJECT_TYPE) == object_type
        return same and super().is_among(record, wanted, links)


class ListWriter(Writer):
    """Writes lists, whichever way they spell their object type."""

    def differences(
        self,
        record: Record,
        fields: Mapping[str, Any],
        links: Mapping[str, Sequence[str]],
        *,
        exactly: bool = False,
    ) -> Changes:
        """Return what differs, but not ``account`` from ``$account``. Args as in ``Writer``."""
        return super().differences(_in_new_words(record), fields, links, exactly=exactly)


def object_type_of(value: Any) -> str:
    """Return account, contact or opportunity of what a row calls it: ``account`` or ``$account``.

    Raises:
        Rejection: There are no lists of that.
    """
    bare = value.removeprefix("$") if isinstance(value, str) else ""
    if bare not in ON_LISTS:
        raise Rejection(
            f"object_type must be one of {', '.join(ON_LISTS)}",
            code=RejectCode.INVALID_VALUE,
            param="object_type",
        )
    return bare


def listed_type(record: Record) -> str:
    """Return the object type of what is on a list, without the ``$`` that old lists lack."""
    return str(field_value(record, _OBJECT_TYPE) or "").removeprefix("$")


def _in_new_words(record: Record) -> Record:
    """Return a list with its object type as new lists have it, ``$account``; old ones lack the ``$``."""
    fields = record.get("fields") or {}
    if field_value(record, _OBJECT_TYPE) is None:
        return record
    named = {**fields[_OBJECT_TYPE], "value": f"${listed_type(record)}"}
    return {**record, "fields": {**fields, _OBJECT_TYPE: named}}
