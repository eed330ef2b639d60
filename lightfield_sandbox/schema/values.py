"""Which values each valueType accepts, and the form in which they are kept."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lightfield_sandbox.schema.errors import ApiError, unprocessable
from lightfield_sandbox.schema.timestamps import iso_year_padded, parse_ms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from lightfield_sandbox.schema.definitions import FieldDefinition

_EMAIL = re.compile(r"[^@\s,;<>\"]+@[^@\s,;<>\"'.]+(\.[^@\s,;<>\"'.]+)+")
_HOST = re.compile(r"[^\s/?#@:.]+(\.[^\s/?#@:.]+)+|localhost")
_PHONE = re.compile(
    r"\s*(\+?)([\d\s().\-/]+?)\s*(?:(?:;ext=|,?\s*ext\.?|,?\s*extension|,?\s*x|#)\s*(\d{1,7}))?\s*", re.I
)
_HANDLE_HOSTS = {
    "TWITTER": ("twitter.com", "x.com"),
    "LINKEDIN": ("linkedin.com",),
    "FACEBOOK": ("facebook.com", "fb.com"),
    "INSTAGRAM": ("instagram.com",),
}
_ADDRESS_TEXT = ("street", "street2", "city", "state", "postalCode", "country")
_ADDRESS_NUMBER = {"latitude": 90.0, "longitude": 180.0}
_LARGEST_NUMBER = 1e15


def check_value(field: FieldDefinition, value: Any) -> Any:
    """Check a written value, and return it in the form in which it is kept; None stays None.

    Raises:
        ApiError: 422 with the field's key as `param`.
    """
    if value is None:
        return None
    if field.choices and value not in field.choices:
        raise invalid(field, f"is one of {', '.join(field.choices)}")
    return _CHECKS[field.value_type](field, value)


def unique_tokens(field: FieldDefinition, value: Any) -> Iterable[str]:
    """A stored value of a unique field, in forms that are equal where two values count as the same."""
    values = value if isinstance(value, list) else [] if value is None else [value]
    if field.value_type == "URL":
        return {canonical_url(text) for text in values}
    return {text.casefold() for text in values}


def canonical_url(text: str) -> str:
    """A web address without case, scheme, `www.` and closing slash: two that give the same are the same."""
    bare = re.sub(r"^[a-z]+://", "", text.strip().casefold())
    return bare.removeprefix("www.").rstrip("/")


def invalid(field: FieldDefinition, expectation: str) -> ApiError:
    """422 `invalid_type` for a field."""
    return unprocessable(f"The field {field.key} {expectation}.", "invalid_type", field.key)


def _text(field: FieldDefinition, value: Any) -> str:
    if not isinstance(value, str):
        raise invalid(field, "takes a string")
    if "\x00" in value:
        raise invalid(field, "takes a string without NUL characters")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise invalid(field, "takes a string of valid Unicode") from error
    return value


def _number(field: FieldDefinition, value: Any) -> int | float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise invalid(field, "takes a number")
    if abs(value) > _LARGEST_NUMBER or not math.isfinite(value):
        raise invalid(field, "takes a number of at most 15 digits")
    return value


def _two_decimals(field: FieldDefinition, value: Any) -> int | float:
    number = _number(field, value)
    if round(number, 2) != number:
        raise invalid(field, "takes a number with at most 2 decimals")
    return number


def _checkbox(field: FieldDefinition, value: Any) -> bool:
    if not isinstance(value, bool):
        raise invalid(field, "takes true or false")
    return value


def _datetime(field: FieldDefinition, value: Any) -> str:
    try:
        return iso_year_padded(parse_ms(_text(field, value)))
    except ValueError as error:
        raise invalid(field, f"takes an ISO 8601 date and time with an offset ({error})") from error


def _email(field: FieldDefinition, value: Any) -> str:
    text = _text(field, value).strip()
    if not _EMAIL.fullmatch(text):
        raise invalid(field, "takes email addresses")
    return text


def _url(field: FieldDefinition, value: Any) -> str:
    text = _text(field, value).strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
        host = parts.hostname or ""
    except ValueError as error:
        raise invalid(field, "takes web addresses") from error
    if parts.scheme not in ("http", "https") or not _HOST.fullmatch(host) or re.search(r"\s", text):
        raise invalid(field, "takes web addresses")
    return text


def _telephone(field: FieldDefinition, value: Any) -> str:
    match = _PHONE.fullmatch(_text(field, value))
    digits = re.sub(r"\D", "", match.group(2)) if match else ""
    plus = bool(match and match.group(1))
    if match is None or not 7 <= len(digits) <= 15 or (plus and digits[0] == "0"):
        raise invalid(field, "takes telephone numbers: E.164, US, or 7 to 15 digits")
    if plus:
        number = f"+{digits}"
    elif re.fullmatch(r"1?[2-9]\d{2}[2-9]\d{6}", digits):
        number = f"+1{digits[-10:]}"
    else:
        number = digits
    return f"{number};ext={match.group(3)}" if match.group(3) else number


def _many(check: Callable[[FieldDefinition, Any], str]) -> Callable[[FieldDefinition, Any], Any]:
    def checked(field: FieldDefinition, value: Any) -> str | list[str]:
        if not field.multiple:
            return check(field, value)
        if not isinstance(value, list):
            raise invalid(field, "takes an array of strings")
        return list(dict.fromkeys(check(field, item) for item in value))

    return checked


def _social_handle(field: FieldDefinition, value: Any) -> str:
    text = _text(field, value).strip()
    match = re.fullmatch(r"(?:https?://)?([^/\s]+)/[^\s]+", text, re.I)
    hosts = _HANDLE_HOSTS[field.handle_service or ""]
    host = match.group(1).lower() if match else ""
    if not any(host == known or host.endswith(f".{known}") for known in hosts):
        raise invalid(field, f"takes the URL of a profile on {hosts[0]}")
    return text


def _parts(field: FieldDefinition, value: Any, known: Iterable[str]) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise invalid(field, "takes an object")
    for key in value:
        if key not in known:
            raise unprocessable(f"{field.key} has no part {key!r}.", "unknown_field", f"{field.key}.{key}")
    return value


def _full_name(field: FieldDefinition, value: Any) -> dict[str, str | None]:
    parts = _parts(field, value, ("firstName", "lastName"))
    return {
        key: None if parts.get(key) is None else _text(field, parts[key]) for key in ("firstName", "lastName")
    }


def _address(field: FieldDefinition, value: Any) -> dict[str, Any]:
    parts = _parts(field, value, (*_ADDRESS_TEXT, *_ADDRESS_NUMBER))
    kept: dict[str, Any] = {}
    for key, part in parts.items():
        if part is None:
            kept[key] = None
        elif key in _ADDRESS_NUMBER:
            kept[key] = _number(field, part)
            if abs(part) > _ADDRESS_NUMBER[key]:
                raise invalid(field, f"takes a {key} between ±{_ADDRESS_NUMBER[key]:g}")
        else:
            kept[key] = _text(field, part)
    country = kept.get("country")
    if country is not None and not re.fullmatch(r"[A-Za-z]{2}", country):
        raise invalid(field, "takes a country of exactly 2 letters")
    return kept


def _option(field: FieldDefinition, value: Any) -> str:
    text = _text(field, value)
    if text in field.by_id:
        return text
    named = field.labelled(text)
    if not named:
        raise unprocessable(f"{field.key} has no option {text!r}.", "referenced_resource_missing", field.key)
    return named[0].id


def _options(field: FieldDefinition, value: Any) -> list[str]:
    if not isinstance(value, list):
        raise invalid(field, "takes an array of option ids or labels")
    return list(dict.fromkeys(_option(field, item) for item in value))


_CHECKS: dict[str, Callable[[FieldDefinition, Any], Any]] = {
    "TEXT": _text,
    "MARKDOWN": _text,
    "HTML": _text,
    "NUMBER": _two_decimals,
    "CURRENCY": _number,
    "CHECKBOX": _checkbox,
    "DATETIME": _datetime,
    "EMAIL": _many(_email),
    "URL": _many(_url),
    "TELEPHONE": _many(_telephone),
    "SOCIAL_HANDLE": _social_handle,
    "FULL_NAME": _full_name,
    "ADDRESS": _address,
    "SINGLE_SELECT": _option,
    "MULTI_SELECT": _options,
}
