"""Times: dates at 00:00 of the source's zone, date-times with and without one, milliseconds since 1970.

``2027-01-31`` in ``Europe/Berlin`` is ``2027-01-31T00:00:00+01:00``. ISO 8601 is read, and 31.1.2027 or
1/31/2027 2:30 PM as people write it; 02/03/2026 is two days, unless the source says which.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timezone
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pendulum

from lightfield_api.definitions import FieldDefinition
from target_lightfield.presets.converted import Conventions, Converted, nothing_taken, one_of

_ISO = re.compile(r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\S+(?: ?(?:UTC|GMT|Z))?)?", re.ASCII)
_WITH_ZONE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)", re.ASCII)
_MIDNIGHT_IN_UTC = re.compile(
    r"(\d{4}-\d\d-\d\d)[T ]00:00(?::00(?:\.0+)?)? ?(?:Z|UTC|\+00(?::?00)?)", re.ASCII
)
_WRITTEN = re.compile(
    r"(?P<one>\d{1,2})(?P<mark>[./-])(?P<other>\d{1,2})(?P=mark)(?P<year>\d{4})"
    r"(?:,?[ T](?P<hour>\d{1,2})(?P<rest>:[0-5]\d(?::[0-5]\d)?)(?: ?(?P<half>[AP])\.?M\.?)?)?",
    re.ASCII | re.IGNORECASE,
)
_MILLISECONDS = re.compile(r"[0-9]{13}")


def moment(value: Any, conventions: Conventions) -> datetime:
    """Return the instant that a value names, with its zone.

    Raises:
        ValueError: It names none, or not only one; or there is no such time zone. The value is not in the
            message.
    """
    if isinstance(value, date):
        value = value.isoformat()
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        value = str(int(value)) if value == value // 1 else ""
    if not isinstance(value, str):
        raise ValueError("not a date-time")
    text = value.strip()
    if _MILLISECONDS.fullmatch(text):
        text = pendulum.from_timestamp(int(text) / 1000).isoformat()
    if conventions.midnight_is_date and (midnight := _MIDNIGHT_IN_UTC.fullmatch(text)):
        text = midnight[1]
    if written := _WRITTEN.fullmatch(text):
        text = _iso(written, day_first=conventions.day_first)
    if not _ISO.fullmatch(text):
        raise ValueError("not a date or date-time of the form 2026-12-31 or 2026-12-31T10:00:00Z")
    return _parsed(re.sub(r" ?(?:UTC|GMT)$", "Z", text), conventions.time_zone)


def _iso(written: re.Match[str], *, day_first: bool | None) -> str:
    """Return a date as people write it, with its time of day if it has one, in ISO 8601."""
    one, other = int(written["one"]), int(written["other"])
    if written["mark"] == "." or one > 12 or one == other:
        day_first = True
    elif other > 12:
        day_first = False
    elif day_first is None:
        raise ValueError("it may be two days: day_first in the preset says which")
    day, month = (one, other) if day_first else (other, one)
    text = f"{written['year']}-{month:02}-{day:02}"
    if not written["hour"]:
        return text
    hour = int(written["hour"])
    if written["half"]:
        hour = hour % 12 + (12 if written["half"].upper() == "P" else 0)
    return f"{text}T{hour:02}{written['rest']}"


@lru_cache(maxsize=4096)  # the days of a column come again and again
def _parsed(text: str, time_zone: str) -> datetime:
    zone = _zone(time_zone)
    try:
        found: object = pendulum.parse(text, tz=zone)
    except (ValueError, OverflowError):
        found = None
    if not isinstance(found, datetime):
        raise ValueError("no such day or time")
    offset = found.utcoffset()
    # before there were time zones, a town's offset had seconds, which ISO 8601 can't write
    return found.astimezone(timezone.utc) if offset and offset.total_seconds() % 60 else found


@lru_cache(maxsize=64)
def _zone(name: str) -> pendulum.Timezone | pendulum.FixedTimezone:
    try:
        return pendulum.timezone(name)
    except (ValueError, OSError) as e:  # no such zone, or no name that a zone can have
        raise ValueError("there is no such time zone") from e


def to_datetime_field(_: FieldDefinition, value: Any, conventions: Conventions) -> Converted:
    """Return a date-time as ISO 8601 with offset; one that is so stays as it is written."""
    one = one_of(value)
    if isinstance(one, str) and not conventions.midnight_is_date and _WITH_ZONE.fullmatch(one):
        return Converted(one)
    try:
        return Converted(moment(one, conventions).isoformat())
    except (ValueError, OverflowError) as e:
        return nothing_taken(value, str(e))
