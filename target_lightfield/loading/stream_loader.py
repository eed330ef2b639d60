"""Stream loaders take the rows of one stream: the interface, and the one for records and files."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, Protocol

from lightfield_api.errors import LightfieldError
from lightfield_api.resources import Resource
from target_lightfield.errors import api_failure
from target_lightfield.id_map.source import Link, Source
from target_lightfield.loading.interfaces import Reader, RecordLoader, StreamColumns
from target_lightfield.loading.outcomes import Filed, Outcomes
from target_lightfield.loading.sources import source_key
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.reporting.rejects_file import StreamSchema

_log = logging.getLogger("target-lightfield")


class Submit(Protocol):
    """Takes work to be done beside other work; ``Scheduler.submit``."""

    def __call__(
        self, work: Callable[[], object], *, tokens: Iterable[Hashable], after: Iterable[Hashable] = ()
    ) -> None:
        """Take one piece of work. It is done again, after all earlier work, if it raises TooEarly."""


class StreamLoader(ABC):
    """Takes the rows of one stream, in their order, and sees to it that what becomes of each is counted.

    A row may be on its way for a while after it was taken. Each method raises TargetError where Lightfield
    did not answer as it should to this row or to an earlier one: the run can't go on.

    Args:
        object_type: What the id map calls the records of the stream.
        outcomes: Takes what became of rows.
        submit: Takes work to be done beside other work.
    """

    def __init__(self, object_type: str, outcomes: Outcomes, submit: Submit) -> None:
        self._object_type = object_type
        self._outcomes = outcomes
        self._submit = submit

    @property
    @abstractmethod
    def columns(self) -> StreamColumns:
        """The columns of the stream."""

    @abstractmethod
    def load(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Write a row."""

    @abstractmethod
    def delete(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Do as the settings say with a row that the source has deleted."""

    def reject(
        self,
        stream: StreamSchema,
        row: Mapping[str, Any],
        rejection: Rejection,
        as_it_came: Filed | None = None,
    ) -> None:
        """File a row as rejected, after earlier ones of its key. Args as in ``Outcomes.reject``."""
        self._submit(
            lambda: self._reject(stream, row, rejection, as_it_came), tokens=[self._token(stream, row)]
        )

    def write_links(self, source: Source, links: Sequence[Link]) -> None:  # noqa: B027
        """Write those waiting links of a row whose records have come, in streams whose rows have links."""

    def flush(self) -> None:  # noqa: B027
        """Submit the rows gathered so far, in streams that gather them: a state speaks of all before it."""

    def end_input(self) -> None:  # noqa: B027
        """Take note that the input came to its end, and that all rows of it are settled."""

    def finish(self) -> None:  # noqa: B027
        """Do what can only be done when all that waited has been tried."""

    def close(self) -> None:  # noqa: B027
        """Release what is kept for the run."""

    def _skip(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Write nothing of a row, and stop keeping it if it waited."""
        source = self._outcomes.sources.of(stream, row)

        def skip() -> None:
            self._outcomes.leave_out(stream.stream, source, row, ())
            self._outcomes.skip(stream.stream, source)

        self._submit(skip, tokens=[self._token(stream, row)])

    def _reject(
        self,
        stream: StreamSchema,
        row: Mapping[str, Any],
        rejection: Rejection,
        as_it_came: Filed | None = None,
    ) -> None:
        self._outcomes.reject(stream, row, rejection, as_it_came)

    def _token(self, stream: StreamSchema, row: Mapping[str, Any]) -> Hashable:
        return self._object_type, source_key(stream, row)


class RecordStream(StreamLoader):
    """Loads the rows of records or files, each by itself.

    Args:
        resource: The object.
        loader: Loads one row.
        outcomes: Takes what became of it.
        submit: Takes work to be done beside other work.
        trashes: Whether a record that the source has deleted is moved to the trash; else it is left alone.
    """

    def __init__(
        self, resource: Resource, loader: RecordLoader, outcomes: Outcomes, submit: Submit, *, trashes: bool
    ) -> None:
        super().__init__(resource.object_type, outcomes, submit)
        self._name = resource.name
        self._loader = loader
        self._trashes = trashes

    @property
    def columns(self) -> Reader:
        """The columns of the stream."""
        return self._loader.reader

    def load(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Write a row, beside others on their way."""
        source = self._outcomes.sources.of(stream, row)
        try:
            wanted = self._loader.reader.read(row)
        except Rejection as e:
            self.reject(stream, row, e)
            return

        def load() -> None:
            self._outcomes.take(stream.stream, source, self._loader.load(source, row, wanted))

        self._submit(
            lambda: self._judged(stream, row, load),
            tokens=self._loader.tokens(source, wanted),
            after=self._loader.follows(wanted),
        )

    def delete(self, stream: StreamSchema, row: Mapping[str, Any]) -> None:
        """Move a record to the trash because the source has deleted its row, or skip the row."""
        if not self._trashes:
            self._skip(stream, row)
            return
        source = self._outcomes.sources.of(stream, row)
        id_ = row.get("id")
        record_id = id_ if isinstance(id_, str) else None
        tokens: list[Hashable] = [self._token(stream, row)]
        if record_id:
            tokens.append((self._object_type, record_id))
        # Its match keys too: later rows may match the same record. A row that can't be read has none.
        with suppress(Rejection):
            tokens += self._loader.tokens(source, self._loader.reader.read(row))

        def trash() -> None:
            self._outcomes.leave_out(stream.stream, source, row, ())
            self._outcomes.take(stream.stream, source, self._loader.trash(source, record_id))

        self._submit(lambda: self._judged(stream, row, trash), tokens=tokens)

    def write_links(self, source: Source, links: Sequence[Link]) -> None:
        """Write those waiting links of a row whose records have come."""
        self._submit(lambda: self._write_links(source, links), tokens=[source])

    def _judged(self, stream: StreamSchema, row: Mapping[str, Any], work: Callable[[], None]) -> None:
        """Do the work of a row: a refusal rejects the row, any other failure ends the run."""
        try:
            work()
        except Rejection as e:
            self._reject(stream, row, e)
        except LightfieldError as e:
            raise api_failure(f"loading {stream.stream} {source_key(stream, row)!r}", e) from e

    def _write_links(self, source: Source, links: Sequence[Link]) -> None:
        try:
            self._loader.write_links(source, links)
        except Rejection as e:
            _log.warning("Links of %s %r wait on: %s", self._name, source.key, e.message)
        except LightfieldError as e:
            raise api_failure(f"linking {self._name} {source.key!r}", e) from e
