"""What the id map knows a row by: its stream, its key, and where several streams feed one, which of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from target_lightfield.id_map.feeders import Feeders
from target_lightfield.id_map.source import Source
from target_lightfield.keys import Key, composite_key, content_key, is_key, key_of
from target_lightfield.reporting.rejects_file import MAPPED_FROM, StreamSchema
from target_lightfield.stream_maps import MapSettings


@dataclass(frozen=True)
class Sources:
    """Tells what the id map knows the rows of a feed by.

    Attributes:
        feeders: Which of the source's streams feed which stream.
        maps: What stream maps are set.
        lasting_name: Returns what the id map calls a stream, however it is spelled.
        spellings: Returns the names that a stream goes by.
    """

    feeders: Feeders
    maps: MapSettings
    lasting_name: Callable[[str], str]
    spellings: Callable[[str], Sequence[str]]

    def of(self, stream: StreamSchema, row: Mapping[str, Any]) -> Source:
        """Return what the id map knows a row by."""
        name, key = self.lasting_name(stream.stream), source_key(stream, row)
        return Source(name, key, tuple(stream.key_properties), self._origin(stream))

    def marked(self, stream: StreamSchema) -> StreamSchema:
        """Return a stream as its rejected rows have it: what stream maps made must not be mapped again."""
        if stream.source and (self.maps.is_mapped(stream.source) or self._origin(stream)):
            return replace(stream, marks={MAPPED_FROM: stream.source})
        return stream

    def _origin(self, stream: StreamSchema) -> str | None:
        """Return the source's stream, where its keys are kept apart from others' that feed the same one."""
        if stream.source is None:
            return None
        spellings = self.spellings(stream.stream)
        source = stream.source if stream.source not in spellings else stream.stream

        def is_shared() -> bool:
            return any(
                self.maps.is_shared(name, name if source == stream.stream else source) for name in spellings
            )

        return self.feeders.origin(
            self.lasting_name(stream.stream), self.lasting_name(source), is_shared=is_shared
        )


def source_key(stream: StreamSchema, row: Mapping[str, Any]) -> Key:
    """Return a row's key as text: that of its one key column, or of all; of the whole row without any.

    A number and the same number as text are one key, as in a column that refers to the record.
    """
    values = [row.get(name) for name in stream.key_properties]
    if not values:
        return content_key(row)
    if len(values) == 1 and is_key(values[0]):
        return key_of(values[0])
    return composite_key(values[0] if len(values) == 1 else values)
