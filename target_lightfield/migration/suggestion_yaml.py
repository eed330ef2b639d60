"""A suggested preset as YAML, with comments that say why each line is there."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from target_lightfield.migration.findings import one_line
from target_lightfield.migration.suggestion import Line, SuggestedRoute, Suggestion

_PLAIN = re.compile(r"[A-Za-z_][\w.-]*(?: [\w.-]+)*", re.ASCII)
_NOT_TEXTS = frozenset({"true", "false", "null", "yes", "no", "on", "off"})
_LONGEST = 160  # characters of a comment


def as_yaml(suggestion: Suggestion) -> Iterator[str]:
    """Yield the lines of the file."""
    yield from _head(suggestion)
    for title, entries in (("lookups", suggestion.lookups), ("links", suggestion.links)):
        if entries:
            yield f"{title}:"
            for name, (entry, why) in entries.items():
                yield f"  {quoted(name)}: {_flow(entry)}{_comment(why)}"
    yield "streams:" if suggestion.streams or suggestion.left_out else "streams: {}"
    for stream, routes in suggestion.streams.items():
        yield ""
        yield f"  {quoted(stream)}:"
        for route in routes:
            yield from _route(route, "  - " if len(routes) > 1 else "    ")
    if suggestion.left_out:
        yield ""
    for stream, why in suggestion.left_out.items():
        yield f"  {quoted(stream)}: ignore{_comment(why)}"


def _head(suggestion: Suggestion) -> Iterator[str]:
    yield "# A first preset, made of a feed's names and values: read each line, and correct what is wrong."
    yield "# `lightfield-migration check FILE --feed FEED --config ENV` says what it does with the feed."
    yield "preset: 1"
    if suggestion.values_in:
        yield f"values_in: {quoted(suggestion.values_in)}  # where most columns are"
    if suggestion.key != "id":
        yield f"key: {quoted(suggestion.key)}  # of most streams"
    if suggestion.separator:
        yield f"separator: {quoted(suggestion.separator)}  # stands between several values in one text"
    if suggestion.deleted_when:
        yield f"deleted_when: {quoted(suggestion.deleted_when)}"
    yield "# time_zone: Europe/Berlin  # of dates and times without one, where that is not UTC"
    yield "# phone_country: DE         # of telephone numbers without one"
    yield "# home_currency: EUR        # of amounts whose currency the feed does not say"
    yield "custom_fields: {match: label}  # columns that no line names find custom fields of their name"
    if suggestion.ignore:
        yield f"ignore: [{', '.join(map(quoted, suggestion.ignore))}]  # the source's own books"


def _route(route: SuggestedRoute, first: str) -> Iterator[str]:
    yield f"{first}to: {quoted(route.to)}{_comment(route.why)}"
    if route.when:
        yield f"    when: {quoted(route.when)}"
    if route.to == "contacts" and route.has("name") and route.has("email"):
        yield "    needs_any: [name, email]"
    for title, lines in (("columns", route.columns), ("custom", route.custom)):
        if lines:
            yield f"    {title}:"
            for line in lines:
                yield from _line(line)
    if route.ignore:
        whys = "; ".join(dict.fromkeys(why for _, why in route.ignore))
        yield f"    ignore: [{', '.join(quoted(name) for name, _ in route.ignore)}]{_comment(whys)}"
    for note in route.notes:
        yield f"    # {one_line(note, _LONGEST)}"


def _line(line: Line) -> Iterator[str]:
    name, spec = quoted(line.name), line.spec
    if isinstance(spec, str) or not spec.get("map"):
        yield f"      {name}: {_flow(spec)}{_comment(line.why)}"
        return
    yield f"      {name}:{_comment(line.why)}"
    for key, said in spec.items():
        if key != "map":
            yield f"        {key}: {_flow(said)}"
    yield "        map:  # a value of the feed: the workspace's option"
    for value, option in spec["map"].items():
        yield f"          {quoted(value)}: {quoted(option)}{_comment(line.remarks.get(value, ''))}"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{quoted(str(key))}: {_flow(member)}" for key, member in value.items()) + "}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return f"[{', '.join(map(_flow, value))}]"
    if isinstance(value, (bool, int)):
        return str(value).lower()
    return quoted(str(value))


def quoted(text: str) -> str:
    """Return a text as YAML has it: as it is where that can be nothing else, else in quotes."""
    if _PLAIN.fullmatch(text) and text.casefold() not in _NOT_TEXTS:
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def _escaped(letter: str) -> str:
    if letter in '"\\':
        return f"\\{letter}"
    if letter == " " or letter.isprintable():
        return letter
    number = ord(letter)
    return f"\\U{number:08X}" if number > 0xFFFF else f"\\u{number:04X}"


def _comment(why: str) -> str:
    return f"  # {one_line(why, _LONGEST)}" if why else ""
