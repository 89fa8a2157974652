"""The daily run: what is due to whom, once. A ledger row and an event commit together with what is printed."""

from __future__ import annotations

from dataclasses import dataclass, replace

from appeals import reminders, show
from appeals.model import State
from appeals.record import Change, Head, Reminder, Run
from appeals.reminders import Due
from appeals.services import governing, lists, writing
from appeals.services.store import CaseRow, Store

CHANNEL = "terminal"
NOBODY = "unowned"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One reminder: to whom, about which clock of which case, at which stage."""

    recipient: str
    due: Due
    row: CaseRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What one run reminds of, by recipient, and the log's head after it."""

    said: tuple[Said, ...]
    earlier: int
    head: Head
    dry_run: bool


def remind(store: Store, run: Run) -> Digest:
    """Remind each owner of what is due, once a stage: the same day never twice, missed days caught up once.

    Unowned work goes to `unowned`. A clock's stage is the tightest offset reached, so days the machine was off
    bring one reminder, not several.
    """
    rows = {row.case.id: row for row in store.case_rows()}
    clocks = [c for row in rows.values() for c in row.clocks if row.case.state is not State.RESOLVED or c.owed_by == "payer"]
    owners = {c.id: rows[c.case_id].case.owner or NOBODY for c in clocks}
    packs = governing.office(store)
    sent = store.reminded([c.id for c in clocks])
    everything = reminders.due(clocks, run.on, packs.offsets, frozenset(), lambda c: owners[c.id], CHANNEL)
    due = reminders.due(clocks, run.on, packs.offsets, sent, lambda c: owners[c.id], CHANNEL)
    said = tuple(
        Said(recipient=d.recipient, due=d, row=_masked(rows[d.clock.case_id]))
        for d in sorted(due, key=lambda d: (d.recipient != NOBODY, d.recipient, lists.pressing(d.clock), rows[d.clock.case_id].case.number))
    )
    new = said and not run.dry_run
    head = store.apply(_changes(run, said), request_id=run.request_id).head if new else store.head()
    return Digest(said=said, earlier=len(everything) - len(due), head=head, dry_run=run.dry_run)


def _changes(run: Run, said: tuple[Said, ...]) -> list[Change]:
    """One event for the run without patient data, then one a case with its ledger rows."""
    total = {"reminders": len(said), "channel": CHANNEL}
    changes = [Change(event=writing.event(run, "reminder", "remind", facts=total))]
    by_case: dict[str, list[Said]] = {}
    for one in said:
        by_case.setdefault(one.row.case.id, []).append(one)
    for case_id, group in by_case.items():
        told = [{"clock": s.due.clock.id, "kind": s.due.clock.kind, "stage": s.due.stage, "to": s.recipient} for s in group]
        entry = writing.event(run, "reminder", "reminded", patient=group[0].row.case.patient_id, case=case_id, facts={"sent": told})
        changes.append(Change(event=entry, puts=tuple(_ledger_row(run, s) for s in group)))
    return changes


def _ledger_row(run: Run, said: Said) -> Reminder:
    return Reminder(
        id=run.new_id(),
        practice_id=run.practice.id,
        clock_id=said.due.clock.id,
        case_id=said.row.case.id,
        stage=said.due.stage,
        recipient=said.recipient,
        channel=CHANNEL,
        sent_on=run.on,
    )


def _masked(row: CaseRow) -> CaseRow:
    return replace(row, patient_name=show.mask(row.patient_name), member_id="")
