"""A payment that is read after a later notice has decided the claim otherwise closes nothing: nobody may take it for the last word."""

from __future__ import annotations

import pytest
from practice import Offices
from remitting import claim, fates, remittance, take

from appeals.model import State

PAID = remittance(claim("C-1", "1", "500", "400", "CO*45*100"), trace="T-1", paid="400", day="20261105")


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def denied(day: str) -> str:
    return remittance(claim("C-1", "4", "500", "0", "CO*55*500"), trace="T-2", day=day)


def test_a_payment_older_than_the_denial_on_the_case_is_left_for_a_person_with_both_days(offices):
    office = offices.after()
    take(office, denied("20261119"), "later.835")
    answer = take(office, PAID, "older.835")
    assert fates(answer) == {"person": 1}
    assert answer.data["files"][0]["left"][0]["message"].startswith("paid by a notice of 2026-11-05, older than the denial of 2026-11-19")
    assert (office.case().state, office.case().disputed_cents) == (State.DENIED, 50_000)


@pytest.mark.parametrize("day", ["20261105", "20261103"])
def test_a_payment_no_older_than_the_denial_is_proposed(offices, day):
    office = offices.after()
    take(office, denied(day), "denied.835")
    assert fates(take(office, PAID, "paid.835")) == {"proposed": 1}


def test_the_list_says_of_a_proposal_how_much_for_what_by_which_paper_and_where_that_stands(offices):
    office = offices.after()
    take(office, PAID, "paid.835")
    take(office, denied("20261105"), "denied.835")
    take(office, remittance(claim("C-1", "1", "500", "400", "CO*45*100"), trace="T-9", paid="400", day="20261120"), "again.835")
    listed = office.do("2026-11-24 intake resolve --list").out.splitlines()[1:]
    assert listed[0].split() == ["A-000001", "pay", "paid,", "nothing", "in", "dispute", "any", "more", "(open)"]
    assert listed[1].startswith("    $400.00, remittance T-9, from ") and listed[1].endswith(":10")
    [proposal] = office.say("2026-11-24 intake resolve --list", "--json").data["proposals"]
    assert (proposal["amount_cents"], proposal["remittance"], proposal["segment"]) == (40_000, "T-9", 10)
