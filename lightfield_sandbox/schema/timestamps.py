"""Instants as the API writes them: `2026-03-01T12:00:00.000Z`."""

from __future__ import annotations

import re
import time
from datetime import datetime, timedelta, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# datetime.fromisoformat reads neither `Z` nor every fraction before Python 3.11.
_ISO = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?(Z|z|[+-]\d\d:?\d\d)?", re.ASCII
)


def now_ms() -> int:
    """The wall clock in milliseconds since 1970."""
    return time.time_ns() // 1_000_000


def iso(ms: int) -> str:
    """Milliseconds since 1970 as `2026-03-01T12:00:00.000Z`."""
    return (_EPOCH + timedelta(milliseconds=ms)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{ms % 1000:03d}Z"


def parse_ms(text: str, *, offset_required: bool = True) -> int:
    """Milliseconds since 1970 of an ISO 8601 instant.

    Raises:
        ValueError: Not an ISO 8601 instant, or without an offset where one is required.
    """
    match = _ISO.fullmatch(text)
    if match is None:
        raise ValueError("expected an ISO 8601 date and time")
    year, month, day, hour, minute, second, fraction, zone = match.groups()
    if zone is None and offset_required:
        raise ValueError("expected an offset such as Z or +02:00")
    moment = datetime(
        int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=timezone.utc
    )
    shift = 0
    if zone and zone not in "Zz":
        sign = -1 if zone[0] == "-" else 1
        digits = zone[1:].replace(":", "")
        shift = sign * (int(digits[:2]) * 60 + int(digits[2:])) * 60_000
    millis = int((fraction or "0").ljust(3, "0")[:3])
    return (moment - _EPOCH) // timedelta(milliseconds=1) + millis - shift


def iso_year_padded(ms: int) -> str:
    """As `iso`, for an instant that a client has chosen.

    Raises:
        ValueError: The instant has no four-digit year in UTC.
    """
    try:
        text = iso(ms)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error
    # strftime leaves years below 1000 unpadded on some platforms.
    return text.rjust(24, "0")
