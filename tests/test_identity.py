"""Two people are never taken for one: not by a shared member id, not by a shared name, and no trail shows a namesake's rows."""

from __future__ import annotations

import json

import pytest
from practice import Office, Offices
from test_bad_input import a_quiet_account, refused
from test_privacy import remittance

__all__ = ["a_quiet_account"]

DAY = "2026-11-20"
PAYER = "--payer 'Invented Health' --billed 90"
# Each pair: two people whom one fact would make one.
PAIRS = {
    "a member id shared with a dependant": (
        "--patient 'Marsh, Ada' --member-id FAMILY-1 --claim ADA-1", "--patient 'Marsh, Bo' --member-id FAMILY-1 --claim BO-1"),
    "a name shared by two members": (
        "--patient 'Marsh, Ada' --member-id ADA-77 --claim ADA-1", "--patient 'Marsh, Ada' --member-id BO-88 --claim BO-1"),
    "a name and an id, and two birth dates": (
        "--patient 'Marsh, Ada' --member-id FAMILY-1 --born 1960-01-02 --claim ADA-1",
        "--patient 'Marsh, Ada' --member-id FAMILY-1 --born 1990-01-02 --claim BO-1"),
    "a name, and nothing that tells them apart": ("--patient 'Marsh, Ada' --claim ADA-1", "--patient 'Marsh, Ada' --claim BO-1"),
    "a name, an id, and two record numbers": (
        "--patient 'Marsh, Ada' --member-id FAMILY-1 --mrn MRN-1 --claim ADA-1",
        "--patient 'Marsh, Ada' --member-id FAMILY-1 --mrn MRN-2 --claim BO-1"),
}  # fmt: skip
SAME = {
    "the same words": ("--patient 'Marsh, Ada' --member-id ADA-77", "--patient 'Marsh, Ada' --member-id ADA-77"),
    "another spelling": ("--patient 'Marsh, Ada' --member-id ADA-77", "--patient 'ADA  MARSH' --member-id ' ada-77'"),
    "a record number, and a married name": ("--patient 'Marsh, Ada' --mrn MRN-1", "--patient 'Hill, Ada' --mrn mrn-1"),
    "a birth date told only once": (
        "--patient 'Marsh, Ada' --member-id ADA-77",
        "--patient 'Marsh, Ada' --member-id ADA-77 --born 1960-01-02",
    ),
}


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def two(offices: Offices, first: str, second: str) -> Office:
    """An office that opened a case for each, denied the second's and noted something about both."""
    return offices.after(
        f"2026-11-03 open {first} {PAYER}",
        f"2026-11-04 open {second} {PAYER}",
        "2026-11-05 deny 2 --notice 2026-11-04 --amount 90 --code CO-50 --words 'word for the second'",
        "2026-11-06 note 1 'word for the first'",
    )


def exported(office: Office, folder, patient: str) -> list[dict]:
    """The lines of one patient's export."""
    folder.mkdir(exist_ok=True)
    out = folder / f"{patient}.jsonl"
    office.do(f"{DAY} audit export --patient {patient} --out {out}", f"{DAY} audit verify {out}")
    return [json.loads(line) for line in out.read_text().splitlines()]


@pytest.mark.parametrize(("first", "second"), PAIRS.values(), ids=PAIRS)
def test_two_people_are_two_patients_and_neithers_export_knows_the_other(offices, tmp_path, first, second):
    office = two(offices, first, second)
    cases = office.case("1"), office.case("2")
    mine, other = (case.patient_id for case in cases)
    assert mine != other
    for (case, strange), words in (((cases[0], cases[1]), ("ADA-1", "BO-1", "second")), ((cases[1], cases[0]), ("BO-1", "ADA-1", "first"))):
        its, foreign, said = words
        text = json.dumps(exported(office, tmp_path, case.patient_id))
        assert its in text
        for hidden in (foreign, strange.id, strange.patient_id, strange.coverage_id, f"word for the {said}"):
            assert hidden not in text
    office.check()


@pytest.mark.parametrize(("first", "second"), SAME.values(), ids=SAME)
def test_one_person_stays_one_patient(offices, first, second):
    office = offices.after(f"2026-11-03 open {first} {PAYER} --claim X-1", f"2026-11-04 open {second} {PAYER} --claim X-2")
    assert office.case("1").patient_id == office.case("2").patient_id


def test_the_same_member_id_with_another_payer_is_another_person(offices):
    who = "--patient 'Marsh, Ada' --member-id 77 --billed 90"
    office = offices.after(
        f"2026-11-03 open {who} --payer 'Invented Health' --claim X-1", f"2026-11-04 open {who} --payer 'Made-up Plan' --claim X-2"
    )
    assert office.case("1").patient_id != office.case("2").patient_id


@pytest.mark.parametrize("words", ["marsh", "'Marsh, Ada'", "FAMILY-1"])
def test_an_export_by_words_that_fit_two_names_their_ids_and_nothing_else(offices, tmp_path, words):
    pair = PAIRS["a name and an id, and two birth dates"]
    office = two(offices, *pair)
    before = office.everything()
    answer = office.say(f"{DAY} audit export --patient {words} --out {tmp_path / 'x.jsonl'}")
    ids = [office.case(ref).patient_id for ref in ("1", "2")]
    refused(answer, 11, *ids)
    assert "marsh" not in answer.err.lower()
    assert "family" not in answer.err.lower()
    assert not (tmp_path / "x.jsonl").exists()
    assert office.everything() == before
    told = json.loads(office.say(f"{DAY} audit export --patient {words} --out {tmp_path / 'x.jsonl'} --json").err)
    assert sorted(told["error"]["possible"]) == sorted(ids)


def test_a_case_that_could_be_either_of_two_people_is_not_opened_for_one_of_them(offices):
    office = two(offices, *PAIRS["a name and an id, and two birth dates"])
    before = office.everything()
    answer = office.say(f"{DAY} open --patient 'Marsh, Ada' --member-id FAMILY-1 --claim X-3 {PAYER}")
    refused(answer, 11, "birth")
    assert "marsh" not in answer.err.lower()
    assert office.everything() == before


def test_a_remittance_of_a_family_opens_a_case_for_each_of_them(offices, tmp_path):
    office = offices.after()
    file = tmp_path / "eob.835"
    file.write_text(
        remittance(
            ("F-1", "MARSH", "ADA", "FAMILY-1", "50"), ("F-2", "MARSH", "BO", "FAMILY-1", "60"), ("F-3", "MARSH", "ADA", "FAMILY-1", "70")
        )
    )
    assert office.say(f"{DAY} intake {file}").code in (0, 3)
    ada, bo, again = (office.case(f"F-{n}").patient_id for n in (1, 2, 3))
    assert ada == again != bo
    text = json.dumps(exported(office, tmp_path, bo))
    assert "F-2" in text
    for hidden in ("F-1", "F-3", "ADA", ada):
        assert hidden not in text


def test_a_remittance_for_a_dependant_finds_the_dependant(offices, tmp_path):
    office = two(offices, *PAIRS["a member id shared with a dependant"])
    file = tmp_path / "eob.835"
    file.write_text(remittance(("NEW-1", "MARSH", "BO", "FAMILY-1", "50")))
    assert office.say(f"{DAY} intake {file}").code in (0, 3)
    assert office.case("NEW-1").patient_id == office.case("2").patient_id
    office.check()
