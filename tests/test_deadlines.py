"""What a rule pack can say although no shipped rule says it yet: later-of, counted first days, refused extensions."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from appeals.deadlines import count
from appeals.errors import ImpossibleValue, MissingFact, NoRule
from appeals.law import everything as load

ZONE = "America/New_York"
APPEAL = load().rule("ERISA-A1-FILE")
LATEST = replace(APPEAL, counts_from=("notice", "received"), pick="latest", else_from=())


def saying(rule, **changes):
    return replace(rule, version=(replace(rule.version[0], **changes),))


def test_the_later_of_two_facts_starts_the_count_where_the_rule_says_so():
    counted = count(LATEST, {"notice": date(2026, 1, 5), "received": date(2026, 1, 9)}, zone=ZONE)
    assert (counted.start.kind, counted.legal_due) == ("received", date(2026, 7, 8))


def test_the_later_of_two_facts_is_not_known_while_one_is_missing():
    with pytest.raises(MissingFact, match="ERISA-A1-FILE cannot be counted"):
        count(LATEST, {"notice": date(2026, 1, 5)}, zone=ZONE)


def test_a_rule_that_counts_its_first_day_ends_a_day_earlier_and_says_so():
    counted = count(saying(APPEAL, start_day_counts=True), {"received": date(2026, 1, 9)}, zone=ZONE)
    assert counted.legal_due == date(2026, 7, 7)
    assert "+ 180 calendar days, that day counts as day 1 = Tue 2026-07-07" in counted.lines


def test_a_month_rule_that_clamps_says_so():
    clamped = saying(APPEAL, unit="calendar_months", length=4, if_no_such_day="clamp")
    counted = count(clamped, {"received": date(2026, 10, 30)}, zone=ZONE)
    assert counted.legal_due == date(2027, 2, 28)
    assert any("that month has no day 30: its last day" in line for line in counted.lines)


def test_business_days_name_the_holidays_they_skip():
    counted = count(load().rule("ACA-X-CLMINFO"), {"received": date(2026, 6, 30)}, zone=ZONE)
    assert "skipping weekends and Independence Day Fri 2026-07-03" in counted.lines


def test_a_date_that_is_only_an_observed_holiday_is_kept_and_the_other_reading_shown():
    counted = count(load().rule("ACA-X-FILE"), {"received": date(2026, 3, 3)}, zone=ZONE)
    assert counted.legal_due == date(2026, 7, 3)
    assert any("counting observed days gives Mon 2026-07-06" in line for line in counted.lines)


def test_the_fallback_roll_passes_holidays_too_and_stays_beside_the_due_date():
    counted = count(load().rule("MCR-3-FILE"), {"notice": date(2026, 12, 10)}, zone=ZONE)
    assert (counted.legal_due, counted.fallback_due) == (date(2027, 2, 13), date(2027, 2, 16))


def test_an_extension_a_rule_does_not_have_is_refused():
    with pytest.raises(NoRule, match="ERISA-A-DEC-POST1 has no extension"):
        count(load().rule("ERISA-A-DEC-POST1"), {"received": date(2026, 2, 1)}, zone=ZONE, extended=True)


def test_an_extension_not_taken_is_said_to_be_possible():
    counted = count(load().rule("MA-R-DEC-PRE"), {"received": date(2026, 2, 27)}, zone=ZONE)
    assert counted.legal_due == date(2026, 3, 29)
    assert any(line.startswith("may change: + 14 calendar days") for line in counted.lines)


def test_a_day_rule_takes_an_instant_as_the_day_it_was_in_the_practices_zone():
    late_evening = datetime(2026, 1, 10, 4, 30, tzinfo=UTC)
    assert count(APPEAL, {"received": late_evening}, zone=ZONE).start.day == date(2026, 1, 9)


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ImpossibleValue, match="no time zone"):
        count(APPEAL, {"received": datetime(2026, 1, 9, 9, 0)}, zone=ZONE)  # noqa: DTZ001 - the naive time is the point
