"""Which ids are worth asking for: a feed's ids are of this workspace, or they all are another system's."""

from __future__ import annotations

import threading
from collections.abc import Callable

_FOREIGN_AFTER = 5  # ids asked for in vain before a feed's other unlisted ids are taken as foreign


class Probes:
    """Counts what was asked for and found. Safe to use from several threads.

    Args:
        is_listed: Whether the whole collection has been listed: what it lacks is foreign, or too new for it.
    """

    def __init__(self, is_listed: Callable[[], bool]) -> None:
        self._is_listed = is_listed
        self._changed = threading.Condition()
        self._found = False
        self._begun = self._under_way = 0

    def begin(self) -> bool | None:
        """Return whether an id is to be asked for; ``end`` has to follow if it is.

        Until one was found only a few are under way at once: the others may turn out to be in vain. None
        says that others had to be waited for, and that by what came of them it is to be considered again.
        """
        with self._changed:
            if not self._found and self._has_to_wait():
                self._changed.wait()
                return None
            if not self._found and self._is_in_vain():
                return False
            self._begun += 1
            self._under_way += 1
            return True

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

    def _is_in_vain(self) -> bool:
        return self._begun >= _FOREIGN_AFTER and self._is_listed()

    def _has_to_wait(self) -> bool:
        return self._under_way > 0 and (self._under_way >= _FOREIGN_AFTER or self._is_in_vain())
