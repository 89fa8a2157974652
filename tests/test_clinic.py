"""The clinic's own page, row by row: what it tells its patients about insurance, each walked to its end through the command line."""

from __future__ import annotations

import pytest
from practice import ENCLOSED, Offices, calling, denied, opened, reviewed

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
    assert "authorisation ends" not in office.do("2026-11-11 today").out.split("SOON")[0]
    assert "A-000001: the authorisation ends on Sun 2027-02-28" in office.do("2027-02-24 today").out
    assert "A-000001: the authorisation ended on Sun 2027-02-28" in office.do("2027-03-05 today").out
    assert "authorisation" not in office.do("2027-03-05 remind --dry-run").out
    findings = [line for line in office.do("2027-03-05 clocks 1").out.splitlines() if line.startswith("finding")]
    assert not [line for line in findings if "authorisation" in line]
    office.do("2027-03-05 mark 1 authorisation-closed --text 'six infusions given'")
    assert "authorisation" not in office.do("2027-03-05 today").out
    assert clock(office, "authorisation_valid", "met").met_by == "authorisation-closed"
    assert "A-000001" in office.do("2027-03-05 find PA-1").out
    office.check()
