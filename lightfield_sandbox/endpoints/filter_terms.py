"""Reads the filters of a list's query, such as `?$amount[greaterThan]=10`, by means of the definitions."""

from __future__ import annotations

import operator
import re
from typing import TYPE_CHECKING, Any

from lightfield_sandbox.rules.pipelines import narrowed_option
from lightfield_sandbox.schema.definitions import AS_DESTINATION, AS_SOURCE
from lightfield_sandbox.schema.errors import bad_request
from lightfield_sandbox.schema.timestamps import iso, parse_ms
from lightfield_sandbox.store.filters import CONTAINS, EQUAL, Condition

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from lightfield_sandbox.schema.definitions import FieldDefinition, ObjectDefinition
    from lightfield_sandbox.store.records import Record
    from lightfield_sandbox.store.shelf import Tokens

STARTS_WITH = "startsWith"
_ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "greaterThan": operator.gt,
    "greaterThanOrEqual": operator.ge,
    "lessThan": operator.lt,
    "lessThanOrEqual": operator.le,
}
_ORDERED = frozenset((EQUAL, *_ORDERINGS))
_PREFIXED = frozenset((EQUAL, STARTS_WITH))
OPERATORS: dict[str, frozenset[str]] = {
    "NUMBER": _ORDERED,
    "CURRENCY": _ORDERED,
    "DATETIME": _ORDERED,
    "TEXT": _PREFIXED,
    "FULL_NAME": _PREFIXED,
    "SOCIAL_HANDLE": _PREFIXED,
    "ADDRESS": _PREFIXED,
    "CHECKBOX": frozenset((EQUAL,)),
    "SINGLE_SELECT": frozenset((EQUAL,)),
    "EMAIL": frozenset((CONTAINS,)),
    "TELEPHONE": frozenset((CONTAINS,)),
    "URL": frozenset((CONTAINS,)),
}
_RELATIONSHIP_OPERATORS = frozenset((EQUAL, CONTAINS))
_TERM = re.compile(r"(?P<key>[^\[\]]+)(?:\[(?P<negated>-?)(?P<operator>[A-Za-z]+)\])?")


def parse_filters(definition: ObjectDefinition, terms: Sequence[tuple[str, str]]) -> list[Condition]:
    """The conditions of a query, one for each `key[operator]=value`.

    Raises:
        ApiError: 400 for an unknown key, an operator that the field's type does not have, or a value that
            the type can't have.
    """
    return [_condition(definition, name, value, terms) for name, value in terms]


def _condition(
    definition: ObjectDefinition, term: str, value: str, terms: Sequence[tuple[str, str]]
) -> Condition:
    match = _TERM.fullmatch(term)
    if match is None:
        raise bad_request(f"The filter {term!r} has no form key[operator].", "unknown_field", term)
    key, negated, name = match["key"], match["negated"] == "-", match["operator"]
    if key in definition.fields:
        return _field_condition(definition, definition.fields[key], name, (value, terms), negated=negated)
    return _relationship_condition(definition, key, name, value, negated=negated)


def _field_condition(
    definition: ObjectDefinition,
    field: FieldDefinition,
    name: str | None,
    asked: tuple[str, Sequence[tuple[str, str]]],
    *,
    negated: bool,
) -> Condition:
    value, terms = asked
    allowed = OPERATORS.get(field.value_type, frozenset())
    chosen = name or (EQUAL if EQUAL in allowed else CONTAINS)
    if chosen not in allowed:
        message = f"{field.key} ({field.value_type}) has no operator {chosen}."
        raise bad_request(message, "invalid_type", field.key)
    if field.value_type == "SINGLE_SELECT":
        token = narrowed_option(definition, field, value, terms)
    else:
        token = _sought(field, chosen, value)
    if field.key in definition.hints:
        tokens = _parent_tokens(definition.fields[definition.hints[field.key]])
    else:
        tokens = _field_tokens(field, folded=chosen in (CONTAINS, STARTS_WITH))
    return Condition(f"{field.key} {chosen}", chosen, negated, token, tokens, _test(field, chosen, token))


def _relationship_condition(
    definition: ObjectDefinition, key: str, name: str | None, value: str, *, negated: bool
) -> Condition:
    bare, _, direction = (
        key.rpartition(":") if key.endswith((f":{AS_SOURCE}", f":{AS_DESTINATION}")) else (key, "", "")
    )
    relationship = definition.filterable.get(bare)
    if relationship is None:
        raise bad_request(
            f"{definition.object_type} has no field or relationship {key!r}.", "unknown_field", key
        )
    if (relationship.directions is None) != (not direction):
        message = (
            f"{bare} is filtered {'without' if direction else 'with'} :{AS_SOURCE} or :{AS_DESTINATION}."
        )
        raise bad_request(message, "unknown_relationship", key)
    if name is not None and name not in _RELATIONSHIP_OPERATORS:
        raise bad_request(f"A relationship has no operator {name}.", "invalid_type", key)
    slot = f"{relationship.key}:{direction}" if direction else relationship.key
    # For a relationship both operators mean: is linked to.
    return Condition(key, EQUAL, negated, value, lambda record: record.links.get(slot, ()), value.__eq__)


def _sought(field: FieldDefinition, chosen: str, value: str) -> str:
    """A filter's value in the form in which records' values are compared with it."""
    try:
        if field.value_type in ("NUMBER", "CURRENCY"):
            return repr(_finite(value))
        if field.value_type == "DATETIME":
            return iso(parse_ms(value, offset_required=False))
    except (ValueError, OverflowError) as error:
        raise bad_request(
            f"{value!r} is no {field.value_type} ({error}).", "invalid_type", field.key
        ) from error
    if field.value_type == "CHECKBOX":
        if value not in ("true", "false"):
            raise bad_request(f"{field.key} is true or false.", "invalid_type", field.key)
        return value
    return value if chosen == EQUAL else value.casefold()


def _finite(text: str) -> float:
    number = float(text)
    if number != number or number in (float("inf"), float("-inf")):  # noqa: PLR0124
        raise ValueError("not finite")
    return number


def _test(field: FieldDefinition, chosen: str, token: str) -> Callable[[str], bool]:
    if chosen == CONTAINS:
        return lambda held: token in held
    if chosen == STARTS_WITH:
        return lambda held: held.startswith(token)
    if chosen in _ORDERINGS:
        compare = _ORDERINGS[chosen]
        if field.value_type == "DATETIME":
            # Instants are kept in one ISO form, which sorts as text.
            return lambda held: compare(held, token)
        number = float(token)
        return lambda held: compare(float(held), number)
    return token.__eq__


def _field_tokens(field: FieldDefinition, *, folded: bool) -> Tokens:
    key = field.key
    spell = _SPELLINGS.get(field.value_type, _as_text)

    def tokens(record: Record) -> Iterable[str]:
        value = record.fields.get(key)
        if value is None:
            return ()
        spelled = spell(value)
        return [text.casefold() for text in spelled] if folded else spelled

    return tokens


def _parent_tokens(field: FieldDefinition) -> Tokens:
    """The pipeline of a record, for filters on `$pipeline`: the one that its stage belongs to."""

    def tokens(record: Record) -> Iterable[str]:
        option = field.by_id.get(record.fields.get(field.key, ""))
        return () if option is None or option.parent_id is None else (option.parent_id,)

    return tokens


def _as_text(value: Any) -> Sequence[str]:
    return value if isinstance(value, list) else (value,)


def _full_name(value: dict[str, str | None]) -> Sequence[str]:
    return (" ".join(part for part in (value.get("firstName"), value.get("lastName")) if part),)


def _address(value: dict[str, Any]) -> Sequence[str]:
    parts = [
        value[key]
        for key in ("street", "street2", "city", "state", "postalCode", "country")
        if value.get(key)
    ]
    return (*parts, ", ".join(parts))


_SPELLINGS: dict[str, Callable[[Any], Sequence[str]]] = {
    "NUMBER": lambda value: (repr(float(value)),),
    "CURRENCY": lambda value: (repr(float(value)),),
    "CHECKBOX": lambda value: ("true" if value else "false",),
    "FULL_NAME": _full_name,
    "ADDRESS": _address,
}
