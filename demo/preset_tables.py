"""What each built-in preset moves, as docs/migrating.md has it: a row for each of its routes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from target_lightfield.presets.preset import Preset, Route, links_of, routes_of

COLUMNS = ("the source's stream", "Lightfield's", "columns", "custom fields, if you have them")


def rows(preset: Preset) -> Iterator[Sequence[str]]:
    """Yield the cells of a preset's table, under ``COLUMNS``; one route of several says nothing of when."""
    for stream in preset.streams:
        for route in routes_of(preset, stream):
            custom = _names(route.custom)
            linked = _names(_linked(preset, stream, route))
            columns = _names([*route.columns, *(name for name in linked if name not in custom)])
            yield f"`{stream}`", f"`{route.to}`", _listed(f"`{name}`" for name in columns), _listed(custom)


def _linked(preset: Preset, stream: str, route: Route) -> Iterator[str]:
    """Yield what links fill of a route's records."""
    for link in (link for links in links_of(preset).values() for link in links):
        if link.of == stream and link.to in (None, route.to):
            yield from (name for name in (link.column, link.others) if name)


def _names(names: Iterable[str]) -> list[str]:
    """Return names once each, a member of an object as the object: ``name__first_name`` is ``name``."""
    return list(dict.fromkeys(name.partition("__")[0] for name in names))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
