"""Which ids are worth asking for: a feed's ids are of this workspace, or they all are another system's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import Enum

_FOREIGN_AFTER = 5  # ids asked for in vain before a feed's other unlisted ids are taken as foreign


class Verdict(Enum):
    """What to do about an id that is not known."""

    ASK = "ask for it"
    FOREIGN = "take it as another system's"
    LOOK_AGAIN = "look whether it is known by now, and ask here again if not"


class Probes:
    """Counts what was asked for and found. Safe to use from several threads.

    Args:
        is_listed: Whether the whole collection has been listed: what it lacks is foreign, or too new for it.
        listing_is_due: Whether the whole collection is to be listed before anything else is asked for. By
            this it is decided under one lock how the ids asked for side by side are counted, in ``begun``.

    Attributes:
        begun: How many ids have been asked for.
    """

    def __init__(self, is_listed: Callable[[], bool], listing_is_due: Callable[[], bool]) -> None:
        self._is_listed = is_listed
        self._listing_is_due = listing_is_due
        self._changed = threading.Condition()
        self._found = False
        self._under_way = 0
        self.begun = 0

    def begin(self) -> Verdict:
        """Return what to do about an id; ``end`` has to follow if it is asked for.

        Until one was found only a few are under way at once, and the others wait here for what comes of
        them: they may turn out to be in vain.
        """
        with self._changed:
            if self._listing_is_due():
                return Verdict.LOOK_AGAIN
            if not self._found:
                is_in_vain = self.begun >= _FOREIGN_AFTER and self._is_listed()
                if self._under_way and (is_in_vain or self._under_way >= _FOREIGN_AFTER):
                    self._changed.wait()
                    return Verdict.LOOK_AGAIN
                if is_in_vain:
                    return Verdict.FOREIGN
            self.begun += 1
            self._under_way += 1
            return Verdict.ASK

    def end(self, *, found: bool) -> None:
        """Take note of what came of asking."""
        with self._changed:
            self._under_way -= 1
            self._found = self._found or found
            self._changed.notify_all()

    def note_found(self) -> None:
        """Take note of an id of this workspace that was known without asking."""
        if not self._found:
            with self._changed:
                self._found = True
                self._changed.notify_all()
