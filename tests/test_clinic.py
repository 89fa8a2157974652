"""The clinic's own page, row by row: what it tells its patients about insurance, each walked to its end through the command line."""

from __future__ import annotations

import pytest
from practice import ENCLOSED, MEDICAID, Offices, by_line, calling, denied, filed, opened, reviewed

SUPERBILL = "--kind post_service --billed 1200 --network out --assignment no"
YES = "approve-write-off 1 --as ben"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture
def scan(tmp_path):
    """A paper of some kind on the scanner's disk: `scan("records")` is the words that put it on file."""

    def on_disk(kind: str, direction: str = "own", dated: str = "2026-11-05") -> str:
        path = tmp_path / f"{kind}.pdf"
        path.write_bytes(f"%PDF-1.4 a made-up {kind}".encode())
        return f"document add 1 {path} --kind {kind} --direction {direction} --date {dated}"

    return on_disk


def clock(office, kind, status="open"):
    [found] = [c for c in office.situation().clocks if c.kind == kind and c.status == status]
    return found


def test_a_patient_who_paid_up_front_appeals_and_is_reimbursed_out_of_network(offices, tmp_path):
    open_it = opened()[0].replace("--billed 1200", "--billed 1200 --service-from 2026-10-30 --assignment no")
    office = offices.after(open_it)
    office.do(
        "2026-11-03 mark 1 patient-paid --amount 1200 --date 2026-10-30 --text 'card, at the desk'",
        "2026-11-05 deny 1 --notice 2026-11-04 --amount 1200 --code CO-50",
        "2026-11-06 review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path appeal",
        "2026-11-06 mark 1 reimbursement-expected --amount 840 --text '70 % of the allowed amount'",
    )
    provider = "file-appeal 1 --track member_appeal --appellant provider --sent 2026-11-09"
    assert office.say(f"2026-11-09 {provider} {ENCLOSED}").code == 20, "without an assignment the appeal is the patient's own"
    office.do(
        f"2026-11-09 {provider.replace('provider', 'patient')} {ENCLOSED} --channel mail",
        "2026-12-21 partially-overturn 1 --decided 2026-12-18 --amount 840",
        "2027-01-11 mark 1 payment-posted --amount 840 --date 2027-01-08 --to-patient --text 'check 5501, copy from the patient'",
    )
    assert clock(office, "payment", "met").met_by == "payment-posted"
    said = office.do("2027-01-11 show 1").out
    assert "network out  assignment no" in said
    assert "reimburse superbill $1,200.00: patient paid $1,200.00, reimbursement expected $840.00, paid to the patient $840.00" in said
    assert "payment-posted  $840.00 to the patient; check 5501" in said
    assert [e["facts"].get("to_patient") for e in office.events() if e["name"] == "payment-posted"] == [True]
    office.do(f"2027-01-11 statement 1 --out {tmp_path / 'statement.txt'}")
    paper = (tmp_path / "statement.txt").read_text()
    assert "paid by you       $1,200.00 on 2026-10-30" in paper
    assert "plan paid to you  $840.00" in paper
    assert "still to pay      $0.00" in paper
    office.check()


def test_a_patient_pays_from_an_fsa_with_our_statement_before_the_run_out(offices, tmp_path):
    history = (
        opened()[0].replace("--billed 1200", "--billed 1200 --service-from 2026-10-30 --provider 'Dr Reyes' --npi 1234567893"),
        "2026-11-05 deny 1 --notice 2026-11-04 --amount 700 --paid 300 --contractual 200 --code PR-1:700.00",
    )
    office = offices.after(*history)
    office.do(
        "2026-11-05 mark 1 fsa-run-out --until 2027-03-31 --text 'from the plan papers'",
        "2026-11-06 review-eob 1 --reviewer 'A. Clerk' --category patient_share --path patient_responsibility",
    )
    run_out = clock(office, "give_statement")
    assert (str(run_out.work_by), run_out.owed_by) == ("2027-03-31", "us")
    refused = office.say("2026-11-09 bill-patient 1 --how-met fsa")
    assert (refused.code, "takes claims until Wed 2027-03-31" in refused.err, "statement-given" in refused.err) == (20, True, True)
    paper = tmp_path / "statement.txt"
    office.do(f"2026-11-09 statement 1 --out {paper}")
    said = paper.read_text()
    for words in (
        "SANDBOX",
        "provider          Dr Reyes, NPI 1234567893",
        "patient           Example, Erin",
        "dates of service  2026-10-30",
        "your share        $700.00",
        "still to pay      $700.00",
    ):
        assert words in said
    assert said.splitlines()[11].split() == ["2026-10-30", "services", "$1,200.00", "$300.00", "$200.00", "$700.00", "$0.00"]
    assert (office.say(f"2026-11-09 statement 1 --out {paper}").code, paper.read_text()) == (73, said)
    office.do("2026-11-09 mark 1 statement-given", "2026-11-09 bill-patient 1 --how-met fsa --reason 'claims it herself'")
    assert clock(office, "give_statement", "met").met_by == "statement-given"
    assert (office.case().outcome, office.case().patient_cents) == ("patient", 70_000)
    assert office.events()[-1]["reason"] == "claims it herself"
    office.check()


def test_an_fsa_whose_run_out_passed_without_a_statement_is_billed_and_the_miss_is_kept(offices):
    office = offices.after(*reviewed(path="patient_responsibility", code="PR-1"), "2026-11-06 mark 1 fsa-run-out --until 2026-11-13")
    assert "give the patient a statement" in office.do("2026-11-10 today").out
    office.do("2026-11-16 bill-patient 1 --how-met fsa")
    assert clock(office, "give_statement", "missed").met_by == "bill-patient"
    office.check()


def test_a_statement_is_refused_where_nothing_is_on_the_patient(offices, tmp_path):
    office = offices.after(*denied())
    before = office.everything()
    answer = office.say(f"2026-11-06 statement 1 --out {tmp_path / 'x.txt'}")
    assert (answer.code, "no money is on the patient" in answer.err) == (20, True)
    assert not (tmp_path / "x.txt").exists()
    assert office.everything() == before


def test_an_authorisation_won_by_a_call_keeps_its_number_days_and_units_and_its_end_is_watched(offices):
    office = offices.after(*calling(denied(kind="pre_service")))
    win = "peer-overturn 1 --reviewer 'Dr Poe' --reference P-2 --decided 2026-11-10 --authorisation PA-1"
    assert office.say(f"2026-11-10 {win} --valid-from 2027-03-01 --valid-to 2026-12-01").code == 22
    office.do(f"2026-11-10 {win} --valid-from 2026-12-01 --valid-to 2027-02-28 --units 6")
    office.check()
    said = office.do("2026-11-11 show 1").out
    assert "authorised PA-1, 2026-12-01 to 2027-02-28, 6 units" in said
    assert "Sun 2027-02-28  authorisation ends" in said
    assert "authorisation" not in office.do("2026-11-11 today").out
    assert "A-000001: the authorisation ends on Sun 2027-02-28" in office.do("2027-02-24 today").out
    assert "A-000001: the authorisation ended on Sun 2027-02-28" in office.do("2027-03-05 today").out
    told = office.do("2027-03-05 today --json").data["authorisations"]
    assert told == [{"case": "A-000001", "patient": "E. E.", "ends": "2027-02-28"}]
    assert office.do("2027-03-05 today --owner ben --json").data["authorisations"] == []
    assert "authorisation" not in office.do("2027-03-05 remind --dry-run").out
    findings = [line for line in office.do("2027-03-05 clocks 1").out.splitlines() if line.startswith("finding")]
    assert not [line for line in findings if "authorisation" in line]
    office.do("2027-03-05 mark 1 authorisation-closed --text 'six infusions given'")
    assert "authorisation" not in office.do("2027-03-05 today").out
    assert clock(office, "authorisation_valid", "met").met_by == "authorisation-closed"
    assert "A-000001" in office.do("2027-03-05 find PA-1").out
    office.check()


def test_the_parity_analysis_is_asked_for_in_writing_and_a_plan_that_does_not_answer_is_a_finding(offices, scan):
    office = offices.after(*filed())
    office.do(
        f"2026-11-10 {scan('correspondence', 'out', '2026-11-10')}",
        "2026-11-10 mark 1 parity-analysis-requested --date 2026-11-10 --text 'certified mail 7001'",
    )
    answer = clock(office, "answer_request")
    assert (answer.owed_by, str(answer.legal_due), "1024(b)(4)" in answer.cite) == ("payer", "2026-12-10", True)
    assert "let its time run out" not in office.do("2026-12-10 show 1").out
    late = office.do("2026-12-11 show 1").out
    assert "finding   the payer let its time run out on Thu 2026-12-10: give the plan documents asked for in writing" in late
    assert "mark      2026-11-10  parity-analysis-requested  certified mail 7001" in late
    office.do("2026-12-14 mark 1 parity-analysis-received --date 2026-12-14 --text 'two pages, no comparison'")
    assert clock(office, "answer_request", "missed").met_by == "parity-analysis-received"
    assert "finding" not in office.do("2026-12-14 show 1").out
    office.check()


def test_the_therapy_and_the_labs_are_won_while_the_infusion_is_appealed(offices):
    office = offices.after(*by_line(filed()))
    office.do("2026-11-16 settle-line 1 --settled 2 --to paid --reason 'reprocessed, EOB of 16 November'")
    assert (office.case().state, office.case().disputed_cents, office.case().recovered_cents) == ("appeal_filed", 70_000, 50_000)
    assert clock(office, "decide_appeal").status == "open"
    office.do("2026-12-21 partially-overturn 1 --decided 2026-12-18 --won-line 1:300 --received 2026-12-21")
    said = office.do("2026-12-21 show 1").out
    assert "line 1    96365        charged $700.00: in dispute $400.00 · recovered $300.00" in said
    assert "line 2    J3490        charged $500.00: recovered $500.00" in said
    assert (office.case().state, office.case().level) == ("denied", 2)
    office.check()


def test_the_letter_of_medical_necessity_and_the_records_hold_up_the_filing_until_they_are_on_file(offices, scan):
    office = offices.after(*reviewed())
    file = "file-appeal 1 --track member_appeal --appellant provider --authority assignment --channel fax --sent 2026-11-09"
    refused = office.say(f"2026-11-09 {file}")
    assert (refused.code, "not enclosed: letter_of_medical_necessity, records" in refused.err) == (21, True)
    asked = office.do("2026-11-09 checklist 1")
    assert "member appeal, Internal appeal; category medical necessity" in asked.out
    assert "Missing and required: letter_of_medical_necessity, records" in asked.out
    office.do(f"2026-11-09 {scan('letter_of_medical_necessity')}", f"2026-11-09 {scan('records')}")
    paper = office.situation().documents[0]
    listed = office.do("2026-11-09 checklist 1").out
    assert f"2026-11-05 {paper.sha256[:12]}" in listed
    assert "Nothing required is missing." in listed
    office.do(f"2026-11-09 {file}")
    assert office.case().state == "appeal_filed"


def test_the_next_level_asks_for_the_decision_below_and_an_expedited_review_beside_the_appeal_does_not(offices, scan):
    first = offices.after(*reviewed())
    assert "decision" not in first.do("2026-11-09 checklist 1 --json").data["missing"]
    assert "decision" in first.do("2026-11-09 checklist 1 --track external_review --json").data["missing"]
    office = offices.after(
        *filed(),
        "2026-12-21 uphold 1 --decided 2026-12-18 --received 2026-12-21",
        "2026-12-22 review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path appeal",
    )
    enclosed = "--enclosed letter_of_medical_necessity --enclosed records"
    file = f"file-appeal 1 --track external_review --appellant patient --sent 2026-12-22 {enclosed}"
    assert office.do("2026-12-22 checklist 1 --json").data["track"] == "external_review"
    assert "not enclosed: decision" in office.say(f"2026-12-22 {file}").err
    office.do(f"2026-12-22 {scan('decision', 'in', '2026-12-18')}", f"2026-12-22 {file}")
    beside = offices.after(*filed("--expedited --declared-by 'Dr Reyes'", kind="pre_service"))
    beside.do(f"2026-11-10 {file.replace('2026-12-22', '2026-11-10')} --expedited --declared-by 'Dr Reyes'")


def test_receipts_invoices_and_letters_are_kept_with_direction_and_date_beside_the_calls(offices, scan, tmp_path):
    office = offices.after(*denied())
    office.do(
        f"2026-11-06 {scan('receipt', 'in', '2026-10-30')}",
        f"2026-11-06 {scan('invoice', 'out', '2026-10-31')}",
        f"2026-11-06 {scan('correspondence', 'in', '2026-11-04')}",
        "2026-11-06 call 1 --person Dana --reference R-1 --promised 'copy of the policy' --next 2026-11-13",
    )
    said = office.do("2026-11-06 show 1").out
    for words in (
        "document  2026-10-30  receipt, in",
        "document  2026-10-31  invoice, out",
        "document  2026-11-04  correspondence, in",
        "call      2026-11-06  Dana  ref R-1: copy of the policy; again on 2026-11-13",
    ):
        assert words in said
    office.do(f"2026-11-06 document get 1 receipt --out {tmp_path / 'again.pdf'}")
    assert (tmp_path / "again.pdf").read_bytes() == (tmp_path / "receipt.pdf").read_bytes()
    office.do(f"2026-11-06 audit export --patient M-1 --out {tmp_path / 'trail.jsonl'}")
    trail = (tmp_path / "trail.jsonl").read_text()
    assert all(paper.sha256 in trail for paper in office.situation().documents)
    assert office.do("2026-11-06 document verify 1").out.endswith("3 of 3 documents hold.\n")
    office.check()


def test_a_prior_authorisation_is_denied_talked_over_and_approved_before_the_service(offices):
    office = offices.after(opened(kind="pre_service --expedited")[0])
    assert clock(office, "decide_claim").owed_by == "payer"
    office.do(
        "2026-11-04 deny 1 --notice 2026-11-04 --amount 1200 --code CO-197",
        "2026-11-05 review-eob 1 --reviewer 'A. Clerk' --category prior_authorisation --path peer_to_peer",
        "2026-11-05 request-peer-review 1 --clinician 'Dr Reyes' --callback 704-555-0100 --times-offered 'Thu 3 pm'",
        "2026-11-05 mark 1 peer-scheduled --date 2026-11-06T15:00",
        "2026-11-06 peer-overturn 1 --reviewer 'Dr Poe' --reference P-2 --authorisation PA-9 --valid-from 2026-11-09 --valid-to 2027-01-08 "
        "--units 6",
    )
    assert (office.case().outcome, clock(office, "authorisation_valid").owed_by) == ("overturned", "payer")
    assert "authorised PA-9, 2026-11-09 to 2027-01-08, 6 units" in office.do("2026-11-06 show 1").out
    office.check()


def test_a_request_that_is_simply_approved_keeps_its_window_and_undo_takes_it_back(offices):
    office = offices.after(opened(kind="pre_service")[0])
    assert office.say("2026-11-05 approve 1 --authorisation PA-1 --units 0").code == 2
    office.do("2026-11-05 approve 1 --authorisation PA-1 --valid-from 2026-11-09 --valid-to 2026-12-31 --units 6")
    office.do("2026-11-20 mark 1 authorisation-obtained --authorisation PA-1 --valid-to 2027-03-31 --units 12")
    assert str(clock(office, "authorisation_valid").work_by) == "2027-03-31", "an extension takes the place of the first window"
    office.check()
    wrong = offices.after(opened(kind="pre_service")[0], "2026-11-05 approve 1 --authorisation PA-7 --valid-to 2026-12-31")
    wrong.do("2026-11-06 undo 1 --reason 'another patient'")
    assert "authorised" not in wrong.do("2026-11-06 show 1").out
    assert not [c for c in wrong.running() if c.kind == "authorisation_valid"]
    wrong.check()


def test_days_of_an_authorisation_without_its_number_are_refused(offices):
    office = offices.after(*filed(kind="pre_service"))
    answer = office.say("2026-12-21 overturn 1 --decided 2026-12-18 --valid-to 2027-03-31")
    assert (answer.code, "`--authorisation`" in answer.err) == (21, True)
    assert office.case().state == "appeal_filed"


def test_a_patient_joins_a_clinical_trial_that_pays_and_the_rest_is_given_up_by_two(offices):
    office = offices.after(*reviewed(path="patient_responsibility", code="PR-204"))
    bill = "bill-patient 1 --how-met clinical_trial --amount 100 --reason 'trial NCT-0001 bears the drug; visits remain'"
    refused = office.say(f"2026-11-09 {bill}")
    assert (refused.code, "second person" in refused.err) == (50, True)
    office.do(f"2026-11-09 {YES}", f"2026-11-09 {bill}")
    case, told = office.case(), office.events()[-1]
    assert (case.outcome, case.patient_cents, case.written_off_cents) == ("patient", 10_000, 110_000)
    assert (told["facts"]["how_met"], told["reason"]) == ("clinical_trial", "trial NCT-0001 bears the drug; visits remain")
    office.check()


def test_a_payment_plan_a_medical_loan_and_a_package_discount_resolve_a_case_with_their_amounts(offices):
    history = reviewed(path="patient_responsibility", code="PR-204")
    ways = (("payment_plan", "", "12 x $100"), ("medical_loan", "--amount 1200", "lender pays us in one sum"),
            ("package_discount", "--amount 900", "six infusions for five"))  # fmt: skip
    for how, amount, reason in ways:
        office = offices.after(*history)
        office.do(f"2026-11-09 bill-patient 1 --how-met {how} {amount} --reason '{reason}'")
        case = office.case()
        assert case.patient_cents + case.written_off_cents == 120_000
        assert case.written_off_cents == (30_000 if how == "package_discount" else 0)
        assert (case.outcome, office.events()[-1]["facts"]["how_met"], office.events()[-1]["reason"]) == ("patient", how, reason)
        assert reason in office.do("2026-11-09 show 1").out
        office.check()


def test_the_codes_of_an_eob_are_explained_in_our_own_words_before_the_path_is_decided(offices):
    office = offices.after(
        opened()[0], "2026-11-05 deny 1 --notice 2026-11-04 --amount 1200 --line 96365:700:700:CO-55/N115 --line 90837:500:500:CO-197"
    )
    said = office.do("2026-11-05 next 1").out
    assert "CO-55/N115 $700.00: The payer calls the treatment experimental or investigational." in said
    assert "remark: Decided by a local coverage policy; ask for it and answer it." in said
    assert "CO-197 $500.00: No authorisation, notice or certification beforehand." in said
    suggested = "review-eob A-000001 --category experimental --path appeal"
    assert f"They speak for: appeals {suggested}" in said
    assert "CO-55/N115: The payer calls the treatment experimental" in office.do("2026-11-05 show 1").out
    assert "`appeals next A-000001` says what its codes mean" in office.say("2026-11-05 review-eob 1").err
    office.do(f"2026-11-05 {suggested.replace('NAME', 'ana')}")
    assert (office.case().category, office.case().path) == ("experimental", "appeal")
    without = offices.after(opened()[0], "2026-11-05 deny 1 --notice 2026-11-04 --amount 1200 --words 'not what we cover'")
    assert "the notice has none; its own words decide" in without.do("2026-11-05 next 1").out


def test_a_share_of_the_patient_beside_a_denial_does_not_decide_the_path(offices):
    both = offices.after(opened()[0], "2026-11-05 deny 1 --notice 2026-11-04 --amount 1200 --code PR-1:900 --code CO-50:300")
    assert "--category medical_necessity --path appeal" in both.do("2026-11-05 next 1").out
    alone = offices.after(*denied(code="PR-1"))
    assert "--category patient_share --path patient_responsibility" in alone.do("2026-11-06 next 1").out


def test_an_appeal_goes_out_with_its_papers_and_the_proof_that_it_arrived(offices, scan):
    office = offices.after(*reviewed())
    file = "file-appeal 1 --track member_appeal --appellant provider --authority assignment --channel fax --destination 704-555-0199"
    office.do(
        f"2026-11-09 {scan('letter_of_medical_necessity')}",
        f"2026-11-09 {scan('records')}",
        f"2026-11-09 {scan('appeal_letter', 'out')}",
        f"2026-11-09 {file} --sent 2026-11-09 --proof-kind fax_report --proof F-77 --pages 14 --result OK",
    )
    assert "NO PROOF" not in office.do("2026-11-09 show 1").out
    office.do("2026-11-10 mark 1 received --date 2026-11-09 --proof-kind portal_receipt --proof R-5")
    [filing] = office.situation().filings
    assert (filing.proof_kind, str(filing.received_date), filing.pages) == ("portal_receipt", "2026-11-09", 14)
    office.do("2027-01-08 overturn 1 --decided 2027-01-07")
    assert office.case().outcome == "overturned"
    office.check()


def test_a_peer_review_is_asked_for_during_an_appeal_and_leads_back_to_it(offices):
    office = offices.after(*filed())
    office.do(
        "2026-11-10 request-peer-review 1 --clinician 'Dr Reyes' --callback 704-555-0100 --times-offered 'Thu 3 pm'",
        "2026-11-10 mark 1 peer-scheduled --date 2026-11-12T15:00",
    )
    assert clock(office, "be_at_the_telephone").owed_by == "us"
    assert clock(office, "decide_appeal").status == "open"
    office.do("2026-11-12 peer-uphold 1 --reviewer 'Dr Poe' --said 'criteria not met'")
    assert (office.case().state, clock(office, "be_at_the_telephone", "met").met_by) == ("appeal_filed", "peer-uphold")
    office.check()


def refused_below_the_amount(office, day: str, file: str) -> None:
    answer = office.say(f"{day} {file}")
    assert (answer.code, "Hearing takes only $200.00 or more in dispute" in answer.err) == (20, True), answer.err


def test_original_medicare_is_climbed_to_the_hearing_which_takes_no_small_amount(offices):
    plan = "--programme medicare_ffs"
    small = by_amount(reviewed(plan=plan), "150")
    review = "review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path appeal"
    right = f"--authority assignment {ENCLOSED}"
    climbed = (
        f"2026-11-09 file-appeal 1 --track member_appeal --appellant provider {right} --sent 2026-11-09 --received 2026-11-09",
        "2026-12-21 uphold 1 --decided 2026-12-18 --received 2026-12-21",
        f"2026-12-22 {review}",
        f"2026-12-22 file-appeal 1 --track member_appeal --appellant provider {right} --sent 2026-12-22 --received 2026-12-22",
        "2027-02-15 uphold 1 --decided 2027-02-12 --received 2027-02-15",
        f"2027-02-16 {review}",
    )
    hearing = f"file-appeal 1 --track hearing --appellant provider {right} --sent 2027-02-16 --received 2027-02-16"
    office = offices.after(*small, *climbed)
    assert "hearing, Hearing" in office.do("2027-02-16 checklist 1").out
    refused_below_the_amount(office, "2027-02-16", hearing)
    large = offices.after(*reviewed(plan=plan), *climbed)
    large.do(f"2027-02-16 {hearing}")
    assert [(f.level, f.track, f.outcome) for f in large.situation().filings] == [
        (1, "member_appeal", "upheld"), (2, "member_appeal", "upheld"), (3, "hearing", ""),
    ]  # fmt: skip
    large.check()


def by_amount(history, dollars: str):
    """The same with less money."""
    return tuple(turn.replace("--billed 1200", f"--billed {dollars}").replace("--amount 1200", f"--amount {dollars}") for turn in history)


def test_medicaid_in_north_carolina_is_appealed_to_the_plan_and_then_heard_by_the_state(offices):
    office = offices.after(*reviewed(plan=MEDICAID))
    file = f"file-appeal 1 --appellant provider --authority written_consent {ENCLOSED}"
    office.do(
        "2026-11-06 coverage 1 --rating-period-start 2026-07-01",
        f"2026-11-09 {file} --track member_appeal --sent 2026-11-09 --received 2026-11-09",
        "2026-12-04 uphold 1 --decided 2026-12-03 --received 2026-12-04",
        "2026-12-07 review-eob 1 --reviewer 'A. Clerk' --category medical_necessity --path appeal",
    )
    [window] = [c for c in office.running() if c.kind.startswith("file_") and c.track == "hearing"]
    assert window.owed_by in ("us", "patient")
    assert "Hearing at the Office of Administrative Hearings" in office.do("2026-12-07 checklist 1").out
    office.do(f"2026-12-07 {file} --track hearing --sent 2026-12-07 --received 2026-12-07")
    assert (office.case().state, office.case().level) == ("appeal_filed", 2)
    office.do("2027-01-20 uphold 1 --decided 2027-01-19")
    assert (office.case().state, office.case().outcome) == ("resolved", "upheld")
    refused = offices.after(*reviewed(plan=MEDICAID, path="patient_responsibility", code="PR-1")).say(
        "2026-11-09 bill-patient 1 --how-met self_pay"
    )
    assert (refused.code, "never billed to the patient" in refused.err) == (20, True)
    office.check()


def test_an_off_label_use_is_argued_from_failed_treatments_scores_and_literature(offices, scan):
    office = offices.after(*denied(code="CO-55"))
    office.do("2026-11-06 review-eob 1 --reviewer 'A. Clerk' --category experimental --path appeal")
    assert office.do("2026-11-06 checklist 1 --json").data["missing"] == [
        "letter_of_medical_necessity", "records", "failed_treatments", "literature",
    ]  # fmt: skip
    assert office.say("2026-11-06 mark 1 failed-treatment").code == 21
    office.do(
        "2026-11-06 mark 1 failed-treatment --date 2025-09-01 --text 'sertraline 200 mg, 12 weeks, PHQ-9 21 to 19'",
        "2026-11-06 mark 1 failed-treatment --date 2026-02-01 --text 'bupropion 300 mg, 10 weeks, PHQ-9 20 to 18'",
        *(f"2026-11-06 {scan(kind)}" for kind in ("letter_of_medical_necessity", "records", "rating_scales", "guidelines", "literature")),
    )
    listed = office.do("2026-11-06 checklist 1").out
    assert "noted 2025-09-01, noted 2026-02-01" in listed
    assert "sertraline" not in listed, "a list leaves no read event, so it tells nobody what a patient took"
    assert "failed-treatment  sertraline 200 mg, 12 weeks, PHQ-9 21 to 19" in office.do("2026-11-06 show 1").out
    office.do("2026-11-09 file-appeal 1 --track member_appeal --appellant patient --channel fax --sent 2026-11-09")
    assert office.case().state == "appeal_filed"
    office.check()
