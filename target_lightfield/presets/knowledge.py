"""What is known beside a row: values of other streams, whose keys are whose, the time."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from target_lightfield.id_map.kept_by_presets import KeptByPresets
from target_lightfield.keys import is_storable
from target_lightfield.presets.expressions import ExpressionError, compiled
from target_lightfield.presets.preset import Preset, Route, routes_of
from target_lightfield.presets.scope import comparable
from target_lightfield.presets.source_row import SourceRow
from target_lightfield.reporting.rejection import RejectCode, Rejection

STREAMS = "the streams that have come"
"""A lookup of its own: whether a stream has come, now or in an earlier run."""

_MOST_CACHED = 50_000


class Known:
    """What presets keep, asked while rows are translated: nothing of it changes meanwhile.

    Args:
        preset: The preset.
        kept: What is kept of this run and earlier ones.
        is_known: Whether a row of a stream and key has come, now or before.
        now: When the run began.
    """

    def __init__(
        self, preset: Preset, kept: KeptByPresets, is_known: Callable[[str, str], bool], now: datetime
    ) -> None:
        self._kept = kept
        self._is_known = is_known
        self._time_zone = preset.time_zone
        self._key_length = preset.key_length
        self._choices = preset.choices
        self._now = now
        self._cache: OrderedDict[tuple[str, tuple[str, ...]], Sequence[Any]] = OrderedDict()
        self._has_aliases: bool | None = None
        # What is known by a text, such as a company's name, and not by a key.
        self._by_text = {
            namespace(stream, route.as_) for stream in preset.streams for route in routes_of(preset, stream)
            if route.key
        }  # fmt: skip

    def forget(self) -> None:
        """Forget what was asked: more has come."""
        self._cache.clear()
        self._has_aliases = None

    def lookup(self, name: str, key: Sequence[str]) -> Sequence[Any]:
        """Return the values of a lookup's key: none, one, or those of rows that do not agree."""
        asked = name, tuple(key)
        found = self._cache.get(asked)
        if found is None:
            found = self._cache[asked] = self._kept.lookups.get(name, key)
            if len(self._cache) > _MOST_CACHED:
                self._cache.popitem(last=False)
        return found

    def reference(self, streams: str | Sequence[str] | Mapping[str, str], key: str) -> str | None:
        """Return the reference that a key of one of these streams is; None where it is none of theirs."""
        reference = self.named(streams, key)
        if reference is None or not self._any_aliases() or not is_storable(reference):
            return reference
        return self._kept.same.resolve(reference)

    def named(self, streams: str | Sequence[str] | Mapping[str, str], key: str) -> str | None:
        """Return the same, by this name even if it is another name of a record of another key."""
        stream = self._stream_of(streams, key)
        if stream is None:
            return None
        return f"{stream}:{comparable(key) if stream in self._by_text else key[: self._key_length]}"

    def came(self, stream: str) -> bool:
        """Whether a stream of the source has come, now or in an earlier run."""
        return bool(self.lookup(STREAMS, [stream]))

    def other_keys(self, stream: str, key: str) -> Sequence[str]:
        """Return the keys of a stream that are other names of the record of a key."""
        if not self._any_aliases():
            return ()
        start = f"{stream}:"
        others = self._kept.same.others(start + key)
        return [other.removeprefix(start) for other in others if other.startswith(start)]

    def other_names(self, key: str) -> Sequence[str]:
        """Return the source keys, each with its stream, that are other names of the record of one."""
        return self._kept.same.others(key) if self._any_aliases() else ()

    def own_key(self, stream: str, key: str) -> str:
        """Return the key of a stream that a record goes by, whatever name of it this is."""
        start = f"{stream}:"
        own = self._kept.same.resolve(start + key) if self._any_aliases() else ""
        return own.removeprefix(start) if own.startswith(start) else key

    def _any_aliases(self) -> bool:
        if self._has_aliases is None:
            self._has_aliases = self._kept.same.any()
        return self._has_aliases

    def is_other_name(self, key: str) -> bool:
        """Whether a source key is another name of a record of another key."""
        return self._any_aliases() and self._kept.same.resolve(key) != key

    def evaluate(self, expression: str, row: SourceRow) -> Any:
        """Return what an expression comes to.

        Raises:
            Rejection: It fails.
        """
        with _rejecting(expression):
            return compiled(expression).evaluate(
                self._column_of(row), now=self._now, time_zone=self._time_zone
            )

    def holds(self, condition: str, row: SourceRow) -> bool:
        """Whether a condition is true of a row.

        Raises:
            Rejection: It fails.
        """
        with _rejecting(condition):
            return compiled(condition).holds(self._column_of(row), now=self._now, time_zone=self._time_zone)

    def _column_of(self, row: SourceRow) -> Callable[[str], Any]:
        """Return what finds an expression's names: columns of the row, and what the preset lets choose."""
        if not self._choices:
            return row.get
        return lambda name: self._choices.get(name) if (value := row.get(name)) is None else value

    def _stream_of(self, streams: str | Sequence[str] | Mapping[str, str], key: str) -> str | None:
        if isinstance(streams, str):
            return streams
        if isinstance(streams, Mapping):
            return next((stream for start, stream in streams.items() if key.startswith(start)), None)
        return next((stream for stream in streams if self._is_known(stream, key)), streams[0])


@contextmanager
def _rejecting(expression: str) -> Iterator[None]:
    try:
        yield
    except ExpressionError as e:
        raise Rejection(
            f"The preset's expression {expression!r} fails for this row: {e}",
            code=RejectCode.EXPRESSION_FAILED,
        ) from e


def key_by(route: Route, row: SourceRow) -> str | None:
    """Return the key of the record that a row becomes by a route; None where it has none."""
    own = namespace(row.stream, route.as_)
    if route.key is None:
        return f"{own}:{row.key}"
    value = row.get(route.key)
    return None if value is None else f"{own}:{comparable(value)}"


def namespace(stream: str, as_: str | None) -> str:
    """Return what the keys of a route's records begin with."""
    return as_ or stream
