"""What payers take back in several payments and in whatever order: no amount is lost, and no old denial opens what was paid since."""

from __future__ import annotations

import json

import pytest
from practice import Offices, denied, opened, resolved
from remitting import claim, fates, remittance, take
from test_remittance_cases import left, settled, suggested


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def adjusted(office, amount, trace, day="20261120"):
    return take(office, remittance(plb=(f"WO:C-1*{amount}",), paid=f"-{amount}", trace=trace, day=day), f"{trace}.835")


def told(office):
    [proposal] = [one for one in office.situation().proposals if one.status == "open"]
    return json.loads(proposal.facts)


@pytest.mark.parametrize("second", ["300", "200"], ids=["another amount", "the same amount"])
def test_a_second_takeback_of_a_resolved_case_is_added_to_the_proposal_of_the_first(offices, second):
    office = offices.after(*resolved())
    adjusted(office, "200", "T-5")
    assert settled(adjusted(office, second, "T-6", "20261123")) == [("WO", int(second) * 100, "proposed", "A-000001")]
    assert (suggested(office), told(office)["amount"], told(office)["taken_back"]) == (["reopen"], 20_000 + int(second) * 100, "2026-11-20")
    office.do("2026-11-24 intake resolve 1 --take")
    assert (office.case().state, office.case().disputed_cents) == ("denied", 20_000 + int(second) * 100)
    office.check()


def test_a_second_takeback_of_an_open_case_is_told_in_one_mark_and_answered_by_the_earlier_day(offices):
    office = offices.after(*denied())
    adjusted(office, "200", "T-5", "20261120")
    adjusted(office, "300", "T-6", "20261123")
    assert (suggested(office), told(office)["dated"]) == (["recoupment-notice"], "2026-11-20")
    assert all(amount in told(office)["text"] for amount in ("$200.00", "$300.00"))
    office.do("2026-11-24 intake resolve 1 --take")
    assert [str(clock.start_date) for clock in office.running() if clock.kind == "answer_takeback"] == ["2026-11-20"]
    office.check()


def test_together_no_more_is_taken_back_than_was_paid(offices):
    office = offices.after(*resolved())
    adjusted(office, "1000", "T-5")
    adjusted(office, "300", "T-6")
    assert told(office)["amount"] == 120_000


@pytest.mark.parametrize("first", ["claim", "beside"])
def test_a_reversal_and_the_entry_beside_the_claims_that_collects_it_are_one_takeback(offices, first):
    office = offices.after(*resolved())
    turns = [
        lambda: take(office, remittance(claim("C-1", "22", "-1200", "-1200"), trace="T-5", paid="-1200"), "one.835"),
        lambda: adjusted(office, "1200", "T-6"),
    ]
    for turn in turns if first == "claim" else reversed(turns):
        turn()
    assert (suggested(office), told(office)["amount"]) == (["reopen"], 120_000)


def test_a_claim_that_is_paid_below_zero_takes_back_whatever_its_status(offices):
    office = offices.after(*resolved())
    assert fates(take(office, remittance(claim("C-1", "1", "-1200", "-1200"), paid="-1200"))) == {"proposed": 1}
    office.do("2026-11-24 intake resolve 1 --take")
    assert (office.case().state, office.case().disputed_cents) == ("denied", 120_000)
    assert [mark.name for mark in office.situation().marks] == ["recoupment-notice"]
    office.check()


@pytest.mark.parametrize("days", [("2026-11-24", "2026-11-24"), ("2026-11-24", "2026-11-25")], ids=["one day", "two days"])
def test_a_correction_that_comes_before_its_reversal_is_kept_until_the_reversal_is_there(offices, days):
    office = offices.after(*resolved())
    anew = claim("C-1", "1", "1200", "700", "CO*45*500", icn="I2")
    for day, name, claims, paid in (
        (days[0], "one.835", anew, "700"),
        (days[1], "two.835", claim("C-1", "22", "-1200", "-1200", icn="I1"), "-1200"),
    ):
        file = office.db.with_name(name)
        file.write_text(remittance(claims, trace=name, paid=paid))
        office.do(f"{day} intake {file}")
    assert sorted(suggested(office)) == ["pay", "reopen"]
    office.do(f"{days[1]} intake resolve 1 --take")
    case = office.case()
    assert (case.state, case.outcome, case.paid_cents + case.recovered_cents, case.contractual_cents) == (
        "resolved",
        "paid",
        70_000,
        50_000,
    )
    office.check()


def test_a_payment_that_a_resolved_case_has_already_proposes_nothing(offices):
    office = offices.after(*resolved())
    assert fates(take(office, remittance(claim("C-1", "1", "1200", "1200", icn="I2"), paid="1200"))) == {"ignored": 1}
    assert suggested(office) == []


def test_a_takeback_of_a_claim_that_is_no_case_is_a_warning_with_its_amount(offices):
    office = offices.after(*opened())
    answer = take(office, remittance(claim("X-7", "22", "-500", "-500"), paid="-500"))
    assert fates(answer) == {"ignored": 1}
    [warning] = answer.data["files"][0]["warnings"]
    assert warning == "segment 10: takes back $500.00 of a claim that is no case here: look for what was posted for it"


# Notices that are older than they can be, or than what came before them -----------------------------------------

NOTICE = "denied by a notice of 2016-01-20, before the day of service; the payment has another date, 2026-11-20: which day is it of?"


@pytest.mark.parametrize("history", [(), opened()], ids=["no case", "submitted"])
def test_a_notice_dated_before_its_service_starts_no_clock_and_says_which_other_date_the_payment_has(offices, history):
    office = offices.after(*history)
    before = office.everything()["case"]
    text = remittance(claim("C-1", "4", "1200", "0", "CO*50*1200")).replace("DTM*405*20261120", "DTM*405*20160120")
    answer = take(office, text)
    assert (answer.code, fates(answer), left(answer), office.everything()["case"]) == (3, {"person": 1}, [NOTICE], before)
    assert NOTICE in office.do("2026-11-24 intake resolve --list").out
    office.check()


def test_a_request_before_the_service_is_denied_before_it(offices):
    office = offices.after(*opened(kind="pre_service"))
    assert fates(take(office, remittance(claim("C-1", "4", "1200", "0", "CO*50*1200", served="20261122")))) == {"moved": 1}


@pytest.mark.parametrize("history", [(), opened(kind="post_service --billed 500")], ids=["no case", "a case"])
def test_an_older_denial_of_what_a_later_notice_paid_in_full_is_left_for_a_person_with_both_days(offices, history):
    office = offices.after(*history)
    take(office, remittance(claim("C-1", "1", "500", "500"), paid="500", trace="T-2"))
    old = remittance(claim("C-1", "4", "500", "0", "CO*50*500"), day="20261110")
    answer = take(office, old, "old.835")
    assert left(answer) == ["denied by a notice of 2026-11-10, and a later notice of 2026-11-20 paid it: nothing was opened"]
    assert not office.everything()["denial"] and not office.everything()["proposal"]
    office.check()


def test_a_denial_that_is_newer_than_the_payment_or_whose_payment_was_taken_back_opens_a_case(offices):
    office = offices.after()
    take(office, remittance(claim("C-1", "1", "500", "500"), paid="500", trace="T-2", day="20261110"))
    assert fates(take(office, remittance(claim("C-1", "4", "500", "0", "CO*50*500")), "new.835")) == {"opened": 1}
    office = offices.after()
    take(office, remittance(claim("C-1", "1", "500", "500"), paid="500", trace="T-2"))
    take(office, remittance(claim("C-1", "22", "-500", "-500"), paid="-500", trace="T-3"), "back.835")
    assert fates(take(office, remittance(claim("C-1", "4", "500", "0", "CO*50*500"), day="20261110"), "old.835")) == {"opened": 1}
