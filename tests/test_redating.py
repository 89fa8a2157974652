"""Facts learned later re-date what hangs on them, each by its own kind; time given back is the time that was left."""

from __future__ import annotations

from datetime import date

import pytest
from practice import EMPLOYER, Offices, denied, filed, last_day, reviewed


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def clocks(office) -> dict[str, date]:
    return {c.rule_id: c.legal_due for c in office.running() if c.hard}


def test_a_proved_receipt_re_dates_the_denial_and_keeps_the_clock(offices):
    office = offices.after(*denied())
    [old] = [c for c in office.running() if c.kind == "file_internal_appeal"]
    office.do("2026-11-10 mark 1 received --date 2026-11-09")
    [new] = [c for c in office.running() if c.kind == "file_internal_appeal"]
    assert new.id == old.id
    assert (new.legal_due - old.legal_due).days == 5
    office.check()


def test_plan_facts_learned_later_leave_the_clocks_of_that_plan_only(offices):
    office = offices.after(*denied(plan=""))
    assert len(clocks(office)) > 1
    assert all(c.candidate for c in office.running() if c.hard)
    office.do(f"2026-11-06 coverage 1 {EMPLOYER}")
    assert list(clocks(office)) == ["ERISA-A1-FILE"]
    assert not any(c.candidate for c in office.running())
    office.check()


def test_a_withdrawn_appeal_gives_back_the_date_also_when_its_receipt_was_proved(offices):
    before = clocks(offices.after(*denied()))
    office = offices.after(*filed(), "2026-11-10 mark 1 received --date 2026-11-10", "2026-11-11 withdraw 1 --reason 'corrected instead'")
    assert clocks(office) == before
    office.check()


def test_a_receipt_proved_for_a_dismissal_counts_the_dismissal_not_a_denial(offices):
    history = filed(plan="--programme medicare_advantage")
    day = last_day(history)
    office = offices.after(*history, f"{day} dismiss 1 --decided {day} --reason wrong_place")
    before = {c.rule_id for c in office.running() if c.hard}
    office.do(f"{day} mark 1 received --date {day} --of denial")
    assert {c.rule_id for c in office.running() if c.hard} == before
    office.check()


def test_an_exhaustion_by_silence_is_re_dated_when_the_plan_becomes_known(offices):
    office = offices.after(*filed(plan="--programme employer --funding self_funded --internal-levels 1"), "2027-02-01 deem-exhausted 1")
    assert {c.candidate for c in office.running() if c.trigger == "deemed"} == {True, False} or any(c.candidate for c in office.running())
    office.do(f"2027-02-01 coverage 1 {EMPLOYER}")
    assert [c.rule_id for c in office.running() if c.trigger == "deemed"] == ["ACA-X-FILE"]
    assert not any(c.candidate for c in office.running())
    office.check()


DISPUTE = "--track provider_dispute --appellant provider --enclosed letter_of_medical_necessity --enclosed records"


def test_a_lost_provider_dispute_leaves_the_members_ladder_where_it_was(offices):
    office = offices.after(*reviewed(), f"2026-11-09 file-appeal 1 {DISPUTE} --sent 2026-11-09", "2026-12-21 uphold 1 --decided 2026-12-18")
    assert (office.case().state, office.case().level) == ("denied", 1)
    assert list(clocks(office)) == ["ERISA-A1-FILE"]
    office.check()


def test_an_undo_keeps_what_was_learned_about_the_plan_since(offices):
    office = offices.after(*filed(plan=""), f"2026-11-10 coverage 1 {EMPLOYER}", "2026-11-10 undo 1 --reason 'not sent'")
    assert list(clocks(office)) == ["ERISA-A1-FILE"]
    assert not any(c.candidate for c in office.running())
    office.check()


def test_an_older_notice_is_counted_at_its_own_rung(offices):
    office = offices.after(*filed(plan="--programme employer --funding self_funded --internal-levels 1"), "2027-02-01 deem-exhausted 1")
    before = {c.legal_due for c in office.running() if c.kind == "file_external_review"}
    office.do(f"2027-02-01 coverage 1 {EMPLOYER} --issue-state NC")
    assert {c.legal_due for c in office.running() if c.kind == "file_external_review"} == before
    office.check()


def test_a_case_the_payer_must_send_on_by_law_is_not_upheld_to_a_rung_nobody_files(offices):
    office = offices.after(*filed(plan="--programme medicare_advantage"))
    answer = office.say("2026-12-21 uphold 1 --decided 2026-12-18")
    assert answer.code == 20
    assert "forward" in answer.err


def test_money_won_in_part_is_waited_for_from_the_day_of_the_decision(offices):
    office = offices.after(*filed(), "2026-12-21 partially-overturn 1 --decided 2026-12-18 --amount 400")
    assert [c.start_date for c in office.running() if c.kind == "payment"] == [date(2026, 12, 18)]
    assert office.say("2026-12-21 overturn 1 --decided 2026-12-18 --amount 1").code == 20


def test_a_request_id_of_another_case_or_step_is_refused_and_loses_nothing(offices):
    office = offices.after(*denied(), "2026-11-06 note 1 hello --request-id R-1")
    assert office.say("2026-11-06 review-eob 1 --reviewer X --category other --path appeal --request-id R-1").code == 22
