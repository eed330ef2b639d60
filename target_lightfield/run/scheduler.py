"""Work done side by side that ends as if it were done one after the other.

Two records that have nothing in common may be written at the same time. Two versions of one record, or
two records that could match the same one, keep their order; a record that refers to another is written
after it, which saves a second request for the link. What only the work itself finds out, that it depends on
earlier work under way, it says by raising TooEarly: it is done again when all that came before it is done.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Hashable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from lightfield_api.turns import Turns
from target_lightfield.loading.interfaces import TooEarly


@dataclass(eq=False)
class _Task:
    number: int
    work: Callable[[], object]
    tokens: frozenset[Hashable]
    waits_for: int = 0
    followers: list[_Task] = field(default_factory=list)
    is_put_off: bool = False


class Scheduler:
    """Runs work in threads: work that shares a token in its order, any other at the same time.

    Args:
        workers: How many pieces of work run at once.
        turns: The turns of its threads, which work gives up where it waits for Lightfield.
    """

    _QUEUED_PER_WORKER = 4  # enough to find work that need not wait; the rest of the input stays unread

    def __init__(self, workers: int, turns: Turns) -> None:
        self._pool = ThreadPoolExecutor(workers, "load")
        self._most = workers * self._QUEUED_PER_WORKER
        self._few = self._most * 3 // 4  # so many are left when a full queue is filled again
        self._is_full = False
        self._changed = threading.Condition()  # on an RLock: a signal handler may wait here too
        self._last: dict[Hashable, _Task] = {}
        self._unfinished: dict[int, _Task] = {}  # in the order in which they were submitted
        self._ready: deque[_Task] = deque()
        self._turns = turns
        self._turn_is_taken = False
        self._own = threading.local()  # the task of a thread
        self._error: BaseException | None = None
        self.submitted = 0

    def submit(
        self, work: Callable[[], object], *, tokens: Iterable[Hashable], after: Iterable[Hashable] = ()
    ) -> None:
        """Run work when all earlier work is done that shares a token with it, or that it comes after.

        Blocks when the queue is full, until a part of it is done: two threads that wait for each other at
        each piece of work take much longer.

        Args:
            work: What is to be done.
            tokens: Lock keys: work that shares one is never done at the same time.
            after: Tokens of work that must be finished before this begins, if it was submitted before.

        Raises:
            BaseException: What earlier work raised; nothing is run from then on.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._error or not self._is_full)
            self._raise_error()
            task = _Task(self.submitted, work, frozenset(tokens))
            self._unfinished[task.number] = task
            self._is_full = len(self._unfinished) >= self._most
            self.submitted += 1
            before = {self._last[token] for token in {*task.tokens, *after} if token in self._last}
            task.waits_for = len(before)
            for earlier in before:
                earlier.followers.append(task)
            self._last.update(dict.fromkeys(task.tokens, task))
            if not before:
                self._begin(task)

    def earlier_is_under_way(self, token: Hashable) -> bool:
        """Whether work with a token is not done that was submitted before the work that asks."""
        own: _Task = self._own.task
        with self._changed:
            return any(
                token in task.tokens for number, task in self._unfinished.items() if number < own.number
            )

    @property
    def settled(self) -> int:
        """How many pieces of work are done, counted from the first to the first that is not."""
        with self._changed:
            return min(self._unfinished, default=self.submitted)

    @property
    def under_way(self) -> int:
        """How many pieces of work are submitted and not done."""
        with self._changed:
            return len(self._unfinished)

    def wait(self) -> None:
        """Return when all submitted work is done.

        Raises:
            BaseException: What work raised.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._error or not self._unfinished)
            self._raise_error()

    def close(self) -> None:
        """Finish the work that has begun, leave the rest undone, and end the threads."""
        with self._changed:
            if self._unfinished:
                self._error = self._error or RuntimeError("The scheduler was closed before all was done")
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _begin(self, task: _Task) -> None:
        self._ready.append(task)
        self._go_on()

    def _go_on(self) -> None:
        """Let a thread do what is ready, unless one does."""
        if self._ready and not self._turn_is_taken and self._error is None:
            self._turn_is_taken = True
            self._pool.submit(self._do_what_is_ready)

    def _do_what_is_ready(self) -> None:
        while (task := self._next()) and self._turns.keeps(partial(self._run, task), self._pass_on):
            pass

    def _next(self) -> _Task | None:
        with self._changed:
            self._turn_is_taken = bool(self._ready)
            return self._ready.popleft() if self._ready else None

    def _pass_on(self) -> None:
        with self._changed:
            self._turn_is_taken = False
            self._go_on()

    def _run(self, task: _Task) -> None:
        self._own.task = task
        try:
            if self._error is None:
                task.work()
        except TooEarly:
            with self._changed:
                task.is_put_off = True
                if self._error is None:
                    self._go_on_with_the_first()
            return
        except BaseException as e:  # noqa: BLE001 - raised where somebody waits for it
            with self._changed:
                self._error = self._error or e
        with self._changed:
            if self._error is None:
                self._finish(task)
            if self._error or len(self._unfinished) in (self._few, 0):
                self._is_full = False
                self._changed.notify_all()

    def _finish(self, task: _Task) -> None:
        del self._unfinished[task.number]
        for token in task.tokens:
            if self._last.get(token) is task:
                del self._last[token]
        for follower in task.followers:
            follower.waits_for -= 1
            if not follower.waits_for:
                self._begin(follower)
        self._go_on_with_the_first()

    def _go_on_with_the_first(self) -> None:
        first = next(iter(self._unfinished.values()), None)
        if first and first.is_put_off:
            first.is_put_off = False
            self._begin(first)

    def _raise_error(self) -> None:
        if self._error is not None:
            raise self._error
