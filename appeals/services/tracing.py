"""Where what a case holds came from: the file, the place in it, and what stands there. Looked at after a read event."""

from __future__ import annotations

import hashlib
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from appeals import show as showing
from appeals.errors import Ambiguous, NotFound, StorageError
from appeals.intake import places
from appeals.intake.amounts import cents
from appeals.intake.formats import HEAD, format_of
from appeals.intake.places import Part
from appeals.model import Adjustment, Denial, ServiceLine
from appeals.record import Change, IntakeFile, RemittanceEntry, Run, Situation
from appeals.services import kept, looking, writing
from appeals.services.store import Store

TABLE = "line"  # what a place of a table of claims is called
PROVIDER_ADJUSTMENT = "PLB "  # before its code, in the entry of one
ENOUGH = 4  # letters of a hash somebody must give
KEPT, NOT_KEPT, DAMAGED = "kept", "not kept", "damaged"


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A row of the case that came from a place: what it is, in words, and the segment that says so (0: the place as a whole)."""

    table: str
    words: str
    at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """One claim of one file: where it stands, what it says there, and what of the case it made. `state` is of the file's bytes."""

    file: IntakeFile
    place: str
    entry: RemittanceEntry
    state: str
    said: tuple[Part, ...] = ()
    made: tuple[Made, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """Everything files said of a case, in the order they came."""

    situation: Situation
    places: tuple[Traced, ...]


def trace(store: Store, ref: str, run: Run, *, day: date) -> Trace:
    """What files taken in by the end of `day` said of a case, after its read event is on disk. Raises NotFound, Ambiguous."""
    situation = looking.case_on(store, ref, day)
    looking.record_reads(store, [(looking.known_as(situation.patient), situation.case.id)], "intake-trace", run)
    rows = _rows_by_place(store, situation, day)
    own = store.entries_of_case(situation.case.id)
    entries = (*own, *_of_batches(store, own, rows))
    files = [file for file_id in {entry.file_id for entry in entries} for file in store.intake_files(id=file_id) if file.taken_on <= day]
    found: list[Traced] = []
    for file in sorted(files, key=lambda file: (file.taken_on, file.id)):
        its = sorted((entry for entry in entries if entry.file_id == file.id), key=lambda entry: entry.segment)
        found += _of_file(store, file, its, rows, situation)
    return Trace(situation=situation, places=tuple(found))


def state_of(store: Store, file: IntakeFile) -> str:
    """Whether the bytes of a file are kept, and still those that were taken in."""
    found, size = hashlib.sha256(), 0
    try:
        for piece in store.original(file.id):
            found.update(piece)
            size += len(piece)
    except StorageError:
        return DAMAGED
    if not size and file.size:
        return NOT_KEPT
    return KEPT if found.hexdigest() == file.sha256 else DAMAGED


def original(store: Store, digest: str, run: Run) -> tuple[IntakeFile, str]:
    """The file whose hash begins so and what state its bytes are in; where they hold, after a read event for everybody in it.

    Raises:
        NotFound, Ambiguous: no file that was taken in, or several, begin so.
    """
    wanted = digest.strip().lower()
    found = store.intake_files(sha256=wanted) if len(wanted) >= ENOUGH else ()
    if not found:
        raise NotFound(
            "No file with this SHA-256 was taken in.", f"Give {ENOUGH} letters of it or more; `appeals intake trace` shows them."
        )
    if len(found) > 1:
        raise Ambiguous(f"{len(found)} files fit.", "Give more of the SHA-256.", [file.sha256 for file in found])
    file = found[0]
    state = state_of(store, file)
    if state == KEPT:
        _record_everybody(store, file, run)
    return file, state


def _record_everybody(store: Store, file: IntakeFile, run: Run) -> None:
    """One read event for each patient who has a case of this file; one without a patient where nobody has."""
    seen = [(patient, None) for patient in store.patients_of_file(file.id)]
    looking.record_reads(store, seen, "intake-original", run, sha256=file.sha256)
    if not seen:
        nobody = writing.event(run, "read", "intake-original", facts={"sha256": file.sha256})
        store.apply([Change(event=nobody)], request_id=run.request_id)


def _of_file(
    store: Store,
    file: IntakeFile,
    entries: Sequence[RemittanceEntry],
    rows: Mapping[Any, tuple[Any, ...]],
    situation: Situation,
) -> Iterator[Traced]:
    state, place, said = state_of(store, file), "place", {}
    lines = {line.id: line for line in situation.lines}
    if state == KEPT:
        place = TABLE if file.kind.startswith("csv") else format_of(io.BytesIO(_head(store.original(file.id)))).place
        stream = kept.as_stream(store.original(file.id))
        said = places.said_at(stream, place, {entry.segment for entry in entries})
    for entry in entries:
        parts = _own_parts(said.get(entry.segment, ()), entry, situation)
        its = rows.get((file.sha256, entry.segment), ())
        made = tuple(_made(row, lines, parts) for row in its)
        yield Traced(file=file, place=place, entry=entry, state=state, said=parts, made=made)


def _of_batches(
    store: Store, own: Sequence[RemittanceEntry], rows: Mapping[tuple[str, int], tuple[Any, ...]]
) -> tuple[RemittanceEntry, ...]:
    """What files said of a whole batch the case is of: entries of nobody's, at places that the case's own trail names."""
    known = {(file.sha256, entry.segment) for entry in own for file in store.intake_files(id=entry.file_id)}
    told = [(file.id, segment) for digest, segment in rows if (digest, segment) not in known for file in store.intake_files(sha256=digest)]
    return tuple(entry for place in told for entry in store.entries_at(*place) if entry.case_id is None)


def _own_parts(parts: tuple[Part, ...], entry: RemittanceEntry, situation: Situation) -> tuple[Part, ...]:
    """What stands at a place, without what is there of others: one PLB holds adjustments of many claims."""
    numbers = {situation.case.claim_number, *(row.value for row in situation.claim_numbers)}
    code = entry.payer_control.removeprefix(PROVIDER_ADJUSTMENT)
    return tuple(
        (at, places.only(text, code, entry.claim_number, -entry.paid_cents, numbers) if text.startswith("PLB") else text)
        for at, text in parts
    )


def _head(pieces: Iterator[bytes]) -> bytes:
    head = b""
    while len(head) < HEAD and (piece := next(pieces, b"")):
        head += piece
    return head


def _rows_by_place(store: Store, situation: Situation, day: date) -> dict[tuple[str, int], tuple[Any, ...]]:
    """The denials, lines and adjustments of a case by the file and place their own entry in the trail says they came from."""
    known = {row.id: row for rows in (situation.denials, situation.lines, situation.adjustments) for row in rows}
    found: dict[tuple[str, int], tuple[Any, ...]] = {}
    for stored in store.events(case_id=situation.case.id, last=day):
        entry = json.loads(stored.text)
        source = entry.get("source") or {}
        if "segment" in source:
            key = (source["sha256"], source["segment"])
            made = [known[row["id"]] for row in entry["facts"].get("made", ()) if row["id"] in known]
            found[key] = (*found.get(key, ()), *made)
    return found


def _made(row: Denial | ServiceLine | Adjustment, lines: Mapping[str, ServiceLine], said: Sequence[Part]) -> Made:
    if isinstance(row, Denial):
        return Made(table="denial", words=f"notice of {row.notice_date}, {showing.money(row.denied_cents)} denied, {row.reasons}")
    if isinstance(row, ServiceLine):
        words = f"line {row.position}: {row.procedure}, charge {showing.money(row.charge_cents)}"
        return Made(table="service_line", words=words, at=_line_at(said, row))
    words = f"{row.group_code}-{row.carc} {showing.money(row.amount_cents)}"
    return Made(table="adjustment", words=words, at=_adjustment_at(said, row, lines.get(row.line_id or "")))


def _line_at(said: Sequence[Part], row: ServiceLine) -> int:
    """The SVC of a line: the one in its place, unless a claim sent gave the case its lines in another order; 0 where none is sure."""
    lines = [number for number, text in said if text.startswith("SVC")]
    alike = [number for number, text in said if text.startswith("SVC") and _is_about(text, row)]
    in_place = lines[row.position - 1] if 0 < row.position <= len(lines) else 0
    return in_place if in_place in alike else alike[0] if len(alike) == 1 else 0


def _is_about(text: str, row: ServiceLine) -> bool:
    _svc, procedure, charge, *_rest = (*text.split(text[3:4] or " "), "", "")
    return row.procedure in re.split(r"[^A-Za-z0-9]", procedure) and cents(charge) == row.charge_cents


def _adjustment_at(said: Sequence[Part], row: Adjustment, line: ServiceLine | None) -> int:
    """The first CAS of its line, or of the claim itself, that says this group and reason; 0 where none does."""
    begins = _line_at(said, line) if line else 0
    inside = line is None
    for number, text in said:
        if text.startswith("SVC"):
            inside = number == begins
        parts = text.split(text[3:4] or " ")
        if inside and parts[0] == "CAS" and row.group_code in parts[1:2] and row.carc in parts[2::3]:
            return number
    return 0
