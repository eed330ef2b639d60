"""How far a run is, said while it runs: a line in the log every few seconds, or a bar on a terminal.

A thread of its own says it, because the others may be waiting: for Lightfield, at the end, or for a pause.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Protocol

from lightfield_api.words import count, duration
from target_lightfield.errors import TargetError
from target_lightfield.run.how_far import HowFar, Part

INTERVAL = 10.0
"""Seconds between two lines."""

_TICK = 0.5  # seconds between two looks

_log = logging.getLogger("target-lightfield")


class Bar(Protocol):
    """What shows how far a run is where there is a terminal.

    Attributes:
        replaces_lines: Whether the whole log goes to that terminal, so that it needs no lines too.
    """

    replaces_lines: bool

    def show(self, text: str, part: Part | None) -> None:
        """Show how far it is."""

    def aside(self) -> AbstractContextManager[None]:
        """Make room, for the length of a block, for something else that is written to the terminal."""

    def close(self) -> None:
        """Take it away."""


class Progress:
    """Says how far a run is, from ``begin`` to ``end``.

    Args:
        how_far: Returns how far it is.
        bar: Where it is shown; None without a terminal.
        clock: Returns the time in seconds.
    """

    def __init__(
        self,
        how_far: Callable[[], HowFar],
        bar: Bar | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._how_far, self._bar, self._clock = how_far, bar, clock
        self._says_lines = bar is None or not bar.replaces_lines
        self._began = self._said = clock()
        self._done_before: Mapping[str, int] = {}
        self._shown_before: Mapping[str, int] = {}
        self._stream: str | None = None
        self._part: tuple[str, float, int] | None = None  # which one, and when it was how far
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)

    def begin(self) -> None:
        """Say it from now on."""
        self._thread.start()

    def end(self) -> None:
        """Say nothing more."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)  # it may be waiting for a database that does not answer
        if self._bar:
            self._bar.close()

    def aside(self) -> AbstractContextManager[None]:
        """Make room, for the length of a block, for something else that is written to the terminal."""
        return self._bar.aside() if self._bar else nullcontext()

    def tick(self) -> None:
        """Say how far the run is, if it is time.

        Raises:
            TargetError: Nobody knows how far it is.
        """
        now = self._clock()
        line_is_due = self._says_lines and now - self._said >= INTERVAL
        if not line_is_due and not self._bar:
            return
        far = self._how_far()
        left = self._time_left(far.part, now)
        if self._bar:
            self._show(self._bar, far, left, now)
        if line_is_due:
            for line in self._lines(far, _of_whole(far.part, left), now):
                _log.info("%s", line)
            self._said = now
            self._done_before = {name: stream.done for name, stream in far.streams.items()}

    def _run(self) -> None:
        while not self._ended.wait(min(_TICK, INTERVAL)):
            with suppress(TargetError):  # what fails here fails where the run needs it, too
                self.tick()

    def _lines(self, far: HowFar, of_whole: str, now: float) -> Iterator[str]:
        """Yield a line for each stream that has moved since the last one; for the last stream if none has."""
        moved = [name for name, so_far in far.streams.items() if so_far.done > self._done_before.get(name, 0)]
        if moved:
            self._stream = moved[-1]
        shown = moved or [name for name in far.streams if name == self._stream]
        for name in shown:
            rows = far.streams[name].done - self._done_before.get(name, 0)
            yield _said_of(name, far, rows / (now - self._said)) + (of_whole if name == shown[-1] else "")

    def _show(self, bar: Bar, far: HowFar, left: str, now: float) -> None:
        moved = {name: so_far.done - self._shown_before.get(name, 0) for name, so_far in far.streams.items()}
        if any(moved.values()):
            self._stream = max(moved, key=moved.__getitem__)
        self._shown_before = {name: so_far.done for name, so_far in far.streams.items()}
        if self._stream and now > self._began:
            rate = far.streams[self._stream].done / (now - self._began)
            bar.show(_short(self._stream, far, rate, left), far.part)

    def _time_left(self, part: Part | None, now: float) -> str:
        """Return how long the rest of a part takes: "1 min 30 s left"; nothing where that is not known."""
        if part is None:
            return ""
        if self._part is None or self._part[0] != part.form:
            # The first part began with the run; where this one began was seen now.
            self._part = (part.form, now, part.done) if self._part else (part.form, self._began, 0)
        _, since, done_then = self._part
        done, seconds = part.done - done_then, now - since
        if done <= 0 or part.done >= part.total or seconds <= 0:
            return ""
        return f"{duration((part.total - part.done) * seconds / done)} {part.left}"


def _of_whole(part: Part | None, left: str) -> str:
    return f"; {', '.join(filter(None, [part.said, left]))}" if part else ""


def _said_of(name: str, far: HowFar, rate: float) -> str:
    """Say how far a stream is in all its numbers."""
    so_far = far.streams[name]
    counts = ", ".join(f"{number:,} {word}" for word, number in so_far.counts.items())
    under_way = f"; {far.under_way:,} under way" if far.under_way else ""
    said = f"{_shown(name)}: {count('row', so_far.done)} {so_far.verb}, {rate:,.0f} a second"
    # In parentheses: whoever looks for the line of a stream at the end takes none of these for it.
    return said + (f" ({counts})" if counts else "") + under_way


def _short(name: str, far: HowFar, rate: float, left: str) -> str:
    """Say it in less than a line, what matters most first: a terminal may be narrow."""
    so_far = far.streams[name]
    parts = [f"{_shown(name)}: {count('row', so_far.done)}", f"{rate:,.0f} a second", left]
    counts = ", ".join(f"{number:,} {word}" for word, number in so_far.counts.items() if number)
    return ": ".join(filter(None, [", ".join(filter(None, parts)), counts]))


def _shown(name: str) -> str:
    return name if name.isprintable() else repr(name)
