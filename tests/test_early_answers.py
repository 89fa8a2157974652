"""Files come in any order: what a payer said of a claim before the claim itself was taken in is not lost."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import date

import pytest
from practice import Offices
from remitting import claim, fates, remittance, take
from test_status277 import BATCH as REPORTED
from test_status277 import HEAD as REPORTING
from test_status277 import ON, report_of
from write277 import write277
from write837 import write837

from appeals.intake.claim835 import dated
from appeals.intake.remittance import Claim, Interchange, Line, Name, Transaction
from appeals.intake.status_report import Status
from appeals.intake.submission import Submission
from appeals.model import State
from db.engine import best_driver

ERIN = Name("EXAMPLE", "ERIN", "", "MI", "M-1")
SENDING = Interchange(1, "CLINIC", "PAYER", "261104", "000000001", "P")
PAID = remittance(claim("C-1", "1", "500", "500"), paid="500")


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def sent(number: str = "C-1", day: str = "20261104", trace: str = "B-1") -> str:
    line = Line(0, "HC:96365", 50000, None, "", "1", (dated("472", "20261102"),))
    one = Claim(0, 0, number, "", 50000, None, None, filing="CI", facility="11", frequency="1", patient=ERIN, insured=ERIN, lines=(line,))
    batch = Transaction(
        3, "0001", produced_on=dated("BHT04", day), trace=trace, payer=REPORTED.payer, payer_id=REPORTED.payer_id,
        payee="MADE-UP CLINIC", payee_id="1234567893",
    )  # fmt: skip
    return write837(SENDING, batch, [Submission(one, "P", "CH", "P", "18", (), "", "G-1", "Y", None)])


def report(status: Status, trace: str = "R-1", received: date | None = ON) -> str:
    return write277(REPORTING, REPORTED._replace(trace=trace), [report_of("C-1", status)._replace(received=received)])


ACCEPTED, REJECTED = Status("A2", "20", "PR", ON, "WQ"), Status("A7", "562", "85", ON, "U")


def marks(office, ref: str = "1") -> list[tuple[str, date]]:
    return [(mark.name, mark.dated) for mark in office.situation(ref).marks]


def test_an_acceptance_that_was_read_before_its_claim_proves_the_day_as_soon_as_the_claim_opens_a_case(offices):
    office = offices.after()
    take(office, sent("C-0"), "first.837")  # the payer is on file
    assert fates(take(office, report(ACCEPTED), "r.277")) == {"waiting": 1}
    opened = take(office, sent(trace="B-2"), "second.837").data["files"][0]
    assert [(each["case"], each["what"]) for each in opened["cases"]][1:] == [
        ("A-000002", "accepted: A2:20:PR accepted for processing, by a report of 2026-11-24")
    ]
    assert office.case("2").submitted_on == ON
    assert marks(office, "2") == [("claim-sent", date(2026, 11, 4)), ("claim-accepted", ON)]
    assert fates(take(office, report(ACCEPTED), "r.277", options="--again")) == {"known": 1}
    assert len(marks(office, "2")) == 2
    office.check()


def test_an_acceptance_is_kept_on_a_case_that_only_a_denial_opens_and_traced_to_its_place(offices):
    office = offices.after()
    take(office, report(ACCEPTED), "r.277")
    take(office, remittance(claim("C-1", "4", "500", "0", "CO*29*500")), "denied.835")
    assert marks(office) == [("claim-accepted", ON)]
    assert f"had it on {ON}" in office.situation("1").marks[0].text
    assert office.case().state is State.DENIED
    said = office.say("2026-11-24 intake trace 1").out
    assert "STC*A2:20:PR" in said and "CLP*C-1*4*500*0" in said
    office.check()


def test_a_case_opened_by_hand_names_the_report_that_waits_for_it_and_how_it_is_kept(offices):
    office = offices.after()
    take(office, report(ACCEPTED), "r.277")
    typed = "2026-11-24 open --patient 'Example, Erin' --payer HEALTH --claim C-1 --billed 500 --member-id M-1 --service-from 2026-11-02"
    [said] = [each for each in json.loads(office.say(typed, "--json").out)["warnings"] if "report" in each]
    assert said.startswith("a report of a file taken in on 2026-11-24 (")
    digest = said.split("(")[1].split(")")[0]
    out = office.db.with_name("again.277")
    assert office.say(f"2026-11-24 intake original {digest} --out {out}").code == 0
    assert office.say(f"2026-11-24 intake {out} --again").code == 0
    assert marks(office) == [("claim-accepted", ON)]


def test_a_rejection_that_was_left_for_a_person_leaves_the_list_when_its_claim_opens_a_case(offices):
    office = offices.after()
    assert take(office, report(REJECTED), "r.277").code == 3
    opened = take(office, sent()).data["files"][0]
    assert [each for each in opened["warnings"] if each.startswith("case A-") or "send it again" in each]
    assert marks(office)[1] == ("claim-rejected", ON)
    assert office.say("2026-11-24 intake resolve --list", "--json").data["left"] == []


def test_a_report_of_another_person_under_the_number_stays_where_it_is(offices):
    office = offices.after()
    take(office, report(ACCEPTED), "r.277")
    take(office, remittance(claim("C-1", "4", "500", "0", "CO*50*500", last="OTHER", first="OTTO", member="M-9")), "denied.835")
    assert marks(office) == []
    assert fates(take(office, report(ACCEPTED), "r.277", options="--again")) == {"waiting": 1}


def test_a_report_whose_file_is_damaged_keeps_no_case_from_being_opened_and_is_told(offices):
    office = offices.after()
    take(office, report(ACCEPTED), "r.277")
    with closing(best_driver().connect(office.db)) as connection:
        changed = connection.execute("UPDATE original SET content = zeroblob(9)").rowcount
        connection.commit()
    assert changed
    opened = take(office, sent()).data["files"][0]
    assert opened["fates"]["opened"]["claims"] == 1
    assert [each for each in opened["warnings"] if "is damaged: `appeals doctor`" in each]
    assert marks(office) == [("claim-sent", date(2026, 11, 4))]


def test_a_dry_run_tells_of_the_report_and_keeps_nothing_of_it(offices):
    office = offices.after()
    take(office, report(ACCEPTED), "r.277")
    before = office.everything()
    tried = take(office, sent(), options="--dry-run").data["files"][0]
    assert [each["what"] for each in tried["cases"]][1:] == ["accepted: A2:20:PR accepted for processing, by a report of 2026-11-24"]
    assert office.everything() == before


def test_a_payment_that_was_read_before_its_claim_answers_it_once_its_file_is_read_again_and_once_only(offices):
    office = offices.after()
    take(office, PAID, "p.835")
    take(office, sent())
    assert fates(take(office, PAID, "p.835", options="--again")) == {"moved": 1}
    assert (office.case().state, office.case().paid_cents) == (State.RESOLVED, 50000)
    assert fates(take(office, PAID, "p.835", options="--again")) == {"known": 1}
    assert fates(take(office, PAID.replace("~\n", "~\r\n"), "q.835")) == {"known": 1}
    assert office.case().paid_cents == 50000
    office.check()


def test_a_payment_of_no_case_stays_known_where_it_was_taken_back_or_the_case_has_been_denied(offices):
    taken_back, denied = offices.after(), offices.after()
    for office in (taken_back, denied):
        take(office, PAID, "p.835")
    take(taken_back, remittance(claim("C-1", "22", "-500", "-500"), trace="T-2", paid="-500"), "back.835")
    take(taken_back, sent())
    take(denied, remittance(claim("C-1", "4", "500", "0", "CO*50*500"), trace="T-3", day="20261123"), "denied.835")
    for office in (taken_back, denied):
        assert fates(take(office, PAID, "p.835", options="--again")) == {"known": 1}
        assert office.case().paid_cents == 0


def test_a_rejection_of_a_case_that_waits_says_what_to_do_and_that_it_was_accepted_before(offices):
    office = offices.after()
    take(office, sent())
    [first] = [each for each in take(office, report(REJECTED), "r.277").data["files"][0]["warnings"] if "send it again" in each]
    assert "case A-000001" in first and "accepted" not in first
    take(office, report(ACCEPTED, "R-2"), "a.277")
    later = take(office, report(REJECTED, "R-3"), "b.277").data["files"][0]["warnings"]
    assert [each for each in later if f"it was accepted on {ON}, and the payer's time to answer is counted on" in each]
    assert fates(take(office, report(REJECTED, "R-3").replace("~", "~\n"), "c.277")) == {"known": 1}
