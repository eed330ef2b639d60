"""The streams of a run: each has its loader, made when its first row comes."""

from __future__ import annotations

import threading
from collections.abc import Iterator

from target_lightfield.loading.stream_loader import StreamLoader
from target_lightfield.objects.registry import writable
from target_lightfield.objects.setup import Setup
from target_lightfield.run.workspace import Workspace


class Streams:
    """The stream loaders of a run, by the names of their streams. Safe to use from several threads.

    Args:
        workspace: Where their rows are written.
        setup: What they are made with.
    """

    def __init__(self, workspace: Workspace, setup: Setup) -> None:
        self._workspace = workspace
        self._setup = setup
        self._loaders: dict[str, StreamLoader] = {}
        self._input_has_ended = False
        self._lock = threading.Lock()

    def __iter__(self) -> Iterator[StreamLoader]:
        """Iterate over those that there are."""
        with self._lock:
            return iter(list(self._loaders.values()))

    def loader(self, stream: str) -> StreamLoader:
        """Return the stream loader of a stream that is written; the first call makes it.

        Raises:
            TargetError: The API key lacks a scope for it, or the settings of the object are wrong.
        """
        with self._lock:
            name = self._workspace.stream_name(stream)
            if name not in self._loaders:
                resource = self._workspace.resource(name)
                assert resource is not None  # noqa: S101 - of a stream that is written
                self._loaders[name] = writable(name).loader(self._setup, resource)
                if self._input_has_ended:  # its rows have waited since an earlier run
                    self._loaders[name].end_input()
            return self._loaders[name]

    def flush(self) -> None:
        """Submit the rows that are gathered."""
        for stream in self:
            stream.flush()

    def end_input(self) -> None:
        """Take note that no further row comes but those that have waited."""
        self._input_has_ended = True
        for stream in self:
            stream.end_input()

    def finish(self) -> None:
        """Do what can only be done once all rows are settled."""
        for stream in self:
            stream.finish()

    def close(self) -> None:
        """Release what they hold."""
        for stream in self:
            stream.close()
