"""One row of the source becomes a row in Lightfield's columns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any

from lightfield_api.columns import Column as FieldColumn
from target_lightfield.presets.column import Column, CustomColumn, column_of
from target_lightfield.presets.fields import Fields, Meant
from target_lightfield.presets.mentions import columns_in
from target_lightfield.presets.preset import Preset, Route, links_of
from target_lightfield.presets.row_in_the_making import RowInTheMaking, Translated
from target_lightfield.presets.scope import Knowledge
from target_lightfield.presets.source_row import SourceRow
from target_lightfield.reporting.left_over import LeftOver, LeftOverKind
from target_lightfield.reporting.provenance import Provenance, with_provenance
from target_lightfield.reporting.rejects_file import StreamSchema

KEY = "_source_key"
"""The column that holds the key of a row which a preset made: ``companies:8100001``."""


@dataclass(frozen=True)
class _Line:
    """One line of a route: the column it is for, the member of it, and where the value comes from."""

    column: FieldColumn
    member: str | None
    spec: Column


class Translation:
    """Translates the rows of one of the source's streams by one route.

    Args:
        preset: The preset.
        route: The route.
        knowledge: What is known beside a row.
        fields: Lightfield's columns, as the preset's names mean them.
    """

    def __init__(self, preset: Preset, route: Route, knowledge: Knowledge, fields: Fields) -> None:
        self._preset = preset
        self._route = route
        self._knowledge = knowledge
        self._fields = fields
        self._ignored = [*preset.ignore, *route.ignore]
        self._lines = list(self._known_lines(route.columns))
        self._lacking = [
            (name, column_of(spec)) for name, spec in route.columns.items() if not fields.named(name)
        ]
        self._when_left = list(self._known_lines(route.when_left or {}))
        self._looked_for: dict[tuple[frozenset[str], str], bool] = {}
        self._kept = {*_kept_by(preset, route)}
        self._custom = {name: self._custom_of(name) for name in route.custom}

    def takes_several(self, name: str) -> bool | None:
        """Whether a column takes several values; None if there is no such column.

        Args:
            name: Lightfield's column, or the name that the route has for a custom field.
        """
        column = self._column(name)
        return self._fields.takes_several(column.name if column else name)

    def translate(
        self,
        row: SourceRow,
        links: Mapping[str, Sequence[Any]],
        named: frozenset[str] | None,
        *,
        of_item: bool = False,
    ) -> Translated:
        """Return what a row becomes.

        Args:
            row: The row.
            links: Values that other streams' rows bring, by Lightfield's column.
            named: The source's columns that the routes of the row name; None where another route of the row
                looks after those that none does.
            of_item: Whether only those are to be looked after that an item of a list in the row has.

        Raises:
            Rejection: An expression fails.
        """
        made = RowInTheMaking(self._preset, row, self._knowledge, self._route.country)
        for line in self._lines:
            made.take(line.column, line.member, line.spec)
        for name, spec in self._lacking:
            why = f"the workspace has no column {name!r}"
            made.miss(spec, Meant(kind=LeftOverKind.NO_FIELD, why=why, about=name), name)
        for name, custom in self._route.custom.items():
            self._take_custom(made, name, custom)
        if named is not None:
            self._take_unnamed(made, row, named, row.before[0] if of_item else None)
        self._link(made, links)
        finished = made.finished()
        passed_over = [one for one in finished.passed_over if not self._is_accounted_for(one)]
        return replace(finished, passed_over=passed_over)

    def missing(self, row: SourceRow, links: Mapping[str, Sequence[Any]]) -> Iterator[LeftOver]:
        """Yield what links bring for columns that there are not.

        Args:
            row: The row.
            links: The values, by the name that the route has for the column.
        """
        for name, values in links.items():
            meant = self._custom.get(name)
            kind = meant.kind if meant else LeftOverKind.OTHER_LINK
            why = meant.why if meant else f"there is no column {name!r}"
            for value in values:
                yield LeftOver(row.stream, row.key, name, value, why, kind, meant.about if meant else None)

    def linked(self, row: SourceRow, links: Mapping[str, Sequence[Any]]) -> Translated:
        """Return what links alone bring for a record whose row has come before."""
        made = RowInTheMaking(self._preset, row, self._knowledge)
        self._link(made, links)
        return made.finished()

    def left(self, row: SourceRow) -> Translated:
        """Return what is written into the record of this route when the row has taken another one."""
        made = RowInTheMaking(self._preset, row, self._knowledge)
        for line in self._when_left:
            made.take(line.column, line.member, line.spec)
        return made.finished()

    def _known_lines(self, specs: Mapping[str, Column | str]) -> Iterator[_Line]:
        for name, spec in specs.items():
            place = self._fields.named(name)
            if place is not None:
                yield _Line(*place, column_of(spec))

    def _custom_of(self, name: str) -> Meant:
        """Return the custom field of a line. A member's, ``Home__city``, is found by the whole's line."""
        label = name.partition("__")[0]
        spec = self._route.custom.get(label, self._route.custom[name])
        labels = spec.labels if isinstance(spec, CustomColumn) else []
        value_type = spec.type if isinstance(spec, CustomColumn) else None
        return self._fields.custom([label, *labels], value_type or self._kind_of_links(label, spec))

    def _kind_of_links(self, name: str, spec: Column | str) -> str | None:
        """Return what a custom field is, if it is for records: then it is a relationship."""
        refers = isinstance(spec, Column) and (spec.record is not None or spec.record_by is not None)
        links = (one for several in links_of(self._preset).values() for one in several)
        return "HAS_ONE" if refers or any(name == one.column and one.record for one in links) else None

    def _column(self, name: str) -> FieldColumn | None:
        custom = self._custom.get(name)
        place = custom or self._fields.named(name, quietly=True)
        return place.column if place else None

    def _link(self, made: RowInTheMaking, links: Mapping[str, Sequence[Any]]) -> None:
        for name, values in links.items():
            column = self._column(name)
            if column is not None and values:
                made.link(column, values, name)

    def _take_custom(self, made: RowInTheMaking, name: str, custom: CustomColumn | str) -> None:
        meant, member = self._custom[name], name.partition("__")[2]
        spec = column_of(custom)
        if meant.column is not None:
            made.take(meant.column, member or None, spec)
        else:
            made.miss(spec, meant, name)

    def _take_unnamed(
        self,
        made: RowInTheMaking,
        row: SourceRow,
        named: frozenset[str],
        item: Mapping[str, Any] | None,
    ) -> None:
        """Take what no line names: into a custom field of its label, or it is left over."""
        for name, value in row.columns():
            if item is not None and name not in item:
                continue
            if (why := self._not_carried(row.stream, name)) is not None:
                made.leave(name, value, LeftOverKind.NOT_CARRIED, why)
            elif self._looks_for(name, named):
                self._take_found(made, row.stream, name, value)

    def _is_accounted_for(self, one: LeftOver) -> bool:
        """Whether what the lines pass over is kept for something else, or need not be named."""
        top = one.column.partition(".")[0]
        if top in self._kept or top in self._preset.custom_fields.leave_out:
            return True
        is_ignored = any(fnmatchcase(top, pattern) for pattern in self._ignored)
        return is_ignored or self._not_carried(one.stream, top) is not None

    def _looks_for(self, name: str, named: frozenset[str]) -> bool:
        """Whether a column is neither named nor ignored."""
        if (named, name) not in self._looked_for:
            ignored = any(fnmatchcase(name, pattern) for pattern in self._ignored)
            self._looked_for[named, name] = name not in named and not ignored
        return self._looked_for[named, name]

    def _take_found(self, made: RowInTheMaking, stream: str, name: str, value: Any) -> None:
        meant = self._fields.unnamed(stream, name, value)
        if meant is None:
            return
        made.is_unfinished |= meant.is_unfinished
        if meant.column is not None:
            made.take(meant.column, None, meant.spec or column_of(name))
        else:
            made.leave(name, value, meant.kind, meant.why, meant.about)

    def _not_carried(self, stream: str, name: str) -> str | None:
        """Return why a column is not carried, where the preset says so."""
        reasons = self._preset.not_carried
        return reasons.get(f"{stream}.{name}", reasons.get(f"*.{name}"))


def _kept_by(preset: Preset, route: Route) -> Iterator[str]:
    """Yield the columns that are good for something beside the lines of a route: keys, mostly."""
    yield preset.key
    for spec in (route.key, route.each, route.country, route.same_as, route.also_known_as):
        yield from columns_in(spec)
    yield from (links.as_ for several in links_of(preset).values() for links in several if links.as_)


def with_key(
    translated: Translated, key: str, stream: StreamSchema, row: Mapping[str, Any]
) -> dict[str, Any]:
    """Return a row that was made, with its key and with where it comes from.

    Args:
        translated: What became of the source's row.
        key: Its key: ``companies:8100001``.
        stream: The source's stream.
        row: The source's row.
    """
    provenance = Provenance(stream.stream, tuple(stream.key_properties), row, translated.source_columns)
    return with_provenance({KEY: key, **translated.row}, provenance)
