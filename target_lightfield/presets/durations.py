"""Durations as CRMs write them: ``01:00:00``, ``PT30M``, ``754000`` milliseconds."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pendulum

from target_lightfield.presets.converted import Conventions
from target_lightfield.presets.times import moment

_CLOCK = re.compile(r"([0-9]{1,4}):([0-5][0-9])(?::([0-5][0-9])(?:\.0+)?)?")
_ISO = re.compile(r"P(?=[0-9T])[0-9DWTHMS.]+")
_MILLISECONDS = re.compile(r"0|[1-9][0-9]{3,11}")


def duration(value: Any) -> timedelta:
    """Return how long a value says: a clock's time, an ISO 8601 duration, or milliseconds.

    Digits in a text are milliseconds from a second on: ``30`` may be minutes.

    Raises:
        ValueError: It says nothing, or not only one thing. The value is not in the message.
    """
    if isinstance(value, (int, float, Decimal)) and not isinstance(value, bool):
        return _milliseconds(value)
    text = value.strip() if isinstance(value, str) else ""
    if _MILLISECONDS.fullmatch(text):
        return _milliseconds(int(text))
    if clock := _CLOCK.fullmatch(text):
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        return timedelta(hours=hours, minutes=minutes, seconds=seconds)
    if _ISO.fullmatch(text):
        try:
            parsed = pendulum.parse(text)
        except (ValueError, OverflowError):
            parsed = None
        if isinstance(parsed, pendulum.Duration):
            return parsed.as_timedelta()
    raise ValueError("not a duration such as 01:00:00, PT30M or milliseconds")


def plus(start: Any, length: Any, conventions: Conventions) -> str:
    """Return the end of something that starts at a date-time and takes so long, as ISO 8601 with offset.

    Args:
        start: A date-time in any form that the source writes.
        length: What ``duration`` takes.
        conventions: How the source writes values: the time zone of a start without one.

    Raises:
        ValueError: The start is no date-time, the length no duration, or the end lies outside the calendar.
    """
    length_of_it = duration(length)
    try:
        return (moment(start, conventions) + length_of_it).isoformat()
    except OverflowError:
        raise ValueError("it ends outside the calendar") from None


def _milliseconds(value: float | Decimal) -> timedelta:
    try:
        if value < 0:
            raise ValueError("a duration below zero")
        return timedelta(milliseconds=float(value))
    except (OverflowError, ArithmeticError, ValueError):
        raise ValueError("not a duration in milliseconds") from None
