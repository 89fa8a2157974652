"""Federal holidays against an independent calendar, and the years outside the table."""

from __future__ import annotations

from datetime import date, timedelta

import holidays as oracle
import pytest

from appeals import holidays
from appeals.errors import NoRule

YEARS = range(2022, 2036)


def every_day():
    day = date(YEARS[0], 1, 1)
    while day.year <= YEARS[-1]:
        yield day
        day += timedelta(days=1)


def test_literal_holidays_agree_with_an_independent_calendar():
    theirs = set(oracle.US(years=YEARS, observed=False))
    assert {day for day in every_day() if holidays.literal(day)} == {day for day in theirs if day.year in YEARS}


def test_observed_holidays_agree_with_an_independent_calendar():
    literal = set(oracle.US(years=range(2021, 2037), observed=False))
    both = set(oracle.US(years=range(2021, 2037), observed=True))
    assert {day for day in every_day() if holidays.observed(day)} == {day for day in both - literal if day.year in YEARS}


def test_new_years_day_on_a_saturday_is_observed_in_the_year_before():
    assert holidays.observed(date(2027, 12, 31)) == "New Year's Day"


def test_juneteenth_is_a_holiday_since_2021_and_not_before():
    assert (holidays.literal(date(2020, 6, 19)), holidays.literal(date(2021, 6, 19))) == ("", "Juneteenth")


@pytest.mark.parametrize("day", [date(1970, 12, 31), date(1970, 6, 6), date(2101, 1, 1)])
def test_a_year_outside_the_table_is_refused_not_guessed(day):
    with pytest.raises(NoRule, match=str(day.year)):
        holidays.closed(day)


def test_the_first_and_the_last_year_of_the_table_can_be_asked_to_their_ends():
    assert holidays.closed(date(1971, 1, 1))
    assert not holidays.closed(date(2100, 12, 30))
    assert holidays.observed(date(2100, 12, 31)) == "New Year's Day"


def test_a_state_calendar_without_a_table_is_refused():
    with pytest.raises(NoRule, match="no holiday table for texas"):
        holidays.closed(date(2026, 1, 2), "texas")
