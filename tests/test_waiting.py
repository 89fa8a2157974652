"""What files brought and nobody has answered is seen every day: in `today`, in the digests, and in the list that is worked."""

from __future__ import annotations

import pytest
from practice import Offices, opened, resolved
from remitting import DAY, claim, remittance, take
from test_claim837 import BATCH, HEAD
from test_status277 import INVALID, report_of
from write277 import write277

DENIED_AGAIN = remittance(claim("C-1", "4", "1200", "0", "CO*50*1200"))
UNREADABLE = remittance(claim("C-8", "4", "500", "0", "CO*50*500"), trace="T-8").replace("C-8*4*500", "C-8*4*5x0")
MANAGER = f"{DAY} person zoe --name 'Z. Manager' --role manager"


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def test_a_proposal_that_holds_a_denial_stands_in_todays_work_and_is_an_alarm(offices):
    office = offices.after(*resolved())
    assert office.do(f"{DAY} today --check").out.count("Nothing to do") == 1
    take(office, DENIED_AGAIN)
    out = office.do(f"{DAY} today").out
    assert "1 proposal waits for a decision: `appeals intake resolve --list`" in out
    assert "A-000001  reopen, since Tue 2026-11-24" in out
    assert "Nothing to do" not in out
    assert office.say(f"{DAY} today --check").code == 3
    data = office.do(f"{DAY} today --json").data
    assert data["proposals"] == [{"case": "A-000001", "owner": "ana", "step": "reopen", "since": DAY}]
    office.do(f"{DAY} intake resolve 1 --refuse --reason 'it is another claim'")
    assert office.do(f"{DAY} today --check --json").data["proposals"] == []


def test_claims_left_for_a_person_stand_in_todays_work_and_are_an_alarm(offices):
    office = offices.after()
    take(office, UNREADABLE)
    assert "1 claim of a file is left for a person: `appeals intake resolve --list`." in office.do(f"{DAY} today").out
    assert (office.say(f"{DAY} today --check").code, office.do(f"{DAY} today --json").data["left"]) == (3, 1)


def test_one_owner_sees_the_proposals_on_their_own_cases_alone(offices):
    office = offices.after(*resolved())
    take(office, DENIED_AGAIN)
    assert len(office.do(f"{DAY} today --owner ana --json").data["proposals"]) == 1
    assert office.do(f"{DAY} today --owner ben --json").data["proposals"] == []


def test_a_past_day_shows_what_waited_then(offices):
    office = offices.after(*resolved())
    take(office, DENIED_AGAIN)
    take(office, UNREADABLE, "other.835")
    office.do("2026-11-26 intake resolve 1 --refuse --reason 'it is another claim'")
    waited = {day: office.do(f"{day} today --json").data for day in ("2026-11-23", "2026-11-25", "2026-11-26")}
    assert {day: (len(data["proposals"]), data["left"]) for day, data in waited.items()} == {
        "2026-11-23": (0, 0),
        "2026-11-25": (1, 1),
        "2026-11-26": (0, 1),
    }


def test_the_daily_run_tells_managers_all_that_waits_and_an_owner_what_is_on_their_cases(offices):
    office = offices.after(*resolved(), MANAGER, f"{DAY} person ana --name 'Ana'")
    take(office, DENIED_AGAIN)
    take(office, UNREADABLE, "other.835")
    answer = office.do(f"{DAY} remind --json").data
    waiting = {one.pop("to"): one for one in answer["waiting"]}
    assert waiting["ana"] == {"proposals": ["A-000001"], "left": 0}
    assert waiting["zoe"] == {"proposals": ["A-000001"], "left": 1}
    out = office.do(f"{DAY} remind").out
    assert "For zoe (manager): nothing new is due" in out
    assert "1 proposal waits for a decision, on A-000001: `appeals intake resolve --list`." in out
    assert "1 claim of a file is left for a person" in out
    assert "EXAMPLE" not in out.upper()


def test_without_a_manager_everybody_is_told_what_waits(offices):
    office = offices.after(*opened())
    take(office, UNREADABLE)
    waiting = office.do(f"{DAY} remind --json").data["waiting"]
    assert waiting and {one["left"] for one in waiting} == {1}


TWO = remittance(
    claim("C-1", "4", "1200", "0", "CO*50*1200", first="OLAF", last="OTHER", member="M-7"),
    claim("C-8", "4", "500", "100", "CO*50*400", last=""),
    claim("C-9", "4", "300", "0", "CO*50*300", last=""),
)


def left(office):
    return office.do(f"{DAY} intake resolve --list --json").data["left"]


def test_every_claim_that_is_left_is_listed_by_file_and_place_with_its_payer_and_money(offices):
    office = offices.after(*opened())
    answer = take(office, TWO)
    assert answer.data["files"][0]["fates"]["person"] == {"claims": 3, "charged_cents": 200000, "paid_cents": 10000, "denied_cents": 190000}
    found = left(office)
    assert [(one["claim"], one["payer"], one["charge_cents"], one["paid_cents"], one["denied_cents"]) for one in found] == [
        ("C-1", "Invented Health", 120000, 0, 120000),
        ("C-8", "Invented Health", 50000, 10000, 40000),
        ("C-9", "Invented Health", 30000, 0, 30000),
    ]
    assert [one["cases"] for one in found] == [["A-000001"], [], []]
    digest = answer.data["files"][0]["sha256"]
    assert {(one["taken_on"], one["place"], one["sha256"]) for one in found} == {(DAY, "segment", digest)}
    assert [one["ref"] for one in found] == [f"{digest[:8]}:{one['segment']}" for one in found]
    out = office.do(f"{DAY} intake resolve --list").out
    assert f"{found[1]['ref']}  claim C-8  Invented Health  charged $500.00, paid $100.00, denied $400.00" in out
    assert "has this claim number: A-000001" in out
    assert "OLAF" not in out


def test_the_list_of_one_case_keeps_to_it(offices):
    office = offices.after(*opened(), f"{DAY} open --patient 'Else, Eve' --payer Another --member-id M-3 --claim C-3 --billed 90")
    take(office, TWO)
    take(office, remittance(claim("C-3", "1", "90", "90"), payer="ANOTHER", trace="T-3", paid="90"), "paid.835")
    take(
        office,
        remittance(claim("C-3", "4", "90", "0", "CO*50*90", first="EVE", last="ELSE", member="M-3"), payer="ANOTHER", trace="T-4"),
        "late.835",
    )
    assert [one["claim"] for one in office.do(f"{DAY} intake resolve 1 --list --json").data["left"]] == ["C-1"]
    assert office.do(f"{DAY} intake resolve 1 --list --json").data["proposals"] == []


def test_a_claim_that_was_dealt_with_leaves_the_list_with_its_reason_and_is_known_when_it_is_sent_again(offices):
    office = offices.after(*opened())
    take(office, TWO)
    refs = [one["ref"] for one in left(office)]
    before = office.everything()
    dry = office.do(f"{DAY} intake resolve --left {refs[1]} --done --reason 'not ours' --dry-run")
    assert "off the list  [dry run: nothing was written]" in dry.out
    assert office.everything() == before
    office.do(f"{DAY} intake resolve --left {refs[1]} --left {refs[2]} --done --reason 'billed by hand'")
    assert [one["ref"] for one in left(office)] == [refs[0]]
    office.do(f"{DAY} intake resolve --left {refs[0]} --done --reason 'another clinic of that number'")
    assert left(office) == []
    assert office.say(f"{DAY} today --check").code == 0
    with office.store() as store:
        assert [stored.text.count("billed by hand") for stored in store.events(kind="import") if "left-settled" in stored.text] == [1, 0]
    again = take(office, TWO, options="--again").data["files"][0]["fates"]
    assert {fate: sums["claims"] for fate, sums in again.items()} == {"known": 3}
    assert office.say(f"{DAY} today --check").code == 0
    office.check()


@pytest.mark.parametrize("text", [UNREADABLE, UNREADABLE.replace("C-8*4", "0*4")], ids=["with a number", "without one"])
def test_a_claim_nobody_can_read_that_was_dealt_with_is_known_when_it_is_sent_again(offices, text):
    office = offices.after()
    take(office, text)
    [one] = left(office)
    office.do(f"{DAY} intake resolve --left {one['ref']} --done --reason 'entered by hand'")
    again = take(office, text.replace("~\n", "~\r\n"), "again.835")
    assert (again.code, list(again.data["files"][0]["fates"]), left(office)) == (0, ["known"], [])
    office.check()


def test_a_claim_nobody_can_read_that_says_something_else_than_the_one_dealt_with_is_listed(offices):
    office = offices.after()
    take(office, UNREADABLE)
    [one] = left(office)
    office.do(f"{DAY} intake resolve --left {one['ref']} --done --reason 'entered by hand'")
    again = take(office, UNREADABLE.replace("4*5x0", "4*9x0"), "again.835")
    assert (again.code, list(again.data["files"][0]["fates"]), len(left(office))) == (3, ["person"], 1)
    office.check()


def test_a_report_that_was_dealt_with_is_known_when_it_is_sent_again_though_nobody_knows_who_reports(offices):
    office = offices.after()
    refused = write277(HEAD, BATCH._replace(trace="ACK-1"), (report_of("C-77", INVALID),))
    take(office, refused, "ack.277")
    [one] = left(office)
    office.do(f"{DAY} intake resolve --left {one['ref']} --done --reason 'sent again'")
    again = take(office, refused.replace("~\n", "~\r\n") if "~\n" in refused else refused.replace("~", "~\n"), "again.277")
    assert (again.code, list(again.data["files"][0]["fates"]), left(office)) == (0, ["known"], [])
    office.check()


def test_a_claim_that_is_left_is_not_cleared_without_a_reason_nor_by_a_name_nobody_has(offices):
    office = offices.after()
    take(office, UNREADABLE)
    [one] = left(office)
    for words, code in (
        (f"--left {one['ref']} --done", 21),
        (f"--left {one['ref']} --reason x", 21),
        ("--left 00000000:1 --done --reason x", 10),
    ):
        assert office.say(f"{DAY} intake resolve {words}").code == code, words
    assert left(office) == [one]


def test_a_dry_run_of_an_answer_says_that_nothing_was_written(offices):
    office = offices.after(*resolved())
    take(office, DENIED_AGAIN)
    assert "(taken)  [dry run: nothing was written]" in office.do(f"{DAY} intake resolve 1 --take --dry-run").out
    refused = office.do(f"{DAY} intake resolve 1 --refuse --reason 'another claim'").out
    assert "A step that was refused can still be taken by hand" in refused


def test_what_was_left_is_off_the_list_when_another_file_brings_it_so_that_it_can_be_taken(offices):
    office = offices.after(f"{DAY} open --patient 'Other, Olaf' --payer 'Invented Health' --member-id M-7 --claim C-1 --billed 1200")
    take(office, remittance(claim("C-1", "4", "1200", "0", "CO*50*1200")))
    assert len(left(office)) == office.do(f"{DAY} today --json").data["left"] == 1
    office.do(f"{DAY} undo 1 --reason 'typed for another claim'")
    resent = remittance(claim("C-1", "4", "1200", "0", "CO*50*1200")).replace("~\n", "~\r\n")
    assert take(office, resent, "resent.835").data["files"][0]["fates"]["opened"]["claims"] == 1
    assert left(office) == []


def test_the_same_claim_that_two_files_left_is_listed_once(offices):
    office = offices.after(f"{DAY} open --patient 'Other, Olaf' --payer 'Invented Health' --member-id M-7 --claim C-1 --billed 1200")
    for ends, name in (("~\n", "one.835"), ("~\r\n", "two.835")):
        take(office, remittance(claim("C-1", "4", "1200", "0", "CO*50*1200")).replace("~\n", ends), name)
    assert len(left(office)) == 1
