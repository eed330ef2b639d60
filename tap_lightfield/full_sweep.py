"""A full sweep: everything of one stream, and what tells a loader that this is everything.

The setting ``full_sweep`` asks for it. Each row carries a version, and an ACTIVATE_VERSION message after the
last of them says that the stream consists of the rows with this version: a loader takes the others away.

```
{"type": "RECORD", "stream": "accounts", "record": {…}, "version": 1767225600}
{"type": "ACTIVATE_VERSION", "stream": "accounts", "version": 1767225600}
```

So it is written only where nothing is missing among the rows. What is missing is a warning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Generator, Iterable
from datetime import datetime

from lightfield_api.paging import Sweep
from lightfield_api.records import Record

VERSION = "full_sweep_version"
"""The member of a stream's state with the version that was activated last."""


class FullSweep:
    """What of a stream a run has read and written."""

    def __init__(self) -> None:
        self._lists = self._whole_lists = 0
        self._missing: list[str] = []
        self._rows = 0
        self._written: Counter[str] = Counter()

    # What the stream tells

    def list_of(self, sweep: Sweep, records: Iterable[Record]) -> Generator[Record, None, None]:
        """Yield the records of a list, and take note of whether it has shown all that it counts."""
        self._lists += 1
        yield from records
        self._whole_lists += sweep.is_whole

    def leave_out(self, reason: str) -> None:
        """Take note that there is more of the stream than this run writes. Threads may call it.

        Args:
            reason: Why, as words that can follow a colon.
        """
        self._missing.append(reason)

    def count(self, names: Collection[str]) -> None:
        """Take note of a row and of the names of the streams that it was written to."""
        self._rows += 1
        self._written.update(names)

    # What follows from it

    @property
    def read_all_lists(self) -> bool:
        """Whether there were lists, all of them read to their ends."""
        return 0 < self._lists == self._whole_lists

    def why_not(self, name: str, other_names: Collection[str]) -> str | None:
        """Return why the rows written to a stream are not all there are; None if they are.

        Args:
            name: The stream's name, as stream maps have it.
            other_names: The names that the other streams of the tap write to.
        """
        if self._missing:
            return self._missing[0]
        if self._whole_lists < self._lists:
            return "not every list has shown all that it counts, and what it did not show may be there"
        if not self._rows:
            return "nothing came, as from a list whose index is being rebuilt"
        if self._written[name] != self._rows:
            return f"a stream map keeps rows back from '{name}'"
        # Loaders make one table of names that differ in capitals only.
        if name.casefold() in map(str.casefold, other_names):
            return f"another stream writes to '{name}' too"
        return None


def next_version(last: int | None, now: datetime) -> int:
    """Return a version above the last one. Loaders delete what is below it, and hold it in 32 bits.

    Args:
        last: The last one of the stream, if there was any.
        now: The time by the server's clock, which all machines share that run the tap.
    """
    return max(int(now.timestamp()), (last or 0) + 1)
