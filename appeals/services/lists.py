"""Lists: what to do today, what is possible next. Reads only; names are masked by whoever shows them."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

from appeals import reminders, rules, show, workflow
from appeals.guards import Attempt
from appeals.model import Clock, State
from appeals.record import Run, Situation
from appeals.services import governing, steps
from appeals.services.store import CaseRow, Records, Store
from appeals.services.waiting import Asked
from appeals.standing import AUTHORISED

BUCKETS = ("overdue", "late", "today", "soon")
OPEN = tuple(str(state) for state in State if state is not State.RESOLVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agenda:
    """One case that wants something: its most pressing clock, and how many others run beside it."""

    bucket: str
    row: CaseRow
    clock: Clock
    days_left: int
    others: int

    @property
    def law(self) -> Clock | None:
        """The clock whose last day comes first, of those the law or the payer sets and we owe; one a payer let run out is its own."""
        if self.clock.hard and self.clock.owed_by not in ("us", "patient"):
            return self.clock
        hard = [c for c in self.row.clocks if c.hard and c.owed_by in ("us", "patient")]
        return min(hard, key=rules.latest, default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Today:
    """A day's work: four buckets that partition, and what is left for later.

    `asked` are proposals that wait for a decision, `left` counts the claims of files that wait for a person.
    """

    day: date
    items: tuple[Agenda, ...]
    later: int
    unowned: int
    ending: tuple[tuple[CaseRow, Clock], ...] = ()  # authorisations that end soon, or have ended and nobody closed
    asked: tuple[Asked, ...] = ()
    left: int = 0

    @property
    def owners(self) -> tuple[tuple[str, int], ...]:
        """How many of these cases each owner has, nobody's first."""
        return tuple(sorted(Counter(item.row.case.owner for item in self.items).items()))

    @property
    def alarming(self) -> bool:
        """Whether something is overdue, or came in and waits for somebody to look at it."""
        return bool(self.asked or self.left) or any(item.bucket == "overdue" for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """One step: whether it can be taken now, and why not."""

    step: str
    possible: bool
    reason: str = ""
    needs: tuple[str, ...] = ()


def today(records: Records, day: date, *, owner: str = "") -> Today:
    """What wants doing on `day`, worst first: overdue, late, today, soon. In each, unowned work stands first, then each owner's."""
    soon = governing.office(records).soon_days
    owners = (owner, "") if owner else ()
    items, ending = [], []
    for row in map(masked, records.due_rows(day + timedelta(days=soon))):
        mine = not owners or row.case.owner in owners
        wanted = _wanted(row, day, soon) if mine else []
        ending += [(row, c) for c in row.clocks if mine and c.kind == AUTHORISED and c.work_by <= day + timedelta(days=soon)]
        if wanted and wanted[0][0] != "later":
            bucket, clock = wanted[0]
            items.append(Agenda(bucket=bucket, row=row, clock=clock, days_left=(clock.work_by - day).days, others=len(wanted) - 1))
    items.sort(key=lambda i: (BUCKETS.index(i.bucket), i.row.case.owner, not i.clock.hard, i.clock.work_by, i.row.case.number))
    ending.sort(key=lambda pair: (pair[1].work_by, pair[0].case.number))
    # A case that was opened or closed between the two readings must not make a number below nothing.
    later = max(0, records.open_count(owners) - sum(i.row.case.state is not State.RESOLVED for i in items))
    return Today(
        day=day,
        items=tuple(items),
        later=later,
        unowned=sum(not i.row.case.owner for i in items),
        ending=tuple(ending),
        asked=tuple(one for one in records.asked() if not owners or one.owner in owners),
        left=records.left_count(),
    )


def masked(row: CaseRow) -> CaseRow:
    """The row as a list may show it: initials, and no member id."""
    return replace(row, patient_name=show.mask(row.patient_name), member_id="")


def ours(clocks: tuple[Clock, ...]) -> tuple[Clock, ...]:
    """Clocks somebody on our side must act by; all of them where only the payer's run."""
    mine = tuple(c for c in clocks if c.owed_by in ("us", "patient"))
    return mine or clocks


def pressing(clock: Clock) -> tuple[bool, date, bool]:
    """Sort key: our own clocks first, then the day to work by, hard ones before house targets."""
    return (clock.owed_by not in ("us", "patient"), clock.work_by, not clock.hard)


def options(situation: Situation, run: Run, *, day: date) -> tuple[Option, ...]:
    """Every step: possible on `day`, or why not. Facts a step needs are asked when it is taken."""
    attempt: Attempt = steps.attempt_of(situation, {}, replace(run, on=day))
    found = []
    for name in workflow.NAMES:
        reason = workflow.refusal(situation, name, attempt)
        needs = next((row.needs for row in workflow.rows(name, situation.case.state)), ())
        found.append(Option(step=name, possible=reason is None, reason=reason or "", needs=needs))
    return tuple(sorted(found, key=lambda o: not o.possible))


def forum(situation: Situation, day: date) -> str:
    """What the level a case stands on takes at least, and what is in dispute; "" where it takes any sum.

    42 CFR 405.1006: hearings and courts take only what is worth a certain amount, by the day of filing.
    """
    packs, case = governing.packs_of(situation), situation.case
    rung = rules.ladder_level(packs, situation.coverage, case.level)
    found = rules.amount_in_controversy(packs, situation.coverage, rung, day) if rung and case.state is not State.RESOLVED else None
    if rung is None or found is None:
        return ""
    cents, row = found
    doubt = "" if row.verified else ", unverified"
    verdict = "reached" if case.disputed_cents >= cents else "NOT reached"
    return (
        f"{rung.name} takes {show.money(cents)} or more for a filing of {day} ({row.cite}{doubt}): {verdict}, "
        f"{show.money(case.disputed_cents)} is in dispute"
    )


def last_events(store: Store, case_id: str, day: date, count: int) -> tuple[dict[str, object], ...]:
    """The newest entries of a case's trail up to the end of `day`, newest first."""
    entries = (json.loads(stored.text) for stored in store.events(case_id=case_id))
    return tuple(entry for entry in entries if entry["on"] <= day.isoformat() and entry["kind"] != "read")[-count:][::-1]


def _may_be_another(clock: Clock, row: CaseRow, day: date) -> bool:
    """Whether a date nobody chose has passed while another the plan could have still runs: then nothing is lost for certain."""
    return clock.candidate and any(
        c.candidate and c.hard and c.kind.startswith("file_") and c.owed_by in ("us", "patient") and not rules.is_overdue(c, day)
        for c in row.clocks
    )


def _wanted(row: CaseRow, day: date, soon: int) -> list[tuple[str, Clock]]:
    """The clocks of a case that want something, worst first. A payer's clock wants nothing until it has run out."""
    found = []
    for clock in row.clocks:
        # On a resolved case the day agreed in a call is the payer's to keep, and still ours to look at.
        if clock.owed_by not in ("us", "patient") and clock.trigger != "contact" and not rules.is_overdue(clock, day):
            continue
        bucket = reminders.bucket(clock, day, soon)
        # What the house wanted by now is late; overdue is what the law or the payer no longer takes.
        found.append(("late" if bucket == "overdue" and (not clock.hard or _may_be_another(clock, row, day)) else bucket, clock))
    order = (*BUCKETS, "later")
    return sorted(found, key=lambda pair: (pair[0] == "later", not pair[1].hard, order.index(pair[0]), pressing(pair[1])))
