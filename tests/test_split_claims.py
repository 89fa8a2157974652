"""One claim number, several claims: parts of a split claim, later notices about some of its lines, and claims of other days."""

from __future__ import annotations

import pytest
from practice import EMPLOYER, Offices, denied, filed, opened, resolved, reviewed
from remitting import claim, fates, interchange, payment, remittance, take
from test_claim837 import BATCH, HEAD, VISIT, sent_of
from test_remittance_cases import left, suggested
from write837 import write837

OTHER_DAYS = "this number is a claim's of other days of service: open the case by hand if it is another claim"
LAST_YEAR = "post_service --billed 1200 --service-from 2025-01-05 --service-to 2025-01-05"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


# A number that is used again ------------------------------------------------------------------------------------


@pytest.mark.parametrize("history", [opened, denied, reviewed], ids=["submitted", "denied", "reviewed"])
@pytest.mark.parametrize(("status", "paid", "cas"), [("4", "0", ("CO*50*500",)), ("1", "500", ()), ("22", "-500", ())])
def test_a_claim_of_other_days_and_services_is_no_answer_to_the_case_of_its_number(offices, history, status, paid, cas):
    office = offices.after(*history(plan=EMPLOYER, kind=LAST_YEAR))
    before = office.situation()
    charge = "-500" if status == "22" else "500"
    answer = take(office, remittance(claim("C-1", status, charge, paid, *cas, served="20261015", icn="NEW"), paid=paid))
    assert (answer.code, fates(answer), left(answer)) == (3, {"person": 1}, [OTHER_DAYS])
    assert office.situation() == before
    office.check()


def test_a_service_given_after_the_claim_was_sent_is_another_claims_where_the_case_has_no_days(offices):
    office = offices.after(*resolved())
    answer = take(office, remittance(claim("C-1", "4", "500", "0", "CO*50*500", served="20261115", icn="NEW")))
    assert (fates(answer), left(answer), suggested(office)) == ({"person": 1}, [OTHER_DAYS], [])
    assert OTHER_DAYS in office.do("2026-11-24 intake resolve --list").out
    who = "--same-as 1 --claim C-1 --kind post_service --billed 500 --service-from 2026-11-15 --denied --notice 2026-11-20 --amount 500"
    office.do(f"2026-11-24 open {who} --code CO-50")
    [waiting] = office.do("2026-11-24 intake resolve --list --json").data["left"]
    assert waiting["cases"] == ["A-000001", "A-000002"]
    office.do(f"2026-11-24 intake resolve --left {waiting['ref']} --done --reason 'opened by hand'")
    assert OTHER_DAYS not in office.do("2026-11-24 intake resolve --list").out


def test_a_claim_that_replaces_the_cases_may_bring_other_days(offices):
    office = offices.after()
    take(office, remittance(claim("C-9", "4", "500", "0", "CO*50*500")))
    moved = claim("C-9", "4", "400", "0", "CO*16*400", served="20261104", icn="NEW", more=("REF*F8*ICN-C-9",))
    assert fates(take(office, remittance(moved, trace="T-2"), "two.835")) == {"added": 1}


# Later notices about some of the lines --------------------------------------------------------------------------

BOTH = ("96365 500 0 CO*50*500", "J3490 300 0 CO*197*300")
SENT = write837(
    HEAD,
    BATCH._replace(payer="INVENTED HEALTH"),
    (
        sent_of(
            lines=tuple(
                VISIT[0]._replace(procedure=f"HC:{code}", charge_cents=cents) for code, cents in (("96365", 50_000), ("J3490", 30_000))
            )
        ),
    ),
)
CSV = "Claim Number,Payer,Patient,Status,Notice Date,DOS,CPT,Line,Charge,Paid,Denial Codes,Contractual"


def lines(office, ref="1"):
    return [(line.position, line.procedure, line.charge_cents, line.disputed_cents) for line in office.situation(ref).lines]


def test_a_later_notice_that_names_the_second_line_leaves_the_first_as_it_was(offices):
    office = offices.after()
    take(office, remittance(claim("C-9", "1", "800", "0", icn="I1", lines=BOTH), day="20261110"))
    second = claim("C-9", "4", "300", "0", icn="I2", more=("REF*F8*I1",), lines=BOTH[1:])
    assert fates(take(office, remittance(second, trace="T-2"), "two.835")) == {"added": 1}
    assert lines(office) == [(1, "96365", 50_000, 50_000), (2, "J3490", 30_000, 30_000)]
    assert (office.case().disputed_cents, office.case().billed_cents) == (80_000, 80_000)
    office.check()


@pytest.mark.parametrize("icn", ["I1", ""], ids=["under the same number", "without a number"])
@pytest.mark.parametrize("second", ["300", "500", "700"], ids=["less", "as much", "more"])
def test_a_line_decided_later_stands_behind_the_first_and_both_are_in_dispute(offices, icn, second):
    office = offices.after()
    take(office, remittance(claim("C-9", "4", "500", "0", icn=icn, lines=BOTH[:1]), day="20261110"))
    later = claim("C-9", "4", second, "0", icn=icn, lines=(f"J3490 {second} 0 CO*197*{second}",))
    assert fates(take(office, remittance(later, trace="T-2"), "two.835")) == {"added": 1}
    cents = int(second) * 100
    assert lines(office) == [(1, "96365", 50_000, 50_000), (2, "J3490", cents, cents)]
    assert office.case().disputed_cents == 50_000 + cents
    office.check()


def test_parts_of_a_claim_without_numbers_in_one_file_keep_a_line_each(offices):
    office = offices.after()
    first, second = (claim("C-9", "4", charge, "0", icn="", lines=(line,)) for charge, line in zip(("500", "300"), BOTH, strict=True))
    assert fates(take(office, remittance(first, second))) == {"opened": 1, "added": 1}
    assert [line[1:] for line in lines(office)] == [("96365", 50_000, 50_000), ("J3490", 30_000, 30_000)]
    office.check()


def test_lines_of_a_table_that_are_decided_on_two_days_are_both_kept(offices):
    office = offices.after()
    rows = (
        'C-9,P,"Example, Erin",Denied,2026-11-10,11/02/2026,96365,1,500,0,CO-50,',
        'C-9,P,"Example, Erin",Denied,2026-11-20,11/02/2026,J3490,2,300,0,CO-197,',
    )
    assert fates(take(office, "\n".join((CSV, *rows, "")), "lines.csv", options="--mapping generic-lines")) == {"opened": 1, "added": 1}
    assert [line[1:] for line in lines(office)] == [("96365", 50_000, 50_000), ("J3490", 30_000, 30_000)]
    office.check()


def test_a_line_of_another_order_or_without_its_day_is_still_the_same_line(offices):
    office = offices.after()
    take(office, remittance(claim("C-9", "1", "800", "0", icn="I1", lines=BOTH), day="20261110"))
    turned = claim("C-9", "1", "800", "100", icn="I1", lines=("J3490 300 100 CO*197*200", "96365 500 0 CO*50*500"), served="20261102")
    turned = [segment for segment in turned if not segment.startswith("DTM*472")]
    take(office, remittance(turned, trace="T-2", paid="100"), "two.835")
    assert lines(office) == [(1, "96365", 50_000, 50_000), (2, "J3490", 30_000, 20_000)]
    assert (office.case().disputed_cents, office.case().paid_cents) == (70_000, 10_000)
    office.check()


def test_a_line_the_payer_codes_anew_in_the_same_claim_takes_the_place_of_the_money_of_the_old_one(offices):
    office = offices.after()
    take(office, remittance(claim("C-9", "1", "800", "0", icn="I1", lines=BOTH), day="20261110"))
    recoded = claim("C-9", "1", "800", "0", icn="I1", lines=("96366 500 0 CO*50*500", BOTH[1]))
    take(office, remittance(recoded, trace="T-2"), "two.835")
    assert lines(office) == [(1, "96365", 50_000, 0), (2, "J3490", 30_000, 30_000), (3, "96366", 50_000, 50_000)]
    assert (office.case().disputed_cents, office.case().billed_cents) == (80_000, 80_000)
    office.check()


def test_a_part_of_a_claim_that_was_sent_takes_the_line_that_was_sent(offices):
    office = offices.after()
    take(office, SENT, "claims.837")
    for control, charge, line in (("I1", "300", BOTH[1]), ("I2", "500", BOTH[0])):
        take(office, remittance(claim("C-1", "4", charge, "0", icn=control, lines=(line,)), trace=control), f"{control}.835")
    assert lines(office) == [(1, "96365", 50_000, 50_000), (2, "J3490", 30_000, 30_000)]
    office.check()


# Parts that are paid --------------------------------------------------------------------------------------------

REFUSED, PAID = (
    claim("C-1", "1", "500", "0", icn="I2", lines=("J3490 500 0 CO*50*500",)),
    claim("C-1", "1", "700", "700", icn="I1", lines=("96365 700 700",)),
)


def deadlines(office):
    return [(clock.kind, clock.raw_due) for clock in office.running() if clock.trigger == "denial"]


def test_a_part_that_is_paid_leaves_the_denied_part_in_dispute_and_its_time_running(offices):
    office = offices.after(*opened())
    take(office, remittance(REFUSED))
    before = deadlines(office)
    answer = take(office, remittance(PAID, paid="700", trace="T-2"), "two.835")
    assert (fates(answer), suggested(office), deadlines(office)) == ({"added": 1}, [], before)
    case = office.case()
    assert (case.state, case.paid_cents, case.disputed_cents, case.recovered_cents) == ("denied", 70_000, 50_000, 0)
    assert [(line.procedure, line.paid_cents) for line in office.situation().lines] == [("J3490", 0), ("96365", 70_000)]
    office.check()


def test_a_part_that_is_paid_of_a_claim_that_was_sent_pays_its_own_line(offices):
    office = offices.after()
    take(office, SENT, "claims.837")
    take(office, remittance(claim("C-1", "4", "300", "0", icn="I2", lines=BOTH[1:])), "one.835")
    paid = claim("C-1", "1", "500", "450", icn="I1", lines=("96365 500 450 CO*45*50",))
    assert fates(take(office, remittance(paid, paid="450", trace="T-2"), "two.835")) == {"added": 1}
    found = [(line.paid_cents, line.contractual_cents, line.disputed_cents) for line in office.situation().lines]
    assert found == [(45_000, 5_000, 0), (0, 0, 30_000)]
    assert (office.case().paid_cents, office.case().contractual_cents, office.case().disputed_cents) == (45_000, 5_000, 30_000)
    office.check()


def test_two_parts_that_are_paid_both_count(offices):
    office = offices.after(*opened())
    other = claim("C-1", "1", "500", "500", icn="I2", lines=("J3490 500 500",))
    two = interchange(payment(PAID, paid="700"), payment(other, paid="500", trace="T-2", control="0002"))
    assert fates(take(office, two)) == {"moved": 1, "added": 1}
    assert (office.case().outcome, office.case().paid_cents) == ("paid", 120_000)
    office.check()


def test_the_same_payment_that_comes_under_another_number_from_another_file_is_not_counted_twice(offices):
    office = offices.after(*opened(kind="post_service --billed 2000"))
    take(office, remittance(PAID, paid="700"))
    again = claim("C-1", "1", "700", "700", icn="UC-7", lines=("96365 700 700",))
    answer = take(office, remittance(again, paid="700", trace="T-2"), "two.835")
    assert (fates(answer), office.case().paid_cents) == ({"person": 1}, 70_000)
    assert left(answer) == ["as much was paid for the case before: is it another part of the claim, or the same payment?"]
    office.check()


# A denial that comes to a resolved case -------------------------------------------------------------------------


def test_a_denied_part_behind_the_paid_one_opens_the_case_again_and_takes_nothing_back(offices):
    office = offices.after(*opened())
    answer = take(office, remittance(PAID, REFUSED, paid="700"))
    assert (fates(answer), suggested(office)) == ({"moved": 2}, [])
    case = office.case()
    assert (case.state, case.paid_cents, case.disputed_cents, case.billed_cents) == ("denied", 70_000, 50_000, 120_000)
    assert [(line.procedure, line.denied_cents) for line in office.situation().lines] == [("J3490", 50_000)]
    assert [kind for kind, _due in deadlines(office)] == ["file_internal_appeal"]
    assert "reopen" in [event["name"] for event in office.events()]
    office.check()


def test_the_order_of_a_paid_and_a_denied_part_makes_no_difference(offices):
    found = []
    for parts in ((PAID, REFUSED), (REFUSED, PAID)):
        office = offices.after(*opened())
        take(office, remittance(*parts, paid="700"))
        case = office.case()
        found.append((case.state, case.paid_cents, case.disputed_cents, case.recovered_cents, deadlines(office)))
    assert found[0] == found[1]


def test_a_reversed_and_newly_denied_payment_keeps_the_lines_and_codes_of_the_notice_when_it_is_taken(offices):
    office = offices.after(*resolved())
    two = ("96365 700 0 CO*50*700", "J3490 500 200 CO*197*300")
    anew = claim("C-1", "1", "1200", "200", lines=two, icn="N2")
    take(office, remittance(claim("C-1", "22", "-1200", "-1200"), anew, paid="-1000"))
    office.do("2026-11-24 intake resolve 1 --take")
    case, found = office.case(), office.situation()
    assert (case.state, case.disputed_cents, case.paid_cents) == ("denied", 100_000, 20_000)
    assert lines(office) == [(1, "96365", 70_000, 70_000), (2, "J3490", 50_000, 30_000)]
    assert {(row.group_code, row.carc, row.amount_cents) for row in found.adjustments} == {("CO", "50", 70_000), ("CO", "197", 30_000)}
    office.check()


def test_a_denial_that_is_taken_on_a_case_paid_in_part_takes_what_nobody_had_answered_first(offices):
    office = offices.after(*opened())
    take(office, remittance(PAID, paid="700"))
    take(office, remittance(claim("C-1", "4", "500", "0", icn="I1", lines=("J3490 500 0 CO*50*500",)), trace="T-2"), "two.835")
    assert suggested(office) == ["reopen"]
    office.do("2026-11-24 intake resolve 1 --take")
    case = office.case()
    assert (case.state, case.paid_cents, case.disputed_cents) == ("denied", 70_000, 50_000)
    assert lines(office) == [(1, "J3490", 50_000, 50_000)]
    office.check()


# A second word about one part -----------------------------------------------------------------------------------

FIRST, SECOND = ("96365 700 700",), ("J3490 500 0 CO*50*500",)


def split(offices):
    """A case billed 1,200 whose first part was paid 700 and whose second was denied 500."""
    office = offices.after("2026-11-20 open --patient 'Example, Erin' --payer 'INVENTED HEALTH' --member-id M-1 --claim C-1 --billed 1200")
    take(office, remittance(claim("C-1", "1", "700", "700", icn="I1", lines=FIRST), trace="A-1", paid="700"), "a.835")
    take(office, remittance(claim("C-1", "4", "500", "0", icn="I2", lines=SECOND), trace="A-2"), "b.835")
    return office


def test_a_payment_sent_again_for_one_part_does_not_close_what_is_in_dispute_of_the_other(offices):
    office = split(offices)
    before = office.case()
    answer = take(office, remittance(claim("C-1", "1", "700", "700", icn="I1", lines=FIRST), trace="A-3", paid="700"), "c.835")
    assert (fates(answer), suggested(office)) == ({"person": 1}, [])
    assert office.case() == before


def test_a_second_notice_about_one_part_takes_nothing_from_what_was_paid_for_the_other(offices):
    office = split(offices)
    paid = office.case().paid_cents
    take(
        office, remittance(claim("C-1", "4", "500", "0", icn="I2", lines=("J3490 500 0 CO*197*500",)), trace="A-4", day="20261122"), "c.835"
    )
    assert office.case().paid_cents == paid


def test_a_part_that_is_denied_for_the_first_time_gets_no_later_level_than_the_first(offices):
    office = offices.after(*filed(), "2026-11-24 uphold 1 --decided 2026-11-23 --reason x")
    assert office.case().level == 2
    part = claim("C-1", "4", "500", "0", icn="I9", lines=("J3490 500 0 CO*50*500",))
    known = claim("C-1", "4", "1200", "0", "CO*50*1200", icn="I1")
    take(office, remittance(known, trace="B-1"), "a.835")
    answer = take(office, remittance(part, trace="B-2"), "b.835")
    assert (fates(answer), "first time" in left(answer)[0]) == ({"person": 1}, True)
