"""Calendar feeds: one file an account, read back by `icalendar`; what changes keeps its UID and raises SEQUENCE; nothing of a patient."""

from __future__ import annotations

import json
import os
import stat
import sys
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from crowd import crowd
from icalendar import Calendar
from practice import WAYS, Offices, denied, filed, opened
from test_architecture import HEAVY, START, loaded
from test_bad_input import a_quiet_account, on_disk, typed
from test_privacy import CANARIES, HISTORY, WORK, leaks
from test_reminders import CLOCK

from appeals import feeds
from appeals.commands import publishing
from appeals.errors import CannotWrite
from appeals.feeds import Entry, Feed
from appeals.model import ClockStatus, Practice
from db.store import SqlStore

__all__ = ["a_quiet_account"]

PRACTICE = Practice(id="p1", name="Made-up Clinic; Charlotte, NC", zone="America/New_York", state="NC", created_on=date(2026, 1, 2))
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)
OFFSETS = (30, 14, 7, 3, 1, 0)


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "calendars"
    made.mkdir(mode=0o755)
    made.chmod(0o755)
    return made


def entry(**given) -> Entry:
    names = ("number", "version", "payer", "owner", "gone")
    known = {"number": "A-000012", "version": 3, "payer": "Invented Health", "owner": "ana"}
    told = known | {name: given.pop(name) for name in names if name in given}
    return Entry(clock=replace(CLOCK, **given), **told)


def written(*entries: Entry, practice: Practice = PRACTICE) -> bytes:
    return feeds.written(Feed(account="ana", practice=practice, entries=entries, offsets=OFFSETS, at=AT))


def read(content: bytes) -> dict:
    """The entries of a feed by UID, as a calendar program reads them."""
    calendar = Calendar.from_ical(content)
    assert calendar.errors == []
    events = list(calendar.walk("VEVENT"))
    assert all(event.errors == [] for event in events)
    found = {str(event["UID"]): event for event in events}
    assert len(found) == len(events), "one UID twice"
    return found


def only(content: bytes):
    [event] = read(content).values()
    return event


def published(folder) -> dict[str, dict]:
    return {path.stem: read(path.read_bytes()) for path in sorted(folder.iterdir())}


def test_a_day_clock_is_all_day_on_the_day_to_work_by_and_ends_before_the_next():
    content = written(entry())
    assert b"DTSTART;VALUE=DATE:20260702\r\nDTEND;VALUE=DATE:20260703\r\n" in content
    event = only(content)
    assert (event["SUMMARY"], event["STATUS"], event["TRANSP"]) == ("A-000012 file appeal", "CONFIRMED", "TRANSPARENT")
    assert (event["UID"], event["SEQUENCE"], event["DTSTAMP"].dt) == ("c1@p1", 3, AT)
    assert event["DESCRIPTION"].splitlines() == [
        "work by Thu 2026-07-02 (last day 2026-07-06)", "payer: Invented Health", "owner: ana",
    ]  # fmt: skip


def test_the_calendar_says_what_it_is_and_how_often_to_look():
    content = written()
    calendar = Calendar.from_ical(content)
    assert (calendar["VERSION"], calendar["METHOD"], calendar["PRODID"]) == ("2.0", "PUBLISH", feeds.PRODID)
    assert rb"X-WR-CALNAME:Appeals: ana (Made-up Clinic\; Charlotte\, NC)" in content
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in content
    assert b"VTIMEZONE" not in content
    assert b"X-WR-CALNAME:SANDBOX Appeals: ana" in written(practice=replace(PRACTICE, sandbox=True))


def test_the_same_rows_give_the_same_bytes_in_whatever_order_they_come():
    some = [entry(id=f"c{at}", work_by=CLOCK.work_by + timedelta(days=at % 3)) for at in range(9)]
    assert written(*some) == written(*reversed(some))


def test_an_alarm_rings_in_the_morning_on_every_day_of_a_reminder():
    alarms = only(written(entry())).walk("VALARM")
    assert [alarm["TRIGGER"].dt for alarm in alarms] == [timedelta(hours=9) - timedelta(days=offset) for offset in OFFSETS]
    assert {(alarm["ACTION"], alarm["DESCRIPTION"]) for alarm in alarms} == {("DISPLAY", "A-000012 file appeal")}


def test_an_alarm_that_would_ring_on_a_closed_day_rings_on_the_business_day_before_and_once():
    saturday = date(2026, 11, 14)
    alarms = only(written(entry(work_by=saturday))).walk("VALARM")
    days = [(datetime.combine(saturday, datetime.min.time()) + alarm["TRIGGER"].dt).isoformat() for alarm in alarms]
    # 30, 14, 7, 3, 1 and 0 days before: a Thursday, a Saturday, a Saturday, a holiday, a Friday, a Saturday.
    assert days == ["2026-10-15T09:00:00", "2026-10-30T09:00:00", "2026-11-06T09:00:00", "2026-11-10T09:00:00", "2026-11-13T09:00:00"]


def test_an_hour_clock_stands_at_its_hour_and_its_alarms_ring_in_the_mornings_before():
    due = datetime(2026, 7, 2, 20, 30, tzinfo=UTC)  # 16:30 in the office
    content = written(entry(due_at=due))
    assert b"DTSTART:20260702T203000Z\r\n" in content
    assert b"DTEND" not in content
    event = only(content)
    rings = [due + alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
    assert rings == [datetime(2026, 7, 2, 13, tzinfo=UTC) - timedelta(days=offset) for offset in OFFSETS]
    assert "by the hour: Thu 2026-07-02 16:30 EDT" in event["DESCRIPTION"]


def test_an_hour_before_the_morning_rings_on_the_days_before_it_only():
    due = datetime(2026, 7, 2, 12, tzinfo=UTC)  # 8:00 in the office
    assert len(only(written(entry(due_at=due))).walk("VALARM")) == len(OFFSETS) - 1


def test_an_hour_on_a_later_day_than_the_one_to_work_by_is_all_day_on_the_earlier():
    event = only(written(entry(due_at=datetime(2026, 7, 4, 20, tzinfo=UTC))))
    assert event["DTSTART"].dt == date(2026, 7, 2)
    assert "by the hour: Sat 2026-07-04 16:00 EDT" in event["DESCRIPTION"]


@pytest.mark.parametrize(
    ("given", "summary", "status"),
    [
        ({"candidate": True}, "A-000012 file appeal ?", "TENTATIVE"),
        ({"verified": False}, "A-000012 file appeal UNVERIFIED", "CONFIRMED"),
        ({"owed_by": "payer", "kind": "decide_appeal"}, "A-000012 payer: decide appeal", "CONFIRMED"),
        ({"status": ClockStatus.TOLLED}, "A-000012 file appeal (stopped)", "TENTATIVE"),
        ({"status": ClockStatus.MET, "gone": True}, "A-000012 file appeal", "CANCELLED"),
    ],
)
def test_what_is_not_settled_is_said_where_it_is_seen(given, summary, status):
    event = only(written(entry(**given)))
    assert (event["SUMMARY"], event["STATUS"]) == (summary, status)


@pytest.mark.parametrize("given", [{"owed_by": "payer"}, {"status": ClockStatus.TOLLED}, {"gone": True}])
def test_what_asks_nothing_of_us_rings_for_nobody(given):
    assert only(written(entry(**given))).walk("VALARM") == []


def test_a_house_target_is_called_one_and_a_consequence_and_the_next_step_are_told():
    told = only(written(entry(hard=False, consequence="the money is lost", next_step="file it")))["DESCRIPTION"]
    assert "work by Thu 2026-07-02 (house target)" in told
    assert "if it passes: the money is lost\nnext: file it" in told


@pytest.mark.parametrize(
    "payer", ["Prüfer, Söhne; & Co.", r"back\slash \n literally", "雪 🐦 " * 40, 'quo"ted: x', "BEGIN:VALARM", "a" * 500]
)
def test_a_payers_name_arrives_as_it_was_typed_in_lines_of_75_octets(payer):
    content = written(entry(payer=payer, consequence="one, two; three"))
    assert max(len(line) for line in content.split(b"\r\n")) <= 75
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert f"\npayer: {payer}\n" in only(content)["DESCRIPTION"]


@pytest.mark.parametrize("payer", ["two\nlines", "P\r\nBEGIN:VEVENT\r\nUID:evil", "bell\a", "\u202eturned"])
def test_a_name_cannot_put_a_line_of_its_own_into_a_feed(payer):
    event = only(written(entry(payer=payer)))
    assert all(line.isprintable() for line in event["DESCRIPTION"].splitlines())
    assert len(event["DESCRIPTION"].splitlines()) == 3


def test_five_hundred_clocks_are_read_back_as_they_are():
    start = date(2026, 7, 2)
    some = [entry(id=f"c{at}", number=f"A-{at:06}", work_by=start + timedelta(days=at)) for at in range(500)]
    found = read(written(*some))
    assert {uid: event["DTSTART"].dt for uid, event in found.items()} == {f"c{at}@p1": start + timedelta(days=at) for at in range(500)}
    assert all(event["DTEND"].dt - event["DTSTART"].dt == timedelta(days=1) for event in found.values())


def test_a_big_office_has_every_running_clock_in_its_feeds_once(folder, tmp_path):
    db = tmp_path / "crowd.db"
    crowd(db, cases=260, still_open=200)
    with SqlStore(db) as store:
        running = {f"{clock.id}@p1": clock for row in store.case_rows() for clock in row.clocks}
    assert len(running) > 500
    assert typed("calendar", "--out", folder, "--db", db).code == 0
    found = published(folder)
    assert {uid: event["DTSTART"].dt for uid, event in found["everybody"].items()} == {uid: c.work_by for uid, c in running.items()}
    owned = [uid for name, shown in found.items() if name != "everybody" for uid in shown]
    assert (len(owned), set(owned)) == (len(running), set(running))


@pytest.mark.parametrize(
    ("account", "name"),
    [("ana", "ana.ics"), ("A.Chen-2", "A.Chen-2.ics"), ("../etc", ""), ("a b", ""), (".hidden", ""), ("-rf", ""), ("uid:12", ""),
     ("é", ""), ("a" * 65, ""), ("dot.", ""), ("", "")],
)  # fmt: skip
def test_an_account_names_a_file_only_with_characters_every_share_takes(account, name):
    assert feeds.file_name(account) == name


def test_every_clock_that_runs_is_in_its_owners_feed_and_in_everybodys(offices, folder):
    office = offices.after(*denied(), "2026-11-06 open --patient 'Sample, Sam' --payer P --claim C-9 --billed 80")
    answer = office.do(f"2026-11-06 calendar --out {folder}")
    assert "4 feeds written" in answer.out
    found = published(folder)
    running = {ref: {f"{clock.id}@{clock.practice_id}" for clock in office.running(ref)} for ref in ("1", "2")}
    alive = {name: {uid for uid, event in shown.items() if event["STATUS"] != "CANCELLED"} for name, shown in found.items()}
    me = office.case("2").owner
    assert alive == {"ana": running["1"], me: running["2"], "everybody": running["1"] | running["2"], "unowned": set()}
    assert {clock.work_by for clock in office.running("1")} <= {event["DTSTART"].dt for event in found["ana"].values()}


def test_a_case_handed_over_is_cancelled_where_it_was_and_alive_where_it_is(offices, folder):
    office = offices.after(*denied())
    office.do(f"2026-11-06 calendar --out {folder}")
    before = published(folder)["ana"]
    office.do("2026-11-06 assign 1 ben", f"2026-11-06 calendar --out {folder}")
    after = published(folder)
    alive = [uid for uid, event in before.items() if event["STATUS"] != "CANCELLED"]
    assert alive
    for uid in alive:
        assert (after["ana"][uid]["STATUS"], after["ben"][uid]["STATUS"]) == ("CANCELLED", before[uid]["STATUS"])
        assert after["ana"][uid]["SEQUENCE"] == after["ben"][uid]["SEQUENCE"] > before[uid]["SEQUENCE"]
    office.do("2026-11-06 assign 1 ana", f"2026-11-06 calendar --out {folder}")
    again = published(folder)
    assert [again["ana"][uid]["STATUS"] for uid in alive] == [before[uid]["STATUS"] for uid in alive]
    assert {event["STATUS"] for event in again["ben"].values()} == {"CANCELLED"}


def test_what_ended_long_ago_is_no_longer_there(offices, folder):
    office = offices.after(*denied())
    office.do(f"2026-11-06 calendar --out {folder}")
    gone = {uid for uid, event in published(folder)["ana"].items() if event["STATUS"] == "CANCELLED"}
    assert gone
    later = date(2026, 11, 6) + timedelta(days=feeds.numbers().cancelled_days)
    office.do(f"{later} calendar --out {folder}")
    assert not gone & set(published(folder)["ana"])


@pytest.mark.parametrize("way", WAYS, ids=[f"{way.step} from {way.source} {at}" for at, way in enumerate(WAYS)])
def test_whatever_a_step_does_to_a_clock_keeps_its_uid_and_raises_its_sequence(offices, folder, way):
    office = offices.after(*way.before)
    office.do(f"{way.day} calendar --out {folder}")
    before = published(folder)["everybody"]
    office.do(way.turn, f"{way.day} calendar --out {folder}")
    after = published(folder)["everybody"]
    assert set(before) <= set(after), "an entry vanished instead of being cancelled"
    for uid, was in before.items():
        now = after[uid]
        assert now["SEQUENCE"] >= was["SEQUENCE"]
        if any(now.get(name) != was.get(name) for name in ("STATUS", "DTSTART", "SUMMARY", "DESCRIPTION")):
            assert now["SEQUENCE"] > was["SEQUENCE"]
    ended = {f"{c.id}@{c.practice_id}" for c in office.situation().clocks} - {f"{c.id}@{c.practice_id}" for c in office.running()}
    assert {uid for uid, event in after.items() if event["STATUS"] == "CANCELLED"} == ended & set(after)


def test_a_date_that_moves_and_one_taken_back_keep_the_uid(offices, folder):
    office = offices.after(*denied())
    office.do(f"2026-11-06 calendar --out {folder}")
    first = published(folder)["ana"]
    office.do("2026-11-06 mark 1 received --date 2026-11-05 --of denial", f"2026-11-06 calendar --out {folder}")
    second = published(folder)["ana"]
    moved = [uid for uid in first if first[uid]["DTSTART"].dt != second[uid]["DTSTART"].dt]
    assert moved
    assert all(second[uid]["SEQUENCE"] > first[uid]["SEQUENCE"] for uid in moved)


TYPED = (  # what staff type about a case is kept with it, and may name anybody
    "2026-12-01 call 1 --person 'canarynote Xanthippe' --reference canarynote --promised 'canarynote to Canarybird' --next 2026-12-10",
    "2026-12-01 open --patient 'Canarybird, Zeno' --member-id CANARYMEMBER78 --payer 'Invented Health' --claim CANARYNOTE-9 "
    "--kind pre_service --billed 80",
    "2026-12-01 approve CANARYNOTE-9 --authorisation CANARYNOTE-1 --valid-from 2026-12-02 --valid-to 2026-12-20 --units 6",
)


def test_no_feed_and_no_name_of_one_says_anything_of_a_patient(offices, folder):
    office = offices.after(*HISTORY)
    for turn in ("", *WORK, *TYPED):
        office.do(*([turn] if turn else []), f"2026-12-01 calendar --out {folder}")
        for path in folder.iterdir():
            unfolded = path.read_bytes().replace(b"\r\n ", b"").decode()
            assert leaks(path.name + unfolded) == [], turn
    assert leaks("canarynote") == ["canarynote"]
    with office.store() as store:
        ids = [value for row in store.case_rows() for value in (row.case.patient_id, row.case.coverage_id, row.case.claim_number)]
    shown = "".join(path.read_text("utf-8").replace("\r\n ", "").replace("\n ", "") for path in folder.iterdir())
    assert [value for value in ids if value and value in shown] == []
    assert {"follow_up", "authorisation_valid"} <= {clock.kind for ref in ("1", "CANARYNOTE-9") for clock in office.situation(ref).clocks}
    assert len(CANARIES) > 5


def test_a_feed_is_readable_by_all_and_writes_nothing_into_the_database(offices, folder):
    office = offices.after(*denied())
    before = on_disk(office.db)
    office.do(f"2026-11-06 calendar --out {folder}")
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o644}
    assert on_disk(office.db) == before


def test_a_dry_run_writes_no_feed(offices, folder):
    answer = offices.after(*denied()).do(f"2026-11-06 calendar --out {folder} --dry-run")
    assert ("dry run" in answer.out, list(folder.iterdir())) == (True, [])


def test_one_owners_feed_alone_and_nobodys_is_refused(offices, folder):
    office = offices.after(*denied())
    office.do(f"2026-11-06 calendar --out {folder} --owner ana")
    assert [path.name for path in folder.iterdir()] == ["ana.ics"]
    assert office.say(f"2026-11-06 calendar --out {folder} --owner zoe").code == 10


def test_a_feed_of_somebody_who_has_nothing_any_more_is_emptied_not_left(offices, folder):
    office = offices.after(*denied())
    office.do(f"2026-11-06 calendar --out {folder}")
    (folder / "zoe.ics").write_bytes((folder / "ana.ics").read_bytes())  # as if zoe had been handed everything, years ago
    office.do(f"2026-11-06 calendar --out {folder}")
    assert published(folder)["zoe"] == {}


def test_an_account_without_a_safe_name_is_warned_of_and_is_in_everybodys(offices, folder):
    office = offices.after(*opened(), "2026-11-05 assign 1 'Ana Clerk'")
    told = json.loads(office.say(f"2026-11-06 calendar --out {folder}", "--json").out)
    assert told["data"]["without_file"] == ["Ana Clerk"]
    assert [word for word in told["warnings"] if "everybody.ics" in word]
    assert "Ana Clerk" not in " ".join(path.name for path in folder.iterdir())
    assert {str(e["STATUS"]) for e in published(folder)["everybody"].values()} >= {"CONFIRMED"}


def test_two_accounts_that_differ_only_in_case_never_share_a_file(offices, folder):
    office = offices.after(*opened(), "2026-11-05 assign 1 ANA")
    answer = office.do(f"2026-11-06 calendar --out {folder}")
    assert "ana: no feed of its own" in answer.out
    assert sorted(path.name.casefold() for path in folder.iterdir()).count("ana.ics") == 1


@pytest.mark.parametrize("there", ["another's", "link", "folder", "pipe"])
def test_what_is_not_ours_is_never_replaced_and_no_link_followed(offices, folder, tmp_path, there):
    target, mine = folder / "ana.ics", tmp_path / "mine"
    mine.write_text("mine")
    if there == "another's":
        target.write_text("BEGIN:VCALENDAR\r\nPRODID:-//another//EN\r\nEND:VCALENDAR\r\n")
    elif there == "link":
        target.symlink_to(mine)
    elif there == "folder":
        target.mkdir()
    else:
        os.mkfifo(target)
    answer = offices.after(*denied()).say(f"2026-11-06 calendar --out {folder}")
    assert (answer.code, mine.read_text()) == (73, "mine")
    assert [path.name for path in folder.iterdir()] == ["ana.ics"], "something was written before the refusal"


def test_two_practices_do_not_write_over_each_other(offices, folder, tmp_path):
    offices.after(*denied()).do(f"2026-11-06 calendar --out {folder}")
    other = tmp_path / "other.db"
    office = ("--name", "Other", "--state", "NC", "--zone", "America/New_York", "--sandbox", "--as-of", "2026-11-06", "--db", other)
    assert typed("init", *office).code == 0
    assert typed("calendar", "--out", folder, "--db", other).code == 73


def test_a_folder_everybody_may_write_to_is_refused(offices, folder):
    folder.chmod(0o777)
    answer = offices.after(*denied()).say(f"2026-11-06 calendar --out {folder}")
    assert (answer.code, list(folder.iterdir())) == (73, [])
    assert "chmod o-w" in answer.err
    assert offices.after(*denied()).say(f"2026-11-06 calendar --out {folder / 'nowhere'}").code == 73


def test_another_day_is_not_published(offices, folder):
    office = offices.after(*denied())
    assert office.say(f"2026-11-01 calendar --out {folder}").code == 50
    assert list(folder.iterdir()) == []


def test_a_write_that_fails_leaves_the_former_feed_and_no_scrap(folder, monkeypatch):
    with publishing.folder(str(folder)) as handle:
        publishing.replaced(handle, "ana.ics", b"former")
        monkeypatch.setattr(publishing.os, "rename", lambda *_a, **_k: (_ for _ in ()).throw(OSError(28, "No space left on device")))
        with pytest.raises(CannotWrite, match="No space left"):
            publishing.replaced(handle, "ana.ics", b"newer")
    assert [(path.name, path.read_bytes()) for path in folder.iterdir()] == [("ana.ics", b"former")]


def test_a_reader_of_a_feed_sees_the_former_or_the_new_one(folder):
    with publishing.folder(str(folder)) as handle:
        publishing.replaced(handle, "ana.ics", b"former")
        with (folder / "ana.ics").open("rb") as reader:
            publishing.replaced(handle, "ana.ics", b"newer")
            assert reader.read() == b"former"
    assert (folder / "ana.ics").read_bytes() == b"newer"


def test_only_the_command_that_writes_feeds_loads_the_library(offices):
    office = offices.after(*filed())
    assert "LOADED icalendar" not in loaded((*HEAVY, "icalendar"), START, "today", "--db", str(office.db)).stderr
    assert sys.modules["icalendar"]
