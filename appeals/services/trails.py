"""The trail for somebody else: one patient's export, and verification. The export is itself an event, written first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from itertools import chain
from typing import Any

from appeals import audit, heads, redaction, trail, trail_csv, trail_html
from appeals.audit import Break
from appeals.copies import Copy
from appeals.errors import ImpossibleValue, MissingFact, NotFound
from appeals.heads import Kept
from appeals.people import Patient
from appeals.record import Change, Head, Json, Run, StoredEvent
from appeals.services import looking, writing
from appeals.services.store import Store
from appeals.trail import Counts, Scope

VERIFIER = "verify_trail.py"
FOR_PEOPLE: Mapping[str, Callable[[Copy], Iterable[str]]] = {"csv": trail_csv.lines, "html": trail_html.page}
FORMS = ("jsonl", *FOR_PEOPLE)
GIVEN_OUT = (trail.NAME, "statement", "document-get")  # these write a file that leaves the office


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants a copy of: a patient or a case in words, the days, the form, what for and for whom."""

    patient: str = ""
    case: str = ""
    first: date | None = None
    last: date | None = None
    form: str = "jsonl"
    redacted: bool = False
    purpose: str = ""
    recipient: str = ""
    since: tuple[Head, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was exported: the statement and the head. `earlier` are patients merged into this one: their trails are their own."""

    statement: str
    head: Head
    counts: Counts
    form: str
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Disclosure:
    """One time a patient's data was given out, or only looked at: when, by whom and on whose behalf, what, why, and to whom."""

    entry: int
    on: str
    recorded_at: str
    account: str
    acting_for: str
    what: str
    given_out: bool
    purpose: str
    recipient: str
    case: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounting:
    """What was given out about one patient, oldest first."""

    patient: Patient
    disclosures: tuple[Disclosure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogVerdict:
    """The whole log checked: how many entries, its head, the first that does not fit, and how many heads kept outside vouch for it."""

    entries: int
    head: Head
    broken: Break | None
    kept: int


def export(store: Store, asked: Asked, run: Run, *, write: Callable[[Iterable[str]], None]) -> Exported:
    """Write one patient's trail, every entry proven against the log's head, through `write`.

    The id of a patient merged into another still names its own trail; every other word leads to the one who stayed.

    Raises:
        NotFound, Ambiguous, MissingFact, ImpossibleValue: no one patient or case fits, or they do not fit each other; nothing was written.
        StorageError: the log was changed, and nothing could be proven with it; the export's own entry stays.
    """
    scope = _scope(store, asked)
    before = store.head()
    since = [head for head in asked.since if head.log == before.log]
    if asked.since and not since:
        raise ImpossibleValue("The head line is of another log than this practice's.", heads.PRINT_ONE)
    there = store.places(**_chosen(scope), until=before.size)
    entry = writing.event(
        run,
        trail.EXPORT,
        trail.NAME,
        patient=scope.patient,
        case=scope.case or None,
        purpose=asked.purpose or run.purpose,
        facts=_facts(asked, scope, run.practice.name, before.size, len(there)),
    )
    head = store.apply((Change(event=entry),), request_id=run.request_id).head
    proven = _proven(store, scope, before.size, head, since[-1] if since else None)
    redact = redaction.redacted if scope.redacted else None
    if asked.form == "jsonl":
        header = trail.header(scope, proven.counts, head, practice=run.practice, on=run.on, since=proven.since)
        write(trail.lines(header, proven.held, redact))
    else:
        write(FOR_PEOPLE[asked.form](_copy(store, asked, scope, proven, run)))
    earlier = tuple(each.id for each in store.merged_into(scope.patient))
    return Exported(statement=trail.statement(proven.counts, head), head=head, counts=proven.counts, form=asked.form, earlier=earlier)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Proven:
    """What goes into a file: the entries with their proofs, read as they are written, the counts, and the older head if one was given."""

    head: Head
    counts: Counts
    held: Iterator[tuple[StoredEvent, tuple[str, ...]]]
    since: dict[str, Json] | None


def _proven(store: Store, scope: Scope, upto: int, head: Head, since: Head | None) -> _Proven:
    """The entries that were asked for, proven against the head that holds the export's own, which is the last of them."""
    chosen = _chosen(scope)
    seqs = [*store.places(**chosen, until=head.size - 1), head.size]
    own = next(store.events(after=head.size - 1))
    counts = Counts(entries=len(seqs), of=json.loads(own.text)["patient_seq"], upto=upto)
    proofs = trail.proven(store.leaves(head.size), seqs, head, since=since)
    held = trail.entries(chain(store.events(**chosen, until=head.size - 1), (own,)), seqs, proofs)
    return _Proven(head=head, counts=counts, held=held, since=trail.older(since, head, proofs) if since else None)


def _copy(store: Store, asked: Asked, scope: Scope, proven: _Proven, run: Run) -> Copy:
    """The entries as values, all at once: a page needs them case by case."""
    redact = redaction.redacted if scope.redacted else None
    return Copy(
        practice=run.practice,
        patient=scope.patient,
        patient_name="" if scope.redacted else looking.one_patient(store, scope.patient, itself=True).name,
        exported_on=run.on,
        exported_by=f"{run.actor}, for {run.acting_for}" if run.acting_for else run.actor,
        purpose=asked.purpose or run.purpose,
        recipient=asked.recipient,
        statement=trail.statement(proven.counts, proven.head),
        head=heads.line(proven.head),
        redacted=scope.redacted,
        case_number=scope.number,
        first=scope.first,
        last=scope.last,
        entries=tuple(trail.shown(event, proof, redact) for event, proof in proven.held),
    )


def _chosen(scope: Scope) -> dict[str, Any]:
    return {"patient_id": scope.patient, "case_id": scope.case, "first": scope.first, "last": scope.last}


def _scope(store: Store, asked: Asked) -> Scope:
    """The patient and case that are meant."""
    if asked.first and asked.last and asked.first > asked.last:
        raise ImpossibleValue(f"--from {asked.first} is after --to {asked.last}.", "Give the earlier day with --from.")
    if not asked.patient and not asked.case:
        raise MissingFact("Nothing says whose trail.", "Give --patient (id, record number, member id or name), or --case.")
    case = store.situation(asked.case).case if asked.case else None
    patient = looking.one_patient(store, asked.patient, itself=True).id if asked.patient else ""
    if case is not None and patient not in ("", case.patient_id):
        raise NotFound(f"Case {case.number} is not of this patient.", "Give --case alone, or the patient the case belongs to.")
    of_case = {"case": case.id, "number": case.number} if case else {}
    whose = case.patient_id if case else patient
    return Scope(patient=whose, first=asked.first, last=asked.last, redacted=asked.redacted, **of_case)


def _facts(asked: Asked, scope: Scope, practice: str, upto: int, entries: int) -> dict[str, object]:
    """What the export's own entry says: what was asked for, and how many entries there were of it."""
    told = writing.plain(
        {
            "format": asked.form,
            "case": scope.case,
            "number": scope.number,
            "from": scope.first,
            "to": scope.last,
            "recipient": asked.recipient,
        }
    )
    return {**told, "redacted": scope.redacted, "practice_name": practice, "upto": upto, "entries": entries}


def disclosures(
    store: Store, words: str, run: Run, *, first: date | None = None, last: date | None = None, looks: bool = False
) -> Accounting:
    """What was given out about a patient, oldest first, after this look itself is on disk; with `looks` also who only looked.

    Raises:
        NotFound, Ambiguous: no one patient fits.
    """
    patient = looking.one_patient(store, words, itself=True)
    looking.record_reads(store, [(patient.id, None)], "audit disclosures", run)
    numbers = {case.id: case.number for case in store.cases_of_patient(patient.id)}
    found = (_disclosure(json.loads(e.text), numbers) for e in store.events(patient_id=patient.id, first=first, last=last))
    return Accounting(patient=patient, disclosures=tuple(one for one in found if one is not None and (looks or one.given_out)))


def _disclosure(told: Mapping[str, Any], numbers: Mapping[str, str]) -> Disclosure | None:
    """The entry as a disclosure; None where it shows nobody anything."""
    if told["kind"] not in (trail.EXPORT, "read"):
        return None
    form = told["facts"].get("format", "")
    kind = f"{told['name']} ({form}{', redacted' if told['facts'].get('redacted') else ''})" if form else told["name"]
    return Disclosure(
        entry=told["seq"],
        on=told["on"],
        recorded_at=told["recorded_at"],
        account=told["actor"],
        acting_for=told["acting_for"],
        what=kind,
        given_out=told["name"] in GIVEN_OUT,
        purpose=told["purpose"],
        recipient=told["facts"].get("recipient", ""),
        case=numbers.get(told["case"] or "", ""),
    )


def verify_log(store: Store, kept: Kept) -> LogVerdict:
    """Recompute every leaf and root from the stored texts, and meet the log's own head and those kept outside on the way."""
    head = store.head()
    mine = [each for each in kept.heads if each.log == head.log]
    if kept.heads and not mine:
        message = f"the heads kept outside are of log {kept.heads[0].log}, and this practice's log is {head.log}: it is another one"
        return LogVerdict(entries=0, head=head, broken=Break(seq=1, what="head", message=message), kept=0)
    read = _Counted(store)
    broken = audit.first_break(read.entries(), mine, kept.leaves if mine else {}, own=head)
    return LogVerdict(entries=read.count, head=head, broken=broken, kept=0 if broken else len(mine))


def verifier() -> str:
    """The text of the verifier a stranger runs: one file, the standard library only."""
    return resources.files("appeals").joinpath(VERIFIER).read_text("utf-8")


@dataclass(slots=True)
class _Counted:
    store: Store
    count: int = 0

    def entries(self) -> Iterator[StoredEvent]:
        """Every entry, counted as it is read."""
        for stored in self.store.checked_events():
            self.count += 1
            yield stored
