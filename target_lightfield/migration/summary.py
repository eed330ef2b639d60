"""What a preset maps, as far as the file alone says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized

from target_lightfield.presets.preset import Preset, Route, as_list, links_of, routes_of


def heading(file: str, preset: Preset) -> str:
    """Return what a preset is: ``my.yml, which extends hubspot: a preset for HubSpot.``."""
    extends = f", which extends {preset.extends}" if preset.extends else ""
    return f"{file}{extends}: a preset{f' for {preset.name}' if preset.name else ''}."


def summary(preset: Preset) -> Iterator[str]:
    """Yield lines for people: its streams, lookups and links, and what it does not carry."""
    for title, lines in (
        ("Streams", _streams(preset)),
        ("Lookups", _lookups(preset)),
        ("Links", _links(preset)),
        ("Not carried", preset.not_carried.items()),
    ):
        yield from _table(title, list(lines))


def _streams(preset: Preset) -> Iterator[tuple[str, str]]:
    for stream in preset.streams:
        routes = routes_of(preset, stream)
        for route in routes:
            yield stream, f"→ {_route(route)}"
        if not routes:
            yield stream, "left out"


def _route(route: Route) -> str:
    said = [_count(route.columns, "column")]
    if route.custom:
        said.append(_count(route.custom, "custom field"))
    when = f", when {route.when}" if route.when else ""
    return f"{route.to}: {', '.join(said)}{when}"


def _lookups(preset: Preset) -> Iterator[tuple[str, str]]:
    for name, lookup in preset.lookups.items():
        value = (
            as_list(lookup.value) if isinstance(lookup.value, (str, list)) else ["what is made of the row"]
        )
        within = f" within {lookup.within}" if lookup.within else ""
        streams, key = " and ".join(as_list(lookup.stream)), " and ".join(as_list(lookup.key))
        yield name, f"{streams}: {key} → {' or '.join(value)}{within}"


def _links(preset: Preset) -> Iterator[tuple[str, str]]:
    for stream, several in links_of(preset).items():
        for links in several:
            others = f", others → {links.others}" if links.others else ""
            yield stream, f"→ {links.of}: {links.column or links.as_}{others}"


def _table(title: str, lines: Sequence[tuple[str, str]]) -> Iterator[str]:
    if not lines:
        return
    yield from ("", f"{title}:")
    width = max(len(name) for name, _ in lines)
    for name, said in lines:
        yield f"  {name:{width}}  {said}"


def _count(things: Sized, what: str) -> str:
    count = len(things)
    return f"{count} {what}{'' if count == 1 else 's'}"
