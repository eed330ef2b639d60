"""The plan: what a person has to do in Lightfield before a migration: the API creates no fields and options.

It is worked out of what is left over, in a dry run and in any other.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

from lightfield_api.words import count
from target_lightfield.presets.guesses import guess_type
from target_lightfield.reporting.left_over import LeftOver, LeftOverKind

_MOST_GROUPS = 500
_MOST_VALUES = 2000  # different ones of a group, by which its type is guessed
_MOST_SAID = 12

_DECISIONS: Mapping[LeftOverKind, tuple[str, str]] = {
    LeftOverKind.TAKEN: ("unique value", "another record has"),
    LeftOverKind.NO_RATE: ("amount", "in a currency without a rate"),
    LeftOverKind.OTHER_LINK: ("link", "beyond the one that a column takes"),
    LeftOverKind.INCOMPLETE: ("record", "with nothing to know it by"),
    LeftOverKind.NO_RECORD: ("reference", "to a record that did not come"),
}


@dataclass
class _Group:
    """What is left over of one column for one reason."""

    number: int = 0
    values: Counter[str] = field(default_factory=Counter)

    def add(self, value: Any) -> None:
        self.number += 1
        text = json.dumps(value, ensure_ascii=False, default=str)
        if text in self.values or len(self.values) < _MOST_VALUES:
            self.values[text] += 1

    def all(self) -> Iterator[Any]:
        counted = (repeat(json.loads(text), number) for text, number in self.values.items())
        return chain.from_iterable(counted)


class Plan:
    """Gathers what is left over.

    Args:
        separator: What stands between several values in one text of the source.
    """

    def __init__(self, separator: str | None) -> None:
        self._separator = separator
        self._fields: dict[tuple[str, str], _Group] = {}
        self._options: dict[tuple[str, str], _Group] = {}
        self._columns: dict[tuple[str, str], _Group] = {}
        self._decisions: Counter[tuple[str, str, str, str]] = Counter()

    def take(self, to: str, left_over: Sequence[LeftOver]) -> None:
        """Take what is left over of a row.

        Args:
            to: Lightfield's stream.
            left_over: What is left over.
        """
        for one in left_over:
            if one.kind is LeftOverKind.NO_FIELD:
                self._add(self._fields, to, one.about or one.column, one.value)
            elif one.kind in (LeftOverKind.NO_OPTION, LeftOverKind.NO_STAGE):
                self._add(self._options, to, one.about or one.column, one.value)
            elif one.kind is LeftOverKind.NOT_CARRIED:
                self._add(self._columns, one.stream, one.column, one.value)
            elif one.kind in _DECISIONS:
                noun, rest = _DECISIONS[one.kind]
                self._decisions[one.stream, one.kind.value, noun, rest] += 1

    def wait(self, stream: str, columns: Iterable[str]) -> None:
        """Take that a row waits for a link without which no record is created.

        Args:
            stream: The source's stream.
            columns: Lightfield's columns that it lacks.
        """
        for column in columns:
            self._decisions[stream, "waiting", "record", f"waiting for its {column}"] += 1

    def as_dict(
        self,
        *,
        writes: int,
        per_second: float,
        taken: Mapping[str, int],
        not_carried: Mapping[str, tuple[int, int]],
    ) -> dict[str, Any]:
        """Return the plan as the report has it.

        Args:
            writes: How many writes the load takes.
            per_second: How many of them a second the API grants.
            taken: How many unique values of each stream another record has.
            not_carried: The streams that are left out, each with how many records it had, and bytes in them.
        """
        decisions = self._decisions.copy()
        for stream, number in taken.items():
            decisions[(stream, LeftOverKind.TAKEN.value, *_DECISIONS[LeftOverKind.TAKEN])] += number
        return {
            "create_fields": [
                {"stream": to, **self._named(label, group)} for (to, label), group in _sorted(self._fields)
            ],
            "create_options": [
                {
                    "stream": to,
                    "field": label,
                    "values": group.number,
                    "options": {
                        str(json.loads(text)): number for text, number in group.values.most_common(_MOST_SAID)
                    },
                }
                for (to, label), group in _sorted(self._options)
            ],
            "decide": [
                {"stream": stream, "kind": kind, "count": number, "what": f"{count(noun, number)} {rest}"}
                for (stream, kind, noun, rest), number in decisions.most_common()
            ],
            "not_carried_bytes": {stream: size for stream, (_, size) in not_carried.items() if size},
            "not_carried": {
                **{stream: number for stream, (number, _) in not_carried.items()},
                **{f"{stream}.{name}": group.number for (stream, name), group in _sorted(self._columns)},
            },
            "writes": writes,
            "seconds": round(writes / per_second),
        }

    def _named(self, label: str, group: _Group) -> dict[str, Any]:
        name, _, given = label.removesuffix(")").rpartition(" (")
        if name and given.isupper():  # the preset knows the type
            return {"field": name, "type": given, "values": group.number, "options": []}
        guess = guess_type(group.all(), self._separator)
        options = list(guess.options)[:_MOST_SAID]
        return {"field": label, "type": guess.value_type, "values": group.number, "options": options}

    def _add(self, groups: dict[tuple[str, str], _Group], stream: str, name: str, value: Any) -> None:
        if (stream, name) not in groups and len(groups) >= _MOST_GROUPS:
            name = "(others)"
        groups.setdefault((stream, name), _Group()).add(value)


def _sorted(groups: Mapping[tuple[str, str], _Group]) -> list[tuple[tuple[str, str], _Group]]:
    return sorted(groups.items(), key=lambda item: (-item[1].number, item[0]))
