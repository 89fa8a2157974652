"""Every cent of a case is in one bucket: what each step, correction, payment and undo does to the money."""

from __future__ import annotations

import pytest
from practice import MEDICAID, Offices, by_line, calling, denied, external, filed, opened, resolved, resubmitted, reviewed

from appeals import money

UNDO = "undo 1 --reason 'wrong case'"
YES = "approve-write-off 1 --as ben"
TWO_LINES = "--line 96365:700.00:700.00:CO-50 --line J3490:500.00:500.00:PR-204"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def held(of):
    """What is where, in dollars, without the empty buckets."""
    found = {bucket: money.cents(of, bucket) / 100 for bucket in (*money.BUCKETS, money.UNANSWERED)}
    return {bucket: amount for bucket, amount in found.items() if amount}


def lines(office):
    return {line.position: held(line) for line in office.situation().lines if not line.voided}


WALKED = [
    (opened(), {"unanswered": 1200}),
    (resolved(), {"paid": 1200}),
    (denied(), {"disputed": 1200}),
    ((*opened(), "2026-11-05 deny 1 --notice 2026-11-04 --amount 600 --paid 400 --contractual 150 --patient-share 50"),
     {"disputed": 600, "paid": 400, "contractual": 150, "patient": 50}),
    ((*opened(), "2026-11-05 deny 1 --notice 2026-11-04 --amount 600"), {"disputed": 600, "unanswered": 600}),
    ((*filed(), "2026-12-21 overturn 1 --decided 2026-12-18"), {"recovered": 1200}),
    ((*filed(), "2026-12-21 partially-overturn 1 --decided 2026-12-18 --amount 400"), {"recovered": 400, "disputed": 800}),
    ((*external(), "2027-01-12 uphold 1 --decided 2027-01-11"), {"lost": 1200}),
    ((*external(), "2027-01-12 partially-overturn 1 --decided 2027-01-11 --amount 400"), {"recovered": 400, "lost": 800}),
    ((*denied(), f"2026-11-10 {YES}", "2026-11-10 write-off 1 --reason cost_exceeds_value"), {"written_off": 1200}),
    ((*opened(), f"2026-11-10 {YES}", "2026-11-10 write-off 1 --reason small_balance"), {"written_off": 1200}),
    ((*denied(), "2027-06-15 expire 1 --cause not_worked --signed 'A. Clerk'"), {"lost": 1200}),
    ((*reviewed(path="bill_other_payer"), "2026-11-09 bill-other-payer 1 --payer 'Another Health' --member-id M-9"), {"other_payer": 1200}),
    ((*reviewed(path="patient_responsibility", code="PR-1"), "2026-11-09 bill-patient 1 --how-met payment_plan"), {"patient": 1200}),
    ((*reviewed(path="patient_responsibility", code="PR-1"), "2026-11-09 bill-patient 1 --how-met package_discount --amount 900"),
     {"patient": 900, "written_off": 300}),
    ((*denied(), "2026-11-09 pay 1 --amount 700 --contractual 300 --patient-share 200"),
     {"recovered": 700, "contractual": 300, "patient": 200}),
    ((*opened(), "2026-11-09 pay 1 --amount 700 --contractual 300 --patient-share 200"), {"paid": 700, "contractual": 300, "patient": 200}),
    ((*calling(denied()), "2026-11-10 peer-overturn 1 --reviewer 'Dr Poe' --reference P-2"), {"recovered": 1200}),
    ((*opened(), "2026-11-05 void 1 --reason duplicate"), {"unanswered": 1200}),
]  # fmt: skip


@pytest.mark.parametrize(("history", "found"), WALKED, ids=[" ".join(h[-1].split()[1:2] + h[-1].split()[3:]) for h, _ in WALKED])
def test_each_step_puts_the_money_where_it_belongs_and_none_is_lost(offices, history, found):
    office = offices.after(*history)
    case = office.case()
    assert held(case) == found
    assert sum(found.values()) * 100 == case.billed_cents == money.total(case)
    office.check()


PUT_RIGHT = [
    (denied(amount="1000"), "--amount 900", {"disputed": 900, "unanswered": 300}),
    (filed(), "--amount 1000", {"disputed": 1000, "unanswered": 200}),
    ((*opened(), "2026-11-05 deny 1 --notice 2026-11-04 --amount 600"), "--paid 450 --contractual 100 --patient-share 50",
     {"disputed": 600, "paid": 450, "contractual": 100, "patient": 50}),
    (denied(), "--amount 1300 --billed 1300", {"disputed": 1300}),
]  # fmt: skip


@pytest.mark.parametrize(("history", "facts", "found"), PUT_RIGHT)
def test_a_correction_moves_the_difference_and_goes_with_the_step_it_corrected(offices, history, facts, found):
    before = offices.after(*history[:1]).case()
    office = offices.after(*history, f"2026-11-10 correct 1 {facts} --reason typo")
    assert held(office.case()) == found
    while office.case().state != "submitted":
        office.do(f"2026-11-10 {UNDO}")
    billed = 1300 if "--billed" in facts else 1200
    assert (held(office.case()), before.disputed_cents) == ({"unanswered": billed}, 0)
    assert [line for line in office.situation().lines if not line.voided] == []
    office.check()


def test_a_correction_of_an_older_notice_does_not_change_what_is_in_dispute_now(offices):
    office = offices.after(*external(), "2026-12-23 correct 1 --level 1 --amount 800 --reason typo")
    assert held(office.case()) == {"disputed": 1200}


MONEY_REFUSED = [
    ((*filed(), "2026-12-21 overturn 1 --decided 2026-12-18"), "correct 1 --amount 1000 --reason typo", 20, "resolved"),
    ((*denied(amount="20"), "2026-11-06 correct 1 --paid 1180 --reason x", "2026-11-06 write-off 1 --reason small_balance"),
     "correct 1 --amount 1200 --reason typo", 20, "resolved"),
    (denied(), "correct 1 --billed 0 --reason typo", 22, "less than"),
    (denied(), "correct 1 --billed 1000 --reason typo", 22, "less than"),
    (denied(), "correct 1 --amount 1300 --reason typo", 22, "more than"),
    (denied(), "correct 1 --paid 10 --reason typo", 22, "more than"),
    (denied(), "mark 1 payment-posted --amount 1200.01", 22, "--interest"),
    (denied(), "reopen 1 --reason takeback --amount 100", 20, "reopen starts from resolved"),
    (resolved(), "reopen 1 --reason takeback --amount 1300", 22, "more than"),
    (opened(), "deny 1 --notice 2026-11-04 --amount 1000 --paid 300", 22, "more than the $1,200.00 billed"),
    (opened(), "deny 1 --notice 2026-11-04 --line 96365:700:600:CO-50:600,CO-45:200", 22, "more than its charge"),
    (calling(denied()), "peer-overturn 1 --reviewer 'Dr Poe' --reference P-2 --amount 400", 20, "partially-overturn"),
    (by_line(denied()), "settle-line 1 --settled 2:600 --to patient --reason x", 22, "Line 2 has $500.00"),
    (by_line(denied()), "settle-line 1 --settled 3 --to patient --reason x", 22, "no line 3; its lines: 1, 2"),
    (by_line(denied()), "settle-line 1 --settled 1 --to patient --reason x", 20, "waiver"),
    (by_line(denied()), "settle-line 1 --settled 1 --settled 2 --to paid --reason x", 20, "`pay` settles it"),
    (by_line(denied()), "settle-line 1 --settled 1 --to written_off --reason x", 50, "second person"),
    (denied(), "settle-line 1 --settled 1 --to paid --reason x", 22, "its lines: none"),
    (by_line(filed()), "partially-overturn 1 --decided 2026-11-20 --amount 300 --won-line 2", 22, "The lines come to $500.00"),
    (by_line(filed()), "partially-overturn 1 --decided 2026-11-20 --won-line 1:300 --rest-given-up", 50, "second person"),
    (by_line(filed()), "partially-overturn 1 --decided 2026-11-20 --amount 300", 21, "Which lines won? In dispute are lines 1, 2"),
    (denied(), "mark 1 payment-posted --amount 0 --contractual 1200", 50, "second person"),
    (denied(), "mark 1 payment-posted --amount 0", 21, "--amount"),
    (denied(), "pay 1 --amount 1 --contractual 1199", 50, "second person"),
    ((*filed(), "2026-12-21 overturn 1 --decided 2026-12-18"), "mark 1 payment-posted --amount 1 --contractual 1199", 50, "second person"),
    ((*denied(), "2026-11-06 correct 1 --amount 0 --reason x"), "write-off 1 --reason small_balance", 20, "not accounted for"),
    (resubmitted(), "void 1 --reason typo", 50, "second person"),
    ((*denied(), "2026-11-06 mark 1 payment-posted --amount 0 --contractual 500"), "mark 1 payment-posted --amount 0 --contractual 200",
     50, "second person"),
    ((*denied(), "2026-11-06 correct 1 --amount 0 --reason x"), "correct 1 --contractual 1200 --reason x", 50, "second person"),
    (opened(), "pay 1 --amount 1", 20, "less than what was billed"),
    (denied(plan=MEDICAID), "pay 1 --amount 1 --patient-share 1199", 20, "Medicaid"),
    (denied(plan=MEDICAID), "mark 1 payment-posted --amount 1 --patient-share 1199", 20, "Medicaid"),
    ((*denied(plan=MEDICAID), "2026-11-06 correct 1 --amount 0 --reason x"), "correct 1 --patient-share 1200 --reason x", 20, "Medicaid"),
    (denied(), "pay 1 --amount 100 --override 'settled'", 50, "second person"),
    (reviewed(path="patient_responsibility", code="PR-1"), "bill-patient 1 --how-met charity --amount 1", 2, ""),
    (reviewed(path="patient_responsibility", code="PR-1"), "bill-patient 1 --how-met package_discount --amount 1", 50, "second person"),
]  # fmt: skip


@pytest.mark.parametrize(("history", "turn", "code", "why"), MONEY_REFUSED, ids=[turn for _h, turn, _c, _w in MONEY_REFUSED])
def test_money_that_cannot_move_so_is_refused_with_the_reason_and_nothing_is_written(offices, history, turn, code, why):
    office = offices.after(*history)
    before = office.everything()
    answer = office.say(f"2026-12-29 {turn}")
    assert (answer.code, office.everything()) == (code, before), answer.err
    assert why in answer.err


def test_lines_go_their_own_ways_and_what_is_won_is_split_by_line(offices):
    settle = "2026-11-10 settle-line 1 --settled 2 --to patient --reason 'PR-204, patient agreed'"
    office = offices.after(*by_line(filed()), settle)
    assert (held(office.case()), lines(office)) == ({"disputed": 700, "patient": 500}, {1: {"disputed": 700}, 2: {"patient": 500}})
    office.do("2026-12-21 partially-overturn 1 --decided 2026-12-18 --won-line 1:300")
    assert lines(office) == {1: {"disputed": 400, "recovered": 300}, 2: {"patient": 500}}
    office.do(f"2026-12-21 {UNDO}", "2026-12-21 undo 1 --reason again")
    assert lines(office) == {1: {"disputed": 700}, 2: {"disputed": 500}}
    office.check()


def test_a_line_settled_moves_no_clock_and_not_the_houses_date_to_work_on_the_rest(offices):
    office = offices.after(*by_line(denied()))
    before = office.running()
    office.do("2026-11-10 settle-line 1 --settled 2 --to paid --reason 'paid on the corrected line'")
    assert office.running() == before
    assert (office.case().posted_cents, held(office.case())) == (50_000, {"disputed": 700, "recovered": 500})


def test_small_pieces_given_up_one_by_one_are_counted_together_against_the_limit(offices):
    three = "--line A:400:400:CO-50 --line B:400:400:CO-50 --line C:400:400:CO-50"
    office = offices.after(*opened(), f"2026-11-05 deny 1 --notice 2026-11-04 {three}")
    give_up = "2026-11-06 settle-line 1 --settled {} --to written_off --reason small"
    office.do(give_up.format("1"))
    assert office.say(give_up.format("2:150")).code == 50
    office.do(f"2026-11-06 {YES}", give_up.format("2:150"))
    assert held(office.case()) == {"disputed": 650, "written_off": 550}


def test_what_was_won_is_owed_until_it_has_come_and_is_never_counted_twice(offices):
    office = offices.after(*filed(), "2026-12-21 overturn 1 --decided 2026-12-18", "2026-12-29 mark 1 payment-posted --amount 700")
    assert (held(office.case()), office.case().posted_cents) == ({"recovered": 1200}, 70_000)
    assert [c.kind for c in office.running()] == ["payment"], "the payer still owes the rest"
    assert "has not come yet" in office.do("2026-12-29 show 1").out
    office.do("2026-12-30 mark 1 payment-posted --amount 300 --contractual 200")
    assert (held(office.case()), office.case().posted_cents, office.running()) == ({"recovered": 1000, "contractual": 200}, 100_000, ())
    office.check()


def test_a_payment_on_an_open_case_leaves_the_rest_in_dispute_and_undo_leaves_it_in_the_bank(offices):
    office = offices.after(*denied(), "2026-11-09 mark 1 payment-posted --amount 400")
    assert (office.case().state, held(office.case()), office.case().posted_cents) == ("denied", {"disputed": 800, "recovered": 400}, 40_000)
    office.do(f"2026-11-10 {UNDO}")
    assert (office.case().state, held(office.case())) == ("submitted", {"recovered": 400, "unanswered": 800})
    office.check()


def test_interest_is_kept_and_is_no_money_of_the_claim(offices):
    office = offices.after(*denied(), "2026-11-09 mark 1 payment-posted --amount 1200 --interest 18.30")
    assert (held(office.case()), office.events()[-1]["facts"]["interest"]) == ({"recovered": 1200}, 1830)


def test_a_takeback_puts_what_was_paid_back_into_dispute(offices):
    office = offices.after(*filed(), "2026-12-21 overturn 1 --decided 2026-12-18", "2026-12-29 mark 1 payment-posted --amount 1200")
    office.do("2027-01-11 reopen 1 --reason takeback --amount 500")
    assert (held(office.case()), office.case().posted_cents) == ({"recovered": 700, "disputed": 500}, 70_000)
    office.do(f"2027-01-11 {UNDO}")
    assert (held(office.case()), office.case().posted_cents) == ({"recovered": 1200}, 120_000)


def test_a_sum_nobody_accounts_for_is_said_and_can_be_put_right(offices):
    office = offices.after(*opened())
    told = office.do("2026-11-05 deny 1 --notice 2026-11-04 --amount 600")
    assert "$600.00 of the $1,200.00 billed is not accounted for" in told.out
    told = office.do("2026-11-06 correct 1 --paid 500 --contractual 100 --reason 'rest of the EOB'")
    assert "not accounted for" not in told.out
    assert "billed $1,200.00: paid $500.00 · contractual $100.00 · in dispute $600.00" in office.do("2026-11-06 show 1").out


def test_the_notice_of_a_request_made_before_the_service_is_the_first_to_speak_of_money(offices):
    office = offices.after(*denied(kind="pre_service"))
    assert (held(office.case()), office.case().billed_cents, money.total(office.case())) == ({"disputed": 1200}, 0, 120_000)
    office.do(f"2026-11-06 {UNDO}")
    assert held(office.case()) == {}


def test_purses_refuse_what_is_not_there_and_never_go_below_nothing(offices):
    purse = money.Purse(offices.after(*denied()).case())
    with pytest.raises(ValueError, match="moves by what it moves"):
        purse.moved(money.DISPUTED, money.LOST, -1)
    with pytest.raises(money.ImpossibleValue, match="more than"):
        purse.moved(money.DISPUTED, money.LOST, 120_001)
