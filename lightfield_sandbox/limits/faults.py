"""Injected faults: what can go wrong with a request on its way to Lightfield and back."""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Iterable

T = TypeVar("T")

STATUSES = ("429", "500", "502", "503", "504")
RESET_BEFORE, RESET_AFTER, HANG, TRUNCATED = "reset-before", "reset-after", "hang", "truncated"
PAGES = {"html": 200, "html-403": 403, "html-404": 404, "html-409": 409}
"""The faults in which something before the API answers with a page of its own, and the status of it."""

DOWNLOAD_TRUNCATED, SHORT_PAGE, EMPTY_PAGE = "download-truncated", "short-page", "empty-page"
APART = (DOWNLOAD_TRUNCATED, SHORT_PAGE, EMPTY_PAGE)
KINDS = (*STATUSES, "reset", RESET_BEFORE, RESET_AFTER, HANG, *PAGES, TRUNCATED, *APART)


def parse_faults(text: str) -> dict[str, float]:
    """`429:0.02,reset:0.005` as probabilities.

    Raises:
        ValueError: An unknown fault, or probabilities outside 0 to 1 in any or all together.
    """
    faults: dict[str, float] = {}
    for part in filter(None, (piece.strip() for piece in text.split(","))):
        kind, _, chance = part.partition(":")
        if kind not in KINDS:
            raise ValueError(f"no such fault: {kind!r} (known: {', '.join(KINDS)})")
        try:
            faults[kind] = float(chance)
        except ValueError as error:
            raise ValueError(f"{part!r} is not FAULT:PROBABILITY") from error
    # Faults of downloads and of pages are drawn apart, and do not count into this sum.
    together = sum(chance for kind, chance in faults.items() if kind not in APART)
    if any(not 0 <= chance <= 1 for chance in faults.values()) or together > 1 + 1e-9:
        raise ValueError("the probabilities lie between 0 and 1, and so does their sum")
    return faults


class Faults:
    """Draws the faults. The same seed and the same order of requests give the same faults."""

    def __init__(self, seed: int, text: str = "") -> None:
        self._random = random.Random(f"{seed}:faults")
        self._downloads = random.Random(f"{seed}:download faults")
        self._pages = random.Random(f"{seed}:page faults")
        self.set(text)

    def set(self, text: str) -> None:
        """Replace the faults."""
        self._faults = parse_faults(text)
        self._apart = {kind: self._faults.pop(kind, 0.0) for kind in APART}

    def draw_download(self) -> bool:
        """Whether the next download breaks off."""
        return self._downloads.random() < self._apart[DOWNLOAD_TRUNCATED]

    def draw_page(self, records: Iterable[T]) -> list[T]:
        """The records that the next page of a list shows, out of those that it should have."""
        shown = list(records)
        if self._pages.random() < self._apart[EMPTY_PAGE]:
            return []
        if shown and self._pages.random() < self._apart[SHORT_PAGE]:
            del shown[self._pages.randrange(len(shown))]
        return shown

    def draw(self) -> str | None:
        """The fault of the next request, or None."""
        if not self._faults:
            return None
        at = self._random.random()
        for kind, chance in self._faults.items():
            at -= chance
            if at < 0:
                return self._random.choice((RESET_BEFORE, RESET_AFTER)) if kind == "reset" else kind
        return None
