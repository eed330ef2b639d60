"""Calls that overlap: several in flight, their results in order."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def overlapped(executor: Executor, ahead: int, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Yield the function's result for each item, in the items' order.

    Args:
        executor: Where the function is called.
        ahead: The most calls that may be under way, or done and waiting for the oldest one.
        function: What is called.
        items: Taken one by one, in the caller's thread, as there is room.

    Raises:
        Exception: What the function raised; calls that have not begun are given up.
    """
    pending: deque[Future[R]] = deque()
    try:
        for item in items:
            pending.append(executor.submit(function, item))
            if len(pending) >= ahead:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
    finally:
        for future in pending:
            future.cancel()
