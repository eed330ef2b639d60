"""Streams by the names that earlier releases gave them: in a catalog, a state, settings, Meltano's selection.

``object_office-location`` is ``object_office_location`` now. What names it so is taken for the other, and
what can't be is an error that says the name: nothing is left out, or read anew, without a word.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from singer_sdk.singerlib import Catalog

from lightfield_api.custom_objects import is_former_name, means_other_name, renamed_map
from tap_lightfield.errors import PLUGIN_NAME, ConfigError

_log = logging.getLogger(PLUGIN_NAME)

Names = Mapping[str, str]
"""The names of the streams that were renamed, by the former one."""

_SELECTION = ("SELECT", "SELECT_FILTER", "METADATA", "SCHEMA")
"""The extras of a Meltano plugin that name streams; Meltano sets them in the environment."""


def mentions_any(config: Mapping[str, Any], catalog: Iterable[str]) -> bool:
    """Whether the settings, the catalog or Meltano's selection may name a stream as earlier releases do."""
    maps = config.get("stream_maps") or {}
    sources = (str(one.get("__source__")) for one in maps.values() if isinstance(one, dict))
    patterns = (_stream_of(pattern) for _, pattern in _selection())
    names = (*catalog, *(config.get("field_history") or {}), *(config.get("full_sweep") or ()))
    return any(map(is_former_name, names)) or any("-" in name for name in (*maps, *sources, *patterns))


def state_mentions_any(state: Mapping[str, Any]) -> bool:
    """Whether a state names a stream as earlier releases do."""
    bookmarks = state.get("bookmarks") or {}
    return any(map(is_former_name, [*bookmarks, *_fields_read(bookmarks)]))


def renamed_catalog(catalog: Catalog, names: Names) -> Catalog:
    """Return the catalog with the streams' names; an entry under the name itself goes first."""
    entries = {}
    for former, entry in catalog.items():
        name = names.get(former, former)
        if name != former and name in catalog:
            _log.warning("The catalog has the stream '%s' as '%s' too: that entry is ignored.", name, former)
            continue
        entries[name] = replace(entry, tap_stream_id=name, stream=name) if name != former else entry
    return Catalog(entries)


def renamed_settings(config: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return the settings with the streams' names."""
    renamed = dict(config)
    if history := config.get("field_history"):
        together: dict[str, list[str]] = {}
        for name, keys in history.items():
            together.setdefault(names.get(name, name), []).extend(keys)
        renamed["field_history"] = together
    if sweep := config.get("full_sweep"):
        renamed["full_sweep"] = [names.get(name, name) for name in sweep]
    if maps := config.get("stream_maps"):
        for pattern in maps.keys() - names.keys():
            _refuse_what_misses(pattern, pattern, names, "The setting stream_maps")
        for former, name in names.items():
            maps = renamed_map(maps, former, name)
        renamed["stream_maps"] = maps
    return renamed


def renamed_state(state: Mapping[str, Any], names: Names) -> dict[str, Any]:
    """Return the state with the streams' names; what it says under the name itself goes first."""
    bookmarks: Mapping[str, Any] = state.get("bookmarks") or {}
    former = {name: bookmarks[old] for old, name in names.items() if old in bookmarks}
    for old, name in names.items():
        if old in bookmarks and name not in bookmarks:
            _log.warning(
                "Stream '%s' is called '%s' now, and goes on from its bookmark: what was read before is in "
                "the table that the loader made of the former name. A full refresh of it brings all.",
                old,
                name,
            )
    own = {name: entry for name, entry in bookmarks.items() if name not in names}
    entries = {**former, **own}
    if read := _fields_read(entries):
        fields = [f"{names.get(_stream_of(field), _stream_of(field))}{_rest_of(field)}" for field in read]
        entries["field_history"] = {**entries["field_history"], "fields_read": fields}
    return {**state, "bookmarks": entries}


def refuse_selection(names: Names) -> None:
    """Check that Meltano's selection rules do not mean a stream by its former name alone.

    Meltano has applied them to the names of today: of such a rule nothing has come.

    Raises:
        ConfigError: One does.
    """
    for extra, pattern in _selection():
        _refuse_what_misses(_stream_of(pattern), pattern, names, f"Meltano's {extra.lower()}")


def _refuse_what_misses(stream: str, pattern: str, names: Names, where: str) -> None:
    for former, name in names.items():
        if means_other_name(stream, former, name):
            raise ConfigError(
                f"{where} names {pattern!r}, but the stream '{former}' is called '{name}' now: name it so."
            )


def _selection() -> Iterator[tuple[str, str]]:
    """Yield the patterns of Meltano's selection rules, each with the extra that has it."""
    for extra in _SELECTION:
        try:
            rules = json.loads(os.environ.get(f"MELTANO_EXTRACT__{extra}") or "[]")
        except ValueError:
            continue
        if isinstance(rules, (list, dict)):
            yield from ((extra, rule.removeprefix("!")) for rule in rules if isinstance(rule, str))


def _fields_read(bookmarks: Mapping[str, Any]) -> Sequence[str]:
    """Return the fields whose history has been read, as ``accounts.$stage``."""
    return (bookmarks.get("field_history") or {}).get("fields_read") or ()


def _stream_of(pattern: str) -> str:
    return pattern.partition(".")[0]


def _rest_of(pattern: str) -> str:
    return pattern[len(_stream_of(pattern)) :]
