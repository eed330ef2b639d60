"""Which failed requests are tried again, and when.

API pages: "Errors" and "Rate limits".
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import backoff
import pendulum

from lightfield_api.clock import http_date
from lightfield_api.errors import (
    IdempotencyConflict,
    NoAnswer,
    OutOfReach,
    PauseTooLong,
    ServerError,
    TooManyRequests,
)

_RETRIED_STATUSES = frozenset({500, 502, 503, 504})

_log = logging.getLogger(__name__)

_Done = TypeVar("_Done")


@dataclass(frozen=True)
class RetryPolicy:
    """How patient a client is: how often something is tried, and how long it is waited for.

    Attributes:
        max_tries: How often one request is sent.
        max_seconds: How long after its first failure it is still sent, and how long a pause is waited for.
        reach_seconds: The same, of a host to which no connection was ever made: it may not be the right one.
        first_wait: The most seconds to wait after the first failure; it doubles with each.
        longest_wait: The most seconds to wait after any failure.
        answer_seconds: After so many seconds an answer that is not complete counts as none.
        silence: After so many seconds in which nothing comes or goes, a connection counts as broken.
        file_tries: How often a file is sent or fetched.
        short_page_waits: The seconds before each time that a page which lacks records is asked for again.
        listed_after: After so many seconds a list shows all that was written; no source says how many.
    """

    max_tries: int = 8
    max_seconds: float = 300.0
    reach_seconds: float = 5.0
    first_wait: float = 0.5
    longest_wait: float = 60.0
    answer_seconds: float = 120.0
    silence: float = 60.0
    file_tries: int = 4
    short_page_waits: tuple[float, ...] = (0.0, 0.5, 1.5)
    listed_after: float = 30.0

    @property
    def of_files(self) -> RetryPolicy:
        """The policy for a file: fewer tries, however long each takes, with longer waits between them."""
        return replace(self, max_tries=self.file_tries, max_seconds=math.inf, first_wait=2 * self.first_wait)


DEFAULT = RetryPolicy()
"""The policy of every client that is made without one, so of both plugins.

A test that runs a plugin in its own process puts another in its place, before the client is made.
"""

IDEMPOTENT = (IdempotencyConflict, NoAnswer, ServerError, TooManyRequests)
"""The errors after which a request is sent again that does no harm if it is done twice."""

NOT_DONE = (TooManyRequests,)
"""The errors after which any request is sent again: it has not been done."""


def retried(
    send: Callable[[], _Done],
    what: str,
    policy: RetryPolicy,
    *,
    on: tuple[type[Exception], ...] = IDEMPOTENT,
    is_final: Callable[[Exception], bool] = lambda _: False,
) -> Callable[[], _Done]:
    """Return ``send`` with retries of what may pass.

    Args:
        send: Sends it once. A retried write must go out with the same Idempotency-Key. Where an answer said
            ``Retry-After``, it waits for that itself: the pause is not this request's alone.
        what: The request, or what it is about, in a few words for the log.
        policy: How often and how long.
        on: The errors after which it is tried again.
        is_final: Whether one of these would be the same on the next try.
    """

    def log(details: Any) -> None:
        if not details["wait"]:  # the pause that is waited for has been logged already
            return
        _log.warning(
            "%s: %s; try %d of %d in %.1f s",
            what, details["exception"], details["tries"] + 1, policy.max_tries, details["wait"],
        )  # fmt: skip

    return backoff.on_exception(
        lambda: _waits(policy),
        on,
        max_tries=policy.max_tries,
        jitter=None,  # _waits adds its own, and keeps to max_seconds
        giveup=lambda error: _is_final(error) or is_final(error),
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


def _waits(policy: RetryPolicy) -> Generator[float, Exception, None]:
    """Yield the seconds to the next try: exponential, full jitter; 0 for a pause, which ``send`` waits for.

    Ends, and the tries with it, where the next one would come too long after the first failure.

    Raises:
        PauseTooLong: It would, because the server asks for a long pause.
    """
    error: Exception = yield 0.0  # backoff primes the generator, then sends each error
    began = time.monotonic()
    longest = policy.first_wait
    while True:
        pause = getattr(error, "retry_after", None)
        wait = random.uniform(0, longest)
        patience = policy.reach_seconds if isinstance(error, OutOfReach) else policy.max_seconds
        if time.monotonic() + (pause or wait) > began + patience:
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
        now = http_date(headers.get("Date", "")) or pendulum.now("UTC")
        seconds = (date - now).total_seconds()
    return max(seconds, 0.0) if math.isfinite(seconds) else None
