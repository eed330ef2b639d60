"""Countries by code and by English name. API page: "Fields and relationships", ADDRESS."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import lru_cache

_OTHER_CODES = {"UK": "GB", "EL": "GR", "UAE": "AE"}  # of everyday use, of EU papers
_OTHER_NAMES = {
    "Britain": "GB",
    "Brunei": "BN",
    "Burma": "MM",
    "Cape Verde": "CV",
    "Cocos Islands": "CC",
    "DR Congo": "CD",
    "East Timor": "TL",
    "England": "GB",
    "Falkland Islands": "FK",
    "Great Britain": "GB",
    "Holland": "NL",
    "Hong Kong SAR": "HK",
    "Ivory Coast": "CI",
    "Kosovo": "XK",
    "Macau": "MO",
    "Macedonia": "MK",
    "Micronesia": "FM",
    "Northern Ireland": "GB",
    "Palestine": "PS",
    "Republic of Ireland": "IE",
    "Russia": "RU",
    "Saint Helena": "SH",
    "Saint Martin": "MF",
    "Scotland": "GB",
    "Sint Maarten": "SX",
    "Swaziland": "SZ",
    "Turkey": "TR",
    "US Virgin Islands": "VI",
    "Vatican": "VA",
    "Vatican City": "VA",
    "Wales": "GB",
}
_FILLERS = {"the", "and"}


@lru_cache(maxsize=1024)
def country_code(text: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code of a country, None where the text names none.

    Takes alpha-2 and alpha-3 codes and English names: short, official and common ones, and others in wide
    use. Case, accents, punctuation and the article don't matter, but nothing is guessed from a part.
    """
    code = text.strip().replace(".", "")
    if re.fullmatch(r"[A-Za-z]{2,3}", code):
        # Two letters are what the API asks for. ISO adds codes faster than people update their connector,
        # and some are in use without being ISO's (XK for Kosovo), so the API has the last word on them.
        return _codes().get(code.upper()) or (code.upper() if len(code) == 2 else None)
    return _names().get(_words(text))


@lru_cache(maxsize=1)
def _codes() -> Mapping[str, str]:
    known = {code: country["alpha_2"] for country in _countries() for code in _members(country, "alpha_")}
    return {**known, **_OTHER_CODES}


@lru_cache(maxsize=1)
def _names() -> Mapping[str, str]:
    names = {name: country["alpha_2"] for country in _countries() for name in _members(country, "name")}
    # "Korea, Republic of" is "Republic of Korea" too
    turned = {" ".join(reversed(name.split(", "))): code for name, code in names.items()}
    return {_words(name): code for name, code in {**turned, **names, **_OTHER_NAMES}.items()}


def _countries() -> Iterator[Mapping[str, str]]:
    import pycountry  # noqa: PLC0415 - as slow to import as all else here; the tap writes no address

    return (dict(country) for country in pycountry.countries)


def _members(country: Mapping[str, str], kind: str) -> Iterator[str]:
    return (member for key, member in country.items() if kind in key)


def _words(name: str) -> str:
    """Return the words by which names are compared."""
    letters = (c for c in unicodedata.normalize("NFKD", name.casefold()) if not unicodedata.combining(c))
    words = re.findall(r"\w+", "".join(letters))
    return " ".join("saint" if word == "st" else word for word in words if word not in _FILLERS)
