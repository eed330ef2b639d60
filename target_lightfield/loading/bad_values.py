"""What of a value its field can take, and what not: of several values the good ones stay.

``["ann@x.example", {}]`` for an EMAIL is ``["ann@x.example"]``, and ``{}`` is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from lightfield_api.definitions import FieldDefinition
from lightfield_api.value_types import Shape, shape_of, type_of
from lightfield_api.values import ValueConversionError
from target_lightfield.matching.wanted import LeftOut
from target_lightfield.reporting.left_over import LeftOverKind


@dataclass
class Parts:
    """What of a value its field can take, and what not.

    Attributes:
        good: The API value of what it can take; None for nothing.
        bad: What it can't take: the member of an object or None, the value, and why.
    """

    good: Any = None
    bad: list[tuple[str | None, Any, str]] = field(default_factory=list)


def parts_of(definition: FieldDefinition, value: Any, write: Callable[[Any], Any]) -> Parts:
    """Take a value that its field can't take as a whole apart.

    Args:
        definition: The field.
        value: A column value.
        write: Returns the API value of a column value. Raises ValueConversionError if it can't.
    """
    if isinstance(value, (list, tuple)) and type_of(definition).shape in {Shape.CONTACT_POINTS, Shape.TEXTS}:
        return _of_several(definition, value, write)
    if isinstance(value, Mapping) and type_of(definition).members:
        return _of_members(value, write)
    return Parts(bad=[(None, value, _why_not(write, value) or "")])


def bad_value(column: str, value: Any, why: str, definition: FieldDefinition) -> LeftOut:
    """Return a value that a field can't take, with the kind of it.

    Args:
        column: The row's column, or that of a flattened member.
        value: The value, or the part of it that can't be taken.
        why: Why, in a sentence without the value.
        definition: The field.
    """
    return LeftOut(column, value, why, _kind_of(definition, value), definition.label)


def _of_several(definition: FieldDefinition, values: Any, write: Callable[[Any], Any]) -> Parts:
    parts = Parts()
    good: list[Any] = []
    takes_one = shape_of(definition) is Shape.TEXT
    for value in values:
        if why := _why_not(write, value):
            parts.bad.append((None, value, why))
        elif write(value) in (None, []):
            continue
        elif takes_one and good:
            parts.bad.append((None, value, f"{definition.key} takes one value"))
        else:
            good.append(value)
    parts.good = write(good) if good else None
    return parts


def _of_members(members: Mapping[str, Any], write: Callable[[Any], Any]) -> Parts:
    parts, good = Parts(), {}
    for name, value in members.items():
        if why := _why_not(write, {name: value}):
            parts.bad.append((name, value, why))
        else:
            good[name] = value
    parts.good = write(good) if good else None
    return parts


def _why_not(write: Callable[[Any], Any], value: Any) -> str | None:
    try:
        write(value)
    except ValueConversionError as e:
        return str(e)
    return None


def _kind_of(definition: FieldDefinition, value: Any) -> LeftOverKind:
    if not type_of(definition).label_suffix or not isinstance(value, str):
        return LeftOverKind.BAD_VALUE
    return LeftOverKind.NO_STAGE if definition.parent_field_key else LeftOverKind.NO_OPTION
