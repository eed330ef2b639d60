"""The API's request budget: one for each category, shared by all threads, learned from the headers.

API page: "Rate limits". Requests are spaced evenly instead of sent in bursts: that fills the budget
whatever window the server counts in, and a burst at the edge of two windows is what gets a 429.
"""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Mapping
from typing import Literal

from lightfield_api.errors import PauseTooLong

Category = Literal["read", "search", "write"]
"""The API's three rate-limit categories: every list is a search, every other GET a read."""

PUBLISHED_LIMIT = 25.0
"""Requests a second in each category, as published; what the headers say takes its place."""

_HEADROOM = 0.98
"""Share of the limit that is used: the rest absorbs jitter at the edges of a window of a second."""

_LATENESS = 0.01
"""Seconds by which a request may leave early to make up for a thread that woke late: half of the headroom."""

_log = logging.getLogger(__name__)


class RateLimit:
    """The budgets of one API key.

    Args:
        requests_per_second: A ceiling for each category below what the server grants, or None.

    Raises:
        ValueError: The ceiling is not above 0.
    """

    def __init__(self, requests_per_second: float | None = None) -> None:
        if requests_per_second is not None and not requests_per_second > 0:
            raise ValueError("requests_per_second must be above 0")
        self._budgets: dict[Category, _Budget] = {
            category: _Budget(requests_per_second, Pause(f"Lightfield ({category} requests)"))
            for category in ("read", "search", "write")
        }

    def per_second(self, category: Category) -> float:
        """Return how many requests of this category leave in a second, as far as the server has said."""
        return self._budgets[category].per_second

    def acquire(self, category: Category) -> None:
        """Wait until one more request of this category may be sent.

        Raises:
            PauseTooLong: None may be sent for longer than is waited for.
        """
        self._budgets[category].acquire()

    def learn(self, category: Category, headers: Mapping[str, str]) -> None:
        """Take over the limit that a response's headers grant.

        ``X-RateLimit-Remaining`` is left alone: with even spacing it reaches 0 in every full window,
        and ``X-RateLimit-Reset`` is a whole second by a clock that need not be ours. Where others use
        up the budget, the 429 and its ``Retry-After`` say so exactly.

        Args:
            category: The category of the request that was answered.
            headers: The response's headers, with case-insensitive names.
        """
        limit = _number(headers.get("X-RateLimit-Limit"))
        if limit is not None and limit > 0:
            self._budgets[category].learn(limit)
            for budget in self._budgets.values():  # a category not heard of yet is granted the same
                budget.presume(limit)

    def pause(self, category: Category, seconds: float, patience: float = math.inf) -> None:
        """Send nothing more of this category for so many seconds: the server said ``Retry-After``.

        Args:
            category: The category of the request that was answered so.
            seconds: How long the pause is.
            patience: How many seconds of pauses are waited for, with no other answer between them.
        """
        self._budgets[category].pause.ask(seconds, patience)

    def end_of_pauses(self, category: Category) -> None:
        """Take note of an answer of this category that asks for no pause: patience begins anew."""
        self._budgets[category].pause.end()


class Pause:
    """The pause that a server asks for: one for all threads, said once in the log.

    Args:
        who: Who asks for it, for the log and the error.
    """

    def __init__(self, who: str) -> None:
        self.changed = threading.Condition()
        self._who = who
        self._until = -math.inf
        self._asked = 0.0  # seconds of all pauses since the last answer that asked for none
        self._patience = math.inf

    def ask(self, seconds: float, patience: float) -> None:
        """Let all threads wait for so many seconds from now, or fail where the pauses exceed the patience."""
        with self.changed:
            until = time.monotonic() + seconds
            more = until - max(self._until, time.monotonic())
            if more <= 0:
                return
            self._until, self._patience = until, patience
            self._asked += more
            if self._asked <= patience and more * 2 > seconds:  # else it hardly adds to the known one
                _log.warning("%s asks for a pause of %.0f s, which all wait for", self._who, seconds)
            self.changed.notify_all()

    def end(self) -> None:
        """Take note of an answer that asks for no pause. A pause that is not over yet goes on."""
        if self._asked:
            with self.changed:
                self._asked = max(0.0, self._until - time.monotonic())

    def left(self) -> float:
        """Return how many seconds are still to wait, at most 0 for none.

        Raises:
            PauseTooLong: They are more than anybody waits for.
        """
        left = self._until - time.monotonic()
        if left > 0 and self._asked > self._patience:
            raise PauseTooLong(self._who, left, self._patience)
        return left

    def wait(self) -> None:
        """Return when the pause is over.

        Raises:
            PauseTooLong: It is longer than anybody waits for.
        """
        with self.changed:
            while (left := self.left()) > 0:
                self.changed.wait(min(left, threading.TIMEOUT_MAX))


class _Budget:
    """A queue in which requests leave one interval apart."""

    def __init__(self, ceiling: float | None, pause: Pause) -> None:
        self.pause = pause
        self._ceiling = ceiling
        self._learned = False
        self._interval = self._interval_for(PUBLISHED_LIMIT)
        self._last = -math.inf
        self._turn = threading.Lock()  # one thread waits for the slot, the others for their turn
        self._changed = pause.changed

    @property
    def per_second(self) -> float:
        with self._changed:
            return 1.0 / self._interval

    def acquire(self) -> None:
        with self._turn, self._changed:
            while (wait := max(self._last + self._interval - time.monotonic(), self.pause.left())) > 0:
                self._changed.wait(min(wait, threading.TIMEOUT_MAX))
            # A thread that woke a little late does not delay those behind it: the schedule holds.
            self._last = max(self._last + self._interval, time.monotonic() - _LATENESS)

    def learn(self, limit: float) -> None:
        with self._changed:
            self._learned = True
            self._set(limit)

    def presume(self, limit: float) -> None:
        with self._changed:
            if not self._learned:
                self._set(limit)

    def _set(self, limit: float) -> None:
        interval = self._interval_for(limit)
        if interval != self._interval:
            self._interval = interval
            self._changed.notify()  # who waits for the next slot waits by the new rate from now on

    def _interval_for(self, limit: float) -> float:
        granted = limit * _HEADROOM
        return 1.0 / (min(granted, self._ceiling) if self._ceiling else granted)


def _number(text: str | None) -> float | None:
    try:
        number = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return number if math.isfinite(number) else None
