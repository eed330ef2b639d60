"""Telephone numbers as the API keeps them. API page: "Fields and relationships", TELEPHONE."""

from __future__ import annotations

import re
from functools import lru_cache

# Address books wrap numbers in marks of the writing direction.
_BLANK = re.compile("[\\s\u200b-\u200f\u202a-\u202e\u2060\ufeff]+")
_TELEPHONE = re.compile(
    r"(?:tel:)?\(?(?P<plus>\+)?(?P<number>[0-9(][0-9()./\u2010-\u2015\u2212-]*)"
    r"(?:(?:;ext=|[,;]?(?:extension|extn?|x|#)[.:]*)(?P<extension>[0-9]{1,7}))?",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)  # a number is written, then compared with the stored one
def telephone_number(text: str) -> str:
    """Return a telephone number as the API keeps it, with ``;ext=100`` after it for an extension.

    With ``+`` or ``00`` it is E.164. Without, it is E.164 where it is a number of the US, and its bare digits
    elsewhere: which country's number they are is not guessed.

    Raises:
        ValueError: It is no telephone number. The text is not in the message.
    """
    match = _TELEPHONE.fullmatch(_BLANK.sub("", text))
    if match is None:
        raise ValueError("not one telephone number")
    digits = re.sub(r"[^0-9]", "", match["number"])
    if match["plus"] or digits.startswith("00"):
        number = _e164("+" + (digits if match["plus"] else digits[2:]))
        if number is None:
            raise ValueError("a number with + or 00 that is no valid number")
    else:
        number = _e164(digits, "US") or digits
    if not 7 <= len(number.lstrip("+")) <= 15:
        raise ValueError("it takes numbers of 7 to 15 digits")
    return f"{number};ext={match['extension']}" if match["extension"] else number


def _e164(digits: str, region: str | None = None) -> str | None:
    """Return a valid number in E.164, None where it is not valid."""
    import phonenumbers  # noqa: PLC0415 - as slow to import as all else here; the tap writes no number

    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
