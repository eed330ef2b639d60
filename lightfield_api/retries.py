"""Which failed requests are tried again, and when.

API pages: "Errors" and "Rate limits".
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Callable, Generator, Mapping
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import backoff

from lightfield_api.errors import (
    IdempotencyConflict,
    LightfieldError,
    NoAnswer,
    ServerError,
    TooManyRequests,
)

MAX_TRIES = 8
MAX_SECONDS = 300.0

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0
_RETRIED_STATUSES = frozenset({500, 502, 503, 504})

_log = logging.getLogger(__name__)


def retried(
    send: Callable[[], dict[str, Any]], what: str, *, may_repeat: bool = True
) -> Callable[[], dict[str, Any]]:
    """Return ``send`` with retries of what may pass: at most 8 tries in at most 5 minutes.

    Args:
        send: Sends the request once. A retried write must go out with the same Idempotency-Key.
        what: The request in a few words, for the log.
        may_repeat: Whether a request that may have been done can be sent again.
    """

    def log(details: Any) -> None:
        _log.warning(
            "%s: %s; try %d of %d in %.1f s",
            what, details["exception"], details["tries"] + 1, MAX_TRIES, details["wait"],
        )  # fmt: skip

    return backoff.on_exception(
        _waits,
        (IdempotencyConflict, NoAnswer, ServerError, TooManyRequests) if may_repeat else TooManyRequests,
        max_tries=MAX_TRIES,
        jitter=None,  # _waits has its own, and the limit in time: what Retry-After says is not shortened
        giveup=lambda error: isinstance(error, ServerError) and error.status not in _RETRIED_STATUSES,
        on_backoff=log,
        logger=None,
    )(send)


def _waits() -> Generator[float, LightfieldError, None]:
    """Yield the seconds to the next try: Retry-After where given, else exponential, full jitter.

    Ends, and the tries with it, where the next one would come after ``MAX_SECONDS``.
    """
    end = time.monotonic() + MAX_SECONDS
    error: LightfieldError = yield 0.0  # backoff primes the generator, then sends each error
    longest = _FIRST_WAIT
    while True:
        wait = getattr(error, "retry_after", None) or random.uniform(0, longest)
        if time.monotonic() + wait > end:
            return
        error = yield wait
        longest = min(longest * 2, _LONGEST_WAIT)


def retry_after_seconds(headers: Mapping[str, str]) -> float | None:
    """Return the seconds that ``Retry-After`` asks to wait, None where it can't be understood.

    It may also be a date (RFC 9110), which is by the clock of the server's ``Date`` header.
    """
    text = headers.get("Retry-After", "")
    try:
        seconds = float(text)
    except ValueError:
        date = http_date(text)
        if date is None:
            return None
        now = http_date(headers.get("Date", "")) or datetime.now(timezone.utc)
        seconds = (date - now).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def http_date(text: str) -> datetime | None:
    """Return the instant that an HTTP header names, None where it names none."""
    try:
        date = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return date if date.tzinfo else date.replace(tzinfo=timezone.utc)
