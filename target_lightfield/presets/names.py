"""Full names: an object of first and last name, or a text of both."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lightfield_api.definitions import FieldDefinition
from target_lightfield.presets.contact_points import email_of
from target_lightfield.presets.converted import (
    Conventions,
    Converted,
    Untaken,
    clean,
    compared,
    is_blank,
    nothing_taken,
    one_of,
    text_of,
)
from target_lightfield.reporting.left_over import LeftOverKind

_MEMBERS = {
    "firstname": "first_name",
    "first": "first_name",
    "givenname": "first_name",
    "middlename": "middle_name",
    "middle": "middle_name",
    "lastname": "last_name",
    "last": "last_name",
    "familyname": "last_name",
    "surname": "last_name",
}
# where Salesforce insisted on a name
_NO_NAMES = frozenset({"[not provided]", "[not provided] [not provided]"})
_LETTERS_BEHIND = "jr sr ii iii iv phd dr md esq mba cpa ba ma bsc msc llm pmp"
_SUFFIXES = frozenset(_LETTERS_BEHIND.split())


def to_full_name_field(_: FieldDefinition, value: Any, __: Conventions) -> Converted:
    """Return first and last name; of a text the last word is the last name. An email address is no name."""
    one = one_of(value)
    left_over: list[Untaken] = []
    if isinstance(one, Mapping):
        given, left_over = _members(one)
    else:
        given = {"": one}
    found: dict[str, str] = {}
    for member, part in given.items():
        try:
            text, removed = clean(text_of(part))
            left_over.extend(removed)
            if name := _name(" ".join(text.split())):
                found[member] = name
        except ValueError as e:
            left_over.append(Untaken(part, LeftOverKind.BAD_VALUE, str(e)))
    if "" in found:
        return Converted(_parted(found[""]), left_over)
    if middle := found.pop("middle_name", None):
        found["first_name"] = f"{found.get('first_name', '')} {middle}".strip()
    if not found and not left_over and not is_blank(value) and not given:
        return nothing_taken(value, "neither a first nor a last name")
    return Converted(found or None, left_over)


def _members(value: Mapping[str, Any]) -> tuple[dict[str, Any], list[Untaken]]:
    found: dict[str, Any] = {}
    left_over = []
    for name, part in value.items():
        if is_blank(part):
            continue
        member = _MEMBERS.get(compared(str(name)))
        if member is None or member in found:
            left_over.append(Untaken(part, LeftOverKind.BAD_VALUE, f"a full name has no {name}"))
        else:
            found[member] = part
    return found, left_over


def _name(text: str) -> str:
    """Return a name, nothing for what stands where none was known.

    Raises:
        ValueError: It is an email address.
    """
    if text.casefold() in _NO_NAMES:
        return ""
    try:
        email_of(text)
    except ValueError:
        return text
    raise ValueError("an email address is no name")


def _parted(name: str) -> dict[str, str] | None:
    last, comma, first = name.partition(",")
    turned = comma and first.strip() and "," not in first and compared(first) not in _SUFFIXES
    if turned and last.strip():
        first, last = first.strip(), last.strip()
    else:
        first, _, last = name.rpartition(" ")
    return {member: part for member, part in (("first_name", first), ("last_name", last)) if part} or None
