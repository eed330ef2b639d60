"""A record as the API answers it, and what it holds. API page: "Fields and relationships".

Of ``{"id": "acc_1", "fields": {"$name": {"valueType": "TEXT", "value": "Acme"}},
"relationships": {"$owner": {"cardinality": "HAS_ONE", "values": ["mem_1"]}}}`` the
``field_value`` of ``$name`` is ``"Acme"``, and what is ``linked`` by ``$owner`` is ``["mem_1"]``.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, TypeGuard

from lightfield_api.errors import UnexpectedAnswer

Record = dict[str, Any]
"""A record as the API answers it: its envelope, and in it ``fields`` and ``relationships``."""


_ID = re.compile(r"[!-~]+")


def is_record(found: object) -> TypeGuard[Record]:
    """Whether a piece of an answer is a record: an object with an id, which is one word.

    A server between that says back what it was sent has "Bearer …" in every place.
    """
    return isinstance(found, dict) and isinstance(found.get("id"), str) and bool(_ID.fullmatch(found["id"]))


def field_value(record: Record, key: str) -> Any:
    """Return the API value of a record's field, None if it has none.

    Raises:
        UnexpectedAnswer: The record has fields of another shape.
    """
    try:
        return ((record.get("fields") or {}).get(key) or {}).get("value")
    except AttributeError:
        raise _of_another_shape(record, "fields") from None


def linked(record: Record, key: str) -> Sequence[str]:
    """Return the ids that a record links to; as the source, where a relationship has directions.

    Raises:
        UnexpectedAnswer: The record has relationships of another shape.
    """
    try:
        relationship = (record.get("relationships") or {}).get(key) or {}
        source = (relationship.get("directions") or {}).get("asSource") or relationship
        ids = source.get("values") or []
    except AttributeError:
        raise _of_another_shape(record, "relationships") from None
    if not isinstance(ids, list):
        raise _of_another_shape(record, "relationships")
    return ids


def record_name(record: Record) -> str | None:
    """Return what people call a record: its name, title or subject; None of one that has none."""
    for key in ("$name", "$title", "$subject"):
        value = field_value(record, key)
        parts = [value.get("firstName"), value.get("lastName")] if isinstance(value, dict) else [value]
        if text := " ".join(part for part in parts if isinstance(part, str)).strip():
            return text
    return None


def _of_another_shape(record: Record, member: str) -> UnexpectedAnswer:
    return UnexpectedAnswer(f"The {member} of record {record.get('id')} are of an unknown shape")
