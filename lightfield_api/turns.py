"""Threads that compute one after the other and wait side by side.

Python runs one thread at a time anyhow. Many that contend for that, and for the locks of what is in memory,
take a good deal longer together than one after the other.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """Gives threads their turn. A thread that is about to wait gives its turn up, and does not take it back.

    So nobody waits for a turn but at the beginning, where no thread holds anything that another one needs.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._own = threading.local()

    @contextmanager
    def taken(self) -> Iterator[None]:
        """Have a turn for the block, or until it waits."""
        self._lock.acquire()
        self._own.has_one = True
        try:
            yield
        finally:
            self.give_up()

    def give_up(self) -> None:
        """Let the next thread have its turn, if this one has it."""
        if getattr(self._own, "has_one", False):
            self._own.has_one = False
            self._lock.release()
