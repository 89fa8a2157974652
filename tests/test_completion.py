"""The shell completes what the office has: case numbers, steps, payers, accounts and every fixed word, and never a patient."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from practice import Offices, denied, resolved
from test_bad_input import ROOT


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def offered(db, line, shell="bash"):
    """What the shell is offered for the last word of a line that is being typed."""
    words = line.split(" ")
    asked = {"COMP_WORDS": line, "COMP_CWORD": str(len(words) - 1), "_APPEALS_COMPLETE": f"{shell}_complete"}
    env = {**os.environ, **asked, "APPEALS_DB": str(db), "PYTHONPATH": str(ROOT)}
    answer = subprocess.run([sys.executable, "-m", "cli"], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert answer.stderr == ""
    return answer.stdout


MORE = "2026-11-06 open --patient 'Sample, Sam' --payer 'Another Health' --claim C-2 --billed 80 --owner lee"


@pytest.mark.parametrize("typed_so_far", ["", "A-0000", "a-", "2"])
def test_case_numbers_are_offered_and_no_patient_with_them(offices, typed_so_far):
    found = offered(offices.after(*denied(), MORE).db, f"appeals show {typed_so_far}")
    assert "A-000002" in found
    assert ("A-000001" in found) == (typed_so_far != "2")
    assert not any(name in found for name in ("Example", "Erin", "Sample", "Sam", "M-1"))


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("appeals review-", "review-eob"),
        ("appeals review-eob 1 --path ", "corrected_claim"),
        ("appeals mark 1 info-", "info-requested"),
        ("appeals queue --payer Inv", "Invented Health"),
        ("appeals document add 1 x.pdf --kind lett", "letter_of_medical_necessity"),
        ("appeals file-appeal 1 --tr", "--track"),
    ],
)
def test_steps_marks_payers_kinds_and_options_are_offered(offices, line, word):
    assert word in offered(offices.after(*denied()).db, line)


def test_the_offices_own_accounts_are_offered(offices):
    office = offices.after(*resolved())
    with office.store() as store:
        [person] = store.people()
    assert person.account in offered(office.db, "appeals assign 1 ")


def test_without_a_database_nothing_is_offered_and_nothing_is_said(tmp_path):
    assert offered(tmp_path / "none.db", "appeals show ").strip() == ""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_its_script(shell):
    env = {**os.environ, "_APPEALS_COMPLETE": f"{shell}_source", "PYTHONPATH": str(ROOT)}
    answer = subprocess.run([sys.executable, "-m", "cli"], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert "_APPEALS_COMPLETE" in answer.stdout
