"""The organization's request budget: so many requests per category in each second of the wall clock."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from lightfield_sandbox.schema.resources import CATEGORIES

if TYPE_CHECKING:
    from collections.abc import Callable

_UNLIMITED = 1_000_000


class RateLimit:
    """Counts requests in windows of one second, aligned to unix seconds. A limit of 0 refuses nothing."""

    def __init__(self, limit: int, clock: Callable[[], float] = time.time) -> None:
        self._limit = limit or _UNLIMITED
        self._enforced = limit > 0
        self._clock = clock
        self._windows = dict.fromkeys(CATEGORIES, (0, 0))

    def take(self, category: str) -> bool:
        """Count a request, if the category's budget has room for it; returns whether it had."""
        window, used = self._used(category)
        if self._enforced and used >= self._limit:
            return False
        self._windows[category] = (window, used + 1)
        return True

    def headers(self, category: str) -> dict[str, str]:
        """The headers `X-RateLimit-*` as of now."""
        window, used = self._used(category)
        return {
            "X-RateLimit-Limit": str(self._limit),
            "X-RateLimit-Remaining": str(max(0, self._limit - used)),
            "X-RateLimit-Reset": str(window + 1),
        }

    def _used(self, category: str) -> tuple[int, int]:
        now = int(self._clock())
        window, used = self._windows[category]
        return (window, used) if window == now else (now, 0)
