"""What a person takes of an import lands on the lines the payer named, and undone it is as it was and asked again."""

from __future__ import annotations

import pytest
from practice import Offices
from remitting import claim, remittance, take
from test_claim837 import BATCH, HEAD, SELF, sent_of
from write837 import write837

from appeals.intake.claim835 import dated
from appeals.intake.remittance import Line
from appeals.model import State

DAY = "2026-11-24"
DENIED = remittance(claim("C-1", "4", "1200", "0", lines=("96365 450 0 CO*50*450", "J3490 750 0 CO*50*750")), day="20261105")
PAID_LATER = remittance(
    claim("C-1", "1", "1200", "900", lines=("96365 450 360 CO*45*45 PR*2*45", "J3490 750 540 CO*45*105 PR*2*105")),
    trace="T-2", paid="900", day="20261119",
)  # fmt: skip
PAID = remittance(
    claim("C-1", "1", "1200", "760", lines=("96365 450 360 CO*45*45 PR*2*45", "J3490 750 400 CO*45*205 PR*2*145")),
    paid="760",
    day="20261105",
)
DECIDED_ANEW = remittance(
    claim("C-1", "22", "-1200", "-760", lines=("96365 -450 -360 CO*45*-45 PR*2*-45", "J3490 -750 -400 CO*45*-205 PR*2*-145")),
    claim("C-1", "1", "1200", "360", icn="ICN-C-1B", lines=("96365 450 360 CO*45*45 PR*2*45", "J3490 750 0 CO*55*750")),
    trace="T-2", paid="-400", day="20261119",
)  # fmt: skip


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def lines(office) -> list[tuple[int, int, int, int]]:
    """Of each line: paid or recovered, contractual, the patient's, in dispute."""
    found = office.situation("1").lines
    return [(one.paid_cents + one.recovered_cents, one.contractual_cents, one.patient_cents, one.disputed_cents) for one in found]


def sent_and_paid(offices):
    """An office with a case that was paid as it was sent."""
    office, served = offices.after(), (dated("472", "20261102"),)
    two = (Line(0, "HC:96365", 45_000, None, "", "1", served), Line(0, "HC:J3490", 75_000, None, "", "1", served))
    take(office, write837(HEAD, BATCH._replace(payer="INVENTED HEALTH", payer_id=""), [sent_of("C-1", SELF, two)]), "sent.837")
    take(office, PAID, "paid.835")
    return office


def test_a_payment_that_is_taken_on_a_denied_case_goes_to_the_lines_the_remittance_names(offices):
    office = offices.after()
    take(office, DENIED, "denied.835")
    take(office, PAID_LATER, "paid.835")
    office.do(f"{DAY} intake resolve 1 --take")
    assert lines(office) == [(36_000, 4_500, 4_500, 0), (54_000, 10_500, 10_500, 0)]
    office.check()


def test_a_payment_taken_by_mistake_is_undone_whole_and_proposed_again(offices):
    office = offices.after()
    take(office, DENIED, "denied.835")
    take(office, PAID_LATER, "paid.835")
    office.do(f"{DAY} intake resolve 1 --take")
    assert "waits again" in office.do(f"{DAY} undo 1 --reason 'the wrong case'").out
    assert lines(office) == [(0, 0, 0, 45_000), (0, 0, 0, 75_000)]
    [proposal] = office.say(f"{DAY} intake resolve --list", "--json").data["proposals"]
    assert (proposal["step"], proposal["status"], proposal["amount_cents"]) == ("pay", "open", 90_000)
    office.do(f"{DAY} intake resolve 1 --take")
    assert lines(office) == [(36_000, 4_500, 4_500, 0), (54_000, 10_500, 10_500, 0)]
    office.check()


def test_a_claim_taken_back_and_decided_anew_is_opened_by_one_step_that_undo_takes_back_whole(offices):
    office = sent_and_paid(offices)
    before = lines(office)
    assert before == [(36_000, 4_500, 4_500, 0), (40_000, 20_500, 14_500, 0)]
    take(office, DECIDED_ANEW, "anew.835")
    for _ in range(2):
        office.do(f"{DAY} intake resolve 1 --take")
        assert (office.case().state, lines(office)) == (State.DENIED, [(36_000, 4_500, 4_500, 0), (0, 0, 0, 75_000)])
        assert "file_internal_appeal" in {clock.kind for clock in office.running("1")}
        office.do(f"{DAY} undo 1 --reason 'the wrong case'")
        assert (office.case().state, office.case().outcome, lines(office)) == (State.RESOLVED, "paid", before)
        assert len(office.say(f"{DAY} intake resolve --list", "--json").data["proposals"]) == 2
    take(office, DECIDED_ANEW, "anew.835", options="--again")
    assert len(office.say(f"{DAY} intake resolve --list", "--json").data["proposals"]) == 2
    office.check()


def test_a_part_that_is_taken_back_beside_a_denial_of_another_part_loses_its_payment_too(offices):
    office = offices.after()
    served = (dated("472", "20261102"),)
    two = (Line(0, "HC:96365", 70_000, None, "", "1", served), Line(0, "HC:J3490", 50_000, None, "", "1", served))
    take(office, write837(HEAD, BATCH._replace(payer="INVENTED HEALTH", payer_id=""), [sent_of("C-1", SELF, two)]), "sent.837")
    take(office, remittance(claim("C-1", "1", "700", "700", icn="A"), paid="700", day="20261105"), "a.835")
    both = claim("C-1", "22", "-700", "-700", icn="A"), claim("C-1", "4", "500", "0", icn="B", lines=("J3490 500 0 CO*50*500",))
    take(office, remittance(*both, trace="T-2", paid="-700", day="20261119"), "b.835")
    steps = [one["step"] for one in office.say(f"{DAY} intake resolve --list", "--json").data["proposals"]]
    assert steps == ["reopen", "reopen"]
    office.do(f"{DAY} intake resolve 1 --take")
    found = office.case()
    assert (found.state, found.paid_cents, found.disputed_cents) == (State.DENIED, 0, 120_000)
    office.check()


def test_a_refused_proposal_stays_refused_when_an_earlier_step_is_undone(offices):
    office = sent_and_paid(offices)
    take(office, DECIDED_ANEW, "anew.835")
    office.do(f"{DAY} intake resolve 1 --refuse --reason 'the payer took it back by telephone'")
    office.do(f"{DAY} undo 1 --reason 'the wrong claim'")
    assert office.say(f"{DAY} intake resolve --list", "--json").data["proposals"] == []
