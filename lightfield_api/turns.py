"""Threads that compute one after the other and wait side by side.

Python runs one thread at a time anyhow. Many that contend for that, and for the locks of what is in memory,
take a good deal longer together than one after the other.
"""

from __future__ import annotations

import threading
from collections.abc import Callable


class Turns:
    """Tells a thread's scheduler that the thread is about to wait: another one may begin."""

    def __init__(self) -> None:
        self._own = threading.local()

    def keeps(self, work: Callable[[], object], pass_on: Callable[[], None]) -> bool:
        """Do work in a turn of this thread, and return whether the turn is still its own.

        Args:
            work: What is to be done.
            pass_on: Lets another thread have the turn; called before this one waits, if it does.
        """
        self._own.pass_on = pass_on
        try:
            work()
            return self._own.pass_on is not None
        finally:
            self._own.pass_on = None

    def give_up(self) -> None:
        """Let another thread have the turn, if this one has it: it is about to wait."""
        pass_on: Callable[[], None] | None = getattr(self._own, "pass_on", None)
        if pass_on:
            self._own.pass_on = None
            pass_on()
