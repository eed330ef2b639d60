"""Asks the parts of a run how far it is, and lets that be said."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import IO

from target_lightfield.presets.feed import PresetFeed
from target_lightfield.reporting.outcome import Outcome
from target_lightfield.reporting.report import Report
from target_lightfield.run.how_far import HowFar, Part, StreamSoFar
from target_lightfield.run.progress import Progress
from target_lightfield.run.progress_bar import terminal_bar
from target_lightfield.run.workspace import Workspace

# These are said of every stream, any other outcome only where there is one.
_ALWAYS_SAID = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED, Outcome.REJECTED, Outcome.WAITING)


def said_from_now_on(watch: Watch) -> Progress:
    """Return what says how far a run is, begun."""
    progress = Progress(watch.how_far, terminal_bar())
    progress.begin()
    return progress


class Input:
    """How much of the input is read, if it is a file.

    Args:
        source: What the target reads from.
    """

    def __init__(self, source: IO[str] | None) -> None:
        self._descriptor, self._size = -1, 0
        try:
            descriptor = source.fileno() if source else -1
            status = os.fstat(descriptor)
            if stat.S_ISREG(status.st_mode):
                self._descriptor, self._size = descriptor, status.st_size
        except (OSError, ValueError):  # it is nothing of the system's, or closed
            pass

    def part(self, left: str) -> Part | None:
        """Return how much is read. Any thread may ask: the position is the system's own."""
        if not self._size:
            return None
        try:
            at = os.lseek(self._descriptor, 0, os.SEEK_CUR)
        except OSError:
            return None
        return Part(min(at, self._size), self._size, "{percent}% of the input read", left)


@dataclass(frozen=True)
class Watch:
    """Asks the parts of a run how far it is.

    Attributes:
        report: Counts what becomes of rows.
        workspace: Where they are written; its id map keeps those that wait.
        under_way: Returns how many pieces of work are under way.
        feed: Returns the feed on its way through a preset; None without one.
        source: The input.
    """

    report: Report
    workspace: Workspace
    under_way: Callable[[], int]
    feed: Callable[[], PresetFeed | None]
    source: Input

    def how_far(self) -> HowFar:
        """Return how far the run is.

        Raises:
            TargetError: The id map fails.
        """
        kept = self.workspace.id_map.waiting.count_by_stream()
        waiting = {self.workspace.stream_name(name): number for name, number in kept.items()}
        streams = {}
        for stream, outcomes in self.report.outcomes().items():
            said: Sequence[Outcome] = [o for o in Outcome if outcomes[o] or o in _ALWAYS_SAID]
            counts = {o.value: outcomes[o] for o in said} | {"waiting": waiting.get(stream, 0)}
            streams[stream] = StreamSoFar(sum(outcomes.values()), counts=counts)
        feed = self.feed()
        if feed is not None:
            for stream, number in feed.taken.items():
                streams.setdefault(stream, StreamSoFar(number, "read"))
        return HowFar(streams, self.under_way(), self._part(feed))

    def _part(self, feed: PresetFeed | None) -> Part | None:
        if feed is None:
            return self.source.part("left")
        if feed.to_translate:
            done = min(feed.translated, feed.to_translate)
            return Part(done, feed.to_translate, "{done} of {total} rows through the preset")
        return self.source.part("until all is read")
