"""Check-up: the tables are what the log says they are, nothing is broken, and no open case is without a date."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields

from appeals import audit, derivation, fold
from appeals.heads import Kept
from appeals.model import RUNNING, Case, Clock, State
from appeals.services import tracing
from appeals.services.store import Store
from appeals.services.verifying import verify_log

# Until when a reminder is put off; it is not part of what the log vouches for.
DERIVED = frozenset({"next_remind_on"})


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckUp:
    """What was looked at and what was found; clean when `findings` is empty."""

    cases: int
    clocks: int
    entries: int
    findings: tuple[str, ...]


def doctor(store: Store) -> CheckUp:
    """Compare every case and clock with the fold of the log; verify the log; ask the database about itself."""
    findings = list(store.integrity())
    checked = verify_log(store, Kept())
    if checked.broken is not None:
        findings.append(f"audit log: {checked.broken.message}")
        return CheckUp(cases=0, clocks=0, entries=checked.entries, findings=tuple(findings))
    replayed = fold.fold(entry.text for entry in store.events())
    findings += [m.message for m in replayed.mismatches]
    cases = clocks = 0
    seen: set[str] = set()
    for case, its_clocks in store.state_rows():
        cases += 1
        clocks += len(its_clocks)
        seen |= {case.id, *(clock.id for clock in its_clocks)}
        findings += _differences(case, its_clocks, replayed)
    findings += [f"case {v.get('number')}: it is in the log and not in the table" for i, v in replayed.cases.items() if i not in seen]
    damaged = (file for file in store.intake_files() if tracing.state_of(store, file) == tracing.DAMAGED)
    findings += [f"file {file.sha256[:12]}, taken in on {file.taken_on}: its kept bytes are damaged" for file in damaged]
    findings += [f"a clock {v['kind']} is in the log and not in the table" for i, v in replayed.clocks.items() if i not in seen]
    return CheckUp(cases=cases, clocks=clocks, entries=checked.entries, findings=tuple(findings))


def _differences(case: Case, clocks: tuple[Clock, ...], replayed: fold.Fold) -> Iterator[str]:
    told = replayed.cases.get(case.id)
    if told is None:
        yield f"case {case.number}: the log has never heard of it"
        return
    want = fold.case_of(told)
    for field in fields(Case):
        if getattr(case, field.name) != getattr(want, field.name):
            yield f"case {case.number}: {field.name} is not what the log says"
    for clock in clocks:
        logged = replayed.clocks.get(clock.id)
        if logged is None:
            yield f"case {case.number}: clock {clock.kind} is not in the log"
            continue
        right = fold.clock_of(logged)
        wrong = [f.name for f in fields(Clock) if f.name not in DERIVED and getattr(clock, f.name) != getattr(right, f.name)]
        if wrong:
            yield f"case {case.number}: clock {clock.kind}: {', '.join(wrong)} not what the log says"
        elif amiss := [name for name in derivation.misfits(audit.clock_row(clock)) if name not in derivation.NO_STEPS]:
            yield f"case {case.number}: clock {clock.kind}: {', '.join(amiss)} not what its own steps give"
    running = [c for c in clocks if c.status in RUNNING]
    if case.state is not State.RESOLVED and not running:
        yield f"case {case.number}: it is {case.state} and no clock runs: it has no date"
    if case.state is State.RESOLVED and any(c.owed_by in ("us", "patient") for c in running):
        yield f"case {case.number}: it is resolved and a clock we owe still runs"
