"""Marks through the real command line: dated facts that move no state, and the clocks they start, end and re-date."""

from __future__ import annotations

import re

import pytest
from practice import ADVANTAGE, IN_STATE, Offices, calling, denied, filed, reviewed
from test_bad_input import ROOT

from appeals.services import marks

NEEDS = {
    "denial-added": "--notice 2026-11-09 --amount 300",
    "payment-posted": "--amount 300",
    "owner-changed": "--to ben",
    "proof-added": "--proof-kind note",
    "peer-scheduled": "--date 2026-11-09T15:00",
    "patient-paid": "--amount 300",
    "reimbursement-expected": "--amount 300",
    "fsa-run-out": "--until 2027-03-31",
    "failed-treatment": "--text 'as told'",
    "reminder-snoozed": "--until 2027-02-01 --clock internal --text 'as told'",
}
AFTER = {  # what must have happened before, where a denial is not enough
    "proof-added": filed(),
    "peer-scheduled": calling(denied()),
    "recoupment-answered": (*denied(), "2026-11-06 mark 1 recoupment-notice --date 2026-11-06"),
}
MARKS = (
    "received", "denial-added", "acknowledged", "claim-sent", "claim-accepted", "claim-rejected", "prepared", "proof-added",
    "info-requested", "info-supplied", "extension-notice", "urgency-declared",
    "representative-authorised", "criteria-requested", "parity-analysis-requested", "parity-analysis-received", "failed-treatment",
    "authorisation-obtained", "authorisation-closed", "reviewer-assigned", "patient-paid", "reimbursement-expected", "fsa-run-out",
    "statement-given",
    "peer-scheduled", "payment-posted", "recoupment-notice", "recoupment-answered", "contact", "note", "document-added", "owner-changed",
    "reminder-snoozed",
)  # fmt: skip
NO_CLOCK = ("prepared", "proof-added", "owner-changed", "patient-paid", "reimbursement-expected", "failed-treatment")
WON = (*filed(), "2026-12-21 overturn 1 --decided 2026-12-18")
MEDICARE = "--programme medicare_ffs"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def one(office, kind):
    [clock] = [c for c in office.situation().clocks if c.kind == kind and c.status != "cancelled"]
    return clock


@pytest.mark.parametrize("name", MARKS)
def test_a_mark_is_kept_as_one_entry_and_moves_no_state(offices, name):
    office = offices.after(*AFTER.get(name, denied()))
    before = office.case()
    dated = "" if "--date" in NEEDS.get(name, "") else "--date 2026-11-09"
    said = "" if "--text" in NEEDS.get(name, "") else "--text 'as told'"
    office.do(f"2026-11-10 mark 1 {name} {dated} {said} {NEEDS.get(name, '')}")
    after, event = office.case(), office.events()[-1]
    assert (after.state, after.level, after.outcome, after.version) == (before.state, before.level, before.outcome, before.version + 1)
    assert (event["kind"], event["name"], event["on"], event["facts"]["dated"]) == ("mark", name, "2026-11-10", "2026-11-09")
    [*_, kept] = office.situation().marks
    assert (kept.name, str(kept.dated), kept.text.rpartition("; ")[2]) == (name, "2026-11-09", "as told")
    office.check()


@pytest.mark.parametrize("state", IN_STATE)
def test_a_note_can_be_kept_in_every_state(offices, state):
    office = offices.after(*IN_STATE[state])
    before = office.running()
    office.do("2026-12-01 note 1 'called the payer'")
    assert (office.case().state, office.running()) == (state, before)
    office.check()


def test_a_mark_nobody_knows_is_refused_and_the_known_ones_are_named(offices):
    office = offices.after(*denied())
    before = office.everything()
    answer = office.say("2026-11-10 mark 1 lunch")
    assert (answer.code, office.everything()) == (2, before)
    assert "acknowledged" in answer.err


@pytest.mark.parametrize("name", NEEDS)
def test_a_mark_without_what_it_needs_is_refused_and_writes_nothing(offices, name):
    office = offices.after(*AFTER.get(name, denied()))
    before = office.everything()
    assert (office.say(f"2026-11-10 mark 1 {name}").code, office.everything()) == (21, before)


# Proof of receipt


def test_a_filing_that_must_be_received_waits_for_proof_and_the_proof_meets_it(offices):
    office = offices.after(*filed())
    assert one(office, "file_internal_appeal").status == "sent"
    office.do("2026-11-12 mark 1 received --date 2026-11-11")
    clock = one(office, "file_internal_appeal")
    assert (clock.status, str(clock.ended_on), clock.met_by) == ("met", "2026-11-11", "received")
    [filing] = office.situation().filings
    assert str(filing.received_date) == "2026-11-11"
    office.check()


def test_the_payers_time_to_decide_counts_from_the_day_the_proof_names(offices):
    office = offices.after(*filed())
    assert str(one(office, "decide_appeal").start_date) == "2026-11-09"
    office.do("2026-11-12 mark 1 received --date 2026-11-11")
    clock = one(office, "decide_appeal")
    assert (str(clock.start_date), str(clock.legal_due), clock.start_kind) == ("2026-11-11", "2027-01-10", "received")


def test_a_filing_received_too_late_missed_its_clock(offices):
    last = "2027-05-03"
    how = "--track member_appeal --appellant provider --authority assignment --override 'records follow' --channel mail"
    office = offices.after(*reviewed(), f"{last} file-appeal 1 {how} --sent {last}", "2027-05-05 mark 1 received --date 2027-05-04")
    assert one(office, "file_internal_appeal").status == "missed"


def test_without_proof_of_receipt_the_filing_stays_in_the_lists_when_its_day_has_passed(offices):
    office = offices.after(*filed())
    shown = office.do("2027-05-04 clocks 1 --json").out
    assert "file_internal_appeal" in shown
    office.do("2027-05-04 mark 1 received --date 2026-11-11")
    assert [c.kind for c in office.running() if c.kind.startswith("file_")] == []


@pytest.mark.parametrize(("proof", "due"), [("2026-11-06", "2027-03-06"), ("2026-11-16", "2027-03-16")])
def test_proof_rebuts_the_presumption_of_receipt_both_ways(offices, proof, due):
    office = offices.after(*denied(plan=MEDICARE))
    # 42 CFR 405.942(a)(1): received 5 days after the notice of 2026-11-04 unless there is evidence of another day; then 120 days.
    assert [str(day) for day in (one(office, "file_redetermination").start_date, one(office, "file_redetermination").raw_due)] == [
        "2026-11-09", "2027-03-09",
    ]  # fmt: skip
    office.do(f"2026-11-20 mark 1 received --of denial --date {proof}")
    clock = one(office, "file_redetermination")
    assert (str(clock.start_date), str(clock.raw_due), clock.start_kind) == (proof, due, "received")
    [notice] = office.situation().denials
    assert (str(notice.received_date), notice.received_how) == (proof, "evidence")


def test_a_re_dated_clock_is_still_the_same_clock(offices):
    office = offices.after(*denied())
    before = one(office, "file_internal_appeal").id
    office.do("2026-11-20 mark 1 received --of denial --date 2026-11-12")
    assert one(office, "file_internal_appeal").id == before


@pytest.mark.parametrize(
    ("history", "mark", "code"),
    [
        (denied(), "2026-11-20 mark 1 received --of denial --date 2026-11-03", 22),
        (filed(), "2026-11-20 mark 1 received --of filing --date 2026-11-08", 22),
        (filed(), "2026-11-20 mark 1 received --date 2026-11-21", 22),
        (denied(), "2026-11-20 mark 1 note --date 2026-11-21 --text x", 22),
        (denied(), "2026-11-20 mark 1 received --of filing --date 2026-11-19", 20),
    ],
)
def test_a_receipt_that_cannot_be_is_refused_and_writes_nothing(offices, history, mark, code):
    office = offices.after(*history)
    before = office.everything()
    answer = office.say(mark)
    assert (answer.code, office.everything()) == (code, before), answer.err + answer.out


# Another notice


@pytest.mark.parametrize("state", ["denied", "eob_reviewed", "appeal_filed", "peer_review"])
def test_another_notice_starts_its_own_clocks_and_leaves_the_first_ones_alone(offices, state):
    office = offices.after(*IN_STATE[state])
    before = {c.id: c for c in office.situation().clocks}
    office.do("2026-11-20 mark 1 denial-added --notice 2026-11-19 --amount 300 --code CO-16")
    after = office.situation()
    assert {c.id: c for c in after.clocks if c.id in before} == before
    assert [(c.kind, str(c.start_date)) for c in after.clocks if c.id not in before] == [("file_internal_appeal", "2026-11-19")]
    assert [d.reasons for d in after.denials] == ["CO-50", "CO-16"]
    office.check()


@pytest.mark.parametrize(("state", "instead"), [("submitted", "deny"), ("resolved", "reopen")])
def test_a_notice_that_is_no_second_one_is_refused_with_the_step_to_take(offices, state, instead):
    office = offices.after(*IN_STATE[state])
    before = office.everything()
    answer = office.say("2026-11-20 mark 1 denial-added --notice 2026-11-19 --amount 300")
    assert (answer.code, office.everything()) == (20, before)
    assert instead in answer.err


# House, payment, owner, urgency


def test_an_acknowledged_appeal_is_no_longer_chased(offices):
    office = offices.after(*filed(), "2026-11-12 mark 1 acknowledged --date 2026-11-11")
    clock = one(office, "house_appeal_filed")
    assert (clock.status, str(clock.ended_on), clock.met_by) == ("met", "2026-11-11", "acknowledged")
    office.check()


@pytest.mark.parametrize("history", [denied(), reviewed(), calling(denied())], ids=["denied", "eob_reviewed", "peer_review"])
def test_an_acknowledgement_does_not_do_the_work_the_house_still_waits_for(offices, history):
    office = offices.after(*history)
    house = [c.id for c in office.running() if not c.hard]
    office.do("2026-11-09 mark 1 acknowledged")
    assert [c.id for c in office.running() if not c.hard] == house


def test_the_payers_clock_runs_on_after_a_win_until_the_money_is_posted(offices):
    office = offices.after(*WON)
    [clock] = office.running()
    assert (clock.kind, clock.owed_by) == ("payment", "payer")
    office.do("2027-01-11 mark 1 payment-posted --amount 1200 --date 2027-01-08")
    ended = one(office, "payment")
    assert (office.running(), ended.status, str(ended.ended_on), ended.met_by) == ((), "met", "2027-01-08", "payment-posted")
    assert (office.case().recovered_cents, office.case().posted_cents, office.case().paid_cents) == (120_000, 120_000, 0)
    office.check()


def test_money_that_was_won_is_waited_for_though_the_rest_is_given_up_later(offices):
    again = "2027-01-12 reopen 1 --reason 'one line was forgotten' --amount 100"
    office = offices.after(*WON, again, "2027-01-13 write-off 1 --reason small_balance")
    assert [(c.kind, c.status) for c in office.running()] == [("payment", "open")]
    office.check()


def test_a_payment_that_never_came_is_still_there_when_its_day_has_passed(offices):
    office = offices.after(*WON)
    assert "payment" in office.do("2027-06-15 clocks 1").out


def test_an_owner_is_changed_by_either_word(offices):
    first, second = (
        offices.after(*denied(), "2026-11-10 assign 1 ben"),
        offices.after(*denied(), "2026-11-10 mark 1 owner-changed --to ben"),
    )
    assert (first.case().owner, second.case().owner) == ("ben", "ben")
    assert first.events()[-1]["changes"]["owner"] == ["ana", "ben"]


def test_declared_urgency_makes_the_next_filing_an_urgent_one(offices):
    pre = "pre_service"
    calm = offices.after(*filed(kind=pre, plan=ADVANTAGE))
    assert one(calm, "decide_appeal").due_at is None
    urgent = (
        *reviewed(kind=pre, plan=ADVANTAGE),
        "2026-11-09 mark 1 urgency-declared --text 'Dr Reyes'",
        filed(kind=pre, plan=ADVANTAGE)[-1],
    )
    office = offices.after(*urgent)
    assert office.case().urgency == "expedited"
    assert one(office, "decide_appeal").due_at is not None


# Every mark

ROWS = re.findall(
    r"^\| `([a-z-]+)` \|([^|]*)\|([^|]*)\|([^|]*)\|$", (ROOT / "docs" / "workflow.md").read_text("utf-8").split("## The marks")[1], re.M
)


def test_the_table_of_marks_says_of_each_whose_when_and_what_it_does_to_the_clocks():
    assert [name for name, *_ in ROWS] == [*dict.fromkeys(name for name, *_ in ROWS)]
    assert {name for name, *_ in ROWS} == set(marks.MARKS) == set(MARKS)
    assert all(cell.strip() for row in ROWS for cell in row)


@pytest.mark.parametrize("name", [name for name, _, _, effect in ROWS if effect.strip().startswith("none")])
@pytest.mark.parametrize("history", [denied(), filed()], ids=["denied", "appeal_filed"])
def test_a_mark_the_table_says_does_nothing_to_the_clocks_does_nothing(offices, name, history):
    office = offices.after(*AFTER.get(name, history))
    before = office.situation().clocks
    office.do(f"2026-11-12 mark 1 {name} --date 2026-11-12 {NEEDS.get(name, '')}")
    assert office.situation().clocks == before


@pytest.mark.parametrize("name", marks.EFFECTS)
def test_a_mark_that_starts_or_ends_something_says_so_in_the_table(name):
    [effect] = [effect.strip() for known, _, _, effect in ROWS if known == name]
    assert effect.startswith("none") is (name in NO_CLOCK)


# Every write


def test_the_same_request_id_keeps_a_mark_once(offices):
    office = offices.after(*denied())
    turn = "2026-11-10 note 1 'called' --request-id R-1"
    office.do(turn)
    before = office.everything()
    assert "already done" in office.do(turn).out
    assert office.everything() == before


@pytest.mark.parametrize("name", MARKS)
def test_a_dry_run_of_a_mark_writes_nothing(offices, name):
    office = offices.after(*AFTER.get(name, denied()))
    before = office.everything()
    office.do(f"2026-11-10 mark 1 {name} --dry-run {NEEDS.get(name, '')}")
    assert office.everything() == before
