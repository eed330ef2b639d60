"""Email addresses, telephone numbers, URLs and profiles: in lists and texts, each judged by itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from lightfield_api.countries import country_code
from lightfield_api.definitions import FieldDefinition
from lightfield_api.telephone import telephone_number
from lightfield_api.values import write_value
from target_lightfield.presets.converted import (
    Conventions,
    Conversion,
    Converted,
    Untaken,
    items_of,
    text_of,
)
from target_lightfield.presets.html import is_html, to_text
from target_lightfield.reporting.left_over import LeftOverKind

_LABEL = r"[^\W_](?:[\w-]{0,61}[^\W_])?"
_HOST = rf"(?:{_LABEL}\.)+[^\W\d_](?:[\w-]{{0,61}}[^\W_])"
_EMAIL = re.compile(rf"[^\s@<>()\[\]\\,;:\".]+(?:\.[^\s@<>()\[\]\\,;:\".]+)*@{_HOST}")
_IN_BRACKETS = re.compile(r"[^<>]*<\s*([^<>]*?)\s*>")
_BETWEEN_ADDRESSES = re.compile(r'(?:"[^"\n]*"|<[^<>\n]*>|[^,;\n])+')
_URL = re.compile(
    rf"(?:https?://(?:[^\s/?#@]*@)?(?:{_HOST}|localhost|[0-9]{{1,3}}(?:\.[0-9]{{1,3}}){{3}}|\[[0-9a-fA-F:]+\])"
    rf"|(?P<bare>(?://)?{_HOST}))\.?(?::[0-9]{{1,5}})?(?:[/?#]\S*)?",
    re.IGNORECASE,
)
_BETWEEN_NUMBERS = re.compile(r"[,;|\n]|\s(?:or|oder|ou|and|und|et)\s")
_UNSEEN = re.compile("[\u200b-\u200f\u202a-\u202e\u2060\ufeff]")  # marks of the writing direction
_INTERNATIONAL = re.compile(rf"(?:tel:|[\s(]|{_UNSEEN.pattern})*(?:\+|00)", re.IGNORECASE)
_NATIONAL = re.compile(
    r"\s*(?:tel:)?\s*\(?(?P<number>[0-9(][0-9\s()./\u2010-\u2015\u2212-]*?)\s*"
    r"(?:(?:;ext=|[,;]?\s*(?:extension|extn?|x|#)[.:\s]*)(?P<extension>[0-9]{1,7})\s*)?",
    re.IGNORECASE,
)
_LONGEST = 2000

Take: TypeAlias = Callable[[FieldDefinition, str, Conventions], str]
"""Returns one of the texts as the field takes it; raises ValueError for what is none."""


def _points(split: Callable[[str, str | None], Iterable[str]], take: Take) -> Conversion:
    """Return the conversion of a field that takes several texts, or one of them.

    Args:
        split: Parts a text at the separator and at what else stands between several.
        take: Makes one of the parts what the field takes.
    """

    def convert(field: FieldDefinition, value: Any, conventions: Conventions) -> Converted:
        taken: dict[str, str] = {}
        left_over: list[Untaken] = []
        is_one = field.multiple_values is False or field.value_type == "SOCIAL_HANDLE"
        for item in items_of(value):
            try:
                text = text_of(item)
                parts = [*split(to_text(text) if is_html(text) else text, conventions.separator)]
            except ValueError as e:
                left_over.append(Untaken(item, LeftOverKind.BAD_VALUE, str(e)))
                continue
            for part in parts:
                own = item if len(parts) == 1 else part.strip()
                try:
                    found = take(field, part.strip(), conventions)
                except ValueError as e:
                    left_over.append(Untaken(own, LeftOverKind.BAD_VALUE, str(e)))
                    continue
                if is_one and taken and found.casefold() not in taken:
                    left_over.append(Untaken(own, LeftOverKind.BAD_VALUE, "the field takes one value"))
                else:
                    taken.setdefault(found.casefold(), found)
        values = list(taken.values())
        return Converted((values[0] if is_one else values) if values else None, left_over)

    return convert


def email_of(text: str) -> str:
    """Return the address in a text: ``Ann <ann@acme.example>``, ``mailto:ann@acme.example``.

    Raises:
        ValueError: It has none.
    """
    bracketed = _IN_BRACKETS.fullmatch(text) if len(text) <= _LONGEST else None
    address = (bracketed[1] if bracketed else text).strip(" \t'\"").removeprefix("mailto:")
    if len(address) > 320 or not _EMAIL.fullmatch(address):
        raise ValueError("not an email address")
    return address


def url_of(text: str) -> str:
    """Return a URL with its scheme: ``acme.example/about`` as ``https://acme.example/about``.

    Raises:
        ValueError: It is no address of the web.
    """
    match = _URL.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        raise ValueError("not the URL of a page")
    return f"https://{text.removeprefix('//')}" if match["bare"] else text


_LONGEST_NUMBER = 1 + 15  # the plus and the digits of E.164


@lru_cache(maxsize=4096)
def telephone_of(text: str, country: str | None) -> str:
    """Return a telephone number as the API keeps it, in E.164 where its country is known.

    A number that is none in the row's country is kept as its digits, unless the API would read them as a
    number of the US.

    Args:
        text: The number.
        country: The code or name of the country where it may stand without its country's code.

    Raises:
        ValueError: It is no telephone number.
    """
    region = country_code(country) if country else None
    found = None if region is None or _INTERNATIONAL.match(text) else _national(text, region)
    number = found or telephone_number(text)
    if found is None and region and number.startswith("+") and not _INTERNATIONAL.match(text):
        raise ValueError(f"no number of {region}, and without its country's code it would be one of the US")
    return number


def _national(text: str, region: str) -> str | None:
    """Return a number of a country with its code; None where it is no valid one there."""
    import phonenumbers  # noqa: PLC0415 - slow to import, and needed for numbers alone

    match = _NATIONAL.fullmatch(_UNSEEN.sub(" ", text)) if len(text) <= 100 else None
    if match is None:
        return None
    try:
        parsed = phonenumbers.parse(re.sub(r"[^0-9]", "", match["number"]), region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(parsed):
        return None
    found = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if len(found) > _LONGEST_NUMBER:  # some of Germany are valid, and longer than E.164 has them
        return None
    return f"{found};ext={match['extension']}" if match["extension"] else found


def _addresses(text: str, separator: str | None) -> Iterable[str]:
    """Return the parts of a list of addresses; a comma in a name, ``Dubois, Chloé <c@…>``, parts nothing."""
    if _EMAIL.fullmatch(text.strip()):
        return (text,)
    chunks = text.split(separator) if separator and separator not in ",;" else [text]
    found: list[str] = []
    for part in (part for chunk in chunks for part in _BETWEEN_ADDRESSES.findall(chunk)):
        if "<" in part and found and "@" not in found[-1]:
            found[-1] = f"{found[-1]},{part}"
        elif part.strip():
            found.append(part)
    return found or (text,)


def _telephones(text: str, separator: str | None) -> Sequence[str]:
    """Return the numbers of a text: parted where each part has the digits of one, or the whole is none."""
    lines = text.replace(separator or "\n", "\n")
    parts = [part for part in _BETWEEN_NUMBERS.split(lines.replace("/", "\n")) if part.strip()]
    if len(parts) > 1 and all(sum(map(str.isdigit, part)) >= 7 for part in parts):
        return parts
    try:
        telephone_number(text)
    except ValueError:
        return [part for part in _BETWEEN_NUMBERS.split(lines) if part.strip()] or (text,)
    return (text,)


def _urls(text: str, separator: str | None) -> Sequence[str]:
    """Return the URLs of a text: parted where each part is one, or where the whole is none."""
    if separator is None or separator not in text:
        parts = re.split(r"[\s,;]+", text.strip())
        return parts if len(parts) > 1 and all(_URL.fullmatch(part[:_LONGEST]) for part in parts) else (text,)
    parts = [part for part in text.split(separator) if part.strip()]
    if _URL.fullmatch(text.strip()[:_LONGEST]) and not all(_URL.fullmatch(part.strip()) for part in parts):
        return (text,)
    return parts or (text,)


def _email(_: FieldDefinition, text: str, __: Conventions) -> str:
    return email_of(text)


def _telephone(_: FieldDefinition, text: str, conventions: Conventions) -> str:
    return telephone_of(text, conventions.phone_country)


def _url(_: FieldDefinition, text: str, __: Conventions) -> str:
    return url_of(text)


def _profile(field: FieldDefinition, text: str, _: Conventions) -> str:
    written = write_value(field, text.replace("\0", ""))
    if not isinstance(written, str):
        raise ValueError("not a profile")
    return written


to_email_field = _points(_addresses, _email)
to_telephone_field = _points(_telephones, _telephone)
to_url_field = _points(_urls, _url)
to_social_handle_field = _points(lambda text, _: (text,), _profile)
