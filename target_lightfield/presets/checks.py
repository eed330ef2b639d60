"""What a preset's types can't say: names that have to be defined, expressions, zones, currencies."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping

import pendulum
import pycountry

from lightfield_api.value_types import VALUE_TYPES
from target_lightfield.presets.column import column_of
from target_lightfield.presets.column_checks import column_faults, expression_faults, record_faults
from target_lightfield.presets.converted import compared
from target_lightfield.presets.preset import Links, Lookup, Preset, Route, as_list, links_of, routes_of
from target_lightfield.presets.targets import TARGETS, is_target
from target_lightfield.presets.typed import Fault, nearest, unknown
from target_lightfield.presets.yaml_tree import Path

_TYPES = (*VALUE_TYPES, "HAS_ONE", "HAS_MANY")
"""What a custom field can be, or a relationship."""


def faults(preset: Preset) -> Iterator[Fault]:
    """Return what is wrong with a preset."""
    names = Names(preset)
    for check in (
        _source_faults,
        _name_faults,
        _lookup_faults,
        _link_faults,
        _custom_field_faults,
        _stream_faults,
    ):
        yield from check(preset, names)


class Names:
    """What a preset defines.

    Args:
        preset: The preset.

    Attributes:
        lookups: Its lookups.
        streams: The source's streams of which it says something, and what their records are called.
    """

    def __init__(self, preset: Preset) -> None:
        self._preset = preset
        self.lookups: Collection[str] = tuple(preset.lookups)
        called = [route.as_ for stream in preset.streams for route in routes_of(preset, stream) if route.as_]
        left_out = [stream for stream in preset.not_carried if "." not in stream]
        self.streams: Collection[str] = tuple(dict.fromkeys([*preset.streams, *called, *left_out]))

    def lookup(self, name: str | None, path: Path) -> Iterator[Fault]:
        """Return what is wrong with the name of a lookup."""
        if name is not None and name not in self.lookups:
            yield Fault(path, unknown(name, self.lookups, "lookup"))

    def stream(self, name: str, path: Path) -> Iterator[Fault]:
        """Return what is wrong with the name of a stream whose records are meant."""
        if name not in self.streams:
            near = nearest(name, self.streams)
            yield Fault(
                path,
                f"{name!r} is not in `streams`; one that is left out on purpose is there as `ignore`.{near}",
            )

    def comes(self, stream: str, path: Path) -> Iterator[Fault]:
        """Return what is wrong with the name of a stream that the source may have."""
        if self._preset.called(stream) != stream or not self._preset.names(stream):
            known = sorted(self._preset.all_streams())
            yield Fault(path, unknown(stream, known, "stream of the source in this preset"))


def _source_faults(preset: Preset, _: Names) -> Iterator[Fault]:
    try:
        pendulum.timezone(preset.time_zone)
    except (ValueError, OSError):  # no such zone, or no name that a zone can have
        near = nearest(preset.time_zone, pendulum.timezones()) or " A zone is called as in Europe/Berlin."
        yield Fault(("time_zone",), f"there is no time zone {preset.time_zone!r}.{near}")
    if preset.key_length is not None and preset.key_length < 1:
        yield Fault(("key_length",), "a key has at least one character.")
    country = preset.phone_country
    if country is not None and not pycountry.countries.get(alpha_2=country):
        yield Fault(
            ("phone_country",), f"{country!r} is no country's code of two letters.{_code_of(country)}"
        )
    if preset.home_currency is not None:
        yield from _currency_faults(preset.home_currency, ("home_currency",))
    for currency, rate in preset.rates.items():
        yield from _currency_faults(currency, ("rates", currency))
        if not (math.isfinite(rate) and rate > 0):
            yield Fault(("rates", currency), "a rate is a number above 0.")
    if preset.rates and preset.home_currency is None:
        yield Fault(("rates",), "rates say what a currency is in `home_currency`, which is not set.")


def _code_of(country: str) -> str:
    try:
        return f" That of {country} is {pycountry.countries.lookup(country).alpha_2}."
    except LookupError:
        return " Germany's is DE."


def _currency_faults(code: str, path: Path) -> Iterator[Fault]:
    if not pycountry.currencies.get(alpha_3=code):
        codes = [currency.alpha_3 for currency in pycountry.currencies]
        yield Fault(path, f"there is no currency {code!r}.{nearest(code, codes)}")


def _name_faults(preset: Preset, names: Names) -> Iterator[Fault]:
    for stream in preset.stream_names:
        yield from names.stream(stream, ("stream_names", stream))
    yield from _twin_names(preset.stream_names, ("stream_names",), "stream")
    for stream in preset.sizes:
        yield from names.comes(stream, ("sizes", stream))
    for stream, columns in preset.headers.items():
        yield from names.stream(stream, ("headers", stream))
        yield from _twin_names(columns, ("headers", stream), "column")


def _twin_names(called: Mapping[str, Collection[str]], path: Path, kind: str) -> Iterator[Fault]:
    """Return the names that mean two things."""
    meanings = {compared(name): name for name in called}
    for name, others in called.items():
        for place, other in enumerate(others):
            meant = meanings.setdefault(compared(other), name)
            if meant != name:
                yield Fault((*path, name, place), f"{other!r} means the {kind} {meant!r} already.")


def _lookup_faults(preset: Preset, names: Names) -> Iterator[Fault]:
    for name, lookup in preset.lookups.items():
        path = ("lookups", name)
        for key in ("stream", "key", "value"):
            if getattr(lookup, key) in ("", []):
                yield Fault((*path, key), "there is no name.")
        if len(as_list(lookup.key)) > 2:
            yield Fault((*path, "key"), "a key has one or two columns.")
        yield from _value_faults(lookup, names, path)


def _value_faults(lookup: Lookup, names: Names, path: Path) -> Iterator[Fault]:
    if not isinstance(lookup.value, (str, list)):
        yield from column_faults(lookup.value, names, (*path, "value"))


def _link_faults(preset: Preset, names: Names) -> Iterator[Fault]:
    for stream, several in links_of(preset).items():
        listed = isinstance(preset.links[stream], list)
        if not several:
            yield Fault(("links", stream), "this list is empty.")
        for place, links in enumerate(several):
            yield from _faults_of_links(links, names, ("links", stream, *((place,) if listed else ())))


def _faults_of_links(links: Links, names: Names, path: Path) -> Iterator[Fault]:
    yield from names.stream(links.of, (*path, "of"))
    if links.to is not None:
        yield from _target_faults(links.to, (*path, "to"))
    if (links.column is None) == (links.as_ is None):
        yield Fault(
            path, "links have a `column`, or with `as` a name for the columns of a route: one of them."
        )
    if links.record is not None and links.lookup is not None:
        yield Fault(path, "links mean a `record` or, by a `lookup`, a value: not both.")
    yield from record_faults(links.record, names, (*path, "record"))
    yield from names.lookup(links.lookup, (*path, "lookup"))
    yield from expression_faults(links.when, (*path, "when"))
    yield from expression_faults(links.best, (*path, "best"))


def _custom_field_faults(preset: Preset, names: Names) -> Iterator[Fault]:
    path = ("custom_fields",)
    for key in ("labels", "options"):
        lookups = getattr(preset.custom_fields, key)
        if not isinstance(lookups, dict):
            yield from names.lookup(lookups, (*path, key))
            continue
        for stream, lookup in lookups.items():
            yield from names.stream(stream, (*path, key, stream))
            yield from names.lookup(lookup, (*path, key, stream))
    for stream in preset.custom_fields.within:
        yield from names.stream(stream, (*path, "within", stream))


def _stream_faults(preset: Preset, names: Names) -> Iterator[Fault]:
    for stream, entry in preset.streams.items():
        path: Path = ("streams", stream)
        if entry == []:
            yield Fault(path, "this list is empty; a stream that is left out on purpose is `ignore`.")
        routes = routes_of(preset, stream)
        for place, route in enumerate(routes):
            own = (*path, place) if isinstance(entry, list) else path
            yield from _route_faults(route, names, own)
            yield from _needs_faults(route, _linked(preset, stream), own)
            yield from _twin_faults(route, routes[:place], own)


def _route_faults(route: Route, names: Names, path: Path) -> Iterator[Fault]:
    yield from _target_faults(route.to, (*path, "to"))
    for key in ("when", "skip_when", "deleted_when"):
        yield from expression_faults(getattr(route, key), (*path, key))
    for key in ("same_as", "also_known_as"):
        if (spec := getattr(route, key)) is not None:
            yield from column_faults(column_of(spec), names, (*path, key))
    for place, stream in enumerate(route.after):
        yield from names.comes(stream, (*path, "after", place))
    for key in ("columns", "when_left"):
        for name, spec in (getattr(route, key) or {}).items():
            yield from column_faults(column_of(spec), names, (*path, key, name))
    for name, custom in route.custom.items():
        own = (*path, "custom", name)
        yield from column_faults(column_of(custom), names, own)
        if not isinstance(custom, str) and custom.type is not None and custom.type not in _TYPES:
            yield Fault((*own, "type"), unknown(custom.type, _TYPES, "type"))


def _target_faults(stream: str, path: Path) -> Iterator[Fault]:
    if not is_target(stream):
        said = unknown(stream, TARGETS, "stream of Lightfield's")
        yield Fault(path, f"{said} A custom object's is called object_{{slug}}.")


def _linked(preset: Preset, stream: str) -> Collection[str]:
    own = [links for several in links_of(preset).values() for links in several if links.of == stream]
    return [name for links in own for name in (links.column, links.others) if name]


def _needs_faults(route: Route, linked: Collection[str], path: Path) -> Iterator[Fault]:
    filled = {name.partition("__")[0] for name in (*route.columns, *route.custom, *linked)}
    for place, name in enumerate(route.needs_any or ()):
        if name not in filled:
            yield Fault(
                (*path, "needs_any", place), f"no line of `columns` fills {name!r}.{nearest(name, filled)}"
            )


def _twin_faults(route: Route, before: Collection[Route], path: Path) -> Iterator[Fault]:
    twins = [one for one in before if (one.to, one.as_) == (route.to, route.as_)]
    if any(one.when is None for one in (route, *twins)) and twins:
        yield Fault(
            path,
            f"this route and another one make records of {route.to} with the same keys: give each "
            "a `when`, or one of them `as`.",
        )
