"""``lightfield-migration suggest``: a first preset for a source that has none."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import click
from singer_sdk.plugin_base import _ConfigInput

from lightfield_api.definitions import ObjectDefinitions
from lightfield_api.words import count
from target_lightfield.errors import TargetError
from target_lightfield.migration.completing import completed
from target_lightfield.migration.findings import one_line
from target_lightfield.migration.reading_target import config_option, feed_option
from target_lightfield.migration.route_suggestions import RouteSuggestions, separator_of
from target_lightfield.migration.sampling import SamplingTarget
from target_lightfield.migration.source_shape import SourceShape
from target_lightfield.migration.suggestion import Suggestion
from target_lightfield.migration.suggestion_yaml import as_yaml
from target_lightfield.migration.synonyms import BOOKKEEPING
from target_lightfield.presets.converted import compared
from target_lightfield.run.workspace import Workspace

_ORDER = ("members", "accounts", "contacts", "opportunities", "tasks", "notes", "meetings", "emails")


@click.command()
@feed_option(required=True)
@config_option
def suggest(feed: str, config: _ConfigInput | None) -> None:
    """Print a first preset for a feed of a source that has none, for a person to correct.

    It is made of the names of streams and columns, their values and the workspace's fields: each line says
    why it is there and how sure that is. What is not understood is left out, and listed. Nothing is
    written to Lightfield. --config is required: it says which workspace. Redirect the preset into a file,
    correct that, and let `check` say what it does.
    """
    if config is None:
        raise click.UsageError("Missing option '--config': the workspace's fields are needed.")
    target = SamplingTarget(config)
    with closing(target.sample(feed)) as sample, tempfile.TemporaryDirectory(prefix="lightfield-") as folder:
        database = f"sqlite:///{Path(folder) / 'id_map.db'}"
        with closing(Workspace({**target.config, "dry_run": True, "id_map": database})) as workspace:
            shape = SourceShape(sample, workspace.definitions_of, workspace.custom_objects())
            suggestion = suggested(shape)
    if not sample.streams:
        raise TargetError(f"The feed {feed} has no streams: there is nothing to suggest.")
    for line in as_yaml(suggestion):
        click.echo(line)


def suggested(shape: SourceShape) -> Suggestion:
    """Return a first preset for a source.

    Args:
        shape: How the source is built.
    """
    separator = separator_of(shape)
    suggestion = Suggestion(shape.key, shape.values_in, separator, shape.deleted_when)
    routes = RouteSuggestions(shape, separator)
    for stream in _in_order(shape):
        to = shape.routed[stream]
        found, why = completed(routes.route(stream), _definitions(shape, to), shape.definitions("tasks"))
        if why:
            suggestion.left_out[stream] = f"{_rows(shape, stream)}: {why}"
            del shape.routed[stream]
    for stream in _in_order(shape):  # once more: none refers to a stream that is left out
        to = shape.routed[stream]
        found, _ = completed(routes.route(stream), _definitions(shape, to), shape.definitions("tasks"))
        suggestion.streams[stream] = list(found)
    _add_lookups(suggestion, shape)
    _add_the_rest(suggestion, shape, routes)
    suggestion.ignore = _bookkeeping(shape)
    return suggestion


def _in_order(shape: SourceShape) -> list[str]:
    def place(stream: str) -> tuple[int, str]:
        to = shape.routed[stream]
        return (_ORDER.index(to) if to in _ORDER else len(_ORDER)), stream

    return sorted(shape.routed, key=place)


def _add_lookups(suggestion: Suggestion, shape: SourceShape) -> None:
    specs = [line.spec for found in suggestion.streams.values() for route in found for line in route.columns]
    used = {spec["lookup"] for spec in specs if not isinstance(spec, str) and "lookup" in spec}
    for stream in sorted(used):
        key = shape.sample.streams[stream].key_properties[0]
        lookup = {"stream": stream, "key": key, "value": shape.lookups[stream]}
        suggestion.lookups[stream] = lookup, "what the keys of its rows are called"


def _add_the_rest(suggestion: Suggestion, shape: SourceShape, routes: RouteSuggestions) -> None:
    """Take streams of pairs for links, and leave the others out, each with why."""
    filled = {
        (stream, line.name)
        for stream, found in suggestion.streams.items()
        for route in found
        for line in (*route.columns, *route.custom)
    }
    for stream in sorted(shape.sample.streams):
        if stream in {*suggestion.streams, *suggestion.lookups, *suggestion.left_out}:
            continue
        rows = _rows(shape, stream)
        pair = shape.pair(stream) if shape.sample.streams[stream].rows else None
        if pair is None:
            names = ", ".join(one_line(name) for name in list(shape.columns(stream))[:8])
            suggestion.left_out[stream] = (
                f"{rows}: nothing in Lightfield is called so; it has {names or 'no values'}"
            )
            continue
        one, of, other, record, relationship = pair
        column = routes.column_of(shape.routed[of], relationship)
        if not relationship.key.startswith("$") and (of, column) not in filled:
            suggestion.left_out[stream] = f"{rows}: links of {of} to {record}, for the relationship {column}"
            continue
        links: Mapping[str, Any] = {"of": of, "key": one, "column": column, "record": record, "is": other}
        suggestion.links[stream] = links, f"likely: {rows} with keys of {of} and of {record}"


def _bookkeeping(shape: SourceShape) -> list[str]:
    names = {
        name for stream in shape.routed for name in shape.columns(stream) if compared(name) in BOOKKEEPING
    }
    return sorted(names)


def _definitions(shape: SourceShape, to: str) -> ObjectDefinitions:
    return shape.definitions(to) or ObjectDefinitions("")


def _rows(shape: SourceShape, stream: str) -> str:
    return count("row", shape.sample.streams[stream].rows)
