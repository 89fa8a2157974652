"""A fact typed wrong is put right: dates are counted anew, both values stay in the trail, nothing else moves."""

from __future__ import annotations

from datetime import timedelta

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
    office.do("2026-11-10 correct 1 --notice 2026-08-01 --submitted 2026-07-01 --reason 'wrong letter'")
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


# What the payer answered in time, or late, is asked again

NC = "--programme employer --funding insured --grandfathered no --internal-levels 2 --issue-state NC"
URGENT = "--expedited --declared-by 'Dr Reyes' --received 2026-11-09"
UPHELD = "--decided 2027-01-05 --received 2027-01-05"


def answer(office, kind="decide_appeal"):
    """Rule -> how the payer's clock stands, since when, by what."""
    return {c.rule_id: (str(c.status), str(c.ended_on), c.met_by) for c in office.situation().clocks if c.kind == kind}


@pytest.mark.parametrize("step", ["uphold", "overturn", "dismiss --reason late", "partially-overturn --amount 400"])
def test_a_late_decision_was_in_time_where_the_appeal_turns_out_to_have_been_sent_later_and_back(offices, step):
    name, _, more = step.partition(" ")
    office = offices.after(*filed(), f"2027-01-14 {name} 1 --decided 2027-01-13 {more}".strip())
    assert answer(office) == {"ERISA-A-DEC-POST1": ("missed", "2027-01-13", name)}  # 60 days from 9 November: 8 January
    office.do("2027-01-15 correct 1 --level 1 --sent 2026-11-20 --reason 'wrong day on the fax'")
    assert answer(office) == {"ERISA-A-DEC-POST1": ("met", "2027-01-13", name)}
    office.do("2027-01-15 correct 1 --level 1 --sent 2026-11-09 --reason 'it was right'")
    assert answer(office) == {"ERISA-A-DEC-POST1": ("missed", "2027-01-13", name)}
    office.check()


def test_on_a_ladder_of_two_levels_each_clock_of_the_lower_one_is_asked_again(offices):
    office = offices.after(*filed(plan=NC), f"2027-01-06 uphold 1 {UPHELD}")
    assert {status for status, _, _ in answer(office).values()} == {"missed"}
    before = {c.id: c for c in office.situation().clocks if c.level == 2}
    office.do("2027-01-06 correct 1 --level 1 --sent 2026-12-20 --reason 'wrong day on the fax'")
    assert len(answer(office)) == 2
    assert set(answer(office).values()) == {("met", "2027-01-05", "uphold")}
    assert {c.id: c for c in office.situation().clocks if c.level == 2} == before
    office.check()


def test_receipt_proved_after_the_decision_asks_again_too(offices):
    office = offices.after(*filed(), "2027-01-14 uphold 1 --decided 2027-01-13")
    office.do("2027-01-15 correct 1 --level 1 --filing-received 2026-11-16 --reason 'found the receipt'")
    assert answer(office) == {"ERISA-A-DEC-POST1": ("met", "2027-01-13", "uphold")}
    office.check()


def test_an_urgent_decision_is_asked_again_by_the_urgent_rule_it_was_owed_under(offices):
    office = offices.after(*filed(URGENT, kind=PRE), "2026-11-16 uphold 1 --decided 2026-11-16")
    assert answer(office) == {"ERISA-A-DEC-URG": ("missed", "2026-11-16", "uphold")}
    office.do("2026-11-17 correct 1 --level 1 --filing-received 2026-11-14 --reason 'read the wrong stamp'")
    assert answer(office) == {"ERISA-A-DEC-URG": ("met", "2026-11-16", "uphold")}
    office.check()


def test_a_submission_corrected_after_the_answer_asks_again_whether_the_answer_was_in_time(offices):
    office = offices.after(*opened(), "2026-12-10 deny 1 --notice 2026-12-09 --amount 1200 --code CO-50")
    assert answer(office, "decide_claim") == {"ERISA-C-POST-DEC": ("missed", "2026-12-09", "deny")}
    office.do("2026-12-11 correct 1 --submitted 2026-11-15 --reason 'portal receipt'")
    assert answer(office, "decide_claim") == {"ERISA-C-POST-DEC": ("met", "2026-12-09", "deny")}
    office.check()


def test_a_notice_dated_anew_dates_the_answer_it_gave(offices):
    office = offices.after(*opened(), "2026-12-10 deny 1 --notice 2026-12-09 --amount 1200 --code CO-50")
    office.do("2026-12-11 correct 1 --notice 2026-12-01 --reason typo")
    assert answer(office, "decide_claim") == {"ERISA-C-POST-DEC": ("met", "2026-12-01", "deny")}
    office.check()


def test_a_decision_dated_anew_by_its_notice_is_judged_on_that_day_and_so_is_its_filing(offices):
    office = offices.after(*filed(), "2027-01-14 uphold 1 --decided 2027-01-13")
    office.do("2027-01-15 correct 1 --level 2 --notice 2027-01-07 --reason typo")
    assert answer(office) == {"ERISA-A-DEC-POST1": ("met", "2027-01-07", "uphold")}
    assert [str(f.decided_date) for f in office.situation().filings] == ["2027-01-07"]
    before = office.everything()
    assert office.say("2027-01-15 correct 1 --level 2 --notice 2026-11-08 --reason typo").code == 22
    assert office.everything() == before
    office.check()


def test_the_carrying_out_of_a_win_is_counted_anew_from_the_request_it_answers(offices):
    office = offices.after(*filed("--received 2026-11-09", plan=ADVANTAGE, kind=PRE), "2026-11-13 overturn 1 --decided 2026-11-12")
    [before] = [c for c in office.running() if c.kind == "effectuate"]
    office.do("2026-11-14 correct 1 --filing-received 2026-11-11 --reason 'read the wrong stamp'")
    [after] = [c for c in office.running() if c.kind == "effectuate"]
    assert (after.id, after.legal_due - before.legal_due) == (before.id, timedelta(days=2))
    office.check()


def test_a_silence_called_too_early_stays_called_and_the_correction_says_so(offices):
    office = offices.after(*filed(), "2027-01-11 deem-exhausted 1 --reason silence")
    case = office.case()
    [opened_by_silence] = [c for c in office.running() if c.kind == "file_external_review"]
    told = office.do("2027-01-12 correct 1 --level 1 --sent 2026-11-20 --reason 'wrong day on the fax'").out
    assert "called exhausted on 2027-01-11, though by the dates known now the payer had until 2027-01-19" in told
    assert answer(office) == {"ERISA-A-DEC-POST1": ("missed", "2027-01-11", "deem-exhausted")}
    assert (office.case().state, office.case().level) == (case.state, case.level)
    [clock] = [c for c in office.running() if c.kind == "file_external_review"]
    assert (clock.id, str(clock.start_date)) == (opened_by_silence.id, "2027-01-19")
    told = office.do("2027-01-12 correct 1 --level 1 --sent 2026-11-10 --reason 'it was the tenth'").out
    assert "called exhausted" not in told
    office.check()


def test_undo_after_the_correction_brings_back_the_payers_clock_with_the_dates_known_now(offices):
    office = offices.after(*filed(), "2027-01-14 uphold 1 --decided 2027-01-13")
    office.do("2027-01-15 correct 1 --level 1 --sent 2026-11-20 --reason typo", "2027-01-15 undo 1 --reason 'another case'")
    [clock] = [c for c in office.running() if c.kind == "decide_appeal"]
    assert (clock.status, str(clock.legal_due), clock.met_by) == ("open", "2027-01-19", "")
    office.check()
