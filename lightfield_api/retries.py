"""Which failed requests are tried again, and when.

API pages: "Errors" and "Rate limits".
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import Any

import backoff

from lightfield_api.errors import (
    IdempotencyConflict,
    LightfieldError,
    NoAnswer,
    PauseTooLong,
    ServerError,
    TooManyRequests,
)

MAX_TRIES = 8
MAX_SECONDS = 300.0

_FIRST_WAIT, _LONGEST_WAIT = 0.5, 60.0
_ANSWER_SECONDS = 120.0
_RETRIED_STATUSES = frozenset({500, 502, 503, 504})

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how long one request is tried.

    Attributes:
        max_tries: How often it is sent.
        max_seconds: How long after its first failure it is still sent, and how long a pause is waited for.
        first_wait: At most so many seconds are waited after the first failure, then twice as many.
        longest_wait: At most so many after any.
        answer_seconds: After so many an answer that is not whole counts as none.
    """

    max_tries: int = field(default_factory=lambda: MAX_TRIES)
    max_seconds: float = field(default_factory=lambda: MAX_SECONDS)
    first_wait: float = field(default_factory=lambda: _FIRST_WAIT)
    longest_wait: float = field(default_factory=lambda: _LONGEST_WAIT)
    answer_seconds: float = field(default_factory=lambda: _ANSWER_SECONDS)


def retried(
    send: Callable[[], dict[str, Any]], what: str, policy: RetryPolicy, *, may_repeat: bool = True
) -> Callable[[], dict[str, Any]]:
    """Return ``send`` with retries of what may pass.

    Args:
        send: Sends the request once. A retried write must go out with the same Idempotency-Key. Where an
            answer said ``Retry-After``, it waits for that itself: the pause is not this request's alone.
        what: The request in a few words, for the log.
        policy: How often and how long.
        may_repeat: Whether a request that may have been done can be sent again.
    """

    def log(details: Any) -> None:
        if not details["wait"]:  # for a pause, which has been said
            return
        _log.warning(
            "%s: %s; try %d of %d in %.1f s",
            what, details["exception"], details["tries"] + 1, policy.max_tries, details["wait"],
        )  # fmt: skip

    return backoff.on_exception(
        lambda: _waits(policy),
        (IdempotencyConflict, NoAnswer, ServerError, TooManyRequests) if may_repeat else TooManyRequests,
        max_tries=policy.max_tries,
        jitter=None,  # _waits has its own, and the limit in time
        giveup=_is_final,
        on_backoff=log,
        logger=None,
    )(send)


def may_pass(status: int) -> bool:
    """Whether the same request may be answered otherwise on the next try."""
    return status == 429 or status in _RETRIED_STATUSES


def _is_final(error: Exception) -> bool:
    return isinstance(error, PauseTooLong) or (
        isinstance(error, ServerError) and error.status not in _RETRIED_STATUSES
    )


def _waits(policy: RetryPolicy) -> Generator[float, LightfieldError, None]:
    """Yield the seconds to the next try: exponential, full jitter; 0 for a pause, which ``send`` waits for.

    Ends, and the tries with it, where the next one would come too long after the first failure.

    Raises:
        PauseTooLong: It would because of a pause that the server asks for.
    """
    error: LightfieldError = yield 0.0  # backoff primes the generator, then sends each error
    end = time.monotonic() + policy.max_seconds
    longest = policy.first_wait
    while True:
        pause = getattr(error, "retry_after", None)
        wait = random.uniform(0, longest)
        if time.monotonic() + (pause or wait) > end:
            if pause:
                raise PauseTooLong("Lightfield", pause, policy.max_seconds) from error
            return
        error = yield 0.0 if pause else wait
        longest = min(longest * 2, policy.longest_wait)


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
