"""Column values to API values, a function for each shape; `value_types.py` says which type has which."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from decimal import Context, Decimal
from functools import partial
from typing import Any

from lightfield_api.countries import country_code
from lightfield_api.definitions import FieldDefinition, Option
from lightfield_api.numbers import held_by_float, spelled
from lightfield_api.social import profile_url
from lightfield_api.telephone import telephone_number
from lightfield_api.value_reading import COORDINATES, ValueConversionError, exact_number, json_value, number


def is_null_or_blank(value: object) -> bool:
    """Whether a value is null or a text of nothing but blanks."""
    return value is None or (isinstance(value, str) and not value.strip())


def text_only(definition: FieldDefinition, value: Any) -> str:
    """Return text; a number becomes one, with its digits, anything else is refused."""
    if isinstance(value, str):
        return value
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return spelled(value)
    raise ValueConversionError(definition, value)


_CENT = Decimal("0.01")
_ALL_DIGITS = Context(prec=400)  # of any number that a float can hold


def write_exactly(definition: FieldDefinition, value: Any) -> int | float:
    """Return a number; one with more digits than JSON's numbers keep is refused rather than rounded."""
    exact, written = exact_number(definition, value), number(definition, value)
    if exact != Decimal(str(written)):
        raise ValueConversionError(definition, value, "it has more digits than a JSON number keeps")
    return written


def write_number(definition: FieldDefinition, value: Any) -> int | float:
    """Return a number of at most 2 decimals; more are refused rather than rounded."""
    exact = exact_number(definition, value)
    if exact != exact.quantize(_CENT, context=_ALL_DIGITS):
        raise ValueConversionError(definition, value, "it takes at most 2 decimals")
    return write_exactly(definition, value)


def write_strings(
    write: Callable[[FieldDefinition, Any], str],
) -> Callable[[FieldDefinition, Any], list[str]]:
    """Return the writer of a list of texts; a single value is a list of one, an empty text is none.

    Args:
        write: Writes one of the texts. Two that come out the same count once.
    """

    def convert(definition: FieldDefinition, value: Any) -> list[str]:
        items = value if isinstance(value, (list, tuple)) else [value]
        return list(dict.fromkeys(write(definition, item) for item in items if not is_null_or_blank(item)))

    return convert


def write_stripped(definition: FieldDefinition, value: Any) -> str:
    """Return text without surrounding blanks."""
    return text_only(definition, value).strip()


def write_nothing(definition: FieldDefinition, value: Any) -> Any:
    """Refuse any value: Lightfield alone writes such fields."""
    raise ValueConversionError(definition, value, "nobody can write it")


def write_telephone(definition: FieldDefinition, value: Any) -> str:
    """Return a telephone number as the API keeps it; a whole number counts as its digits."""
    text = value if isinstance(value, str) else write_exactly(definition, value)
    if isinstance(text, float):
        raise ValueConversionError(definition, value, "not a telephone number")
    return _converted(definition, value, telephone_number, str(text))


def write_social_handle(definition: FieldDefinition, value: Any) -> str | None:
    """Return the URL of a profile on the field's service; any text where it names no service."""
    text = text_only(definition, value)
    service = definition.handle_service
    if service is None:
        return text
    return (
        None if is_null_or_blank(text) else _converted(definition, value, partial(profile_url, service), text)
    )


def write_country(definition: FieldDefinition, value: Any) -> str:
    """Return the alpha-2 code of a country, given by code or by English name."""
    code = country_code(text_only(definition, value))
    if code is None:
        raise ValueConversionError(
            definition, value, "country must be an ISO code of two or three letters or an English name"
        )
    return code


_MEMBER_WRITERS: Mapping[str, Callable[[FieldDefinition, Any], Any]] = {
    **dict.fromkeys(COORDINATES, write_exactly),
    "country": write_country,
}


def write_object(keys: Mapping[str, str]) -> Callable[[FieldDefinition, Any], dict[str, Any] | None]:
    """Return the writer of an object with these members; it takes the column's and the API's names."""
    api_keys = {**keys, **{key: key for key in keys.values()}}
    writers = {**dict.fromkeys(api_keys, text_only), **_MEMBER_WRITERS}

    def write(definition: FieldDefinition, value: Any) -> dict[str, Any] | None:
        if not isinstance(value, Mapping):
            raise ValueConversionError(definition, value, f"it takes an object of {', '.join(keys)}")
        if not set(value) <= set(api_keys):
            raise ValueConversionError(definition, value, f"it takes no members but {', '.join(keys)}")
        written = {
            api_keys[name]: writers[name](definition, member)
            for name, member in value.items()
            if not is_null_or_blank(member)
        }
        return written or None

    return write


def write_options(definition: FieldDefinition, value: Any) -> list[str]:
    """Return the option ids of a MULTI_SELECT: a list of ids and labels, or one of them."""
    items = value if isinstance(value, (list, tuple)) else [value]
    options = (write_option(definition, item) for item in items)
    return list(dict.fromkeys(option for option in options if option is not None))


def plain(definition: FieldDefinition, value: Any) -> Any:
    """Return the value in types that JSON has."""
    try:
        return json.loads(json.dumps(value, default=_json_value, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        raise ValueConversionError(definition, value, "JSON can't carry it") from None


def write_option(definition: FieldDefinition, value: Any, *, parent_id: str | None = None) -> str | None:
    """Return the option id of a SINGLE_SELECT column value: an option id or a label.

    Args:
        definition: The select field.
        value: The id or the label, compared without case and runs of blanks.
        parent_id: The option chosen in the parent field (the pipeline of a stage), which settles a
            label that several parents share.

    Raises:
        ValueConversionError: No option is called so, or several are.
    """
    if is_null_or_blank(value):
        return None
    text = text_only(definition, value)
    found = definition.options_named(text)
    if len(found) > 1 and parent_id is not None:
        found = [option for option in found if option.parent_id == parent_id]
    if len(found) == 1:
        return found[0].id
    raise ValueConversionError(definition, value, _option_reason(definition, found))


def _option_reason(definition: FieldDefinition, found: Sequence[Option]) -> str:
    if not found:
        labels = ", ".join(dict.fromkeys(option.label for option in definition.options))
        return f"no option has this id or label; there are: {labels or 'none'}"
    return (
        f"{len(found)} options have this label; "
        f"{definition.parent_field_key or 'its parent field'} must say which is meant"
    )


def _json_value(value: object) -> float | str:
    if isinstance(value, Decimal) and value.is_finite() and held_by_float(value) is None:
        raise ValueError("more digits than a JSON number keeps")
    return json_value(value)


def _converted(definition: FieldDefinition, value: Any, convert: Callable[[str], str], text: str) -> str:
    """Return the converted text; an error of the conversion is raised again with the field's name."""
    try:
        return convert(text)
    except ValueError as e:
        raise ValueConversionError(definition, value, str(e)) from None
