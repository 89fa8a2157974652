"""Typed text: blanks around it are not part of it, blank is not given, and what cannot be true together is refused."""

from __future__ import annotations

import pytest
from practice import ADVANTAGE, EMPLOYER, Offices, denied, opened

OPEN = f"2026-11-06 open --patient 'Sample, Sam' --payer 'Other Health' --billed 80 {EMPLOYER}"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.mark.parametrize(
    ("turn", "code"),
    [
        (f"{OPEN} --claim ''", 21),
        (f"{OPEN} --claim '  '", 21),
        (f"{OPEN.replace('Sample, Sam', ' ')} --claim C-9", 21),
        (f"{OPEN.replace('Other Health', ' ')} --claim C-9", 21),
        (f"{OPEN} --claim C-9 --service-from 2026-11-02 --service-to 2026-11-01", 22),
        (f"{OPEN} --claim C-9 --submitted 2026-11-05 --denied --notice 2026-11-04 --amount 80 --code CO-50", 22),
        ("2026-11-06 correct 1 --service-from 2026-11-02 --service-to 2026-11-01 --reason x", 22),
        ("2026-11-06 correct 1 --submitted 2026-11-05 --reason x", 22),
        ("2026-11-06 correct 1 --notice 2026-11-01 --reason x", 22),
        ("2026-11-06 correct 1 --claim ' ' --reason x", 21),
        ("2026-11-06 correct 1 --billed 1300 --reason ' '", 21),
        ("2026-11-06 undo 1 --reason ' '", 21),
        ("2026-11-06 deem-exhausted 1 --reason ' '", 20),
        ("2026-11-06 call 1 --person ' '", 21),
        ("2026-11-06 note 1 ' '", 21),
        ("2026-11-06 assign 1 ' '", 21),
        ("2026-11-06 mark 1 owner-changed --to ' '", 21),
        ("2026-11-06 reassign --from ana --to ' '", 21),
        ("2026-11-06 coverage 1 --issue-state ' '", 21),
    ],
)
def test_what_is_blank_or_cannot_be_is_refused_and_nothing_is_written(offices, turn, code):
    office = offices.after(*denied())
    before = office.everything()
    answer = office.say(turn)
    assert (answer.code, answer.out, office.everything()) == (code, "", before), answer.err


@pytest.mark.parametrize("words", ["void 1 --reason ' '", "void 1 --reason ''"])
def test_a_case_is_not_closed_without_a_word_of_why(offices, words):
    office = offices.after(*opened())
    assert office.say(f"2026-11-06 {words}").code == 21


def test_blanks_around_words_are_not_kept(offices):
    office = offices.after(*denied())
    office.do("2026-11-06 call 1 --person ' Dana ' --promised '  '", "2026-11-06 assign 1 ' lee '", "2026-11-06 note 1 ' hello '")
    [call] = office.situation().contacts
    assert (call.person, call.promised, office.case().owner) == ("Dana", "", "lee")
    office.do("2026-11-06 reassign --from ' lee' --to ' ben '")
    assert office.case().owner == "ben"
    assert [mark.text for mark in office.situation().marks if mark.name == "note"] == ["hello"]
    office.check()


def test_words_that_are_no_text_are_kept_with_the_odd_bytes_replaced(offices):
    office = offices.after(*denied())
    office.do("2026-11-06 note 1 'odd \udcff word'")
    assert [mark.text for mark in office.situation().marks if mark.name == "note"] == ["odd ? word"]


def test_a_service_of_one_day_and_a_notice_of_the_day_of_submission_are_possible(offices):
    office = offices.after(*denied(plan=ADVANTAGE))
    office.do(
        f"{OPEN} --claim C-9 --service-from 2026-11-02 --service-to 2026-11-02 --submitted 2026-11-04 --denied --notice 2026-11-04 "
        "--amount 80 --code CO-50",
        "2026-11-06 correct 1 --submitted 2026-11-04 --reason 'the day it was denied'",
    )
