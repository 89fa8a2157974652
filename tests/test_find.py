"""A case is found by whatever number somebody holds in hand; by number nothing is written and no name is shown."""

from __future__ import annotations

import json
from contextlib import closing

import pytest
from practice import Offices, calling, denied, filed, last_day, opened, resubmitted
from test_privacy import remittance

from db.engine import best_driver

WORDED = "CONFIRMED"  # a reference without a digit in it: no number by its looks
KINDS = {
    "case number": (denied(), ["A-000001", "a-1", "1", "000001"]),
    "claim number": (denied(), ["C-1", "c-1"]),
    "payer control number": (resubmitted(), ["ICN-1", "icn-1"]),
    "authorisation number": (
        (*opened(kind="pre_service"), "2026-11-05 approve 1 --authorisation PA-77 --valid-from 2026-11-09 --units 6"),
        ["PA-77", "pa-77"],
    ),
    "reference of a call": ((*denied(), "2026-11-06 call 1 --person Kim --reference REF-5"), ["REF-5", "ref-5"]),
    "reference in words": ((*denied(), f"2026-11-06 call 1 --person Kim --reference {WORDED}"), [WORDED]),
    "reference of a peer review": ((*calling(denied())[:-1], f"{calling(denied())[-1]} --reference P2P-9"), ["P2P-9"]),
    "proof of a filing": (filed("--proof FAX-2026-88"), ["FAX-2026-88"]),
}


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def found(office, words: str, history) -> list[str]:
    answer = office.do(f"{last_day(history)} find '{words}' --json")
    assert "Erin" not in answer.out
    return [row["case"]["number"] for row in answer.data["cases"]]


@pytest.mark.parametrize(("history", "numbers"), KINDS.values(), ids=KINDS)
def test_a_case_is_found_by_its_number_without_a_name_and_without_an_entry(offices, history, numbers):
    office = offices.after(*history)
    before = office.everything()
    for number in numbers:
        assert found(office, number, history) == ["A-000001"], number
    assert office.everything() == before


def test_a_case_is_found_by_the_tracking_number_of_what_was_sent(offices):
    office = offices.after(*filed())
    with closing(best_driver().connect(office.db)) as connection, connection:
        connection.execute("UPDATE filing SET tracking = '9400 1118'")
    before = office.everything()
    assert found(office, "9400 1118", filed()) == ["A-000001"]
    assert office.everything() == before


def test_the_trace_of_a_remittance_finds_every_case_on_it(offices, tmp_path):
    file = tmp_path / "eob.835"
    claims = (("C-1", "EXAMPLE", "ERIN", "M-1", "50"), ("C-2", "EXAMPLE", "ERIN", "M-1", "60"))
    file.write_text(remittance(*claims))
    office = offices.after(*opened())
    assert office.say(f"2026-11-20 intake {file}").code in (0, 3)
    before = office.everything()
    day = ("2026-11-20 x",)
    assert found(office, "TRACE-1", day) == ["A-000001", "A-000002"]
    assert found(office, "ICNC-2", day) == ["A-000002"]
    assert office.everything() == before


@pytest.mark.parametrize("words", ["Example, Erin", "erin", "exam", "M-1", "m-1"])
def test_by_name_or_member_id_the_name_is_shown_and_an_entry_is_written_first(offices, words):
    office = offices.after(*denied())
    answer = office.do(f"2026-11-06 find '{words}'")
    assert "Example, Erin" in answer.out
    with office.store() as store:
        *_, last = (json.loads(stored.text) for stored in store.events())
    assert (last["kind"], last["name"], last["patient"]) == ("read", "find", office.case().patient_id)


def test_what_a_taken_back_filing_was_sent_under_is_no_number_of_the_case_any_more(offices):
    office = offices.after(*filed("--proof FAX-1"), "2026-11-10 undo 1 --reason 'wrong case'")
    assert office.say("2026-11-10 find FAX-1").code == 10


@pytest.mark.parametrize("words", ["Z-9", "%", "_", "nobody at all"])
def test_what_fits_nothing_says_so(offices, words):
    office = offices.after(*denied())
    before = office.everything()
    assert office.say(f"2026-11-06 find '{words}'").code == 10
    assert office.everything() == before
