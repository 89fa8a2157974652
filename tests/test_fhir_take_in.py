"""From a file of EOBs on the command line to cases with clocks; twice, damaged, and mixed with what is nobody's case."""

from __future__ import annotations

from datetime import date

import pytest
from fhir_made import BLUE, PEOPLE, adjudged, alone, bundle, carrier, denied, eob, line, money, ndjson, pharmacy
from practice import Offices, filed, opened

from appeals.intake.fhir_adjudication import ASK

DAY = "2026-11-24"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def take(office, text, name: str = "eob.json"):
    file = office.db.with_name(name)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return office.say(f"{DAY} intake {file}", "--json")


def fates(answer) -> dict[str, int]:
    [file] = answer.data["files"]
    return {fate: sums["claims"] for fate, sums in file["fates"].items()}


SHAPES = {
    "a bundle": bundle(denied(), *PEOPLE),
    "NDJSON": ndjson(*PEOPLE, denied()),
    "a single one": alone(denied(), *PEOPLE),
    "UTF-16": bundle(denied(), *PEOPLE).encode("utf-16"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_denied_eob_opens_a_case_with_its_patient_line_codes_and_clocks(offices, shape):
    office = offices.after()
    answer = take(office, SHAPES[shape])
    assert (answer.code, fates(answer)) == (0, {"opened": 1})
    found = office.situation("C-9")
    assert (found.case.state, found.case.disputed_cents, found.denials[0].reasons) == ("denied", 50000, "50")
    assert (found.patient.name, found.coverage.member_id, found.payer.name) == ("Erin Q Example", "M-1", "INVENTED HEALTH")
    assert [(one.procedure, one.service_date, one.denied_cents) for one in found.lines] == [("96365", date(2026, 11, 2), 50000)]
    assert found.denials[0].notice_date == date(2026, 11, 20)
    assert {c.kind for c in office.running("C-9")} >= {"house_denied", "file_internal_appeal"}
    assert {(row.system, row.value) for row in found.claim_numbers} >= {("payer", "ICN-EOB-1")}
    office.check()


def test_the_same_file_twice_changes_nothing_and_the_same_eob_in_another_file_is_known(offices):
    office = offices.after()
    take(office, SHAPES["a bundle"])
    before = office.everything()
    assert take(office, SHAPES["a bundle"], "again.json").data["files"][0]["already"][0] == DAY
    assert office.everything() == before
    assert fates(take(office, SHAPES["NDJSON"])) == {"known": 1}
    assert len(office.situation("C-9").denials) == 1
    office.check()


def test_an_eob_decided_anew_while_an_appeal_is_pending_is_proposed_and_the_same_one_again_is_known(offices):
    office = offices.after(*filed())
    first, upheld = (denied(number="C-1", created=day, payment={"amount": money("0.00")}) for day in ("2026-11-04", "2026-11-23"))
    take(office, bundle(first, *PEOPLE))
    told = len(office.situation().proposals)
    answer = take(office, bundle(upheld, *PEOPLE), "anew.json")
    assert fates(answer) == {"proposed": 1}
    assert len(office.situation().proposals) == told + 1
    assert fates(take(office, ndjson(*PEOPLE, upheld), "again.json")) == {"known": 1}
    office.check()


def test_who_treated_the_patient_makes_no_eob_another_practices(offices):
    office = offices.after(f"{DAY} practice --npi 1003000126")
    answer = take(office, SHAPES["a bundle"])  # its provider has another number: a member of the group, who is not who is paid
    assert (fates(answer), answer.data["files"][0]["warnings"]) == ({"opened": 1}, [])
    office.check()


def test_an_eob_that_stands_twice_in_a_file_counts_once(offices):
    office = offices.after()
    assert fates(take(office, bundle(denied(), denied(), *PEOPLE))) == {"opened": 1, "known": 1}
    office.check()


def test_a_claim_of_a_submitted_case_is_denied_or_paid_by_its_eob(offices):
    paid = eob(line("1200", "1000", adjudged("discount", "200")), number="C-1", charge="1200", paid="1000")
    office = offices.after(*opened())
    assert fates(take(office, bundle(paid, *PEOPLE))) == {"moved": 1}
    assert (office.case().state, office.case().outcome, office.case().paid_cents) == ("resolved", "paid", 100000)
    office = offices.after(*opened())
    refused = eob(line("1200", "0", adjudged("noncovered", "1200")), number="C-1", charge="1200")
    assert fates(take(office, bundle(refused, *PEOPLE))) == {"moved": 1}
    found = office.situation()
    assert (found.case.state, found.denials[0].reasons, found.case.disputed_cents) == ("denied", "denied without a code", 120000)
    office.check()


def test_every_eob_of_a_mixed_file_has_one_fate_and_the_money_adds_up(offices):
    office = offices.after()
    mixed = ndjson(
        *PEOPLE,
        denied(),
        eob(line("300", "300"), own="e-2", number="C-10", charge="300", paid="300"),
        eob(line("300.001", "0"), own="e-3", number="C-11", charge="300"),
        denied(own="e-4", number="C-12", patient={"reference": "Patient/nobody"}),
        denied(own="e-5", number="C-13", status="entered-in-error"),
        denied(own="e-6", number="C-14", created="2026", payment={"amount": money("0")}),
        carrier(),
        pharmacy(),
        {"resourceType": "Observation", "id": "o-1"},
    )
    answer = take(office, mixed)
    assert (answer.code, fates(answer)) == (3, {"opened": 3, "ignored": 1, "person": 3})
    [file] = answer.data["files"]
    assert [(one["segment"], one["message"]) for one in file["left"]] == [
        (7, f"line 1: submitted is not an amount in whole cents: {ASK}"),
        (8, "denied, and the claim names no patient"),
        (10, "denied, without a date of payment or production: nobody knows when the notice is of"),
    ]
    assert file["warnings"][0] == "resource 9: the explanation of benefits is entered-in-error: passed over, it opens no case"
    office.check()


def test_a_file_that_is_cut_off_is_refused_whole_and_nothing_of_it_is_written(offices):
    office = offices.after()
    before = office.everything()
    answer = take(office, SHAPES["a bundle"][:-200])
    assert answer.code == 30
    assert office.everything() == before


def test_codes_of_blue_button_alone_leave_who_it_is_to_a_person(offices):
    office = offices.after()
    nameless = {**PEOPLE[0], "name": [], "identifier": [{"system": f"{BLUE}variables/bene_id", "value": "1"}]}
    assert fates(take(office, ndjson(carrier(), nameless))) == {"person": 1}
    office.check()
