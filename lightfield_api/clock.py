"""The server's clock, by which the API's times are to be read: ours may be wrong."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

import pendulum


class ServerClock:
    """The time by the server's clock, learned from the ``Date`` header of its answers (whole seconds)."""

    def __init__(self) -> None:
        self._offset = timedelta()
        self._lock = threading.Lock()

    def learn(self, headers: Mapping[str, str]) -> None:
        """Learn from an answer's ``Date`` how far the server's clock is from ours."""
        date = http_date(headers.get("Date", ""))
        if date is not None:
            with self._lock:
                self._offset = (pendulum.instance(date) - pendulum.now("UTC")).as_timedelta()

    def now(self) -> datetime:
        """Return the time; ours before the first answer."""
        with self._lock:
            return pendulum.now("UTC") + self._offset


def http_date(text: str) -> datetime | None:
    """Return the instant that an HTTP header names, None where it names none."""
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)
