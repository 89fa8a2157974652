"""The office at the end of a past day, from the log: what was recorded later is taken off today's rows. Reads only.

An entry says which rows it made and what stood in those it changed, so the rows of a day are today's without what came
after; only a clock's former dates stand whole in the case's own entries of that day or before.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from functools import cached_property
from itertools import islice
from typing import Any, TypeVar

from appeals import fold
from appeals.errors import NotFound
from appeals.model import DECISIONS, RUNNING, Case, Clock, Patient, Person, State
from appeals.record import RulePack, Situation
from appeals.services.store import ORDER, CaseRow, Records, Store
from appeals.services.waiting import Asked
from appeals.since import MEMBER, Since, since
from appeals.weighing import Tally

Row = TypeVar("Row")
ANSWERS = ("open", "taken", "refused")  # how a proposal may stand
AT_ONCE = 100  # cases whose entries are held at a time
LINK = "how this case is linked to another is told as it is today: an entry of an older program does not say when it was"


def on(store: Store, day: date) -> Records:
    """What is known on `day`: of a past day what was known at its end, else everything."""
    last = store.last_on()
    return Then(store, day) if last is not None and day < last else store


def untold(records: Records) -> tuple[str, ...]:
    """What lists show as it stands today because entries of an older program do not say how it was; a case has its own."""
    return tuple(records.of_the_office.untold) if isinstance(records, Then) else ()


class Then:
    """The office as it was at the end of `day`."""

    def __init__(self, store: Store, day: date) -> None:
        self.store, self.day = store, day
        self._open: Counter[str] | None = None

    @cached_property
    def since(self) -> Since:
        """What was recorded after the day, by the whole office."""
        return since(stored.text for stored in self.store.events(first=self._next))

    @cached_property
    def of_the_office(self) -> Since:
        """What was changed after the day that is no patient's: people, payers, rules."""
        return since(stored.text for stored in self.store.events(kind="setup", first=self._next))

    @property
    def _next(self) -> date:
        return self.day + timedelta(days=1)

    def people(self) -> tuple[Person, ...]:
        """Everybody who worked cases."""
        return _kept(self.of_the_office, self.store.people(), ("account",))

    def rule_packs(self) -> tuple[RulePack, ...]:
        """The packs that held."""
        return tuple(pack for pack in _kept(self.of_the_office, self.store.packs_ever(), ("pack_id",)) if pack.active)

    def code_lists(self) -> tuple[RulePack, ...]:
        """The office's own lists of descriptions that held."""
        return tuple(one for one in _kept(self.of_the_office, self.store.code_lists_ever(), ("pack_id",)) if one.active)

    def case_rows(self, *, states: Sequence[str] = ()) -> Iterator[CaseRow]:
        """Cases by number with the clocks that ran."""
        return self._restored(self.store.case_rows(), states)

    def find(self, words: str) -> tuple[CaseRow, ...]:
        """Cases that are found by these words today, as they were."""
        return tuple(self._restored(self.store.find(words), ()))

    def due_rows(self, until: date) -> Iterator[CaseRow]:
        """Cases on which a clock ran that had to be worked by `until`; who reads them all has counted what was open."""
        owners: Counter[str] = Counter()
        for row in self.case_rows():
            owners[row.case.owner] += row.case.state is not State.RESOLVED
            if any(clock.work_by <= until for clock in row.clocks):
                yield row
        self._open = owners

    def open_count(self, owners: tuple[str, ...] = ()) -> int:
        """How many cases were open; with `owners`, theirs alone."""
        if self._open is None:
            deque(self.due_rows(date.min), maxlen=0)
        return sum(count for owner, count in (self._open or {}).items() if not owners or owner in owners)

    def tallies(self, newest: int) -> tuple[Tally, ...]:
        """How the `newest` decisions on appeals had fallen."""
        found = []
        for filing, now in self.store.filings():
            was = self.since.was(filing)
            if was is not None and was.outcome in DECISIONS and not was.voided:
                category = self.since.before.get(was.case_id, {}).get("category", now)
                found.append((was.decided_date or date.min, was.case_id, was.level, was.outcome, category))
        counted = Counter((category, level, outcome) for *_, level, outcome, category in sorted(found, reverse=True)[:newest])
        return tuple(Tally(category=key[0], level=key[1], outcome=key[2], decisions=count) for key, count in counted.items())

    def asked(self) -> tuple[Asked, ...]:
        """The proposals that were open, oldest first."""
        ever = (row for status in ANSWERS for row in self.store.proposals(status))
        found = []
        for proposal in _kept(self.since, ever, ("made_on", "id")):
            case = self.since.was(self.store.case_by_id(proposal.case_id)) if proposal.status == ANSWERS[0] else None
            found += (
                [Asked(id=proposal.id, number=case.number, owner=case.owner, step=proposal.step, made_on=proposal.made_on)] if case else []
            )
        return tuple(sorted(found, key=lambda one: (one.made_on, one.number)))

    def left_count(self) -> int:
        """How many claims of files were left for a person; one that another file had answered by then is among them."""
        files = ((entry, self.since.was(file)) for entry, file in self.store.left_ever())
        return sum(file is not None and file.state == "taken" and self.since.as_before(entry).fate == "person" for entry, file in files)

    def situation(self, ref: str) -> Situation:
        """A case and all that hung on it. Raises NotFound, Ambiguous."""
        now = self.store.situation(ref)
        patients = (now.patient, *self.store.merged_into(now.patient.id))
        earlier, later = self._about(now, patients, last=self.day), since(self._about(now, patients, first=self._next))
        case = later.was(now.case)
        if case is None:
            raise NotFound(f"Case {now.case.number} was not known on {self.day}.", f"It was opened on {now.case.opened_on}.")
        clocks = (clock for clock in _latest(earlier).values() if clock["case_id"] == case.id)
        hanging: dict[str, Any] = {name: _kept(later, getattr(now, name), order) for name, order in ORDER.items() if name != "clocks"}
        patient = next(each for each in patients if each.id == case.patient_id)
        return replace(
            now,
            case=case,
            # Who was looked at is who they are known to be now, whatever the day asked for knew.
            patient=replace(later.as_before(patient), merged_into=patient.merged_into),
            payer=self.of_the_office.as_before(now.payer),
            coverage=later.as_before(now.coverage),
            clocks=_sorted(map(fold.clock_of, clocks), ORDER["clocks"]),
            links=_kept(later, now.links),
            rule_packs=self.rule_packs(),
            untold=self._untold(now, later, earlier),
            **hanging,
        )

    def _about(self, now: Situation, patients: Iterable[Patient], **days: Any) -> list[str]:
        """Entries of the case's patient, under every id they had, and of the cases linked to it."""
        read: dict[int, str] = {}
        for patient in patients:
            read |= {stored.seq: stored.text for stored in self.store.events(patient_id=patient.id, **days)}
        for other in {link.case_id for link in now.links} - {now.case.id}:
            read |= {stored.seq: stored.text for stored in self.store.events(case_id=other, **days)}
        return [read[seq] for seq in sorted(read)]

    def _untold(self, now: Situation, later: Since, earlier: Iterable[str]) -> tuple[str, ...]:
        said = [*self.of_the_office.untold, *later.untold]
        if now.coverage.id in later.made:
            said.append(MEMBER)
        if now.links:
            known = since(earlier).made | later.made
            said += [LINK] if any(link.id not in known for link in now.links) else []
        return tuple(dict.fromkeys(said))

    def _restored(self, rows: Iterable[CaseRow], states: Sequence[str]) -> Iterator[CaseRow]:
        """The rows as they were, some at a time; those that were not there yet, or in another state than is asked for, left out."""
        rest = iter(rows)
        while some := list(islice(rest, AT_ONCE)):
            cases = {row.case.id: case for row in some if (case := self.since.was(row.case)) and (not states or case.state in states)}
            clocks = self._running([case_id for case_id in cases if case_id in self.since.clocked])
            for row in some:
                if case := cases.get(row.case.id):
                    yield self._row(row, case, clocks.get(case.id, row.clocks))

    def _running(self, case_ids: Sequence[str]) -> dict[str, tuple[Clock, ...]]:
        """The clocks that ran, of cases whose clocks have changed since."""
        found: dict[str, list[Clock]] = {case_id: [] for case_id in case_ids}
        texts = (stored.text for stored in self.store.histories(case_ids, self.day)) if case_ids else ()
        for raw in _latest(texts).values():
            if raw["status"] in RUNNING:
                found[raw["case_id"]].append(fold.clock_of(raw))
        return {case_id: _sorted(clocks, ORDER["clocks"]) for case_id, clocks in found.items()}

    def _row(self, row: CaseRow, case: Case, clocks: tuple[Clock, ...]) -> CaseRow:
        plan = self.since.before.get(case.coverage_id, {})
        name = row.patient_name
        if case.patient_id != row.case.patient_id:
            name = next(each.name for each in self.store.patients(case.patient_id) if each.id == case.patient_id)
        told = {fact: plan[fact] for fact in ("member_id", "programme", "facts_from") if fact in plan}
        return replace(row, case=case, clocks=clocks, patient_name=name, **told)


def _latest(texts: Iterable[str]) -> dict[str, Mapping[str, Any]]:
    """Clocks by id as these entries leave them."""
    return {clock["id"]: clock for position, text in enumerate(texts, 1) for clock in fold.entry_of(text, position)["clocks"]}


def _kept(later: Since, rows: Iterable[Row], order: Sequence[str] = ("id",)) -> tuple[Row, ...]:
    """The rows that were there, as they were, in order."""
    return _sorted((was for row in rows if (was := later.was(row)) is not None), order)


def _sorted(rows: Iterable[Row], order: Sequence[str]) -> tuple[Row, ...]:
    """In the order a reader gives rows in: what is not known comes first."""
    return tuple(sorted(rows, key=lambda row: [(value is not None, value) for value in (getattr(row, name) for name in order)]))
