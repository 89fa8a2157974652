"""Between two daily runs: what cannot wait is told the same day, and nothing else is written, mailed or printed."""

from __future__ import annotations

import pytest
from practice import EMPLOYER, Offices, calling, denied
from test_bad_input import a_quiet_account
from test_posting import configured
from test_smtp import Server

__all__ = ["a_quiet_account"]

PEOPLE = (
    "2026-11-05 person ana --role biller --email ana@clinic.example",
    "2026-11-05 person lee --role manager --email lee@clinic.example",
)
FRIDAY = "2026-11-06"
CALL = f"{FRIDAY} mark 1 peer-scheduled --date 2026-11-06T15:00"
OTHER = (
    f"{FRIDAY} open --patient 'Zz, B' --payer 'Invented Health' --member-id M-2 --claim C-2 --network out --owner ana"
    f" --submitted 2026-11-05 --kind post_service --billed 100 {EMPLOYER} --denied --notice 2026-11-05 --amount 100 --code CO-50"
)


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture
def office(offices):
    return offices.after(*calling(denied()), *PEOPLE)


@pytest.fixture
def kept(tmp_path, monkeypatch):
    with Server("none") as running:
        monkeypatch.setenv("APPEALS_CONFIG", str(configured(tmp_path, running.controller.port)))
        yield running.kept.envelopes


def test_where_nothing_is_new_it_writes_mails_and_prints_nothing(office, kept):
    office.do(f"{FRIDAY} remind")
    before, mails = office.everything(), len(kept)
    for _ in range(3):
        answer = office.do(f"{FRIDAY} remind --between")
        assert (answer.out, answer.err) == ("", "")
    assert (office.everything(), len(kept)) == (before, mails)


def test_a_call_agreed_on_for_the_same_day_is_told_the_same_day_once_and_nobody_else_hears(office, kept):
    office.do(f"{FRIDAY} remind")
    mails = len(kept)
    office.do(CALL)
    assert "15:00" in office.do(f"{FRIDAY} remind --between").out
    told = kept[mails:]
    assert "ana@clinic.example" in {envelope.rcpt_tos[0] for envelope in told}
    assert all(b"nothing due" not in envelope.content for envelope in told), "one sign of life a day"
    assert office.do(f"{FRIDAY} remind --between").out == ""


@pytest.mark.parametrize(
    ("printed", "told"), [("2026-11-06", True), ("2026-11-08", True), ("2026-11-10", False), ("2026-12-31", False)], ids=str
)
def test_a_day_to_work_by_before_the_next_working_day_cannot_wait_and_a_later_one_can(office, printed, told):
    office.do(f"{FRIDAY} remind", f"{OTHER} --printed-due {printed}")
    last = min(row["work_by"] for row in office.do(f"{FRIDAY} show 2 --json").data["clocks"])
    office.do(f"{FRIDAY} remind --dry-run")
    assert ("A-000002" in office.do(f"{FRIDAY} remind --between").out) == told == (last <= "2026-11-08")


def test_what_can_wait_is_told_by_the_next_daily_run(office):
    office.do(f"{FRIDAY} remind", OTHER)
    assert office.do(f"{FRIDAY} remind --between").out == ""
    assert "A-000002" in office.do("2026-11-07 remind").out


def test_it_makes_up_for_a_daily_run_that_did_not_come(office, kept):
    assert "For ana" in office.do(f"{FRIDAY} remind --between").out
    assert {envelope.rcpt_tos[0] for envelope in kept} == {"ana@clinic.example", "lee@clinic.example"}
    assert office.do(f"{FRIDAY} remind --status").code == 0


def test_a_rehearsal_of_it_writes_nothing(office):
    office.do(f"{FRIDAY} remind", CALL)
    before = office.everything()
    assert "15:00" in office.do(f"{FRIDAY} remind --between --dry-run").out
    assert office.everything() == before


def test_a_call_on_the_next_morning_cannot_wait_either(office):
    office.do("2026-11-09 remind", "2026-11-09 mark 1 peer-scheduled --date 2026-11-10T15:00")
    assert "15:00" in office.do("2026-11-09 remind --between").out
