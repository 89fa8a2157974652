"""The trail for somebody else: one patient's export, and verification. The export is itself an event, written first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from appeals import audit, trail
from appeals.audit import Break
from appeals.record import Change, Head, Run, StoredEvent
from appeals.services import looking, writing
from appeals.services.store import Store
from appeals.trail import Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """How much was exported, out of a log of what size. `earlier` are patients merged into this one: their trails are their own."""

    entries: int
    size: int
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LogVerdict:
    """The whole log checked: how many entries, the head they lead to, and the first that does not fit."""

    entries: int
    head: Head
    broken: Break | None


def export(store: Store, words: str, purpose: str, run: Run, *, write: Callable[[Iterable[str]], None]) -> Exported:
    """Write one patient's trail, every entry proven against the log's head, through `write`.

    The id of a patient merged into another still names its own trail; every other word leads to the one who stayed.

    Raises:
        NotFound, Ambiguous: no one patient fits; nothing was written.
    """
    patient = looking.one_patient(store, words, itself=True)
    entry = writing.event(run, "export", "audit export", patient=patient.id, purpose=purpose or run.purpose, facts={"format": "jsonl"})
    head = store.apply((Change(event=entry),), request_id=run.request_id).head
    mine = tuple(e for e in store.events(patient_id=patient.id) if e.seq <= head.size)
    leaves = (bytes.fromhex(stored.leaf) for stored in store.events())
    write(trail.export(mine, leaves, head, practice=run.practice, patient=patient.id, on=run.on))
    return Exported(entries=len(mine), size=head.size, earlier=tuple(each.id for each in store.merged_into(patient.id)))


def verify_log(store: Store) -> LogVerdict:
    """Recompute every leaf and root from the stored texts, and meet the practice's own head on the way."""
    head = store.head()
    count = 0

    def counted() -> Iterable[StoredEvent]:
        nonlocal count
        for stored in store.events():
            count += 1
            yield stored

    broken = audit.first_break(counted(), [head])
    return LogVerdict(entries=count, head=head, broken=broken)


def verify_file(lines: Iterable[bytes]) -> Verdict:
    """Check an exported file by itself; no database is needed."""
    return trail.verify(lines)
