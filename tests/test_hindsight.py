"""What was printed on a day is what `--as-of` that day prints ever after: random walks of whole offices, and each thing that may change."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from practice import Offices, filed
from test_contracts import written
from test_take_in import era
from walking import IDS, PLANS, Walk

import cli
from appeals import show
from appeals.errors import AppealsError
from appeals.services import cases, documents, marks, merging, plans, proposals, reassigning, rulebook, staff, take_in, writing
from appeals.services.doctor import doctor
from db.store import SqlStore

PAYER = "Invented Health"
OFFICE_WALKS, LONG, DAYS = 2, 10, 7
OF_THE_OFFICE = ("today", "today --owner ana", "queue", "queue --state resolved")
OF_A_CASE = ("show", "clocks --all", "next", "why", "find")
PEOPLE = (
    ("ben", {"name": "Ben"}),
    ("ana", {"backup": "ben"}),
    ("ana", {"name": "Ana"}),
    ("ana", {"no_backup": True}),
    ("cy", {"role": "manager"}),
)
KNOWN = tuple(plan for plan in PLANS if plan)
DAY, LATER = date(2026, 11, 9), date(2026, 11, 20)
FEW_DAYS = """[pack]
id = "own"
version = "2026.{version}"
title = "The practice's own"

[reminders]
offsets = [30, 14, 7, 3, 1, 0]
hours = [24]
soon_days = {soon}
stale_hours = 26
"""


@pytest.fixture(scope="module")
def offices(tmp_path_factory):
    return Offices(tmp_path_factory.mktemp("offices"))


class Printer(cli.App):
    """The app of one command line, on a store that is open: keeps what is printed for people and for programs."""

    def __init__(self, store) -> None:
        super().__init__()
        self.opened, self.printed = store, ""

    @cached_property
    def store(self):
        return self.opened

    def show(self, screen) -> None:
        practice = self.store.practice
        told = show.json_envelope(screen.command, screen.day or self.day, practice.name, practice.sandbox, screen.data, screen.warnings)
        self.printed = "\n".join((f"SANDBOX {self.day}", *screen.lines, told))


def printed(store, words: str, day: date) -> str:
    """What a command line prints, as text and as JSON; an expected error's message where it ends in one."""
    app = Printer(store)
    try:
        cli.cli.main([*words.split(), "--as-of", day.isoformat(), "--as", "ana"], prog_name="appeals", standalone_mode=False, obj=app)
    except AppealsError as error:
        return f"{error.exit_code} {error.message}"
    return app.printed


def everything(store, day: date) -> dict[str, str]:
    """All that is printed on a day, by command line."""
    numbers = [row.case.number for row in store.case_rows()]
    of_cases = [f"{words} {number}" for number in numbers for words in OF_A_CASE]
    return {words: printed(store, words, day) for words in (*OF_THE_OFFICE, *of_cases)}


def differing(then: dict[str, str], now: dict[str, str]) -> dict[str, tuple[str, str]]:
    """Command line -> from the first difference on, what was printed then and is now."""
    found = {}
    for words, was in then.items():
        if (told := now[words]) != was:
            at = next((at for at, (one, other) in enumerate(zip(was, told, strict=False)) if one != other), min(len(was), len(told)))
            found[words] = (was[max(0, at - 80) :][:200], told[max(0, at - 80) :][:200])
    return found


class Shared(Walk):
    """A walk of one case in an office that has others; the office says when the day ends."""

    def __init__(self, office, draw) -> None:
        self.office = office
        super().__init__(office.store, draw)

    @property
    def today(self) -> date:
        return self.office.today

    @today.setter
    def today(self, _day: date) -> None:
        """The office's day is set by the office."""

    def wait(self) -> None:
        """Nobody waits for one case alone."""

    def sound(self) -> None:
        """Whether each step was right is asked elsewhere."""


class Year:
    """An office that works for some days: cases walk, and what they share changes under them."""

    def __init__(self, store, draw, folder: Path) -> None:
        self.store, self.draw, self.folder, self.today = store, draw, folder, date(2026, 11, 3)
        self.diary: dict[date, dict[str, str]] = {}
        self.versions = 0
        self.walks = [Shared(self, draw) for _ in range(2)]

    def live(self) -> None:
        """Days on which cases move and one or two things of the office change, printed at their end, and some days after as well."""
        turns = (
            self.coverage, self.payer, self.merge, self.person, self.reassign, self.assign, self.load, self.apply, self.paper,
            self.approve, self.take_in, self.answer, self.another,
        )  # fmt: skip
        for _day in range(DAYS):
            for walk in self.walks:
                if self.draw(st.booleans()):
                    walk.turn()
            for _turn in range(self.draw(st.integers(1, 2))):
                self.turn(self.draw(st.sampled_from(turns)))
            self.diary[self.today] = everything(self.store, self.today)
            idle = self.draw(st.sampled_from((1, 2, 6, 41, 131)))
            if idle > 40:
                coming = self.today + timedelta(days=idle - 1)
                self.diary[coming] = everything(self.store, coming)
            self.today += timedelta(days=idle)

    def turn(self, change) -> None:
        """One change to the office, or none where it is refused."""
        size = self.store.head().size
        try:
            change(self.draw(st.sampled_from(self.walks)).ref, self.walks[0].run())
        except AppealsError:
            assert self.store.head().size == size

    def coverage(self, ref, run):
        plans.set_coverage(self.store, ref, self.draw(st.sampled_from(({"care": "inpatient"}, *KNOWN))), run)

    def payer(self, _ref, run):
        plans.set_payer(self.store, PAYER, self.draw(st.sampled_from(KNOWN)), run)

    def merge(self, ref, run):
        kept, gone = (self.store.situation(each).patient.id for each in (ref, next(w.ref for w in self.walks if w.ref != ref)))
        merging.merge(self.store, kept, gone, "found out", run)

    def person(self, _ref, run):
        staff.set_person(self.store, *self.draw(st.sampled_from(PEOPLE)), run)

    def reassign(self, _ref, run):
        giver, taker = self.draw(st.sampled_from((("", "ana"), ("ana", "ben"), ("ben", "ana"), ("ana", ""))))
        reassigning.reassign(self.store, giver, taker, "leave", run)

    def assign(self, ref, run):
        marks.mark(self.store, ref, "owner-changed", {"to": self.draw(st.sampled_from(("ana", "ben")))}, run)

    def load(self, _ref, run):
        self.versions += 1
        contract = written(self.folder, "template", ('version = "2026.1"', f'version = "2026.{self.versions}"')).read_text()
        own = FEW_DAYS.format(version=self.versions, soon=self.draw(st.integers(1, 60)))
        rulebook.load(self.store, "own.toml", self.draw(st.sampled_from((contract, own))).encode(), run)

    def apply(self, _ref, run):
        rulebook.apply(self.store, run)

    def paper(self, ref, run):
        documents.add(self.store, ref, IDS.new_id().encode(), "a.txt", "records", "sent", None, run)

    def approve(self, ref, run):
        marks.approve_write_off(self.store, ref, replace(run, actor="ben"))

    def take_in(self, ref, run):
        found = self.store.situation(ref)
        claim = self.draw(st.sampled_from(("{} 4 500 0 CO*50*500", "{} 1 500 500", "{} 22 -500 -500"))).format(found.case.claim_number)
        text = era(claim, trace=IDS.new_id(), day=run.on.strftime("%Y%m%d")).replace("*MI*M-1", f"*MI*{found.coverage.member_id}")
        take_in.take_in(self.store, "era.835", io.BytesIO(text.encode()), run)

    def another(self, ref, run):
        known = self.store.situation(ref)
        who = {"patient": known.patient.name, "payer": known.payer.name, "member_id": known.coverage.member_id}
        cases.open_case(self.store, {**who, "claim": IDS.new_id(), "kind": "post_service", "billed": 70_000, "submitted": run.on}, run)

    def answer(self, ref, run):
        proposals.resolve(self.store, (ref,), run, take=self.draw(st.booleans()), reason="looked")


@pytest.mark.parametrize("walks", [OFFICE_WALKS, pytest.param(LONG, marks=pytest.mark.soak)])
def test_as_of_each_past_day_of_a_random_walk_prints_what_was_printed_on_that_day(offices, tmp_path_factory, walks):
    quiet = settings(
        max_examples=walks,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )

    @quiet
    @given(data=st.data())
    def look_back(data):
        with offices.after().store() as store:
            year = Year(store, data.draw, tmp_path_factory.mktemp("files"))
            year.live()
            for day, then in year.diary.items():
                assert differing(then, {words: printed(store, words, day) for words in then}) == {}, day
            assert doctor(store).findings == ()

    look_back()


SAM = "--patient 'Sample, Sam' --born 1970-01-02"
BASE = (
    *filed(),
    f"{DAY} open {SAM} --payer '{PAYER}' --claim C-2 --owner ben --billed 700 --submitted 2026-11-02 --kind post_service",
    f"{DAY} deny 2 --notice 2026-11-06 --amount 700 --code CO-22",
    f"{DAY} review-eob 2 --reviewer Ana --category other --path bill_other_payer",
    f"{DAY} person ben --name Ben",
)
CHANGES = {
    "a plan fact": "coverage 1 --programme employer --funding insured --issue-state NC",
    "the payer's defaults": "payer 'Invented Health' --programme fehb",
    "a patient": "patient merge M-1 'Sample, Sam' --reason 'found out'",
    "a patient, the other way": "patient merge 'Sample, Sam' M-1 --reason 'found out'",
    "a person's name": "person ben --name Benjamin",
    "a backup": "person ana --name Ana --backup ben",
    "an owner": "assign 1 ben",
    "every owner": "reassign --from ana --to ben",
    "a note": "note 1 'records requested'",
    "a call": "call 1 --person Dana --next 2026-11-30",
    "proof of receipt": "mark 1 received --of filing --date 2026-11-10",
    "a sum typed wrong": "correct 1 --amount 900 --reason 'typed wrong'",
    "a day typed wrong": "correct 1 --notice 2026-11-03 --sent 2026-11-06 --reason 'typed wrong'",
    "a decision": "uphold 1 --decided 2026-11-19 --received 2026-11-20",
    "a win": "overturn 1 --decided 2026-11-19",
    "a second person's yes": "approve-write-off 1 --as ben",
    "a step taken back": "undo 1 --reason 'wrong case'",
    "a case closed": "withdraw 1 --reason 'patient asked'",
    "a member id": "open --same-as 2 --claim C-3 --member-id M-9 --billed 100",
    "a case of nobody known": "open --patient 'Nobody, Ned' --payer 'Invented Health' --claim C-4 --billed 100 --kind post_service",
    "another payer": "bill-other-payer 2 --payer 'Another Invented Health' --member-id M-7",
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_what_is_changed_later_is_not_known_on_the_day_before(offices, change):
    office = offices.after(*BASE)
    with office.store() as store:
        then = everything(store, DAY)
    office.do(f"{LATER} {change}")
    with office.store() as store:
        assert differing(then, {words: printed(store, words, DAY) for words in then}) == {}
        changed = {words: printed(store, words, LATER) for words in then}
    assert changed != then
    office.check()


def last_entry(office):
    with office.store() as store:
        *_, last = store.events()
    return json.loads(last.text)


def test_the_command_line_itself_prints_the_same_on_the_day_and_long_after(offices):
    office = offices.after(*BASE)
    asked = ("today", "queue", "show 1", "clocks 1", "next 1", "why 1", "why 1 internal", "show 2")
    then = [office.do(f"{DAY} {words}{form}").out for words in asked for form in ("", " --json")]
    office.do(*(f"{LATER} {CHANGES[name]}" for name in ("a decision", "a plan fact", "a patient", "a backup", "every owner")))
    assert [office.do(f"{DAY} {words}{form}").out for words in asked for form in ("", " --json")] == then


def test_the_day_shown_is_never_read_into_the_trail_of_somebody_who_is_another_now(offices):
    office = offices.after(*BASE, f"{LATER} {CHANGES['a patient']}")
    kept = office.situation("2").patient.id
    for words in ("show 2", "find Sample"):
        office.do(f"{DAY} {words}")
        read = last_entry(office)
        assert (read["kind"], read["patient"]) == ("read", kept)


@pytest.mark.parametrize("words", ["today", "queue", "show 1", "clocks 1", "next 1", "why 1"])
def test_a_log_that_does_not_say_which_rules_held_says_that_those_of_today_are_shown(offices, tmp_path, monkeypatch, words):
    office = offices.after(*BASE)
    path = written(tmp_path)
    monkeypatch.setattr(writing, "rows_told", lambda *_rows, **_given: {})
    office.do(f"{LATER} rules load {path}")
    said = "the rules the practice loaded are those that hold today"
    assert said in office.do(f"{DAY} {words}").out
    assert said in " ".join(json.loads(office.do(f"{DAY} {words} --json").out)["warnings"])
    assert said not in office.do(f"{LATER} {words}").out


def test_a_log_that_does_not_say_what_a_merge_filled_in_says_so(offices, monkeypatch):
    office = offices.after(*BASE)
    monkeypatch.setattr(writing, "rows_told", lambda *_rows, **_given: {})
    office.do(f"{LATER} {CHANGES['a patient']}")
    assert "the birth date is the one known today" in office.do(f"{DAY} show 1").out
    assert "the birth date is the one known today" not in office.do(f"{LATER} show 1").out


def test_a_log_that_does_not_say_when_two_cases_were_linked_says_so(offices, monkeypatch):
    office = offices.after(*BASE)
    monkeypatch.setattr(writing, "also_making", lambda change, *rows: replace(change, puts=(*change.puts, *rows)))
    office.do(f"{LATER} {CHANGES['another payer']}")
    assert "how this case is linked to another is told as it is today" in office.do(f"{DAY} show 2").out
    assert "told as it is today" not in office.do(f"{LATER} show 2").out


def test_a_log_that_does_not_say_that_a_member_id_was_learned_says_so(offices, monkeypatch):
    office, told = offices.after(*BASE), writing.rows_told
    monkeypatch.setattr(writing, "rows_told", lambda makes=(), replaces=(): told((*makes, *(row.after for row in replaces))))
    office.do(f"{LATER} {CHANGES['a member id']}")
    assert "the member id is the one known today" in office.do(f"{DAY} show 2").out
    assert "the member id is the one known today" not in office.do(f"{LATER} show 2").out


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_row_an_event_writes_is_named_in_it(offices, change):
    office = offices.after(*BASE)
    seen = []
    with pytest.MonkeyPatch.context() as patch:
        real = SqlStore.apply
        patch.setattr(SqlStore, "apply", lambda self, changes, **given: (seen.extend(changes), real(self, changes, **given))[1])
        office.do(f"{LATER} {change}")
    assert seen
    for one in seen:
        told = {row["id"] for row in (*one.event.facts.get("made", ()), *one.event.facts.get("replaced", ()))} | {
            one.event.facts.get("person")
        }
        assert {type(row).__name__ for row in one.puts if row.id not in told} == set(), one.event.name
