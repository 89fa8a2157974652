"""What a file of claims and its acknowledgements do: an 837 opens, a 277CA proves or warns, and the 835 finds the case again."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date

import pytest
from practice import Office, Offices, denied, opened, resolved, reviewed
from test_claim837 import BATCH, CHILD, HEAD, SELF, VISIT, sent_of
from test_status277 import INVALID, TAKEN, report_of, two_of_one_patient, whole_of
from write277 import write277
from write837 import write837

from appeals.intake.claim835 import dated
from appeals.intake.remittance import Adjustment, Claim, Line, Transaction
from appeals.intake.status_report import Status
from appeals.intake.write835 import Payment, write
from db.engine import best_driver

DAY = "2026-11-24"
OURS = BATCH._replace(payer="INVENTED HEALTH", payer_id="")  # as the office's histories name it
TWO = (
    Line(0, "HC:96365", 45_000, None, "", "1", (dated("472", "20261102"),)),
    Line(0, "HC:J3490", 8_000, None, "", "1", (dated("472", "20261102"),)),
)


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def take(office: Office, text: str, name: str, day: str = DAY):
    file = office.db.with_name(name)
    file.write_text(text, "ascii")
    return office.say(f"{day} intake {file}", "--json")


def send(office: Office, *sent, batch: Transaction = BATCH, day: str = DAY):
    return take(office, write837(HEAD, batch, sent), "claims.837", day)


def acknowledge(office: Office, *reports, batch: Transaction = BATCH, day: str = DAY):
    return take(office, write277(HEAD, batch._replace(trace="ACK-1"), reports), "ack.277", day)


def pay(office: Office, *claims: Claim, payer: str = "HEALTH", payer_id: str = "60001", day: str = "20261205"):
    head = Transaction(
        0, "0001", "I", sum(claim.paid_cents or 0 for claim in claims), "ACH", dated("BPR16", day), "T-1", dated("405", day),
        payer, payer_id, "CLINIC", "1234567893",
    )  # fmt: skip
    return take(office, write(HEAD, [Payment(transaction=head, claims=claims)]), "era.835", "2026-12-10")


def answer_of(number: str, status: str, *lines: Line, patient=SELF, control: str = "ICN-1", charge: int | None = None) -> Claim:
    billed = sum(line.charge_cents or 0 for line in lines) if charge is None else charge
    paid = sum(line.paid_cents or 0 for line in lines)
    days = (dated("232", "20261102"), dated("233", "20261102"))
    return Claim(0, 1, number, status, billed, paid, None, payer_control=control, patient=patient, insured=SELF, dates=days, lines=lines)


def settled(line: Line, paid: int, *adjustments: Adjustment) -> Line:
    return line._replace(paid_cents=paid, adjustments=adjustments)


def fates(answer) -> dict[str, int]:
    [file] = answer.data["files"]
    return {fate: sums["claims"] for fate, sums in file["fates"].items()}


def told(answer) -> list[str]:
    return [case["what"] for case in answer.data["files"][0]["cases"]]


def matched(answer) -> list[str]:
    return [case["matched"] for case in answer.data["files"][0]["cases"]]


def marks_of(office: Office, ref: str) -> list[tuple[str, date]]:
    return [(mark.name, mark.dated) for mark in office.situation(ref).marks]


# An 837


def test_a_claim_sent_opens_a_submitted_case_with_its_lines_and_starts_no_time_of_the_payer(offices):
    office = offices.after()
    sent = sent_of("C-9", CHILD, TWO, born=date(2015, 5, 1), diagnoses=("F332", "F411"), references=(("G1", "AUTH-7"), ("EA", "MRN-7")))
    answer = send(office, sent)
    assert (answer.code, fates(answer), told(answer)) == (0, {"opened": 1}, ["837P, 2 lines, $530.00"])
    found = office.situation("C-9")
    assert (found.case.state, found.case.billed_cents, found.case.assignment) == ("submitted", 53_000, "yes")
    assert (found.case.service_from, found.case.service_to, found.case.submitted_on) == (date(2026, 11, 2), date(2026, 11, 2), None)
    assert (found.patient.name, found.patient.birth_date, found.coverage.member_id, found.coverage.group_number) == (
        "KIT EXAMPLE", date(2015, 5, 1), "M-1", "G-1",
    )  # fmt: skip
    assert (found.payer.name, found.payer.payer_number, found.provider.name, found.provider.npi) == (
        "HEALTH",
        "60001",
        "CLINIC",
        "1234567893",
    )
    assert [(line.position, line.procedure, line.charge_cents, line.outcome) for line in found.lines] == [
        (1, "96365", 45_000, ""), (2, "J3490", 8_000, ""),
    ]  # fmt: skip
    assert {(n.system, n.value) for n in found.claim_numbers} == {("ours", "C-9"), ("authorisation", "AUTH-7")}
    assert [c.kind for c in office.running("C-9")] == ["house_submitted"]
    opened_by, _ = office.events("C-9")
    assert opened_by["facts"]["diagnoses"] == ["F332", "F411"]
    assert (opened_by["facts"]["frequency"], opened_by["facts"]["claim_type"], opened_by["facts"]["batch"]) == ("1", "P", "BATCH-1")
    assert marks_of(office, "C-9") == [("claim-sent", date(2026, 11, 20))]
    office.check()


def test_the_same_claims_again_change_nothing_whether_by_bytes_or_by_number(offices):
    office = offices.after()
    send(office, sent_of(), sent_of("C-2"))
    before = office.everything()
    assert send(office, sent_of(), sent_of("C-2")).data["files"][0]["already"]
    assert office.everything() == before
    cases = [office.situation(ref) for ref in ("C-1", "C-2")]
    again = send(office, sent_of("C-2"), sent_of("C-2"), sent_of(), batch=BATCH._replace(trace="BATCH-2"))
    assert fates(again) == {"known": 3}
    assert [office.situation(ref) for ref in ("C-1", "C-2")] == cases
    office.check()


def test_two_new_claims_of_one_patient_and_a_dependant_are_two_people(offices):
    office = offices.after()
    send(office, sent_of(), sent_of("C-2"), sent_of("C-3", CHILD))
    patients = [office.case(ref).patient_id for ref in ("C-1", "C-2", "C-3")]
    assert patients[0] == patients[1] != patients[2]


def test_a_known_number_of_another_patient_an_encounter_and_a_claim_without_a_payer_open_nothing(offices):
    office = offices.after(*opened())
    other = sent_of(patient=CHILD._replace(last="OTHER"))
    assert fates(send(office, other, batch=OURS)) == {"person": 1}
    assert fates(send(office, sent_of("C-8", purpose="RP"))) == {"ignored": 1}
    assert fates(send(office, sent_of("C-7"), batch=BATCH._replace(payer="", payer_id=""))) == {"person": 1}
    with office.store() as store:
        assert len(list(store.case_rows())) == 1


def test_a_claim_nobody_can_read_is_left_for_a_person_and_every_claim_is_accounted_for(offices):
    office = offices.after()
    text = write837(HEAD, BATCH, [sent_of("C-8"), sent_of("C-9")]).replace("CLM*C-8*210", "CLM*C-8*2l0")
    answer = take(office, text, "claims.837")
    assert (answer.code, fates(answer)) == (3, {"opened": 1, "person": 1})
    [file] = answer.data["files"]
    assert sum(sums["charged_cents"] for sums in file["fates"].values()) == 21_000
    assert [entry["claim"] for entry in office.do(f"{DAY} intake resolve --list --json").data["left"]] == ["C-8"]


def test_a_second_payers_claim_is_a_case_of_its_own_linked_to_the_first(offices):
    office = offices.after()
    send(office, sent_of())
    answer = send(office, sent_of(rank="S"), batch=BATCH._replace(payer="SECOND", payer_id="60002"))
    assert fates(answer) == {"opened": 1}
    second = office.situation("A-2")
    assert [(link.kind, link.other_case_id) for link in second.links] == [("other_payer", office.case("A-1").id)]
    office.check()


def test_a_first_payer_that_has_no_such_case_while_another_has_is_left_for_a_person(offices):
    office = offices.after()
    send(office, sent_of())
    answer = send(office, sent_of(), batch=BATCH._replace(payer="HEALTH OF NC", payer_id="70001"))
    assert fates(answer) == {"person": 1}
    assert "case A-000001 has it, of HEALTH" in answer.data["files"][0]["left"][0]["message"]


@pytest.mark.parametrize(
    ("history", "frequency", "step"),
    [
        (reviewed(path="corrected_claim"), "7", "resubmit"),
        (denied(), "7", "resubmit"),
        (resolved(), "7", "reopen"),
        (opened(), "8", "void"),
        (opened(), "7", ""),
        (reviewed(), "8", ""),
    ],
    ids=["reviewed", "denied", "resolved", "taken back", "replaced while nobody answered", "taken back after a review"],
)
def test_a_replacement_is_kept_on_its_case_proposes_what_it_may_mean_and_opens_none(offices, history, frequency, step):
    office = offices.after(*history)
    before = office.case()
    answer = send(office, sent_of(frequency=frequency), batch=OURS)
    assert fates(answer) == {"proposed" if step else "added": 1}
    assert (office.case().state, marks_of(office, "1")[-1][0]) == (before.state, "claim-sent")
    assert [p.step for p in office.situation().proposals if p.status == "open"] == ([step] if step else [])
    with office.store() as store:
        assert len(list(store.case_rows())) == 1
    if step and history != denied():
        office.do(f"{DAY} intake resolve 1 --take")
        assert office.case().state != before.state
    office.check()


def test_a_replacement_under_a_number_of_its_own_is_found_by_the_number_it_replaces_and_its_answer_finds_the_case(offices):
    office = offices.after()
    send(office, sent_of())
    acknowledge(office, report_of(control="ICN-1"))
    answer = send(office, sent_of("C-1R", frequency="7", references=(("F8", "ICN-1"),)), batch=BATCH._replace(trace="BATCH-2"))
    assert fates(answer) == {"added": 1}
    assert {n.value for n in office.situation("A-1").claim_numbers if n.system == "ours"} == {"C-1", "C-1R"}
    answer = pay(office, answer_of("C-1R", "4", settled(VISIT[0], 0, Adjustment("CO", "50", 21_000)), control="ICN-2"))
    assert fates(answer) == {"moved": 1}
    assert office.case("A-1").state == "denied"
    office.check()


def test_a_replacement_of_a_claim_nobody_knows_opens_a_case(offices):
    office = offices.after()
    assert fates(send(office, sent_of(frequency="7", references=(("F8", "ICN-0"),)))) == {"opened": 1}
    assert "frequency 7, a replacement of ICN-0" in office.situation("C-1").marks[0].text


def test_a_replacement_may_bring_other_days_of_service_and_never_finds_another_patients_case(offices):
    office = offices.after()
    send(office, sent_of())
    acknowledge(office, report_of(control="ICN-1"))
    later = (VISIT[0]._replace(dates=(dated("472", "20261103"),)),)
    again = {"frequency": "7", "references": (("F8", "ICN-1"),)}
    answer = send(office, sent_of("C-1R", lines=later, **again), batch=BATCH._replace(trace="BATCH-2"))
    assert (fates(answer), matched(answer)) == ({"added": 1}, ["matched by the number of the claim it replaces"])
    other = sent_of("C-1S", SELF._replace(last="OTHER", first="ONE"), lines=later, **again)
    answer = send(office, other, batch=BATCH._replace(trace="BATCH-3"))
    assert fates(answer) == {"person": 1}
    [left] = answer.data["files"][0]["left"]
    assert left["message"] == "the number of the claim it replaces belongs to case A-000001: another patient's"
    office.check()


def test_a_first_claim_that_names_an_earlier_one_is_a_claim_of_its_own(offices):
    office = offices.after()
    send(office, sent_of())
    acknowledge(office, report_of(control="ICN-1"))
    answer = send(office, sent_of("C-5", references=(("F8", "ICN-1"),)), batch=BATCH._replace(trace="BATCH-2"))
    assert fates(answer) == {"opened": 1}


def test_claims_sent_under_a_number_that_is_not_the_practices_open_nothing_once_it_declared_its_own(offices):
    office = offices.after(f"{DAY} practice --npi 1245319599")
    answer = send(office, sent_of())
    assert (answer.code, fates(answer)) == (0, {"elsewhere": 1})
    office.do(f"{DAY} practice --npi 1234567893")
    answer = send(office, sent_of(), batch=BATCH._replace(control="0002"))
    assert (fates(answer), answer.data["files"][0]["warnings"]) == ({"opened": 1}, [])


# A 277CA


def test_an_acceptance_proves_when_the_payer_had_the_claim_and_its_time_runs_from_there(offices):
    office = offices.after()
    send(office, sent_of())
    answer = acknowledge(office, report_of(control="ICN-1"))
    assert (answer.code, fates(answer)) == (0, {"added": 1})
    found = office.situation("C-1")
    assert found.case.submitted_on == date(2026, 11, 21)
    accepted = found.marks[-1]
    assert (accepted.name, accepted.dated, accepted.about) == ("claim-accepted", date(2026, 11, 21), found.case.id)
    assert "277CA ACK-1 of HEALTH; A2:20:PR accepted for processing; had it on 2026-11-21" in accepted.text
    running = [c for c in office.running("C-1") if c.hard]
    assert running
    assert {(c.start_date, c.owed_by) for c in running} == {(date(2026, 11, 21), "payer")}
    assert [n.value for n in found.claim_numbers if n.system == "payer"] == ["ICN-1"]
    assert "claim-accepted" in office.say(f"{DAY} show C-1").out
    office.check()


def test_a_later_acceptance_moves_no_date_and_an_earlier_one_does(offices):
    office = offices.after()
    send(office, sent_of())
    acknowledge(office, report_of())
    acknowledge(office, report_of(received=date(2026, 11, 23)), batch=BATCH._replace(payer_id="X"))
    assert office.case("C-1").submitted_on == date(2026, 11, 21)
    acknowledge(office, report_of(received=date(2026, 11, 20)), batch=BATCH._replace(payer_id="Y"))
    assert office.case("C-1").submitted_on == date(2026, 11, 20)
    assert {c.start_date for c in office.running("C-1") if c.hard} == {date(2026, 11, 20)}
    office.check()


def test_what_a_clearing_house_accepts_is_kept_and_is_no_receipt_by_the_payer(offices):
    office = offices.after()
    send(office, sent_of())
    acknowledge(office, report_of(by_payer=False), batch=BATCH._replace(payer="CLEARING", payer_id="CH"))
    assert office.case("C-1").submitted_on is None
    kept = office.situation("C-1").marks[-1]
    assert (kept.name, "a clearing house: the payer has not said so yet" in kept.text) == ("note", True)
    with office.store() as store:
        assert [payer.name for payer in store.payers()] == ["HEALTH"]


def test_an_acceptance_after_the_denial_is_proof_alone_and_moves_no_date(offices):
    office = offices.after(*denied())
    before = office.situation().clocks
    answer = acknowledge(office, report_of(), batch=OURS)
    assert fates(answer) == {"added": 1}
    assert office.situation().clocks == before
    assert office.case().submitted_on == date(2026, 11, 2)
    office.check()


def test_a_rejection_is_a_mark_that_starts_no_clock_of_the_law_and_moves_no_state(offices):
    office = offices.after()
    send(office, sent_of())
    answer = acknowledge(office, report_of("C-1", INVALID))
    assert fates(answer) == {"added": 1}
    assert told(answer) == ["rejected: A7:562:85 rejected, something in it is invalid"]
    assert (office.case("C-1").state, [c.kind for c in office.running("C-1")]) == ("submitted", ["send_again"])
    assert marks_of(office, "C-1")[-1] == ("claim-rejected", date(2026, 11, 21))
    office.check()


def test_a_claim_sent_again_after_its_rejection_is_kept_with_its_day(offices):
    office = offices.after()
    send(office, sent_of())
    acknowledge(office, report_of("C-1", INVALID))
    late = BATCH._replace(trace="BATCH-2", produced_on=dated("BHT04", "20261123"))
    answer = send(office, sent_of(), batch=late)
    assert (fates(answer), told(answer)) == ({"added": 1}, ["sent again after it was rejected"])
    assert marks_of(office, "C-1")[-1] == ("claim-sent", date(2026, 11, 23))
    assert fates(send(office, sent_of(), batch=late._replace(control="0002"))) == {"known": 1}
    office.check()


def test_a_report_about_an_unknown_claim_waits_or_is_left_for_a_person_and_a_rejected_batch_too(offices):
    office = offices.after()
    answer = acknowledge(office, whole_of(INVALID), report_of("C-8"), report_of("C-9", INVALID))
    assert (answer.code, fates(answer)) == (3, {"waiting": 1, "person": 2})
    said = [left["message"] for left in answer.data["files"][0]["left"]]
    assert said[0].startswith("the receiver's whole batch BATCH-1 was rejected, no claim of it was taken in: A7:562:85")
    assert said[1] == "no case is known for it: A7:562:85 rejected, something in it is invalid"
    [file] = answer.data["files"]
    assert sum(sums["charged_cents"] for sums in file["fates"].values()) == 42_000


def test_a_rejected_batch_is_kept_on_every_case_its_claims_opened_and_left_for_a_person(offices):
    office = offices.after()
    send(office, sent_of(), sent_of("C-2"))
    send(office, sent_of("C-3"), batch=BATCH._replace(trace="BATCH-2"))
    answer = acknowledge(office, whole_of(INVALID))
    assert (answer.code, fates(answer)) == (3, {"person": 1})
    assert answer.data["files"][0]["left"][0]["message"].endswith("kept on 2 cases; send it again")
    assert [marks_of(office, ref)[-1][0] for ref in ("C-1", "C-2", "C-3")] == ["claim-rejected", "claim-rejected", "claim-sent"]
    office.check()


# A clearing house that gives all its batches one number


NEXT_DAY = BATCH._replace(produced_on=dated("BHT04", "20261121"))


def rejected(office: Office, *refs: str) -> list[str]:
    return [ref for ref in refs if "claim-rejected" in {name for name, _ in marks_of(office, ref)}]


def two_batches(office: Office, second: Transaction = NEXT_DAY) -> None:
    """Two files under one number: C-1 and C-2, then C-3."""
    assert fates(send(office, sent_of(), sent_of("C-2"))) == {"opened": 2}
    assert fates(send(office, sent_of("C-3"), batch=second)) == {"opened": 1}


@pytest.mark.parametrize(
    ("whole", "marked"),
    [
        (whole_of(INVALID), ["C-3"]),  # the payer had it on the day the second was made
        (whole_of(INVALID, on=date(2026, 11, 20)), ["C-1", "C-2"]),  # the second was not made yet
        (whole_of(INVALID, on=date(2026, 11, 22)), []),
        (whole_of(INVALID, on=date(2026, 11, 19)), []),
        (whole_of(INVALID, on=date(2026, 11, 22), claims=2), ["C-1", "C-2"]),
        (whole_of(INVALID, on=date(2026, 11, 22), charge_cents=21_000), ["C-3"]),
        (whole_of(INVALID, claims=2, charge_cents=21_000), []),
    ],
)
def test_a_rejected_batch_whose_number_others_have_too_is_the_one_of_its_day_claims_and_charge_or_nobodys(offices, whole, marked):
    office = offices.after()
    two_batches(office)
    answer = acknowledge(office, whole)
    assert (answer.code, fates(answer)) == (3, {"person": 1})
    assert rejected(office, "C-1", "C-2", "C-3") == marked
    [left] = answer.data["files"][0]["left"]
    assert ("2 batches have this number" in left["message"]) == (not marked)
    assert left["message"].endswith("; send it again")
    office.check()


def test_a_batch_of_the_same_day_is_told_by_its_submitter_and_else_left_for_a_person(offices):
    office = offices.after()
    send(office, sent_of())
    take(office, write837(HEAD, BATCH, [sent_of("C-2")]).replace("*46*S1", "*46*S2"), "claims.837")
    answer = acknowledge(office, whole_of(INVALID, on=date(2026, 11, 20), submitter="S3"))
    assert "2 of them could be meant" in answer.data["files"][0]["left"][0]["message"]
    acknowledge(office, whole_of(INVALID, on=date(2026, 11, 20), submitter="S2"))
    assert rejected(office, "C-1", "C-2") == ["C-2"]


def test_two_batches_of_one_number_in_one_file_are_two(offices):
    office = offices.after()
    text = write837(HEAD, BATCH, [sent_of(), sent_of("C-2")]) + write837(HEAD, NEXT_DAY, [sent_of("C-3")])
    assert fates(take(office, text, "claims.837")) == {"opened": 3}
    acknowledge(office, whole_of(INVALID, claims=1))
    assert rejected(office, "C-1", "C-2", "C-3") == ["C-3"]


def test_a_batch_that_came_again_in_other_bytes_is_no_second_one(offices):
    office = offices.after()
    send(office, sent_of())
    assert fates(take(office, write837(HEAD, BATCH, [sent_of()], line_end="\n"), "again.837")) == {"known": 1}
    acknowledge(office, whole_of(INVALID))
    assert rejected(office, "C-1") == ["C-1"]


def test_a_batch_whose_bytes_were_not_kept_is_told_by_its_claims_alone(offices):
    office = offices.after()
    two_batches(office)
    with closing(best_driver().connect(office.db, isolation_level=None)) as connection:
        connection.execute("DELETE FROM original")
    acknowledge(office, whole_of(INVALID))
    assert rejected(office, "C-1", "C-2", "C-3") == []
    acknowledge(office, whole_of(INVALID, claims=1))
    assert rejected(office, "C-1", "C-2", "C-3") == ["C-3"]


[ONE] = VISIT
ANEW = {
    "another charge": sent_of(lines=(ONE._replace(charge_cents=30_000),)),
    "other lines": sent_of(lines=(ONE._replace(charge_cents=11_000), ONE._replace(charge_cents=10_000))),
    "another procedure": sent_of(lines=(ONE._replace(procedure="HC:99213"),)),
    "another day": sent_of(lines=(ONE._replace(dates=(dated("472", "20261103"),)),)),
}


@pytest.mark.parametrize("what", ANEW)
@pytest.mark.parametrize("batch", [BATCH, NEXT_DAY, BATCH._replace(trace="BATCH-2")], ids=["same", "next day", "another"])
def test_a_claim_sent_again_with_other_content_is_left_for_a_person_whatever_the_number_of_its_batch(offices, what, batch):
    office = offices.after()
    send(office, sent_of())
    before = office.situation("C-1")
    answer = send(office, ANEW[what], batch=batch)
    assert (answer.code, fates(answer)) == (3, {"person": 1})
    assert office.situation("C-1") == before
    office.check()


def test_a_replacement_under_the_number_of_the_first_batch_is_not_taken_for_the_first(offices):
    office = offices.after()
    send(office, sent_of())
    answer = send(office, sent_of(frequency="7"))
    assert (fates(answer), told(answer)) == ({"added": 1}, ["sent again as a replacement (frequency 7): kept as a mark"])
    assert fates(take(office, write837(HEAD, BATCH, [sent_of(frequency="7")], line_end="\n"), "again.837")) == {"known": 1}


def test_a_claim_sent_again_after_its_rejection_under_the_number_of_the_first_batch_is_kept_and_says_what_differs(offices):
    office = offices.after()
    send(office, sent_of(), sent_of("C-2"))
    acknowledge(office, whole_of(INVALID))
    answer = send(office, sent_of(), ANEW["another charge"]._replace(claim=ANEW["another charge"].claim._replace(claim_number="C-2")),
                  batch=NEXT_DAY)  # fmt: skip
    assert told(answer) == ["sent again after it was rejected", "sent again after it was rejected, with another charge: correct the case"]
    assert marks_of(office, "C-1")[-1] == ("claim-sent", date(2026, 11, 21))


def traced(office: Office, ref: str) -> list[dict]:
    return office.do(f"{DAY} intake trace {ref} --json").data["places"]


def test_the_rejection_of_a_whole_batch_is_in_the_trace_of_each_case_with_its_place_and_of_no_other(offices):
    office = offices.after()
    send(office, sent_of(), sent_of("C-2"))
    send(office, sent_of("C-3"), batch=BATCH._replace(trace="BATCH-2"))
    acknowledge(office, whole_of(INVALID), report_of("C-2"))
    sent, whole = traced(office, "C-1")
    assert (sent["kind"], sent["fate"]) == ("837", "opened")
    assert (whole["kind"], whole["place"], whole["fate"]) == ("277", "segment", "person")
    assert whole["reason"].startswith("the receiver's whole batch BATCH-1 was rejected")
    texts = [part["text"] for part in whole["said"]]
    assert whole["said"][0]["number"] == whole["number"]
    assert texts == ["NM1*41*2*MADE-UP BILLING*****46*S1~", "TRN*2*BATCH-1~", "STC*A7:562:85*20261121*U~"]
    assert [(place["kind"], place["fate"]) for place in traced(office, "C-2")] == [("837", "opened"), ("277", "person"), ("277", "added")]
    assert [place["kind"] for place in traced(office, "C-3")] == ["837"]


def test_the_traces_of_two_claims_in_one_level_of_a_report_show_each_its_own_status(offices):
    office = offices.after()
    send(office, sent_of(), sent_of("C-2"))
    take(office, two_of_one_patient(report_of(), report_of("C-2", INVALID)), "ack.277")
    shown = {ref: json.dumps(traced(office, ref)[-1]["said"]) for ref in ("C-1", "C-2")}
    assert ("A2:20:PR" in shown["C-1"], "A7:562" in shown["C-1"], "C-2" in shown["C-1"]) == (True, False, False)
    assert ("A2:20:PR" in shown["C-2"], "A7:562" in shown["C-2"], "C-1" in shown["C-2"]) == (False, True, False)


def test_an_acceptance_is_the_paper_an_appeal_against_late_filing_needs(offices):
    office = offices.after()
    send(office, sent_of())
    acknowledge(office, report_of())
    late = answer_of("C-1", "4", settled(VISIT[0], 0, Adjustment("CO", "29", 21_000)))
    pay(office, late)
    asked = office.do("2026-12-10 checklist C-1 --json").data
    [paper] = [item for item in asked["items"] if item["kind"] == "proof_of_timely_filing"]
    assert (asked["category"], asked["missing"], paper["noted"]) == ("timely_filing", [], ["2026-11-21"])


def test_the_same_report_in_other_bytes_changes_nothing(offices):
    office = offices.after()
    send(office, sent_of())
    acknowledge(office, report_of(), batch=BATCH._replace(payer="HEALTH INC", payer_id="H9"))
    before = office.situation("C-1")
    again = acknowledge(office, report_of(), batch=BATCH._replace(payer="HEALTH INC", payer_id="H9", control="0002"))
    assert fates(again) == {"known": 1}
    assert office.situation("C-1") == before


def test_an_answer_about_a_claim_is_kept_as_a_note_and_found_by_the_payers_number(offices):
    office = offices.after()
    send(office, sent_of())
    acknowledge(office, report_of(control="ICN-1"))
    paid = Status("F1", "65", "", date(2026, 11, 22))
    answer = acknowledge(office, report_of("", paid, control="ICN-1", answer=True, trace="Q-1"), batch=BATCH._replace(trace="Q"))
    assert fates(answer) == {"added": 1}
    assert (marks_of(office, "C-1")[-1], office.case("C-1").state) == (("note", date(2026, 11, 22)), "submitted")
    assert "F1:65 finished, paid" in office.situation("C-1").marks[-1].text
    office.check()


@pytest.mark.parametrize("code", ["F2", "A4"])
def test_a_payer_that_says_no_without_a_notice_is_told_to_somebody(offices, code):
    office = offices.after()
    send(office, sent_of())
    said = Status(code, "88", "", date(2026, 11, 22))
    answer = acknowledge(office, report_of("C-1", said, answer=True, trace="Q-1"), batch=BATCH._replace(trace="Q"))
    [warned] = [warning for warning in answer.data["files"][0]["warnings"] if "ask the payer for its notice" in warning]
    assert (fates(answer), f"case A-000001: {code}:88" in warned) == ({"added": 1}, True)
    unknown = acknowledge(office, report_of("C-99", said, answer=True, trace="Q-2"), batch=BATCH._replace(trace="Q2", control="0002"))
    assert fates(unknown) == {"person": 1}


def test_a_report_of_another_patient_is_never_kept_on_the_case_of_that_number(offices):
    office = offices.after()
    send(office, sent_of())
    answer = acknowledge(office, report_of("C-1", INVALID, patient=SELF._replace(last="OTHER", first="ONE", id="M-9")))
    assert fates(answer) == {"person": 1}
    assert marks_of(office, "C-1") == [("claim-sent", date(2026, 11, 20))]


# The 835 that follows


def test_a_denial_that_follows_finds_the_case_and_its_lines_whatever_their_order(offices):
    office = offices.after()
    send(office, sent_of("C-1", SELF, TWO))
    infusion, drug = TWO
    lines = (settled(drug, 8_000), settled(infusion, 0, Adjustment("CO", "50", 45_000)))
    assert fates(pay(office, answer_of("C-1", "1", *lines))) == {"moved": 1}
    found = office.situation("C-1")
    assert (found.case.state, found.case.disputed_cents, found.case.paid_cents) == ("denied", 45_000, 8_000)
    assert [(line.procedure, line.charge_cents, line.disputed_cents, line.paid_cents) for line in found.lines] == [
        ("96365", 45_000, 45_000, 0), ("J3490", 8_000, 0, 8_000),
    ]  # fmt: skip
    office.check()


def test_a_line_the_payer_made_up_stands_behind_those_that_were_sent(offices):
    office = offices.after()
    send(office, sent_of("C-1", SELF, TWO))
    bundled = Line(0, "HC:99070", 53_000, 0, "", "1", (dated("472", "20261102"),), (Adjustment("CO", "97", 53_000),))
    assert fates(pay(office, answer_of("C-1", "4", bundled))) == {"moved": 1}
    assert [(line.position, line.procedure, line.disputed_cents) for line in office.situation("C-1").lines] == [
        (1, "96365", 0), (2, "J3490", 0), (3, "99070", 53_000),
    ]  # fmt: skip
    office.check()


def test_each_row_is_traced_to_its_own_segment_though_the_payer_brings_the_lines_in_another_order(offices):
    office = offices.after()
    send(office, sent_of("C-1", SELF, TWO))
    infusion, drug = TWO
    made_up = Line(0, "HC:99070", 1_000, 0, "", "1", (dated("472", "20261102"),), (Adjustment("CO", "97", 1_000),))
    denied_drug = settled(drug, 0, Adjustment("CO", "50", 8_000))
    pay(office, answer_of("C-1", "4", made_up, denied_drug, settled(infusion, 0, Adjustment("CO", "50", 45_000)), charge=53_000))
    sent, answered = office.say("2026-12-10 intake trace C-1", "--json").data["places"]
    assert [part["text"].split("*")[0] for part in sent["said"]][:1] == ["CLM"]
    text = {part["number"]: part["text"] for part in answered["said"]}
    found = {row["words"]: text.get(row["number"], "") for row in answered["made"]}
    assert found["line 3: 99070, charge $10.00"].startswith("SVC*HC:99070*10*")
    assert found["CO-97 $10.00"].startswith("CAS*CO*97*10")
    assert found["CO-50 $80.00"].startswith("CAS*CO*50*80")
    assert found["CO-50 $450.00"].startswith("CAS*CO*50*450")


def test_a_payment_that_follows_pays_each_line_what_the_payer_says_of_it(offices):
    office = offices.after()
    send(office, sent_of("C-1", SELF, TWO))
    infusion, drug = TWO
    off = Adjustment("CO", "45", 15_000)
    lines = (settled(infusion, 30_000, off), settled(drug, 5_000, Adjustment("CO", "45", 1_000), Adjustment("PR", "1", 2_000)))
    assert fates(pay(office, answer_of("C-1", "1", *lines))) == {"moved": 1}
    found = office.situation("C-1")
    assert (found.case.state, found.case.outcome) == ("resolved", "paid")
    assert [(line.paid_cents, line.contractual_cents, line.patient_cents) for line in found.lines] == [
        (30_000, 15_000, 0), (5_000, 1_000, 2_000),
    ]  # fmt: skip
    assert (found.case.paid_cents, found.case.contractual_cents, found.case.patient_cents) == (35_000, 16_000, 2_000)
    office.check()


def test_a_payer_of_another_name_and_number_is_found_by_number_patient_and_days_and_known_from_then_on(offices):
    office = offices.after()
    send(office, sent_of())
    first = answer_of("C-1", "4", settled(VISIT[0], 0, Adjustment("CO", "50", 21_000)))
    answer = pay(office, first, payer="HEALTH OF NORTH CAROLINA", payer_id="88888")
    assert fates(answer) == {"moved": 1}
    assert told(answer) == ["CO-50"]
    assert matched(answer) == ["matched by claim number, patient, days of service and charge: its payer is on file as HEALTH"]
    assert office.case("C-1").state == "denied"
    second = first._replace(position=2, lines=(settled(VISIT[0], 21_000),), paid_cents=21_000, status="1")
    answer = pay(office, second, payer="HEALTH OF NORTH CAROLINA", payer_id="88888", day="20261208")
    assert (fates(answer), matched(answer)) == ({"proposed": 1}, ["matched by claim number and member id"])
    with office.store() as store:
        assert len(list(store.case_rows())) == 1
    office.check()


def test_what_a_payer_of_another_name_sends_next_finds_the_case_in_the_same_file_and_by_the_payers_number(offices):
    office = offices.after()
    send(office, sent_of())
    other = {"payer": "HEALTH OF NORTH CAROLINA", "payer_id": "88888"}
    denial = answer_of("C-1", "4", settled(VISIT[0], 0, Adjustment("CO", "50", 21_000)))
    answer = pay(office, denial, denial._replace(position=2, payer_control="ICN-2"), **other)
    assert fates(answer) == {"moved": 1, "added": 1}
    by_theirs = denial._replace(claim_number="0", payer_control="ICN-1", lines=(settled(VISIT[0], 21_000),), paid_cents=21_000, status="1")
    answer = pay(office, by_theirs, **other, day="20261208")
    assert (fates(answer), matched(answer)) == ({"proposed": 1}, ["matched by payer control number and member id"])
    with office.store() as store:
        assert len(list(store.case_rows())) == 1
    office.check()


def test_another_payers_number_that_is_the_same_finds_no_case_before_it_was_found_to_be_one(offices):
    office = offices.after()
    send(office, sent_of())
    acknowledge(office, report_of(control="ICN-1"))
    other = answer_of("", "1", settled(VISIT[0], 21_000))
    assert fates(pay(office, other._replace(claim_number="C-8"), payer="THIRD", payer_id="60003")) == {"ignored": 1}
    assert office.case("A-1").state == "submitted"


@pytest.mark.parametrize(
    "change",
    [
        {"patient": CHILD},
        {"dates": (dated("232", "20261103"), dated("233", "20261103")), "lines": ()},
        {"charge_cents": 20_000, "lines": ()},
        {"status": "2"},
    ],
    ids=["another patient", "other days", "another charge", "a second payer's answer"],
)
def test_a_claim_number_alone_is_no_evidence_that_it_is_the_same_claim(offices, change):
    office = offices.after()
    send(office, sent_of())
    claim = answer_of("C-1", "4", charge=21_000)._replace(adjustments=(Adjustment("CO", "50", 21_000),), **change)
    pay(office, claim, payer="OTHER HEALTH", payer_id="99999")
    assert office.case("A-1").state == "submitted"
    assert office.case("A-2").state == "denied"
    office.check()


def test_two_cases_that_could_be_meant_leave_the_answer_for_a_person(offices):
    office = offices.after()
    send(office, sent_of())
    send(office, sent_of(rank="S"), batch=BATCH._replace(payer="SECOND", payer_id="60002"))
    answer = pay(office, answer_of("C-1", "4", settled(VISIT[0], 0, Adjustment("CO", "50", 21_000))), payer="THIRD", payer_id="60003")
    assert fates(answer) == {"person": 1}
    assert "case A-000001, case A-000002 have this claim number" in answer.data["files"][0]["left"][0]["message"]


def test_an_answer_by_another_payers_name_about_an_answered_claim_moves_nothing_and_says_which_case_it_may_be(offices):
    office = offices.after()
    send(office, sent_of())
    lines = (settled(VISIT[0], 0, Adjustment("CO", "50", 21_000)),)
    pay(office, answer_of("C-1", "4", *lines))
    before = office.case("A-1")
    answer = pay(office, answer_of("C-1", "1", settled(VISIT[0], 21_000)), payer="THIRD", payer_id="60003")
    assert fates(answer) == {"ignored": 1}
    assert told(answer)[0].endswith("; case A-000001 of another payer has this claim number: are they one?")
    assert office.case("A-1") == before


def test_a_question_about_claims_is_refused_by_name_and_writes_nothing(offices):
    office = offices.after()
    text = write277(HEAD, BATCH, [report_of(answer=True)]).replace("ST*277", "ST*276")
    before = office.everything()
    answer = take(office, text, "ask.276")
    assert answer.code != 0
    assert "This is a 276 (claim status request)" in answer.out + answer.err
    assert office.everything() == before


def test_an_acceptance_of_a_whole_batch_is_ignored_with_its_words(offices):
    assert fates(acknowledge(offices.after(), whole_of(TAKEN))) == {"ignored": 1}


# A file that is marked as a test


TEST = "segment {}: the file is marked as a test (ISA15 T): ask its sender whether what it says is so"


@pytest.mark.parametrize("kind", ["835", "837", "277"])
def test_a_test_file_is_taken_with_a_warning_that_names_its_segment(offices, kind):
    head = Transaction(0, "0001", "I", 0, "ACH", dated("BPR16", "20261120"), "T-1", dated("405", "20261120"), "HEALTH", "60001")
    marked = HEAD._replace(usage="T")
    text = {
        "835": lambda head_: write(
            head_, [Payment(transaction=head, claims=[answer_of("C-1", "4", settled(VISIT[0], 0, Adjustment("CO", "50", 21_000)))])]
        ),
        "837": lambda head_: write837(head_, BATCH, [sent_of()]),
        "277": lambda head_: write277(head_, BATCH, [report_of()]),
    }[kind]
    warned = take(offices.after(), text(marked), "a.edi").data["files"][0]["warnings"]
    bare = take(offices.after(), text(HEAD), "a.edi").data["files"][0]["warnings"]
    assert warned == [TEST.format(1), *bare]
    second = take(offices.after(), text(HEAD) + text(marked._replace(control="000000002")), "b.edi").data["files"][0]["warnings"]
    assert TEST.format(1 + text(HEAD).count("~")) in second
    assert TEST.format(1) not in second
