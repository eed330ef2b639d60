"""Dates as people write them: read where they can be one day only, or where the source says which."""

from __future__ import annotations

from datetime import date, datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from target_lightfield.presets.converted import Conventions
from target_lightfield.presets.times import moment

DAYS = st.dates(date(1900, 1, 1), date(2100, 12, 31))


def _day(text: str, *, day_first: bool | None = None) -> date:
    return moment(text, Conventions(day_first=day_first)).date()


@given(day=DAYS, first=st.sampled_from([None, True, False]))
def test_a_date_in_dots_begins_with_the_day(day: date, first: bool | None) -> None:
    assert _day(f"{day.day}.{day.month}.{day.year}", day_first=first) == day
    assert _day(f"{day.day:02}.{day.month:02}.{day.year}", day_first=first) == day


@given(day=DAYS, mark=st.sampled_from("/-"))
def test_a_date_in_slashes_is_what_the_source_says_and_never_a_guess(day: date, mark: str) -> None:
    day_first, month_first = (
        f"{day.day}{mark}{day.month}{mark}{day.year}",
        f"{day.month}{mark}{day.day}{mark}{day.year}",
    )
    assert _day(day_first, day_first=True) == day
    assert _day(month_first, day_first=False) == day
    for text in (day_first, month_first):
        if day.day > 12 or day.day == day.month:
            assert _day(text) == day
        else:
            with pytest.raises(ValueError, match="day_first"):
                _day(text)


@given(time=st.datetimes(datetime(2000, 1, 1), datetime(2050, 1, 1)))
def test_times_of_day_with_and_without_halves(time: datetime) -> None:
    time = time.replace(microsecond=0)
    wanted = time.replace(tzinfo=timezone.utc)
    for text in (time.strftime("%d.%m.%Y %H:%M:%S"), time.strftime("%m/%d/%Y, %I:%M:%S %p")):
        assert moment(text, Conventions(day_first=False)) == wanted


@pytest.mark.parametrize("text", ["31.02.2026", "13/13/2026", "1.2.26", "1/2.2026", "31.12.2026 25:00"])
def test_what_is_no_day_or_time_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r"no such|not a date"):
        _day(text, day_first=True)
