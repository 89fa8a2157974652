"""A fact typed wrong is put right: dates are counted anew, both values stay in the trail, nothing else moves."""

from __future__ import annotations

import pytest
from practice import ADVANTAGE, ENCLOSED, Offices, denied, external, filed, opened, reviewed

PRE = "pre_service"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def one(office, kind):
    [clock] = [c for c in office.situation().clocks if c.kind == kind]
    return clock


def test_a_received_date_typed_wrong_re_dates_the_appeal_and_keeps_both_in_the_trail(offices):
    office = offices.after(*denied())
    before = office.case()
    assert str(one(office, "file_internal_appeal").legal_due) == "2027-05-03"
    told = office.do("2026-11-20 correct 1 --received 2026-11-09 --reason 'stamp misread'").out
    assert "last day Sat 2027-05-08" in told
    after = office.case()
    assert (after.state, after.level, after.version) == (before.state, before.level, before.version + 1)
    last = office.events()[-1]
    assert (last["kind"], last["name"], last["reason"]) == ("correction", "correct", "stamp misread")
    [row] = last["facts"]["replaced"]
    assert row["fields"] == {"received_date": [None, "2026-11-09"], "received_how": ["not_recorded", "evidence"]}
    office.check()


def test_a_notice_date_typed_wrong_is_as_if_it_had_been_typed_right(offices):
    office = offices.after(*denied(), "2026-11-06 correct 1 --notice 2026-11-02 --printed-due 2027-04-01 --reason typo")
    right = offices.after(*opened(), "2026-11-05 deny 1 --notice 2026-11-02 --amount 1200 --code CO-50 --printed-due 2027-04-01")
    fields = ("rule_id", "legal_due", "safe_due", "printed_due", "work_by", "arithmetic", "status")
    shown = [sorted(tuple(str(getattr(c, f)) for f in fields) for c in each.running() if c.hard) for each in (office, right)]
    assert shown[0] == shown[1] != []


def test_a_sent_date_typed_wrong_asks_again_whether_it_was_in_time(offices):
    file = f"file-appeal 1 --track member_appeal --appellant patient --channel fax {ENCLOSED} --good-cause hospital"
    late = (*reviewed(plan=ADVANTAGE), f"2027-02-01 {file} --sent 2027-02-01 --received 2027-02-01")
    office = offices.after(*late)
    assert one(office, "file_reconsideration").status == "missed"
    office.do("2027-02-02 correct 1 --sent 2026-12-01 --filing-received 2026-12-02 --reason 'wrong year on the fax'")
    assert one(office, "file_reconsideration").status == "met"
    assert str(one(office, "decide_appeal").start_date) == "2026-12-02"
    office.check()


def test_a_notice_corrected_after_the_appeal_shows_whether_the_appeal_was_in_time(offices):
    office = offices.after(*filed("--received 2026-11-09", plan=ADVANTAGE))
    assert one(office, "file_reconsideration").status == "met"
    office.do("2026-11-10 correct 1 --notice 2026-08-01 --reason 'wrong letter'")
    assert one(office, "file_reconsideration").status == "missed"


def test_an_older_level_is_corrected_by_its_number_and_the_newer_stays(offices):
    office = offices.after(*external())
    newer = [c for c in office.situation().clocks if c.level == 2]
    office.do("2026-12-23 correct 1 --level 1 --received 2026-11-05 --reason 'found the envelope'")
    assert [c for c in office.situation().clocks if c.level == 2] == newer
    assert str(one(office, "file_internal_appeal").legal_due) == "2027-05-04"
    assert one(office, "file_internal_appeal").status in ("met", "sent")


def test_a_submission_corrected_re_dates_the_payers_answer(offices):
    office = offices.after(*opened(kind=PRE), "2026-11-10 correct 1 --submitted 2026-11-05 --reason 'portal receipt'")
    assert str(one(office, "decide_claim").legal_due) == "2026-11-20"


def test_another_notices_running_clock_is_not_taken_for_the_corrected_one(offices):
    added = (*filed(), "2026-11-20 mark 1 denial-added --notice 2026-11-19 --amount 300 --code CO-16")
    office = offices.after(*added)
    running = [c.id for c in office.running() if c.kind == "file_internal_appeal" and c.status == "open"]
    office.do("2026-11-21 correct 1 --level 1 --sent 2026-11-08 --reason typo")
    assert [c.id for c in office.running() if c.kind == "file_internal_appeal" and c.status == "open"] == running != []


def test_an_amount_corrected_moves_what_is_in_dispute_by_the_difference(offices):
    office = offices.after(*denied(amount="1000"), "2026-11-06 correct 1 --amount 900 --reason 'typed the charge'")
    assert office.case().disputed_cents == 90_000
    office.check()


LOST = (*external(), "2026-12-28 uphold 1 --decided 2026-12-28")


def test_a_resolved_case_is_corrected_and_owes_nothing_for_it(offices):
    office = offices.after(*LOST, "2026-12-29 correct 1 --level 2 --received 2026-12-20 --reason 'stamp misread'")
    assert str(one(office, "file_external_review").status) == "met"
    office.check()


REFUSED = [
    (denied(), "--received 2026-11-03", 22, "before the notice was written"),
    (denied(), "--received 2026-12-30", 22, "lies in the future"),
    (denied(), "--amount 5000", 22, "more than the"),
    (denied(), "--sent 2026-11-05", 21, "no filing"),
    (denied(), "--level 4 --notice 2026-11-05", 21, "no notice at level 4"),
    (denied(), "", 21, "nothing was given"),
    (filed(), "--filing-received 2026-11-02", 22, "before it was sent"),
    (filed(), "--notice 2026-11-10", 22, "before the notice of 2026-11-10 it answers"),
    (filed(), "--sent 2026-11-03", 22, "before the notice of 2026-11-04 it answers"),
    (LOST, "--level 1 --notice 2026-11-10", 22, "it answers"),
    (LOST, "--level 2 --sent 2026-12-10", 22, "it answers"),
]


@pytest.mark.parametrize(("history", "words", "code", "said"), REFUSED)
def test_a_correction_that_cannot_be_is_refused_and_writes_nothing(offices, history, words, code, said):
    office = offices.after(*history)
    before = office.everything()
    day = history[-1].split()[0] if history is LOST else "2026-11-20"
    answer = office.say(f"{day} correct 1 {words} --reason typo")
    assert (answer.code, said in answer.err.lower(), office.everything()) == (code, True, before), answer.err
