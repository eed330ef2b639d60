"""What became of the records of a run: counted as it happens, said at its end."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator
from enum import Enum


class Outcome(Enum):
    """What became of one record."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REJECTED = "rejected"
    WAITING = "waiting"
    SKIPPED = "skipped"


_ALWAYS_SAID = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.REJECTED, Outcome.WAITING)


class Report:
    """The counts of a run, by stream and outcome. Safe to use from several threads."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[Outcome]] = {}
        self._lock = threading.Lock()

    def begin(self, stream: str) -> None:
        """Take up a stream: they are reported in the order in which they came, whichever is done first."""
        with self._lock:
            self._counts.setdefault(stream, Counter())

    def count(self, stream: str, outcome: Outcome) -> None:
        """Count one record of a stream."""
        with self._lock:
            self._counts.setdefault(stream, Counter())[outcome] += 1

    def total(self, outcome: Outcome) -> int:
        """Return how many records of all streams had this outcome."""
        with self._lock:
            return sum(counts[outcome] for counts in self._counts.values())

    def lines(self) -> Iterator[str]:
        """Yield a line a stream: ``accounts: 3 created, 1 updated, 1 unchanged, 0 rejected, 0 waiting``."""
        with self._lock:
            for stream, counts in self._counts.items():
                if not counts:
                    continue
                said = [o for o in Outcome if o in _ALWAYS_SAID or counts[o]]
                yield f"{stream}: " + ", ".join(f"{counts[outcome]} {outcome.value}" for outcome in said)
