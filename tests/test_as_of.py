"""Time travel: with --as-of a list answers what the office knew at the end of that day, in a sandbox and outside one."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from practice import Offices, denied, filed, last_day
from test_bad_input import Answer, a_quiet_account, on_disk, refused, typed

from appeals.ids import Ids
from appeals.model import Practice
from appeals.record import Run
from appeals.services import cases, marks, steps, undo
from appeals.services.setup import founding
from db.founding import add_practice
from db.opening import create_database
from db.store import SqlStore

__all__ = ["a_quiet_account"]

ZONE = ZoneInfo("America/New_York")
OPENED, DENIED, REVIEWED, UNDONE = date(2026, 3, 2), date(2026, 3, 9), date(2026, 3, 16), date(2026, 3, 18)
PLAN = {"programme": "employer", "funding": "self_funded", "grandfathered": "no", "internal_levels": "1"}
CLAIM = {
    "patient": "Example, Erin",
    "payer": "Invented Health",
    "member_id": "M-1",
    "kind": "post_service",
    "billed": 120000,
    "owner": "ana",
}


class History:
    """An office that is no sandbox and has worked for months: real services, each run as of its own past day."""

    def __init__(self, path) -> None:
        self.path = path
        self.ids = Ids(clock=lambda: datetime.now(UTC))
        self.practice = Practice(id=self.ids.new_id(), name="Real Clinic", zone=ZONE.key, state="NC", created_on=OPENED)
        create_database(path)
        add_practice(path, self.practice, log_id=self.ids.new_id(), first_change=founding(self.on(OPENED), name="A. Clerk"))

    def on(self, day: date) -> Run:
        at = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
        new = {"new_id": self.ids.new_id, "new_nonce": self.ids.new_nonce}
        return Run(practice=self.practice, recorded_at=at, on=day, actor="ana", request_id=self.ids.new_id(), **new)

    def work(self) -> None:
        """Two cases opened, the first denied, reviewed, and the review taken back."""
        with SqlStore(self.path) as store:
            cases.open_case(store, {**CLAIM, **PLAN, "claim": "C-1"}, self.on(OPENED))
            steps.advance(store, "1", "deny", {"notice": DENIED, "amount": 120000, "codes": (("CO", "50", "", 120000),)}, self.on(DENIED))
            cases.open_case(store, {**CLAIM, **PLAN, "claim": "C-2"}, self.on(DENIED))
            review = {"reviewer": "A. Clerk", "category": "medical_necessity", "path": "appeal"}
            steps.advance(store, "1", "review-eob", review, self.on(REVIEWED))
            undo.undo(store, "1", "wrong case", self.on(UNDONE))
            marks.mark(store, "1", "received", {"dated": DENIED + timedelta(days=2)}, self.on(UNDONE))


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    """The file of an office outside a sandbox; the tests only read it."""
    path = tmp_path_factory.mktemp("office") / "office.db"
    History(path).work()
    return path


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def asked(db, words: str, day: date | None = None) -> Answer:
    return typed(*words.split(), "--db", db, *(("--as-of", day) if day else ()))


def data(db, words: str, day: date | None = None):
    answer = asked(db, f"{words} --json", day)
    assert answer.code == 0, answer.err
    told = json.loads(answer.out)
    if day:
        assert told["as_of"] == day.isoformat()
    return told["data"]


def states(db, day: date | None = None) -> dict[str, str]:
    return {row["case"]["number"]: row["case"]["state"] for row in data(db, "queue", day)["cases"]}


def dates(db, day: date) -> dict[str, tuple[str, str]]:
    """Clock -> status and legal day, as known at the end of that day."""
    return {clock["kind"]: (clock["status"], clock["legal_due"]) for clock in data(db, "clocks 1 --all", day)["clocks"] if clock["hard"]}


def test_a_past_day_shows_the_cases_and_states_of_its_end(office):
    assert states(office, OPENED - timedelta(days=1)) == {}
    assert states(office, OPENED) == {"A-000001": "submitted"}
    assert states(office, DENIED - timedelta(days=1)) == {"A-000001": "submitted"}
    assert states(office, DENIED) == {"A-000001": "denied", "A-000002": "submitted"}
    assert states(office, REVIEWED) == {"A-000001": "eob_reviewed", "A-000002": "submitted"}
    assert states(office, UNDONE) == {"A-000001": "denied", "A-000002": "submitted"}
    assert states(office) == states(office, UNDONE)


def test_a_clock_stands_as_it_stood_that_day_not_as_it_was_dated_later(office):
    before, after = dates(office, REVIEWED), dates(office, UNDONE)
    assert "file_internal_appeal" not in dates(office, OPENED)
    assert before["file_internal_appeal"] == ("open", "2026-09-05")
    assert after["file_internal_appeal"] == ("open", "2026-09-07"), "the receipt proved on the 18th moved it"
    assert dates(office, DENIED)["file_internal_appeal"] == before["file_internal_appeal"]


def test_today_of_a_past_day_is_drawn_up_for_that_day(office):
    past = data(office, "today", DENIED)
    assert past["later"] + len(past["items"]) == 2
    assert {item["days_left"] for item in past["items"] + data(office, "today", REVIEWED)["items"]} <= set(range(31))
    assert any(item["days_left"] < 0 for item in data(office, "today")["items"]), "months later the same work is late"


def test_why_explains_the_date_as_it_was_then(office):
    then, now = (data(office, "why 1 internal", day)["clocks"][0] for day in (REVIEWED, UNDONE))
    assert then["legal_due"] != now["legal_due"]
    assert then["legal_due"] in " ".join(then["explained"])
    assert now["legal_due"] not in " ".join(then["explained"])


def test_show_of_a_past_day_hides_what_came_later_and_is_an_event_of_today(tmp_path):
    path = tmp_path / "office.db"
    History(path).work()
    shown = data(path, "show 1", DENIED)
    assert (shown["case"]["state"], shown["marks"], len(shown["denials"])) == ("denied", [], 1)
    assert shown["denials"][0]["received_date"] is None, "the receipt was proved nine days later"
    assert [event["name"] for event in shown["events"] if event["kind"] == "step"] == ["deny", "open"]
    with SqlStore(path) as store:
        *_, last = (json.loads(stored.text) for stored in store.events())
    assert (last["kind"], last["name"]) == ("read", "show")
    assert last["on"] >= datetime.now(ZONE).date().isoformat()


def test_a_case_not_yet_opened_was_not_known(office):
    refused(asked(office, "clocks 2", OPENED), 10, "A-000002", "not known")
    refused(asked(office, "why 2 house", OPENED), 10, "not known")
    refused(asked(office, "show 2", OPENED), 10, "not known")


def test_what_is_possible_is_told_for_the_state_of_that_day(office):
    assert "deny" in data(office, "next 1", OPENED)["possible"]
    assert "file-appeal" in data(office, "next 1", REVIEWED)["possible"]
    assert "file-appeal" not in data(office, "next 1", UNDONE)["possible"]
    refused(asked(office, "next 2", OPENED), 10, "not known")


def test_a_search_by_number_finds_the_case_as_it_was(office):
    assert data(office, "find C-1", REVIEWED)["cases"][0]["case"]["state"] == "eob_reviewed"
    refused(asked(office, "find C-2", OPENED), 10)


def test_a_future_day_is_drawn_up_from_what_is_known_today(office):
    tomorrow = datetime.now(ZONE).date() + timedelta(days=1)
    far = tomorrow + timedelta(days=3650)
    assert states(office, far) == states(office)
    assert dates(office, far) == dates(office, UNDONE)
    left = {item["case"]["number"]: item["days_left"] for item in data(office, "today", far)["items"]}
    near = {item["case"]["number"]: item["days_left"] for item in data(office, "today", tomorrow)["items"]}
    assert set(left) == {"A-000001", "A-000002"}
    assert all(left[number] - near[number] == (tomorrow - far).days for number in near)


def test_a_reminder_for_a_coming_day_is_a_dry_run_outside_a_sandbox(office):
    before = on_disk(office)
    assert data(office, "remind", datetime.now(ZONE).date() + timedelta(days=30))["dry_run"] is True
    assert on_disk(office) == before


def test_a_daily_run_of_a_past_day_is_refused_and_its_rehearsal_says_what_it_is_counted_from(office):
    before = on_disk(office)
    refused(asked(office, "remind", REVIEWED), 50, str(REVIEWED), "has passed", "appeals today --as-of DAY")
    rehearsed = asked(office, "remind --dry-run --json", REVIEWED)
    told = json.loads(rehearsed.out)
    assert (rehearsed.code, told["data"]["dry_run"]) == (0, True)
    assert any("counted from what is known today" in each for each in told["warnings"])
    assert on_disk(office) == before


def test_looking_back_writes_nothing(office):
    before = on_disk(office)
    for words in ("today", "queue", "clocks 1", "why 1", "next 1", "find C-1"):
        assert asked(office, words, REVIEWED).code == 0
    assert on_disk(office) == before


def test_a_sandbox_looks_back_too_and_says_which_day_it_shows(offices):
    sandbox = offices.after(*filed())
    answer = sandbox.do("2026-11-05 queue")
    assert answer.out.startswith("SANDBOX 2026-11-05\n")
    assert "denied" in answer.out
    assert states(sandbox.db, date(2026, 11, 4)) == {"A-000001": "submitted"}
    assert states(sandbox.db, date(2026, 11, 6)) == {"A-000001": "eob_reviewed"}
    assert states(sandbox.db, date(2026, 11, 9)) == {"A-000001": "appeal_filed"}


def test_a_look_back_does_not_turn_a_sandbox_back(offices):
    sandbox = offices.after(*denied())
    sandbox.do("2026-11-03 show 1")
    assert sandbox.events()[-1]["on"] == last_day(denied())
    with sandbox.store() as store:
        assert store.last_on() == date(2026, 11, 5), "the read is an event of the sandbox's own day"
    sandbox.check()


def test_a_sandbox_shows_a_coming_day_without_living_it(offices):
    sandbox = offices.after(*denied())
    before = on_disk(sandbox.db)
    assert states(sandbox.db, date(2027, 5, 1)) == {"A-000001": "denied"}
    assert data(sandbox.db, "today", date(2027, 5, 1))["items"][0]["bucket"] in ("late", "overdue")
    assert on_disk(sandbox.db) == before
    sandbox.do("2026-11-06 note 1 'still November'")
