"""What records are matched on: the values of one field, and when two of them mean the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lightfield_api.columns import Columns, Role
from lightfield_api.definitions import FieldDefinition
from lightfield_api.values import read_value

Record = Mapping[str, Any]
"""A record as the API answers it."""


@dataclass(frozen=True)
class Criterion:
    """One field to match on, and how its values are compared."""

    definition: FieldDefinition

    def keys(self, value: Any) -> frozenset[str]:
        """Return what of an API value has to be equal: each email, each website's domain, the name."""
        read = None if value is None else read_value(self.definition, value)
        items = read if isinstance(read, list) else [read]
        normalise = _NORMALISE.get(self.definition.value_type, _text)
        return frozenset(key for item in items if item is not None and (key := normalise(item)))

    def keys_of(self, record: Record) -> frozenset[str]:
        """Return the same of a record."""
        return self.keys(field_value(record, self.definition.key))

    def filter(self, value: Any) -> Iterator[Mapping[str, str]]:
        """Yield the query parameters whose lists hold every match; they may hold more."""
        operator = "contains" if self.definition.value_type in _CONTAINS else "equal"
        read = read_value(self.definition, value)
        for item in read if isinstance(read, list) else [read]:
            if text := _FILTER_TEXT.get(self.definition.value_type, _trimmed)(item):
                yield {f"{self.definition.key}[{operator}]": text}


def field_value(record: Record, key: str) -> Any:
    """Return the API value of a record's field, None if it has none."""
    return ((record.get("fields") or {}).get(key) or {}).get("value")


def linked(record: Record, key: str) -> Sequence[str]:
    """Return the ids that a record links to; as the source, where a relationship has directions."""
    relationship = (record.get("relationships") or {}).get(key) or {}
    source = (relationship.get("directions") or {}).get("asSource") or relationship
    return source.get("values") or []


def criterion_of(columns: Columns, name: str) -> Criterion:
    """Return the criterion of a column.

    Raises:
        ValueError: It is no column of a field.
    """
    column = columns.by_name.get(name)
    if column is None or column.role is not Role.FIELD or column.field is None:
        raise ValueError(f"match_on names {name!r}, which is no column of a field")
    return Criterion(column.field)


def _text(value: Any) -> str:
    return _trimmed(value).casefold()


def _name(value: Any) -> str:
    return _full_name(value).casefold()


def _domain(value: Any) -> str:
    """Return a website's domain: example.com of https://www.Example.com/about?x=1."""
    text = str(value).strip()
    try:
        host = urlsplit(text if "//" in text else f"//{text}").hostname or ""
    except ValueError:  # brackets that are no IPv6 address
        return ""
    return re.sub(r"^www\.", "", host.rstrip(".").casefold())


def _full_name(value: Any) -> str:
    return _trimmed(f"{value.get('first_name') or ''} {value.get('last_name') or ''}")


def _trimmed(value: Any) -> str:
    return " ".join(str(value).split())


_NORMALISE: Mapping[str, Callable[[Any], str]] = {"URL": _domain, "FULL_NAME": _name}
_FILTER_TEXT: Mapping[str, Callable[[Any], str]] = {"URL": _domain, "FULL_NAME": _full_name, "EMAIL": _text}
_CONTAINS = frozenset({"EMAIL", "TELEPHONE", "URL"})
