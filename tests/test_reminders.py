"""What a clock wants on a day: stages, ranks and buckets; what is said on a closed day comes before it, never after."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals import holidays, law, reminders, rules
from appeals.model import RUNNING, Clock, ClockStatus

PACKS = law.for_office()
WORK_BY = date(2026, 7, 2)
CLOCK = Clock(
    id="c1",
    practice_id="p1",
    case_id="case1",
    kind="file_appeal",
    rule_id="r",
    pack_id="p",
    pack_version="v",
    pack_hash="h",
    trigger="denial",
    trigger_id="d1",
    start_date=date(2026, 3, 4),
    start_kind="notice",
    raw_due=date(2026, 7, 4),
    legal_due=date(2026, 7, 6),
    safe_due=WORK_BY,
    work_by=WORK_BY,
    arithmetic="2026-03-04 + 4 months",
)
TODAYS = st.dates(date(2026, 3, 1), date(2026, 9, 1))


def asked(day, hour=12):
    return reminders.plan(PACKS, day, datetime(day.year, day.month, day.day, hour, tzinfo=UTC))


def stage(clock, day):
    found = reminders.stage(clock, asked(day))
    return found and (found.partition(":")[0] if found[0].isdigit() else found)


@st.composite
def clocks(draw):
    raw = draw(TODAYS)
    legal = raw + timedelta(draw(st.integers(0, 3)))
    safe = raw - timedelta(draw(st.integers(0, 4)))
    printed = draw(st.none() | st.dates(raw - timedelta(20), raw + timedelta(20)))
    lead = timedelta(draw(st.integers(0, 7)))
    return replace(
        CLOCK,
        id=f"c{draw(st.integers(0, 5))}",
        status=draw(st.sampled_from(RUNNING)),
        owed_by=draw(st.sampled_from(["us", "patient", "payer", "reviewer"])),
        hard=draw(st.booleans()),
        raw_due=raw,
        legal_due=legal,
        safe_due=safe,
        printed_due=printed,
        work_by=min(day for day in (safe, printed) if day) - lead,
    )


def days_before(days):
    return WORK_BY - timedelta(days)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (days_before(31), None),
        (days_before(30), "30"),
        (days_before(15), "30"),
        (days_before(14), "14"),
        (days_before(2), "3"),
        (days_before(1), "1"),
        (WORK_BY, "0"),
        (date(2026, 7, 3), "late:2026-07-03"),
        (date(2026, 7, 6), "late:2026-07-06"),
        (date(2026, 7, 7), "overdue:2026-07-07"),
        (date(2026, 7, 8), "overdue:2026-07-08"),
    ],
)
def test_a_clock_of_ours_stands_at_the_tightest_offset_then_late_then_overdue_daily(today, expected):
    assert stage(CLOCK, today) == expected
    assert stage(replace(CLOCK, owed_by="patient"), today) == expected


@pytest.mark.parametrize(
    ("day", "last"),
    [
        ("2026-07-01", "2026-07-01"),
        ("2026-07-02", "2026-07-05"),  # Fri 3 July is Independence Day observed
        ("2026-07-04", "2026-07-05"),
        ("2026-11-25", "2026-11-26"),  # Thanksgiving, and the Friday after it is none
        ("2026-12-31", "2027-01-03"),  # New Year's Day is a Friday
        ("2028-02-25", "2028-02-27"),
        ("2026-03-06", "2026-03-08"),  # the night summer time begins
        ("2026-10-30", "2026-11-01"),  # and the one it ends
    ],
)
def test_what_falls_on_closed_days_is_said_on_the_business_day_before(day, last):
    today = date.fromisoformat(day)
    assert reminders.horizon(today) == date.fromisoformat(last)
    for left in (30, 14, 7, 3, 1, 0):
        turn = date.fromisoformat(last)
        clock = replace(CLOCK, work_by=turn + timedelta(left), legal_due=turn + timedelta(60))
        assert stage(clock, today) == str(left)


@given(TODAYS, st.sampled_from([30, 14, 7, 3, 1, 0]))
def test_a_reminder_never_comes_later_than_its_offset_and_comes_on_a_day_somebody_works(turn, left):
    clock = replace(CLOCK, work_by=turn + timedelta(left), legal_due=turn + timedelta(60))
    first = next(day for back in range(10, -1, -1) if int(stage(clock, day := turn - timedelta(back)) or 99) <= left)
    assert first <= turn
    assert not holidays.closed(first)
    assert all(holidays.closed(first + timedelta(after)) for after in range(1, (turn - first).days + 1))


@pytest.mark.parametrize(
    ("work_by", "today"),
    [("2028-03-01", "2028-02-29"), ("2027-03-01", "2027-02-26"), ("2027-01-04", "2026-12-31"), ("2026-03-09", "2026-03-06")],
    ids=["the day before is 29 February", "it is a Sunday", "it is a Sunday after New Year's Day", "it is the night of summer time"],
)
def test_the_day_before_is_the_calendars(work_by, today):
    clock = replace(CLOCK, work_by=date.fromisoformat(work_by), legal_due=date.fromisoformat(work_by) + timedelta(30))
    assert stage(clock, date.fromisoformat(today)) == "1"
    assert stage(clock, date.fromisoformat(today) - timedelta(1)) in ("3", "7")


@pytest.mark.parametrize("owed_by", ["payer", "reviewer"])
def test_a_payers_clock_wants_nothing_of_us_until_it_has_run_out(owed_by):
    clock = replace(CLOCK, owed_by=owed_by)
    assert [stage(clock, day) for day in (days_before(3), WORK_BY, date(2026, 7, 6))] == [None, None, None]
    assert stage(clock, date(2026, 7, 7)) == "overdue:2026-07-07"


def test_the_printed_date_is_worked_to_when_earlier_and_waited_for_when_later():
    early = replace(CLOCK, printed_due=date(2026, 6, 20), work_by=date(2026, 6, 20))
    assert stage(early, date(2026, 7, 6)) == "late:2026-07-06"
    later = replace(CLOCK, printed_due=date(2026, 7, 10))
    assert reminders.bucket(later, date(2026, 7, 10), 7) == "late"
    assert reminders.bucket(later, date(2026, 7, 11), 7) == "overdue"


def test_a_filing_without_proof_of_receipt_is_still_reminded_of():
    assert stage(replace(CLOCK, status=ClockStatus.SENT), WORK_BY) == "0"


def test_a_tolled_clock_is_at_rest_and_an_ended_one_is_over():
    tolled = replace(CLOCK, status=ClockStatus.TOLLED)
    assert stage(tolled, date(2026, 7, 7)) is None
    assert reminders.bucket(tolled, date(2026, 7, 7), 7) == "later"
    for status in (ClockStatus.MET, ClockStatus.MISSED, ClockStatus.CANCELLED):
        assert stage(replace(CLOCK, status=status), date(2026, 7, 7)) is None


def test_a_clock_of_hours_is_told_by_the_hour_and_a_call_by_hours_of_its_own():
    due = datetime(2026, 7, 2, 20, 0, tzinfo=UTC)
    urgent, call = (replace(CLOCK, kind=kind, due_at=due) for kind in ("file_urgent", "be_at_the_telephone"))
    at = [datetime(2026, 6, 30, 19, 59, tzinfo=UTC), *(due - timedelta(hours=left) for left in (48, 25, 24, 3, 1))]
    said = [[reminders.stage(clock, reminders.plan(PACKS, now.date(), now)) for now in at] for clock in (urgent, call)]
    assert [each.partition(":")[0] for each in said[0]] == ["3", "48h", "48h", "24h", "4h", "2h"]
    assert [each.partition(":")[0] for each in said[1]] == ["3", "3", "1", "24h", "4h", "1h"]


def test_what_is_put_off_is_silent_until_its_day_and_told_again_on_it_and_never_silent_once_late():
    until = days_before(6)
    put_off = replace(CLOCK, next_remind_on=until)
    assert stage(put_off, days_before(7)) is None
    assert stage(put_off, until) == f"snooze:{until}"
    assert stage(put_off, days_before(3)) == "3"
    assert stage(replace(CLOCK, next_remind_on=date(2027, 1, 1)), date(2026, 7, 3)) == "late:2026-07-03"
    earlier = replace(put_off, work_by=until - timedelta(1))
    assert stage(earlier, days_before(8)) == "1", "counted anew, it is due before the day it was put off to"


def test_what_is_put_off_to_a_closed_day_is_told_on_the_business_day_before():
    saturday = date(2026, 6, 27)
    put_off = replace(CLOCK, next_remind_on=saturday)
    assert [stage(put_off, saturday - timedelta(days)) for days in (2, 1)] == [None, f"snooze:{saturday}"]


def test_what_must_be_worked_by_a_closed_day_is_told_on_the_last_business_day_whatever_it_was_put_off_to():
    saturday = date(2026, 11, 14)
    clock = replace(CLOCK, work_by=saturday, printed_due=saturday, next_remind_on=saturday)
    assert [stage(clock, date(2026, 11, day)) for day in (12, 13)] == [None, "0"]
    assert reminders.level(clock, asked(date(2026, 11, 13))) == reminders.LAST_DAY


def test_what_is_put_off_to_a_day_before_the_widest_offset_is_told_on_that_day():
    until = days_before(80)
    put_off = replace(CLOCK, next_remind_on=until)
    assert [stage(put_off, days_before(days)) for days in (81, 80, 31, 30)] == [None, f"snooze:{until}", f"snooze:{until}", "30"]


@given(clocks(), st.integers(0, 90))
def test_whatever_it_was_put_off_to_a_clock_of_ours_is_told_on_that_day_and_on_its_last_business_day(clock, days):
    last = reminders.told_on(clock.work_by)
    until = last - timedelta(days)
    clock = replace(clock, status=ClockStatus.OPEN, owed_by="us", next_remind_on=until)
    for day in (until, clock.work_by):
        said = reminders.told_on(day)
        assert stage(clock, said)
        assert not holidays.closed(said)


@pytest.mark.parametrize(
    ("today", "expected"),
    [
        (days_before(8), "later"),
        (days_before(7), "soon"),
        (days_before(1), "soon"),
        (WORK_BY, "today"),
        (date(2026, 7, 3), "late"),
        (date(2026, 7, 7), "overdue"),
    ],
)
def test_buckets_meet_without_a_gap(today, expected):
    assert reminders.bucket(CLOCK, today, 7) == expected


@given(clocks(), TODAYS, st.integers(0, 30))
def test_every_running_clock_is_in_exactly_one_bucket(clock, today, soon_days):
    rests = clock.status is ClockStatus.TOLLED
    overdue, late = rules.is_overdue(clock, today), rules.is_late(clock, today)
    near = not overdue and not late and not rests and clock.work_by <= today + timedelta(soon_days)
    holds = {
        "overdue": overdue and not rests,
        "late": late and not overdue and not rests,
        "today": near and clock.work_by == today,
        "soon": near and clock.work_by > today,
    }
    holds["later"] = not any(holds.values())
    assert tuple(holds) == reminders.BUCKETS
    assert [name for name, true in holds.items() if true] == [reminders.bucket(clock, today, soon_days)]


@given(clocks(), TODAYS)
def test_the_stage_and_the_rank_agree_and_what_the_house_wanted_is_never_called_overdue(clock, today):
    found, rank = stage(clock, today) or "", reminders.rank(clock, today)
    if found:
        assert found.startswith("overdue:") == rules.is_overdue(clock, today)
        assert (reminders.RANKS[rank] == "overdue") == (found.startswith("overdue:") and clock.hard)
        assert (rank == reminders.STANDING) == (found.startswith("overdue:") and clock.hard and clock.owed_by in reminders.OURS)
    if clock.owed_by in reminders.OURS and clock.status is not ClockStatus.TOLLED:
        assert found.startswith("late:") == (rules.is_late(clock, today) and not rules.is_overdue(clock, today))


def test_the_last_day_is_the_earliest_that_could_be_the_last():
    clock = replace(CLOCK, printed_due=date(2026, 7, 8))
    levels = [reminders.level(clock, asked(date(2026, 7, day))) for day in (1, 2, 6, 8, 9)]
    assert levels == ["n", "n", "l", "l", "o"]
    saturday = replace(CLOCK, legal_due=date(2026, 7, 11), printed_due=None)
    assert [reminders.level(saturday, asked(date(2026, 7, day))) for day in (9, 10)] == ["n", "l"]
    assert reminders.level(replace(CLOCK, owed_by="payer"), asked(date(2026, 7, 6))) == "n"
    assert reminders.level(replace(CLOCK, hard=False), asked(date(2026, 7, 6))) == "n"


def test_what_is_nobodys_goes_to_the_managers_and_without_one_to_everybody():
    people = {"ana": ("ben", ("mia",)), "ben": ("", ("mia",)), "mia": ("", ())}
    found = {(r.owner, r.level): set() for r in reminders.routes(people, ("mia",), tuple(people), lambda account: account)}
    for route in reminders.routes(people, ("mia",), tuple(people), lambda account: f"to {account}"):
        found[route.owner, route.level].add(route.recipient)
        assert route.channel == f"to {route.recipient}"
    assert found["ana", "n"] == {"ana"}
    assert found["ana", "l"] == {"ana", "ben", "mia"}
    assert found["ana", "o"] == {"ana", "mia"}
    assert found["", "n"] == {"mia"}
    assert found[reminders.UNKNOWN, "o"] == {"", "mia"}
    orphans = reminders.routes({"ana": ("", ()), "ben": ("", ())}, (), ("ana", "ben"), lambda account: account)
    assert {route.recipient for route in orphans if route.owner == ""} == {"ana", "ben"}
