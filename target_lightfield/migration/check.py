"""``lightfield-migration check FILE``: whether a preset is one, and what it maps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Sized
from typing import TYPE_CHECKING

import click

from target_lightfield.presets.preset import Preset, Route, as_list, links_of, routes_of
from target_lightfield.presets.reading import read_preset

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable  # from Python 3.11 on


@click.command()
@click.argument("file")
@click.pass_obj
def check(folder: Traversable, file: str) -> None:
    """Check the preset FILE, or a built-in one by its name, and say what it maps."""
    preset = read_preset(file, folder)
    extends = f", which extends {preset.extends}" if preset.extends else ""
    click.echo(f"{file}{extends}: a preset{f' for {preset.name}' if preset.name else ''}.")
    for title, lines in (
        ("Streams", _streams(preset)),
        ("Lookups", _lookups(preset)),
        ("Links", _links(preset)),
        ("Not carried", preset.not_carried.items()),
    ):
        _print(title, list(lines))


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


def _print(title: str, lines: Sequence[tuple[str, str]]) -> None:
    if not lines:
        return
    click.echo(f"\n{title}:")
    width = max(len(name) for name, _ in lines)
    for name, said in lines:
        click.echo(f"  {name:{width}}  {said}")


def _count(things: Sized, what: str) -> str:
    count = len(things)
    return f"{count} {what}{'' if count == 1 else 's'}"
