"""Claims of files that no import could take: what is known of each, and how a person clears one that was dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from appeals import identity
from appeals.errors import MissingFact, NotFound
from appeals.intake.formats import CLAIMS, EXPLANATION, REMITTANCE, STATUSES
from appeals.record import Change, IntakeFile, RemittanceEntry, Run
from appeals.services import writing
from appeals.services.kept import SETTLED, SHORT
from appeals.services.store import Store
from appeals.services.writing import Replaced

PLACES = {known.kind: known.place for known in (REMITTANCE, EXPLANATION, CLAIMS, STATUSES)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """One claim that was left: its entry, its file, who pays it, and the cases that have its claim number already."""

    entry: RemittanceEntry
    file: IntakeFile
    payer: str
    cases: tuple[str, ...]

    @property
    def ref(self) -> str:
        """What it is called: the beginning of its file's hash, and its place there."""
        return f"{self.file.sha256[:SHORT]}:{self.entry.segment}"

    @property
    def place(self) -> str:
        """What places of the file are called: segment, resource or line."""
        return PLACES.get(self.file.kind, "line")


def left(store: Store, case_number: str = "") -> tuple[Left, ...]:
    """Every claim that is left for a person, the oldest first; of one case, those that have its claim number."""
    files = {file.id: file for file in store.intake_files()}
    payers = {payer.id: payer.name for payer in store.payers()}
    entries = store.left_for_a_person()
    numbers = {entry.id: identity.number_key(entry.claim_number) for entry in entries}
    cases = store.cases_numbered(sorted({*numbers.values()} - {""}))
    found = (
        Left(
            entry=entry,
            file=files[entry.file_id],
            payer=payers.get(entry.payer_id or "", ""),
            cases=cases.get(numbers[entry.id], ()),
        )
        for entry in entries
    )
    return tuple(one for one in found if not case_number or case_number in one.cases)


def settle(store: Store, refs: Sequence[str], run: Run, *, reason: str) -> tuple[Left, ...]:
    """Take claims off the list that a person has dealt with, all or none; each file's bytes and what was read of them stay.

    Raises:
        MissingFact: no reason was given. NotFound: none of those left is called so.
    """
    if not reason:
        raise MissingFact("What was done about it?", 'Say it with --reason "..."; it is kept in the trail.')
    if not run.dry_run and writing.already(store, run, "left-settled") is not None:
        return ()
    known = left(store)
    called, wanted = {one.ref for one in known}, frozenset(refs)
    if unknown := next((ref for ref in refs if ref not in called), ""):
        raise NotFound(f"No claim that is left is called {unknown}.", "`appeals intake resolve --list` names them.")
    chosen = tuple(one for one in known if one.ref in wanted)
    ends = [Replaced(before=one.entry, after=replace(one.entry, fate=SETTLED)) for one in chosen]
    told = {"entries": len(ends)} | writing.rows_told((), ends)
    source = {"sha256": chosen[0].file.sha256, "segment": chosen[0].entry.segment} if len(chosen) == 1 else None
    entry = writing.event(run, "import", "left-settled", facts=told, reason=reason, source=source)
    writing.commit(store, run, [Change(event=entry, puts=tuple(end.after for end in ends))])
    return chosen
