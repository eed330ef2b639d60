"""What a column's types can't say: that it has one source, and that what it names is there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import msgspec

from target_lightfield.presets.column import Column, CustomColumn, column_of
from target_lightfield.presets.expressions import ExpressionError, parse
from target_lightfield.presets.merging import SOURCES
from target_lightfield.presets.templates import parts_of
from target_lightfield.presets.typed import Fault
from target_lightfield.presets.yaml_tree import Path

_NO_SOURCE = f"it has no source, which one of {', '.join(SOURCES)} says"
_OF_THE_FIELD = frozenset({"labels", "type"})


class Defined(Protocol):
    """What a preset defines."""

    def lookup(self, name: str | None, path: Path) -> Iterator[Fault]:
        """Return what is wrong with the name of a lookup."""

    def stream(self, name: str, path: Path) -> Iterator[Fault]:
        """Return what is wrong with the name of a stream."""


def column_faults(column: Column, names: Defined, path: Path) -> Iterator[Fault]:
    """Yield what is wrong with a column, and with those in it.

    Args:
        column: What the preset says of a column.
        names: The lookups and streams that the preset defines.
        path: Where it stands in the preset: keys, and numbers of items from 0.
    """
    said = _said(column)
    yield from _source_faults(column, said, path)
    yield from _text_faults(column, said, path)
    yield from names.lookup(column.lookup, (*path, "lookup"))
    yield from record_faults(column.record, names, (*path, "record"))
    for stream in column.record_by or ():
        yield from names.stream(stream, (*path, "record_by", stream))
    if column.within is not None and column.lookup is None:
        yield Fault((*path, "within"), "`within` says which part of a `lookup` is meant, and there is none.")
    if column.first_line is not None and column.first_line < 1:
        yield Fault((*path, "first_line"), "a line has at least one character.")
    for key, inner in _inner(column):
        yield from column_faults(inner, names, (*path, *key))


def record_faults(
    record: str | list[str] | dict[str, str] | None, names: Defined, path: Path
) -> Iterator[Fault]:
    """Return what is wrong with the streams that a reference can mean."""
    if isinstance(record, str):
        yield from names.stream(record, path)
    elif record is not None:
        for step, stream in record.items() if isinstance(record, dict) else enumerate(record):
            yield from names.stream(stream, (*path, step))


def expression_faults(text: str | None, path: Path) -> Iterator[Fault]:
    """Return what is wrong with an expression."""
    if text is not None:
        try:
            parse(text)
        except ExpressionError as e:
            yield Fault(path, f"this is no expression: {e}.")


def _said(column: Column) -> dict[str, object]:
    """Return the keys that a column has."""
    defaults = msgspec.structs.fields(column)
    values = {one.encode_name: (getattr(column, one.name), one.default) for one in defaults}
    return {name: value for name, (value, default) in values.items() if value not in (default, None, [])}


def _source_faults(column: Column, said: dict[str, object], path: Path) -> Iterator[Fault]:
    sources = [name for name in SOURCES if name in said]
    if len(sources) > 1:
        yield Fault(path, f"a column has one source, and this one has {' and '.join(sources)}.")
    if sources:
        return
    for name in SOURCES:
        if getattr(column, name, None) == []:
            yield Fault((*path, name), "this list is empty.")
            return
    if set(said) - _OF_THE_FIELD == {"else"}:
        return  # what stands where links bring nothing
    shaped = [name for name in said if name not in _OF_THE_FIELD]
    if not isinstance(column, CustomColumn):
        yield Fault(path, f"{_NO_SOURCE}.")
    elif shaped:
        yield Fault(path, f"{_NO_SOURCE}, for {shaped[0]!r}.")


def _text_faults(column: Column, said: dict[str, object], path: Path) -> Iterator[Fault]:
    for name in ("from", "template", "expression", "pick", "split", "at", "currency", "in_home_currency"):
        if said.get(name) == "":
            yield Fault((*path, name), "this text is empty.")
    if column.template:
        try:
            parts_of(column.template)
        except ValueError as e:
            yield Fault((*path, "template"), f"{e}.")
    yield from expression_faults(column.expression, (*path, "expression"))


def _inner(column: Column) -> Iterator[tuple[Path, Column]]:
    for key in ("first_of", "all_of"):
        for place, spec in enumerate(getattr(column, key) or ()):
            yield (key, place), column_of(spec)
    if isinstance(column.else_, Column):
        yield ("else",), column.else_
    if column.zone is not None:
        yield ("zone",), column_of(column.zone)
    for key in ("by", "at"):
        if column.signed and (spec := getattr(column.signed, key)) is not None:
            yield ("signed", key), column_of(spec)
