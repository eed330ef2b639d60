"""A row of the source, and how its columns are found in it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from target_lightfield.plain_rows import is_empty_text


def is_empty(value: Any) -> bool:
    """Whether a value says nothing: null, a blank text, an empty list or object."""
    return value is None or is_empty_text(value) or value in ([], {})


def says_nothing(value: Any) -> bool:
    """Whether a value is empty, or has nothing but empty ones in it: ``{"city": null}``."""
    if isinstance(value, (Mapping, list)):
        return all(map(says_nothing, value.values() if isinstance(value, Mapping) else value))
    return is_empty(value)


@dataclass(frozen=True)
class SourceRow:
    """One row of one of the source's streams.

    Attributes:
        stream: The stream.
        key: The row's key as text.
        row: The row as it came.
        values_in: The member of it that columns are looked for in first.
        nothing: Texts that stand where there is no value, in small letters.
        headers: What its columns are called in the row, by the preset's names.
        before: What comes before the row's own columns: an item of a list in it, what links bring.
    """

    stream: str
    key: str
    row: Mapping[str, Any]
    values_in: str | None = None
    nothing: frozenset[str] = frozenset()
    headers: Mapping[str, Sequence[str]] = field(default_factory=dict)
    before: tuple[Mapping[str, Any], ...] = ()

    def get(self, name: str) -> Any:
        """Return the value of a column; None where there is none, or an empty one."""
        for place in self._places():
            found = place[name] if name in place else _dug(place, name) if "." in name else None
            if not self._is_nothing(found):
                return found
        header = self.header(name)
        return self.row[header] if header in self.row and header != name else None

    def header(self, name: str) -> str:
        """Return what a column is called in the row: the first of its headers that has a value."""
        if not self.headers or not self._is_nothing(self.row.get(name)):
            return name
        return next((h for h in self.headers.get(name, ()) if not self._is_nothing(self.row.get(h))), name)

    def columns(self) -> Iterator[tuple[str, Any]]:
        """Yield each column of the row that has a value, by the preset's name if it has one for it."""
        names = {header: name for name, headers in self.headers.items() for header in headers}
        seen = set()
        for place in self._places():
            for name, value in place.items():
                if name in names and not self._is_nothing(value) and value == self.get(names[name]):
                    name = names[name]  # noqa: PLW2901 - it says what that column says
                if name not in seen and not (place is self.row and name == self.values_in):
                    seen.add(name)
                    if not self._is_nothing(value) and not says_nothing(value):
                        yield name, value

    def _is_nothing(self, value: Any) -> bool:
        if is_empty(value):
            return True
        return bool(self.nothing) and isinstance(value, str) and value.strip().casefold() in self.nothing

    def _places(self) -> Iterator[Mapping[str, Any]]:
        yield from self.before
        inner = self.row.get(self.values_in) if self.values_in else None
        if isinstance(inner, Mapping):
            yield inner
        yield self.row


def _dug(place: Mapping[str, Any], path: str) -> Any:
    found: Any = place
    for step in path.split("."):
        if not isinstance(found, Mapping):
            return None
        found = found.get(step)
    return found
