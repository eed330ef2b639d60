"""What columns are called: ``E-mail 1 - Value`` and ``Adresse e-mail`` are both the preset's ``email``."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from target_lightfield.presets.converted import compared
from target_lightfield.presets.preset import Preset


class Headers:
    """Knows columns by what they may be called.

    Args:
        preset: The preset.
    """

    def __init__(self, preset: Preset) -> None:
        self._names = {
            stream: {
                name: [compared(header) for header in (name, *headers)] for name, headers in columns.items()
            }
            for stream, columns in preset.headers.items()
        }
        self._known: dict[tuple[str, tuple[str, ...]], Mapping[str, Sequence[str]]] = {}

    def of(self, stream: str, columns: Iterable[str]) -> Mapping[str, Sequence[str]]:
        """Return by the preset's names what columns are called in a row, the likeliest first.

        Args:
            stream: The source's stream.
            columns: The columns of the row.
        """
        if stream not in self._names:
            return {}
        row = stream, tuple(columns)
        if row not in self._known:
            self._known[row] = self._found(*row)
        return self._known[row]

    def _found(self, stream: str, columns: Sequence[str]) -> Mapping[str, Sequence[str]]:
        given: dict[str, list[str]] = {}
        for column in columns:
            given.setdefault(compared(column), []).append(column)
        found = {
            name: [column for header in dict.fromkeys(headers) for column in given.get(header, ())]
            for name, headers in self._names[stream].items()
        }
        return {name: headers for name, headers in found.items() if headers}
