"""What is "taken in before" is the very same thing: whoever says something else, or is somebody else, is heard."""

from __future__ import annotations

import pytest
from practice import Offices, resolved
from remitting import claim, fates, interchange, payment, remittance, take

DENIED = ("4", "500", "0", "CO*50*500")


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def left(answer):
    return [one["message"] for one in answer.data["files"][0]["left"]]


def test_a_corrected_file_that_denies_what_was_taken_off_is_left_for_a_person(offices):
    office = offices.after()
    first = remittance(claim("C-9", "1", "500", "200", "CO*45*300"), paid="200")
    assert fates(take(office, first)) == {"ignored": 1}
    answer = take(office, remittance(claim("C-9", "1", "500", "200", "CO*45*100", "CO*50*200"), paid="200"), "corrected.835")
    assert fates(answer) == {"person": 1}
    assert "other dates, reasons or lines" in left(answer)[0]


@pytest.mark.parametrize("joined", [True, False], ids=["in one file", "in two files"])
def test_another_patient_with_the_same_claim_number_in_a_payment_without_a_number_is_heard(offices, joined):
    office = offices.after()
    mine, others = claim("1", *DENIED, icn=""), claim("1", *DENIED, icn="", last="OTHER", first="PAT", member="M-2")
    payments = payment(mine, trace="0"), payment(others, trace="0", control="0002")
    if joined:
        answer = take(office, interchange(*payments))
    else:
        take(office, interchange(payments[0]))
        answer = take(office, interchange(payments[1]), "two.835")
    assert fates(answer).get("person") == 1
    assert "belongs to" in left(answer)[0]


def test_a_corrected_file_with_another_day_of_notice_is_left_for_a_person_since_the_clock_hangs_on_it(offices):
    office = offices.after()
    take(office, remittance(claim("C-9", *DENIED), day="20261120"))
    answer = take(office, remittance(claim("C-9", *DENIED), day="20261015"), "corrected.835")
    assert (fates(answer), "other dates" in left(answer)[0]) == ({"person": 1}, True)


def test_a_takeback_of_each_of_two_payments_without_a_number_is_told(offices):
    office = offices.after(*resolved())
    for day, name in (("20261110", "one.835"), ("20261117", "two.835")):
        answer = take(office, remittance(trace="NONE", paid="-100", plb=("WO:C-1*100",), day=day), name)
        [told] = answer.data["files"][0]["provider_adjustments"]
        assert told["fate"] != "known"


def test_an_adjustment_under_one_number_with_another_amount_is_open_for_a_person(offices):
    office = offices.after(*resolved())
    take(office, remittance(paid="-100", plb=("WO:C-1*100",)))
    answer = take(office, remittance(paid="-150", plb=("WO:C-1*150",)), "two.835")
    assert any("another charge or payment" in warning for warning in answer.data["files"][0]["warnings"])


def test_the_same_claims_wrapped_anew_are_known_whatever_their_line_ends_and_delimiters(offices):
    office = offices.after()
    text = remittance(claim("C-9", *DENIED), claim("C-8", "1", "300", "300"), paid="300")
    take(office, text)
    for name, again in (("a.835", text.replace("~\n", "~")), ("b.835", text.replace("*", "|")), ("c.835", text.replace("~\n", "~\r\n"))):
        assert fates(take(office, again, name)) == {"known": 2}
