"""What a file brought and was set aside comes back: the same bytes are read anew, what was taken stays taken, nothing is listed twice."""

from __future__ import annotations

import pytest
from practice import Offices, opened, resolved
from remitting import DAY, NPI, OTHER_NPI, claim, fates, remittance, take

DENIED = claim("C-1", "4", "1200", "0", "CO*50*1200")
TWO = remittance(claim("C-8", "4", "500", "0", "CO*50*500"), claim("C-9", "4", "300", "0", "CO*50*300", first="SAM", member="M-2"))
HALF = TWO.replace("C-8*4*500", "C-8*4*5x0")


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def left(office):
    return office.do(f"{DAY} intake resolve --list --json").data["left"]


def test_a_file_that_was_elsewhere_is_taken_once_its_number_is_declared_and_it_is_read_again(offices):
    office = offices.after(f"{DAY} practice --npi {OTHER_NPI}")
    assert fates(take(office, TWO)) == {"elsewhere": 2}
    office.do(f"{DAY} practice --npi {NPI}")
    known = office.do(f"{DAY} intake {office.db.with_name('era.835')}").out
    assert "already taken in on 2026-11-24" in known
    assert "2 claims were elsewhere then: `--again` reads it anew." in known
    assert fates(take(office, TWO, options="--again")) == {"opened": 2}
    assert fates(take(office, TWO, options="--again")) == {"known": 2}
    office.check()


def test_what_an_older_reading_left_is_listed_once_after_it_is_read_again(offices):
    office = offices.after()
    assert fates(take(office, HALF)) == {"opened": 1, "person": 1}
    assert "1 claim was left for a person then" in office.do(f"{DAY} intake {office.db.with_name('era.835')}").out
    assert len(left(office)) == 1
    again = take(office, HALF, options="--again")
    assert (again.code, fates(again)) == (3, {"known": 1, "person": 1})
    assert len(left(office)) == office.do(f"{DAY} today --json").data["left"] == 1
    office.check()


def test_what_was_undone_is_taken_anew_when_the_file_is_read_again_and_what_was_not_stays(offices):
    office = offices.after(*opened())
    file = remittance(DENIED, claim("C-9", "4", "300", "0", "CO*50*300", first="SAM", member="M-2"))
    assert fates(take(office, file)) == {"moved": 1, "opened": 1}
    office.do(f"{DAY} undo 1 --reason 'meant for another case'")
    assert fates(take(office, file, options="--again")) == {"moved": 1, "known": 1}
    assert office.case().state == "denied"
    office.do(f"{DAY} intake trace 1")
    office.do(f"{DAY} undo 2 --reason wrong", f"{DAY} undo 2 --reason wrong")
    assert office.case("2").outcome == "void"
    assert fates(take(office, file, options="--again")) == {"known": 1, "opened": 1}
    office.check()


def test_a_step_that_was_undone_and_taken_by_hand_is_known_when_the_file_is_read_again(offices):
    office = offices.after(*opened())
    take(office, remittance(DENIED))
    office.do(f"{DAY} undo 1 --reason 'the amount'", f"{DAY} deny 1 --notice 2026-11-20 --amount 1200 --code CO-50")
    assert fates(take(office, remittance(DENIED), options="--again")) == {"known": 1}


def test_whoever_takes_out_a_file_that_was_read_again_is_seen_by_everybody_in_it(offices):
    office = offices.after()
    take(office, TWO)
    digest = take(office, TWO, options="--again").data["files"][0]["sha256"]
    office.do(f"{DAY} intake original {digest} --out {office.db.with_name('back.835')}")
    with office.store() as store:
        assert len(list(store.events(kind="read"))) == 2


def test_a_day_of_receipt_that_has_not_come_refuses_the_run_before_anything_is_read(offices):
    office = offices.after()
    before = office.everything()
    answer = take(office, TWO, options="--received 2027-11-23")
    assert (answer.code, office.everything()) == (22, before)
    assert "that day has not come yet" in answer.err
    assert fates(take(office, TWO, options="--received 2026-11-23")) == {"opened": 2}


def test_a_part_whose_reopening_was_undone_is_proposed_when_its_file_is_read_again(offices):
    office = offices.after(*opened())
    paid, refused = (
        claim("C-1", "1", "700", "700", icn="I1", lines=("96365 700 700",)),
        claim("C-1", "1", "500", "0", icn="I2", lines=("J3490 500 0 CO*50*500",)),
    )
    take(office, remittance(paid, trace="T-1", paid="700"), "one.835")
    assert fates(take(office, remittance(refused, trace="T-2"), "two.835")) == {"moved": 1}
    office.do(f"{DAY} undo 1 --reason 'meant for another case'")
    assert office.case().state == "resolved"
    assert fates(take(office, remittance(refused, trace="T-2"), "two.835", options="--again")) == {"proposed": 1}
    office.do(f"{DAY} intake resolve 1 --take")
    assert (office.case().state, office.case().disputed_cents, office.case().paid_cents) == ("denied", 50_000, 70_000)
    assert fates(take(office, remittance(refused, trace="T-2"), "two.835", options="--again")) == {"known": 1}
    office.check()


def test_a_reopening_that_was_taken_and_undone_waits_again_by_itself_and_once_only(offices):
    office = offices.after(*resolved())
    take(office, remittance(DENIED))
    office.do(f"{DAY} intake resolve 1 --take", f"{DAY} undo 1 --reason wrong")
    assert office.case().state == "resolved"
    assert fates(take(office, remittance(DENIED), options="--again")) == {"known": 1}
    assert len(office.say(f"{DAY} intake resolve --list", "--json").data["proposals"]) == 1
    office.check()


def test_a_denial_that_was_refused_by_a_person_is_not_proposed_again(offices):
    office = offices.after(*resolved())
    take(office, remittance(DENIED))
    office.do(f"{DAY} intake resolve 1 --refuse --reason 'it is another claim'")
    assert fates(take(office, remittance(DENIED), options="--again")) == {"known": 1}
