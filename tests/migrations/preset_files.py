"""What is asked of a built-in preset's file: that all it names is there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import msgspec
import yaml

from demo.pipeline import REPOSITORY
from lightfield_api.columns import column_name
from target_lightfield.presets.column import Column, column_of
from target_lightfield.presets.preset import Preset, Route, routes_of

_TYPES = {
    "accounts": "account", "contacts": "contact", "opportunities": "opportunity", "tasks": "task",
    "notes": "note", "meetings": "meeting", "emails": "email", "members": "member",
}  # fmt: skip
_PRESETS = REPOSITORY / "target_lightfield" / "presets"


@cache
def built_in(name: str) -> Preset:
    """Return a built-in preset."""
    return msgspec.convert(content_of(name), Preset)


def content_of(name: str) -> Any:
    """Return what is in the file of a built-in preset."""
    return yaml.safe_load((_PRESETS / f"{name}.yml").read_text(encoding="utf-8"))


def all_routes(preset: Preset) -> list[tuple[str, Route]]:
    """Return the routes of a preset, each with its stream."""
    return [(stream, route) for stream in preset.streams for route in routes_of(preset, stream)]


@cache
def system_columns(stream: str) -> frozenset[str]:
    """The system columns of one of Lightfield's streams, from the definitions that the sandbox has."""
    path = REPOSITORY / "lightfield_sandbox" / "schema" / "definitions.json"
    definitions = json.loads(path.read_text(encoding="utf-8"))[_TYPES[stream]]

    def names() -> Iterator[str]:
        for field in definitions["fields"]:
            if field["key"].startswith("$") and not field.get("readOnly"):
                yield column_name(field["key"])
        for one in definitions["relationships"]:
            if one["key"].startswith("$") and not one.get("readOnly"):
                yield column_name(one["key"]) + ("_id" if one["cardinality"] == "HAS_ONE" else "_ids")

    return frozenset(names())


def columns_of_route(route: Route) -> set[str]:
    """The columns that a route names, without the members of objects."""
    return {name.partition("__")[0] for name in [*route.columns, *(route.needs_any or ())]}


def specs_of(route: Route) -> Iterator[Column]:
    """Yield what the lines of a route say, with what is in it."""
    lines: list[Any] = [*route.columns.values(), *route.custom.values(), *(route.when_left or {}).values()]
    while lines:
        spec = column_of(lines.pop())
        yield spec
        lines += [*(spec.first_of or ()), *(spec.all_of or ())]
        if isinstance(spec.else_, Column):
            lines.append(spec.else_)
        if spec.signed:
            lines += [end for end in (spec.signed.by, spec.signed.at) if end is not None]


def sources_of(spec: Column) -> set[str]:
    """The source's columns that a line takes its value from, without the members of objects."""
    named = (spec.from_, spec.at, spec.within, spec.currency, spec.in_home_currency)
    return {name.partition(".")[0] for name in named if name}


def laid_over(below: Any, above: Any) -> Any:
    """Return one file's content with another's over it."""
    if not isinstance(below, Mapping) or not isinstance(above, Mapping):
        return above
    merged = {**below, **{key: laid_over(below.get(key), member) for key, member in above.items()}}
    return {key: member for key, member in merged.items() if member is not None}
