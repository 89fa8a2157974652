"""A patient and a coverage are typed once: another case, or the member id of somebody on file, says the rest."""

from __future__ import annotations

import pytest
from practice import EMPLOYER, Offices
from test_bad_input import on_disk, refused_by

FIRST = (
    "2026-11-03 open --patient 'Example, Erin' --payer 'Invented Health' --payer-number 60054 --member-id M-1 --group G-1 --claim C-1 "
    f"--billed 1200 --network out --assignment yes --provider 'Dr Reyes' --npi 1234567893 --owner ana {EMPLOYER}"
)
AGAIN = "2026-11-05 open --same-as 1 --claim C-9 --billed 800"
ONE = "2026-11-05 open --member-id m-1 --payer 'invented health' --claim C-9 --billed 800"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def without(*options):
    """The first case opened with these options left out."""
    turn = FIRST
    for option in options:
        before, _, after = turn.partition(f" {option} ")
        turn = f"{before} {after.split(' ', 1)[1]}"
    return turn


def people(office):
    return office.everything()["patient"]


def test_a_case_like_another_hangs_on_the_same_patient_and_coverage_and_takes_the_rest_over(offices):
    office = offices.after(FIRST)
    told = office.do(AGAIN).out
    assert not {word for word in ("Example", "Erin", "M-1", "Invented") if word in told}, "the patient is printed"
    first, second = office.situation("1"), office.situation("2")
    same = ("patient_id", "payer_id", "coverage_id", "provider_id", "network", "assignment", "kind", "owner")
    assert [getattr(second.case, name) for name in same] == [getattr(first.case, name) for name in same]
    assert (second.case.claim_number, second.case.billed_cents) == ("C-9", 80_000)
    assert (len(people(office)), len(office.everything()["coverage"]), len(office.everything()["provider"])) == (1, 1, 1)
    assert office.events("2")[0]["facts"]["same_as"] == "A-000001"
    office.check()


@pytest.mark.parametrize("options", [("--member-id",), ("--member-id", "--group")])
def test_a_case_like_one_without_a_member_id_makes_no_second_person(offices, options):
    office = offices.after(without(*options))
    office.do(AGAIN, "2026-11-05 open --same-as C-9 --claim C-10 --billed 9")
    assert len(people(office)) == 1
    assert len({office.case(ref).coverage_id for ref in ("1", "2", "3")}) == 1


def test_a_case_like_one_with_a_record_number_makes_no_second_person(offices):
    office = offices.after(f"{FIRST} --mrn MRN-4")
    office.do(AGAIN, f"{AGAIN} --mrn MRN-4".replace("C-9", "C-10"))
    assert len(people(office)) == 1
    refused_by(office, f"{AGAIN} --mrn MRN-5".replace("C-9", "C-11"), 22, "--mrn")


def test_a_record_number_learned_with_the_second_case_is_kept_with_the_one_person(offices):
    office = offices.after(FIRST)
    office.do(f"{AGAIN} --mrn MRN-4")
    office.do("2026-11-05 open --patient 'Example, Erin' --mrn MRN-4 --payer 'Invented Health' --claim C-10 --billed 9")
    assert len(people(office)) == 1


def test_another_persons_record_number_is_refused(offices):
    office = offices.after(FIRST, "2026-11-03 open --patient 'Sample, Sam' --payer P --mrn MRN-7 --claim S-1 --billed 9")
    refused_by(office, f"{AGAIN} --mrn MRN-7", 22, "--mrn")


def test_a_coverage_set_later_re_dates_every_case_that_was_opened_like_another(offices):
    plan = f" {EMPLOYER}"
    office = offices.after(FIRST.removesuffix(plan), AGAIN)
    office.do(*(f"2026-11-05 deny {ref} --notice 2026-11-04 --amount 100 --code CO-50" for ref in ("1", "2")))
    assert all(any(clock.candidate for clock in office.running(ref)) for ref in ("1", "2"))
    office.do(f"2026-11-06 coverage 2{plan}")
    assert not any(clock.candidate for ref in ("1", "2") for clock in office.running(ref))
    office.check()


def test_a_given_option_goes_before_the_case_it_is_like(offices):
    office = offices.after(FIRST)
    office.do(f"{AGAIN} --kind pre_service --network in --assignment no --owner ben --provider 'Dr Sato' --npi 1234567901")
    found = office.situation("2")
    assert (found.case.kind, found.case.network, found.case.assignment, found.case.owner) == ("pre_service", "in", "no", "ben")
    assert found.provider.name == "Dr Sato"


def test_with_another_payer_only_the_person_is_the_same(offices):
    office = offices.after(FIRST)
    office.do(f"{AGAIN} --payer 'Other Health' --member-id X-2")
    first, second = office.situation("1"), office.situation("2")
    assert second.patient == first.patient
    assert (second.payer.name, second.coverage.member_id, second.coverage.programme) == ("Other Health", "X-2", "unknown")
    assert (second.case.network, second.case.assignment) == ("unknown", "unknown")


def test_the_same_payer_named_again_is_the_same_coverage(offices):
    office = offices.after(FIRST)
    office.do(f"{AGAIN} --payer 'INVENTED HEALTH' --patient 'Erin Example' --member-id M-1")
    assert office.case("2").coverage_id == office.case("1").coverage_id
    assert len(people(office)) == 1


def test_a_dependant_shares_the_plan_and_is_a_person_of_their_own(offices):
    office = offices.after(FIRST)
    office.do(f"{AGAIN} --patient 'Example, Evan'")
    first, second = office.situation("1"), office.situation("2")
    assert second.patient.id != first.patient.id
    assert second.coverage.id != first.coverage.id
    shared = ("payer_id", "member_id", "group_number", "programme", "funding", "internal_levels", "facts_from")
    assert [getattr(second.coverage, name) for name in shared] == [getattr(first.coverage, name) for name in shared]
    assert second.case.assignment == "unknown", "what one person signed is no signature of another"


def test_a_birth_date_that_is_not_the_patients_is_refused(offices):
    office = offices.after(f"{FIRST} --born 1980-01-02")
    refused_by(office, f"{AGAIN} --born 1981-01-02", 22, "--born")
    office.do(f"{AGAIN} --born 1980-01-02")
    assert len(people(office)) == 1


def test_a_case_like_another_can_be_a_paper_eob_in_one_command(offices):
    office = offices.after(FIRST)
    office.do(f"{AGAIN} --denied --notice 2026-11-04 --amount 800 --code CO-50")
    assert office.case("2").state == "denied"
    assert not any(clock.candidate for clock in office.running("2"))


def test_a_member_on_file_is_taken_by_member_id_and_birth_date_and_never_by_the_id_alone(offices):
    office = offices.after(f"{FIRST} --born 1980-01-02")
    refused_by(office, ONE, 21, "--patient", "--born")
    told = office.do(f"{ONE} --born 1980-01-02").out
    assert "Example" not in told
    assert office.case("2").coverage_id == office.case("1").coverage_id
    assert len(people(office)) == 1


def test_a_member_id_of_several_people_is_ambiguous_and_names_nobody(offices):
    office = offices.after(f"{FIRST} --born 1980-01-02", f"{AGAIN} --patient 'Example, Evan' --born 2012-03-04".replace("C-9", "C-2"))
    refused_by(office, ONE, 21, "--patient", "--born")
    assert not any(name in office.say(ONE).err for name in ("Example", "Erin", "Evan", "1980", "2012"))
    office.do(f"{ONE} --born 2012-03-04")
    assert office.case("3").patient_id == office.case("2").patient_id
    refused_by(office, f"{ONE} --born 1999-03-04".replace("C-9", "C-4"), 21, "--patient")


def test_a_birth_date_nobody_recorded_does_not_pick_a_member(offices):
    refused_by(offices.after(FIRST), f"{ONE} --born 2012-03-04", 21, "--patient")


MISSING = [
    ("nobody at all", "--claim C-9 --billed 9", 21, ["--patient", "--payer", "--same-as"]),
    ("no payer", "--patient 'Example, Erin' --claim C-9 --billed 9", 21, ["--payer", "--same-as"]),
    ("a member id without a payer", "--member-id M-1 --claim C-9 --billed 9", 21, ["--payer", "--same-as"]),
    ("no patient", "--payer 'Invented Health' --claim C-9 --billed 9", 21, ["--patient", "--same-as"]),
    ("a member id nobody has", "--payer 'Invented Health' --member-id M-9 --claim C-9 --billed 9", 21, ["--patient"]),
    ("a member id at a payer nobody knows", "--payer Other --member-id M-1 --claim C-9 --billed 9", 21, ["--patient"]),
    ("a case that does not exist", "--same-as 99 --claim C-9 --billed 9", 10, ["A-000099"]),
    ("other plan facts", "--same-as 1 --claim C-9 --billed 9 --funding insured", 22, ["coverage"]),
    ("no amount", "--same-as 1 --claim C-9", 21, ["--billed"]),
    ("the same claim", "--same-as 1 --claim C-1 --billed 9", 22, ["A-000001"]),
]


@pytest.mark.parametrize(("words", "code", "said"), [row[1:] for row in MISSING], ids=[row[0] for row in MISSING])
def test_a_case_that_is_like_nothing_on_file_is_refused_with_both_ways_out(offices, words, code, said):
    refused_by(offices.after(FIRST), f"2026-11-05 open {words}", code, *said)


def test_opening_like_another_again_under_one_request_id_opens_one_case(offices):
    office = offices.after(FIRST)
    office.do(f"{AGAIN} --request-id r-1")
    before = on_disk(office.db)
    assert "A-000002" in office.do(f"{AGAIN} --request-id r-1").out
    assert on_disk(office.db) == before


def test_a_dry_run_of_a_case_like_another_writes_nothing(offices):
    office = offices.after(FIRST)
    before = office.everything()
    assert "dry run" in office.do(f"{AGAIN} --dry-run").out
    assert office.everything() == before


def test_a_member_id_seen_only_now_is_kept_with_the_coverage_it_belongs_to(offices):
    office = offices.after("2026-11-03 open --patient 'Example, Erin' --payer 'Invented Health' --claim C-1 --billed 900")
    office.do("2026-11-04 open --same-as 1 --member-id M-9 --claim C-2 --billed 80")
    assert (office.situation("1").coverage.member_id, office.case("2").coverage_id) == ("M-9", office.case("1").coverage_id)
    assert [row["case"]["number"] for row in office.do("2026-11-04 find M-9 --json").data["cases"]] == ["A-000001", "A-000002"]
    office.check()
