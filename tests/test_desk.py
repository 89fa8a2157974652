"""What staff stumbled over at the desk: nothing to remember that the program knows, and nothing it says that is not so."""

from __future__ import annotations

import pytest
from practice import ADVANTAGE, ENCLOSED, Offices, by_line, calling, denied, external, filed, opened, reviewed

from appeals import money, screen_case
from appeals.screens import Look

UNDO = "undo 1 --reason 'wrong case'"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def running(office, kind):
    return [clock for clock in office.running() if clock.kind == kind]


def test_a_paper_eob_is_one_command_with_all_it_says_of_the_money(offices):
    who = "open --patient 'Example, Erin' --payer P --member-id M-2 --claim C-2 --billed 1200"
    office = offices.after(f"2026-11-05 {who} --denied --notice 2026-11-04 --amount 600 --paid 300 --contractual 200 --patient-share 100")
    case = office.case()
    assert (case.disputed_cents, case.paid_cents, case.contractual_cents, case.patient_cents) == (60_000, 30_000, 20_000, 10_000)
    assert money.cents(case, money.UNANSWERED) == 0


def test_whoever_reviews_need_not_type_a_name_nor_the_track_and_right_that_are_on_file(offices):
    history = (*opened(), "2026-11-05 deny 1 --notice 2026-11-04 --amount 1200 --code CO-50")
    history = (history[0].replace("--network out", "--network out --assignment yes"), *history[1:])
    office = offices.after(*history, "2026-11-06 review-eob 1 --category medical_necessity --path appeal --as ana")
    assert office.events()[-1]["facts"]["reviewer"] == "ana"
    office.do(f"2026-11-09 file-appeal 1 --appellant provider --channel fax --sent 2026-11-09 {ENCLOSED}")
    [filing] = office.situation().filings
    assert (filing.track, filing.authority) == ("member_appeal", "assignment")


def test_a_right_the_law_does_not_accept_is_never_filled_in(offices):
    history = reviewed(plan=ADVANTAGE)
    history = (history[0].replace("--network out", "--network out --assignment yes"), *history[1:])
    answer = offices.after(*history).say(f"2026-11-09 file-appeal 1 --appellant provider --channel fax --sent 2026-11-09 {ENCLOSED}")
    assert (answer.code, "waiver" in answer.err) == (20, True)


def test_next_names_what_each_step_cannot_do_without(offices):
    told = offices.after(*reviewed()).do("2026-11-09 next 1").out
    assert "appeals file-appeal A-000001 --appellant --sent ..." in told
    assert "appeals bill-patient A-000001 --how-met ..." in told


def test_the_week_for_an_acknowledgement_counts_from_the_day_it_was_sent_and_not_from_the_typing(offices):
    office = offices.after(*reviewed(), f"2026-11-20 file-appeal 1 --appellant patient --channel fax --sent 2026-11-09 {ENCLOSED}")
    [house] = running(office, "house_appeal_filed")
    assert str(house.work_by) == "2026-11-16"
    assert "LATE" in office.do("2026-11-20 today").out


def test_what_the_house_has_stopped_asking_is_not_asked_again_by_an_undo(offices):
    office = offices.after(*filed(), "2026-11-11 mark 1 acknowledged --date 2026-11-10")
    assert running(office, "house_appeal_filed") == []
    ask = "2026-11-12 request-peer-review 1 --clinician 'Dr Reyes'"
    office.do(ask, f"2026-11-12 {UNDO}")
    assert running(office, "house_appeal_filed") == []
    office.check()


def test_a_call_agreed_on_a_resolved_case_is_seen_before_its_day_and_is_no_silence_of_the_payer(offices):
    paid = "2026-11-09 pay 1 --amount 1200"
    office = offices.after(*denied(), paid, "2026-11-10 call 1 --person Dana --promised 'second cheque' --next 2026-11-20")
    assert "A-000001" in office.do("2026-11-18 today").out
    told = office.do("2026-12-01 today").out
    assert "A-000001" in told
    assert "let its time run out" not in told


def test_a_date_nobody_chose_is_late_and_not_lost_while_another_could_still_run(offices):
    office = offices.after(*denied(plan=""))
    until = [str(clock.legal_due) for clock in office.running() if clock.candidate and clock.kind.startswith("file_") and clock.legal_due]
    assert min(until) < "2027-02-01" < max(until)
    told = office.do("2027-02-01 today --json").data
    assert [(item["bucket"], item["clock"]["candidate"]) for item in told["items"]] == [("late", True)]
    assert office.do("2027-12-01 today --json").data["items"][0]["bucket"] == "overdue"


def test_a_provider_dispute_without_a_contract_says_that_nobody_counts_its_answer(offices):
    file = "2026-11-09 file-appeal 1 --track provider_dispute --appellant provider --channel portal --sent 2026-11-09"
    told = offices.after(*reviewed()).do(f"{file} {ENCLOSED}").out
    assert "has no clock without the contract's term" in told


def test_a_second_person_sees_what_the_yes_is_to(offices):
    told = offices.after(*denied(), "2026-11-10 approve-write-off 1 --as ben").do("2026-11-10 show 1").out
    assert "write-off-approved" in told
    assert "giving up $1,200.00" in offices.after(*denied()).do("2026-11-10 approve-write-off 1 --as ben").out


def test_a_payment_that_leaves_nothing_in_dispute_says_how_the_case_ends(offices):
    told = offices.after(*filed(), "2026-11-20 note 1 x").do("2026-11-20 mark 1 payment-posted --amount 1200").out
    assert "nothing is left in dispute: `appeals pay A-000001 --amount 0`" in told


def test_what_has_all_come_before_the_decision_starts_no_time_to_pay(offices):
    early = "2026-12-28 mark 1 payment-posted --amount 1200"
    office = offices.after(*external(), early, "2027-01-12 overturn 1 --decided 2027-01-11")
    assert running(office, "payment") == []
    office.check()


def test_a_request_won_before_the_service_is_leave_and_no_money(offices):
    won = "2026-11-10 peer-overturn 1 --reviewer 'Dr Poe' --reference P-2 --authorisation PA-1"
    office = offices.after(*calling(denied(kind="pre_service")), won)
    assert (office.case().outcome, office.case().recovered_cents, running(office, "payment")) == ("overturned", 0, [])
    office.check()


def test_lines_stay_in_step_with_the_case_when_a_win_is_taken_back_after_its_money_came(offices):
    won = "2026-12-21 partially-overturn 1 --decided 2026-12-18 --won-line 1"
    office = offices.after(*by_line(filed()), won, "2026-12-22 mark 1 payment-posted --amount 700", f"2026-12-23 {UNDO}")
    case, lines = office.case(), office.situation().lines
    assert (case.recovered_cents, case.disputed_cents) == (70_000, 50_000)
    for column in money.COLUMNS:
        assert sum(getattr(line, column) for line in lines) == getattr(case, column), column
    office.check()


def test_a_payment_in_full_meets_the_time_to_pay_of_what_was_won_before(offices):
    office = offices.after(*filed(), "2026-12-21 partially-overturn 1 --decided 2026-12-18 --amount 700", "2026-12-28 pay 1 --amount 1200")
    assert (office.case().posted_cents, office.running()) == (120_000, ())


def test_a_payment_corrected_and_taken_back_leaves_nothing_behind(offices):
    office = offices.after(*opened(), "2026-11-05 pay 1 --amount 1200")
    office.do("2026-11-10 correct 1 --paid 800 --contractual 400 --reason 'read the EOB again'", f"2026-11-10 {UNDO}")
    assert (office.case().state, money.held(office.case())) == ("submitted", 0)
    office.check()


def test_next_says_whether_a_hearing_takes_what_is_in_dispute(offices):
    office = offices.after(*denied(plan="--programme medicare_ffs", amount="150"), "2026-11-06 correct 1 --paid 1050 --reason x")
    assert "or more for a filing of" not in office.do("2026-11-09 next 1").out, "a redetermination takes any sum"
    review = "review-eob 1 --category medical_necessity --path appeal"
    for day, sent, decided in (("2026-11-09", "2026-11-09", "2026-12-18"), ("2026-12-21", "2026-12-21", "2027-02-05")):
        enclosed = f"{ENCLOSED} --enclosed decision"
        file = f"file-appeal 1 --appellant provider --authority assignment --channel mail --sent {sent} {enclosed}"
        office.do(f"{day} {review}", f"{day} {file}", f"{decided} uphold 1 --decided {decided}")
    assert "NOT reached, $150.00 is in dispute" in office.do("2027-02-08 next 1").out


def test_money_and_plan_are_folded_where_the_screen_ends(offices):
    situation = offices.after(*by_line(filed())).situation()
    lines = list(screen_case.case(situation, (), Look(tty=True, width=80)).lines)
    assert [line for line in lines[:6] if len(line) > 80] == []
    assert any(line.startswith(" " * 10) for line in lines[:6])


def test_a_denied_amount_that_only_routine_codes_explain_in_part_is_asked_about(offices):
    answer = offices.after(*opened()).say("2026-11-05 deny 1 --notice 2026-11-04 --line 99214:400:240:CO-45:100,PR-2:60")
    assert (answer.code, "Line 1 denies more than its codes" in answer.err) == (22, True)


def test_mail_for_a_printed_saturday_leaves_as_early_as_for_the_same_saturday_by_law(offices):
    office = offices.after(*opened(), "2026-11-05 deny 1 --notice 2026-11-04 --amount 1200 --code CO-50 --printed-due 2027-02-06")
    [clock] = running(office, "file_internal_appeal")
    assert str(clock.work_by) == "2027-01-29"


def test_what_was_sent_without_proof_is_not_called_missed_when_the_case_expires(offices):
    silent = (*filed(), "2027-02-01 deem-exhausted 1 --reason 'no answer'")
    office = offices.after(*silent, "2027-12-20 expire 1 --cause payer_silence --signed 'A. Clerk'")
    ended = {c.kind: str(c.status) for c in office.situation().clocks if c.met_by == "expire"}
    assert (ended["file_internal_appeal"], ended["file_external_review"]) == ("cancelled", "missed")


def test_the_control_number_on_file_goes_along_with_a_corrected_claim(offices):
    who = "open --patient 'Example, Erin' --payer P --claim C-3 --control-number ICN-7 --billed 300"
    office = offices.after(f"2026-11-05 {who} --denied --notice 2026-11-04 --amount 300 --code CO-16")
    office.do("2026-11-06 review-eob 1 --category billing_error --path corrected_claim", "2026-11-06 resubmit 1 --what modifier")
    assert office.events()[-1]["facts"]["control_number"] == "ICN-7"
