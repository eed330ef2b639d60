"""Which ids are worth asking for: a feed's ids are of this workspace, or they all are another system's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

_FOREIGN_AFTER = 5  # ids asked for in vain before a feed's other unlisted ids are taken as foreign


class ForeignIds:
    """Learns whether a feed's ids are foreign from those that were asked for. Safe in several threads.

    Args:
        is_listed: Whether the whole collection has been listed: what it lacks is foreign, or too new for it.

    Attributes:
        asked: How many ids have been asked for.
    """

    def __init__(self, is_listed: Callable[[], bool]) -> None:
        self._is_listed = is_listed
        self._changed = threading.Condition()
        self._found = False
        self._under_way = 0
        self.asked = 0

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Wait until it makes sense to look for one more id, which is done within the block.

        While none was found only a few are looked for at once. Once enough were in vain, the next one waits
        for what comes of all that are under way: any of them may turn out to be of this workspace.
        """
        with self._changed:
            self._changed.wait_for(self._is_room)
            self._under_way += 1
        try:
            yield
        finally:
            with self._changed:
                self._under_way -= 1
                self._changed.notify_all()

    def are_foreign(self) -> bool:
        """Whether an id that is not known need not be asked for. Within a turn."""
        return not self._found and self._are_in_vain()

    def note_found(self) -> None:
        """Take note of an id of this workspace."""
        if not self._found:
            with self._changed:
                self._found = True
                self._changed.notify_all()

    def _is_room(self) -> bool:
        return (
            self._found
            or not self._under_way
            or (self._under_way < _FOREIGN_AFTER and not self._are_in_vain())
        )

    def _are_in_vain(self) -> bool:
        return self.asked >= _FOREIGN_AFTER and self._is_listed()
