"""What somebody who had only the program stumbled over on the first day, and must not again."""

from __future__ import annotations

import pytest
from practice import ADVANTAGE, EMPLOYER, Offices, denied, filed, opened, reviewed


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def test_the_legal_last_day_stands_before_a_house_target_that_is_longer_past(offices):
    office = offices.after(*denied(plan=ADVANTAGE))
    [item] = office.do("2027-01-05 today --json").data["items"]
    assert item["clock"]["kind"] == "file_reconsideration"
    assert item["bucket"] == "late"
    [item] = office.do("2027-01-20 today --json").data["items"]
    assert (item["clock"]["kind"], item["bucket"]) == ("file_reconsideration", "overdue")


def test_a_house_target_alone_is_late_and_never_called_overdue(offices):
    [item] = offices.after(*denied()).do("2026-12-20 today --json").data["items"]
    assert (item["clock"]["kind"], item["bucket"]) == ("house_denied", "late")


@pytest.mark.parametrize("mark", ["acknowledged", "received"])
def test_the_payers_confirmation_ends_the_chase_and_leaves_its_decision_to_wait_for(offices, mark):
    office = offices.after(*filed(), f"2026-11-12 mark 1 {mark} --date 2026-11-12")
    assert "house_appeal_filed" not in {c.kind for c in office.running()}
    assert "decide_appeal" in {c.kind for c in office.running()}
    office.check()


def test_without_any_other_date_a_confirmation_starts_the_house_clock_anew(offices):
    office = offices.after(*filed(plan="--programme individual --grandfathered yes"), "2026-11-12 mark 1 acknowledged --date 2026-11-12")
    assert [c.start_date.isoformat() for c in office.running() if c.kind == "house_appeal_filed"] == ["2026-11-12"]
    office.check()


def test_paying_less_than_what_is_in_dispute_is_refused_unless_somebody_says_why(offices):
    office = offices.after(*denied())
    before = office.everything()
    answer = office.say("2026-11-06 pay 1 --amount 166.00")
    assert (answer.code, office.everything()) == (20, before)
    assert "payment-posted" in answer.err
    settled = "2026-11-06 pay 1 --amount 166.00 --override 'settled by telephone'"
    assert office.say(settled).code == 50, "what is given up is above the limit"
    office.do("2026-11-06 approve-write-off 1 --as ben", settled)
    case = office.case()
    assert (case.outcome, case.recovered_cents, case.written_off_cents, case.disputed_cents) == ("paid", 16_600, 103_400, 0)


def test_an_appeal_cannot_have_been_sent_before_the_denial_was_written(offices):
    office = offices.after(*reviewed())
    how = "--track member_appeal --appellant patient --enclosed letter_of_medical_necessity --enclosed records"
    assert office.say(f"2026-11-09 file-appeal 1 {how} --sent 2026-11-03").code == 22


def test_a_typed_line_keeps_what_was_paid_and_a_fee_schedule_is_no_denial(offices):
    paper = "--notice 2026-11-04 --line 99214:210:44:CO-45 --line 96365:450:450:PR-204"
    office = offices.after(*opened(), f"2026-11-05 deny 1 {paper}")
    assert (office.case().disputed_cents, office.case().paid_cents) == (45000, 16600)
    assert [(line.paid_cents, line.denied_cents) for line in office.situation().lines] == [(16600, 0), (0, 45000)]


def test_undo_says_which_step_it_takes_back(offices):
    said = offices.after(*filed()).do("2026-11-09 undo 1 --reason 'wrong case' --dry-run").out
    assert "takes back file-appeal of 2026-11-09" in said


def test_words_are_taken_in_american_spelling_and_any_case(offices):
    office = offices.after(*denied(plan=EMPLOYER))
    office.do("2026-11-06 review-eob 1 --reviewer X --category Prior-Authorization --path Appeal")
    assert (office.case().category, office.case().path) == ("prior_authorisation", "appeal")


def test_a_step_from_the_wrong_state_says_where_it_starts(offices):
    answer = offices.after(*denied()).say("2026-11-06 file-appeal 1 --track member_appeal --appellant patient --sent today")
    assert "starts from eob_reviewed" in answer.err
