"""A clock that should run does, and one that should not does not: plans corrected twice, steps undone, silence, two filings."""

from __future__ import annotations

import json

import pytest
from practice import ADVANTAGE, BOTH, EMPLOYER, ENCLOSED, INTERNAL, URGENT, Offices, calling, denied, external, filed, opened, reviewed
from test_bad_input import a_quiet_account, typed
from test_contracts import written

from appeals.model import ClockStatus

__all__ = ["a_quiet_account"]

PRE = "pre_service"
REVIEW_AGAIN = "review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path appeal"
NEXT = f"--appellant patient --channel fax {ENCLOSED}"
FFS = "--programme medicare_ffs"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def dates(office, *, ours=True):
    """Rule -> last day, of the law's clocks that run."""
    return {c.rule_id: str(c.legal_due) for c in office.running() if c.hard and (c.owed_by in ("us", "patient")) == ours}


def has(office, rule):
    [clock] = [c for c in office.situation().clocks if c.rule_id == rule]
    return str(clock.status)


# --- plans corrected more than once


@pytest.mark.parametrize(
    ("first", "wrong", "back"),
    [
        ("", "--programme employer", "--programme medicaid_ffs --issue-state NC"),
        (EMPLOYER, "--programme tricare", EMPLOYER),
        (EMPLOYER, "--programme medicare_advantage", EMPLOYER),
    ],
)
def test_a_plan_corrected_twice_has_the_dates_it_would_have_had_at_once(offices, first, wrong, back):
    office = offices.after(*denied(plan=first))
    office.do(f"2026-11-06 coverage 1 {wrong}", f"2026-11-07 coverage 1 {back}")
    at_once = offices.after(*denied(plan=back))
    assert dates(office) == dates(at_once) != {}
    office.check()


HISTORIES = {
    "submitted": opened(),
    "requested": opened(kind=PRE),
    "denied": denied(),
    "reviewed": reviewed(),
    "calling": calling(denied()),
    "filed": filed(),
    "filed and received": filed("--received 2026-11-09"),
    "two filings": BOTH,
    "dismissed": (*filed("--received 2026-11-09"), "2026-11-20 dismiss 1 --decided 2026-11-19 --reason late"),
    "withdrawn": (*filed("--received 2026-11-09"), "2026-11-20 withdraw 1 --reason x"),
    "at the next level": (*filed("--received 2026-11-09"), "2026-12-21 uphold 1 --decided 2026-12-18 --received 2026-12-21"),
    "external review": external(),
}
OTHERS = (
    "--programme tricare",
    "--programme medicare_advantage",
    "--programme medicare_ffs",
    "--programme medicaid_managed_care --issue-state NC",
    "--programme fehb",
    "--programme individual --issue-state NC",
    "--programme unknown --funding unknown --grandfathered unknown --internal-levels unknown",
)


@pytest.mark.parametrize("other", OTHERS)
@pytest.mark.parametrize("history", list(HISTORIES.values()), ids=list(HISTORIES))
def test_a_plan_changed_and_changed_back_leaves_every_clock_as_it_was(offices, history, other):
    office = offices.after(*history)
    before = sorted((c.rule_id, c.level, str(c.status), str(c.legal_due), str(c.due_at)) for c in office.running())
    back = f"{EMPLOYER} --issue-state unknown"
    office.do(f"2026-12-28 coverage 1 {other}", f"2026-12-28 coverage 1 {back}")
    assert sorted((c.rule_id, c.level, str(c.status), str(c.legal_due), str(c.due_at)) for c in office.running()) == before
    office.check()


def test_a_plan_corrected_while_a_call_is_asked_for_keeps_the_appeals_date(offices):
    office = offices.after(*calling(denied()))
    office.do("2026-11-06 coverage 1 --programme tricare", f"2026-11-06 coverage 1 {EMPLOYER}")
    assert dates(office) == dates(offices.after(*denied()))


def test_a_pending_appeals_clocks_come_back_with_its_plan(offices):
    office = offices.after(*filed(plan=ADVANTAGE))
    before = {c.rule_id: (c.status, c.legal_due) for c in office.running()}
    office.do(f"2026-11-10 coverage 1 {EMPLOYER}", f"2026-11-10 coverage 1 {ADVANTAGE}")
    assert {c.rule_id: (c.status, c.legal_due) for c in office.running()} == before


# --- undo


@pytest.mark.parametrize(
    ("history", "later"),
    [
        (denied(), ("2026-11-06 coverage 1 --programme tricare",)),
        (filed(), ("2026-11-10 coverage 1 --internal-levels 2",)),
        (filed(), ("2026-11-12 mark 1 info-requested --date 2026-11-11",)),
    ],
)
def test_undoing_a_step_ends_what_later_entries_started_on_its_rows(offices, history, later):
    office = offices.after(*history, *later)
    office.do("2026-11-13 undo 1 --reason 'wrong case'")
    situation = office.situation()
    gone = {row.id for rows in (situation.denials, situation.filings) for row in rows if row.voided}
    assert gone
    assert [c.rule_id for c in office.running() if c.trigger_id in gone] == []
    office.check()


def test_undoing_a_denial_ends_what_a_contract_applied_later_started_on_it(offices, tmp_path):
    office = offices.after(*denied(), f"2026-11-06 rules load {written(tmp_path)}", "2026-11-06 rules apply")
    assert any(c.regime.startswith("contract:") for c in office.running())
    office.do("2026-11-13 undo 1 --reason 'wrong case'")
    assert not [c for c in office.running() if c.regime.startswith("contract:")]


# --- silence


def test_a_silent_dispute_under_a_contract_exhausts_nothing(offices, tmp_path):
    dispute = f"--track provider_dispute --appellant provider --channel fax {ENCLOSED}"
    start = (*opened(), f"2026-11-04 rules load {written(tmp_path)}", *reviewed()[1:])
    office = offices.after(*start, f"2026-11-09 file-appeal 1 {dispute} --sent 2026-11-09 --received 2026-11-09")
    answer = office.say("2027-06-01 deem-exhausted 1 --reason silent")
    assert (answer.code, "no decision clock" in answer.err) == (20, True)


def test_the_silence_of_the_plan_leaves_the_external_review_beside_it_pending(offices):
    office = offices.after(*BOTH, "2026-11-20 deem-exhausted 1 --reason silent")
    outcomes = {f.track: f.outcome for f in office.situation().filings}
    assert outcomes == {"member_appeal": "deemed_exhausted", "external_review": ""}
    assert (str(office.case().state), office.case().level) == ("appeal_filed", 2)
    assert [str(c.status) for c in office.running() if c.kind == "file_external_review"] == ["sent"]
    office.do("2026-11-20 overturn 1 --decided 2026-11-19")
    assert office.case().outcome == "overturned"
    office.check()


def test_silence_at_the_first_of_two_internal_levels_opens_external_review(offices):
    plan = EMPLOYER.replace("--internal-levels 1", "--internal-levels 2")
    office = offices.after(*filed("--received 2026-11-09", plan=plan), "2027-02-01 deem-exhausted 1 --reason silent")
    assert office.case().level == 3
    assert "ACA-X-FILE" in dates(office)
    office.do(f"2027-02-02 {REVIEW_AGAIN}", f"2027-02-02 file-appeal 1 --track external_review --sent 2027-02-02 {NEXT}")


def test_a_silence_is_counted_from_law_that_was_read(offices):
    plan = "--programme individual --issue-state NC --grandfathered no"
    office = offices.after(*filed("--received 2026-11-09", plan=plan))
    assert {c.verified for c in office.running() if c.kind == "decide_appeal"} == {True, False}
    early = office.say("2026-12-15 deem-exhausted 1 --reason silent")
    assert (early.code, "a time that nobody has read" in early.err, "2027-01-08" in early.err) == (20, True, True)
    office.do("2027-01-15 deem-exhausted 1 --reason silent")
    [window] = [c for c in office.running() if c.kind == "file_external_review"]
    assert str(window.start_date) == "2027-01-08"


def test_a_silence_counted_from_the_day_of_sending_says_so(offices):
    office = offices.after(*filed())
    assert "prove when it was received" in office.do("2027-02-01 clocks 1").out
    proved = offices.after(*filed("--received 2026-11-09"))
    assert "prove when it was received" not in proved.do("2027-02-01 clocks 1").out


def test_a_case_escalated_over_a_silent_reviewer_has_the_longer_time_to_be_decided(offices):
    history = (
        *filed("--received 2026-11-09", plan=f"{FFS} --internal-levels 1"),
        "2026-12-21 uphold 1 --decided 2026-12-18 --received 2026-12-21",
        f"2026-12-22 {REVIEW_AGAIN}",
        f"2026-12-22 file-appeal 1 --track member_appeal --sent 2026-12-22 --received 2026-12-22 {NEXT}",
        "2027-03-01 deem-exhausted 1 --reason silent",
        f"2027-03-01 {REVIEW_AGAIN}",
    )
    office = offices.after(*history)
    office.do(f"2027-03-02 file-appeal 1 --track hearing --sent 2027-03-02 --received 2027-03-02 {NEXT}")
    assert dates(office, ours=False) == {"MCR-3-DEC-ESC": "2027-08-29"}


# --- what was given back is counted by the plan that is known now

CHANGED = f"2026-11-10 coverage 1 {ADVANTAGE}"


def test_a_denial_newer_than_the_appeal_is_not_met_by_it(offices):
    added = "2026-11-12 mark 1 denial-added --notice 2026-11-11 --amount 300 --code CO-50"
    office = offices.after(*filed("--received 2026-11-09"), added, f"2026-11-13 coverage 1 {ADVANTAGE}")
    assert dates(office) == {"MA-R-FILE": "2027-01-15"}
    office.do(f"2026-11-13 coverage 1 {EMPLOYER}")
    assert dates(office) == {"ERISA-A1-FILE": "2027-05-10"}


@pytest.mark.parametrize(
    "back",
    ["withdraw 1 --reason x", "dismiss 1 --decided 2026-11-19 --reason late", "undo 1 --reason x"],
    ids=["withdraw", "dismiss", "undo"],
)
def test_the_time_to_file_that_is_given_back_is_the_right_plans(offices, back):
    office = offices.after(*filed("--received 2026-11-09"), CHANGED)
    office.do(f"2026-11-20 {back}")
    assert dates(office)["MA-R-FILE"] == "2027-01-08"
    assert "ERISA-A1-FILE" not in dates(office)
    assert [str(c.status) for c in office.running() if c.rule_id == "MA-R-FILE"] == ["open"]
    office.check()


@pytest.mark.parametrize("back", ["undo 1 --reason x", "reopen 1 --reason takeback"])
def test_a_case_that_comes_back_after_its_plan_was_corrected_has_that_plans_date(offices, back):
    office = offices.after(*denied(), "2026-11-09 pay 1 --amount 1200", CHANGED, f"2026-11-20 {back}")
    assert dates(office) == {"MA-R-FILE": "2027-01-08"}
    office.check()


def test_a_denial_undone_after_its_plan_was_corrected_gives_the_payer_that_plans_time(offices):
    office = offices.after(*denied(kind=PRE), CHANGED, "2026-11-11 undo 1 --reason x")
    assert dates(office, ours=False) == dates(offices.after(*opened(kind=PRE, plan=ADVANTAGE)), ours=False) != {}


def test_undo_leaves_no_appeal_as_sent_that_never_was(offices):
    office = offices.after(*filed(), CHANGED, "2026-11-20 undo 1 --reason x")
    assert [(c.rule_id, str(c.status)) for c in office.running() if c.hard] == [("MA-R-FILE", "open")]


def test_a_sent_appeals_clock_survives_a_plan_that_counts_from_sending(offices):
    office = offices.after(*filed(), "2026-11-10 coverage 1 --programme tricare", f"2026-11-11 coverage 1 {EMPLOYER}")
    assert has(office, "ERISA-A1-FILE") == "sent"
    office.do("2027-05-20 mark 1 received --date 2027-05-19")
    assert has(office, "ERISA-A1-FILE") == "missed"


def test_a_contract_applied_while_an_appeal_is_pending_starts_its_clocks(offices, tmp_path):
    office = offices.after(*filed("--received 2026-11-09"), f"2026-11-10 rules load {written(tmp_path)}", "2026-11-10 rules apply")
    assert {"file_provider_dispute", "corrected_claim"} <= {c.kind for c in office.running()}


def test_a_withdrawn_filing_takes_every_clock_of_its_own_with_it(offices):
    office = offices.after(*filed("--received 2026-11-09", plan=ADVANTAGE), "2027-01-12 forward 1 --received 2027-01-11")
    office.do("2027-01-13 withdraw 1 --reason x")
    assert has(office, "MA-IRE-EVID") == "cancelled"


def test_a_denial_ends_what_was_asked_about_the_claim(offices):
    office = offices.after(*opened(), "2026-11-04 mark 1 info-requested --date 2026-11-04", *denied()[1:])
    assert has(office, "ERISA-C-INFO45") == "cancelled"


# --- two filings at once


@pytest.mark.parametrize("end", ["withdraw 1 --reason x", "dismiss 1 --decided 2026-11-12 --reason late"], ids=["withdraw", "dismiss"])
@pytest.mark.parametrize(
    "first",
    [
        f"uphold 1 {INTERNAL} --decided 2026-11-11 --received 2026-11-12",
        f"partially-overturn 1 {INTERNAL} --decided 2026-11-11 --amount 400",
    ],
    ids=["upheld", "partly won"],
)
def test_the_final_denial_keeps_its_four_months_when_the_review_beside_it_comes_to_nothing(offices, first, end):
    office = offices.after(*BOTH, f"2026-11-12 {first}", f"2026-11-13 {end}")
    [window] = [c for c in office.running() if c.kind == "file_external_review"]
    assert (str(window.status), str(window.legal_due) >= "2027-03-11") == ("open", True)
    office.check()


def test_silence_beside_an_external_review_that_comes_to_nothing_opens_it_again(offices):
    office = offices.after(*BOTH, "2026-11-20 deem-exhausted 1 --reason silent", "2026-11-21 withdraw 1 --reason x")
    assert [str(c.status) for c in office.running() if c.kind == "file_external_review"] == ["open"]
    office.check()


def test_beside_two_internal_levels_the_second_keeps_its_date(offices):
    two = EMPLOYER.replace("--internal-levels 1", "--internal-levels 2")
    both = (*filed(URGENT, kind=PRE, plan=two), BOTH[-1])
    office = offices.after(*both)
    assert {f.track: f.level for f in office.situation().filings} == {"member_appeal": 1, "external_review": 3}
    office.do(f"2026-11-12 uphold 1 {INTERNAL} --decided 2026-11-11", "2026-11-13 dismiss 1 --decided 2026-11-12 --reason late")
    assert (str(office.case().state), office.case().level) == ("denied", 2)
    assert "second" in office.do("2026-11-13 show 1").out  # no section gives this level a time of its own, which is said
    office.do("2026-11-14 review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path appeal")
    office.do(f"2026-11-14 file-appeal 1 --track member_appeal --sent 2026-11-14 {NEXT}")
    silent = offices.after(*both, "2026-11-20 deem-exhausted 1 --reason silent")
    assert silent.case().level == 3
    silent.do("2026-11-21 uphold 1 --decided 2026-11-20")
    assert (str(silent.case().state), silent.case().outcome) == ("resolved", "upheld")


def test_an_external_decision_climbs_no_rung_when_the_internal_appeal_came_to_nothing(offices):
    office = offices.after(*BOTH, f"2026-11-12 dismiss 1 {INTERNAL} --decided 2026-11-11 --reason late")
    office.do("2026-11-13 uphold 1 --decided 2026-11-12 --received 2026-11-13")
    assert (str(office.case().state), office.case().level) == ("denied", 1)
    assert [c.kind for c in office.running() if c.kind.startswith("file_")] == ["file_internal_appeal"]
    office.check()


def test_the_second_of_two_filings_is_decided_after_the_first_whichever_comes_first(offices):
    office = offices.after(*BOTH, f"2026-11-12 uphold 1 {INTERNAL} --decided 2026-11-11")
    office.do("2026-11-13 uphold 1 --decided 2026-11-12")
    assert (str(office.case().state), office.case().outcome) == ("resolved", "upheld")
    other = offices.after(*BOTH, "2026-11-12 uphold 1 --filing external_review --decided 2026-11-11")
    other.do("2026-11-13 uphold 1 --decided 2026-11-12")
    assert (str(other.case().state), other.case().outcome) == ("resolved", "upheld")
    office.check()
    other.check()


def test_an_expedited_external_review_does_not_take_the_place_of_the_internal_appeal(offices):
    office = offices.after(*reviewed(kind=PRE))
    answer = office.say(f"2026-11-09 file-appeal 1 --track external_review --expedited --declared-by 'Dr Reyes' --sent 2026-11-09 {NEXT}")
    assert (answer.code, "another level" in answer.err) == (20, True)


def test_proof_of_receipt_says_which_of_two_filings_it_is_of(offices):
    office = offices.after(*BOTH)
    asked = office.say("2026-11-12 mark 1 received --date 2026-11-11")
    assert (asked.code, "--filing member_appeal|external_review" in asked.err) == (21, True)
    office.do("2026-11-12 mark 1 received --date 2026-11-11 --filing external_review")
    assert {f.track: str(f.received_date) for f in office.situation().filings}["external_review"] == "2026-11-11"


# --- urgency


def test_an_urgent_request_has_its_hours_from_the_moment_it_was_submitted(offices):
    who = "--patient 'Example, Erin' --payer 'Invented Health' --member-id M-1 --claim C-1"
    office = offices.after(f"2026-11-03 open {who} --kind pre_service --expedited --submitted 2026-11-02T15:00 {EMPLOYER}")
    [clock] = [c for c in office.running() if c.kind == "decide_claim"]
    assert str(clock.due_at) == "2026-11-05 20:00:00+00:00"
    office.do("2026-11-03 coverage 1 --internal-levels 2")
    [again] = [c for c in office.running() if c.kind == "decide_claim"]
    assert again.due_at == clock.due_at


def test_what_is_pending_is_counted_as_urgent_from_the_day_it_was_declared_so(offices):
    claim = offices.after(*opened(kind=PRE), "2026-11-10 mark 1 urgency-declared --date 2026-11-09")
    assert set(dates(claim, ours=False)) == {"ERISA-C-URG-DEC"}
    appeal = offices.after(*filed("--received 2026-11-09", kind=PRE), "2026-11-20 mark 1 urgency-declared --date 2026-11-19")
    [clock] = [c for c in appeal.running() if c.kind == "decide_appeal"]
    assert (clock.rule_id, str(clock.start_date)) == ("ERISA-A-DEC-URG", "2026-11-19")
    assert has(appeal, "ERISA-A-DEC-PRE1") == ClockStatus.CANCELLED
    appeal.check()


@pytest.mark.parametrize(
    ("history", "turns"),
    [
        (filed("--received 2026-11-09"), ("2026-11-20 mark 1 urgency-declared --date 2026-11-19",)),
        (filed(URGENT, kind=PRE), ("2026-11-12 mark 1 urgency-declared --date 2026-11-11",)),
        (BOTH, ("2026-11-12 mark 1 urgency-declared --date 2026-11-12",)),
    ],
    ids=["no shorter time", "urgent already", "two urgent ones"],
)
def test_urgency_never_gives_the_payer_more_time(offices, history, turns):
    office = offices.after(*history)
    before = sorted((c.rule_id, str(c.legal_due), str(c.due_at)) for c in office.running() if c.hard)
    office.do(*turns)
    assert sorted((c.rule_id, str(c.legal_due), str(c.due_at)) for c in office.running() if c.hard) == before


def test_urgency_declared_twice_counts_from_the_first_and_never_from_before_the_sending(offices):
    office = offices.after(*filed("--received 2026-11-09", kind=PRE), "2026-11-20 mark 1 urgency-declared --date 2026-11-11")
    first = dates(office, ours=False)
    office.do("2026-11-20 mark 1 urgency-declared --date 2026-11-19")
    assert dates(office, ours=False) == first
    early = offices.after(*filed(kind=PRE)).say("2026-11-12 mark 1 urgency-declared --date 2026-11-01")
    assert (early.code, "before it was sent" in early.err) == (22, True)


def test_an_urgent_appeal_taken_back_does_not_make_the_next_one_urgent(offices):
    office = offices.after(*filed(URGENT, kind=PRE), "2026-11-10 withdraw 1 --reason x")
    right = f"--track member_appeal --appellant patient --channel fax {ENCLOSED}"
    office.do(f"2026-11-11 file-appeal 1 {right} --sent 2026-11-11 --received 2026-11-11")
    assert "ERISA-A-DEC-PRE1" in dates(office, ours=False)


def test_an_urgent_appeal_that_was_lost_does_not_make_the_next_one_urgent(offices):
    lost = (*filed(URGENT, kind=PRE), "2026-11-12 uphold 1 --decided 2026-11-11 --received 2026-11-12", f"2026-11-13 {REVIEW_AGAIN}")
    file = f"2026-11-13 file-appeal 1 --track external_review --sent 2026-11-13 --received 2026-11-13 {NEXT}"
    calm = offices.after(*lost, file)
    assert "ACA-X-DEC" in dates(calm, ours=False)
    urgent = offices.after(*lost, f"{file} --expedited --declared-by 'Dr Reyes'")
    assert "ACA-X-EXP-DEC" in dates(urgent, ours=False)


# --- what stops an answer, and what ends a clock


def test_a_part_b_drugs_expedited_reconsideration_is_not_extended(offices):
    office = offices.after(*filed(URGENT, kind=PRE, plan=ADVANTAGE), "2026-11-10 coverage 1 --care part_b_drug")
    before = dates(office, ours=False)
    assert set(before) == {"MA-R-DEC-EXP-PTB"}
    told = office.do("2026-11-11 mark 1 extension-notice --date 2026-11-10")
    assert "no extension is allowed here" in told.out
    assert dates(office, ours=False) == before


def test_a_time_is_stopped_once_and_what_the_payer_sends_later_is_a_finding(offices):
    plan = EMPLOYER
    asked = (
        *opened(plan),
        "2026-11-17 mark 1 info-requested --date 2026-11-17",
        "2026-12-08 mark 1 info-supplied --date 2026-12-08",
    )
    office = offices.after(*asked)
    due = dates(office, ours=False)
    again = office.do("2026-12-09 mark 1 info-requested --date 2026-12-09")
    assert "stopped once already" in again.out
    longer = office.do("2026-12-10 mark 1 extension-notice --date 2026-12-10")
    assert "a second extension is not allowed" in longer.out
    office.do("2026-12-11 mark 1 info-supplied --date 2026-12-11")
    assert dates(office, ours=False) == due


def test_a_federal_carrier_that_asks_for_information_has_answered_in_time(offices):
    plan = "--programme fehb"
    right = f"--track member_appeal --appellant patient --channel fax {ENCLOSED}"
    office = offices.after(*reviewed(plan=plan), f"2026-11-09 file-appeal 1 {right} --sent 2026-11-09 --received 2026-11-09")
    told = office.do("2026-11-20 mark 1 info-requested --date 2026-11-20")
    assert "finding" not in told.out
    assert has(office, "FEHB-CARRIER") == ClockStatus.MET
    assert dates(office)["FEHB-OPM-INFO"] == "2027-03-20"
    assert office.say("2027-01-20 deem-exhausted 1 --reason silent").code == 20


def test_what_a_plan_asks_during_an_appeal_starts_no_time_of_the_claim(offices):
    office = offices.after(*filed("--received 2026-11-09"), "2026-11-12 mark 1 info-requested --date 2026-11-11")
    assert "supply_information" not in {c.kind for c in office.running()}


def test_a_dismissal_for_the_wrong_party_gives_the_right_one_twenty_days(offices):
    right = f"--track member_appeal --appellant patient --channel fax {ENCLOSED}"
    office = offices.after(
        *reviewed(plan="--programme tricare"),
        f"2026-11-09 file-appeal 1 {right} --sent 2026-11-09 --received 2026-11-09",
        "2026-11-20 dismiss 1 --decided 2026-11-19 --reason wrong_party",
    )
    assert dates(office)["TRI-PARTY"] == "2026-12-09"


def test_a_denial_in_time_meets_what_the_state_asks_of_a_prompt_payer(offices):
    plan = "--programme employer --funding insured --issue-state NC --grandfathered no --internal-levels 1"
    office = offices.after(*denied(plan=plan))
    assert has(office, "NC-PROMPT") == ClockStatus.MET
    assert "let its time run out" not in office.do("2027-01-10 today").out


def test_a_decision_ends_everything_that_hung_on_the_filing(offices):
    office = offices.after(
        *filed("--received 2026-11-09", plan=ADVANTAGE),
        "2027-01-12 forward 1 --received 2027-01-11",
        "2027-02-01 uphold 1 --decided 2027-01-29 --received 2027-02-01",
    )
    assert has(office, "MA-IRE-EVID") == ClockStatus.CANCELLED


def test_a_dispute_filed_after_a_lost_member_appeal_stops_its_own_clock(offices, tmp_path):
    start = (*opened(), f"2026-11-04 rules load {written(tmp_path)}", *filed("--received 2026-11-09")[1:])
    lost = (*start, "2026-11-20 uphold 1 --decided 2026-11-19 --received 2026-11-20", f"2026-11-20 {REVIEW_AGAIN}")
    office = offices.after(*lost)
    assert [c.kind for c in office.running() if c.track == "provider_dispute"] == ["file_provider_dispute"]
    office.do(f"2026-11-23 file-appeal 1 --track provider_dispute --appellant provider --sent 2026-11-23 --channel fax {ENCLOSED}")
    [window] = [c for c in office.situation().clocks if c.kind == "file_provider_dispute"]
    assert window.status is not ClockStatus.OPEN


# --- what cannot be counted is said


@pytest.mark.parametrize(
    ("plan", "said"),
    [("--programme medicaid_ffs --issue-state GA", "the State sets its own time"), ("--programme employer --grandfathered yes", "")],
)
def test_a_denial_that_starts_no_clock_of_the_law_says_why(offices, plan, said):
    office = offices.after(*opened(plan=plan))
    told = office.do("2026-11-05 deny 1 --notice 2026-11-04 --amount 1200 --code CO-50").out
    assert said in told
    assert said in office.do("2026-11-05 show 1").out
    assert "GF-EXTERNAL" not in dates(office)


def test_a_managed_care_request_without_its_rating_period_says_what_is_missing(offices):
    office = offices.after(*opened(kind=PRE, plan="--programme medicaid_managed_care --issue-state NC"))
    assert "rating period start is not known" in office.do("2026-11-03 clocks 1").out
    asked = typed(
        "due",
        "--step",
        "open",
        "--programme",
        "medicaid_managed_care",
        "--kind",
        "pre_service",
        "--submitted",
        "2026-11-02",
        "--db",
        "none",
    )
    assert (asked.code, "rating period start is not known" in asked.err) == (21, True)


def test_no_amount_in_controversy_on_record_is_never_taken_for_none(offices):
    history = (
        *filed("--received 2026-11-09", plan=FFS),
        "2026-12-21 uphold 1 --decided 2026-12-18 --received 2026-12-21",
        f"2026-12-22 {REVIEW_AGAIN}",
        f"2026-12-22 file-appeal 1 --track member_appeal --sent 2026-12-22 --received 2026-12-22 {NEXT}",
        "2028-01-03 uphold 1 --decided 2028-01-03 --received 2028-01-03",
        f"2028-01-03 {REVIEW_AGAIN}",
    )
    answer = offices.after(*history).say(f"2028-01-06 file-appeal 1 --track hearing --sent 2028-01-06 {NEXT}")
    assert (answer.code, "no amount in controversy is on record for a filing of 2028-01-06" in answer.err) == (20, True)


# --- the day to work by


def test_a_shorter_reading_is_worked_to_where_it_comes_first():
    given = ("--step", "denial", "--track", "external_review", "--programme", "individual", "--grandfathered", "no", "--db", "none")
    florida = typed("due", *given, "--issue-state", "FL", "--notice", "2026-03-02", "--received", "2026-03-02", "--json")
    [clock] = json.loads(florida.out)["data"]["clocks"]
    assert (clock["legal_due"], clock["safe_due"], clock["work_by"]) == ("2026-07-02", "2026-07-02", "2026-04-24")


@pytest.mark.parametrize(
    ("rule", "facts"),
    [
        ("UHC-P2P-IP", ("--notice", "2026-01-05")),
        ("QIO-HOSP", ("--fact", "discharge=2026-03-07")),
        ("TRI-EXP", ("--received", "2026-01-05")),
    ],
)
def test_no_work_is_due_before_the_day_it_could_begin(rule, facts):
    [clock] = json.loads(typed("due", rule, *facts, "--db", "none", "--json").out)["data"]["clocks"]
    assert clock["work_by"] >= min(clock["start_date"], clock["safe_due"])


def test_a_rule_that_counts_from_mailing_promises_nothing_of_receipt():
    told = typed("due", "NC-MFF-OAH", "--notice", "2026-11-02", "--received", "2026-11-06", "--db", "none").out
    assert "proof of receipt" not in told
