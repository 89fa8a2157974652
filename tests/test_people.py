"""Work changes hands: every open case, none that is closed, each with its entry, and all or none."""

from __future__ import annotations

import json

import pytest
from practice import Offices, denied, resolved, reviewed

PLAN = "--programme employer --funding self_funded --grandfathered no --internal-levels 1"
MORE = (
    f"2026-11-06 open --patient 'Sample, Sam' --payer 'Invented Health' --claim C-2 --billed 80 --owner ana {PLAN}",
    f"2026-11-06 open --patient 'Sample, Sue' --payer 'Invented Health' --claim C-3 --billed 70 --owner lee {PLAN}",
)


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def test_every_open_case_of_one_account_goes_to_another_each_with_its_entry_and_no_date_moves(offices):
    office = offices.after(*denied(), *MORE)
    dates = [(c.rule_id, c.work_by) for c in office.running("1")]
    told = office.do("2026-11-09 reassign --from ana --to ben --reason leave").out
    assert "2 open cases ($1,200.00 in dispute) from ana to ben" in told
    assert [office.case(ref).owner for ref in ("1", "2", "3")] == ["ben", "ben", "lee"]
    last = office.events("1")[-1]
    assert (last["name"], last["facts"]["from"], last["facts"]["to"], last["reason"]) == ("owner-changed", "ana", "ben", "leave")
    assert [(c.rule_id, c.work_by) for c in office.running("1")] == dates
    office.check()


def test_a_closed_case_keeps_its_owner_and_nothing_is_written_where_nobody_has_work(offices):
    office = offices.after(*resolved())
    before = office.everything()
    assert "No open case belongs to ana" in office.do("2026-11-09 reassign --from ana --to ben").out
    assert office.everything() == before


def test_a_dry_run_names_the_cases_and_writes_nothing(offices):
    office = offices.after(*denied(), *MORE)
    before = office.everything()
    told = office.do("2026-11-09 reassign --from ana --to ben --dry-run").out
    assert ("A-000001" in told, "A-000003" in told, "nothing was written" in told) == (True, False, True)
    assert office.everything() == before


def test_handing_over_twice_with_one_request_id_is_once(offices):
    office = offices.after(*denied())
    office.do("2026-11-09 reassign --from ana --to ben --request-id once")
    before = office.everything()
    assert "already done" in office.do("2026-11-09 reassign --from ana --to ben --request-id once").out
    assert office.everything() == before


@pytest.mark.parametrize(
    ("first", "code"),
    [("reassign --from ana --to lee", 22), ("assign 1 ben", 22), ("note 1 hello", 22), ("reassign --from ana --to ben", 0)],
)
def test_a_request_id_of_other_work_hands_nothing_over_and_does_not_say_it_did(offices, first, code):
    office = offices.after(*denied(), *MORE, f"2026-11-09 {first} --request-id once")
    before = office.everything()
    answer = office.say("2026-11-09 reassign --from ana --to ben --request-id once")
    assert (answer.code, "already done" in answer.out, office.everything()) == (code, code == 0, before)


def test_a_version_holds_for_one_case_and_is_refused_for_many(offices):
    answer = offices.after(*denied()).say("2026-11-09 reassign --from ana --to ben --if-version 2")
    assert (answer.code, "--if-version" in answer.err) == (22, True)


def test_one_case_is_not_told_as_several(offices):
    assert "1 open case (" in offices.after(*denied()).do("2026-11-09 reassign --from ana --to ben").out


@pytest.mark.parametrize("words", ["--from ana --to ana", "--from ana --to ''"])
def test_nobody_to_give_it_to_is_refused(offices, words):
    office = offices.after(*denied())
    before = office.everything()
    assert (office.say(f"2026-11-09 reassign {words}").code, office.everything()) == (21, before)


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("--category medical_necessity", ["A-000001"]),
        ("--category coding", []),
        ("--clock 'internal appeal'", ["A-000001"]),
        ("--clock decide-claim", []),
        ("--owner lee", ["A-000003"]),
        ("--state submitted", ["A-000002", "A-000003"]),
    ],
)
def test_the_queue_is_narrowed_by_what_was_denied_and_by_what_runs(offices, words, numbers):
    office = offices.after(*reviewed(), *MORE)
    assert [row["case"]["number"] for row in office.do(f"2026-11-09 queue {words} --json").data["cases"]] == numbers


# --- who works here


def people(office):
    with office.store() as store:
        return {person.account: person for person in store.people()}


def first(office):
    [account] = people(office)
    return account


def test_a_person_is_added_and_changed_each_with_an_entry_that_keeps_no_address(offices):
    office = offices.after()
    office.do(
        "2026-11-06 person ben --name 'Ben Example' --email ben@clinic.example --role manager",
        "2026-11-06 person ana --name 'Ana Example' --backup ben",
        "2026-11-09 person ben --email other@clinic.example --role biller",
    )
    ben = people(office)["ben"]
    assert (ben.name, ben.email, ben.role, people(office)["ana"].backup) == ("Ben Example", "other@clinic.example", "biller", "ben")
    with office.store() as store:
        entries = [entry for entry in (json.loads(stored.text) for stored in store.events()) if entry["name"] == "person"]
    assert [entry["facts"]["account"] for entry in entries] == ["ben", "ana", "ben"]
    assert entries[2]["facts"]["fields"] == {"role": ["manager", "biller"]}
    assert entries[2]["facts"]["email_changed"] is True
    assert "clinic.example" not in json.dumps(entries)
    listed = office.do("2026-11-09 person").out
    assert ("Ana Example" in listed, "other@clinic.example" in listed) == (True, True)
    office.check()


def test_who_works_here_is_read_without_a_trace(offices):
    office = offices.after()
    before = office.everything()
    office.do("2026-11-09 person", "2026-11-09 person --json")
    assert office.everything() == before


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("person ana", 21),
        ("person ana --name ' '", 21),
        ("person ana --backup ana", 22),
        ("person ana --backup nobody", 10),
        ("person ana --backup lee --no-backup", 22),
        ("person ana --manager ana", 22),
        ("person ana --manager nobody", 10),
        ("person ana --manager lee --no-manager", 22),
        ("person ana --email 'no address'", 22),
        ("person ana --email 'ana@clinic.example, eve@evil.example'", 22),
        ("person ana --email 'Ana <ana@clinic.example>'", 22),
        ("person ana --role king", 2),
        ("person lee --name Lee --if-version 1", 22),
    ],
)
def test_what_cannot_be_said_of_a_person_is_refused(offices, words, code):
    office = offices.after("2026-11-06 person ana --name Ana", "2026-11-06 person lee")
    before = office.everything()
    assert (office.say(f"2026-11-09 {words}").code, office.everything()) == (code, before)


def test_a_person_is_not_changed_by_a_dry_run_nor_twice_by_one_request(offices):
    office = offices.after("2026-11-06 person ana --name Ana")
    before = office.everything()
    assert "dry run" in office.do("2026-11-09 person ana --name Anna --dry-run").out
    assert office.everything() == before
    office.do("2026-11-09 person ana --name Anna --request-id once")
    before = office.everything()
    assert "already done" in office.do("2026-11-09 person ana --name Anna --request-id once").out
    assert office.say("2026-11-09 person lee --name Lee --request-id once").code == 22
    office.do("2026-11-09 person ana --name Anna")
    assert office.everything() == before


def test_work_goes_to_who_stands_in_where_nobody_is_named(offices):
    office = offices.after(*denied(), "2026-11-06 person ben", "2026-11-06 person lee", "2026-11-06 person ana --backup ben")
    office.do("2026-11-09 reassign --from ana --reason leave")
    assert office.case().owner == "ben"
    answer = office.say("2026-11-09 reassign --from ben")
    assert (answer.code, "no backup is on record" in answer.err) == (21, True)
    office.do("2026-11-10 person ana --no-backup")
    assert office.say("2026-11-10 reassign --from ana").code == 21
    assert office.say("2026-11-10 reassign").code == 21
    office.check()


def test_a_new_case_is_the_one_persons_and_nobodys_as_soon_as_there_are_two(offices):
    new = "open --patient 'Sample, Sam' --payer P --billed 80 --claim"
    office = offices.after()
    alone = first(office)
    assert f"A new case is {alone}'s" in office.do("2026-11-06 person").out
    office.do(f"2026-11-06 {new} 1-A", "2026-11-06 person ben --name Ben", f"2026-11-06 {new} 2-B")
    assert [office.case(ref).owner for ref in ("1-A", "2-B")] == [alone, ""]
    assert "A new case is nobody's" in office.do(f"2026-11-06 person ben --backup {alone}").out
    office.do(f"2026-11-06 {new} 4-D", f"2026-11-06 {new} 5-E --owner ben")
    assert [office.case(ref).owner for ref in ("4-D", "5-E")] == ["", "ben"]
    office.check()
