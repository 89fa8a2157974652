"""The lists of every day run along indexes that hold nothing closed: they take as long as they are, not as the file is old."""

from __future__ import annotations

import re
from collections import Counter
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from crowd import DAY, crowd
from practice import Offices, opened
from remitting import claim, remittance, take
from sqlalchemy import event

from appeals import screen_remind
from appeals.people import Practice
from appeals.record import Run
from appeals.screens import Look
from appeals.services import lists, proposals, queueing, remind
from db.engine import Database
from db.rows import value_of
from db.store import SqlStore

CASES, OPEN = 600, 60
# These hold what is open, what runs, what is left for a person, and the newest decisions.
SMALL = ("ix_case_open", "ix_clock_work_by", "ix_filing_decided", "ix_remittance_entry_left")
LAST = "ix_event_on"  # read at one end: the latest day
GROWING = (
    "case", "clock", "filing", "event", "event_text", "patient", "coverage", "contact", "remittance_entry", "claim_number", "proposal",
    "intake_file",
)  # fmt: skip


@pytest.fixture(scope="module")
def office(tmp_path_factory):
    path = tmp_path_factory.mktemp("crowd") / "crowd.db"
    crowd(path, CASES, OPEN)
    return path


@contextmanager
def asked(store: SqlStore):
    """Every statement the store sends, with its parameters."""
    sent = []

    def note(_connection, _cursor, statement, parameters, _context, _many):
        sent.append((statement, parameters))

    event.listen(store.database._reader, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(store.database._reader, "before_cursor_execute", note)


def plan(database: Database, statement: str, parameters) -> list[str]:
    return database.read(
        lambda connection: [row[-1] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()]
    )


def scanned(lines: list[str]) -> list[str]:
    """What of a plan reads a whole table that grows with the years. A practice is no choice: all rows of the office are its own."""
    table = "|".join(GROWING)
    whole = re.compile(rf"SCAN ({table})\b|SEARCH ({table}) USING .*\(practice_id=\?( AND \w+[<>]\?)*\)$")
    return [line for line in lines if whole.match(line) and not any(f" {name} " in line for name in (*SMALL, LAST))]


def plans(path, look) -> tuple[list[list[str]], object]:
    with SqlStore(path) as store, asked(store) as sent:
        answer = look(store)
        statements = [pair for pair in sent if pair[0].lstrip().upper().startswith("SELECT")]
        return [plan(store.database, *pair) for pair in statements], answer


LOOKS = {
    "today": lambda store: lists.today(store, DAY),
    "today of one owner": lambda store: lists.today(store, DAY, owner="ana"),
    "queue": lambda store: queueing.queue(store, DAY, queueing.Wanted()),
    "find a number nobody has": lambda store: store.find("Z-9"),
    "find a fax number": lambda store: store.find("FAX-7"),
    "the cases a payer knows by a number": lambda store: store.cases_by_numbers("payer", ("Z-9", "Z-8")),
    "the cases of a number at whatever payer": lambda store: store.cases_by_claim("Z-9"),
    "what waits for a decision": lambda store: store.asked(),
    "what is left for a person": lambda store: store.left_for_a_person(),
    "what came under one trace number": lambda store: store.entries_of_trace("T-1"),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_no_list_reads_a_whole_table_that_grows_with_what_is_closed(office, look):
    found, _ = plans(office, look)
    assert found, "nothing was asked of the database"
    if look is LOOKS["find a number nobody has"]:
        found = found[:1]  # what no number fits is looked for among the names, which no index can serve
    assert [line for lines in found for line in scanned(lines)] == []


@pytest.mark.parametrize("look", ["today", "queue"])
def test_a_list_reads_no_closed_case_but_those_whose_payer_is_late(office, monkeypatch, look):
    read = []
    monkeypatch.setattr("db.cases.value_of", lambda kind, row: read.append(value_of(kind, row)) or read[-1])
    plans(office, LOOKS[look])
    cases = [value for value in read if type(value).__name__ == "Case"]
    assert len(cases) == len({one.id for one in cases}), "no case is read twice"
    closed = {one.id for one in cases if one.outcome}
    late = {one.case_id for one in read if type(one).__name__ == "Clock" and one.kind == "payment"}
    assert closed == (late if look == "today" else set())
    assert (len(closed) > 0) == (look == "today")


def test_the_daily_run_reads_no_whole_table_that_grows_and_its_clocks_along_their_index(office):
    run = Run(
        practice=Practice(id="p1", name="Crowd", zone="America/New_York", state="NC", created_on=DAY),
        recorded_at=datetime(DAY.year, DAY.month, DAY.day, 17, tzinfo=UTC), on=DAY, actor="ana", request_id="", dry_run=True,
        new_id=lambda: "key", new_nonce=lambda: "",
    )  # fmt: skip
    with SqlStore(office) as store, asked(store) as sent:
        found = remind.remind(store, run)
        assert found.reminders > sum(1 for person in found.people if list(person.items)) > 0
        statements = [pair for pair in sent if pair[0].lstrip().upper().startswith(("SELECT", "INSERT INTO TEMP.REHEARSED"))]
        lines = [line for pair in statements for line in plan(store.database, *pair)]
    assert any("ix_clock_work_by" in line for line in lines)
    assert scanned(lines) == []
    # The last run is found among what is of no case, however many reminders it sent.
    assert "SEARCH event USING INDEX ix_event_case (practice_id=? AND case_id=?)" in lines
    assert not [line for line in lines if line.startswith("SCAN clock")]


@pytest.mark.parametrize("candidate", [True, False])
def test_a_printed_digest_reads_each_of_its_reminders_once_and_marks_a_date_nobody_chose(office, candidate):
    run = Run(
        practice=Practice(id="p1", name="Crowd", zone="America/New_York", state="NC", created_on=DAY),
        recorded_at=datetime(DAY.year, DAY.month, DAY.day, 17, tzinfo=UTC), on=DAY, actor="ana", request_id="", dry_run=True,
        new_id=lambda: "key", new_nonce=lambda: "",
    )  # fmt: skip
    with SqlStore(office) as store:
        found = remind.remind(store, run)
        each = next(person for person in found.people if any(item.bucket == "soon" for item in person.items))
        read = []

        class Counted(tuple):
            def __iter__(self):
                return (read.append(item) or item for item in super().__iter__())

        soon = [item for item in each.items if item.bucket == "soon"]
    soon = [*(replace(item, candidate=False) for item in soon[:-1]), replace(soon[-1], candidate=candidate)]
    lines = list(screen_remind.reminded(replace(found, people=(replace(each, items=Counted(soon)),)), Look()).lines)
    assert candidate == ("(?) plan not identified: nobody chose this date." in lines), "one of them, the last, is enough"
    assert all(any(item.number in line for line in lines) for item in soon)
    assert len(read) == len(soon) + 1, "the first is looked at again: what says more stands first"


def test_a_scan_would_be_noticed(office):
    with SqlStore(office) as store:
        for statement in ('SELECT * FROM "case"', "SELECT * FROM \"case\" WHERE practice_id = 'p1' AND owner = 'ana'"):
            assert scanned(plan(store.database, statement, ())), statement


@pytest.mark.parametrize("page", [1, 7, 1000])
def test_what_is_due_comes_by_the_page_each_case_once_and_none_is_left_out(office, page):
    with SqlStore(office) as store:
        found = [row.case.id for row in store.due_rows(DAY, page=page)]
        by_hand = {row.case.id for row in store.case_rows() if any(clock.work_by <= DAY for clock in row.clocks)}
    assert len(found) == len(set(found))
    assert set(found) == by_hand


def test_every_open_case_stands_in_exactly_one_of_the_four_lists_or_is_counted_as_later(office):
    with SqlStore(office) as store:
        for owner in ("", "ana", "nobody-known"):
            view = lists.today(store, DAY, owner=owner)
            mine = [row for row in store.case_rows() if row.case.state != "resolved" and (not owner or row.case.owner in (owner, ""))]
            listed = [item.row.case.number for item in view.items]
            still_open = [item for item in view.items if item.row.case.state != "resolved"]
            assert len(listed) == len(set(listed))
            assert {item.bucket for item in view.items} <= {"overdue", "late", "today", "soon"}
            assert len(still_open) + view.later == len(mine)
            assert {item.row.case.number for item in still_open} <= {row.case.number for row in mine}


def test_the_newest_decisions_are_counted_by_category_and_level_and_the_older_left_out(office):
    with SqlStore(office) as store:
        decided = []
        for row in store.case_rows(states=["resolved"]):
            [filing] = store.situation(row.case.number).filings
            if filing.outcome in ("overturned", "partial", "upheld"):
                decided.append((filing.decided_date, row.case.category, filing.level, filing.outcome))
        for newest in (len(decided), 50):
            told = {(t.category, t.level, t.outcome): t.decisions for t in store.tallies(newest)}
            assert sum(told.values()) == newest
        assert {(t.category, t.level, t.outcome): t.decisions for t in store.tallies(len(decided))} == Counter(one[1:] for one in decided)


def test_an_office_with_many_decisions_sees_its_own_record_in_the_queue(office):
    with SqlStore(office) as store:
        chances = {
            item.weight.chance.source for item in queueing.queue(store, DAY, queueing.Wanted()) if item.weight.chance.basis == "own record"
        }
    assert chances
    assert all(" of " in said for said in chances)


def test_what_imports_left_and_propose_is_listed_with_as_many_queries_whatever_it_is(tmp_path):
    offices = Offices(tmp_path)
    counts = []
    for many in (3, 40):
        office = offices.after(*opened())
        numbers = [f"L-{at}" for at in range(many)]
        take(office, remittance(*(claim(each, "4", "500", "0", "CO*50*500", last="") for each in numbers)))  # nobody is named
        take(office, remittance(*(claim(each, "4", "500", "0", "CO*50*500", served="20261103") for each in numbers), trace="T-2"), "b.835")
        take(office, remittance(*(claim(each, "22", "-500", "-500", served="20261103") for each in numbers), trace="T-3"), "c.835")
        with office.store() as store, asked(store) as sent:
            found = proposals.listed(store)
            assert (len(found.left), len(found.rows)) == (many, many)
            assert all(len(one.cases) == 1 for one in found.left)
            counts.append(len(sent))
    assert counts[0] == counts[1]
