"""What a feed has: for each column of each stream how many values, and some of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, cast

from singer_sdk import Target
from singer_sdk.sinks import Sink

from target_lightfield.id_map.source import stream_and_origin
from target_lightfield.migration.reading_target import ReadingTarget
from target_lightfield.migration.synonyms import NAMES
from target_lightfield.plain_rows import plain_row
from target_lightfield.presets.converted import compared
from target_lightfield.presets.preset import Preset
from target_lightfield.presets.scope import comparable, key_text, listed
from target_lightfield.presets.source_row import is_empty
from target_lightfield.sinks import IgnoredSink, RemovedSink
from target_lightfield.temporary_database import TemporaryDatabase, storable

_MOST_COLUMNS = 1000
_MOST_VALUES = 200  # different ones of a column
_DEEPEST = 2  # of members that are columns of their own, with dots
_GATHERED = 500
_SCHEMA = "CREATE TABLE known (place BLOB, value BLOB, PRIMARY KEY (place, value)) WITHOUT ROWID"


@dataclass
class ColumnSample:
    """A column: how many values came, and the first of those that differ, with how often each came."""

    name: str
    filled: int = 0
    values: dict[str, tuple[Any, int]] = field(default_factory=dict)

    def add(self, value: Any) -> None:
        """Count a value."""
        self.filled += 1
        text = f"{type(value).__name__}:{value!s:.500}"
        if text in self.values:
            self.values[text] = value, self.values[text][1] + 1
        elif len(self.values) < _MOST_VALUES:
            self.values[text] = value, 1

    @property
    def examples(self) -> Sequence[Any]:
        """The values that are kept, each once."""
        return [value for value, _ in self.values.values()]

    @property
    def items(self) -> Sequence[Any]:
        """The same, of lists each item."""
        return [item for value in self.examples for item in listed(value)]

    def all(self) -> Iterator[Any]:
        """Yield the values that are kept as often as they came."""
        for value, number in self.values.values():
            yield from [value] * min(number, 50)


@dataclass
class StreamSample:
    """A stream: how many rows came, its key, and its columns; a member of an object has dots in its name."""

    name: str
    key_properties: Sequence[str]
    rows: int = 0
    columns: dict[str, ColumnSample] = field(default_factory=dict)

    def within(self, values_in: str | None) -> dict[str, ColumnSample]:
        """Return the columns as a preset with these ``values_in`` calls them; the inner ones come first."""
        start = f"{values_in}."
        inner = {
            name.removeprefix(start): one for name, one in self.columns.items() if name.startswith(start)
        }
        outer = {name: one for name, one in self.columns.items() if not name.startswith(start)}
        return {name: replace(one, name=name) for name, one in (outer | inner).items()}


class FeedSample:
    """All that is known of a feed. The keys of its rows are on disk."""

    def __init__(self) -> None:
        self.streams: dict[str, StreamSample] = {}
        self._known = TemporaryDatabase(_SCHEMA)
        self._gathered: list[tuple[bytes, bytes]] = []

    def close(self) -> None:
        """Forget everything."""
        self._known.close()

    def begin(self, stream: str, key_properties: Sequence[str] | None) -> None:
        """Take note of a stream."""
        self.streams.setdefault(stream, StreamSample(stream, list(key_properties or ())))

    def take(self, stream: str, row: Mapping[str, Any]) -> None:
        """Take a row."""
        sample = self.streams[stream]
        sample.rows += 1
        keys = sample.key_properties
        if len(keys) == 1 and not is_empty(row.get(keys[0])):
            self._remember(stream, "", key_text(row[keys[0]]))
        for name, value in _columns(row):
            if name not in sample.columns and len(sample.columns) >= _MOST_COLUMNS:
                continue
            sample.columns.setdefault(name, ColumnSample(name)).add(value)
            if isinstance(value, str) and compared(name.rpartition(".")[2]) in NAMES:
                self._remember(stream, name, comparable(value))

    def share_of_keys(self, values: Iterable[Any], stream: str) -> float:
        """Return how many of some values, from 0 to 1, are keys of a stream."""
        return self._share(stream, "", [key_text(value) for value in values])

    def share_of_names(self, values: Iterable[Any], stream: str, column: str) -> float:
        """Return how many of some values are values of a column with names."""
        return self._share(stream, column, [comparable(value) for value in values])

    def _share(self, stream: str, column: str, values: Sequence[str]) -> float:
        self._flush()
        place = storable(f"{stream}\0{column}")
        with self._known.used() as database:
            found = sum(
                database.execute(
                    "SELECT 1 FROM known WHERE place = ? AND value = ?", (place, storable(value))
                ).fetchone()
                is not None
                for value in values
            )
        return found / len(values) if values else 0.0

    def _remember(self, stream: str, column: str, value: str) -> None:
        self._gathered.append((storable(f"{stream}\0{column}"), storable(value)))
        if len(self._gathered) >= _GATHERED:
            self._flush()

    def _flush(self) -> None:
        if self._gathered:
            with self._known.used() as database:
                database.execute("BEGIN")
                database.executemany("INSERT OR IGNORE INTO known VALUES (?, ?)", self._gathered)
                database.execute("COMMIT")
            self._gathered.clear()


class SamplingTarget(ReadingTarget):
    """Takes samples of a feed."""

    def sample(self, feed: str) -> FeedSample:
        """Return what a feed has.

        Args:
            feed: The file that it is in.

        Raises:
            TargetError: It can't be read.
        """
        self.taken = FeedSample()
        self.read(feed)
        return self.taken

    @property
    def preset(self) -> Preset | None:
        """None: it is to be found."""
        return None

    def get_sink_class(self, stream_name: str) -> type[Sink]:
        """Return the sink of each stream that stream maps don't remove."""
        return _SampleSink if stream_and_origin(stream_name)[0] else RemovedSink


class _SampleSink(IgnoredSink):
    def __init__(
        self,
        target: Target,
        stream_name: str,
        schema: dict[str, Any],
        key_properties: Sequence[str] | None,
    ) -> None:
        super().__init__(target, stream_name, schema, key_properties)
        self._sample = cast("SamplingTarget", target).taken
        self._sample.begin(self.stream_name, key_properties)

    def setup(self) -> None:
        """Say nothing."""

    def process_record(self, record: dict[str, Any], context: dict[str, Any]) -> None:  # noqa: ARG002
        """Take one row."""
        self._sample.take(self.stream_name, plain_row(record))


def _columns(row: Mapping[str, Any], before: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, Mapping) and value and depth < _DEEPEST:
            yield from _columns(value, f"{before}{name}.", depth + 1)
        elif not is_empty(value):
            yield f"{before}{name}", value
