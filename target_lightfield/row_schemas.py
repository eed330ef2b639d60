"""A stream's own schema, as far as its rows are held to it.

What a value may be is decided by the field that it is for. So of the schema no more is evaluated than is safe
to: no ``pattern``, which can take for ever, no ``format``, and no ``multipleOf``, which declares a
precision. Nothing that a ``$ref`` names is ever fetched.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from singer_sdk.exceptions import InvalidJSONSchema, InvalidRecord
from singer_sdk.sinks.core import JSONSchemaValidator
from singer_sdk.typing import DEFAULT_JSONSCHEMA_VALIDATOR

from target_lightfield.plain_rows import is_empty_text, plain

_NOT_EVALUATED = frozenset(
    {
        "pattern", "format", "patternProperties", "multipleOf",
        # which would have references lead elsewhere, whatever stands there
        "$id", "$schema", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary",
    }
)  # fmt: skip
_NAMED = frozenset({"properties", "definitions", "$defs", "dependentSchemas", "dependencies"})
_VALUES = frozenset({"enum", "const", "default", "examples"})
_REFERENCES = ("$ref", "$dynamicRef")
_OF_SCHEMAS = DEFAULT_JSONSCHEMA_VALIDATOR(DEFAULT_JSONSCHEMA_VALIDATOR.META_SCHEMA)
_TEXT_LIMIT = 200  # characters of an error, so that a log line stays readable


class RowValidator(JSONSchemaValidator):
    """Holds the rows of a stream to its schema.

    Args:
        schema: The stream's.

    Raises:
        InvalidJSONSchema: It is none, or refers to what it does not hold.
    """

    def __init__(self, schema: dict[str, Any]) -> None:
        evaluated = plain(_evaluated(schema))
        _check(evaluated)  # before anything is made of it
        for reference in set(_references(evaluated)):
            found = _led_to(reference, evaluated)
            if found is None:
                raise InvalidJSONSchema(
                    f"its reference {reference[:100]!r} leads to nothing in it, and nothing is fetched"
                )
            _check(found)  # it may be where no rule looks for a schema, such as in "components"
        super().__init__(evaluated)

    def validate(self, record: dict[str, Any]) -> None:
        """Check a row. An empty cell breaks nothing: to the schema of a CSV file it is a value of any type.

        Raises:
            InvalidRecord: It breaks the schema.
        """
        for error in self.validator.iter_errors(record):
            if _is_breach(error):
                raise InvalidRecord(error.message, record) from error


def _is_breach(error: Any) -> bool:
    """Whether more than an empty cell is at fault: of alternatives, in each of them."""
    if is_empty_text(error.instance):
        return False
    if error.validator == "type" and "integer" in error.validator_value and _is_whole(error.instance):
        return False
    alternatives: dict[Any, list[Any]] = {}
    for inner in error.context or ():
        alternatives.setdefault(inner.schema_path[0], []).append(inner)
    return all(any(map(_is_breach, inner)) for inner in alternatives.values())


def _is_whole(value: object) -> bool:
    """Whether a value is one of the integers, as 1.0 is to JSON Schema, that its rule for floats misses."""
    return isinstance(value, Decimal) and value == value.to_integral_value()


def _check(schema: Any) -> None:
    """Raise InvalidJSONSchema if something is no JSON schema."""
    for error in _OF_SCHEMAS.iter_errors(schema):
        raise InvalidJSONSchema(f"its {error.json_path[:_TEXT_LIMIT]}: {error.message[:_TEXT_LIMIT]}")


def _evaluated(schema: Any) -> Any:
    """Return what of a schema is evaluated. A property may be called ``pattern``: that stays."""
    if isinstance(schema, list):
        return [_evaluated(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept: dict[str, Any] = {}
    for keyword, value in schema.items():
        if keyword in _NOT_EVALUATED:
            continue
        if keyword in _VALUES:
            kept[keyword] = value
        elif keyword in _NAMED and isinstance(value, dict):
            kept[keyword] = {name: _evaluated(member) for name, member in value.items()}
        else:
            kept[keyword] = _evaluated(value)
    if "patternProperties" in schema:  # what they would have taken is no property too many
        for keyword in ("additionalProperties", "unevaluatedProperties"):
            kept.pop(keyword, None)
    return kept


def _references(schema: Any) -> Iterator[str]:
    """Yield what the references of a schema name."""
    if isinstance(schema, list):
        for item in schema:
            yield from _references(item)
    elif isinstance(schema, dict):
        for keyword, value in schema.items():
            if keyword in _REFERENCES and isinstance(value, str):
                yield value
            elif keyword in _NAMED and isinstance(value, dict):
                for member in value.values():
                    yield from _references(member)
            elif keyword not in _VALUES:
                yield from _references(value)


def _led_to(reference: str, schema: Any) -> dict[str, Any] | bool | None:
    """Return what of a schema a reference is the JSON pointer of; None if that is no schema.

    A value is none, nor are the members of ``properties``: what must not be evaluated is still in there.
    """
    start, *steps = unquote(reference).split("/")
    if start != "#":
        return None
    found, is_named = schema, False
    for step in steps:
        name = step.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isascii() and name.isdigit() and int(name) < len(found):
            found = found[int(name)]
        elif isinstance(found, dict) and name in found and (is_named or name not in _VALUES):
            found = found[name]
            is_named = not is_named and name in _NAMED and isinstance(found, dict)
        else:
            return None
    return found if isinstance(found, (dict, bool)) and not is_named else None
