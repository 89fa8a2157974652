"""What files brought and nobody has answered is seen every day: in `today`, in the digests, and in the list that is worked."""

from __future__ import annotations

import pytest
from practice import Offices, opened, resolved
from remitting import DAY, claim, remittance, take

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
