"""Taking in a remittance: every claim of the file is opened, moved, added, proposed, ignored or left for a person.

One transaction a file, so it is taken in whole or not at all. An import never writes money off.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO

from appeals import codes, show
from appeals.intake import era835
from appeals.intake.remittance import Caution, Claim, ClaimProblem, ProviderAdjustment, Transaction
from appeals.model import Payer
from appeals.record import Change, IntakeFile, Problem, RemittanceEntry, Run
from appeals.services import fates, writing
from appeals.services.fates import Fate, Importing, Source
from appeals.services.opening import sole_owner
from appeals.services.overlay import Overlay
from appeals.services.parties import payer_of
from appeals.services.store import Store

CHUNK = 1 << 16
FATES = ("opened", "moved", "added", "proposed", "ignored", "known", "person")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of a file. `fates` maps each fate to (claims, charged, paid, denied); together they are the file."""

    name: str
    sha256: str
    already: tuple[str, str] | None = None
    fates: dict[str, tuple[int, int, int, int]] = field(default_factory=dict)
    cases: tuple[tuple[str, str], ...] = ()
    left: tuple[Problem, ...] = ()
    warnings: tuple[str, ...] = ()
    reconciled: str = ""
    dry_run: bool = False


@dataclass(slots=True)
class _Ledger:
    """The sums of one file, kept twice: as read, and by fate. They must agree."""

    claims: int = 0
    charged: int = 0
    paid: int = 0
    payments: int = 0
    provider_adjustments: int = 0
    fates: dict[str, list[int]] = field(default_factory=dict)

    def read(self, claim: Claim) -> None:
        self.claims += 1
        self.charged += claim.charge_cents or 0
        self.paid += claim.paid_cents or 0

    def account(self, fate: Fate, claim: Claim) -> None:
        sums = self.fates.setdefault(fate.name, [0, 0, 0, 0])
        for at, value in enumerate((1, claim.charge_cents or 0, claim.paid_cents or 0, fate.denied_cents)):
            sums[at] += value

    def says(self) -> str:
        """One line that a person can check against the payer's own total.

        Raises:
            RuntimeError: a claim of the file has no fate: a bug, and nothing is written.
        """
        counted = [sum(sums[at] for sums in self.fates.values()) for at in range(3)]
        if counted != [self.claims, self.charged, self.paid]:
            raise RuntimeError("the claims accounted for are not the claims of the file")
        balance = self.paid - self.provider_adjustments == self.payments
        told = "as the payer paid" if balance else f"the payer says {show.money(self.payments)}"
        less = f", less provider adjustments {show.money(self.provider_adjustments)}" if self.provider_adjustments else ""
        return f"reconciled: {self.claims} claims read and accounted for; paid {show.money(self.paid)}{less}: {told}"


def take_in(store: Store, name: str, stream: BinaryIO, run: Run, *, received: date | None = None) -> Taken:
    """Take in one 835, whole or not at all. `name` is only printed; the bytes' SHA-256 is what is remembered.

    Raises:
        FileRefused: it is not an 835; nothing was written.
        StaleCase: somebody moved a case meanwhile; nothing was written, the same command may be repeated.
    """
    digest = _digest(stream)
    size = stream.tell()
    read: list[_Read] = []

    def decide() -> tuple[Change, ...]:
        stream.seek(0)
        read[:] = [] if store.intake_file(digest) else [_read(store, stream, run, digest, received)]
        return _changes(run, digest, size, read[0]) if read else ()

    applied = writing.commit_afresh(store, run, decide)
    if read:
        return _taken(name, digest, read[0], {case.id: case.number for case in applied.cases} if applied else {}, run)
    before = store.intake_file(digest)
    if before is None:
        raise RuntimeError("a file that was not read has been taken in before")
    return Taken(name=name, sha256=digest, already=(before.taken_on.isoformat(), before.taken_by))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """A file read and decided on, before anything is written."""

    file_id: str
    ledger: _Ledger
    decided: list[tuple[Fate, Claim]]
    entries: list[RemittanceEntry]
    warnings: list[str]
    reconciled: str
    payers: tuple[Payer, ...]


def _read(store: Store, stream: BinaryIO, run: Run, digest: str, received: date | None) -> _Read:
    file_id, ledger = run.new_id(), _Ledger()
    decided: list[tuple[Fate, Claim]] = []
    entries: list[RemittanceEntry] = []
    warnings: list[str] = []
    overlay = Overlay(store)
    payers: dict[str, Payer] = {}
    importing = Importing(
        store=store,
        overlay=overlay,
        codes=codes.load(),
        run=run,
        owner=sole_owner(store.people()),
        received=received,
        rule_packs=store.rule_packs(),
    )
    for item, source in _claims(overlay, stream, run, digest, file_id, ledger, warnings, payers):
        fate = fates.decide(importing, item, source)
        claim = item.claim if isinstance(item, ClaimProblem) else item
        ledger.account(fate, claim)
        decided.append((fate, claim))
        entries.append(_entry(run, fate, claim, source))
    return _Read(
        file_id=file_id,
        ledger=ledger,
        decided=decided,
        entries=entries,
        warnings=warnings,
        reconciled=ledger.says(),
        payers=tuple(payers.values()),
    )


def _taken(name: str, digest: str, read: _Read, numbers: dict[str, str], run: Run) -> Taken:
    return Taken(
        name=name,
        sha256=digest,
        fates={fate: (s[0], s[1], s[2], s[3]) for fate in FATES if (s := read.ledger.fates.get(fate))},
        cases=tuple((numbers.get(f.case_id, f.number), f.reason) for f, _c in read.decided if f.case_id and f.reason),
        left=tuple(Problem(segment=f.segment, message=f.reason) for f, _c in read.decided if f.name == "person"),
        warnings=tuple(read.warnings),
        reconciled=read.reconciled,
        dry_run=run.dry_run,
    )


def _claims(
    overlay: Overlay,
    stream: BinaryIO,
    run: Run,
    digest: str,
    file_id: str,
    ledger: _Ledger,
    warnings: list[str],
    payers: dict[str, Payer],
) -> Iterator[tuple[Claim | ClaimProblem, Source]]:
    """The claims of the file, each with the payment it came with. The whole file is read before the first is given out."""
    transaction, payer, fresh = Transaction(0, ""), None, None
    for item in tuple(era835.read(stream)):
        if isinstance(item, Transaction):
            transaction, ledger.payments = item, ledger.payments + (item.amount_cents or 0)
            payer, fresh = _payer(overlay, item, run)
            payers |= {fresh.id: fresh} if fresh else {}
        elif isinstance(item, ProviderAdjustment):
            ledger.provider_adjustments += item.amount_cents or 0
            warnings.append(
                f"segment {item.segment}: provider adjustment {item.code} {show.money(item.amount_cents or 0)}: look for a takeback"
            )
        elif isinstance(item, Caution):
            warnings.append(f"segment {item.segment}: {item.message}")
        elif isinstance(item, Claim | ClaimProblem):
            ledger.read(item.claim if isinstance(item, ClaimProblem) else item)
            if payer is None:
                payer, fresh = _payer(overlay, transaction, run)
                payers |= {fresh.id: fresh} if fresh else {}
            yield item, Source(file_id=file_id, sha256=digest, transaction=transaction, payer=payer)


def _payer(overlay: Overlay, transaction: Transaction, run: Run) -> tuple[Payer, Payer | None]:
    new: list[Payer] = []
    name = transaction.payer or transaction.payer_id or "payer not named"
    payer = payer_of(overlay, {"payer": name, "payer_number": transaction.payer_id}, run, new)
    overlay.know(new)
    return payer, new[0] if new else None


def _entry(run: Run, fate: Fate, claim: Claim, source: Source) -> RemittanceEntry:
    return RemittanceEntry(
        id=run.new_id(),
        practice_id=run.practice.id,
        file_id=source.file_id,
        payer_id=source.payer.id,
        claim_number=claim.claim_number,
        payer_control=claim.payer_control,
        trace=source.transaction.trace,
        position=claim.position,
        status_code=claim.status,
        charge_cents=claim.charge_cents or 0,
        paid_cents=claim.paid_cents or 0,
        denied_cents=fate.denied_cents,
        fate=fate.name,
        reason=fate.reason,
        case_id=fate.case_id or None,
        segment=fate.segment or claim.segment,
        raw=fate.raw,
    )


def _changes(run: Run, digest: str, size: int, read: _Read) -> tuple[Change, ...]:
    """The file's own event without patient data, then each case's; the ledger of entries goes with the file."""
    ledger = read.ledger
    counts = {fate: sums[0] for fate, sums in ledger.fates.items()}
    told = {"kind": "835", "size": size, "claims": counts, "paid_cents": ledger.paid, "charged_cents": ledger.charged}
    file = IntakeFile(
        id=read.file_id,
        practice_id=run.practice.id,
        sha256=digest,
        kind="835",
        size=size,
        state="taken",
        taken_on=run.on,
        taken_by=run.actor,
        summary=", ".join(f"{count} {fate}" for fate, count in sorted(counts.items())),
    )
    source = {"sha256": digest}
    head = writing.event(run, "import", "intake", source=source, facts=told | writing.rows_told((file, *read.payers)))
    moves = [change for fate, _claim in read.decided for change in fate.changes]
    tail = writing.event(run, "import", "remittance", source=source, facts={"entries": len(read.entries)})
    return (Change(event=head, puts=(file, *read.payers)), *moves, Change(event=tail, puts=tuple(read.entries)))


def _digest(stream: BinaryIO) -> str:
    found = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        found.update(chunk)
    return found.hexdigest()
