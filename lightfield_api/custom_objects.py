"""Custom object types: which there are, and what their streams are called. API page: "Custom objects"."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lightfield_api.client import LightfieldClient
from lightfield_api.errors import Forbidden, NotFound, UnexpectedAnswer

OBJECT_PREFIX = "object_"
"""What the name of a custom object's stream begins with."""

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
    types = answer.get("data")
    if not isinstance(types, list) or not all(
        isinstance(kind, dict) and isinstance(kind.get("objectType"), str) and kind["objectType"]
        for kind in types
    ):
        raise UnexpectedAnswer("The list of object types was answered with no array of types with slugs")
    total = answer.get("totalCount")
    if answer.get("hasMore") or (isinstance(total, int) and total > len(types)):
        raise UnexpectedAnswer(
            f"The list of object types shows {len(types)} and says that there are more, but it has no pages. "
            f"Run it again, and update the connector if it stays so."
        )
    return [ObjectType(kind["objectType"], str(kind.get("label") or kind["objectType"])) for kind in types]


def named_object_types(types: Iterable[ObjectType]) -> dict[str, ObjectType]:
    """Return the custom object types by the names of their streams.

    The stream of ``subscription`` is ``object_subscription``. A slug with characters that a table, a
    file or a selection rule can't have gets them replaced, and a hash of itself; so does one whose
    name is taken, capitals not counted.
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


_LONGEST = 40  # with prefix and hash it fits the 63 characters of a Postgres table
