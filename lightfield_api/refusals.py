"""Which errors are a refusal of one write, and what of it they are about. API page: "Errors".

``param`` is a place in the request, and comes in more spellings than the documentation has:
``fields.$name``, ``fields.name``, ``$name``, ``relationships.$owner``, ``fields.$primaryAddress.zip``, or not
at all. 409 and 422 mostly have no ``code`` either.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from lightfield_api.errors import IdempotencyConflict, LightfieldError, UnexpectedAnswer

CODES = frozenset(
    {
        "unknown_field",
        "unknown_relationship",
        "referenced_resource_missing",
        "relationship_entity_missing",
        "relationship_entity_inactive",
        "relationship_write_limit_exceeded",
        "invalid_type",
        "parameter_missing",
        "invalid_configuration",
        "idempotency_key_too_long",
        "idempotency_conflict",
        "version_header",
        "ambiguous_stage_label",
        "stage_unresolved_in_pipeline",
        "unknown_pipeline",
    }
)
"""The codes that are documented. None of them is about a unique value."""

_SECTIONS = ("fields", "relationships")
_AFTER_A_KEY = re.compile(r"[.:\[/]")


def key_at_fault(
    param: str | None, fields: Collection[str], relationships: Collection[str] = ()
) -> str | None:
    """Return the key of the field or relationship that an error's ``param`` means; None if it means none.

    ``fields.name`` is ``$name``, unless a custom field ``name`` has that very key.

    Args:
        param: What the API names, however it spells it.
        fields: The keys of the fields that there are.
        relationships: The keys of the relationships that there are.
    """
    section, _, rest = (param or "").partition(".")
    if section not in _SECTIONS:
        section, rest = "", param or ""
    known = (relationships, fields) if section == "relationships" else (fields, relationships)
    for name in _names(rest):
        for keys in known:
            for key in (name, f"${name}"):
                if key in keys:
                    return key
    return None


def _names(place: str) -> Iterator[str]:
    """Yield what of a place may be a key: the whole, or what is before a member, a direction or an index."""
    yield place
    for after in reversed(list(_AFTER_A_KEY.finditer(place))):
        yield place[: after.start()]


def names_nothing(param: str | None) -> bool:
    """Whether an error leaves open which field or relationship it is about."""
    return param is None or param in _SECTIONS


def may_be_taken(error: LightfieldError) -> bool:
    """Whether a create may have been refused because another record holds a value that is unique.

    No document says how that is answered; an error with a code that means something else is not it.
    """
    return is_refusal(error) and error.status in {400, 409, 422} and error.code not in CODES


def may_be_incomplete(error: LightfieldError) -> bool:
    """Whether a create may have been refused because it lacks something: mostly a 422 without a code."""
    return is_refusal(error) and error.status in {400, 422} and error.code in {None, "parameter_missing"}


def is_refusal(error: LightfieldError) -> bool:
    """Whether an error is about this one record only, so that others can still be written."""
    if isinstance(error, UnexpectedAnswer):
        return False  # it is not Lightfield that refused it
    if isinstance(error, IdempotencyConflict) or error.code == "version_header":
        return False  # the first request with the key is still under way: what becomes of it is not known
    return error.status in {400, 404, 409, 413, 422}


def may_be_about_a_link(error: LightfieldError) -> bool:
    """Whether the API may have refused a record because one that it is to be linked to is not there."""
    # Lightfield answers 409 to a duplicate, or to what another write is changing at the same time.
    return is_refusal(error) and error.status != 409 and error.code in _ABOUT_LINKS


_ABOUT_LINKS = frozenset(
    {
        None,  # a 422 comes without a code
        "referenced_resource_missing",
        "relationship_entity_missing",
        "relationship_entity_inactive",
    }
)
