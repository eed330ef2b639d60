"""How far a run is: what became of the rows so far, and how much is still to come where anybody knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class StreamSoFar:
    """How far a stream is.

    Attributes:
        done: How many of its rows are done.
        verb: What is done with them: done, or read.
        counts: What became of them, by words for it.
    """

    done: int
    verb: str = "done"
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Part:
    """How much is done of something whose size is known.

    Attributes:
        done: How much of it is done.
        total: Its size, more than 0.
        form: What is said of it, with ``{percent}``, ``{done}`` and ``{total}``.
        left: The words after the time that it still takes, such as ``left``.
    """

    done: int
    total: int
    form: str
    left: str = "left"

    @property
    def said(self) -> str:
        """Say how much is done: "43% of the input read"."""
        percent = self.done * 100 // self.total
        return self.form.format(percent=percent, done=f"{self.done:,}", total=f"{self.total:,}")


@dataclass(frozen=True)
class HowFar:
    """How far a run is.

    Attributes:
        streams: How far each stream is.
        under_way: How many rows or batches have been read and are not done.
        part: How much of the whole is done; None where nobody knows.
    """

    streams: Mapping[str, StreamSoFar]
    under_way: int = 0
    part: Part | None = None
