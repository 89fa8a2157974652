"""Which case a claim of a remittance belongs to, what payers take back, and whose money it is: nothing lands where it does not belong."""

from __future__ import annotations

from datetime import date

import pytest
from fhir_made import PEOPLE, bundle, denied
from practice import BOTH, Offices, filed, opened, resolved, reviewed
from remitting import DAY, NPI, OTHER_NPI, claim, fates, interchange, payment, remittance, take
from test_claim837 import BATCH, HEAD, sent_of
from test_status277 import TAKEN, report_of
from write277 import write277
from write837 import write837

from appeals import money

DENIED = ("C-1", "4", "1200", "0", "CO*50*1200")
PAID = ("C-1", "1", "1200", "1200")
SECOND = (
    f"{DAY} open --patient 'Example, Erin' --payer 'Invented Health' --member-id M-1 --claim C-2 --billed 300 --service-from 2026-11-02"
)


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def told(answer):
    """What was said of each case: what became of it, and by what it was found."""
    return [(one["what"], one["matched"]) for one in answer.data["files"][0]["cases"]]


def left(answer):
    return [one["message"] for one in answer.data["files"][0]["left"]]


def settled(answer):
    return [(one["code"], one["amount_cents"], one["fate"], one["case"]) for one in answer.data["files"][0]["provider_adjustments"]]


def suggested(office, ref="1"):
    return [p.step for p in office.situation(ref).proposals if p.status == "open"]


# By what a case is found ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "by"),
    [
        ({}, "matched by claim number and member id"),
        ({"member": ""}, "matched by claim number and patient name"),
        ({"last": ""}, "matched by claim number alone: the claim names nobody"),
    ],
)
def test_it_is_said_by_what_a_case_was_found_in_text_and_in_json(offices, who, by):
    office = offices.after(*opened())
    answer = take(office, remittance(claim(*DENIED, **who)))
    assert told(answer) == [("CO-50", by)]
    said = offices.after(*opened()).say(f"{DAY} intake {office.db.with_name('era.835')}").out
    assert f"case A-000001: CO-50 ({by})" in said
    office.check()


def test_a_claim_with_another_claim_number_is_found_by_the_payers_control_number(offices):
    office = offices.after(*opened())
    take(office, remittance(claim(*DENIED)))
    answer = take(office, remittance(claim("NEW-1", "4", "1200", "0", "CO*16*1200", icn="ICN-C-1"), trace="T-2"), "two.835")
    assert told(answer) == [("CO-16", "matched by payer control number and member id")]
    office.check()


def test_a_claim_is_found_by_the_number_of_the_claim_it_replaces(offices):
    office = offices.after(*opened())
    take(office, remittance(claim(*DENIED)))
    again = claim("NEW-1", "4", "1200", "0", "CO*16*1200", icn="ICN-NEW", more=("REF*F8*ICN-C-1",))
    assert told(take(office, remittance(again, trace="T-2"), "two.835")) == [
        ("CO-16", "matched by number of the claim it replaces and member id")
    ]


@pytest.mark.parametrize(
    "other", [{"served": "20261030"}, {"last": "SAMPLE", "first": "BO", "member": "M-2"}], ids=["other days", "another patient"]
)
def test_a_control_number_alone_takes_no_claim_of_other_days_or_another_patient(offices, other):
    office = offices.after()
    take(office, remittance(claim(*DENIED)))
    answer = take(office, remittance(claim("NEW-1", "4", "300", "0", "CO*50*300", icn="ICN-C-1", **other), trace="T-2"), "two.835")
    assert fates(answer) == {"opened": 1}
    office.check()


def test_claims_of_one_file_that_share_a_control_number_are_cases_of_their_own(offices):
    office = offices.after()
    claims = (claim("C-8", "4", "500", "0", "CO*50*500", icn="0"), claim("C-9", "4", "300", "0", "CO*50*300", icn="0"))
    assert fates(take(office, remittance(*claims))) == {"opened": 2}


def test_a_claim_without_a_number_is_found_by_patient_days_and_charge_and_never_by_its_zeros(offices):
    office = offices.after(f"{SECOND}")
    answer = take(office, remittance(claim("0", "4", "300", "0", "CO*50*300", icn="I-1")))
    assert told(answer) == [("CO-50", "matched by days of service, charge and member id")]
    other = take(office, remittance(claim("0", "4", "500", "0", "CO*50*500", icn="I-2"), trace="T-2"), "two.835")
    assert fates(other) == {"opened": 1}
    office.check()


def test_a_claim_two_cases_fit_is_left_for_a_person_who_is_told_their_numbers(offices):
    office = offices.after(*opened(), SECOND)
    take(office, remittance(claim("C-2", "4", "300", "0", "CO*50*300", icn="ICN-2")))
    answer = take(office, remittance(claim("C-1", "4", "1200", "0", "CO*50*1200", icn="ICN-2"), trace="T-2"), "two.835")
    assert (answer.code, fates(answer)) == (3, {"person": 1})
    [why] = left(answer)
    assert "case A-000001 by the claim number" in why and "case A-000002 by the payer control number" in why
    assert not any(word in answer.out for word in ("EXAMPLE", "ERIN", "M-1"))
    assert office.case().state == "submitted"


def test_a_claim_number_of_another_patient_is_left_for_a_person_and_names_the_case_alone(offices):
    office = offices.after(*opened())
    answer = take(office, remittance(claim(*DENIED, last="SAMPLE", first="BO", member="M-2")))
    assert left(answer) == ["this claim number belongs to case A-000001 of another patient"]
    assert not any(word in answer.out for word in ("SAMPLE", "EXAMPLE", "M-2"))


def test_the_primary_and_the_secondary_payers_cases_are_linked_in_one_file_and_across_files(offices):
    office = offices.after()
    first = payment(claim("C-9", "19", "500", "0", "CO*50*500"), payer="FIRST HEALTH")
    second = payment(claim("C-9", "2", "500", "0", "CO*50*500", member="S-7"), payer="SECOND HEALTH", trace="T-2", control="0002")
    answer = take(office, interchange(first, second))
    assert fates(answer) == {"opened": 2}
    assert any("sent the claim on to the next" in warning for warning in answer.data["files"][0]["warnings"])
    [link] = office.situation("1").links
    assert (link.kind, {link.case_id, link.other_case_id}) == ("other_payer", {office.case("1").id, office.case("2").id})
    third = remittance(claim("C-9", "3", "500", "0", "CO*50*500", member="T-7"), payer="THIRD HEALTH", trace="T-3")
    take(office, third, "third.835")
    assert len(office.situation("3").links) == 2
    office.check()


# Denials, whatever they are called ------------------------------------------------------------------------------


@pytest.mark.parametrize("group", ["CO", "PR", "OA", "PI", "CR"])
def test_a_denial_of_any_group_at_claim_level_or_on_a_line_opens_a_case(offices, group):
    office = offices.after()
    at_claim = claim("C-8", "1", "500", "0", at_claim=(f"{group}*50*500",))
    answer = take(office, remittance(at_claim, claim("C-9", "1", "300", "0", f"{group}*50*300")))
    assert fates(answer) == {"opened": 2}
    assert [office.situation(ref).denials[0].reasons for ref in ("C-8", "C-9")] == [f"{group}-50"] * 2
    assert [office.case(ref).disputed_cents for ref in ("C-8", "C-9")] == [50_000, 30_000]


def test_the_remarks_of_line_and_claim_go_with_the_adjustments(offices):
    office = offices.after()
    for number, segment in (("C-7", "MOA***MA01*N115"), ("C-8", "MIA*0****MA07")):
        take(office, remittance(claim(number, "4", "500", "0", at_claim=("CO*50*500",), more=(segment,)), trace=number), f"{number}.835")
    on_line = [*claim("C-9", "4", "500", "0", "CO*50*500"), "LQ*HE*M62"]
    take(office, remittance(on_line, trace="T-9"), "line.835")
    assert [office.situation(ref).adjustments[0].rarc for ref in ("C-7", "C-8", "C-9")] == ["MA01 N115", "MA07", "M62"]


def test_a_claim_paid_nothing_without_a_word_is_left_for_a_person_and_closes_nothing(offices):
    office = offices.after(*opened())
    answer = take(office, remittance(claim("C-1", "1", "1200", "0")))
    assert (answer.code, fates(answer)) == (3, {"person": 1})
    assert office.case().state == "submitted"


def test_money_paid_to_the_patient_is_shown_and_is_the_patients_to_hand_on(offices):
    office = offices.after(*opened())
    answer = take(office, remittance(claim("C-1", "1", "1200", "0", "OA*100*1200")))
    assert fates(answer) == {"moved": 1}
    assert any("$1,200.00 was paid to the patient (reason 100)" in warning for warning in answer.data["files"][0]["warnings"])
    assert (office.case().patient_cents, office.case().contractual_cents) == (120_000, 0)
    office.check()


def test_lines_a_later_notice_does_not_speak_of_say_no_more_than_the_case(offices):
    office = offices.after(*opened(kind="post_service --billed 500"))
    office.do(f"{DAY} deny 1 --notice 2026-11-20 --line J3490:300:300:PR-204 --line 96365:200:100:CO-50:100,CO-45:30,PR-2:20")
    office.do(f"{DAY} correct 1 --billed 600 --reason 'one line was left out'")
    take(office, remittance(claim("C-1", "1", "500", "20", "CO*50*480"), paid="20"))
    found = office.situation()
    assert [line.paid_cents for line in found.lines] == [0, 0, 2_000]
    for column in money.COLUMNS:
        assert sum(getattr(line, column) for line in found.lines) <= getattr(found.case, column), column
    office.check()


# Reversals and takebacks ----------------------------------------------------------------------------------------

REVERSAL, ANEW, LESS = claim("C-1", "22", "-1200", "-1200"), claim(*DENIED), claim("C-1", "1", "1200", "1000", "PR*2*200")


@pytest.mark.parametrize("order", [(REVERSAL, ANEW), (ANEW, REVERSAL)], ids=["reversal first", "correction first"])
def test_a_payment_reversed_and_denied_anew_is_two_proposals_whatever_their_order(offices, order):
    office = offices.after(*resolved())
    answer = take(office, remittance(*order, paid="-1200"))
    assert fates(answer) == {"proposed": 2}
    office.do(f"{DAY} intake resolve 1 --take")
    assert (office.case().state, office.case().disputed_cents, office.case().paid_cents) == ("denied", 120_000, 0)
    assert "file_internal_appeal" in {clock.kind for clock in office.running()}
    office.check()


@pytest.mark.parametrize("order", [(REVERSAL, LESS), (LESS, REVERSAL)], ids=["reversal first", "correction first"])
def test_a_payment_reversed_and_paid_anew_ends_with_the_new_payment_whatever_their_order(offices, order):
    office = offices.after(*resolved())
    assert fates(take(office, remittance(*order, paid="-200"))) == {"proposed": 2}
    office.do(f"{DAY} intake resolve 1 --take")
    case = office.case()
    assert (case.state, case.outcome, case.paid_cents + case.recovered_cents, case.patient_cents) == ("resolved", "paid", 100_000, 20_000)
    office.check()


def test_a_reversal_alone_of_an_open_case_is_proposed_as_a_takeback_to_answer(offices):
    office = offices.after()
    take(office, remittance(claim("C-9", "1", "800", "500", "CO*50*300"), paid="500"))
    assert fates(take(office, remittance(claim("C-9", "22", "-800", "-500"), trace="T-2", paid="-500"), "two.835")) == {"proposed": 1}
    assert suggested(office) == ["recoupment-notice"]
    office.do(f"{DAY} intake resolve 1 --take")
    assert [mark.name for mark in office.situation().marks] == ["recoupment-notice"]
    assert [clock.kind for clock in office.running() if "recoup" in clock.kind or "takeback" in clock.kind]
    office.check()


@pytest.mark.parametrize("reference", ["ICN-C-1", "C-1", "ICN-C-1 M-1", "icn-c-1"])
def test_a_takeback_that_names_a_resolved_case_proposes_to_open_it_again_and_the_time_to_answer_runs(offices, reference):
    office = offices.after(*opened())
    take(office, remittance(claim(*PAID), paid="1200"))
    answer = take(office, remittance(plb=(f"WO:{reference}*400",), paid="-400", trace="T-2"), "two.835")
    assert settled(answer) == [("WO", 40_000, "proposed", "A-000001")]
    assert suggested(office) == ["reopen"]
    office.do(f"{DAY} intake resolve 1 --take")
    assert (office.case().state, office.case().disputed_cents, office.case().paid_cents) == ("denied", 40_000, 80_000)
    assert [mark.name for mark in office.situation().marks] == ["recoupment-notice"]
    office.check()


def test_a_takeback_on_an_open_case_proposes_the_mark_once_and_a_resend_adds_nothing(offices):
    office = offices.after(*reviewed())
    text = remittance(plb=("WO:C-1*400",), paid="-400", trace="T-2")
    assert settled(take(office, text)) == [("WO", 40_000, "proposed", "A-000001")]
    again = take(office, text.replace("~\n", "~\r\n"), "two.835")
    assert settled(again) == [("WO", 40_000, "known", "")]
    assert suggested(office) == ["recoupment-notice"]


@pytest.mark.parametrize(
    ("plb", "paid", "fate", "warned"),
    [
        ("WO:NOBODYS*400", "-400", "person", True),
        ("WO*400", "-400", "person", True),
        ("FB:C-1*400", "-400", "listed", False),
        ("L6:C-1*-3.27", "3.27", "listed", False),
    ],
)
def test_what_takes_nothing_back_is_listed_and_a_takeback_of_nobodys_is_left_for_a_person_with_a_warning(offices, plb, paid, fate, warned):
    office = offices.after(*resolved())
    answer = take(office, remittance(plb=(plb,), paid=paid))
    assert [one[2] for one in settled(answer)] == [fate]
    assert any("look for a takeback" in warning for warning in answer.data["files"][0]["warnings"]) is warned
    assert "as the payer paid" in answer.data["files"][0]["reconciled"]
    assert suggested(office) == []
    left = office.say(f"{DAY} intake resolve --list", "--json").data["left"]
    assert [one["paid_cents"] for one in left] == ([-40_000] if fate == "person" else [])


def test_a_takeback_that_may_mean_two_cases_names_both_and_proposes_nothing(offices):
    office = offices.after(*opened(), SECOND)
    answer = take(office, remittance(plb=("WO:C-1 C-2*400",), paid="-400"))
    [warning] = answer.data["files"][0]["warnings"]
    assert "case A-000001 or case A-000002" in warning
    assert (suggested(office, "1"), suggested(office, "2")) == ([], [])


# Answers to an appeal -------------------------------------------------------------------------------------------


def test_the_reason_that_upholds_says_so_and_another_denial_says_what_to_do_if_it_answers_no_appeal(offices):
    office = offices.after(*filed())
    assert told(take(office, remittance(claim("C-1", "4", "1200", "0", "CO*193*1200"))))[0][0] == "the payer upholds its decision"
    office = offices.after(*filed())
    assert "denial-added" in told(take(office, remittance(claim(*DENIED))))[0][0]
    assert suggested(office) == ["uphold"]


LESS = ("C-1", "4", "1200", "0", "CO*50*1100", "CO*45*100")
LATE = {
    "a denial": claim(*LESS),
    "with the reason that upholds": claim("C-1", "4", "1200", "0", "CO*193*1200"),
    "a part paid": claim("C-1", "1", "1200", "500", "CO*50*700"),
}


@pytest.mark.parametrize("what", LATE)
def test_a_notice_from_before_the_appeal_was_sent_is_no_answer_and_is_added_with_its_own_clocks(offices, what):
    office = offices.after(*filed())
    before = {clock.id for clock in office.running()}
    answer = take(office, remittance(LATE[what], day="20261108"))
    assert (answer.code, fates(answer)) == (0, {"added": 1})
    assert (suggested(office), office.case().state) == ([], "appeal_filed")
    assert [str(denial.notice_date) for denial in office.situation().denials][-1] == "2026-11-08"
    assert {clock.kind for clock in office.running() if clock.id not in before} == {"file_internal_appeal"}
    office.check()


@pytest.mark.parametrize("day", ["20261109", "20261110"])
def test_a_notice_of_the_day_the_appeal_was_sent_or_later_is_proposed_as_its_answer(offices, day):
    office = offices.after(*filed())
    answer = take(office, remittance(claim(*LESS), day=day))
    assert (fates(answer), suggested(office)) == ({"proposed": 1}, ["uphold"])


def test_a_notice_between_two_pending_appeals_may_answer_the_first(offices):
    answer = take(offices.after(*BOTH), remittance(claim(*LESS), day="20261109"))
    assert fates(answer) == {"proposed": 1}
    assert fates(take(offices.after(*BOTH), remittance(claim(*LESS), day="20261108"))) == {"added": 1}


def test_a_decision_received_on_a_proved_day_is_taken_with_that_day(offices):
    office = offices.after(*filed())
    take(office, remittance(claim("C-1", "4", "1200", "0", "CO*193*1200")), options="--received 2026-11-23")
    office.do(f"{DAY} intake resolve 1 --take")
    assert str(office.situation().denials[-1].received_date) == "2026-11-23"


def test_money_for_a_part_during_an_appeal_is_proposed_as_won_in_part_line_by_line(offices):
    office = offices.after()
    lines = ("96365 700 0 CO*50*700", "J3490 500 0 CO*50*500")
    take(office, remittance(claim("C-1", "4", "1200", "0", lines=lines)))
    office.do(f"{DAY} coverage C-1 --programme employer --funding self_funded --grandfathered no --internal-levels 1")
    office.do(f"{DAY} review-eob C-1 --reviewer X --category other --path appeal")
    office.do(f"{DAY} file-appeal C-1 --track member_appeal --appellant patient --sent {DAY} --received {DAY}")
    part = claim("C-1", "1", "1200", "500", lines=("96365 700 0 CO*50*700", "J3490 500 500"))
    take(office, remittance(part, trace="T-2", paid="500", day="20261124"), "two.835")
    assert suggested(office) == ["partially-overturn"]
    office.do(f"{DAY} intake resolve 1 --take")
    assert [(line.recovered_cents, line.disputed_cents) for line in office.situation().lines] == [(0, 70_000), (50_000, 0)]
    office.check()


# Whose money it is ----------------------------------------------------------------------------------------------


def test_several_interchanges_and_payers_of_one_file_are_each_their_own(offices):
    office = offices.after()
    one = interchange(payment(claim("C-8", "4", "500", "0", "CO*50*500"), payer="FIRST HEALTH"))
    two = interchange(payment(claim("C-9", "4", "300", "0", "CO*50*300"), payer="SECOND HEALTH"), control="000000002").replace("*", "|")
    answer = take(office, one + two)
    assert fates(answer) == {"opened": 2}
    assert [office.situation(ref).payer.name for ref in ("C-8", "C-9")] == ["FIRST HEALTH", "SECOND HEALTH"]


def test_a_payment_to_another_npi_is_listed_elsewhere_once_the_practice_declared_its_own(offices):
    office = offices.after(*opened())
    office.do(f"{DAY} practice --npi {NPI}")
    strange = remittance(claim(*DENIED), payee=f"XX*{OTHER_NPI}", plb=("WO:C-1*400",), paid="-400")
    answer = take(office, strange)
    assert (answer.code, fates(answer), settled(answer)) == (0, {"elsewhere": 1}, [("WO", 40_000, "elsewhere", "")])
    assert (office.case().state, suggested(office)) == ("submitted", [])
    assert fates(take(office, remittance(claim(*DENIED), trace="T-2"), "ours.835")) == {"moved": 1}
    office.check()


@pytest.mark.parametrize(
    ("declared", "payee", "tax_id", "fate"),
    [
        (f"--npi {NPI}", "XX*" + OTHER_NPI, "", "elsewhere"),
        ("--tax-id 12-3456789", "FI*987654321", "", "elsewhere"),
        ("--tax-id 12-3456789", "FI*123456789", "", "moved"),
        ("--tax-id 12-3456789", "XX*" + OTHER_NPI, "123456789", "moved"),
        (f"--npi {NPI} --tax-id 12-3456789", "XX*" + OTHER_NPI, "12-3456789", "moved"),
        (f"--npi {NPI} --npi {OTHER_NPI}", "XX*" + OTHER_NPI, "", "moved"),
        (f"--npi {NPI}", "FI*987654321", "", "moved"),
        (f"--npi {NPI}", "", "", "moved"),
    ],
)
def test_a_payee_is_another_where_a_number_of_a_declared_kind_says_so_and_none_is_ours(offices, declared, payee, tax_id, fate):
    office = offices.after(*opened(), f"{DAY} practice {declared}")
    assert fates(take(office, remittance(claim(*DENIED), payee=payee, tax_id=tax_id))) == {fate: 1}


def test_without_a_declaration_a_payee_never_seen_is_taken_with_a_warning(offices):
    office = offices.after()
    assert take(office, remittance(claim(*DENIED))).data["files"][0]["warnings"] == []
    other = remittance(claim("C-9", "4", "300", "0", "CO*50*300"), payee=f"XX*{OTHER_NPI}", trace="T-2")
    answer = take(office, other, "two.835")
    assert fates(answer) == {"opened": 1}
    assert any("no case was ever paid to this payee's NPI" in warning for warning in answer.data["files"][0]["warnings"])
    assert OTHER_NPI not in answer.out


def test_what_was_elsewhere_is_taken_when_it_is_sent_again_after_the_number_was_declared(offices):
    office = offices.after(*opened(), f"{DAY} practice --npi {NPI}")
    text = remittance(claim(*DENIED), payee=f"XX*{OTHER_NPI}")
    take(office, text)
    office.do(f"{DAY} practice --npi {OTHER_NPI}")
    assert fates(take(office, text.replace("~\n", "~\r\n"), "again.835")) == {"moved": 1}


def test_the_claim_numbers_of_another_practice_in_the_same_database_are_never_touched(offices):
    office = offices.after(*opened())
    office.do(f"{DAY} init --another --name 'Other Clinic' --state NC --zone America/New_York --person 'B. Clerk' --sandbox")
    file = office.db.with_name("other.835")
    file.write_text(remittance(claim(*DENIED)))
    answer = office.say(f"{DAY} intake {file} --practice 'Other Clinic'", "--json")
    assert fates(answer) == {"opened": 1}
    listed = office.say(f"{DAY} queue --practice 'Made-up Clinic' --json").data
    assert "denied" not in str(listed)


# What was sent before -------------------------------------------------------------------------------------------


def test_a_file_doubled_by_accident_is_taken_once_and_says_what_stood_in_it_already(offices):
    office = offices.after()
    once = interchange(payment(claim("C-8", "4", "500", "0", "CO*50*500"), claim("C-9", "1", "300", "300"), paid="300"))
    answer = take(office, once + once)
    assert fates(answer) == {"opened": 1, "ignored": 1, "known": 2}
    assert answer.data["files"][0]["repeated"] == 2
    said = offices.after().say(f"{DAY} intake {office.db.with_name('era.835')}").out
    assert "already in this file" in said and "reconciled: 4 claims read" in said


def test_a_claim_a_person_was_left_is_taken_when_the_file_comes_again_readable_and_known_from_then_on(offices):
    office = offices.after()
    good = remittance(claim("C-9", "4", "500", "0", "CO*50*500"))
    assert fates(take(office, good.replace("4*500*", "4*5x0*"))) == {"person": 1}
    assert fates(take(office, good, "good.835")) == {"opened": 1}
    assert fates(take(office, good.replace("~\n", "~\r\n"), "again.835")) == {"known": 1}


def test_the_fates_of_a_file_of_every_kind_add_up_to_the_file(offices):
    office = offices.after(*opened(), f"{DAY} practice --npi {NPI}")
    part = claim("C-8", "4", "500", "0", "CO*50*500", icn="ICN-2", served="20261103")
    ours = payment(
        claim(*DENIED), claim("C-8", "4", "500", "0", "CO*50*500"), part,
        claim("C-7", "1", "300", "300"), claim("C-6", "1", "100", "0"), plb=("WO:X*50.05", "L6*-0.05"), paid="250",
    )  # fmt: skip
    theirs = payment(claim("C-5", "1", "70.10", "70.10"), payee=f"XX*{OTHER_NPI}", trace="T-2", paid="70.10", control="0002")
    [file] = take(office, interchange(ours, ours, theirs)).data["files"]
    assert {fate: sums["claims"] for fate, sums in file["fates"].items()} == {
        "opened": 1, "moved": 1, "added": 1, "ignored": 1, "known": 5, "person": 1, "elsewhere": 1,
    }  # fmt: skip
    for column, total in (("claims", 11), ("charged_cents", 527_010), ("paid_cents", 67_010)):
        assert sum(sums[column] for sums in file["fates"].values()) == total
    assert file["reconciled"].endswith("paid $670.10, less provider adjustments $100.00: as the payer paid")


def test_proposals_are_answered_one_by_one_or_all_of_a_kind_and_nothing_is_written_off(offices):
    office = offices.after(*resolved(), SECOND)
    office.do(f"{DAY} deny C-2 --notice 2026-11-20 --amount 300 --code CO-50")
    text = remittance(claim("C-1", "22", "-1200", "-1200"), claim("C-2", "1", "300", "300"), paid="-900")
    assert fates(take(office, text)) == {"proposed": 2}
    office.do(f"{DAY} intake resolve --step pay --take")
    assert (suggested(office, "1"), office.case("2").outcome) == (["reopen"], "paid")
    office.do(f"{DAY} intake resolve 1 --refuse --reason 'the payer paid again'")
    assert (suggested(office, "1"), office.case("1").state) == ([], "resolved")
    assert [office.case(ref).written_off_cents for ref in ("1", "2")] == [0, 0]
    office.check()


# What must not be lost, and must not land elsewhere --------------------------------------------------------------


def test_a_file_that_joins_types_is_refused_whole_and_its_parts_are_taken(offices):
    office = offices.after()
    sent = write837(HEAD, BATCH, (sent_of(),))
    for joined in (sent + remittance(claim(*DENIED)), remittance(claim(*DENIED)) + sent):
        before = office.everything()
        answer = take(office, joined, "joined.x12")
        assert (answer.code, office.everything()) == (30, before)
        assert "joins files of several types" in answer.err
    assert fates(take(office, remittance(claim(*DENIED)))) == {"opened": 1}
    office.check()


def test_a_record_number_of_a_household_makes_no_two_people_one(offices):
    office = offices.after()
    of_the_house = ("REF*EA*77",)
    one = claim("C-8", "4", "500", "0", "CO*50*500", more=of_the_house)
    other = claim("C-9", "4", "300", "0", "CO*50*300", first="BOB", member="M-7", more=of_the_house)
    answer = take(office, remittance(one, other))
    assert fates(answer) == {"opened": 1, "person": 1}
    assert left(answer) == ["This record number belongs to a patient of another name."]
    married = claim("C-10", "4", "200", "0", "CO*50*200", last="SAMPLE", more=of_the_house)
    assert fates(take(office, remittance(married, trace="T-2"), "two.835")) == {"opened": 1}
    assert office.situation("C-10").patient.id == office.situation("C-8").patient.id
    office.check()


def test_father_and_son_of_one_name_and_member_id_are_two_people_in_one_file(offices):
    office = offices.after()
    senior, junior = (sent_of(number=number, born=born) for number, born in (("C-8", date(1980, 1, 1)), ("C-9", date(2015, 3, 3))))
    assert fates(take(office, write837(HEAD, BATCH, (senior, junior)), "claims.837")) == {"opened": 2}
    assert office.situation("C-8").patient.id != office.situation("C-9").patient.id
    office.check()


@pytest.mark.parametrize("trace", ["", "0", "NONE"])
def test_without_a_trace_the_day_of_the_notice_says_which_payment_it_was(offices, trace):
    office = offices.after()
    assert fates(take(office, remittance(claim("C-9", "4", "500", "0", "CO*50*500"), trace=trace, day="20261110"))) == {"opened": 1}
    later = remittance(claim("C-9", "4", "500", "0", "CO*29*500"), trace=trace, day="20261120")
    assert fates(take(office, later, "later.835")) == {"added": 1}
    assert [d.notice_date.isoformat() for d in office.situation("C-9").denials] == ["2026-11-10", "2026-11-20"]
    assert fates(take(office, later.replace("~\n", "~\r\n"), "again.835")) == {"known": 1}
    office.check()


def test_claims_without_any_number_and_trace_are_told_apart_by_whose_they_are(offices):
    office = offices.after()
    nobodys = {"icn": "", "served": "20261102"}
    assert fates(take(office, remittance(claim("0", "4", "500", "0", "CO*50*500", **nobodys), trace=""))) == {"opened": 1}
    bobs = claim("0", "4", "500", "0", "CO*50*500", first="BOB", last="SMITH", member="M-7", **nobodys)
    assert fates(take(office, remittance(bobs, trace=""), "two.835")) == {"opened": 1}
    assert len(office.everything()["patient"]) == 2
    office.check()


def test_an_entry_that_stands_twice_in_a_file_with_other_money_is_left_for_a_person(offices):
    office = offices.after()
    paid, denied = claim("C-9", "1", "500", "500"), claim("C-9", "1", "500", "0", "CO*50*500")
    answer = take(office, interchange(payment(paid, paid="500"), payment(denied, control="0002")))
    assert fates(answer) == {"ignored": 1, "person": 1}
    assert "another charge or payment" in left(answer)[0]


def test_a_payment_for_other_days_and_services_of_a_reused_number_moves_nothing(offices):
    office = offices.after()
    take(office, remittance(claim("C-9", "4", "500", "0", "CO*50*500")))
    other = claim("C-9", "1", "300", "300", served="20261109", icn="ICN-2", lines=("99214 300 300",))
    answer = take(office, remittance(other, trace="T-2", paid="300"), "two.835")
    assert (fates(answer), suggested(office)) == ({"person": 1}, [])
    assert "other days of service" in left(answer)[0]
    office.check()


def test_the_answer_to_a_replacement_takes_the_place_of_the_first_and_doubles_no_money(offices):
    office = offices.after()
    take(office, remittance(claim("C-9", "4", "500", "0", "CO*50*500")))
    again = claim("C-9", "4", "500", "0", "CO*16*500", icn="ICN-NEW", lines=("96366 500 0 CO*16*500",), more=("REF*F8*ICN-C-9",))
    assert fates(take(office, remittance(again, trace="T-2", day="20261123"), "two.835")) == {"added": 1}
    assert (office.case().billed_cents, office.case().disputed_cents) == (50_000, 50_000)
    office.check()


def test_one_notice_by_two_ways_is_on_the_case_once(offices):
    office = offices.after()
    take(office, remittance(claim("C-9", "4", "500", "0", "CO*50*500", icn="ICN-EOB-1")))
    clocks = [clock.kind for clock in office.running()]
    answer = take(office, bundle(denied(), *PEOPLE), "eob.json")
    assert fates(answer) == {"known": 1}
    assert "is on the case" in told(answer)[0][0]
    assert (len(office.situation().denials), [clock.kind for clock in office.running()]) == (1, clocks)
    office.check()


def test_a_receipt_before_the_day_of_service_is_left_for_a_person(offices):
    office = offices.after()
    take(office, write837(HEAD, BATCH, (sent_of(),)), "claims.837")
    before = office.case()
    early = report_of(statuses=(TAKEN._replace(on=date(2025, 1, 1)),), received=date(2025, 1, 1))
    answer = take(office, write277(HEAD, BATCH._replace(trace="ACK-1"), (early,)), "ack.277")
    assert fates(answer) == {"person": 1}
    assert "before its day of service" in left(answer)[0]
    assert office.case() == before
    office.check()


def test_a_claim_under_the_name_of_somebody_who_turned_out_to_be_another_finds_that_one(offices):
    office = offices.after()
    take(office, remittance(claim(*DENIED), claim("C-10", "4", "500", "0", "CO*50*500", first="ERYN", member="M-2")))
    kept, gone = (office.situation(ref).patient.id for ref in ("A-000001", "A-000002"))
    office.do(f"{DAY} patient merge {kept} {gone} --reason 'one chart, two spellings'")
    again = claim("C-11", "4", "500", "0", "CO*50*500", first="ERYN", member="M-2")
    paid = claim("C-10", "1", "500", "500", first="ERYN", member="M-2")
    assert fates(take(office, remittance(again, paid, trace="T-3", paid="500"), "two.835")) == {"opened": 1, "proposed": 1}
    assert {office.case(ref).patient_id for ref in ("1", "2", "3")} == {kept}
