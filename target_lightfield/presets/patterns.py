"""Streams that a preset names by a pattern: ``*__c``, a customer's own objects."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase

from msgspec import structs

from lightfield_api.custom_objects import is_custom_object
from target_lightfield.errors import TargetError
from target_lightfield.presets.converted import compared
from target_lightfield.presets.preset import Preset, Route, routes_of

_STAR = "*"


def take_up(preset: Preset, stream: str, custom_objects: Callable[[], Mapping[str, Sequence[str]]]) -> None:
    """Give a stream that only a pattern names the routes of that, as far as the workspace has the objects.

    Args:
        preset: The preset; the stream is one of its own from then on.
        stream: One of the source's.
        custom_objects: Returns what the workspace's custom objects are called, by Lightfield's stream.

    Raises:
        TargetError: A route leads to a custom object that the workspace lacks.
    """
    if stream not in preset.streams and (pattern := preset.pattern_of(stream)) is not None:
        meant = what_stars_stand_for(pattern, stream)
        routes = [_led(route, meant, custom_objects()) for route in routes_of(preset, pattern)]
        known = [route for route in routes if route is not None]
        preset.streams[stream] = known if known else "ignore"
    for route in routes_of(preset, stream):
        if is_custom_object(route.to) and route.to not in custom_objects():
            nearest = difflib.get_close_matches(route.to, custom_objects(), n=1)
            raise TargetError(
                f"The preset leads the stream '{stream}' to '{route.to}', which the workspace lacks"
                + (f" (nearest: {nearest[0]})" if nearest else "")
                + f": create the object in Lightfield, or say '{stream}: ignore' in a preset of your own."
            )


def _led(route: Route, meant: str, custom_objects: Mapping[str, Sequence[str]]) -> Route | None:
    """Return a route with the object that it leads to in place of the star; None if there is none."""
    if _STAR not in route.to:
        return route
    found = [
        stream
        for stream, names in custom_objects.items()
        if compared(meant) in {compared(name) for name in names}
    ]
    return structs.replace(route, to=found[0]) if len(found) == 1 else None


def what_stars_stand_for(pattern: str, stream: str) -> str:
    """Return what of a stream's name the star of a pattern stands for."""
    before, _, after = pattern.partition(_STAR)
    return stream.removeprefix(before).removesuffix(after) if fnmatchcase(stream, pattern) else stream
