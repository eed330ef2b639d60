"""What every stream of the tap has.

The scopes it needs, calls that overlap, full sweeps, errors that are one sentence.
"""

from __future__ import annotations

import abc
import logging
import sys
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any, TypeVar

from singer_sdk.exceptions import AbortedSyncFailedException, AbortedSyncPausedException
from singer_sdk.mapper import RemoveRecordTransform
from singer_sdk.singerlib import ActivateVersionMessage
from singer_sdk.singerlib.catalog import REPLICATION_FULL_TABLE, REPLICATION_INCREMENTAL, Metadata
from singer_sdk.streams import Stream

from lightfield_api.errors import LightfieldError
from lightfield_api.paging import Sweep
from tap_lightfield.errors import StreamStopped, TapError
from tap_lightfield.full_sweep import VERSION, FullSweep, next_version
from tap_lightfield.overlap import overlapped
from tap_lightfield.progress import reported
from tap_lightfield.schemas import KEY_PROPERTIES
from tap_lightfield.workspace import Workspace

if TYPE_CHECKING:
    from singer_sdk import Tap
    from singer_sdk.helpers import types
    from singer_sdk.singerlib import Catalog, MetadataMapping, RecordMessage

T = TypeVar("T")
R = TypeVar("R")


class LightfieldStream(Stream, abc.ABC):
    """A stream of the tap.

    Args:
        tap: The tap.
        workspace: What the streams of the run share.
        name: The stream's name.
        schema: The JSON Schema of the rows.
        scopes: The scopes without which the stream can't be read.
    """

    key_properties: tuple[str, ...] = KEY_PROPERTIES
    """The columns of the primary key."""

    def __init__(
        self, tap: Tap, workspace: Workspace, name: str, schema: dict[str, Any], scopes: Sequence[str] = ()
    ) -> None:
        super().__init__(tap, schema=schema, name=name)
        missing = [scope for scope in scopes if not workspace.grant.allows(scope)]
        self.primary_keys = list(self.key_properties)
        self.selected_by_default = not missing
        self._workspace = workspace
        self._client = workspace.client
        self._scopes = tuple(scopes)
        self._readable = not missing
        self._schema_written = False
        self._full_sweep = FullSweep()

    @abc.abstractmethod
    def rows(self, context: types.Context | None) -> Iterator[dict[str, Any]]:
        """Yield the rows of one run."""

    def get_records(self, context: types.Context | None) -> Iterable[dict[str, Any]]:
        """Yield the rows of one run.

        Raises:
            StreamStopped: The API failed in the middle; the bookmark stays where it was.
        """
        if not self._readable:
            return  # the tap has checked that it is not selected, but `--test` reads every stream
        self._set_version()
        # One pool for all requests of the stream: no more are under way at once than the setting allows.
        pool = ThreadPoolExecutor(self._concurrency, self.name)
        self._pool = pool
        try:
            yield from self.rows(context)
        except LightfieldError as e:
            has_bookmark = self.replication_method == REPLICATION_INCREMENTAL
            raise StreamStopped(self.name, " or ".join(self._scopes), e, has_bookmark=has_bookmark) from e
        finally:
            pool.shutdown(cancel_futures=True)

    @property
    def _concurrency(self) -> int:
        concurrency: int = self.config["max_concurrency"]
        return concurrency

    def _swept(
        self, path: Sequence[str], params: Mapping[str, Any] | None = None, *, to_the_end: bool = True
    ) -> Generator[dict[str, Any], None, None]:
        """Yield the records of a list, and say in the log how far it is.

        Args:
            path: The list's path.
            params: What is asked of it beside the page.
            to_the_end: Whether it will be read to its end.
        """
        sweep = self._sweep_of(path, params, to_the_end=to_the_end)
        records = reported(sweep, self.name, self.logger, to_the_end=to_the_end)
        return self._full_sweep.list_of(sweep, records)

    def _sweep_of(
        self, path: Sequence[str], params: Mapping[str, Any] | None = None, *, to_the_end: bool = True
    ) -> Sweep:
        """Return the sweep that ``_swept`` reads, for streams that need more of it than its records."""
        return Sweep(
            self._client,
            path,
            params,
            concurrency=self._concurrency,
            eager=to_the_end,
            executor=self._pool,
        )

    def _overlapped(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield what the function gives for each item, in order, with calls overlapping."""
        return overlapped(self._pool, self._concurrency, function, items)

    # Full sweeps

    @property
    def _sweeps_all(self) -> bool:
        """Whether this run writes everything of the stream, to replace what a loader has."""
        return self.name in (self.config.get("full_sweep") or ())

    @property
    def read_all_lists(self) -> bool:
        """Whether this run has read the stream's lists to their ends, whatever it wrote of them."""
        return self._full_sweep.read_all_lists

    def _set_version(self) -> None:
        """Set the version of the rows: of other runs the last one that counts, so that the next is above it.

        Loaders compare versions, and to some of them a row without one is never too old.
        """
        if self._stream_version is None:
            last = self.stream_state.get(VERSION)
            now = self._client.server_time()
            self._stream_version = next_version(last, now) if self._sweeps_all else last

    def _generate_record_messages(self, record: types.Record) -> Generator[RecordMessage, None, None]:
        """Yield the messages of a row."""
        names = []
        for message in super()._generate_record_messages(record):
            names.append(message.stream)
            yield message
        self._full_sweep.count(names)

    def finalize_state_progress_markers(self, state: dict[str, Any] | None = None) -> None:
        """End the stream. The SDK calls this once all its contexts, and its batches, have been written."""
        if not state and self._sweeps_all and self.selected:
            self._activate_version()
        super().finalize_state_progress_markers(state)

    def _activate_version(self) -> None:
        """Say that the rows written are all there are, or warn why nobody can say so."""
        if self.config.get("batch_config"):
            self._full_sweep.leave_out("batch_config is set, and the rows of batches have no version")
        maps = self._tap.mapper.stream_maps.items()
        others = {each.stream_alias for stream, alike in maps if stream != self.name for each in alike}
        for stream_map in self.stream_maps:
            if isinstance(stream_map, RemoveRecordTransform):
                continue
            if reason := self._full_sweep.why_not(stream_map.stream_alias, others):
                self.logger.warning(
                    "Stream '%s': the full sweep takes away nothing that a loader has: %s.",
                    self.name, reason,
                )  # fmt: skip
            elif self._stream_version is not None:
                self._tap.write_message(
                    ActivateVersionMessage(stream=stream_map.stream_alias, version=self._stream_version)
                )
                self.stream_state[VERSION] = self._stream_version
                self.state_manager.is_flushed = False

    def _write_schema_message(self) -> None:
        # The SDK begins a child stream for each record of its parent, always with the same schema.
        if not self._schema_written:
            self._schema_written = True
            super()._write_schema_message()

    @property
    def metadata(self) -> MetadataMapping:
        """The stream's metadata.

        Meltano selects every stream by default (``*.*``), unless its inclusion is ``unsupported``.
        """
        metadata = super().metadata
        if not self._readable and self._tap_input_catalog is None:
            metadata.root.inclusion = Metadata.InclusionType.UNSUPPORTED
        return metadata

    def apply_catalog(self, catalog: Catalog) -> None:
        """Take over what the catalog says, FULL_TABLE also where only its metadata says it.

        A discovered catalog says INCREMENTAL at its top level, which the SDK asks first.
        """
        super().apply_catalog(catalog)
        entry = catalog.get_stream(self.tap_stream_id)
        root = entry.metadata.get(()) if entry else None
        if getattr(root, "forced_replication_method", None) == REPLICATION_FULL_TABLE:
            self.forced_replication_method = REPLICATION_FULL_TABLE

    def log(self, message: str, *args: Any, level: int = logging.INFO, **kwargs: Any) -> None:
        """Log a message, but not of an exception that is handled further up.

        The SDK logs every exception of a sync as unhandled. A TapError becomes one sentence of its own, and
        with the others the SDK only ends a stream early, in ``--test``.
        """
        if not isinstance(sys.exc_info()[1], _HANDLED):
            super().log(message, *args, level=level, **kwargs)


_HANDLED = (TapError, AbortedSyncFailedException, AbortedSyncPausedException)
