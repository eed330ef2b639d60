"""What a feed brings beside its rows: values for other streams' rows, links, other names of records.

It is kept in the id map's database as it comes: nothing depends on the order of streams, nor on one run.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from target_lightfield.id_map.kept_by_presets import KeptByPresets
from target_lightfield.id_map.lookups import Entry
from target_lightfield.id_map.source_links import SourceLink
from target_lightfield.keys import is_storable
from target_lightfield.presets.column import Column, column_of
from target_lightfield.presets.knowledge import STREAMS, Known, key_by, namespace
from target_lightfield.presets.mentions import referred_to
from target_lightfield.presets.operations import work_out
from target_lightfield.presets.preset import Links, Lookup, Preset, Route, as_list, links_of, routes_of
from target_lightfield.presets.references import by_value
from target_lightfield.presets.scope import Scope, comparable, key_text, listed
from target_lightfield.presets.source_row import SourceRow, is_empty
from target_lightfield.reporting.rejection import RejectCode, Rejection

_GATHERED = 500


class Gathering:
    """Takes from each row of a feed what others need.

    Args:
        preset: The preset.
        kept: Where it is kept.
        known: What is known beside a row.
        run: A name of this run that no other has.
    """

    def __init__(self, preset: Preset, kept: KeptByPresets, known: Known, run: str) -> None:
        self._preset = preset
        self._kept = kept
        self._known = known
        self._run = run
        self._lookups: dict[str, list[tuple[str, Lookup]]] = {}
        for name, lookup in preset.lookups.items():
            for stream in as_list(lookup.stream):
                self._lookups.setdefault(stream, []).append((name, lookup))
        self._by_value: dict[str, set[str]] = {}
        for stream, column in referred_to(preset):
            self._by_value.setdefault(stream, set()).add(column)
        self._links = links_of(preset)
        self._entries: list[Entry] = []
        self._rows: list[SourceLink] = []
        self._gone: list[tuple[str, str]] = []
        self._names: dict[str, str] = {}

    def begin(self, stream: str) -> None:
        """Take note that a stream has come."""
        self._entries.append(Entry(STREAMS, (stream,), True))

    def take(self, row: SourceRow, *, deleted: bool) -> None:
        """Take from a row what others need.

        Args:
            row: The row.
            deleted: Whether the source has deleted it.

        Raises:
            Rejection: An expression fails.
        """
        for name, lookup in self._lookups.get(row.stream, ()):
            self._entries += self._entries_of(name, lookup, row)
        for column in self._by_value.get(row.stream, ()):
            value = row.get(column)
            for item in value if isinstance(value, list) else [value]:
                if not is_empty(item):
                    entry = Entry(by_value(row.stream, column), (comparable(item),), row.key, beside=True)
                    self._entries.append(entry)
        for number, links in enumerate(self._links.get(row.stream, ())):
            self._take_link(links_name(row.stream, number), links, row, deleted=deleted)
        for route in routes_of(self._preset, row.stream):
            self._take_names(route, row)
        if len(self._entries) + len(self._rows) + len(self._names) >= _GATHERED:
            self.flush()

    def flush(self) -> None:
        """Keep what has been gathered."""
        self._kept.lookups.put(self._entries)
        self._kept.links.put(self._rows, self._run, self._gone)
        self._kept.same.put(self._names)
        self._entries, self._rows, self._gone, self._names = [], [], [], {}

    def end(self) -> None:
        """Take note that all has come."""
        self.flush()
        for stream, several in self._links.items():
            for number, links in enumerate(several):
                if links.whole:
                    self._kept.links.keep_only(links_name(stream, number), self._run)

    def _take_link(self, name: str, links: Links, row: SourceRow, *, deleted: bool) -> None:
        of, to = row.get(links.key), row.get(links.is_)
        row_key = row.key
        counts = not deleted and not is_empty(of) and not is_empty(to)
        if counts and links.when:
            counts = self._known.holds(links.when, row)
        if not counts:
            self._gone.append((name, row_key))
            return
        best = links.best is not None and self._known.holds(links.best, row)
        length = self._preset.key_length
        of_key, to_key = key_text(of)[:length], key_text(to)[:length]
        if not all(map(is_storable, (row_key, of_key, to_key))):
            raise Rejection(
                "A key of this pair is too long or no valid text: no record has it",
                code=RejectCode.KEY_INVALID,
                param=links.key if not is_storable(of_key) else links.is_,
            )
        self._rows.append(SourceLink(name, row_key, of_key, to_key, best))

    def _take_names(self, route: Route, row: SourceRow) -> None:
        own = key_by(route, row)
        if own is None:
            return
        for other in self.other_names(route.also_known_as, route, row):
            if is_storable(other):  # else no row has it
                self._names[other] = own
        for same in self.other_names(route.same_as, route, row):
            if is_storable(same):
                self._names[own] = same

    def other_names(self, spec: Column | str | None, route: Route, row: SourceRow) -> Sequence[str]:
        """Return the source keys that a column names, each with the stream whose key it is: ``leads:17``.

        Args:
            spec: What the preset says of the column; None where it says nothing.
            route: The route whose column it is.
            row: The source's row.
        """
        if spec is None:
            return []
        column = column_of(spec)
        values = listed(work_out(column, Scope(row, self._preset, _AsNamed(self._known), work_out)))
        if _refers(column):
            return [str(item) for item in values]
        own, length = namespace(row.stream, route.as_), self._preset.key_length
        return [f"{own}:{key_text(item)[:length]}" for item in values]

    def _entries_of(self, name: str, lookup: Lookup, row: SourceRow) -> Iterator[Entry]:
        items = listed(row.get(lookup.each)) if lookup.each else [{}]
        for item in items:
            if not isinstance(item, Mapping):
                continue
            one = replace(row, before=(item,)) if item else row
            key = [_key_in(self._preset, one, column) for column in as_list(lookup.key)]
            value = self._value(lookup, one)
            if not all(key) or value is None:
                continue
            if lookup.within:
                yield Entry(name, (*key, key_text(one.get(lookup.within))), value)
                key.append("")  # for who does not say within what
            yield Entry(name, tuple(key), value, beside=bool(lookup.within) or lookup.agree)

    def _value(self, lookup: Lookup, row: SourceRow) -> Any:
        if isinstance(lookup.value, Column):
            return work_out(lookup.value, Scope(row, self._preset, self._known, work_out))
        return next((found for name in as_list(lookup.value) if (found := row.get(name)) is not None), None)


class _AsNamed:
    """What is known beside a row, with references by the names that the row has for records."""

    def __init__(self, known: Known) -> None:
        self.lookup = known.lookup
        self.evaluate = known.evaluate
        self.came = known.came
        self.reference = known.named


def _refers(column: Column | str) -> bool:
    """Whether a column's values are references, and not keys of its own stream."""
    if isinstance(column, str):
        return False
    inner = (*(column.first_of or ()), *(column.all_of or ()))
    return column.record is not None or any(map(_refers, inner))


def _key_in(preset: Preset, row: SourceRow, column: str) -> str:
    text = key_text(row.get(column))
    return text[: preset.key_length] if column == preset.key else text


def links_name(stream: str, number: int) -> str:
    """Return what the links of a stream are called, of which it may have several."""
    return f"{stream}#{number}" if number else stream
