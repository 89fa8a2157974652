"""The practice's own rules: a contract checked, loaded as an event, and the open cases it would move, or moves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from appeals import counting, identity, law, rules
from appeals.clockmaking import PRINTED, PROMISE, house_clock
from appeals.errors import ImpossibleValue, NoRule
from appeals.model import RUNNING, Case, Clock, State
from appeals.officetexts import CODE_LISTS
from appeals.packfile import HINT, doubled, examine
from appeals.packs import Pack
from appeals.record import Change, RulePack, Run, Situation
from appeals.services import clockwork, governing, redating, writing
from appeals.services.store import Store
from appeals.services.writing import Replaced

FORM = "..."  # what a sample leaves to be filled in
NOT_A_PRACTICES = ("regime", "state", "amount")
DATES = ("raw_due", "legal_due", "safe_due", "printed_due", "target_due", "work_by", "due_at", "status", "candidate", "verified")
OPEN = tuple(str(state) for state in State if state is not State.RESOLVED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Loaded:
    """A pack that was taken in, what it holds, and the one of its id it takes the place of."""

    pack: Pack
    replaces: str
    payer_known: bool
    already: bool = False
    dry_run: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One clock of one case before and after; None where it is new, or no longer runs."""

    case: Case
    before: Clock | None
    after: Clock | None

    def becomes(self, day: date) -> str:
        """`overdue`, `late` or "" where the move makes it neither."""
        if self.after is None or self.after.owed_by not in ("us", "patient"):
            return ""
        was_late, was_over = (self.before and rules.is_late(self.before, day), self.before and rules.is_overdue(self.before, day))
        if rules.is_overdue(self.after, day) and not was_over:
            return "overdue"
        return "late" if rules.is_late(self.after, day) and not was_late else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moves:
    """What a change of rules does to the open cases; `looked_at` is how many there are."""

    moved: tuple[Moved, ...]
    looked_at: int
    day: date
    written: int = 0


def checked(files: Sequence[tuple[str, bytes]]) -> tuple[str, ...]:
    """Everything wrong with these packs, each with file, rule and key; with no file, with those that ship."""
    if not files:
        law.everything()
        return ()
    found: list[str] = []
    packs = []
    names: dict[str, str] = {}
    for name, content in files:
        pack, wrong = examine(name, content)
        names |= {pack.id: name} if pack else {}
        found += [*wrong, *(_not_a_practices(name, pack) if pack else ())]
        packs += [pack] if pack else []
    return (*found, *doubled((*law.everything().packs, *packs), names))


def load(store: Store, name: str, content: bytes, run: Run) -> Loaded:
    """Take a pack into the practice's database, as an event; it counts for every date from now on, and moves no open case.

    Raises:
        NoRule: the pack is wrong, or has an id that law has; every fault is named. Nothing was written.
    """
    pack = _own(store, name, content)
    digest = hashlib.sha256(content).hexdigest()
    standing = {row.pack_id: row for row in store.rule_packs()}
    old = standing.get(pack.id)
    known = pack.contract is None or any(identity.name_key(pack.contract.payer) == payer.name_key for payer in store.payers())
    if old is not None and old.sha256 == digest:
        return Loaded(pack=pack, replaces="", payer_known=known, already=True)
    fresh = RulePack(
        id=run.new_id(), practice_id=run.practice.id, pack_id=pack.id, version=pack.version, sha256=digest,
        text=content.decode("utf-8"), loaded_on=run.on, loaded_by=run.actor,
    )  # fmt: skip
    told = {"pack": pack.id, "version": pack.version, "sha256": digest, "terms": [term.id for term in pack.term]}
    told |= {"payer": pack.contract.payer} if pack.contract else {}
    told |= {"replaces": old.sha256} if old else {}
    ends = [Replaced(before=old, after=replace(old, active=False))] if old else []
    entry = writing.event(run, "setup", "rules-load", facts=writing.plain(told) | writing.rows_told([fresh], ends))
    writing.commit(store, run, [Change(event=entry, puts=(*(row.after for row in ends), fresh))])
    return Loaded(pack=pack, replaces=old.version if old else "", payer_known=known, dry_run=run.dry_run)


def preview(store: Store, name: str, content: bytes, run: Run) -> Moves:
    """Which open cases a pack would move, as if it were loaded; nothing is written. Raises NoRule as `load`."""
    pack = _own(store, name, content)
    row = RulePack(
        id="", practice_id=run.practice.id, pack_id=pack.id, version=pack.version, sha256="", text=content.decode("utf-8"),
        loaded_on=run.on, loaded_by=run.actor,
    )  # fmt: skip
    standing = tuple(sorted((*(p for p in store.rule_packs() if p.pack_id != pack.id), row), key=lambda p: p.pack_id))
    found, cases = [], 0
    for situation in _open_cases(store):
        cases += 1
        found += [move for move, _clock in _moves(replace(situation, rule_packs=standing), run)]
    return Moves(moved=tuple(found), looked_at=cases, day=run.on)


def apply(store: Store, run: Run) -> Moves:
    """Count every open case anew by the rules that hold now; one event a case that moves. Closed cases keep what they ran on."""
    found: list[Moved] = []
    changes: list[Change] = []
    cases = 0
    for situation in _open_cases(store):
        cases += 1
        moved = tuple(_moves(situation, run))
        found += [move for move, _clock in moved]
        if moved:
            after = writing.touched(situation.case)
            packs = {"packs": [f"{row.pack_id} {row.version}" for row in situation.rule_packs]}
            clocks = tuple(clock for _move, clock in moved)
            changes.append(
                writing.case_change(run, "correction", "rules-apply", before=situation.case, after=after, facts=packs, clocks=clocks)
            )
    if changes:
        writing.commit(store, run, changes)
    return Moves(moved=tuple(found), looked_at=cases, day=run.on, written=0 if run.dry_run else len(changes))


def _own(store: Store, name: str, content: bytes) -> Pack:
    pack, wrong = examine(name, content)
    if pack is None or wrong:
        raise NoRule("\n".join(f"{each}." for each in wrong), HINT)
    others = [other for other in governing.own(store.rule_packs()) if other.id != pack.id]
    if faults := (*_not_a_practices(name, pack), *doubled((*law.everything().packs, *others, pack), {pack.id: name})):
        raise NoRule("\n".join(f"{each}." for each in faults), HINT)
    return pack


def _not_a_practices(name: str, pack: Pack) -> Iterator[str]:
    if pack.id.startswith(CODE_LISTS):
        yield f"{name}, pack {pack.id}: {CODE_LISTS} begins the ids of lists of codes; give yours another"
    if pack.id in law.ids(law.everything().packs):
        yield f"{name}, pack {pack.id}: this is the id of a pack that ships with the program; give yours another"
    yield from (f"{name}: [[{table}]] is not a practice's to set" for table in NOT_A_PRACTICES if getattr(pack, table))
    yield from (
        f"{name}, {where}: length: {length} {unit} from {day} leads outside the calendar" for where, length, unit, day in _uncountable(pack)
    )
    yield from (
        f"{name}, term {row.id}: effective_to: the time it holds ends before it begins"
        for row in pack.term
        if row.effective_from and row.effective_to and row.effective_to < row.effective_from
    )
    yield from (f"{name}, term {row.id}: id is one the program uses itself" for row in pack.term if row.id in (PRINTED, PROMISE))
    yield from (
        f"{name}, term {term.id}: cite: still has the form's `...`: name the section of the contract"
        for term in pack.term
        if FORM in term.cite
    )
    yield from (
        f"{name}, rule {rule.id}: level {level!r} is in no pack"
        for rule in pack.rule
        for level in rule.levels
        if level not in law.everything().levels and level not in {row.id for row in pack.level}
    )


def _uncountable(pack: Pack) -> Iterator[tuple[str, int, str, date]]:
    """Lengths nobody could count: a typing slip that would refuse every date from then on."""
    versions = [(f"rule {rule.id}", version) for rule in pack.rule for version in rule.version]
    lengths = [(where, v.length, v.unit, v.checked_on) for where, v in versions]
    lengths += [(where, v.presumption.length, v.presumption.unit, v.checked_on) for where, v in versions if v.presumption]
    lengths += [(f"term {term.id}", term.length, term.unit, term.checked_on) for term in pack.term]
    for where, length, unit, day in lengths:
        try:
            counting.elapsed(counting.midnight(day, "UTC"), length) if unit == "hours" else counting.add(day, length, unit, missing="clamp")
        except ImpossibleValue:
            yield where, length, unit, day


def _open_cases(store: Store) -> Iterator[Situation]:
    for row in store.case_rows(states=OPEN):
        yield store.situation(row.case.number)


def _moves(situation: Situation, run: Run) -> Iterator[tuple[Moved, Clock]]:
    """What the rules in `situation.rule_packs` change in its running clocks, with each clock as it is to be written."""
    old = {clock.id: clock for clock in situation.clocks}
    notices = [d for d in situation.denials if not d.voided]
    filings = [f for f in situation.filings if not f.voided]
    counted = redating.redated(run, situation, situation.coverage, notices, filings, clockwork.of_the_case(situation))
    for clock in (*counted, *_house(situation)):
        before = old.get(clock.id)
        if before is None or any(getattr(before, name) != getattr(clock, name) for name in DATES):
            after = clock if clock.status in RUNNING else None
            yield Moved(case=situation.case, before=before, after=after), clock


def _house(situation: Situation) -> Iterator[Clock]:
    """The house clocks that run, counted by the targets that hold now."""
    packs = governing.packs_of(situation)
    for clock in situation.clocks:
        if clock.hard or clock.status not in RUNNING:
            continue
        target = next((each for each in packs.targets.values() if each.kind == clock.kind), None)
        if target is not None:
            yield house_clock(packs, target, replace(situation.case, level=clock.level), clock.start_date, clock.trigger, clock.id)
