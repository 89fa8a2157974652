"""Several payers on file may have one name: a file that gives no number of its payer is taken all the same, claim by claim."""

from __future__ import annotations

import pytest
from practice import Offices
from remitting import DAY, claim, fates, interchange, payment, take

DENIED = ("4", "500", "0", "CO*50*500")


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def numbered(number: str, *claims, trace: str):
    """A payment whose payer gives its number (N104)."""
    return [f"{each}*XV*{number}" if each.startswith("N1*PR") else each for each in payment(*claims, trace=trace)]


@pytest.fixture
def office(offices):
    """Two cases, of two payers of one name."""
    made = offices.after()
    take(made, interchange(numbered("111", claim("C-1", *DENIED), trace="T-1")), "one.835")
    take(made, interchange(numbered("222", claim("C-2", *DENIED, member="M-2", first="PAT"), trace="T-2")), "two.835")
    return made


def test_a_payer_that_may_be_one_of_several_keeps_no_denial_of_another_payment_out(office):
    unnumbered = payment(claim("C-3", *DENIED), claim("C-1", "1", "500", "500"), claim("C-4", "1", "80", "80"), trace="T-3", paid="580")
    sure = payment(claim("C-5", *DENIED, first="ANN", member="M-5"), trace="T-4", payer="SECOND HEALTH", control="0002")
    answer = take(office, interchange(unnumbered, sure), "three.835")
    assert (answer.code, fates(answer)) == (3, {"opened": 1, "ignored": 1, "person": 2})
    assert office.situation("3").payer.name == "SECOND HEALTH"
    listed = office.do(f"{DAY} intake resolve --list").out
    assert listed.count("several payers on file have this name") == 2 and "has this claim number: A-000001" in listed
    assert office.case("1").disputed_cents == 50000
    office.check()


def test_what_such_a_payer_takes_back_beside_the_claims_is_told(office):
    text = interchange(
        payment(claim("C-4", "1", "80", "80"), claim("C-1", "22", "-500", "-500"), trace="T-3", plb=("WO:C-1*50",), paid="-470")
    )
    answer = take(office, text, "three.835")
    assert (answer.code, fates(answer)) == (3, {"ignored": 1, "person": 1})
    assert [each for each in answer.data["files"][0]["warnings"] if "provider adjustment WO $50.00" in each]
    office.check()


def test_what_such_a_payer_sent_is_settled_or_taken_once_the_number_is_given(office):
    text = interchange(payment(claim("C-3", *DENIED), trace="T-3"))
    take(office, text, "three.835")
    assert take(office, text.replace("~\n", "~\r\n"), "again.835").code == 3
    with office.store() as store:
        assert store.left_count() == 1
    take(office, interchange(numbered("111", claim("C-3", *DENIED), trace="T-3")), "four.835")
    assert office.situation("3").payer.payer_number == "111"
