"""Where the value of a column comes from."""

from __future__ import annotations

from typing import Any

from target_lightfield.presets.column import Column
from target_lightfield.presets.expressions import compiled
from target_lightfield.presets.scope import Scope, key_text, listed
from target_lightfield.presets.templates import parts_of


def from_column(column: Column, scope: Scope) -> Any:
    """Return the value of one of the source's columns."""
    scope.source = column.from_
    return scope.row.get(column.from_ or "")


def first_of(column: Column, scope: Scope) -> Any:
    """Return the first of several that has a value: what others could not carry is not missed then."""
    before, was_unfinished = (list(scope.left_over), list(scope.dropped)), scope.is_unfinished
    is_unfinished = False
    for spec in column.first_of or ():
        numbers, scope.is_unfinished = (len(scope.left_over), len(scope.dropped)), was_unfinished
        value = scope.value_of(spec)
        if value is not None:
            scope.left_over[:] = [*before[0], *scope.left_over[numbers[0] :]]
            scope.dropped[:] = [*before[1], *scope.dropped[numbers[1] :]]
            return value
        is_unfinished |= scope.is_unfinished
    scope.is_unfinished = was_unfinished or is_unfinished
    return None


def all_of(column: Column, scope: Scope) -> list[Any]:
    """Return all of several, as a list, each value once."""
    values: list[Any] = []
    source = None
    for spec in column.all_of or ():
        found = listed(scope.value_of(spec))
        source = source or (scope.source if found else None)
        values += [item for item in found if item not in values]
    scope.source = source or scope.source
    return values


def constant(column: Column, scope: Scope) -> Any:  # noqa: ARG001
    """Return a constant."""
    return column.value


def template(column: Column, scope: Scope) -> str | None:
    """Return a text with columns in it; None where all of these are empty."""
    parts = parts_of(column.template or "")
    values = {name: _text(scope.row.get(name)) for name, is_column in parts if is_column}
    scope.source = next((name for name, text in values.items() if text), scope.source)
    if not any(values.values()):
        return None
    return "".join(values[text] if is_column else text for text, is_column in parts).strip()


def expression(column: Column, scope: Scope) -> Any:
    """Return what an expression comes to."""
    named = compiled(column.expression or "").columns
    scope.source = next((name for name in sorted(named) if scope.row.get(name) is not None), scope.source)
    return scope.knowledge.evaluate(column.expression or "", scope.row)


def _text(value: Any) -> str:
    return ", ".join(key_text(item) for item in listed(value))
