"""What records are matched on: the values of one field, and when two of them mean the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lightfield_api.columns import Columns, Role
from lightfield_api.definitions import FieldDefinition
from lightfield_api.records import Record, field_value
from lightfield_api.value_types import Shape, type_of
from lightfield_api.values import read_value
from target_lightfield.matching.websites import website_filters, website_key, website_text


@dataclass(frozen=True)
class Criterion:
    """One field to match on, and how its values are compared."""

    definition: FieldDefinition

    def keys(self, value: Any) -> frozenset[str]:
        """Return the match keys of an API value: two values that share one match.

        ``["https://www.acme.com/en"]`` → ``{"acme.com"}``; ``["Ann@Acme.com"]`` → ``{"ann@acme.com"}``.
        """
        return self._keys(value, self._matching.key)

    def exact_keys(self, value: Any) -> frozenset[str]:
        """Return the keys of an API value by which two are the same value, and not only of one company.

        ``["https://www.acme.com/en"]`` → ``{"acme.com/en"}``.
        """
        return self._keys(value, self._matching.exact_key or self._matching.key)

    def _keys(self, value: Any, key_of: Callable[[Any], str]) -> frozenset[str]:
        read = None if value is None else read_value(self.definition, value)
        items = read if isinstance(read, list) else [read]
        return frozenset(key for item in items if item is not None and (key := key_of(item)))

    def keys_of(self, record: Record) -> frozenset[str]:
        """Return the match keys of a record's value of this field."""
        return self.keys(field_value(record, self.definition.key))

    def filter(self, value: Any) -> Iterator[Mapping[str, str]]:
        """Yield the query parameters, of one request each, that list every match, and maybe more."""
        has_several = type_of(self.definition).shape is Shape.CONTACT_POINTS
        operator = "contains" if has_several else "equal"
        read = read_value(self.definition, value)
        for item in read if isinstance(read, list) else [read]:
            for text in self._matching.filters(item):
                yield {f"{self.definition.key}[{operator}]": text}

    def text(self, value: Any) -> str:
        """Return an API value as people read it."""
        read = None if value is None else read_value(self.definition, value)
        items = read if isinstance(read, list) else [read]
        return ", ".join(self._matching.text(item) for item in items if item is not None)

    @property
    def _matching(self) -> _Matching:
        return _MATCHING.get(self.definition.value_type, _LIKE_TEXT)


@dataclass(frozen=True)
class Disagreement:
    """A field in which a row and a record that it matches have nothing in common.

    Attributes:
        key: The field's key.
        here: What the row says.
        there: What the record says.
    """

    key: str
    here: str
    there: str


def disagreements(
    criteria: Iterable[Criterion], fields: Mapping[str, Any], record: Record
) -> Iterator[Disagreement]:
    """Yield the fields that both a row and a record have, but with nothing in common.

    Args:
        criteria: The fields to compare.
        fields: The row's API values by field key.
        record: The record.
    """
    for criterion in criteria:
        key = criterion.definition.key
        ours, theirs = criterion.keys(fields.get(key)), criterion.keys_of(record)
        if ours and theirs and not ours & theirs:
            yield Disagreement(key, criterion.text(fields.get(key)), criterion.text(field_value(record, key)))


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


def _full_name(value: Any) -> str:
    return _trimmed(f"{value.get('first_name') or ''} {value.get('last_name') or ''}")


def _trimmed(value: Any) -> str:
    return " ".join(str(value).split())


def _texts(value: Any) -> Iterator[str]:
    if text := _trimmed(value):
        yield text


@dataclass(frozen=True)
class _Matching:
    """How the values of one valueType are compared.

    Attributes:
        key: The match key of one value, equal where two values match.
        filters: The texts to filter a list by, so that it shows every value with that key.
        text: The value as people read it.
        exact_key: Equal where two values are the same, if that is not where they match.
    """

    key: Callable[[Any], str] = _text
    filters: Callable[[Any], Iterator[str]] = _texts
    text: Callable[[Any], str] = _trimmed
    exact_key: Callable[[Any], str] | None = None


_LIKE_TEXT = _Matching()

_MATCHING: Mapping[str, _Matching] = {
    "URL": _Matching(website_key, website_filters, exact_key=website_text),
    "FULL_NAME": _Matching(_name, lambda value: _texts(_full_name(value)), _full_name),
    "EMAIL": _Matching(filters=lambda value: _texts(_text(value))),
}
"""The valueTypes that are not compared like any text."""
