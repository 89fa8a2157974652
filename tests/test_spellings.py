"""A claim number or name that somebody wrote otherwise is still the case's, where everything else about it is the case's too."""

from __future__ import annotations

import pytest
from practice import Offices
from remitting import DAY, claim, fates, remittance, take
from test_csv_intake import HEADER, row

from appeals import identity

DENIED = ("4", "500", "0", "CO*50*500")


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def paid(number: str, **how):
    return remittance(claim(number, "1", "500", "500", icn="", **how), trace="T-2", paid="500")


@pytest.mark.parametrize(("ours", "theirs"), [("000123", "123"), ("123", "000123"), ("C-4", "00C-4"), ("AB12", "AB 12")])
def test_a_number_without_its_zeros_or_blanks_is_the_cases_where_patient_days_and_charge_are(offices, ours, theirs):
    office = offices.after()
    take(office, remittance(claim(ours, *DENIED)))
    answer = take(office, paid(theirs), "paid.835")
    [case] = answer.data["files"][0]["cases"]
    assert (case["case"], fates(answer)) == ("A-000001", {"proposed": 1})
    assert case["matched"] == "matched by claim number but for zeros or blanks, days of service, charge and member id"


@pytest.mark.parametrize(
    "other", [{"member": "M-2"}, {"last": "OTHER", "first": "PAT"}, {"served": "20261103"}, {"served": ""}], ids=lambda each: str(each)
)
def test_such_a_number_alone_is_no_evidence(offices, other):
    office = offices.after()
    take(office, remittance(claim("000123", *DENIED)))
    assert fates(take(office, paid("123", **other), "paid.835")) == {"ignored": 1}


def test_a_table_from_which_a_spreadsheet_dropped_the_zeros_opens_nothing_twice(offices):
    office = offices.after()
    take(office, f"{HEADER}\r\n{row(number='000123')}\r\n", "one.csv", options="--mapping generic-claims")
    answer = take(office, f"{HEADER}\r\n{row(number='123')}\r\n", "two.csv", options="--mapping generic-claims")
    assert fates(answer) == {"known": 1}
    with office.store() as store:
        assert len(list(store.case_rows())) == 1
    assert office.case().disputed_cents == 50000


@pytest.mark.parametrize(("ours", "theirs"), [("O'BRIEN", "OBRIEN"), ("DE LA CRUZ", "DELACRUZ"), ("MCDONALD", "MC DONALD")])
def test_a_name_that_differs_by_what_is_no_letter_is_the_same(offices, ours, theirs):
    office = offices.after()
    take(office, remittance(claim("C-1", *DENIED, last=ours)))
    assert fates(take(office, paid("C-1", last=theirs), "paid.835")) == {"proposed": 1}
    assert office.do(f"{DAY} intake resolve --list").out.count("A-000001") == 1


def test_a_name_of_other_letters_is_another():
    assert not identity.may_be_one("Ana Brien", "Ana O'Brian")
    assert not identity.may_be_one("Pat Smith", "Pat Smythe")


def test_a_number_is_written_otherwise_with_other_zeros_and_without_blanks():
    assert identity.spellings("0123456789") == ("123456789", "00123456789", "000123456789")
    assert identity.spellings("C-1") == () == identity.spellings("") == identity.spellings("000")
    assert identity.spellings("ab 1") == ("AB1",)
