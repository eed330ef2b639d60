"""Which of the source's columns a preset mentions: what it does not is left over."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from target_lightfield.presets.column import Column
from target_lightfield.presets.expressions import compiled
from target_lightfield.presets.preset import Preset, Route, links_of, routes_of
from target_lightfield.presets.templates import parts_of


def columns_in(spec: Column | str | None) -> Iterator[str]:
    """Yield the source's columns that one of Lightfield's is made of."""
    if isinstance(spec, str):
        yield spec
    elif spec is not None:
        names: Sequence[Any] = (
            spec.from_, spec.at, spec.within, spec.currency, spec.in_home_currency, spec.plus
        )  # fmt: skip
        yield from (name for name in names if isinstance(name, str))
        if spec.template:
            yield from (part.text for part in parts_of(spec.template) if part.is_column)
        if spec.expression:
            yield from compiled(spec.expression).columns
        for inner in _inner(spec):
            yield from columns_in(inner)


def borne_by(spec: Column) -> Iterator[str]:
    """Yield the columns whose values a column is made of, without those of columns within it.

    What only says how another value is meant is none of them: a currency, a time zone, a pipeline.
    """
    yield from (name for name in (spec.from_, spec.at, spec.in_home_currency) if name)
    if spec.template:
        yield from (part.text for part in parts_of(spec.template) if part.is_column)
    if spec.expression:
        yield from sorted(compiled(spec.expression).columns)
    for one in (spec.signed.by, spec.signed.at) if spec.signed else ():
        if one is not None:
            yield from ([one] if isinstance(one, str) else columns_in(one))


def referred_to(preset: Preset) -> Iterator[tuple[str, str]]:
    """Yield the streams and columns by whose values records are referred to."""
    for stream in preset.streams:
        for route in routes_of(preset, stream):
            for spec in (*route.columns.values(), *route.custom.values()):
                yield from _record_by(spec)


def mentioned(preset: Preset, stream: str, routes: Iterable[Route]) -> Iterator[str]:
    """Yield the columns of a stream that anything in the preset mentions for a row.

    Args:
        preset: The preset.
        stream: The source's stream.
        routes: Those of its routes that the row takes.
    """
    yield preset.key
    for route in routes_of(preset, stream):
        for condition in (route.when, route.skip_when, route.deleted_when, preset.deleted_when):
            yield from compiled(condition).columns if condition else ()
    for route in routes:
        specs = [*route.columns.values(), *route.custom.values(), *(route.when_left or {}).values()]
        for spec in [*specs, route.same_as, route.also_known_as, route.key, route.each, route.country]:
            for name in columns_in(spec):
                yield from (name, name.partition(".")[0])
    for links in links_of(preset).get(stream, ()):
        yield from (links.key, links.is_)


def _inner(spec: Column) -> Iterator[Column | str]:
    yield from spec.first_of or ()
    yield from spec.all_of or ()
    if spec.signed:
        yield from (one for one in (spec.signed.by, spec.signed.at) if one is not None)
    if isinstance(spec.else_, Column):
        yield spec.else_
    if spec.zone is not None:
        yield spec.zone


def _record_by(spec: Column | str) -> Iterator[tuple[str, str]]:
    if isinstance(spec, Column):
        yield from (spec.record_by or {}).items()
        for inner in _inner(spec):
            yield from _record_by(inner)
