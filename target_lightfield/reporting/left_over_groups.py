"""What is left over, as the log and the report tell it: by stream, column and kind."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from singer_sdk.singerlib.json import serialize_json

from lightfield_api.words import count
from target_lightfield.reporting.left_over import LeftOverKind
from target_lightfield.reporting.outcome import clip

_MOST_COLUMNS_SAID = 10


@dataclass(frozen=True)
class LeftOverGroup:
    """Values of one column that went nowhere for the same reason.

    Attributes:
        stream: The source's stream.
        column: Its column.
        kind: The reason.
        about: The field that would have taken them, as people call it; None where there is none.
        number: How many there are.
        examples: Of the first few the row's key, the value, and why.
    """

    stream: str
    column: str
    kind: LeftOverKind
    about: str | None
    number: int
    examples: Sequence[tuple[str, Any, str]]

    def as_dict(self) -> dict[str, Any]:
        """Return it as JSON has it. A value is shown as text: its JSON where it is none."""
        return {
            "stream": clip(self.stream),
            "column": clip(self.column),
            "kind": str(self.kind),
            "about": None if self.about is None else clip(self.about),
            "advice": self.kind.advice,
            "count": self.number,
            "examples": [
                {"key": clip(key), "value": clip(_text(value)), "why": clip(why)}
                for key, value, why in self.examples
            ],
        }


def by_stream(groups: Iterable[LeftOverGroup]) -> Mapping[str, int]:
    """Return how many values of each stream there are."""
    numbers: Counter[str] = Counter()
    for group in groups:
        numbers[group.stream] += group.number
    return numbers


def lines(groups: Sequence[LeftOverGroup], path: str) -> Iterator[str]:
    """Yield a line a stream: ``contacts: 12 values left over: phone (10, bad value), …; x.jsonl has them``.

    Args:
        groups: What is left over, the most first.
        path: The file that has all of it.
    """
    for stream, number in by_stream(groups).items():
        own = [group for group in groups if group.stream == stream]
        said = [
            f"{_shown(group.column)} ({group.number}, {group.kind.words})"
            for group in own[:_MOST_COLUMNS_SAID]
        ]
        rest = ["…"] if len(own) > _MOST_COLUMNS_SAID else []
        values = count("value", number)
        yield f"{stream}: {values} left over: {', '.join([*said, *rest])}; {path} has them"


def _shown(column: str) -> str:
    shown = clip(column, 60) or "whole rows"
    return shown if shown.isprintable() else repr(shown)


def _text(value: Any) -> str:
    return value if isinstance(value, str) else serialize_json(value, ensure_ascii=False)
