"""Custom object types: which there are, and what their streams are called. API page: "Custom objects"."""

from __future__ import annotations

import fnmatch
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lightfield_api.answers import array_of
from lightfield_api.client import LightfieldClient
from lightfield_api.distinct_names import Claim, distinct_names
from lightfield_api.errors import Forbidden, NotFound, UnexpectedAnswer

OBJECT_PREFIX = "object_"
"""What the name of a custom object's stream begins with."""

CUSTOM_OBJECTS_READ = "custom_objects:read"
"""The scope for custom object types and their records."""

OBJECT_TYPES_STREAM = "object_types"
"""The stream that lists the types, which is no custom object's."""


@dataclass(frozen=True)
class ObjectType:
    """A custom object type: its slug and what the workspace calls it."""

    slug: str
    label: str


def read_object_types(client: LightfieldClient) -> Sequence[ObjectType] | None:
    """Return the custom object types, None where the workspace's plan has none.

    Raises:
        LightfieldError: They can't be read.
    """
    try:
        answer = client.search("objects")
    except (Forbidden, NotFound):
        return None
    failure = "The list of object types was answered with no array of types with slugs"
    types = array_of(answer.get("data"), _has_slug, failure)
    total = answer.get("totalCount")
    if answer.get("hasMore") or (isinstance(total, int) and total > len(types)):
        raise UnexpectedAnswer(
            f"The list of object types shows {len(types)} and says that there are more, but it has no pages. "
            f"Run it again, and update the connector if it stays so."
        )
    return [ObjectType(kind["objectType"], str(kind.get("label") or kind["objectType"])) for kind in types]


def _has_slug(kind: Mapping[str, Any]) -> bool:
    return isinstance(kind.get("objectType"), str) and kind["objectType"] != ""


def named_object_types(types: Iterable[ObjectType]) -> dict[str, ObjectType]:
    """Return the custom object types by the names of their streams: letters, digits and ``_``.

    The stream of ``subscription`` is ``object_subscription``, that of ``office-location`` is
    ``object_office_location``: loaders split a stream's name at ``-``, and would put two types into one
    table. Of two that would be called the same, capitals not counted, the one whose slug has no ``-``
    keeps the name, and the other has a hash of its slug after it.
    """
    former = former_object_types(types)
    claims = [
        Claim(name.replace("-", "_"), kind.slug, None if "-" in name else 0) for name, kind in former.items()
    ]
    return dict(zip(distinct_names(claims, str.casefold), former.values(), strict=True))


def former_object_types(types: Iterable[ObjectType]) -> dict[str, ObjectType]:
    """Return the custom object types by what earlier releases called their streams.

    A slug with characters beyond letters, digits, ``-`` and ``_`` gets them replaced, and a hash of
    itself; so does one that is too long, or whose name is taken, capitals not counted.
    """
    names = {OBJECT_TYPES_STREAM}
    named: dict[str, ObjectType] = {}
    for kind in sorted(types, key=lambda kind: kind.slug):
        readable = re.sub(r"[^A-Za-z0-9_-]+", "_", kind.slug)[:_LONGEST]
        name = OBJECT_PREFIX + readable
        if readable != kind.slug or name.casefold() in names:
            name = f"{name}_{hashlib.sha256(kind.slug.encode(errors='surrogatepass')).hexdigest()[:8]}"
        names.add(name.casefold())
        named[name] = kind
    return named


def is_custom_object(stream: str) -> bool:
    """Whether a stream is called as those of custom objects are."""
    return stream.startswith(OBJECT_PREFIX) and stream != OBJECT_TYPES_STREAM


def is_former_name(stream: str) -> bool:
    """Whether a stream has a name that only earlier releases gave, ``object_office-location``."""
    return stream.startswith(OBJECT_PREFIX) and "-" in stream


def renamed_streams(types: Iterable[ObjectType]) -> dict[str, str]:
    """Return the names of the streams that were renamed, by the former one."""
    types = list(types)
    names = {kind.slug: name for name, kind in named_object_types(types).items()}
    former = former_object_types(types)
    return {name: names[kind.slug] for name, kind in former.items() if names[kind.slug] != name}


def renamed_map(maps: Mapping[str, Any], former: str, name: str) -> dict[str, Any]:
    """Return the SDK's ``stream_maps`` with those of one stream under its other name.

    Args:
        maps: The setting.
        former: The name that it may have the stream under.
        name: The one that the stream has.
    """
    renamed: dict[str, Any] = {}
    for key, definition in maps.items():
        if isinstance(definition, dict) and definition.get("__source__") == former:
            definition = {**definition, "__source__": name}  # noqa: PLW2901
        renamed[name if key == former and name not in maps else key] = definition
    return renamed


def means_other_name(pattern: str, other: str, name: str) -> bool:
    """Whether a pattern matches a stream's other name and not the one it has, and so would miss it.

    Args:
        pattern: With ``*`` and ``?``, as Meltano's selection rules have it.
        other: The other name of the stream.
        name: The name that it has.
    """
    return fnmatch.fnmatch(other, pattern) and not fnmatch.fnmatch(name, pattern)


_LONGEST = 40  # with prefix and hash it fits the 63 characters of a Postgres table
