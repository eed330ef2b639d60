"""A first preset for a source that has none, before it is written down: each line with why it is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

Spec: TypeAlias = str | Mapping[str, Any]
"""A column's name, or what is done with it, as it stands in the file."""


class Line(NamedTuple):
    """A line of a route.

    Attributes:
        name: Lightfield's column, or the label of a custom field.
        spec: Where its value comes from.
        why: Why, and how sure that is.
        remarks: What is to be said of values in its ``map``.
    """

    name: str
    spec: Spec
    why: str
    remarks: Mapping[str, str] = {}


@dataclass
class SuggestedRoute:
    """What rows of a stream become.

    Attributes:
        to: Lightfield's stream.
        why: Why that one.
        when: Which rows take it; None for all.
        columns: Its lines.
        custom: Its lines for custom fields.
        ignore: Columns that nobody misses, with why.
        notes: What a person has to see to.
    """

    to: str
    why: str
    when: str | None = None
    columns: list[Line] = field(default_factory=list)
    custom: list[Line] = field(default_factory=list)
    ignore: list[tuple[str, str]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def has(self, column: str) -> bool:
        """Whether a line fills one of Lightfield's columns, or a member of it."""
        return any(column in (line.name, line.name.partition("__")[0]) for line in self.columns)


@dataclass
class Suggestion:
    """A first preset.

    Attributes:
        key: The column of most streams' keys.
        values_in: The member that the columns are in.
        separator: What stands between several values.
        deleted_when: Which rows the source has deleted.
        ignore: Columns with which the source keeps its books.
        lookups: By name, with why.
        links: By stream, with why.
        streams: The routes of each stream that becomes records.
        left_out: The others, with why.
    """

    key: str = "id"
    values_in: str | None = None
    separator: str | None = None
    deleted_when: str | None = None
    ignore: Sequence[str] = ()
    lookups: dict[str, tuple[Mapping[str, Any], str]] = field(default_factory=dict)
    links: dict[str, tuple[Mapping[str, Any], str]] = field(default_factory=dict)
    streams: dict[str, list[SuggestedRoute]] = field(default_factory=dict)
    left_out: dict[str, str] = field(default_factory=dict)
