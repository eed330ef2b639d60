"""Counts of requests and of what they did, for `GET /_sandbox/stats`."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from typing import Any

from lightfield_sandbox.schema.resources import CATEGORIES


class Stats:
    """Counts since the start or the last reset.

    A request that got no answer is counted as `reset` or `hang` instead of under a status.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Set every count to zero."""
        self.enrichments = 0
        self.emails_sent = 0
        self.emails_drafted = 0
        self.leaked_keys = 0
        self.uploads = 0
        self.downloads = 0
        self.replays = 0
        self.faults: Counter[str] = Counter()
        self._requests: dict[str, Counter[str]] = {category: Counter() for category in CATEGORIES}
        self._second = dict.fromkeys(CATEGORIES, (0, 0))
        self._peak = dict.fromkeys(CATEGORIES, 0)
        self._writes: dict[str, Counter[str]] = defaultdict(Counter)

    def arrived(self, category: str) -> None:
        """Count a request towards the most in one second, whatever its answer."""
        now = int(time.time())
        second, count = self._second[category]
        count = count + 1 if second == now else 1
        self._second[category] = (now, count)
        self._peak[category] = max(self._peak[category], count)

    def answered(self, category: str, status: int | str) -> None:
        """Count a request under its status, or under `reset` or `hang`."""
        self._requests[category][str(status)] += 1

    def wrote(self, object_type: str, operation: str) -> None:
        """Count a write that took effect."""
        self._writes[object_type][operation] += 1

    def as_json(self) -> dict[str, Any]:
        """The counts as `GET /_sandbox/stats` shows them."""
        operations = ("create", "update", "delete", "restore")
        return {
            "requests": {category: dict(sorted(seen.items())) for category, seen in self._requests.items()},
            "peak_per_second": dict(self._peak),
            "enrichments": self.enrichments,
            "emails_sent": self.emails_sent,
            "emails_drafted": self.emails_drafted,
            "leaked_keys": self.leaked_keys,
            "uploads": self.uploads,
            "downloads": self.downloads,
            "writes": {
                object_type: {operation: counts[operation] for operation in operations}
                for object_type, counts in sorted(self._writes.items())
            },
            "replays": self.replays,
            "faults": dict(sorted(self.faults.items())),
        }
