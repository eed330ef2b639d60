"""Values of other streams, and references to other records."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from target_lightfield.presets.column import Column
from target_lightfield.presets.preset import as_list, routes_of
from target_lightfield.presets.scope import Scope, comparable, key_text, table_of
from target_lightfield.presets.source_row import is_empty
from target_lightfield.reporting.left_over import LeftOverKind


def lookup(value: Any, column: Column, scope: Scope) -> Any:
    """Return the values that a lookup has for a value, or for each of several."""
    name = column.lookup or ""
    kind = LeftOverKind.NO_STAGE if column.within else _kind_of_missing(column, scope)

    def found(item: Any) -> Any:
        if column.map is not None and key_text(item).casefold() in table_of(column.map):
            return item  # the file knows it by what the source calls it
        values = _looked_up(item, name, column, scope)
        if len(values) == 1:
            return values[0]
        if values:
            said = " and ".join(repr(value) for value in values[:3])
            scope.leave(item, kind, f"{name} has {said} for it")
            return None
        scope.is_unfinished = True
        scope.awaits |= any(map(scope.may_come, as_list(scope.preset.lookups[name].stream)))
        scope.leave(item, kind, f"{name} has nothing for it")
        return None

    return each(value, found)


def _kind_of_missing(column: Column, scope: Scope) -> LeftOverKind:
    """Return what it is that a lookup lacks: a value, a record, or a member."""
    streams = as_list(scope.preset.lookups[column.lookup or ""].stream)
    routes = {route.to for stream in streams for route in routes_of(scope.preset, stream)}
    if column.record is not None and routes == {"members"}:
        return LeftOverKind.NO_MEMBER
    return LeftOverKind.NO_RECORD if routes else LeftOverKind.NO_OPTION


def _looked_up(item: Any, name: str, column: Column, scope: Scope) -> Any:
    rules = scope.preset.lookups[name]
    length = scope.preset.key_length if rules.key == scope.preset.key else None
    key = [key_text(item)[:length]]
    if len(as_list(rules.key)) == 2:
        key.insert(0, scope.source or "")
    if not rules.within:
        return scope.knowledge.lookup(name, key)
    part = key_text(scope.row.get(column.within)) if column.within else None
    part = part or scope.preset.custom_fields.within.get(scope.row.stream, "")
    return scope.knowledge.lookup(name, [*key, part]) or scope.knowledge.lookup(name, [*key, ""])


def record(value: Any, column: Column, scope: Scope) -> Any:
    """Return the references that keys of another stream are."""
    streams = column.record or []

    def found(item: Any) -> str | None:
        reference = scope.knowledge.reference(streams, key_text(item))
        (scope.unreferred if reference is None else scope.referred).add((scope.source, key_text(item)))
        return reference

    return each(value, found)


def record_by(value: Any, column: Column, scope: Scope) -> Any:
    """Return the references of records that have this value; an email that no row has is a member's own."""
    wanted = column.record_by or {}

    def found(item: Any) -> Any:
        for stream, name in wanted.items():
            keys = scope.knowledge.lookup(by_value(stream, name), [comparable(item)])
            if len(keys) == 1:
                return scope.knowledge.reference(stream, str(keys[0]))
            if keys:
                scope.leave(item, LeftOverKind.NO_RECORD, f"{len(keys)} {stream} have this {name}")
                return None
        if "@" in str(item):
            return str(item).strip()
        scope.is_unfinished = True
        said = " or ".join(f"{stream} has this {name}" for stream, name in wanted.items())
        scope.leave(item, LeftOverKind.NO_RECORD, f"No row of {said}")
        return None

    return each(value, found)


def by_value(stream: str, column: str) -> str:
    """Return the lookup in which the keys of a stream's rows are found by a column."""
    return f"{stream} by {column}"


def each(value: Any, change: Callable[[Any], Any]) -> Any:
    """Return a value changed, or each of several without those that are nothing then."""
    if not isinstance(value, list):
        return change(value)
    changed = [change(item) for item in value if not is_empty(item)]
    return [item for item in changed if not is_empty(item)]
