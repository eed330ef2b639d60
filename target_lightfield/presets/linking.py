"""The links of the source: what rows that are pairs bring for a column of a record."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from target_lightfield.id_map.source_links import SourceLinks
from target_lightfield.presets.gathering import links_name
from target_lightfield.presets.knowledge import Known
from target_lightfield.presets.preset import Links, Preset, as_list, links_of


@dataclass
class Linked:
    """What links bring for one record.

    Attributes:
        columns: The values for Lightfield's columns.
        named: The values that the route's own lines ask for, by the name that they have for them.
        left_over: The links that no column takes: the stream, the other's key, and why.
        missing: The values for columns that there are not, by the name that the preset has for each.
        is_unfinished: Whether a value of another stream has not come yet.
    """

    columns: dict[str, list[Any]] = field(default_factory=dict)
    named: dict[str, list[Any]] = field(default_factory=dict)
    left_over: list[tuple[str, str, str]] = field(default_factory=list)
    missing: dict[str, list[Any]] = field(default_factory=dict)
    is_unfinished: bool = False


class Linking:
    """Finds the links of records.

    Args:
        preset: The preset.
        kept: The links of this run and of earlier ones.
        known: What is known beside a row.
    """

    def __init__(self, preset: Preset, kept: SourceLinks, known: Known) -> None:
        self._preset = preset
        self._kept = kept
        self._known = known
        self._there_are: frozenset[str] | None = None
        self._of: dict[str, list[tuple[str, str, Links]]] = {}
        for stream, several in links_of(preset).items():
            for number, links in enumerate(several):
                self._of.setdefault(links.of, []).append((links_name(stream, number), stream, links))

    def of(self, stream: str, key: str, to: str, takes: Callable[[str], bool | None]) -> Linked:
        """Return what links bring for a record.

        Args:
            stream: The source's stream of the record.
            key: Its key.
            to: Lightfield's stream.
            takes: Returns whether one of Lightfield's columns takes several; None if there is no such column.
        """
        linked = Linked()
        if self._there_are is None:
            self._there_are = self._kept.names()
        keys = (key, *self._known.other_keys(stream, key)) if stream in self._of else ()
        for name, of_stream, links in self._of.get(stream, ()):
            if name not in self._there_are or links.to not in (None, to):
                continue
            rows = [row for one in keys for row in self._kept.of(name, one)]
            if not rows:
                continue
            found = {row.to_key: self._values(links, row.to_key) for row in rows}
            linked.is_unfinished |= links.lookup is not None and not all(found.values())
            values = {key: value for key, several in found.items() for value in several}
            if links.as_:
                _add(linked.named, links.as_, values.values())
            else:
                self._fill(linked, links, of_stream, values, takes)
        return linked

    def _fill(
        self,
        linked: Linked,
        links: Links,
        stream: str,
        values: Mapping[str, Any],
        takes: Callable[[str], bool | None],
    ) -> None:
        column = links.column or ""
        if links.unless_in:
            there = linked.columns.get(links.unless_in, ())
            values = {key: value for key, value in values.items() if value not in there}
        several = takes(column)
        if several is None:
            _add(linked.missing, column, values.values())
        elif several or len(values) < 2:
            _add(linked.columns, column, values.values())
        else:
            (first, value), *others = values.items()
            _add(linked.columns, column, [value])
            if links.others and takes(links.others):
                _add(linked.columns, links.others, dict(others).values())
            else:
                _leave(linked, stream, dict(others), f"{column!r} takes one, and has {first}")

    def not_come(self, stream: str, key: str, to: str, columns: Collection[str]) -> Mapping[str, str]:
        """Return references for columns whose links have not come: they mean nothing until one does.

        Args:
            stream: The source's stream of the record.
            key: Its key.
            to: Lightfield's stream.
            columns: Those that the record has.
        """
        return {
            links.column: f"{of_stream}:{key}"
            for _, of_stream, links in reversed(self._of.get(stream, ()))  # the first says what it waits for
            if links.column and links.column not in columns and links.to in (None, to)
        }

    def unwritten(self) -> Iterator[tuple[str, str]]:
        """Yield the records that have links which are not written yet: stream and key."""
        for stream, several in self._of.items():
            for name, _, _ in several:
                for key in self._kept.unwritten(name):
                    yield stream, self._known.own_key(stream, key)

    def note_written(self, is_written: Callable[[str, str], bool]) -> None:
        """Remember the links that are written.

        Args:
            is_written: Returns whether those of a record are.
        """
        for stream, several in self._of.items():
            for name, _, _ in several:
                written = [
                    key
                    for key in self._kept.unwritten(name)
                    if is_written(stream, self._known.own_key(stream, key))
                ]
                self._kept.note_written(name, written)

    def missing(self, came: Collection[str]) -> Iterator[tuple[str, str, str]]:
        """Yield the streams that did not come though others need them: stream, for what, and what to do."""
        for stream, several in links_of(self._preset).items():
            for links in several:
                if links.missing and stream not in came and links.of in came:
                    yield stream, links.of, links.missing
                    break
        for lookup in self._preset.lookups.values():
            streams = as_list(lookup.stream)
            if lookup.missing and not any(stream in came for stream in streams):
                yield " and ".join(streams), "Records", lookup.missing

    def _values(self, links: Links, key: str) -> Sequence[Any]:
        if links.lookup:
            return self._known.lookup(links.lookup, [key])
        if links.record is None:
            return [key]
        reference = self._known.reference(links.record, key)
        return [] if reference is None else [reference]


def _leave(linked: Linked, stream: str, values: Collection[str], why: str) -> None:
    linked.left_over += [(stream, key, why) for key in values]


def _add(columns: dict[str, list[Any]], name: str, values: Iterable[Any]) -> None:
    there = columns.setdefault(name, [])
    there += [value for value in values if value not in there]
