"""What the rows of a stream become, and which of its columns goes where: a first guess for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lightfield_api.columns import Role, columns_of
from lightfield_api.definitions import ObjectDefinitions, RelationshipDefinition
from lightfield_api.words import count
from target_lightfield.migration.column_matching import Found, matched, targets_of
from target_lightfield.migration.findings import one_line
from target_lightfield.migration.sampling import ColumnSample
from target_lightfield.migration.source_names import short_names
from target_lightfield.migration.source_shape import SourceShape
from target_lightfield.migration.specs import (
    SEVERAL,
    commonest,
    currency_beside,
    option_map,
    picked_from,
    separator_in,
    spec_of,
)
from target_lightfield.migration.suggestion import Line, SuggestedRoute
from target_lightfield.migration.synonyms import BOOKKEEPING, CUSTOM
from target_lightfield.presets.converted import Conventions, compared
from target_lightfield.presets.custom_fields import CustomFields
from target_lightfield.presets.guesses import guess_type

_TELLING = ("EMAIL", "URL")  # of which is seen that they are several values and not one
_SELECTS = ("SINGLE_SELECT", "MULTI_SELECT")


class RouteSuggestions:
    """Suggests the routes of streams.

    Args:
        shape: How the source is built.
        separator: What stands between several values in most columns.
    """

    def __init__(self, shape: SourceShape, separator: str | None) -> None:
        self._shape = shape
        self._separator = separator
        self._conventions = Conventions(separator)

    def route(self, stream: str) -> SuggestedRoute:
        """Return what rows of a stream become."""
        to = self._shape.routed[stream]
        definitions = self._shape.definitions(to) or ObjectDefinitions("")
        columns = self._shape.columns(stream)
        route = SuggestedRoute(to, "by the stream's name")
        free = {
            name: column
            for name, column in columns.items()
            if name not in (self._shape.key, *self._shape.sample.streams[stream].key_properties)
            and compared(name) not in BOOKKEEPING
        }
        if to != "members":
            self._refer(stream, route, free)
        self._fill(stream, route, columns, free)
        self._fill_custom(route, definitions, free)
        _leave_out_whole_names(route, free)
        self._note_the_rest(route, definitions, free)
        return route

    def _refer(self, stream: str, route: SuggestedRoute, free: dict[str, ColumnSample]) -> None:
        found: dict[str, list[tuple[tuple[bool, bool, int], str, Line]]] = {}
        for name, column in free.items():
            reference = self._shape.reference(stream, column)
            if reference is None:
                continue
            said: dict[str, Any] = {}
            if reference.stream and reference.by:
                said["record_by"] = {reference.stream: reference.by}
            elif reference.stream:
                said["record"] = reference.stream
            key = reference.relationship.key
            target = self.column_of(route.to, reference.relationship)
            order = (reference.stream is None, reference.by is not None, reference.dropped)
            line = Line(target, spec_of(name, **said), reference.why)
            found.setdefault(key, []).append((order, name, line))
        for key, several in found.items():
            _, name, line = min(several, key=lambda one: one[0])
            (route.columns if key.startswith("$") else route.custom).append(line)
            del free[name]

    def column_of(self, to: str, relationship: RelationshipDefinition) -> str:
        """Return Lightfield's column of a system relationship, and the label of a custom one."""
        if not relationship.key.startswith("$"):
            return relationship.label or relationship.key
        columns = columns_of(self._shape.definitions(to) or ObjectDefinitions(""))
        column = columns.find(relationship.key, Role.RELATIONSHIP)
        return column.name if column else relationship.key

    def _fill(
        self,
        stream: str,
        route: SuggestedRoute,
        columns: Mapping[str, ColumnSample],
        free: dict[str, ColumnSample],
    ) -> None:
        targets = list(targets_of(route.to, self._shape.definitions(route.to) or ObjectDefinitions("")))
        if route.to == "members":
            targets = [one for one in targets if one.name == "email"]
        called = {name: column for name, column in free.items() if not self._is_lookup(column)}
        for name, column in free.items():
            if name not in called:
                called.setdefault(_without_id(name), column)
        for short, name in short_names(list(free), stream):
            called.setdefault(short, free[name])
        for found in matched(targets, called, self._conventions):
            route.columns.append(self._line(found, columns))
            del free[found.column.name]
        route.columns.sort(key=lambda line: _place(line.name, [one.name for one in targets]))

    def _is_lookup(self, column: ColumnSample) -> bool:
        return _without_id(column.name) != column.name and self._shape.looked_up(column) is not None

    def _line(self, found: Found, columns: Mapping[str, ColumnSample]) -> Line:
        column, definition = found.column, found.target.field
        name = column.name
        values: Sequence[Any] = column.items
        said: dict[str, Any] = {"pick": picked_from(column)}
        separator = None if said["pick"] else separator_in(column, definition.value_type)
        if separator:
            said["split"] = True if separator == self._separator else separator
        if lookup := self._shape.looked_up(column) if _without_id(name) != name else None:
            said["lookup"] = lookup
            named = self._shape.columns(lookup)[self._shape.lookups[lookup]]
            values = named.items
        if definition.value_type == "CURRENCY":
            said["currency"] = currency_beside(columns, name)
        remarks: Mapping[str, str] = {}
        if definition.value_type in _SELECTS and not said["pick"]:
            said["map"], remarks = option_map(definition, values, separator)
        return Line(found.target.name, spec_of(name, **said), found.why, remarks)

    def _fill_custom(
        self, route: SuggestedRoute, definitions: ObjectDefinitions, free: dict[str, ColumnSample]
    ) -> None:
        for label, (value_type, names) in CUSTOM.get(route.to, {}).items():
            found = [name for called in names for name in free if compared(name.partition(".")[0]) == called]
            if not found:
                continue
            specs = []
            for name in dict.fromkeys(found):
                column = free.pop(name)
                separator = separator_in(column, value_type) if value_type in SEVERAL else None
                split = True if separator and separator == self._separator else separator
                specs.append(spec_of(name, pick=picked_from(column), split=split))
            source = specs[0] if len(specs) == 1 else {"all_of": specs}
            spec = {"from": source} if isinstance(source, str) else dict(source)
            has = CustomFields(definitions).meant_by(label).field
            why = "likely: by its name" if has else "likely; the workspace has no such field: create it"
            route.custom.append(Line(label, {**spec, "type": value_type}, why))

    def _note_the_rest(
        self, route: SuggestedRoute, definitions: ObjectDefinitions, free: Mapping[str, ColumnSample]
    ) -> None:
        named = _columns_named(route)
        custom = CustomFields(definitions)
        for name, column in free.items():
            if name in named:
                continue
            values = count("value", column.filled)
            match = custom.meant_by(name, (), column.examples, self._conventions)
            if match.field:
                label = match.field.label or match.field.key
                route.notes.append(f"by its label: {one_line(name)} → the custom field {label} ({values})")
            else:
                guess = guess_type(column.all(), self._separator)
                what = f"{one_line(name)}: {values}, such as {guess.value_type} takes"
                options = f": {one_line(', '.join(guess.options[:6]), 120)}" if guess.options else ""
                route.notes.append(f"not mapped: {what}{options}")


def separator_of(shape: SourceShape) -> str | None:
    """Return what stands between several values in most columns of a source that have several."""

    def found() -> Iterator[str]:
        for stream in shape.routed:
            for column in shape.columns(stream).values():
                separators = (separator_in(column, value_type) for value_type in _TELLING)
                yield from [one for one in separators if one][:1]

    return commonest(found())


def _columns_named(route: SuggestedRoute) -> set[str]:
    named: set[str] = {name for name, _ in route.ignore}
    for line in (*route.columns, *route.custom):
        if isinstance(line.spec, str):
            named.add(line.spec)
        else:
            named |= {str(line.spec[key]) for key in ("from", "currency") if key in line.spec}
    return named


def _leave_out_whole_names(route: SuggestedRoute, free: Mapping[str, ColumnSample]) -> None:
    if any(line.name.startswith("name__") for line in route.columns):
        whole = [name for name in free if compared(name) in ("name", "fullname", "displayname")]
        route.ignore += [(name, "the first and the last name say it") for name in whole]


def _without_id(name: str) -> str:
    for end in ("_id", "Id", "ID", "-id"):
        if name.endswith(end) and len(name) > len(end):
            return name.removesuffix(end)
    return name


def _place(name: str, order: Sequence[str]) -> int:
    return order.index(name) if name in order else len(order)
