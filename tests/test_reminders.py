"""What a clock wants on a day: stages, buckets, and reminders that are sent once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appeals import reminders, rules
from appeals.model import RUNNING, Clock, ClockStatus

OFFSETS = (30, 14, 7, 3, 1, 0)
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
    assert reminders.stage(CLOCK, today, OFFSETS) == expected
    assert reminders.stage(replace(CLOCK, owed_by="patient"), today, reversed(OFFSETS)) == expected


@pytest.mark.parametrize("owed_by", ["payer", "reviewer"])
def test_a_payers_clock_wants_nothing_of_us_until_it_has_run_out(owed_by):
    clock = replace(CLOCK, owed_by=owed_by)
    assert [reminders.stage(clock, day, OFFSETS) for day in (days_before(3), WORK_BY, date(2026, 7, 6))] == [None, None, None]
    assert reminders.stage(clock, date(2026, 7, 7), OFFSETS) == "overdue:2026-07-07"


def test_the_printed_date_is_worked_to_when_earlier_and_waited_for_when_later():
    early = replace(CLOCK, printed_due=date(2026, 6, 20), work_by=date(2026, 6, 20))
    assert reminders.stage(early, date(2026, 7, 6), OFFSETS) == "late:2026-07-06"
    later = replace(CLOCK, printed_due=date(2026, 7, 10))
    assert reminders.bucket(later, date(2026, 7, 10), 7) == "late"
    assert reminders.bucket(later, date(2026, 7, 11), 7) == "overdue"


def test_a_filing_without_proof_of_receipt_is_still_reminded_of():
    assert reminders.stage(replace(CLOCK, status=ClockStatus.SENT), WORK_BY, OFFSETS) == "0"


def test_a_tolled_clock_is_at_rest_and_an_ended_one_is_over():
    tolled = replace(CLOCK, status=ClockStatus.TOLLED)
    assert reminders.stage(tolled, date(2026, 7, 7), OFFSETS) is None
    assert reminders.bucket(tolled, date(2026, 7, 7), 7) == "later"
    for status in (ClockStatus.MET, ClockStatus.MISSED, ClockStatus.CANCELLED):
        assert reminders.stage(replace(CLOCK, status=status), date(2026, 7, 7), OFFSETS) is None


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
def test_the_stage_and_the_bucket_agree(clock, today):
    stage, bucket = reminders.stage(clock, today, OFFSETS) or "", reminders.bucket(clock, today, 7)
    assert stage.startswith("overdue:") == (bucket == "overdue")
    if clock.owed_by in reminders.OURS:
        assert stage.startswith("late:") == (bucket == "late")
        assert (stage == "0") == (bucket == "today")


def recipient(clock):
    return "ana"


def run_days(clock, days, sent=frozenset()):
    """What is sent when `remind` runs on these days, with a ledger that remembers."""
    ledger, said = set(sent), []
    for day in days:
        for reminder in reminders.due([clock], day, OFFSETS, ledger, recipient, "terminal"):
            ledger.add(reminder.key)
            said.append((day, reminder.stage))
    return said


def test_a_stage_is_reminded_of_once_however_often_the_day_is_run():
    day = days_before(14)
    assert run_days(CLOCK, [day, day, day + timedelta(1), day + timedelta(2)]) == [(day, "14")]


def test_missed_days_are_caught_up_once():
    sunday, monday = days_before(5), days_before(4)
    assert run_days(CLOCK, [days_before(40), sunday, monday]) == [(sunday, "7")]


def test_late_and_overdue_come_daily():
    days = [date(2026, 7, day) for day in (3, 3, 4, 7, 7, 8)]
    assert [stage for _, stage in run_days(CLOCK, days)] == [
        "late:2026-07-03",
        "late:2026-07-04",
        "overdue:2026-07-07",
        "overdue:2026-07-08",
    ]


def test_another_recipient_or_channel_is_another_reminder():
    [first] = reminders.due([CLOCK], WORK_BY, OFFSETS, set(), recipient, "terminal")
    assert reminders.due([CLOCK], WORK_BY, OFFSETS, {first.key}, recipient, "terminal") == ()
    [second] = reminders.due([CLOCK], WORK_BY, OFFSETS, {first.key}, lambda clock: "ben", "terminal")
    [third] = reminders.due([CLOCK], WORK_BY, OFFSETS, {first.key}, recipient, "mail")
    assert {first.key, second.key, third.key} == {
        ("c1", "0", "ana", "terminal"),
        ("c1", "0", "ben", "terminal"),
        ("c1", "0", "ana", "mail"),
    }


def test_the_tightest_date_comes_first():
    later = replace(CLOCK, id="c0", work_by=WORK_BY + timedelta(1))
    said = reminders.due([later, CLOCK], WORK_BY, OFFSETS, set(), recipient, "terminal")
    assert [each.clock.id for each in said] == ["c1", "c0"]


@given(clocks(), TODAYS, st.sets(st.integers(0, 60), max_size=6))
def test_a_daily_run_that_only_looks_on_the_named_days_misses_no_stage(clock, start, offsets):
    days = [start + timedelta(day) for day in range(130)]
    every_day = {stage for day in days if (stage := reminders.stage(clock, day, offsets))}
    named, day, sent = set(), start, ""
    while (turn := reminders.next_remind_on(clock, day, offsets, sent)) and turn <= days[-1]:
        assert turn >= day
        sent, day = reminders.stage(clock, turn, offsets), turn
        assert sent not in named
        named.add(sent)
    assert named == every_day


def test_a_clock_that_has_ended_is_never_looked_at_again():
    assert reminders.next_remind_on(replace(CLOCK, status=ClockStatus.MET), WORK_BY, OFFSETS) is None
