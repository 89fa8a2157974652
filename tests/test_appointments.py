"""Clocks of our own that a mark starts: the hour of a call, and a takeback that must be answered."""

from __future__ import annotations

import pytest
from practice import Offices, calling, denied, filed, resolved, reviewed

CALLING = calling(denied())
AT = "mark 1 peer-scheduled --date"
SCHEDULED = (*CALLING, f"2026-11-06 {AT} 2026-11-12T15:00")
TAKEBACK = "mark 1 recoupment-notice --date"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def all_of(office, kind):
    return sorted((str(c.due_at or c.work_by), str(c.status), c.met_by) for c in office.situation().clocks if c.kind == kind)


def test_a_scheduled_call_is_an_hour_at_which_we_must_be_at_the_telephone(offices):
    office = offices.after(*SCHEDULED)
    [clock] = [c for c in office.running() if c.kind == "be_at_the_telephone"]
    assert (clock.owed_by, clock.hard, str(clock.work_by)) == ("us", False, "2026-11-12")
    assert f"{clock.due_at:%Y-%m-%dT%H:%MZ}" == "2026-11-12T20:00Z"
    assert [(m.name, str(m.dated), m.text) for m in office.situation().marks] == [
        ("peer-scheduled", "2026-11-12", "Thu 2026-11-12 15:00 EST")
    ]
    office.check()


def test_the_hour_stands_in_the_lists_in_the_practices_own_zone(offices):
    office = offices.after(*SCHEDULED)
    for turn in ("2026-11-12 today", "2026-11-12 clocks 1", "2026-11-12 show 1", "2026-11-12 why 1 telephone"):
        assert "15:00 EST" in office.do(turn).out, turn
    late = offices.after(*calling(denied()), f"2026-11-06 {AT} 2026-11-06T15:00")
    assert "be at the telephone 15:00 EST" in late.do("2026-11-06 queue").out
    assert "be at the telephone 15:00 EST" in late.do("2026-11-06 remind --dry-run").out


def test_a_call_today_is_said_though_a_last_day_by_law_stands_before_it(offices):
    office = offices.after(*CALLING, f"2027-05-01 {AT} 2027-05-03T09:30")
    [item] = office.do("2027-05-03 today --json").data["items"]
    assert item["clock"]["kind"] == "file_internal_appeal"
    assert "A-000001: be at the telephone 09:30 EDT on Mon 2027-05-03" in office.do("2027-05-03 today").out


def test_a_newer_hour_takes_the_place_of_the_older(offices):
    office = offices.after(*SCHEDULED, f"2026-11-10 {AT} 2026-11-13T09:00")
    assert all_of(office, "be_at_the_telephone") == [
        ("2026-11-12 20:00:00+00:00", "cancelled", "peer-scheduled"),
        ("2026-11-13 14:00:00+00:00", "open", ""),
    ]
    office.check()


@pytest.mark.parametrize(
    ("outcome", "status", "by"),
    [
        ("peer-overturn 1 --reviewer 'Dr Poe' --reference P-2", "met", "peer-overturn"),
        ("peer-uphold 1 --reviewer 'Dr Poe' --said 'criteria not met'", "met", "peer-uphold"),
        ("partially-overturn 1 --reviewer 'Dr Poe' --decided 2026-11-12 --amount 400", "met", "partially-overturn"),
        ("peer-missed 1 --why nobody_called", "missed", "peer-missed"),
        ("peer-missed 1 --why cancelled_by_us", "cancelled", "peer-missed"),
        ("pay 1 --amount 1200", "cancelled", "pay"),
        ("undo 1 --reason 'wrong case'", "cancelled", "undo"),
    ],
)
def test_the_outcome_of_the_call_ends_the_hour_and_undo_brings_it_back(offices, outcome, status, by):
    office = offices.after(*SCHEDULED)
    before = all_of(office, "be_at_the_telephone")
    office.do(f"2026-11-12 {outcome}")
    assert all_of(office, "be_at_the_telephone") == [("2026-11-12 20:00:00+00:00", status, by)]
    office.check()
    if not outcome.startswith("undo"):
        office.do("2026-11-12 undo 1 --reason 'wrong case'")
        assert all_of(office, "be_at_the_telephone") == before
        office.check()


@pytest.mark.parametrize(
    ("history", "words", "code", "said"),
    [
        (denied(), f"{AT} 2026-11-12T15:00", 20, "request-peer-review"),
        (CALLING, f"{AT} 2026-11-12", 21, "needs the hour"),
        (CALLING, "mark 1 peer-scheduled", 21, "needs the hour"),
        (CALLING, f"{AT} 2026-11-04T15:00", 22, "before it was asked for"),
        (CALLING, f"{AT} 2027-03-14T02:30", 22, "does not exist"),
        (CALLING, "mark 1 acknowledged --date 2026-11-12", 22, "lies in the future"),
        (denied(), f"{TAKEBACK} 2026-11-12", 22, "lies in the future"),
        (denied(), f"{TAKEBACK} 2026-11-06 --printed-due 2026-11-05", 22, "an earlier day"),
        (denied(), "mark 1 recoupment-answered", 20, "no takeback waits"),
        (resolved(), TAKEBACK + " 2026-11-06", 20, "reopen"),
    ],
)
def test_what_cannot_be_is_refused_and_writes_nothing(offices, history, words, code, said):
    office = offices.after(*history)
    before = office.everything()
    answer = office.say(f"2026-11-06 {words}")
    assert (answer.code, said in answer.err, office.everything()) == (code, True, before), answer.err


# A takeback


@pytest.mark.parametrize("history", [denied(), reviewed(), filed()], ids=["denied", "eob_reviewed", "appeal_filed"])
def test_a_takeback_is_never_without_a_date(offices, history):
    office = offices.after(*history, f"2026-11-12 {TAKEBACK} 2026-11-10")
    [clock] = [c for c in office.running() if c.kind == "answer_takeback"]
    assert (clock.owed_by, clock.hard, str(clock.target_due), str(clock.work_by)) == ("us", False, "2026-11-17", "2026-11-17")
    assert "answer the takeback" in office.do("2026-11-17 clocks 1").out
    office.check()


def test_the_day_a_takeback_prints_is_worked_to_where_it_is_earlier_and_nothing_is_lost_before_the_later(offices):
    early = offices.after(*denied(), f"2026-11-12 {TAKEBACK} 2026-11-10 --printed-due 2026-11-13")
    late = offices.after(*denied(), f"2026-11-12 {TAKEBACK} 2026-11-10 --printed-due 2026-12-10")
    assert [all_of(each, "answer_takeback") for each in (early, late)] == [[("2026-11-13", "open", "")], [("2026-11-17", "open", "")]]
    assert [str(c.printed_due) for c in late.running() if c.kind == "answer_takeback"] == ["2026-12-10"]


def test_a_takeback_waits_through_other_steps_until_it_is_answered(offices):
    office = offices.after(*denied(), f"2026-11-06 {TAKEBACK} 2026-11-05", reviewed()[-1], "2026-11-06 mark 1 acknowledged")
    assert all_of(office, "answer_takeback") == [("2026-11-12", "open", "")]
    office.do("2026-11-10 mark 1 recoupment-answered --date 2026-11-09 --text rebuttal")
    assert all_of(office, "answer_takeback") == [("2026-11-12", "met", "recoupment-answered")]
    office.check()


def test_an_answer_after_the_last_day_missed_it_and_a_newer_notice_takes_the_older_ones_place(offices):
    office = offices.after(*denied(), f"2026-11-06 {TAKEBACK} 2026-11-05", f"2026-11-20 {TAKEBACK} 2026-11-19")
    office.do("2026-11-30 mark 1 recoupment-answered")
    assert all_of(office, "answer_takeback") == [
        ("2026-11-12", "cancelled", "recoupment-notice"),
        ("2026-11-26", "missed", "recoupment-answered"),
    ]
    office.check()


def test_a_case_that_is_resolved_owes_no_answer_to_a_takeback_any_more(offices):
    office = offices.after(*denied(), f"2026-11-06 {TAKEBACK} 2026-11-05", "2026-11-09 pay 1 --amount 1200")
    assert all_of(office, "answer_takeback") == [("2026-11-12", "cancelled", "pay")]
    office.check()
