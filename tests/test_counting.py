"""The arithmetic alone: days, business days, months, hours, rolling."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals import counting, holidays
from appeals.errors import BadConfiguration, ImpossibleValue, MissingFact

DAYS = st.dates(date(2000, 1, 1), date(2090, 12, 31))
NEW_YORK = "America/New_York"


def test_the_first_day_is_not_counted_unless_the_rule_says_so():
    assert counting.add_days(date(2022, 5, 15), 153) == date(2022, 10, 15)
    assert counting.add_days(date(2022, 5, 15), 153, start_day_counts=True) == date(2022, 10, 14)


def test_an_observed_holiday_is_no_business_day():
    assert counting.add_business_days(date(2026, 6, 30), 10) == date(2026, 7, 15)


def test_a_literal_holiday_on_a_weekday_is_no_business_day():
    assert counting.add_business_days(date(2026, 12, 22), 5) == date(2026, 12, 30)


def test_business_days_are_taken_away_over_a_holiday_too():
    assert counting.add_business_days(date(2026, 11, 30), -2) == date(2026, 11, 25)


def test_a_business_day_that_counts_itself_is_day_one():
    assert counting.add_business_days(date(2026, 11, 23), 2, start_day_counts=True) == date(2026, 11, 24)


@pytest.mark.parametrize(
    ("start", "what", "due"),
    [
        (date(2026, 10, 30), "first_of_next_month", date(2027, 3, 1)),
        (date(2026, 10, 30), "clamp", date(2027, 2, 28)),
        (date(2027, 10, 29), "clamp", date(2028, 2, 29)),
        (date(2026, 8, 31), "first_of_next_month", date(2026, 12, 31)),
        (date(2026, 12, 31), "first_of_next_month", date(2027, 5, 1)),
    ],
)
def test_four_months_later_is_the_same_day_number_or_what_the_rule_says(start, what, due):
    assert counting.add_months(start, 4, what) == due


def test_a_month_rule_that_does_not_say_what_a_missing_day_means_is_refused():
    with pytest.raises(BadConfiguration, match="does not say"):
        counting.add_months(date(2026, 10, 30), 4, "none")


def test_a_leap_day_and_a_year_is_the_twenty_eighth_where_the_rule_clamps():
    assert counting.add_months(date(2028, 2, 29), 12, "clamp") == date(2029, 2, 28)


def test_hours_elapse_across_the_change_of_the_clocks():
    friday = datetime(2026, 10, 30, 13, 0, tzinfo=UTC)
    assert counting.elapsed(friday, 72) == datetime(2026, 11, 2, 13, 0, tzinfo=UTC)


def test_hours_without_a_time_zone_are_refused():
    with pytest.raises(ImpossibleValue, match="no time zone"):
        counting.elapsed(datetime(2026, 10, 30, 9, 0), 72)  # noqa: DTZ001 - the naive time is the point


def test_a_wall_clock_time_becomes_an_instant():
    assert counting.instant("2026-11-23T09:30", NEW_YORK) == datetime(2026, 11, 23, 14, 30, tzinfo=UTC)


def test_a_time_the_clocks_skipped_is_impossible():
    with pytest.raises(ImpossibleValue, match="does not exist"):
        counting.instant("2026-03-08T02:30", NEW_YORK)


def test_a_time_that_happens_twice_asks_which():
    with pytest.raises(MissingFact, match="happens twice") as refused:
        counting.instant("2026-11-01T01:30", NEW_YORK)
    assert "2026-11-01T01:30-04:00 or 2026-11-01T01:30-05:00" in refused.value.hint
    assert counting.instant("2026-11-01T01:30-05:00", NEW_YORK) == datetime(2026, 11, 1, 6, 30, tzinfo=UTC)


def test_text_that_is_no_time_is_refused():
    with pytest.raises(ImpossibleValue, match="not a date and time"):
        counting.instant("half past nine", NEW_YORK)


def test_an_unknown_time_zone_is_refused():
    with pytest.raises(BadConfiguration, match="no time zone"):
        counting.zone_of("America/Nowhere")


def test_midnight_is_the_practices_not_utcs():
    assert counting.midnight(date(2026, 7, 1), NEW_YORK) == datetime(2026, 7, 1, 4, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "sum_of",
    [
        lambda: counting.add_days(date(9999, 12, 31), 1),
        lambda: counting.add_months(date(9999, 12, 31), 4, "clamp"),
    ],
)
def test_a_deadline_outside_the_calendar_is_impossible_not_a_traceback(sum_of):
    with pytest.raises(ImpossibleValue, match="outside the calendar"):
        sum_of()


@given(DAYS, st.integers(-60, 60))
def test_a_sum_of_business_days_never_lands_on_a_closed_day(start, length):
    landed = counting.add_business_days(start, length)
    assert landed == start if length == 0 else not holidays.closed(landed)


@given(DAYS, st.integers(1, 60))
def test_business_days_there_and_back_return_to_an_open_day(start, length):
    opened = counting.last_business_day(start)
    assert counting.add_business_days(counting.add_business_days(opened, length), -length) == opened


@given(DAYS)
def test_the_last_business_day_is_open_and_never_later(day):
    found = counting.last_business_day(day)
    assert found <= day
    assert not holidays.closed(found)


@given(DAYS)
def test_a_roll_never_goes_back_and_ends_on_an_open_day(day):
    rolled = counting.roll(day, holidays.closed_literally)
    assert rolled >= day
    assert not holidays.closed_literally(rolled)


@given(DAYS, DAYS, st.integers(1, 24))
def test_months_from_a_later_day_never_end_earlier(one, other, length):
    early, late = sorted((one, other))
    for what in ("clamp", "first_of_next_month"):
        assert counting.add_months(early, length, what) <= counting.add_months(late, length, what)
