"""A line in the log every few seconds: how far a stream is, how fast, and how long it will take."""

from __future__ import annotations

import logging
import time
from collections.abc import Generator, Iterator
from typing import Any, Protocol

from lightfield_api.words import count, duration

INTERVAL = 10.0
"""Seconds between two lines."""


class Counting(Protocol):
    """What is read: how many there are, and how many have been read."""

    total: int | None
    done: int

    def __iter__(self) -> Iterator[dict[str, Any]]:
        """Yield the records."""


def reported(
    records: Counting, stream: str, logger: logging.Logger, *, to_the_end: bool = True
) -> Generator[dict[str, Any], None, None]:
    """Yield the records, with a line in the log every ``INTERVAL`` seconds.

    Args:
        records: What is read.
        stream: The stream's name.
        logger: Where the lines go.
        to_the_end: Whether all of it will be read; if not, nobody knows how long it takes.
    """
    began = said = time.monotonic()
    for record in records:
        now = time.monotonic()
        if now - said >= INTERVAL:
            said = now
            logger.info(
                "%s: %s", stream, _line(records.done, records.total if to_the_end else None, now - began)
            )
        yield record


def _line(done: int, total: int | None, seconds: float) -> str:
    rate = done / seconds if seconds > 0 else 0.0
    if total is None:
        return f"{count('record', done)} read, {rate:,.0f} a second"
    left = max(total - done, 0) / rate if rate else 0.0
    return f"{done:,} of {count('record', total)} read, {rate:,.0f} a second, {duration(left)} left"
