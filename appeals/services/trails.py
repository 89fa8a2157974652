"""The trail for somebody else: one patient's export, which is itself an event and written first."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from itertools import chain
from typing import Any

from appeals import heads, redaction, trail, trail_csv, trail_html
from appeals.copies import Copy
from appeals.errors import AppealsError, ImpossibleValue, MissingFact, NotFound
from appeals.record import Change, Head, Json, Run, StoredEvent
from appeals.services import looking, writing
from appeals.services.store import Store
from appeals.trail import Counts, Scope

VERIFIER = "verify_trail.py"
FOR_PEOPLE: Mapping[str, Callable[[Copy], Iterable[str]]] = {"csv": trail_csv.lines, "html": trail_html.page}
FORMS = (trail.FORMAT, *FOR_PEOPLE)
FAILED = "audit export failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What somebody wants a copy of: a patient or a case in words, the days, the form, what for and for whom."""

    patient: str = ""
    case: str = ""
    first: date | None = None
    last: date | None = None
    form: str = trail.FORMAT
    redacted: bool = False
    purpose: str = ""
    recipient: str = ""
    since: tuple[Head, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was exported: the statement and the head.

    `whose` is the patient's name, "" of a redacted copy; `unsaid` of recipient and purpose was not given. `earlier` are patients merged
    into this one: their trails are their own.
    """

    statement: str
    head: Head
    counts: Counts
    form: str
    whose: str
    unsaid: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()


def export(store: Store, asked: Asked, run: Run, *, write: Callable[[Iterable[str]], None], whole: bool = True) -> Exported:
    """Write one patient's trail, every entry proven against the log's head, through `write`, which with `whole` writes all or nothing.

    The id of a patient merged into another still names its own trail; every other word leads to the one who stayed.

    Raises:
        NotFound, Ambiguous, MissingFact, ImpossibleValue: no one patient or case fits, or they do not fit each other; nothing was written.
        StorageError, CannotWrite: the log was changed, or the file could not be written. The export's own entry stays, and
            the one after it says that nothing was handed out.
    """
    scope = _scope(store, asked, run)
    before = store.head()
    since = [head for head in asked.since if head.log == before.log]
    if asked.since and not since:
        raise ImpossibleValue("The head line is of another log than this practice's.", heads.PRINT_ONE)
    for older in since:
        _goes_on(store, older, before)
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
    try:
        return _handed_out(store, asked, scope, _At(upto=before.size, head=head, since=since[-1] if since else None), run, write)
    except AppealsError:
        if not whole:
            raise  # some of it may have been read already
        told = {"entry": head.size, "format": asked.form}
        gone = writing.event(run, trail.EXPORT, FAILED, patient=scope.patient, case=scope.case or None, facts=told)
        store.apply((Change(event=gone),), request_id="")
        raise


@dataclass(frozen=True, slots=True, kw_only=True)
class _At:
    """Where the log stands: its size when the entries were counted, its head with the export's own entry, an older head kept outside."""

    upto: int
    head: Head
    since: Head | None


def _handed_out(store: Store, asked: Asked, scope: Scope, at: _At, run: Run, write: Callable[[Iterable[str]], None]) -> Exported:
    """The file, proven against the head that holds the export's own entry."""
    head = at.head
    proven = _proven(store, scope, at.upto, head, at.since)
    redact = redaction.redacted if scope.redacted else None
    if asked.form == trail.FORMAT:
        header = trail.header(scope, proven.counts, head, practice=run.practice, on=run.on, since=proven.since)
        write(trail.lines(header, proven.held, redact))
    else:
        write(FOR_PEOPLE[asked.form](_copy(store, asked, scope, proven, run)))
    said = {"recipient": asked.recipient, "purpose": asked.purpose or run.purpose}
    unsaid = tuple(name for name, words in said.items() if not words)
    earlier = tuple(each.id for each in store.merged_into(scope.patient))
    whose = "" if scope.redacted else looking.one_patient(store, scope.patient, itself=True).name
    return Exported(
        statement=trail.statement(proven.counts, head),
        head=head,
        counts=proven.counts,
        form=asked.form,
        whose=whose,
        unsaid=unsaid,
        earlier=earlier,
    )


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


def _goes_on(store: Store, older: Head, now: Head) -> None:
    """Refuse a head this log never had, before anything is written: a proof would fail. The proof itself trusts no stored root."""
    noted = next(store.events(after=older.size - 1), None) if older.size <= now.size else None
    if noted is None or noted.root != older.root:
        raise ImpossibleValue(
            "The log does not go on from the head you gave: the line is mistyped, or the log was changed since.",
            "Compare the line with where it was kept; `appeals audit verify --against LINE` says where the log differs.",
        )


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
        numbers={case.id: case.number for case in store.cases_of_patient(scope.patient)},
        case_number=scope.number,
        first=scope.first,
        last=scope.last,
        entries=tuple(trail.shown(event, proof, redact) for event, proof in proven.held),
    )


def _chosen(scope: Scope) -> dict[str, Any]:
    return {"patient_id": scope.patient, "case_id": scope.case, "first": scope.first, "last": scope.last}


def _scope(store: Store, asked: Asked, run: Run) -> Scope:
    """The patient and case that are meant."""
    if asked.first and asked.last and asked.first > asked.last:
        raise ImpossibleValue(f"--from {asked.first} is after --to {asked.last}.", "Give the earlier day with --from.")
    if not asked.patient and not asked.case:
        raise MissingFact("Nothing says whose trail.", "Give --patient (id, record number, member id or name), or --case.")
    case = store.situation(asked.case).case if asked.case else None
    patient = looking.one_patient(store, asked.patient, itself=True).id if asked.patient else ""
    if case is not None and patient not in ("", case.patient_id):
        raise NotFound(f"Case {case.number} is not of this patient.", "Give --case alone, or the patient the case belongs to.")
    if asked.redacted:
        _unnamed(store, case.patient_id if case else patient, asked, run)
    of_case = {"case": case.id, "number": case.number} if case else {}
    whose = case.patient_id if case else patient
    return Scope(patient=whose, first=asked.first, last=asked.last, redacted=asked.redacted, **of_case)


def _unnamed(store: Store, patient: str, asked: Asked, run: Run) -> None:
    """Refuse a redacted copy whose own entry, which cannot be withheld, would say who the patient is."""
    numbers = [each.value for each in store.identifiers(patient)]
    name = looking.one_patient(store, patient, itself=True).name
    words = " ".join((asked.purpose or run.purpose, asked.recipient, run.acting_for))
    if redaction.gives_away(words, name, numbers):
        raise ImpossibleValue(
            "--purpose, --recipient or --for names the patient, and a redacted copy shows what was typed there.", "Say it without the name."
        )


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


def verifier() -> str:
    """The text of the verifier a stranger runs: one file, the standard library only."""
    return resources.files("appeals").joinpath(VERIFIER).read_text("utf-8")
