"""What stops and extends a payer's answer, and what is found: marks re-date where the law lets them and are a finding elsewhere."""

from __future__ import annotations

import pytest
from practice import ADVANTAGE, EMPLOYER, MEDICAID, Offices, filed, opened

PRE = "pre_service"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def one(office, kind):
    [clock] = [c for c in office.situation().clocks if c.kind == kind and c.status != "cancelled"]
    return clock


def findings(office) -> list[str]:
    return [mark.finding for mark in office.situation().marks if mark.finding]


def asked(plan=EMPLOYER):
    """A pre-service request of 2 November that the plan asks more about on the 9th."""
    return (*opened(plan, PRE), "2026-11-10 mark 1 info-requested --date 2026-11-09 --received 2026-11-10")


def test_a_claim_the_plan_asks_more_about_stands_still_and_our_time_to_answer_runs(offices):
    office = offices.after(*asked())
    assert one(office, "decide_claim").status == "tolled"
    ours = one(office, "supply_information")
    assert (ours.owed_by, str(ours.legal_due), ours.cite) == ("us", "2026-12-25", "29 CFR 2560.503-1(f)(2)(iii)(A)-(B)")
    assert findings(office) == []
    office.check()


def test_a_clock_that_stands_still_is_neither_late_nor_overdue_and_says_so(offices):
    office = offices.after(*asked())
    items = office.do("2026-12-20 today --json").data["items"]
    assert "decide_claim" not in {item["clock"]["kind"] for item in items}
    assert "stopped; it goes on when what was asked for is supplied" in office.do("2026-12-20 why 1 decide").out


def test_the_answer_sets_the_clock_going_with_the_days_that_were_left_and_the_stricter_reading_is_shown(offices):
    office = offices.after(*asked(), "2026-11-30 mark 1 info-supplied --date 2026-11-30")
    clock = one(office, "decide_claim")
    # 2 November + 7 days used of 15 + 15; 23 are left from 30 November
    assert (clock.status, str(clock.legal_due)) == ("open", "2026-12-23")
    assert "a stricter reading gives no extension besides: Tue 2026-12-08" in clock.arithmetic
    assert one(office, "supply_information").status == "met"
    office.check()


def test_an_answer_after_our_own_time_is_a_missed_clock_and_the_plans_goes_on(offices):
    office = offices.after(*asked(), "2026-12-30 mark 1 info-supplied --date 2026-12-30")
    assert (one(office, "supply_information").status, one(office, "decide_claim").status) == ("missed", "open")
    office.check()


def test_a_question_after_the_time_had_run_out_stops_nothing_and_is_a_finding(offices):
    office = offices.after(*opened(EMPLOYER, PRE), "2026-12-01 mark 1 info-requested --date 2026-12-01")
    assert one(office, "decide_claim").status == "open"
    [found] = findings(office)
    assert found.startswith("asked for after the time had run out on Tue 2026-11-17")


def test_a_group_health_appeal_can_be_neither_extended_nor_stopped_and_the_attempt_is_a_finding(offices):
    office = offices.after(*filed())
    before = one(office, "decide_appeal").legal_due
    for name in ("extension-notice", "info-requested"):
        answer = office.do(f"2026-11-20 mark 1 {name} --date 2026-11-19")
        assert "a finding against the payer: " in answer.out
    assert (one(office, "decide_appeal").legal_due, one(office, "decide_appeal").status) == (before, "open")
    extended, stopped = findings(office)
    assert extended.startswith("no extension is allowed here (29 CFR 2560.503-1(i)(2)(iii)(A)): the time still ends on Fri 2027-01-08; ")
    assert "deemed" in extended
    assert stopped.startswith("asking for information does not stop this clock (29 CFR 2560.503-1(i)(2)(iii)(A))")
    shown = office.do("2026-11-20 show 1").out
    assert "finding   extension notice of Thu 2026-11-19: no extension is allowed here" in shown
    office.check()


@pytest.mark.parametrize(("plan", "days"), [(ADVANTAGE, "14"), (MEDICAID, "14")])
def test_a_lawful_extension_is_taken_once_and_a_second_is_a_finding(offices, plan, days):
    office = offices.after(*filed(plan=plan, kind=PRE, amount="1200") if plan == ADVANTAGE else _medicaid())
    before = one(office, "decide_appeal").legal_due
    office.do("2026-11-20 mark 1 extension-notice --date 2026-11-19")
    once = one(office, "decide_appeal")
    assert (once.legal_due - before).days == int(days)
    assert findings(office) == []
    office.do("2026-11-24 mark 1 extension-notice --date 2026-11-23")
    assert one(office, "decide_appeal").legal_due == once.legal_due
    assert findings(office) == [
        f"a second extension is not allowed ({once.cite}): the time still ends on {once.legal_due:%a} {once.legal_due}"
    ]
    office.check()


def _medicaid():
    opened_, *rest = filed(plan=MEDICAID)
    return (opened_, *(turn.replace("--authority assignment", "--authority written_consent") for turn in rest))


def test_proof_of_receipt_later_keeps_what_stopped_and_extended_the_answer(offices):
    office = offices.after(*_medicaid(), "2026-11-20 mark 1 extension-notice --date 2026-11-19")
    before = one(office, "decide_appeal").legal_due
    office.do("2026-11-24 mark 1 received --date 2026-11-12")
    assert (one(office, "decide_appeal").legal_due - before).days == 3
    office.check()


def test_a_request_for_the_parity_analysis_starts_the_plans_time_to_answer(offices):
    office = offices.after(*filed(), "2026-11-20 mark 1 parity-analysis-requested --date 2026-11-19")
    clock = one(office, "answer_request")
    assert (clock.owed_by, str(clock.legal_due), clock.rule_id) == ("payer", "2026-12-19", "MHP-REQ")
    office.check()


def test_a_payers_silence_is_a_finding_with_its_consequence_and_the_next_step(offices):
    office = offices.after(*filed(plan="--programme medicare_advantage"))
    day = "2027-01-20"
    for command in ("show 1", "clocks 1", "today"):
        said = office.do(f"{day} {command}").out
        assert "the payer let its time run out on Fri 2027-01-08" in said
        assert "`forward`" in said
    [found] = office.do(f"{day} clocks 1 --json").data["findings"]
    assert found["cite"].startswith("42 CFR 422.590")
    assert found["consequence"]
    assert office.do("2026-12-01 clocks 1 --json").data["findings"] == []


def test_silence_is_not_silence_on_the_word_of_an_unverified_rule(offices):
    plan = "--programme employer --funding insured --grandfathered no --internal-levels 1 --issue-state NC"
    office = offices.after(*filed(plan=plan))
    clocks = {c.rule_id: c for c in office.running() if c.kind == "decide_appeal"}
    state, federal = clocks["NC-UR-APP-STD"], clocks["ERISA-A-DEC-POST1"]
    assert (state.verified, federal.verified, state.legal_due < federal.legal_due) == (False, True, True)
    assert office.say("2026-12-20 deem-exhausted 1").code == 20
    office.do("2027-01-20 deem-exhausted 1")


def test_an_unverified_date_carries_its_warning_wherever_it_is_shown(offices):
    plan = "--programme employer --funding insured --grandfathered no --internal-levels 1 --issue-state FL"
    office = offices.after(
        *filed(plan=plan),
        "2026-12-21 uphold 1 --decided 2026-12-18 --received 2026-12-21",
        "2026-12-22 review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path appeal",
    )
    [clock] = [c for c in office.running() if c.kind == "file_external_review"]
    assert (clock.rule_id, clock.verified) == ("FL-X", False)
    day = "2027-04-19"
    assert "file external review!" in office.do(f"{day} today").out
    assert "resting on law nobody has read (!)" in office.do(f"{day} today").out
    assert "UNVERIFIED" in office.do(f"{day} clocks 1").out
    assert "UNVERIFIED" in office.do(f"{day} show 1").out
    assert "WARNING: unverified" in office.do(f"{day} why 1 external").out
    assert "file external review!" in office.do(f"{day} remind --dry-run").out


def test_a_part_d_plan_that_was_silent_must_send_the_file_on_and_one_that_was_not_must_not(offices):
    office = offices.after(*filed(plan="--programme part_d"))
    assert office.say("2026-11-12 forward 1 --received 2026-11-12").code == 20
    assert office.say("2027-01-20 deem-exhausted 1").code == 20
    office.do("2027-01-20 forward 1 --received 2027-01-20")
    assert (office.case().state, office.case().level) == ("appeal_filed", 2)
    office.check()


def test_an_unreadable_receipt_date_is_recorded_asked_about_and_settled_by_proof(offices):
    office = offices.after(*opened("--programme medicare_ffs"))
    answer = office.do("2026-11-05 deny 1 --notice 2026-11-04 --received unreadable --amount 1200 --code CO-50")
    assert "the receipt date cannot be read: nothing is presumed" in answer.out
    [clock] = [c for c in office.running() if c.kind == "file_redetermination"]
    assert (clock.start_kind, str(clock.legal_due)) == ("assumed_notice", "2027-03-04")
    [denial] = office.situation().denials
    assert denial.received_how == "unreadable"
    office.do("2026-11-06 mark 1 received --date 2026-11-06 --of denial")
    [clock] = [c for c in office.running() if c.kind == "file_redetermination"]
    assert (clock.start_kind, str(clock.legal_due), clock.warning) == ("received", "2027-03-06", "")
    office.check()


def test_an_urgent_appeal_counts_its_hours_from_the_minute_it_arrived_across_the_change_of_the_clocks(offices):
    urgent = "--expedited --declared-by 'Dr Reyes'"
    history = filed(f"{urgent}", kind=PRE)
    office = offices.after(*history[:-1], history[-1].replace("2026-11-09", "2027-03-12") + " --received 2027-03-12T17:00")
    clock = one(office, "decide_appeal")
    assert (clock.rule_id, f"{clock.due_at:%Y-%m-%dT%H:%M}") == ("ERISA-A-DEC-URG", "2027-03-15T22:00")
    assert "Mon 2027-03-15 18:00 EDT" in clock.arithmetic
    [filing] = office.situation().filings
    assert f"{filing.received_at:%Y-%m-%dT%H:%M}" == "2027-03-12T22:00"
    refused = office.say("2027-03-15 mark 1 received --date 2027-03-14T02:30 --of filing")
    assert (refused.code, "does not exist" in refused.err) == (22, True)
    office.check()


def test_care_learned_later_decides_between_the_times_for_services_and_for_part_b_drugs(offices):
    office = offices.after(*filed(plan=ADVANTAGE, kind=PRE))
    assert [c.rule_id for c in office.running() if c.kind == "decide_appeal"] == ["MA-R-DEC-PRE"]
    office.do("2026-11-10 coverage 1 --care part_b_drug")
    assert [c.rule_id for c in office.running() if c.kind == "decide_appeal"] == ["MA-R-DEC-PTB"]
    office.check()


def test_the_rating_period_learned_later_starts_the_medicaid_plans_time(offices):
    office = offices.after(*opened(MEDICAID, PRE))
    assert [c for c in office.running() if c.kind == "decide_claim"] == []
    office.do("2026-11-04 coverage 1 --rating-period-start 2026-07-01")
    [clock] = [c for c in office.running() if c.kind == "decide_claim"]
    assert (clock.rule_id, str(clock.legal_due)) == ("MCD-PA7", "2026-11-09")
    office.check()


def test_what_was_sent_and_is_not_proved_to_have_arrived_is_said_in_every_list_until_it_is(offices):
    office = offices.after(*filed())
    assert "NO PROOF" in office.do("2026-11-16 queue").out
    assert "no proof that it arrived" in office.do("2026-11-16 today").out
    office.do("2026-11-16 mark 1 received --date 2026-11-10")
    assert "NO PROOF" not in office.do("2026-11-16 queue").out
    assert "no proof that it arrived" not in office.do("2026-11-16 today").out
