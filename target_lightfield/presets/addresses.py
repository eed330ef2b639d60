"""Addresses: an object of street, city and so on as the source calls them, or a text that is the street."""

from __future__ import annotations

import gettext
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from lightfield_api.countries import country_code
from lightfield_api.definitions import FieldDefinition
from lightfield_api.values import ValueConversionError, write_value
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
from target_lightfield.presets.numerals import number_of
from target_lightfield.reporting.left_over import LeftOverKind

# What each member is called by Lightfield, by Salesforce's compound addresses and by Google's (Pipedrive's).
_MEMBERS: Mapping[str, tuple[str, ...]] = {
    "street": ("street", "street1", "address", "address1", "line1", "streetaddress"),
    "street2": ("street2", "address2", "line2", "extended", "extendedaddress", "subpremise"),
    "city": ("city", "locality", "town"),
    "state": ("state", "region", "province", "adminarealevel1", "statecode"),
    "postal_code": ("postalcode", "zip", "zipcode", "postcode"),
    "country": ("countrycode", "country"),
    "latitude": ("latitude", "lat"),
    "longitude": ("longitude", "lng", "long"),
}
_WHOLE = frozenset({"value", "formatted", "formattedaddress"})  # the address again, as one text
_IGNORED = frozenset({"geocodeaccuracy", "route", "streetnumber"})
_COORDINATES = ("latitude", "longitude")
# The languages of which pycountry's translations are whole; some of the others call Serbia Azerbaijan.
_LANGUAGES = (
    "de fr es it pt pt_BR nl da sv nb_NO fi pl cs sk hu ro hr sl el tr ru uk ja zh_Hans ko et lv lt bg ca"
)


def to_address_field(field: FieldDefinition, value: Any, _: Conventions) -> Converted:
    """Return an address; a country or another member that is none is left over, the rest stays."""
    one = one_of(value)
    if not isinstance(one, Mapping):
        try:
            one = {"street": text_of(one)}
        except ValueError as e:
            return nothing_taken(value, str(e))
    members, left_over = _members(one)
    found: dict[str, Any] = {}
    for name, member in members.items():
        try:
            text, removed = ("", ()) if name in _COORDINATES else clean(text_of(member))
            found[name] = _member(field, name, text, member)
            left_over.extend(removed)
        except ValueError as e:
            left_over.append(Untaken(member, LeftOverKind.BAD_VALUE, f"{name}: {e}"))
    _part_street(found)
    return Converted({name: part for name, part in found.items() if part != ""} or None, left_over)


@lru_cache(maxsize=1024)
def country_of(text: str) -> str | None:
    """Return the alpha-2 code of a country by its code or its name, in English or another language."""
    return country_code(text) or _translated().get(compared(text))


def _members(value: Mapping[str, Any]) -> tuple[dict[str, Any], list[Untaken]]:
    """Return the members of an address by Lightfield's names, and what it has no member for."""
    given = {compared(str(name)): member for name, member in value.items() if not is_blank(member)}
    used = {member: name for member, names in _MEMBERS.items() for name in reversed(names) if name in given}
    found = {member: given[name] for member, name in used.items()}
    if "street" not in found and (
        parts := [given[name] for name in ("route", "streetnumber") if name in given]
    ):
        found["street"] = " ".join(str(part) for part in parts)
    if not found and (whole := next((given[name] for name in _WHOLE if name in given), None)):
        found["street"] = whole
    passed = {*used.values(), *_WHOLE, *_IGNORED, *(_MEMBERS["country"] if "country" in used else ())}
    left_over = [
        Untaken(member, LeftOverKind.BAD_VALUE, f"an address has no {name}")
        for name, member in value.items()
        if not is_blank(member) and compared(str(name)) not in passed
    ]
    return found, left_over


def _member(field: FieldDefinition, name: str, text: str, value: Any) -> Any:
    """Return one member as the field takes it.

    Raises:
        ValueError: It doesn't take it.
    """
    if name in _COORDINATES:
        number = number_of(value)
        try:
            return (write_value(field, {name: number}) or {})[name]
        except ValueConversionError:
            raise ValueError("not a coordinate") from None
    if name == "country":
        code = country_of(text)
        if code is None:
            raise ValueError("no country has this code or name")
        return code
    return text.strip()


def _part_street(address: dict[str, Any]) -> None:
    """Put the first line of a street into the street and the others into the second line."""
    lines = [line.strip(" \t,") for line in str(address.get("street", "")).split("\n") if line.strip(" \t,")]
    if len(lines) > 1:
        address["street"] = lines[0]
        address["street2"] = ", ".join([*lines[1:], *filter(None, [address.get("street2")])])
    if "street2" in address:
        address["street2"] = ", ".join(address["street2"].split("\n"))


@lru_cache(maxsize=1)
def _translated() -> Mapping[str, str]:
    """Return codes of countries by names in other languages; a name of two countries is left out."""
    import pycountry  # noqa: PLC0415 - as slow to import as all else here

    found: dict[str, set[str]] = {}
    for language in _LANGUAGES.split():
        try:
            names = gettext.translation("iso3166-1", str(Path(pycountry.LOCALES_DIR)), [language])
        except OSError:
            continue
        for country in pycountry.countries:
            for kind in ("name", "official_name", "common_name"):
                name = getattr(country, kind, None)
                if name and names.gettext(name) != name:
                    found.setdefault(compared(names.gettext(name)), set()).add(country.alpha_2)
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}
