"""The daily run: once a stage, the same day never twice, missed days once; who is told, and what is said of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import count

import pytest
from practice import Offices, denied, filed, opened, resolved
from test_bad_input import ROOT, on_disk

import cli
from appeals import reminders
from appeals.ids import Ids
from appeals.model import Practice
from appeals.record import Outbox, Run
from appeals.services import governing
from appeals.services import remind as reminding
from appeals.services.setup import founding
from db.engine import best_driver
from db.founding import add_practice
from db.opening import create_database
from db.store import SqlStore

MIA = "2026-11-02 person mia --name Mia --role manager"
STAFF = (MIA, "2026-11-02 person ben --name Ben --email ben@clinic.example", "2026-11-02 person ana --name Ana --backup ben")
ANOTHER = "open --patient 'Sample, Sam' --payer 'Invented Health' --member-id M-2 --claim C-9 --billed 90 --owner ana"
PRINTED_SATURDAY = denied()[-1].replace("--notice 2026-11-04", "--notice 2026-11-05 --printed-due 2026-11-14")
LAST_DAY = "2027-05-03"  # of the internal appeal in `denied()`


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


def asked(office, day: str, *more: str) -> dict:
    return office.do(f"{day} remind --json {' '.join(more)}").data


def told(office, day: str, *more: str) -> list[tuple[str, str, str]]:
    return [(r["to"], r["kind"], r["stage"]) for r in asked(office, day, *more)["reminders"]]


def runs(office) -> list[dict]:
    with office.store() as store:
        return [json.loads(s.text) for s in store.events(kind="reminder")]


def test_the_same_day_never_reminds_twice(offices):
    office = offices.after(*denied())
    assert ("ana", "house_denied", "3") in told(office, "2026-11-06")
    ledger = office.everything()["reminder"]
    assert told(office, "2026-11-06") == []
    assert office.everything()["reminder"] == ledger


def test_every_good_run_is_in_the_log_when_nothing_is_due_too_and_a_rehearsal_is_not(offices):
    office = offices.after(*resolved())
    assert told(office, "2026-11-06") == []
    [run] = runs(office)
    assert (run["name"], run["patient"], run["facts"]["reminders"], run["facts"]["people"]) == ("remind", None, 0, 0)
    before = on_disk(office.db)
    office.do("2026-11-09 remind --dry-run", "2026-11-09 remind --status", "2026-11-09 remind --again")
    assert on_disk(office.db) == before


def test_days_the_machine_was_off_are_caught_up_once_in_one_digest_a_person(offices):
    office = offices.after(*STAFF, *denied(), "2026-11-05 open --same-as 1 --claim C-2 --billed 9 --owner ben")
    told(office, "2026-11-06")
    found = asked(office, "2026-11-10")  # Saturday, Sunday and Monday it was off
    items = [(r["to"], r["case"], r["clock"]) for r in found["reminders"]]
    assert items
    assert len(items) == len(set(items)), "each once, at its present stage"
    assert len(found["people"]) == len({person["account"] for person in found["people"]})
    assert told(office, "2026-11-10") == []


def test_overdue_work_is_told_again_each_day(offices):
    office = offices.after(*denied())
    for day in ("2026-12-01", "2026-12-02"):
        assert ("ana", "house_denied", f"overdue:{day}") in told(office, day)


def test_a_payer_that_let_its_clock_run_out_is_told_with_what_follows_and_what_to_do(offices):
    office = offices.after(*filed())
    assert ("ana", "decide_appeal", "overdue:2027-01-09") in told(office, "2027-01-09", "--dry-run")
    [item] = [r for r in asked(office, "2027-01-09", "--dry-run")["reminders"] if r["kind"] == "decide_appeal" and r["to"] == "ana"]
    assert item["bucket"] == "overdue"
    assert item["consequence"]
    assert item["next_step"]
    assert f"the payer let its time run out: decide appeal; {item['consequence']}" in office.do("2027-01-09 remind").out


def test_a_resolved_case_reminds_of_nothing(offices):
    assert told(offices.after(*resolved()), "2027-06-01") == []


def test_the_log_vouches_for_the_ledger_and_names_no_patient(offices):
    office = offices.after(*STAFF, *denied())
    number = len(told(office, LAST_DAY))
    assert len(office.everything()["reminder"]) == number
    run, *people = [entry for entry in runs(office) if entry["name"] != "reminder-sent"]
    assert run["facts"]["reminders"] == sum(each["facts"]["reminders"] for each in people) == number
    assert {each["facts"]["to"] for each in people} == {"ana", "ben", "mia", "root"} - ({"root"} if len(people) == 3 else set())
    assert all(each["patient"] is None and each["case"] is None for each in (run, *people))
    with office.store() as store:
        ledger = store.ledger(run["facts"]["ledger"])
        assert all(ledger.hashed(each["facts"]["to"]) == each["facts"]["sha256"] for each in people)
    office.check()


def test_each_reminder_sent_is_in_the_trail_of_its_own_patient_and_case_and_is_exported(offices):
    office = offices.after(*STAFF, *denied(), "2026-11-05 open --same-as 1 --claim C-2 --billed 9 --owner ben", "2026-11-05 " + ANOTHER)
    found = asked(office, LAST_DAY)["reminders"]
    sent = [entry for entry in runs(office) if entry["name"] == "reminder-sent"]
    with office.store() as store:
        cases = {row.case.id: row.case for row in store.case_rows()}
    told_of = [(cases[e["case"]].number, e["facts"]["clock"], e["facts"]["stage"], e["facts"]["to"]) for e in sent]
    assert sorted(told_of) == sorted((r["case"], r["kind"], r["stage"], r["to"]) for r in found)
    assert all(entry["patient"] == cases[entry["case"]].patient_id for entry in sent)
    assert len({entry["patient"] for entry in sent}) == 2
    exported = office.do(f"{LAST_DAY} audit export --patient M-2 --format jsonl --out - --purpose audit").out.splitlines()
    texts = [json.loads(entry["text"]) for entry in map(json.loads, exported) if "text" in entry]
    told_of = [text for text in texts if text["name"] == "reminder-sent"]
    assert told_of
    assert told_of == [entry for entry in sent if entry["patient"] == texts[0]["patient"]]
    office.check()


def test_a_practice_has_days_of_its_own_for_all_clocks_and_others_for_a_kind(offices, tmp_path):
    own = tmp_path / "ours.toml"
    own.write_text(
        '[pack]\nid = "our_days"\nversion = "1"\ntitle = "Ours"\n\n'
        "[reminders]\noffsets = [60, 0]\nhours = [24]\nsoon_days = 7\nstale_hours = 26\n\n"
        '[[reminding]]\nid = "OUR-HOUSE"\nkinds = ["house_denied"]\noffsets = [2, 0]\nhours = []\n'
    )
    shipped = offices.after(*denied())
    assert ("ana", "house_denied", "7") in told(shipped, "2026-11-05", "--dry-run")
    assert "told before closed days" not in shipped.do("2026-11-05 remind --dry-run").out
    assert "4 days left, told before closed days" in shipped.do("2026-11-06 remind --dry-run").out, "a Friday"
    assert ("ana", "file_internal_appeal", "60") not in told(shipped, "2027-02-25", "--dry-run")
    office = offices.after(*denied(), f"2026-11-05 rules load {own}")
    assert told(office, "2026-11-05", "--dry-run") == [], "seven days are none of its own"
    assert ("ana", "house_denied", "2") in told(office, "2026-11-06")
    assert ("ana", "file_internal_appeal", "60") in told(office, "2027-02-25")
    assert "file_internal_appeal" not in {kind for _, kind, _ in told(office, "2027-04-19")}, "seven days are none of its own"
    assert ("ana", "file_internal_appeal", "0") in told(office, "2027-04-26")


# Who is told.


def because(office, day: str, kind: str) -> dict[str, str]:
    return {r["to"]: r["because"] for r in asked(office, day, "--dry-run")["reminders"] if r["kind"] == kind}


def test_the_last_day_goes_to_the_backup_and_the_manager_too_and_what_is_lost_to_the_manager(offices):
    office = offices.after(*STAFF, *denied())
    above = {person["account"] for person in office.do("2026-11-06 person --json").data["people"] if person["role"] == "manager"}
    assert because(office, "2027-04-26", "file_internal_appeal") == {"ana": "owner"}
    assert because(office, LAST_DAY, "file_internal_appeal") == {"ana": "owner", "ben": "backup"} | dict.fromkeys(above, "manager")
    after = "2027-05-04"
    assert because(office, after, "file_internal_appeal") == {"ana": "owner"} | dict.fromkeys(above, "manager")


def test_who_has_a_manager_of_their_own_is_answered_for_by_that_one_alone(offices):
    office = offices.after(*STAFF, "2026-11-02 person kim --name Kim", "2026-11-02 person ana --manager kim", *denied())
    after = "2027-05-04"
    assert because(office, after, "file_internal_appeal") == {"ana": "owner", "kim": "manager"}
    assert {each["account"]: each["manager"] for each in office.do(f"{after} person --json").data["people"]}["ana"] == "kim"
    office.do(f"{after} person ana --no-manager")
    told_to = because(office, after, "file_internal_appeal")
    assert ("mia" in told_to, "kim" in told_to) == (True, False)
    office.check()


def test_nobodys_work_goes_to_the_manager(offices):
    office = offices.after(*STAFF, *(turn.replace(" --owner ana", "") for turn in denied()))
    assert office.case().owner == ""
    told_to = because(office, "2026-11-06", "house_denied")
    assert "mia" in told_to
    assert set(told_to.values()) == {"manager"}
    assert "nobody's work: `appeals assign CASE ACCOUNT`" in office.do("2026-11-06 remind").out


def test_without_a_manager_nobodys_work_is_told_to_everybody_and_it_is_said(offices):
    office = offices.after(*denied(), "2026-11-06 person ben --name Ben", "2026-11-06 mark 1 owner-changed --to nobody")
    with best_driver().connect(office.db) as file:
        file.execute("UPDATE person SET role = 'biller'")
        file.execute("UPDATE \"case\" SET owner = ''")
    people = {person["account"] for person in office.do("2026-11-06 person --json").data["people"]}
    answer = office.do("2026-11-06 remind --json")
    assert {r["to"] for r in answer.data["reminders"]} == people
    assert "no manager is on record" in json.loads(answer.out)["warnings"][0]
    with best_driver().connect(office.db) as file:
        file.execute("DELETE FROM person")
    assert len({r["to"] for r in asked(office, "2026-11-10")["reminders"]}) == 1, "the account that runs it"


def test_what_was_put_off_is_silent_until_its_day_and_told_again_on_it(offices):
    office = offices.after(*denied())
    assert ("ana", "file_internal_appeal", "14") in told(office, "2027-04-12")
    office.do("2027-04-12 mark 1 reminder-snoozed --until 2027-04-21 --text 'records come on the 20th' --clock internal")
    assert [kind for _, kind, _ in told(office, "2027-04-19")] == ["house_denied"]
    assert ("ana", "file_internal_appeal", "snooze:2027-04-21") in told(office, "2027-04-21")
    assert ("ana", "file_internal_appeal", "1") in told(office, "2027-04-23"), "a Friday: it must be worked by Monday"
    office.check()


def test_what_was_put_off_to_a_day_before_the_widest_offset_is_told_on_that_day_once(offices):
    office = offices.after(*denied(), "2026-12-01 mark 1 reminder-snoozed --until 2027-02-01 --text 'after the move' --clock internal")
    days = ("2027-01-29", "2027-02-01", "2027-02-02", "2027-03-26")
    said = [[stage for _, kind, stage in told(office, day) if kind == "file_internal_appeal"] for day in days]
    assert said == [[], ["snooze:2027-02-01"], [], ["30"]]
    office.check()


def test_nothing_that_ends_on_a_closed_day_is_put_off_past_the_last_business_day_before_it(offices):
    office = offices.after(*opened(), PRINTED_SATURDAY)
    put_off = "mark 1 reminder-snoozed --clock internal --text why --until"
    answer = office.say(f"2026-11-06 {put_off} 2026-11-14")
    assert (answer.code, "by 2026-11-14, and the last business day before it is 2026-11-13" in answer.err) == (20, True), answer.err
    answer = office.say(f"2026-11-06 {put_off} 2026-11-08")
    assert (answer.code, "not after 2026-11-06 and the closed days behind it" in answer.err) == (22, True), answer.err
    office.do(f"2026-11-06 {put_off} 2026-11-13")
    assert ("ana", "file_internal_appeal", "0") in told(office, "2026-11-13")


def test_a_clock_already_put_off_to_a_closed_day_is_told_on_the_business_day_before(offices):
    office = offices.after(*opened(), PRINTED_SATURDAY)
    with best_driver().connect(office.db) as file:
        file.execute("UPDATE clock SET next_remind_on = '2026-11-14' WHERE kind = 'file_internal_appeal'")
    said = [{stage for _, kind, stage in told(office, day) if kind == "file_internal_appeal"} for day in ("2026-11-12", "2026-11-13")]
    assert said == [set(), {"0"}]


def test_putting_off_again_counts_from_the_newest_mark_and_what_is_late_is_never_silent(offices):
    office = offices.after(*denied())
    late = "2027-04-12 mark 1 reminder-snoozed --until"
    office.do(f"{late} 2027-04-26 --text one --clock internal", f"{late} 2027-04-20 --text two --clock internal")
    assert ("ana", "file_internal_appeal", "snooze:2027-04-20") in told(office, "2027-04-20")
    office.do("2027-04-20 mark 1 reminder-snoozed --until 2027-04-26 --text three --clock internal")
    with best_driver().connect(office.db) as file:
        file.execute("UPDATE clock SET work_by = '2027-04-20' WHERE kind = 'file_internal_appeal'")
    assert ("ana", "file_internal_appeal", "late:2027-04-21") in told(office, "2027-04-21")


@pytest.mark.parametrize(
    ("options", "code", "said"),
    [
        ("--until 2027-04-27 --text why --clock internal", 20, "must be worked by 2027-04-26"),
        ("--until 2027-04-20 --text why", 20, "must be worked by 2026-11-10"),
        ("--until 2027-04-20 --clock internal", 21, "needs --until and --text"),
        ("--text why", 21, "needs --until and --text"),
        ("--until 2026-11-06 --text why", 22, "not after"),
        ("--until 2026-11-09 --text why --clock nothing", 20, "no clock of ours"),
    ],
)
def test_nothing_is_put_off_without_a_reason_or_past_the_day_to_work_by(offices, options, code, said):
    office = offices.after(*denied())
    before = on_disk(office.db)
    answer = office.say(f"2026-11-06 mark 1 reminder-snoozed {options}")
    assert (answer.code, said in answer.err) == (code, True), answer.err
    assert on_disk(office.db) == before


def test_a_new_owner_is_told_what_the_old_one_was(offices):
    office = offices.after(*STAFF, *denied())
    assert [to for to, *_ in told(office, "2026-11-06")] == ["ana"]
    office.do("2026-11-06 assign 1 ben")
    assert [to for to, *_ in told(office, "2026-11-06")] == ["ben"]


def test_an_expired_clock_stands_first_every_day_until_somebody_records_the_cause(offices):
    office = offices.after(*STAFF, *denied(), "2027-05-10 open --same-as 1 --claim C-2 --billed 9")
    for day in ("2027-06-01", "2027-06-02"):
        mine = [r for r in asked(office, day)["reminders"] if r["to"] == "ana"]
        assert (mine[0]["kind"], mine[0]["standing"], mine[0]["bucket"]) == ("file_internal_appeal", True, "overdue")
        assert not any(r["standing"] for r in mine[1:])
    assert "stays here until somebody records the cause" in office.do("2027-06-03 remind").out
    office.do("2027-06-03 expire 1 --cause no_owner --signed 'A. Clerk'")
    assert not any(r["standing"] for r in asked(office, "2027-06-04")["reminders"])
    [entry] = [entry for entry in office.events() if entry["name"] == "expire"]
    assert entry["facts"]["cause"] == "no_owner"


def test_a_deadline_that_is_counted_anew_is_told_anew(offices):
    office = offices.after(*denied())
    assert ("ana", "file_internal_appeal", "7") in told(office, "2027-04-19")
    office.do("2027-04-20 mark 1 received --date 2026-11-18 --of denial")
    told(office, "2027-04-20")
    assert ("ana", "file_internal_appeal", "7") in told(office, "2027-05-03")


# The statement of the storage and the words of the domain are one.


def test_what_the_storage_picks_is_what_the_domain_says_of_each_clock(offices):
    histories = (denied(), filed(), denied(plan=""), opened(kind="pre_service"), filed(kind="pre_service"))
    for history in histories:
        office = offices.after(*history)
        for day in ("2026-11-10", "2026-12-24", "2027-01-08", "2027-02-13", "2027-04-23", "2027-05-03", "2027-05-04", "2027-08-01"):
            compare(office, date.fromisoformat(day))


def test_what_the_storage_picks_is_what_the_domain_says_whatever_a_clock_was_put_off_to(offices):
    office = offices.after(*opened(), PRINTED_SATURDAY, "2026-11-05 " + ANOTHER, denied()[-1].replace(" 1 ", " C-9 ").replace("1200", "90"))
    for until in ("2026-11-07", "2026-11-12", "2026-11-13", "2026-11-14", "2027-01-18", "2027-04-25"):
        with best_driver().connect(office.db) as file:
            file.execute("UPDATE clock SET next_remind_on = ?", (until,))
        for day in ("2026-11-06", "2026-11-10", "2026-11-12", "2026-11-13", "2026-11-14", "2027-01-15", "2027-04-23", "2027-04-26"):
            compare(office, date.fromisoformat(day))


def compare(office, day: date) -> None:
    now = datetime(day.year, day.month, day.day, 17, tzinfo=UTC)
    with office.store() as store:
        routes = reminders.routes({}, (), ("mia",), lambda _account: "terminal")
        plan = reminders.plan(governing.office(store), day, now, routes)
        found = store.ledger("k", plan)
        picked = {t.clock_id: (t.stage, t.rank) for c in found.counts() for t in found.page(c.recipient, "", 1000)}
        wanted = {}
        for row in store.case_rows():
            for clock in row.clocks:
                alive = [
                    c for c in row.clocks
                    if c.candidate and c.hard and c.kind.startswith("file_") and c.owed_by in reminders.OURS
                    and not reminders.is_overdue(c, day)
                ]  # fmt: skip
                stage = reminders.stage(clock, plan)
                if stage and (row.case.state != "resolved" or clock.owed_by == "payer"):
                    wanted[clock.id] = (stage, reminders.rank(clock, day, another=clock.candidate and bool(alive)))
    assert picked == wanted, day


# Crashes, crowds, clocks.


def test_two_runs_at_once_tell_each_thing_once(offices):
    office = offices.after(*denied(), "2026-11-05 open --same-as 1 --claim C-2 --billed 9")
    command = [sys.executable, "-m", "cli", "remind", "--json", "--db", str(office.db), "--as-of", "2026-12-01"]
    started = [
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env={"PATH": os.defpath, "HOME": str(office.db.parent)})
        for _ in range(4)
    ]
    said = [json.loads(each.communicate(timeout=120)[0])["data"] for each in started]
    assert [each.returncode for each in started] == [0] * 4
    items = Counter((r["to"], r["case"], r["clock"], r["stage"]) for data in said for r in data["reminders"])
    assert items
    assert set(items.values()) == {1}
    assert len(office.everything()["reminder"]) == items.total()
    office.check()


class Stopped(Exception):
    """The process dies here."""


def run_at(store, day: date, at: datetime | None = None, request: str = "") -> Run:
    ids = Ids(clock=lambda: datetime.now(UTC))
    return Run(
        practice=store.practice, recorded_at=at or datetime(day.year, day.month, day.day, 17, tzinfo=UTC), on=day, actor="root",
        request_id=request or ids.new_id(), new_id=ids.new_id, new_nonce=ids.new_nonce,
    )  # fmt: skip


def test_a_run_that_dies_before_it_commits_has_told_nothing_and_the_next_one_tells_all(offices):
    office = offices.after(*STAFF, *denied())

    def dies(_digest):
        raise Stopped

    before = office.everything()
    with office.store() as store:
        with pytest.raises(Stopped):
            reminding.remind(store, run_at(store, date(2026, 12, 1)), beside=dies)
        assert office.everything() == before
        assert reminding.remind(store, run_at(store, date(2026, 12, 1))).reminders


def test_a_run_whose_output_was_lost_can_be_told_again_word_for_word(offices):
    office = offices.after(*denied())
    first = office.do("2026-12-01 remind --json --request-id r1").data
    for again in ("remind --json --request-id r1", "remind --json --again"):
        data = office.do(f"2026-12-01 {again}").data
        assert (data["reminders"], data["again"]) == (first["reminders"], True)
    assert len([run for run in runs(office) if run["name"] == "remind"]) == 1
    later = office.do("2026-12-01 remind").out
    assert f"0 reminders: nothing new; {len(first['reminders'])} told before (`appeals remind --again`)." in later
    assert office.do("2026-12-01 remind --json --again").data["reminders"] == first["reminders"], "a run after it takes nothing from it"


def test_a_channel_writes_its_rows_in_the_same_transaction_and_the_sign_of_life_once_a_day(offices):
    office = offices.after(*STAFF, *denied())
    number = count()

    def mail(digest):
        body = f"{digest.account}: {len(list(digest.items))} {dict(digest.totals)}"
        sent = next(number)
        return [
            Outbox(id=f"o{sent}", practice_id=office.case().practice_id, channel="e-mail", recipient=digest.email, message_id=f"m{sent}",
                   body=body, created_on=digest.on)
        ]  # fmt: skip

    def channel_of(account):
        return "e-mail" if account == "ben" else "terminal"

    with office.store() as store:
        known = {person.account for person in store.people()} | {"ana"}
        found = reminding.remind(store, run_at(store, date(2026, 12, 1)), channel_of=channel_of, beside=mail)
        assert {digest.account for digest in found.people} == known
        assert next(d.email for d in found.people if d.account == "ben") == "ben@clinic.example"
        bodies = [row[5] for row in office.everything()["outbox"]]
        assert len(bodies) == len(known)
        assert "ben: 0 {}" in bodies
        again = reminding.remind(store, run_at(store, date(2026, 12, 1)), channel_of=channel_of, beside=mail)
        assert again.reminders == 0
        assert len(office.everything()["outbox"]) == len(known)
    assert {row[6] for row in office.everything()["reminder"]} == {"terminal"}


def test_a_clock_that_was_set_back_is_said_and_nothing_is_lost_or_said_twice(offices):
    office = offices.after(*denied())
    with office.store() as store:
        wrong = reminding.remind(store, run_at(store, date(2030, 1, 1)))
        assert wrong.reminders
        right = reminding.remind(store, run_at(store, date(2026, 11, 10)))
        assert "before the last run" in right.warnings[0]
        assert [item.stage for digest in right.people for item in digest.items] == ["0"]
        behind = reminding.remind(store, run_at(store, date(2026, 11, 10), datetime(2026, 11, 10, 12, tzinfo=UTC)))
        assert behind.reminders == 0
        assert behind.earlier == 1


def test_what_a_run_told_while_the_clock_stood_ahead_is_told_again_by_hand_when_that_day_has_come(offices):
    office = offices.after(*denied())
    with office.store() as store:
        ahead = reminding.remind(store, run_at(store, date(2026, 11, 17)))
        reminding.remind(store, run_at(store, date(2026, 11, 6)))
        came = run_at(store, date(2026, 11, 17), datetime(2026, 11, 17, 18, tzinfo=UTC))
        real = reminding.remind(store, came)
        assert (real.reminders, real.earlier) == (0, ahead.reminders)
        assert reminding.again(store, came).reminders == ahead.reminders > 0


def test_the_status_is_an_alarm_where_there_was_no_good_run_for_longer_than_the_pack_says(offices):
    office = offices.after(*denied())
    assert office.say("2026-11-06 remind --status").code == 3
    office.do("2026-11-06 remind")
    assert office.say("2026-11-06 remind --status").code == 0
    with office.store() as store:
        last = datetime.fromisoformat(runs(office)[-1]["recorded_at"])
        hours = timedelta(hours=governing.office(store).reminders.stale_hours)
        assert hours == timedelta(hours=26)
        run = run_at(store, date(2026, 11, 6))
        later = (last + hours, last + hours + timedelta(seconds=1))
        stale = [reminding.status(store, replace(run, recorded_at=at)).stale for at in later]
        assert stale == [False, True]
        assert reminding.status(store, replace(run, recorded_at=last - timedelta(hours=2))).stale


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2026-11-11T09:59", "2026-11-10"),
        ("2026-11-11T10:00", "2026-11-11"),
        ("2026-03-08T10:30", "2026-03-08"),
        ("2027-01-01T09:00", "2026-12-31"),
        ("2028-03-01T09:00", "2028-02-29"),
    ],
)
def test_a_practice_in_honolulu_on_a_machine_in_utc_is_reminded_on_its_own_day(tmp_path, monkeypatch, utc, day):
    assert day_of_run(tmp_path, monkeypatch, "Pacific/Honolulu", utc) == day


@pytest.mark.parametrize(
    ("utc", "day"),
    [
        ("2026-03-08T04:59", "2026-03-07"),  # the night summer time begins
        ("2026-03-08T05:00", "2026-03-08"),
        ("2026-03-09T03:59", "2026-03-08"),
        ("2026-03-09T04:00", "2026-03-09"),
        ("2026-11-01T03:59", "2026-10-31"),  # and the one it ends
        ("2026-11-01T04:00", "2026-11-01"),
        ("2026-11-02T04:59", "2026-11-01"),
        ("2026-11-02T05:00", "2026-11-02"),
    ],
)
def test_both_nights_of_summer_time_have_the_right_day(tmp_path, monkeypatch, utc, day):
    assert day_of_run(tmp_path, monkeypatch, "America/New_York", utc) == day


def day_of_run(tmp_path, monkeypatch, zone: str, utc: str) -> str:
    """The day on which the command reminds where the machine, in UTC, says it is `utc`."""
    at = datetime.fromisoformat(utc).replace(tzinfo=UTC)

    class Machine(datetime):
        @classmethod
        def now(cls, tz=None):
            return at.astimezone(tz)

    ids, began = Ids(clock=lambda: at), date(2026, 1, 2)
    practice = Practice(id="p1", name="Far Away", zone=zone, state="HI", created_on=began)
    run = Run(
        practice=practice, recorded_at=at, on=began, actor="root", request_id="1", new_id=ids.new_id, new_nonce=ids.new_nonce
    )  # fmt: skip
    db = tmp_path / "far.db"
    create_database(db)
    add_practice(db, practice, log_id=ids.new_id(), first_change=founding(run, name="A. Clerk"))
    monkeypatch.setattr(cli, "datetime", Machine)
    assert cli.run_command(["remind", "--db", str(db)]) == 0
    with SqlStore(db) as store:
        return json.loads(store.runs()[-1].text)["on"]
