"""What a preset does with the columns of a stream, as far as the file says it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import Enum
from fnmatch import fnmatchcase
from typing import NamedTuple

from target_lightfield.presets.column import Column
from target_lightfield.presets.expressions import compiled
from target_lightfield.presets.mentions import columns_in, referred_to
from target_lightfield.presets.preset import Preset, Route, as_list, links_of, routes_of


class Use(Enum):
    """What a column is good for."""

    MAPPED = "mapped"
    KEPT = "kept for other records"
    READ = "read for keys and conditions only"
    IGNORED = "ignored"


class Used(NamedTuple):
    """A use of a column.

    Attributes:
        column: The source's column; of ``address.city`` the column ``address``.
        use: What it is good for.
        what: The same in words: ``accounts.name``, ``the lookup stages``.
        to: Lightfield's stream, where it is mapped.
        target: Lightfield's column there; or the label of a custom field.
        is_custom: Whether that is a label.
    """

    column: str
    use: Use
    what: str
    to: str = ""
    target: str = ""
    is_custom: bool = False


def uses(preset: Preset, stream: str) -> Iterator[Used]:
    """Yield what the preset does with columns of a stream."""
    for route in routes_of(preset, stream):
        yield from _mapped(route)
        yield from _read(preset, route)
        for spec in (route.same_as, route.also_known_as):
            yield from _each(spec, Use.KEPT, "other keys of the record")
    yield Used(preset.key, Use.READ, "the key")
    yield from _kept_by_lookups(preset, stream)
    for links in links_of(preset).get(stream, ()):
        conditions = [name for one in (links.when, links.best) if one for name in compiled(one).columns]
        for column in (links.key, links.is_, *conditions):
            yield from _each(column, Use.KEPT, f"{links.of}.{links.column or links.as_}")
    for of, column in referred_to(preset):
        if of == stream:
            yield from _each(column, Use.KEPT, "references by this value")


def is_ignored(preset: Preset, stream: str, column: str) -> bool:
    """Whether the preset says that a column need not be named."""
    patterns = [*preset.ignore, *(pattern for route in routes_of(preset, stream) for pattern in route.ignore)]
    return column in preset.custom_fields.leave_out or any(fnmatchcase(column, one) for one in patterns)


def by_links(preset: Preset) -> Sequence[str]:
    """Return the names that columns of links have in routes: no column of a row."""
    return [links.as_ for several in links_of(preset).values() for links in several if links.as_]


def _mapped(route: Route) -> Iterator[Used]:
    for name, spec in [*route.columns.items(), *(route.when_left or {}).items()]:
        for column in columns_in(spec):
            yield Used(_top(column), Use.MAPPED, f"{route.to}.{name}", route.to, name)
    for name, custom in route.custom.items():
        label = name.partition("__")[0]
        for column in columns_in(custom):
            what = f"{route.to}: the custom field {name!r}"
            yield Used(_top(column), Use.MAPPED, what, route.to, label, is_custom=True)


def _kept_by_lookups(preset: Preset, stream: str) -> Iterator[Used]:
    for name, lookup in preset.lookups.items():
        if stream not in as_list(lookup.stream):
            continue
        values = [lookup.value] if isinstance(lookup.value, Column) else as_list(lookup.value)
        own = [*as_list(lookup.key), lookup.within, *values]
        for column in [lookup.each] if lookup.each else own:
            yield from _each(column, Use.KEPT, f"the lookup {name}")


def _read(preset: Preset, route: Route) -> Iterator[Used]:
    for column, what in ((route.key, "the key"), (route.each, "the records"), (route.country, "the country")):
        yield from _each(column, Use.READ, f"{what} of {route.to}")
    conditions = {
        "when": route.when,
        "skip_when": route.skip_when,
        "deleted_when": route.deleted_when or preset.deleted_when,
    }
    for name, condition in conditions.items():
        for column in compiled(condition).columns if condition else ():
            yield from _each(column, Use.READ, name)


def _each(spec: Column | str | None, use: Use, what: str) -> Iterator[Used]:
    for column in columns_in(spec):
        yield Used(_top(column), use, what)


def _top(column: str) -> str:
    return column.partition(".")[0]
