"""The daily run: once a stage, the same day never twice, missed days once, nothing lost between ledger and log."""

from __future__ import annotations

import json

import pytest
from practice import Offices, denied, filed, resolved


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def told(office, day: str) -> list[tuple[str, str, str]]:
    data = office.do(f"{day} remind --json").data
    return [(r["to"], r["clock"]["kind"], r["stage"]) for r in data["reminders"]]


def test_the_same_day_never_reminds_twice(offices):
    office = offices.after(*denied())
    assert ("ana", "house_denied", "7") in told(office, "2026-11-06")
    before = office.everything()
    assert told(office, "2026-11-06") == []
    assert office.everything() == before


def test_days_the_machine_was_off_are_caught_up_once(offices):
    office = offices.after(*denied())
    first = told(office, "2026-12-20")
    assert len(first) == len({kind for _to, kind, _stage in first}), "each clock once, at its present stage"
    assert told(office, "2026-12-20") == []


def test_overdue_work_is_told_again_each_day(offices):
    office = offices.after(*denied())
    assert ("ana", "house_denied", "overdue:2026-12-01") in told(office, "2026-12-01")
    assert ("ana", "house_denied", "overdue:2026-12-02") in told(office, "2026-12-02")


def test_a_payer_that_let_its_clock_run_out_is_told(offices):
    office = offices.after(*filed())
    assert ("ana", "decide_appeal", "overdue:2027-01-09") in told(office, "2027-01-09")


def test_a_resolved_case_reminds_of_nothing(offices):
    assert told(offices.after(*resolved()), "2027-06-01") == []


def test_each_reminder_has_its_ledger_row_and_its_entry_in_the_trail(offices):
    office = offices.after(*denied())
    count = len(told(office, "2026-12-01"))
    assert len(office.everything()["reminder"]) == count
    with office.store() as store:
        entries = [json.loads(s.text) for s in store.events(case_id=store.situation("1").case.id)]
    assert sum(len(e["facts"]["sent"]) for e in entries if e["name"] == "reminded") == count
    office.check()


def test_a_rehearsal_on_another_day_writes_nothing(offices):
    office = offices.after(*denied())
    before = office.everything()
    assert office.do("2026-12-01 remind --dry-run --json").data["reminders"]
    assert office.everything() == before
