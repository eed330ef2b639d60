"""The sink of a stream that a preset names: its rows are held to the source's own schema and handed over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, cast

from singer_sdk import Target

from target_lightfield.checked_sink import CheckedSink
from target_lightfield.id_map.source import stream_and_origin
from target_lightfield.loading.outcomes import Filed
from target_lightfield.reporting.rejection import Rejection
from target_lightfield.reporting.rejects_file import StreamSchema
from target_lightfield.sinks import LoadingTarget
from target_lightfield.stream_maps import MapSettings


class PresetSink(CheckedSink):
    """Takes the rows of one of the source's streams to the preset."""

    def __init__(
        self,
        target: Target,
        stream_name: str,
        schema: dict[str, Any],
        key_properties: Sequence[str] | None,
    ) -> None:
        feed = cast("LoadingTarget", target).run.feed
        super().__init__(target, feed.called(stream_and_origin(stream_name)[0]), schema, key_properties)
        self._feed = feed
        keys, maps = tuple(self.key_properties), MapSettings(self.config.get("stream_maps"))
        self._stream = StreamSchema(
            self.stream_name, self.original_schema, keys, marks=maps.marks(self.stream_name)
        )
        self._feed.begin(self._stream)

    @property
    def stream(self) -> StreamSchema:
        """The stream."""
        return self._stream

    def take(self, row: dict[str, Any], *, deleted: bool) -> None:
        """Hand a row over."""
        self._feed.take(self._stream, row, deleted=deleted)

    def reject(self, row: Mapping[str, Any], rejection: Rejection, as_it_came: Filed | None = None) -> None:
        """File a row that can't be loaded."""
        self._feed.reject(self._stream, row, rejection, as_it_came)

    def _missing_key(self, row: Mapping[str, Any]) -> str | None:
        # Of a stream that is kept for its values the key does not matter: HubSpot's pipelines have none.
        return super()._missing_key(row) if self._feed.loads(self.stream_name) else None
