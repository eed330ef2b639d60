"""What became of the writes that an undo takes back: counted, and told."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Any

from lightfield_api.words import count
from target_lightfield.reporting.outcome import clip

_MOST_NAMED = 50
_LONGEST = 60
_LONGEST_WHY = 500


class Done(Enum):
    """What became of a write: how it is told before, and after."""

    TRASHED = ("would go to the trash", "moved to the trash")
    CHANGED = ("would be changed back", "changed back")
    RESTORED = ("would be taken out of the trash", "taken out of the trash")
    OFF = ("would be taken off lists", "taken off lists")
    ON = ("would be put back on lists", "put back on lists")
    ALREADY = ("as before already", "as before already")
    LEFT = ("would be left, changed since", "left, changed since")
    REFUSED = ("refused", "refused")
    IMPOSSIBLE = ("can't be undone", "can't be undone")

    def told(self, *, is_plan: bool) -> str:
        """Return it in words."""
        before, after = self.value
        return str(before if is_plan else after)


NOT_DONE = (Done.LEFT, Done.REFUSED, Done.IMPOSSIBLE)
"""The outcomes that mean: not taken back."""


@dataclass(frozen=True)
class Left:
    """A record that is not as it was before, and why."""

    object: str
    record_id: str
    key: str | None
    why: str

    def __str__(self) -> str:
        key = f" (key {clip(self.key)})" if self.key else ""
        return f"{self.object} {self.record_id}{key}: {clip(self.why, _LONGEST_WHY)}"


class Tally:
    """Counts what became of writes. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, Done]] = Counter()
        self._left: list[Left] = []

    def count(self, name: str, done: Done, number: int = 1) -> None:
        """Count writes of an object.

        Args:
            name: The object, as the journal calls it.
            done: What became of them.
            number: How many they are.
        """
        if number:
            with self._lock:
                self._counts[name, done] += number

    def leave(self, done: Done, left: Left) -> None:
        """Count a write that was not taken back, and name it while they are few."""
        with self._lock:
            self._counts[left.object, done] += 1
            if len(self._left) < _MOST_NAMED:
                self._left.append(left)

    @property
    def not_done(self) -> int:
        """How many writes were not taken back."""
        return sum(number for (_, done), number in self._counts.items() if done in NOT_DONE)

    def lines(self, *, is_plan: bool) -> Iterator[str]:
        """Yield what became of the writes, by object, then those that were not taken back."""
        for name in sorted({name for name, _ in self._counts}):
            parts = [
                f"{self._counts[name, done]:,} {done.told(is_plan=is_plan)}"
                for done in Done
                if self._counts[name, done]
            ]
            yield f"  {name}: {', '.join(parts)}"
        if self._left:
            yield ""
            yield "Not taken back:"
            yield from (f"  {left}" for left in self._left)
            if self.not_done > len(self._left):
                yield f"  and {count('other', self.not_done - len(self._left))}"


def shown(value: Any) -> str:
    """Return a value as text, cut to a length."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"
