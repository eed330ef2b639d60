"""Where a row comes from that a preset made: the row of the source, and which of its columns is which.

It stands in the row itself, so that it is kept with one that waits.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

RESERVED = "_source_row"
"""The column of a row in which it stands. No row of a feed has it: the sinks take it out."""


@dataclass(frozen=True)
class Provenance:
    """Where a row comes from.

    Attributes:
        stream: The source's stream.
        key_properties: The columns of its key.
        row: The source's row.
        columns: By column of Lightfield's the source's column that its value is from.
    """

    stream: str
    key_properties: Sequence[str]
    row: Mapping[str, Any]
    columns: Mapping[str, str]

    def column(self, name: str) -> str:
        """Return the source's column of one of Lightfield's, or of a member of one; else that one's name."""
        return self.columns.get(name) or self.columns.get(name.partition("__")[0]) or name

    def named(self, name: str) -> str:
        """Return how a column is called to the user: ``jobtitle (title)``."""
        column = self.column(name)
        return name if column == name else f"{column} ({name})"

    def value(self, name: str, value: Any, of: Any) -> Any:
        """Return a value as the source has it, where that can be told.

        Args:
            name: Lightfield's column.
            value: The value, or the one of several.
            of: All that the row has in that column.
        """
        if isinstance(of, list) and len(of) != 1:
            return value
        column = self.column(name)
        places = [self.row, *(place for place in self.row.values() if isinstance(place, Mapping))]
        found = [place[column] for place in places if place.get(column) is not None]
        is_one = len(found) == 1 and isinstance(found[0], (str, int, float, Decimal))
        return found[0] if is_one else value

    def in_its_words(self, text: str, name: str | None) -> str:
        """Return a sentence about one of Lightfield's columns in the words of the source."""
        if name is None or self.column(name) == name:
            return text
        # Not in $name, the key of a field, nor in the middle of a word.
        return re.sub(rf"(?<![\w$.]){re.escape(name)}(?!\w)", lambda _: self.named(name), text, count=1)


def with_provenance(row: Mapping[str, Any], provenance: Provenance) -> dict[str, Any]:
    """Return a row that says where it comes from."""
    return {
        **row,
        RESERVED: {
            "stream": provenance.stream,
            "key_properties": list(provenance.key_properties),
            "row": provenance.row,
            "columns": dict(provenance.columns),
        },
    }


def provenance_of(row: Mapping[str, Any]) -> Provenance | None:
    """Return where a row comes from, None of one that does not say."""
    said = row.get(RESERVED)
    if not isinstance(said, Mapping):
        return None
    return Provenance(said["stream"], tuple(said["key_properties"]), said["row"], said["columns"])
