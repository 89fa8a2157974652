"""Taking back: state, money, rows and clocks as before; nothing erased; and random walks that never lose an event."""

from __future__ import annotations

import pytest
from practice import WAYS, Offices, calling, denied, filed, opened, resolved, reviewed
from walking import live, standing

UNDO = "undo 1 --reason 'wrong case'"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way.step} from {way.source} to {way.to}")
def test_after_undo_state_money_rows_and_clocks_are_as_before_the_step(offices, way):
    office = offices.after(*way.before)
    before = office.situation()
    office.do(way.turn, f"{way.day} {UNDO}")
    assert standing(office.situation()) == standing(before)
    office.check()


@pytest.mark.parametrize("way", WAYS[::5], ids=lambda way: f"{way.step} from {way.source} to {way.to}")
def test_an_undone_step_can_be_taken_again_with_the_same_effect(offices, way):
    once, twice = offices.after(*way.before, way.turn), offices.after(*way.before, way.turn, f"{way.day} {UNDO}", way.turn)
    assert kinds(once) == kinds(twice)
    twice.check()


def kinds(office):
    """Who can be compared between two offices: everything but ids."""
    case = office.case()
    return case.state, case.outcome, case.level, case.disputed_cents, sorted((c.kind, c.status, c.work_by) for c in office.running())


def test_an_undo_is_an_entry_that_names_the_one_it_undoes_and_why_and_erases_nothing(offices):
    office = offices.after(*denied())
    before = office.events()
    office.do(f"2026-11-09 {UNDO}")
    after = office.events()
    assert after[:-1] == before
    assert (after[-1]["name"], after[-1]["undoes"], after[-1]["reason"]) == ("undo", before[-1]["seq"], "wrong case")
    [notice] = office.situation().denials
    assert notice.voided


def test_undo_asks_for_a_reason(offices):
    assert offices.after(*denied()).say("2026-11-09 undo 1").code == 2


def test_the_second_undo_takes_back_the_step_before_and_never_the_undo(offices):
    office = offices.after(*reviewed())
    office.do(f"2026-11-09 {UNDO}")
    assert office.case().state == "denied"
    office.do(f"2026-11-09 {UNDO}")
    assert office.case().state == "submitted"
    _open, deny, review, first, second = office.events()
    assert (first["undoes"], second["undoes"]) == (review["seq"], deny["seq"])


def test_taking_back_the_opening_leaves_a_void_case_and_nothing_more_to_undo(offices):
    office = offices.after(*opened())
    office.do(f"2026-11-05 {UNDO}")
    assert (office.case().state, office.case().outcome, office.running()) == ("resolved", "void", ())
    office.check()
    before = office.everything()
    answer = office.say(f"2026-11-05 {UNDO}")
    assert (answer.code, office.everything()) == (20, before)
    assert "no step is left to undo" in answer.err


def test_a_paper_denial_opened_in_one_command_is_taken_back_in_two(offices):
    paper = opened()[0].replace(" --submitted 2026-11-02", " --denied --notice 2026-11-02 --amount 1200 --code CO-50")
    office = offices.after(paper, f"2026-11-05 {UNDO}")
    assert office.case().state == "submitted"
    office.do(f"2026-11-05 {UNDO}")
    assert (office.case().state, office.case().outcome) == ("resolved", "void")
    office.check()


@pytest.mark.parametrize(
    "history",
    [
        (*calling(opened(kind="pre_service")), "2026-11-05 mark 1 denial-added --notice 2026-11-04 --amount 100", f"2026-11-05 {UNDO}"),
        (*resolved(), "2026-12-01 reopen 1 --reason x", "2026-12-02 mark 1 denial-added --notice 2026-12-01 --amount 100"),
    ],
    ids=["open", "reopen"],
)
def test_an_undo_that_resolves_a_case_leaves_no_clock_that_we_owe(offices, history):
    office = offices.after(*history)
    office.do(f"2026-12-03 {UNDO}")
    assert office.case().state == "resolved"
    assert [c.kind for c in office.running() if c.owed_by in ("us", "patient")] == []


def test_an_undo_keeps_what_was_learned_after_the_step(offices):
    office = offices.after(*denied(), "2026-11-09 assign 1 ben", "2026-11-09 note 1 'called the payer'", f"2026-11-10 {UNDO}")
    assert (office.case().state, office.case().owner) == ("submitted", "ben")
    assert [m.voided for m in office.situation().marks] == [False, False]


def test_proof_of_receipt_outlives_the_undo_of_a_later_step(offices):
    office = offices.after(*denied(), "2026-11-20 mark 1 received --date 2026-11-10 --of denial")
    proven = [(c.start_date, c.legal_due) for c in office.running() if c.kind == "file_internal_appeal"]
    office.do("2026-11-20 review-eob 1 --reviewer X --category other --path appeal", f"2026-11-20 {UNDO}")
    assert [(c.start_date, c.legal_due) for c in office.running() if c.kind == "file_internal_appeal"] == proven
    assert str(proven[0][0]) == "2026-11-10"


def test_a_filing_that_was_taken_back_is_no_longer_pending(offices):
    office = offices.after(*filed(), f"2026-11-09 {UNDO}", *filed()[-1:])
    assert len(live(office.situation().filings)) == 1
    office.do("2026-12-21 uphold 1 --decided 2026-12-18")


def test_a_call_that_was_taken_back_does_not_come_back_with_the_next(offices):
    office = offices.after(*calling(denied()), f"2026-11-05 {UNDO}", *calling(denied())[-1:], "2026-11-09 peer-missed 1 --why not_offered")
    assert [(p.voided, p.outcome) for p in office.situation().peer_reviews if not p.voided] == [(False, "missed")]


def test_undo_is_offered_by_next_and_is_the_same_request_once(offices):
    office = offices.after(*denied())
    assert "undo A-000001" in office.do("2026-11-09 next 1").out
    office.do(f"2026-11-09 {UNDO} --request-id R-1")
    before = office.everything()
    assert "already done" in office.do(f"2026-11-09 {UNDO} --request-id R-1").out
    assert office.everything() == before


BILLED = (*reviewed(path="bill_other_payer"), "2026-11-09 bill-other-payer 1 --payer 'Another Health' --member-id M-9 --network out")


def test_undoing_a_bill_to_another_payer_voids_the_case_it_opened_unless_somebody_worked_on_it(offices):
    office = offices.after(*BILLED)
    assert "the case opened with the other payer is void" in office.do(f"2026-11-09 {UNDO}").out
    assert [(office.case(ref).state, office.case(ref).outcome) for ref in ("1", "2")] == [("eob_reviewed", ""), ("resolved", "void")]
    office.check()
    worked = offices.after(*BILLED, "2026-11-10 note 2 'called them'")
    assert "has moved on and stays" in worked.do(f"2026-11-10 {UNDO}").out
    assert (worked.case("1").state, worked.case("2").state) == ("eob_reviewed", "submitted")
    worked.check()
