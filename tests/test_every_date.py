"""What holds for every rule, every fact and every day of 2020 to 2032, and for any machine the program runs on."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays as oracle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from appeals import counting, holidays, law
from appeals.deadlines import count
from appeals.errors import AppealsError, ImpossibleValue, MissingFact, NoRule
from appeals.packrows import Rule

RULES = tuple({**law.everything().rules, **law.samples().rules}.values())
FIRST, LAST = date(2020, 1, 1), date(2032, 12, 31)
DAYS = st.dates(FIRST, LAST)
ZONES = ("America/New_York", "America/Chicago", "America/Los_Angeles", "Pacific/Honolulu", "UTC")
ALL = st.sampled_from(RULES)
DATED = st.sampled_from([rule for rule in RULES if all(v.unit != "hours" and v.by_time is None for v in rule.version)])


def facts_of(rule: Rule, day: date) -> dict:
    """Every fact the rule could count from on one day, and the rating period it may hang on."""
    return dict.fromkeys((*rule.counts_from, rule.versioned_by), day)


def counted(rule: Rule, day: date, **options):
    """The count, or None where no version of the rule is in force on that day."""
    try:
        return count(rule, facts_of(rule, day), zone=options.pop("zone", "America/New_York"), **options)
    except NoRule as refused:
        assert "no version in force" in refused.message
        return None


@settings(max_examples=400)
@given(ALL, DAYS, st.integers(1, 500))
def test_within_one_version_a_later_trigger_never_gives_an_earlier_deadline(rule, day, later):
    one, other = counted(rule, day), counted(rule, day + timedelta(days=later))
    if one is None or other is None or one.version is not other.version:
        return
    assert one.raw_due <= other.raw_due
    assert one.legal_due <= other.legal_due
    assert (one.due_at or datetime.min.replace(tzinfo=UTC)) <= (other.due_at or datetime.max.replace(tzinfo=UTC))


@settings(max_examples=400)
@given(DATED, DAYS)
def test_safe_is_never_after_raw_nor_raw_after_legal_and_safe_is_a_business_day_of_both_calendars(rule, day):
    found = counted(rule, day)
    if found is None:
        return
    assert found.safe_due <= found.raw_due <= found.legal_due
    if found.version.direction != "wait":  # what may not be done yet is no later on an earlier day
        assert not holidays.closed(found.safe_due, "federal")
        assert not holidays.closed(found.safe_due, "federal_literal")
    if found.version.roll == "none":
        assert found.legal_due == found.raw_due


@settings(max_examples=200)
@given(st.sampled_from([rule for rule in RULES if any(version.extension for version in rule.version)]), DAYS)
def test_an_extension_never_shortens(rule, day):
    plain = counted(rule, day)
    if plain is None or plain.version.extension is None:
        return
    assert counted(rule, day, extended=True).legal_due > plain.legal_due


TOLLED = st.sampled_from([rule for rule in RULES if any(version.tolling for version in rule.version)])


def stopping(rule: Rule, asked: date | None = None, answered: date | None = None) -> dict:
    tolling = rule.version[0].tolling
    return {tolling.stops: asked, tolling.restarts: answered}


def whole(rule: Rule, day: date):
    """The count if nothing had stopped it, with the extension where that comes with the stop."""
    return count(rule, facts_of(rule, day), zone="UTC", extended=rule.version[0].tolling.with_extension)


@given(TOLLED, DAYS, st.integers(0, 10), st.integers(0, 120))
def test_time_that_stood_still_is_given_back_whole(rule, day, asked_after, answered_after):
    asked = day + timedelta(days=asked_after)
    answered = asked + timedelta(days=answered_after)
    stopped = count(rule, facts_of(rule, day) | stopping(rule, asked), zone="UTC")
    assert stopped.tolled
    resumed = count(rule, facts_of(rule, day) | stopping(rule, asked, answered), zone="UTC")
    assert not resumed.tolled
    assert resumed.legal_due == whole(rule, day).legal_due + timedelta(days=answered_after)


@given(TOLLED, DAYS)
def test_a_request_for_information_after_the_time_ran_out_stops_nothing(rule, day):
    late = whole(rule, day).legal_due + timedelta(days=1)
    with pytest.raises(ImpossibleValue, match="after the time had run out"):
        count(rule, facts_of(rule, day) | stopping(rule, late, late), zone="UTC")


# --- business days against an independent calendar --------------------------------------------------------------------

YEARS = range(FIRST.year - 1, LAST.year + 3)
CLOSED = {"federal": set(oracle.US(years=YEARS, observed=True)), "federal_literal": set(oracle.US(years=YEARS, observed=False))}


def by_hand(start: date, length: int, closed: set[date], *, first: bool) -> date:
    step, left, day = (1 if length > 0 else -1), abs(length), start
    if first and start.weekday() < 5 and start not in closed:
        left -= 1
    while left:
        day += timedelta(days=step)
        left -= day.weekday() < 5 and day not in closed
    return day


@settings(max_examples=400)
@given(DAYS, st.integers(-40, 60).filter(bool), st.sampled_from(["federal", "federal_literal"]), st.booleans())
def test_every_business_day_agrees_with_an_independent_calendar_observed_and_literal(start, length, calendar, first):
    first = first and length > 0
    ours = counting.add_business_days(start, length, calendar, start_day_counts=first)
    assert ours == by_hand(start, length, CLOSED[calendar], first=first)


@given(DAYS)
def test_the_last_business_day_agrees_with_an_independent_calendar(day):
    while day.weekday() > 4 or day in CLOSED["federal"] | CLOSED["federal_literal"]:
        day -= timedelta(days=1)
    assert counting.last_business_day(day) == day


def test_the_days_a_state_closes_its_offices_are_public_holidays_there_and_a_year_beyond_its_list_is_refused():
    public = oracle.US(subdiv="NC", years=2026, observed=True)
    assert set(holidays.STATES["NC"]) <= set(public)
    assert counting.add_business_days(date(2026, 12, 23), 1, "NC") == date(2026, 12, 29)
    with pytest.raises(NoRule, match="The days NC offices are closed in 2027 are not in the table"):
        counting.add_business_days(date(2026, 12, 23), 10, "NC")


def test_a_rule_that_counts_a_states_business_days_says_that_nobody_compared_its_list():
    rule = law.everything().rule("NC-X-PRELIM")
    of_state = replace(rule, version=(replace(rule.version[0], business_calendar="NC"),))
    assert any(
        "nobody compared the days NC offices are closed" in w
        for w in count(of_state, facts_of(rule, date(2026, 3, 2)), zone="UTC").warnings
    )


# --- hours ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("friday", "ends"), [("2026-03-06T15:00", "Mon 2026-03-09 16:00 EDT"), ("2026-10-30T09:00", "Mon 2026-11-02 08:00 EST")]
)
def test_72_hours_from_a_friday_elapse_across_the_change_of_the_clocks(friday, ends):
    at = counting.instant(friday, "America/New_York")
    found = count(law.everything().rule("ERISA-A-DEC-URG"), {"received": at}, zone="America/New_York")
    assert any(ends in line for line in found.lines)
    assert f"{found.due_at.astimezone(ZoneInfo('America/New_York')):%a %Y-%m-%d %H:%M %Z}" == ends


@pytest.mark.parametrize(("typed", "error"), [("2026-03-08T02:30", ImpossibleValue), ("2026-11-01T01:30", MissingFact)])
def test_a_time_that_does_not_exist_or_happens_twice_is_asked_about(typed, error):
    with pytest.raises(error):
        counting.instant(typed, "America/New_York")


# --- any machine ------------------------------------------------------------------------------------------------------

SHOW = """
import sys
from datetime import date, datetime
from appeals import law
from appeals.deadlines import count
for rule in law.everything().rules.values():
    facts = {name: date(2026, 10, 30) for name in (*rule.counts_from, rule.versioned_by)}
    try:
        found = count(rule, facts, zone="America/New_York")
        print(rule.id, found.raw_due, found.legal_due, found.safe_due, found.due_at, *found.lines, sep="|")
    except Exception as error:
        print(rule.id, type(error).__name__)
"""


def test_no_date_depends_on_the_time_zone_of_the_machine():
    root = str(Path(__file__).parents[1])
    told = [
        subprocess.run(
            [sys.executable, "-c", SHOW], env={**os.environ, "TZ": zone, "PYTHONPATH": str(root)}, capture_output=True, check=True
        )
        for zone in ("Pacific/Kiritimati", "Pacific/Honolulu", "America/New_York")
    ]
    assert told[0].stdout.count(b"\n") == len(law.everything().rules)
    assert told[0].stdout == told[1].stdout == told[2].stdout


# --- what is refused --------------------------------------------------------------------------------------------------


def test_a_date_before_the_rules_first_version_is_refused_by_name():
    with pytest.raises(NoRule, match="ACA-X-FILE has no version in force on 2015-05-01"):
        count(law.everything().rule("ACA-X-FILE"), {"received": date(2015, 5, 1)}, zone="UTC")


def test_a_holiday_year_beyond_the_table_is_refused_by_name():
    with pytest.raises(NoRule, match="2101 is outside"):
        count(law.everything().rule("NC-X-PRELIM"), {"received": date(2100, 12, 30)}, zone="UTC")


def test_every_refusal_of_a_count_is_an_error_a_person_can_read():
    for rule in RULES:
        with pytest.raises(AppealsError) as refused:
            count(rule, {}, zone="UTC")
        assert rule.id in refused.value.message
        assert refused.value.hint
