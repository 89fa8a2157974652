"""What is read of an explanation of benefits, in every shape: who, how much, and above all what is evidence of a denial."""

from __future__ import annotations

import io
from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from fhir_made import (
    BLUE,
    CARC,
    HL7,
    PEOPLE,
    adjudged,
    alone,
    bundle,
    carrier,
    concept,
    denied,
    eob,
    line,
    money,
    ndjson,
    pharmacy,
    written,
)

from appeals import codes
from appeals.errors import FileRefused
from appeals.intake import fhir, findings
from appeals.intake.fhir_parts import cents, notice_day
from appeals.intake.remittance import Caution, Claim, ClaimProblem, Name, Transaction

GROUPED = {"coding": [{"system": "https://x12.org/codes/claim-adjustment-group-codes", "code": "CO"}, {"system": CARC, "code": "29"}]}
ASSISTANT = adjudged("denialreason", "", concept(f"{BLUE}variables/carr_line_rdcd_pmt_phys_astn_c", "0"))


def why(carc: str):
    """The adjudication that says why a line is denied, without an amount of its own."""
    return adjudged("denialreason", "", concept(CARC, carc))


DENIED = denied()
SHAPES = {
    "a bundle": bundle(DENIED, *PEOPLE),
    "a bundle whose people come first": bundle(*PEOPLE, DENIED),
    "NDJSON": ndjson(*PEOPLE, DENIED),
    "a single one": alone(DENIED, *PEOPLE),
    "an array": f"[{ndjson(*PEOPLE, DENIED).rstrip().replace(chr(10), ',')}]",
    "NDJSON of bundles": bundle(*PEOPLE).replace("\n", "") + "\n" + bundle(DENIED).replace("\n", "") + "\n",
    "a bundle in a bundle": '{"resourceType": "Bundle", "entry": [{"resource": ' + bundle(DENIED, *PEOPLE) + "}]}",
}


def read(*texts):
    return [item for text in texts for item in fhir.read(io.BytesIO(text if isinstance(text, bytes) else text.encode()))]


def claim_of(resource, *others) -> Claim:
    [claim] = [item for item in read(ndjson(resource, *others)) if isinstance(item, Claim)]
    return claim


def problem_of(resource) -> ClaimProblem:
    [problem] = [item for item in read(ndjson(resource)) if isinstance(item, ClaimProblem)]
    return problem


def cautions_of(resource) -> list[tuple[str, str]]:
    return [(item.kind, item.message) for item in read(ndjson(resource)) if isinstance(item, Caution)]


def finding_of(resource) -> findings.DenialFinding:
    return findings.denied(claim_of(resource), codes.load())


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_eob_says_the_same_in_every_shape(shape):
    [transaction, claim] = read(SHAPES[shape])
    assert isinstance(transaction, Transaction)
    assert (transaction.payer, transaction.payer_id, transaction.payee, transaction.payee_id) == (
        "INVENTED HEALTH", "77001", "MADE-UP CLINIC", "1234567893",
    )  # fmt: skip
    assert (transaction.trace, transaction.amount_cents, transaction.notice_date) == ("eob-1", 0, date(2026, 11, 20))
    assert isinstance(claim, Claim)
    assert (claim.claim_number, claim.payer_control, claim.charge_cents, claim.paid_cents) == ("C-9", "ICN-eob-1", 50000, 0)
    assert claim.patient == Name("Example", "Erin", "Q", "MI", "M-1")
    assert (claim.reference("1L"), claim.service_from, claim.service_to) == ("G-7", date(2026, 11, 2), date(2026, 11, 2))
    assert [(one.code, one.units, one.service_date, one.remarks) for one in claim.lines] == [("96365", "1", date(2026, 11, 2), ("N115",))]
    assert claim.position == read(SHAPES["a bundle"])[1].position


def test_resources_are_counted_over_the_file_so_that_a_person_finds_the_one_that_is_meant():
    items = read(ndjson(*PEOPLE, DENIED) + bundle(denied(own="eob-2")))
    assert [item.segment for item in items if isinstance(item, Claim)] == [5, 6]


EVIDENCE = {
    "a CARC of the list": (why("50"), "50"),
    "a CARC of the list as terminology.hl7.org calls it": (adjudged("x", "", concept(f"{HL7}X12ClaimAdjustmentReasonCodes", "197")), "197"),
    "a CARC under its newer slice": (adjudged("adjustmentreason", "", concept(CARC, "050")), "50"),
    "a CARC with its amount": (adjudged("noncovered", "500.00", concept(CARC, "96")), "96"),
    "a CARC beside what was paid": (adjudged("benefit", "0", concept(CARC, "96")), "96"),
    "a CARC glued to its group": (adjudged("x", "", concept("https://payer.example/own", "CO120")), "CO-120"),
    "a CARC with a dash": (adjudged("x", "500", concept("", "PR-204")), "PR-204"),
    "a CARC of no list": (adjudged("denialreason", "", {"coding": [{"code": "B7"}]}), "B7"),
    "a group beside the CARC": (
        adjudged("x", "", GROUPED),
        "CO-29",
    ),
    "a code of the payer's own": (adjudged("denialreason", "", concept("https://payer.example/own", "D17")), "denied without a code"),
    "words alone": (adjudged("denialreason", "", {"text": "not needed"}), "denied without a code"),
    "nothing covered": (adjudged("noncovered", "500"), "denied without a code"),
}  # fmt: skip


@pytest.mark.parametrize("kind", EVIDENCE)
def test_a_line_is_denied_in_all_that_was_charged_for_it_by(kind):
    adjudication, words = EVIDENCE[kind]
    finding = finding_of(eob(line("500.00", "0.00", adjudication)))
    assert (finding.words, finding.denied_cents, finding.line_cents) == (words, 50000, (50000,))


@pytest.mark.parametrize(
    "extension",
    [
        {"url": "https://payer.example/StructureDefinition/denial-code", "valueCode": "CO50"},
        {"url": "https://payer.example/StructureDefinition/denialReason", "valueCoding": {"system": CARC, "code": "50"}},
        {"url": "https://payer.example/StructureDefinition/denialReason", "valueCodeableConcept": concept(CARC, "50")},
        {"url": f"{BLUE}variables/carr_clm_pmt_dnl_cd", "valueCoding": {"code": "0"}},
        {"url": f"{BLUE}variables/clm_mdcr_non_pmt_rsn_cd", "valueCoding": {"code": "N"}},
        {"url": "https://payer.example/claim-denied", "valueBoolean": True},
    ],
)
def test_an_extension_that_says_denied_denies_the_claim(extension):
    finding = finding_of(eob(line("500.00", "0.00"), extension=[extension]))
    assert (finding.is_denied, finding.denied_cents, finding.claim_cents) == (True, 50000, 50000)


@pytest.mark.parametrize(
    "resource",
    [
        eob(line("500.00", "500.00"), paid="500"),
        eob(line("500.00", "0"), outcome="error"),
        eob(line("500.00", "0"), outcome="queued", disposition="Denied"),
        eob(line("500.00", "0", adjudged("deductible", "500"))),
        eob(line("500.00", "0", adjudged("deductible", "500", concept(CARC, "1")))),
        eob(line("500.00", "300", adjudged("discount", "200")), paid="300"),
        eob(line("500.00", "300", why("45")), paid="300"),
        eob(line("500.00", "0", adjudged("benefitpaymentstatus", "", concept("https://payer.example/status", "outofnetwork")))),
        eob(
            line("500.00", "300", adjudged("denialreason", "", concept(f"{BLUE}variables/carr_line_rdcd_pmt_phys_astn_c", "0"))), paid="300"
        ),
        eob(line("500.00", "500", extension=[{"url": "https://payer.example/claim-denied", "valueBoolean": False}]), paid="500"),
        carrier(paid="500.00", denial="1", processed="A"),
        carrier(denial="1", processed="O"),
        pharmacy(paid="80.00"),
    ],
)
def test_an_outcome_a_share_of_the_patient_or_a_discount_is_no_denial(resource):
    assert not finding_of(resource).is_denied


def test_what_was_paid_and_what_is_the_patients_is_not_denied():
    partly = line("500.00", "120", adjudged("coinsurance", "30"), adjudged("noncovered", "350"), why("50"))
    finding = finding_of(eob(partly, paid="120"))
    assert (finding.words, finding.denied_cents) == ("50", 35000)
    whole = line("500.00", "120", adjudged("coinsurance", "30"), why("50"))
    assert finding_of(eob(whole, paid="120")).denied_cents == 35000


def test_of_two_reasons_the_one_that_is_no_routine_takes_the_amount():
    both = adjudged("adjustmentreason", "400", concept(CARC, "45", "50"))
    assert (finding_of(eob(line("500", "100", both), paid="100")).words) == "50"
    bare = (why("45"), why("197"))
    assert finding_of(eob(line("500", "100", *bare), paid="100")).denied_cents == 40000


def test_a_part_that_is_not_covered_without_a_reason_is_said_and_opens_nothing():
    resource = eob(line("500.00", "100", adjudged("noncovered", "400")), paid="100")
    assert not finding_of(resource).is_denied
    assert cautions_of(resource) == [("not_covered", "line 1: a part is not covered, and no reason is given: look at it")]


def test_a_reason_at_the_header_counts_once_where_a_line_has_it_and_in_full_where_none_has():
    header = [why("50")]
    assert finding_of(eob(line("500", "0"), adjudication=header)).claim_cents == 50000
    both = finding_of(eob(line("500", "0", why("50")), adjudication=header))
    assert (both.claim_cents, both.denied_cents) == (0, 50000)
    only_header = finding_of(eob(adjudication=[adjudged("submitted", "500"), adjudged("benefit", "0"), *header], item=[]))
    assert only_header.denied_cents == 50000


def test_one_reason_with_its_amount_in_two_slices_of_a_line_counts_once():
    reason = concept(CARC, "50")
    twice = line("500", "0", adjudged("noncovered", "500", reason), adjudged("denialreason", "500", reason))
    assert finding_of(eob(twice)).denied_cents == 50000
    parts = line("500", "0", adjudged("denialreason", "250", reason), adjudged("denialreason", "250", reason))
    assert finding_of(eob(parts)).denied_cents == 50000
    other = line("500", "0", adjudged("noncovered", "500", reason), adjudged("denialreason", "400", reason))
    assert "comes to more than the charge" in problem_of(eob(other)).message


def test_a_denied_claim_that_was_paid_nothing_and_leaves_a_part_unexplained_is_left_for_a_person():
    lines = line("300", "0", adjudged("denialreason", "300", concept(CARC, "50"))), line("200", "0")
    header = [adjudged("denialreason", "500", concept(CARC, "50"))]
    problem = problem_of(eob(*lines, adjudication=header))
    assert "comes to less than the charge" in problem.message and problem.claim.lines[1].charge_cents == 20000


def test_a_denied_claim_of_which_a_part_was_paid_is_taken_with_a_warning_where_a_part_is_unexplained():
    lines = line("300", "0", adjudged("denialreason", "300", concept(CARC, "50"))), line("200", "120")
    assert finding_of(eob(*lines, paid="120")).denied_cents == 30000
    assert [kind for kind, _ in cautions_of(eob(*lines, paid="120"))] == ["claim_balance"]
    assert cautions_of(eob(line("500", "120"), paid="120")) == []
    assert [kind for kind, _ in cautions_of(eob(line("500", "600"), paid="600"))] == ["claim_balance"]


def test_a_reason_on_a_line_without_amounts_denies_the_claim_whose_amounts_stand_at_its_header():
    bare = {"sequence": 1, "revenue": concept("", "0120"), "adjudication": [why("50")]}
    finding = finding_of(eob(item=[bare, bare], adjudication=[adjudged("submitted", "500"), adjudged("benefit", "0")]))
    assert (finding.words, finding.denied_cents, finding.line_cents) == ("50", 50000, (0, 0))


def test_an_item_that_is_decided_in_its_details_is_read_by_them_and_added_lines_count():
    details = [line("300", "0", why("50")), line("200", "200")]
    bare = {"productOrService": concept("", "x"), "detail": details}
    assert finding_of(eob(bare, paid="200")).line_cents == (30000, 0)
    assert finding_of(eob(line("200", "200"), addItem=[details[0]], paid="200")).line_cents == (0, 30000)


def test_blue_button_says_denied_with_codes_of_its_own():
    claim = claim_of(carrier(), *PEOPLE)
    assert (claim.claim_number, claim.payer_control, claim.status) == ("9carrier-1", "CTL-1", "4")
    assert (claim.charge_cents, claim.lines[0].procedure) == (50000, "HC:96365")
    assert finding_of(carrier()).words == "denied without a code"
    [transaction, _] = read(ndjson(carrier()))
    assert (transaction.payer, transaction.payee_id, transaction.notice_date) == ("MEDICARE", "1234567893", date(2026, 11, 21))


def test_a_pharmacy_is_read_like_any_other_with_its_drug_and_the_payers_own_code():
    claim = claim_of(pharmacy())
    assert (claim.lines[0].procedure, claim.lines[0].remarks) == ("N4:00777310502", ("payer:70",))
    assert finding_of(pharmacy()).denied_cents == 8000


@pytest.mark.parametrize("status", ["cancelled", "entered-in-error", "draft"])
def test_an_eob_that_is_not_in_force_is_a_caution_and_never_a_claim(status):
    [caution] = read(ndjson(denied(status=status)))
    assert (caution.kind, caution.segment) == ("not_in_force", 1)


@pytest.mark.parametrize(
    ("resource", "message"),
    [
        (eob(line("500.001", "0")), "line 1: submitted is not an amount in whole cents"),
        (eob(line("500", "0"), payment={"amount": money("0.004")}), "payment is not an amount in whole cents"),
        (eob(line("500", "0", adjudged("noncovered", "500", currency="CAD"))), "line 1: noncovered is not in US dollars"),
        (eob(line("500", "0"), charge="1e11"), "submitted is not an amount in whole cents"),
        (denied(status="whatever"), "it does not say that it is in force (status)"),
        (denied(use="for Erin Example"), "it is about no claim but about something else (its `use` is an unreadable code): enter it"),
        (eob(line("500", "0", adjudged("noncovered", "5.001"))), "line 1: noncovered is not an amount in whole cents: ask the payer"),
        (eob(line("500", "0", adjudged("Erin Example", "5.001"))), "line 1: an amount is not an amount in whole cents"),
        (denied(use="preauthorization"), "it is about no claim but about a preauthorization: enter it with `appeals open`"),
        (eob(total=[], payment={}, item=[{"sequence": 1}]), "it says no amounts"),
        (eob(line("500", "0"), total=[], item=[{"adjudication": [adjudged("benefit", "0")]}]), "it does not say what was charged"),
        (eob(item=[{"adjudication": [why("50")]}], payment={}), "denied with 50, and nothing says how much"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_for_certain_is_left_for_a_person_with_the_reason(resource, message):
    assert message in problem_of(resource).message


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("50", 5000), ("50.0", 5000), ("50.000", 5000), ("-1.5", -150), ("1E2", 10000), ("1e-2", 1), ("0e5", 0), ("12.345", None), ("", None),
     ("112.41600000000001", None), ("1e99", None), ("9" * 11, None),
     ("9" * 10, 10**12 - 100), ("NaN", None), ("1.2.3", None), ("٣", None), ("0.0050", None)],
)  # fmt: skip
def test_an_amount_is_exact_or_none(text, wanted):
    assert cents(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
     ("2026-11-20", date(2026, 11, 20)), ("2026-11-20T23:30:00-05:00", date(2026, 11, 20)), ("2026-11-20T00:00:00Z", date(2026, 11, 20)),
     ("2026-11-20T00:00:00.000+00:00", date(2026, 11, 20)), ("2026-11-20T03:00:00Z", date(2026, 11, 19)),
     ("2026-11-20T15:00:00Z", date(2026, 11, 20)),
     ("2026-11-21T01:00:00+05:30", date(2026, 11, 20)), ("2026-11-21T00:00:00+05:30", date(2026, 11, 20)),
     ("2026-11-21T23:00:00+05:30", date(2026, 11, 21)), ("2026-11-21T10:00:00+10:00", date(2026, 11, 20)),
     ("2026-11-20T05:00:00-03:00", date(2026, 11, 19)), ("2026-11-20T23:00:00-11:00", date(2026, 11, 20)),
     ("2026-11-20T03:00:00-05:00", date(2026, 11, 20)), ("2026-11-20T01:00:00-10:00", date(2026, 11, 20)),
     ("2026-11-20T01:00:00+99:00", None),
     ("2026-11", None), ("2026", None), ("2026-02-30", None), ("0001-01-01T03:00:00Z", None), ("2026-11-20T25:00:00Z", None), ("", None)],
)  # fmt: skip
def test_a_moment_is_the_earliest_day_it_may_have_been_here(text, wanted):
    assert notice_day(text) == wanted


def test_one_moment_written_with_any_offset_is_no_later_than_in_universal_time():
    moment = datetime(2026, 11, 20, 19, 30, tzinfo=UTC)
    for hours in range(-12, 15):
        written = moment.astimezone(timezone(timedelta(hours=hours))).isoformat()
        assert notice_day(written) <= notice_day("2026-11-20T19:30:00Z"), written


def test_a_copy_made_after_the_last_change_does_not_date_the_notice():
    resource = denied(created="2026-11-25T10:00:00Z", meta={"lastUpdated": "2026-11-21T00:00:00Z"}, payment={"amount": money("0")})
    [transaction] = [item for item in read(ndjson(resource)) if isinstance(item, Transaction)]
    assert (transaction.notice_date, transaction.produced_on.raw) == (None, "2026-11-25T10:00:00Z")
    assert [kind for kind, _ in cautions_of(resource)] == ["created"]


def test_an_eob_that_was_changed_on_the_server_is_another_entry_and_the_same_one_is_not():
    first, again = claim_of(denied()), claim_of(denied(meta={"lastUpdated": "2026-11-24T00:00:00Z"}))
    changed = claim_of(eob(line("500.00", "100", why("50")), paid="100"))
    assert first.position == again.position != changed.position


def test_an_eob_that_was_decided_anew_with_the_same_codes_is_another_entry_by_the_day_it_was_made():
    first, anew = claim_of(denied(created="2026-10-20")), claim_of(denied(created="2026-11-20"))
    assert first.position != anew.position
    again = [claim_of(denied(created=f"2026-11-20T{hour}:00:00Z")).position for hour in (12, 15)]
    assert again == [anew.position] * 2
    copies = [claim_of(denied(created=day, meta={"lastUpdated": "2026-11-01T00:00:00Z"})).position for day in ("2026-11-20", "2026-11-23")]
    assert copies[0] == copies[1]


def test_the_clinics_own_number_goes_before_the_payers_and_the_servers():
    assert claim_of(denied(claim={"identifier": {"value": "OWN-1"}})).claim_number == "OWN-1"
    made = {"resourceType": "Claim", "id": "k", "identifier": [{"value": "OWN-2"}]}
    assert claim_of(denied(claim={"reference": "Claim/k"}), made).claim_number == "OWN-2"
    assert claim_of(denied(supportingInfo=[])).claim_number == "ICN-eob-1"
    assert claim_of(denied(supportingInfo=[], identifier=[], claim={"reference": "Claim/150"})).claim_number == "150"


def test_the_next_page_of_a_search_is_asked_for():
    items = read(bundle(DENIED, link=[{"relation": "next", "url": "https://payer.example/page/2"}]))
    assert [(item.kind, item.message) for item in items if isinstance(item, Caution)] == [
        ("page", "the bundle is one page of several: take in the others too")
    ]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (bundle(*PEOPLE), "FHIR of another kind (Patient)"),
        (bundle(), "FHIR of another kind (Bundle)"),
        ('{"resourceType": "OperationOutcome"}', "an error message of a FHIR server"),
        ('{"a": 1}', "JSON that is no FHIR"),
        ("[]", "JSON that is no FHIR"),
        ('{"resourceType": "<b>"}', "JSON that is no FHIR"),
    ],
)
def test_json_without_an_eob_is_refused_by_what_it_is(text, says):
    with pytest.raises(FileRefused, match=r"without an explanation of benefits") as refused:
        read(text)
    assert says in refused.value.message


def test_letters_nobody_can_print_and_names_without_end_never_come_through():
    patient = {**PEOPLE[0], "name": [{"family": "Exa\u202emple\ud800", "given": ["E" * 300, "Q\u0000R"]}]}
    claim = claim_of(denied(), patient)
    assert claim.patient == Name("Exa mple", "Q R", "", "MI", "M-OLD")


def another(own="eob-2", **other):
    """The EOB of another person on another server, which calls its patient and coverage as the first server calls its own."""
    people = ({**PEOPLE[0], "name": [{"family": "Other", "given": ["Pat"]}]}, {**PEOPLE[1], "subscriberId": "M-2"}, *PEOPLE[2:])
    return (denied(own=own, number="C-2", **other), *people)


def lying(server: str, *resources):
    return [{"fullUrl": f"{server}/{each['resourceType']}/{each['id']}", "resource": each} for each in resources]


ONE, TWO = "https://one.example/fhir", "https://two.example/fhir"


def patients_of(text) -> list[tuple[str, str, str]]:
    return [(item.claim_number, item.patient.first, item.member_id) for item in read(text) if isinstance(item, Claim)]


def test_the_same_name_on_two_servers_is_two_people_whom_their_addresses_tell_apart():
    entries = lying(ONE, denied(), *PEOPLE) + lying(TWO, *another())
    for order in (entries, entries[::-1]):
        found = patients_of(written({"resourceType": "Bundle", "entry": order}))
        assert sorted(found) == [("C-2", "Pat", "M-2"), ("C-9", "Erin", "M-1")]
    by_address = another(patient={"reference": f"{TWO}/Patient/p-1/_history/3"})
    found = patients_of(written({"resourceType": "Bundle", "entry": lying(ONE, denied(), *PEOPLE) + lying(TWO, *by_address)}))
    assert found[1] == ("C-2", "Pat", "M-2")


def test_the_same_name_for_two_people_and_no_address_leaves_both_claims_for_a_person():
    problems = [item for item in read(ndjson(denied(), *PEOPLE, *another())) if isinstance(item, ClaimProblem)]
    assert [one.claim.claim_number for one in problems] == ["C-9", "C-2"]
    assert all("called as its Patient is" in one.message and "called as its Coverage is" in one.message for one in problems)
    assert patients_of(ndjson(denied(), *PEOPLE, denied(own="eob-3", number="C-3"), *PEOPLE))[1] == ("C-3", "Erin", "M-1")


@pytest.mark.parametrize("shape", ["bundle", "NDJSON"])
def test_a_patient_of_another_server_who_is_not_in_the_file_is_nobody_of_this_one(shape):
    away = denied(patient={"reference": f"{TWO}/Patient/p-1"})
    here = denied(own="eob-3", number="C-3", patient={"reference": f"{ONE}/Patient/p-1"})
    text = bundle(away, *PEOPLE) if shape == "bundle" else ndjson(away, here, *PEOPLE)
    assert {first for _, first, _ in patients_of(text)} == {""}


def test_an_address_of_the_only_server_a_file_speaks_of_is_known_by_its_end():
    whole = denied(patient={"reference": f"{ONE}/Patient/p-1"}, insurance=[{"coverage": {"reference": f"{ONE}/Coverage/c-1"}}])
    assert patients_of(ndjson(whole, *PEOPLE)) == [("C-9", "Erin", "M-1")]


def test_a_patient_without_a_name_is_left_without_one_and_keeps_the_members_number():
    claim = claim_of(denied(), {**PEOPLE[0], "name": []})
    assert (claim.patient.last, claim.member_id) == ("", "M-OLD")
