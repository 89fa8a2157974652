"""What payers answer later to one part of a split claim: during its appeal, against an earlier payment, to lines that are alike."""

from __future__ import annotations

import pytest
from practice import EMPLOYER, Offices
from remitting import DAY, claim, fates, remittance, take
from test_claim837 import BATCH, HEAD, VISIT, sent_of
from test_remittance_cases import suggested, told
from test_split_claims import SENT
from write837 import write837

HAND_OPENED = "2026-11-03 open --patient 'Example, Erin' --payer 'INVENTED HEALTH' --member-id M-1 --claim C-1 --kind post_service"
FIRST, SECOND = "96365 700 700", "J3490 500 0 CO*50*500"
DISPUTED = "96365 700 0 CO*50*700"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def part(icn, *lines, status="1", **how):
    """A part of claim C-1 under a number of its own, charged and paid what its lines are."""
    charge, paid = (str(sum(int(line.split()[at]) for line in lines)) for at in (1, 2))
    return claim("C-1", status, charge, paid, icn=icn, lines=lines, **how)


def without_lines(icn, charge, paid, *at_claim):
    """A part of claim C-1 that gives no lines."""
    told = claim("C-1", "1", charge, paid, icn=icn, at_claim=at_claim)
    return [segment for segment in told if not segment.startswith(("SVC", "DTM*472"))]


def split(offices, *lines, billed="1200"):
    """A case of which each line was answered under a number of its own: I1, I2, ..."""
    office = offices.after(f"{HAND_OPENED} --billed {billed} {EMPLOYER} --network out")
    for at, line in enumerate(lines, 1):
        take(office, remittance(part(f"I{at}", line), trace=f"A-{at}", paid=line.split()[2], day="20261105"), f"{at}.835")
    return office


def appealed(office):
    """The same office with an appeal of what is in dispute, sent on 2026-11-09."""
    office.do(f"{DAY} review-eob 1 --reviewer X --category other --path appeal")
    office.do(f"{DAY} file-appeal 1 --track member_appeal --appellant patient --sent 2026-11-09 --received 2026-11-09")
    return office


def money_of(office):
    return [(line.procedure, line.paid_cents, line.recovered_cents, line.disputed_cents) for line in office.situation().lines]


# Answers to an appeal of one part -------------------------------------------------------------------------------


@pytest.mark.parametrize("control", ["I2", "I3"], ids=["under its number", "as a correction of it"])
def test_a_part_that_wins_something_during_its_appeal_is_proposed_as_won_in_part(offices, control):
    office = appealed(split(offices, FIRST, SECOND))
    more = ("REF*F8*I2",) if control == "I3" else ()
    won = part(control, "J3490 500 200 CO*50*300", more=more)
    assert fates(take(office, remittance(won, trace="A-9", paid="200", day="20261120"), "won.835")) == {"proposed": 1}
    assert suggested(office) == ["partially-overturn"]
    office.do(f"{DAY} intake resolve 1 --take")
    case = office.case()
    assert (case.paid_cents, case.recovered_cents, case.disputed_cents) == (70_000, 20_000, 30_000)
    assert money_of(office) == [("J3490", 0, 20_000, 30_000)]
    office.check()


def test_a_part_that_wins_more_than_it_was_paid_is_won_by_what_is_more(offices):
    office = appealed(split(offices, FIRST, "J3490 500 100 CO*50*400"))
    won = part("I2", "J3490 500 250 CO*50*250")
    take(office, remittance(won, trace="A-9", paid="250", day="20261120"), "won.835")
    office.do(f"{DAY} intake resolve 1 --take")
    assert money_of(office) == [("J3490", 10_000, 15_000, 25_000)]
    office.check()


def test_parts_without_lines_are_told_apart_by_what_files_said_of_each_number(offices):
    office = offices.after(f"{HAND_OPENED} --billed 1200 {EMPLOYER} --network out")
    for icn, charge, paid, off in (("I1", "700", "700", ()), ("I2", "500", "0", ("CO*50*500",))):
        take(office, remittance(without_lines(icn, charge, paid, *off), trace=icn, paid=paid, day="20261105"), icn)
    appealed(office)
    won = without_lines("I2", "500", "200", "CO*50*300")
    take(office, remittance(won, trace="A-9", paid="200", day="20261120"), "won.835")
    assert suggested(office) == ["partially-overturn"]
    office.do(f"{DAY} intake resolve 1 --take")
    assert (office.case().paid_cents, office.case().recovered_cents, office.case().disputed_cents) == (70_000, 20_000, 30_000)


def test_a_part_that_is_paid_no_more_than_before_is_still_upheld(offices):
    office = appealed(split(offices, FIRST, "J3490 500 100 CO*50*400"))
    take(office, remittance(part("I2", "J3490 500 100 CO*50*400"), trace="A-9", paid="100", day="20261120"), "won.835")
    assert suggested(office) == ["uphold"]


# What is paid for one part of what is in dispute ----------------------------------------------------------------


def test_one_of_two_parts_in_dispute_that_is_paid_during_the_appeal_wins_its_own_line_and_leaves_the_other(offices):
    office = appealed(split(offices, DISPUTED, SECOND))
    won = part("I2", "J3490 500 400 CO*45*100")
    assert fates(take(office, remittance(won, trace="A-9", paid="400", day="20261120"), "won.835")) == {"proposed": 1}
    assert suggested(office) == ["partially-overturn"]
    office.do(f"{DAY} intake resolve 1 --take")
    assert (office.case().recovered_cents, office.case().contractual_cents, office.case().disputed_cents) == (40_000, 10_000, 70_000)
    assert money_of(office) == [("96365", 0, 0, 70_000), ("J3490", 0, 40_000, 0)]
    office.check()


def test_one_of_two_parts_in_dispute_that_is_paid_is_proposed_to_be_posted_to_its_line_and_gives_nothing_up(offices):
    office = split(offices, DISPUTED, SECOND)
    won = part("I2", "J3490 500 400 CO*45*100")
    assert fates(take(office, remittance(won, trace="A-9", paid="400", day="20261120"), "won.835")) == {"proposed": 1}
    assert suggested(office) == ["payment-posted"]
    office.do(f"{DAY} intake resolve 1 --take")
    case = office.case()
    assert (case.state, case.recovered_cents, case.contractual_cents, case.disputed_cents) == ("denied", 40_000, 10_000, 70_000)
    assert money_of(office) == [("96365", 0, 0, 70_000), ("J3490", 0, 40_000, 0)]
    office.check()


def test_what_a_contract_took_off_before_is_not_taken_off_the_dispute_again_when_the_rest_is_paid(offices):
    office = split(offices, "96365 1200 0 CO*50*1000 CO*45*200")
    paid = part("I1", "96365 1200 1000 CO*45*200")
    take(office, remittance(paid, trace="A-9", paid="1000", day="20261120"), "won.835")
    office.do(f"{DAY} intake resolve 1 --take")
    case = office.case()
    assert (case.outcome, case.recovered_cents, case.contractual_cents, case.written_off_cents) == ("paid", 100_000, 20_000, 0)
    office.check()


# A payment that is older than the appeal ------------------------------------------------------------------------


@pytest.mark.parametrize("parts", [("96365 1200 0 CO*50*1200",), (DISPUTED, SECOND)], ids=["of all", "of one part"])
def test_a_payment_dated_before_the_appeal_was_sent_is_not_called_its_answer(offices, parts):
    office = appealed(split(offices, *parts))
    line = "96365 1200 1200" if len(parts) == 1 else "J3490 500 500"
    answer = take(office, remittance(part(f"I{len(parts)}", line), trace="A-9", paid=line.split()[2], day="20261108"), "paid.835")
    assert suggested(office) == (["pay"] if len(parts) == 1 else ["payment-posted"])
    assert "before the appeal was sent" in told(answer)[0][0]
    office.do(f"{DAY} intake resolve 1 --take")
    assert (office.case().recovered_cents, office.case().disputed_cents) == ((120_000, 0) if len(parts) == 1 else (50_000, 70_000))
    assert office.case().state == ("resolved" if len(parts) == 1 else "appeal_filed")
    office.check()


def test_a_payment_of_the_day_the_appeal_was_sent_may_answer_it(offices):
    office = appealed(split(offices, "96365 1200 0 CO*50*1200"))
    take(office, remittance(part("I1", "96365 1200 1200"), trace="A-9", paid="1200", day="20261109"), "paid.835")
    assert suggested(office) == ["overturn"]


def test_a_denial_that_lies_on_no_line_is_paid_though_more_was_billed_than_the_claim_charges(offices):
    office = offices.after(f"{HAND_OPENED} --billed 1200 {EMPLOYER} --network out")
    take(office, remittance(claim("C-1", "1", "500", "0", icn="I1", at_claim=("CO*50*500",)), trace="A-1", day="20261105"), "1.835")
    paid = remittance(claim("C-1", "1", "500", "500", icn="I1"), trace="A-2", paid="500", day="20261120")
    assert fates(take(office, paid, "2.835")) == {"proposed": 1}
    assert suggested(office) == ["pay"]


# Lines that are alike -------------------------------------------------------------------------------------------

TWICE = ("96365 500 500", "96365 500 0 CO*50*500")
SENT_TWICE = write837(
    HEAD, BATCH._replace(payer="INVENTED HEALTH"), (sent_of(lines=(VISIT[0]._replace(procedure="HC:96365", charge_cents=50_000),) * 2),)
)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["paid first", "denied first"])
def test_two_equal_lines_that_were_sent_and_are_answered_in_two_parts_count_twice(offices, order):
    office = offices.after()
    take(office, SENT_TWICE, "claims.837")
    for at in order:
        line = TWICE[at]
        take(office, remittance(part(f"I{at}", line), trace=f"A-{at}", paid=line.split()[2], day="20261120"), f"{at}.835")
    case = office.case()
    assert (case.state, case.billed_cents, case.disputed_cents) == ("denied", 100_000, 50_000)
    assert case.paid_cents + case.recovered_cents == 50_000
    assert suggested(office) == []
    office.check()


def test_two_equal_lines_that_one_payment_answers_under_two_numbers_count_twice(offices):
    office = offices.after()
    first, second = (part(icn, "96365 500 0 CO*50*500") for icn in ("I1", "I2"))
    take(office, remittance(first, second))
    assert (office.case().billed_cents, office.case().disputed_cents) == (100_000, 100_000)
    assert money_of(office) == [("96365", 0, 0, 50_000)] * 2
    office.check()


def test_a_line_that_another_payment_answers_again_under_another_number_is_still_that_line(offices):
    office = offices.after()
    take(office, remittance(part("I1", "96365 500 0 CO*50*500"), trace="A-1", day="20261110"))
    take(office, remittance(part("I2", "96365 500 0 CO*197*500"), trace="A-2", day="20261120"), "two.835")
    assert (office.case().billed_cents, office.case().disputed_cents) == (50_000, 50_000)
    assert money_of(office) == [("96365", 0, 0, 50_000)]
    office.check()


# A part that is taken back and decided anew ---------------------------------------------------------------------


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["reversal first", "correction first"])
def test_a_paid_part_that_is_reversed_and_denied_anew_is_in_dispute_beside_the_other_and_the_takeback_is_proposed(offices, order):
    office = split(offices, FIRST, SECOND)
    both = claim("C-1", "22", "-700", "-700", icn="I1", lines=("96365 -700 -700",)), part("I1", DISPUTED)
    answer = take(office, remittance(*(both[at] for at in order), trace="A-9", paid="-700", day="20261120"), "anew.835")
    assert (fates(answer), suggested(office)) == ({"proposed": 1, "added": 1}, ["recoupment-notice"])
    case = office.case()
    assert (case.state, case.paid_cents, case.disputed_cents, case.billed_cents) == ("denied", 0, 120_000, 120_000)
    found = sorted(str(clock.start_date) for clock in office.running() if clock.kind == "file_internal_appeal")
    assert found == ["2026-11-05", "2026-11-20"]
    office.do(f"{DAY} intake resolve 1 --take")
    office.check()


def test_a_part_that_is_reversed_and_denied_anew_leaves_what_the_other_part_was_paid(offices):
    office = offices.after()
    take(office, SENT, "claims.837")
    for at, line in enumerate(("96365 500 500", "J3490 300 100 CO*50*200"), 1):
        take(office, remittance(part(f"I{at}", line), trace=f"A-{at}", paid=line.split()[2], day="20261105"), f"{at}.835")
    before = office.case().disputed_cents
    back = claim("C-1", "22", "-300", "-100", icn="I2", lines=("J3490 -300 -100",))
    take(office, remittance(back, part("I2", "J3490 300 0 CO*50*300"), trace="A-9", paid="-100", day="20261120"), "anew.835")
    case = office.case()
    assert (before, case.state, case.paid_cents + case.recovered_cents, case.disputed_cents) == (20_000, "denied", 50_000, 30_000)
    assert suggested(office) == ["recoupment-notice"]
    office.check()
