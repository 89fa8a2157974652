"""Every step taken once from the command line, on a real file: the state, the event, the clocks; and what must always hold."""

from __future__ import annotations

import pytest
from practice import ADVANTAGE, ENCLOSED, GONE, MEDICAID, WAYS, Offices, calling, denied, external, filed, opened, resubmitted, reviewed

from appeals.model import RUNNING


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def changed(before, after):
    """What a step did to the clocks, in the short hand of `practice.Way`."""
    known = {clock.id: clock.status for clock in before}
    started = [f"+{clock.kind}" for clock in after if clock.id not in known]
    return sorted([*started, *(f"{c.kind}:{c.status}" for c in after if c.id in known and known[c.id] != c.status)])


def named(way):
    return f"{way.step} from {way.source} to {way.to} {way.outcome} {'later' if way.level > 1 else ''}".strip()


@pytest.mark.parametrize("way", WAYS, ids=named)
def test_each_step_moves_the_case_writes_its_event_and_turns_the_right_clocks(offices, way):
    office = offices.after(*way.before)
    before = office.situation()
    assert before.case.state == way.source
    office.do(way.turn)
    after, event = office.situation(), office.events()[-1]
    assert (after.case.state, after.case.outcome, after.case.level) == (way.to, way.outcome, way.level)
    assert changed(before.clocks, after.clocks) == sorted(way.clocks.split())
    assert (event["kind"], event["name"], event["on"], event["case_version"]) == ("step", way.step, way.day, after.case.version)
    assert {c["id"] for c in event["clocks"]} >= {c.id for c in after.clocks if c not in before.clocks}
    office.check()


def dates(clocks, *kinds):
    """The dates of the clocks of these kinds, which nothing but a fact about them may move."""
    return {(c.id, c.kind, c.start_date, c.legal_due, c.safe_due, c.printed_due, c.work_by) for c in clocks if c.kind in kinds}


@pytest.mark.parametrize("end", ["peer-uphold 1 --reviewer 'Dr Poe' --said no", "peer-missed 1 --why not_offered"])
def test_the_appeal_clock_does_not_stop_for_a_call(offices, end):
    office = offices.after(*reviewed())
    before = dates(office.running(), "file_internal_appeal")
    office.do("2026-11-09 request-peer-review 1 --clinician 'Dr Reyes'")
    assert dates(office.running(), "file_internal_appeal") == before
    office.do(f"2026-11-10 {end}")
    assert dates(office.running(), "file_internal_appeal") == before


def test_a_call_is_kept_with_who_spoke_and_what_was_said(offices):
    office = offices.after(*calling(denied()))
    office.do("2026-11-10 peer-uphold 1 --reviewer 'Dr Poe' --said 'criteria not met' --reference P-9 --decided 2026-11-09")
    [call] = office.situation().peer_reviews
    assert (call.clinician, call.reviewer, call.said, call.reference) == ("Dr Reyes", "Dr Poe", "criteria not met", "P-9")
    assert (call.outcome, str(call.decided_date), office.case().came_from) == ("upheld", "2026-11-09", "")


@pytest.mark.parametrize("received", ["", "--received 2026-11-09"])
def test_withdrawing_gives_back_the_time_to_file_and_not_a_day_more(offices, received):
    office = offices.after(*reviewed())
    before = dates(office.running(), "file_internal_appeal")
    office.do(*filed(received)[-1:], "2026-11-30 withdraw 1 --reason 'claim corrected instead'")
    assert dates([c for c in office.running() if c.status == "open"], "file_internal_appeal") == before
    assert [f.outcome for f in office.situation().filings] == ["withdrawn"]


def test_a_corrected_claim_leaves_the_clocks_of_its_denial_running(offices):
    office = offices.after(*reviewed(path="corrected_claim"))
    before = dates(office.running(), "file_internal_appeal")
    office.do("2026-11-09 resubmit 1 --control-number ICN-1")
    assert dates(office.running(), "file_internal_appeal") == before
    office.do("2026-11-20 mark 1 note --text 'called, no answer'")
    assert dates(office.running(), "file_internal_appeal") == before


def test_the_old_clocks_end_when_the_corrected_claim_gets_a_new_determination(offices):
    office = offices.after(*resubmitted(), "2026-12-15 deny 1 --notice 2026-12-14 --amount 1200 --code CO-50")
    [to_file] = [c for c in office.running() if c.kind == "file_internal_appeal"]
    assert str(to_file.start_date) == "2026-12-14"
    office.check()


def test_money_won_is_counted_once_and_what_is_left_stays_in_dispute(offices):
    office = offices.after(*filed(), "2026-12-21 partially-overturn 1 --decided 2026-12-18 --amount 400")
    case = office.case()
    assert (case.recovered_cents, case.disputed_cents) == (40_000, 80_000)
    [first, second] = office.situation().denials
    assert (first.level, second.level, second.denied_cents, str(second.notice_date)) == (1, 2, 80_000, "2026-12-18")


def test_a_lost_appeal_is_a_new_notice_and_the_next_level_counts_from_it(offices):
    office = offices.after(*filed(), "2026-12-21 uphold 1 --decided 2026-12-18 --received 2026-12-21")
    [clock] = [c for c in office.running() if c.kind == "file_external_review"]
    assert (str(clock.start_date), str(clock.raw_due), clock.level) == ("2026-12-21", "2027-04-21", 2)


def test_a_deemed_exhaustion_files_nothing(offices):
    office = offices.after(*filed(), "2027-02-01 deem-exhausted 1")
    assert [f.outcome for f in office.situation().filings] == ["deemed_exhausted"]
    assert [(d.level, d.voided) for d in office.situation().denials] == [(1, False)]


def test_a_file_sent_on_by_law_is_pending_at_the_next_body(offices):
    office = offices.after(*filed(plan=ADVANTAGE), "2027-01-12 forward 1 --received 2027-01-11")
    [ours, theirs] = office.situation().filings
    assert (ours.outcome, theirs.outcome, theirs.level, theirs.appellant, theirs.track) == ("forwarded", "", 2, "payer", "external_review")


def test_of_two_filings_the_one_named_is_decided_and_the_other_stays_pending(offices):
    beside = f"2026-11-10 file-appeal 1 --track external_review --expedited --appellant patient --sent 2026-11-10 {ENCLOSED}"
    office = offices.after(*filed("--expedited", kind="pre_service"), beside, "2026-11-12 withdraw 1 --reason x --filing external_review")
    assert [(f.track, f.outcome) for f in office.situation().filings] == [("member_appeal", ""), ("external_review", "withdrawn")]


def test_another_payer_gets_a_linked_case_in_submitted_in_the_same_breath(offices):
    office = offices.after(*reviewed(path="bill_other_payer"))
    office.do("2026-11-09 bill-other-payer 1 --payer 'Another Invented Health' --member-id M-9 --network out")
    first, second = office.situation("1"), office.situation("2")
    assert (first.case.outcome, second.case.state, second.case.claim_number) == ("other_payer", "submitted", "C-1")
    assert (second.patient.id, second.payer.name, second.coverage.member_id) == (first.patient.id, "Another Invented Health", "M-9")
    assert (second.case.billed_cents, second.case.network, second.coverage.programme) == (120_000, "out", "unknown")
    assert [(link.kind, link.case_id, link.other_case_id) for link in second.links] == [("other_payer", first.case.id, second.case.id)]
    assert first.links == second.links
    office.check()


def test_a_signed_waiver_lets_money_the_contract_wrote_off_be_billed_to_the_patient(offices):
    office = offices.after(*reviewed(path="patient_responsibility"), "2026-11-09 bill-patient 1 --how-met hsa --waiver ABN-1")
    assert (office.case().outcome, office.events()[-1]["facts"]["waiver"]) == ("patient", "ABN-1")


def test_only_what_the_payer_put_on_the_patient_is_billed_to_the_patient(offices):
    office = offices.after(*reviewed(path="patient_responsibility", code="CO-50:1100 --code PR-1:100"))
    answer = office.say("2026-11-09 bill-patient 1 --how-met self_pay --amount 1200")
    assert answer.code == 20, "CO money went to the patient with the PR money"


def test_a_code_of_a_denial_that_was_taken_back_puts_nothing_on_the_patient(offices):
    office = offices.after(*denied(code="PR-1"), "2026-11-05 undo 1 --reason 'wrong code'", *reviewed(path="patient_responsibility")[1:])
    assert office.say("2026-11-09 bill-patient 1 --how-met self_pay").code == 20


WRITE_OFF = "2026-11-10 write-off 1 --reason cost_exceeds_value"


@pytest.mark.parametrize("approval", [(), ("2026-11-10 approve-write-off 1 --as ana",)])
def test_above_the_limit_nobody_writes_off_alone(offices, approval):
    office = offices.after(*denied(), *approval)
    before = office.everything()
    answer = office.say(f"{WRITE_OFF} --as ana")
    assert (answer.code, office.everything()) == (50, before)
    assert "second person" in answer.err and "approve-write-off A-000001" in answer.err
    office.do("2026-11-10 approve-write-off 1 --as ben", f"{WRITE_OFF} --as ana")
    assert (office.case().outcome, office.events()[-1]["actor"]) == ("written_off", "ana")
    office.check()


def test_a_yes_to_less_is_no_yes_to_more(offices):
    office = offices.after(*denied(amount="600"), "2026-11-06 correct 1 --paid 300 --reason x", "2026-11-10 approve-write-off 1 --as ben")
    office.do("2026-11-10 mark 1 denial-added --notice 2026-11-09 --amount 900")
    assert office.say(f"{WRITE_OFF} --as ana").code == 50


def test_up_to_the_limit_one_person_is_enough(offices):
    rest = "2026-11-06 correct 1 --reason 'the rest of the EOB' --paid"
    assert offices.after(*denied(amount="500"), f"{rest} 700").do(WRITE_OFF).code == 0
    assert offices.after(*denied(amount="500.01"), f"{rest} 699.99").say(WRITE_OFF).code == 50


def test_nothing_is_written_off_while_part_of_the_bill_is_not_accounted_for(offices):
    office = offices.after(*denied(amount="20"))
    answer = office.say(WRITE_OFF)
    assert (answer.code, "$1,180.00 of what was billed is not accounted for" in answer.err) == (20, True)


def test_a_second_persons_yes_is_used_up_by_what_it_was_given_for(offices):
    office = offices.after(*denied(), "2026-11-10 approve-write-off 1 --as ben", f"{WRITE_OFF} --as ana")
    office.do("2026-12-01 reopen 1 --reason 'payer reconsidered' --amount 1200")
    assert office.say("2027-01-04 write-off 1 --reason other --as ana").code == 50
    office.do("2027-01-04 undo 1 --reason 'not reopened'", "2027-01-04 undo 1 --reason 'not written off'")
    assert office.say("2027-01-04 write-off 1 --reason other --as ana").code == 0, "taken back, the yes stands again"


LOSE = "expire 1 --cause not_worked --signed 'A. Clerk'"


def test_a_case_is_lost_only_after_the_latest_of_the_dates(offices):
    office = offices.after(*opened(), "2026-11-05 deny 1 --notice 2026-11-04 --amount 1200 --printed-due 2027-06-01")
    answer = office.say(f"2027-06-01 {LOSE}")
    assert (answer.code, "2027-06-01" in answer.err) == (20, True)
    office.do(f"2027-06-02 {LOSE}")
    event = office.events()[-1]
    assert (office.case().outcome, event["facts"]["cause"], event["facts"]["signed"]) == ("expired", "not_worked", "A. Clerk")


def test_a_case_is_never_lost_without_a_cause_and_a_name(offices):
    office = offices.after(*denied())
    before = office.everything()
    assert [office.say(f"{GONE} expire 1 {half}").code for half in ("--cause not_worked", "--signed X", "")] == [21, 21, 21]
    assert office.everything() == before


def test_good_cause_and_an_override_are_kept_with_their_reasons(offices):
    how = f"--track member_appeal --appellant patient --sent {GONE} --good-cause 'in hospital'"
    office = offices.after(*reviewed(), f"{GONE} file-appeal 1 {how} --override 'records follow'")
    facts = office.events()[-1]["facts"]
    assert (facts["good_cause"], facts["override"]) == ("in hospital", "records follow")


FILE = "2026-11-09 file-appeal 1 --track member_appeal --appellant patient"


@pytest.mark.parametrize(
    ("history", "turn"),
    [
        (opened(), "2026-11-05 deny 1 --notice 2026-11-06 --amount 1200"),
        (opened(), "2026-11-05 deny 1 --notice 2026-11-04 --amount 1200 --received 2026-11-03"),
        (opened(), "2026-11-05 deny 1 --notice 2026-11-04 --amount 1200.01"),
        (opened(), "2026-11-05 deny 1 --notice 2026-11-04 --amount 1200 --printed-due 2026-11-03"),
        (reviewed(), f"{FILE} --sent 2026-11-10 {ENCLOSED}"),
        (filed(), "2026-11-20 uphold 1 --decided 2026-11-08"),
        (filed(), "2026-11-20 overturn 1 --decided 2026-11-21"),
        (filed(), "2026-11-20 overturn 1 --decided 2026-11-19 --amount 1200.01"),
        (filed(), "2026-11-20 uphold 1 --decided 2026-11-19 --received 2026-11-18"),
        (filed(), "2026-11-20 uphold 1 --decided 2026-11-19 --printed-due 2026-11-18"),
        (reviewed(), f"{FILE} --sent 2026-11-09 --received 2026-11-08 {ENCLOSED}"),
    ],
)
def test_a_date_or_an_amount_that_cannot_be_is_refused_and_writes_nothing(offices, history, turn):
    office = offices.after(*history)
    before = office.everything()
    answer = office.say(turn)
    assert (answer.code, office.everything()) == (22, before), answer.err + answer.out


def test_a_request_refused_without_an_amount_is_a_denial_too(offices):
    office = offices.after(*opened(kind="pre_service"), "2026-11-05 deny 1 --notice 2026-11-04 --amount 0 --words 'not necessary'")
    assert (office.case().state, office.case().disputed_cents) == ("denied", 0)


@pytest.mark.parametrize("before", [filed(), calling(filed())], ids=["an appeal", "an appeal and a call"])
def test_a_case_that_was_paid_and_comes_back_has_no_appeal_and_no_call_pending(offices, before):
    office = offices.after(*before, "2026-11-20 pay 1 --amount 1200", "2026-12-01 reopen 1 --reason takeback --amount 1200")
    found = office.situation()
    assert ([f.track for f in found.filings if not f.outcome], [p.clinician for p in found.peer_reviews if not p.outcome]) == ([], [])
    assert found.case.came_from == ""


def test_the_same_request_id_takes_a_step_once(offices):
    office = offices.after(*opened())
    turn = "2026-11-05 deny 1 --notice 2026-11-04 --amount 1200 --request-id R-1"
    office.do(turn)
    before = office.everything()
    assert "already done" in office.do(turn).out
    assert office.everything() == before


@pytest.mark.parametrize("way", WAYS[::4], ids=named)
def test_a_dry_run_shows_the_step_and_writes_nothing(offices, way):
    office = offices.after(*way.before)
    before = office.everything()
    shown = office.do(f"{way.turn} --dry-run --json").data
    assert (shown["dry_run"], shown["case"]["state"], office.everything()) == (True, way.to, before)


def test_every_open_state_says_by_when_something_must_be_done(offices):
    histories = (opened(), denied(), reviewed(), filed(), calling(denied()), external(), resubmitted())
    for history in (*histories, denied(plan=MEDICAID), denied(plan="")):
        house = [c for c in offices.after(*history).running() if not c.hard]
        assert len(house) == 1
        assert all(c.status in RUNNING and c.work_by for c in house)
